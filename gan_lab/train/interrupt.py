"""Ctrl-C, or a signal that asks a job to end, asks for an end; it does not tear a step apart."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, ClassVar

# Ctrl-C; what schedulers send before they take a machine away; what a terminal sends when it is closed
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupt:
    """Within it SIGINT (Ctrl-C), SIGTERM and SIGHUP only set ``asked``, so that a step is finished and can be saved.

    ``by`` says which signal asked. Another Ctrl-C interrupts at once; SIGTERM and SIGHUP, which are often sent twice,
    never do. A SIGHUP that the process was told to ignore, by ``nohup``, stays ignored, and so does a SIGTERM.
    Handlers are put back at the end. A signal can be caught in the main thread alone; elsewhere it does what it always
    does. ``Interrupt.last`` is the signal that asked the latest run of this process to end; None where none did.
    """

    last: ClassVar[signal.Signals | None] = None

    def __init__(self) -> None:
        self.asked = False
        self.by: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        Interrupt.last = None
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                before = signal.getsignal(number)
                # None: a handler that is not Python's, and that Python could not put back
                if before is not None and (before is not signal.SIG_IGN or number == signal.SIGINT):
                    self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def _ask(self, number: int, frame: FrameType | None) -> None:
        again, self.asked = self.asked, True
        if not again:
            self.by = Interrupt.last = signal.Signals(number)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
