"""The command line: ``gan-lab``, or ``python -m gan_lab`` (under ``torchrun``: ``torchrun ... -m gan_lab train ...``).

Exit codes: 0 all is well; 1 the run, the machine or a file failed; 2 the command line asks for what cannot be;
130 stopped by Ctrl-C; 143 and 129 by SIGTERM and SIGHUP, after the run was saved.
"""

from __future__ import annotations

import codecs
import platform
import signal
import sys
import traceback
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version

from gan_lab._version import __version__
from gan_lab.cli.processes import Elsewhere, deaf, lost, rank, tell

OK, FAILED, USAGE, STOPPED = 0, 1, 2, 128


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say (``sys.argv`` where none are given); returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    whole = "--traceback" in words
    try:
        _write_what_can_be_written()
        code = _do([word for word in words if word != "--traceback"])
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt as stop:
        number = _stopped_by() or signal.SIGINT
        if rank() == 0:
            by = "Ctrl-C" if number == signal.SIGINT else number.name
            _say(str(stop) or f"stopped by {by}.")
        return STOPPED + number
    except BrokenPipeError:  # `gan-lab list | head` has seen enough; Python's own flush at exit must not complain
        deaf(sys.stdout)
        return OK
    except Exception as error:
        if whole:
            traceback.print_exc()
        else:
            _explain(error)
        return USAGE if isinstance(error, ValueError | TypeError) else FAILED


def _do(words: list[str]) -> int:
    if words[:1] == ["--version"]:
        print(f"gan-lab {__version__} (PyTorch {version('torch')}, Python {platform.python_version()})")
        return OK
    if (loop := sys.modules.get("gan_lab.train.interrupt")) is not None:
        loop.Interrupt.last = None
    try:
        from gan_lab.cli.commands import parse  # here, where Ctrl-C and an error of an import are answered too

        return parse(words).run()
    except SystemExit as done:  # tyro has printed the help, or what it could not read
        return done.code if isinstance(done.code, int) else FAILED


def _stopped_by() -> signal.Signals | None:
    """The signal that ended a run, where one was begun: who asks for help loads no loop."""
    loop = sys.modules.get("gan_lab.train.interrupt")
    last: signal.Signals | None = loop.Interrupt.last if loop is not None else None
    return last


# -- speaking ---------------------------------------------------------------------------------------------------------

PLAIN = {"±": "+/-", "•": "*", "→": "->", "×": "x", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"'}


def _write_what_can_be_written() -> None:
    """Where the terminal or the file has no signs but its own (cp1252, ascii), others are written in them."""
    codecs.register_error("gan_lab", _in_plain_signs)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="gan_lab")


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain_sign, error.object[error.start : error.end])), error.end


def _plain_sign(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if name.startswith("BOX DRAWINGS"):
        across, down = "HORIZONTAL" in name, "VERTICAL" in name
        return "+" if across == down else "-" if across else "|"
    return PLAIN.get(sign, "?")


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
    tell(f"gan-lab{here}: {words}", sys.stderr)
