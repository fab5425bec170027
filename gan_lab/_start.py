"""The seconds in which PyTorch is imported: Ctrl-C then ends the command quietly, with code 130, as it does later."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

QUIET = 130  # 128 + SIGINT


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(QUIET)  # nothing was begun: there is nothing to tidy up


def _is_the_command() -> bool:
    """Whether this process is ``gan-lab`` or ``python -m gan_lab``, and no program that uses the library."""
    words = sys.orig_argv
    by_name = Path(sys.argv[0]).stem == "gan-lab" if sys.argv else False
    return by_name or ("-m" in words[:-1] and words[words.index("-m") + 1] == "gan_lab")


def over() -> None:
    """Ctrl-C is Python's again."""
    if _waits:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_waits = (
    _is_the_command()
    and threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
)
if _waits:
    signal.signal(signal.SIGINT, _leave)
