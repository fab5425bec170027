"""Signals end a run after a whole step; outside of one they do what they always do."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gan_lab.train.interrupt import SIGNALS, Interrupt


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in SIGNALS]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_a_signal_asks_and_handlers_are_put_back(number: signal.Signals) -> None:
    before = handlers()
    with Interrupt() as interrupt:
        assert not interrupt.asked and interrupt.by is None and Interrupt.last is None
        signal.raise_signal(number)
        assert interrupt.asked and interrupt.by is number
        signal.raise_signal(signal.SIGTERM)  # what ends a job is often sent twice
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interrupt.by is number
    assert handlers() == before and Interrupt.last is number
    with Interrupt():
        assert Interrupt.last is None


def test_what_the_process_was_told_to_ignore_stays_ignored() -> None:
    """`nohup` ignores SIGHUP; Ctrl-C is caught even in the background, where a shell ignores it."""
    before = [signal.signal(number, signal.SIG_IGN) for number in SIGNALS]
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupt.asked
            signal.raise_signal(signal.SIGINT)
            assert interrupt.asked
        assert handlers() == [signal.SIG_IGN] * len(SIGNALS)
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


def test_another_thread_leaves_signals_alone() -> None:
    seen, before = [], handlers()

    def look() -> None:
        with Interrupt():
            seen.append(handlers())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


COMMAND = [sys.executable, "-m", "gan_lab"]


def test_ctrl_c_while_pytorch_is_imported_is_one_line() -> None:
    # signals that a shell's background ignores are not ignored by a job of its own
    reset = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    process = subprocess.Popen([*COMMAND, "evaluate", "no-folder"], stdout=-1, stderr=-1, preexec_fn=reset)
    deadline = time.monotonic() + 60
    while "torch" not in Path(f"/proc/{process.pid}/maps").read_text():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == (b"", b"gan-lab: stopped by Ctrl-C.\n") and process.returncode == 130
