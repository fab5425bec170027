"""The command line: ``gan-lab``, or ``python -m gan_lab`` (under ``torchrun``: ``torchrun ... -m gan_lab train ...``).

Exit codes: 0 all is well; 1 the run, the machine or a file failed; 2 the command line asks for what cannot be;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from gan_lab.cli.processes import Elsewhere, lost, rank

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say (``sys.argv`` where none are given); returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    whole = "--traceback" in words
    try:
        from gan_lab.cli.commands import parse  # here, where Ctrl-C and an error of an import are answered too

        return parse([word for word in words if word != "--traceback"]).run()
    except SystemExit as done:  # tyro has printed the help, or what it could not read
        return done.code if isinstance(done.code, int) else FAILED
    except KeyboardInterrupt as stop:
        if rank() == 0:
            _say(str(stop) or "stopped by Ctrl-C.")
        return INTERRUPTED
    except BrokenPipeError:  # `gan-lab list | head` has seen enough; Python's own flush at exit must not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if whole:
            traceback.print_exc()
        else:
            _explain(error)
        return USAGE if isinstance(error, ValueError | TypeError) else FAILED


def _explain(error: Exception) -> None:
    foreseen = isinstance(error, ValueError | TypeError)
    if isinstance(error, Elsewhere) or (foreseen and rank() > 0):
        return  # the first process says it
    if isinstance(error, OSError) and error.filename and error.strerror:
        _say(f"{error.filename}: {error.strerror}.")
        return
    if lost(error):
        _say(
            "another process of this run no longer answers; `torchrun --max-restarts N` begins again from the last "
            "checkpoint by itself."
        )
        return
    ours = foreseen or type(error).__module__.startswith("gan_lab") or isinstance(error, OSError)
    words = " ".join(str(error).split()) or "no reason was given"
    _say(words if ours else f"{type(error).__name__}: {words} (--traceback shows where)")


def _say(words: str) -> None:
    here = f" [process {rank()}]" if rank() else ""
    print(f"gan-lab{here}: {words}", file=sys.stderr, flush=True)
