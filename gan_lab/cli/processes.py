"""One process of several, as ``torchrun`` starts them: the first speaks and writes for all."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO


class Elsewhere(RuntimeError):
    """The first process failed, and has said why; the others only end."""


def rank() -> int:
    """This process's number, known even before it has joined the others."""
    return int(os.environ.get("RANK", 0))


def tell(words: str, stream: TextIO | None = None) -> None:
    """Print to whoever reads; that nobody does any more (`| head`, a closed terminal) stops neither run nor save."""
    stream = sys.stdout if stream is None else stream
    if stream is None:  # it was closed from the start
        return
    try:
        print(words, file=stream, flush=True)
    except OSError:
        deaf(stream)


def deaf(stream: TextIO) -> None:
    """Let what is still to be written to a stream that nobody reads come to nothing."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def terminal() -> bool:
    """Whether a bar on standard error has somebody to see it."""
    return sys.stderr is not None and sys.stderr.isatty()


def world() -> tuple[int, int]:
    """(rank, number of processes), as :func:`gan_lab.train.shard.world`, which takes PyTorch; the help does without."""
    if "torch" not in sys.modules:  # who has not loaded it has joined nobody
        return 0, 1
    from gan_lab.train import shard

    return shard.world()


def lost(error: Exception) -> bool:
    """Whether an error says that another process is gone: gloo raises RuntimeError, NCCL one of its own."""
    if world()[1] == 1:
        return False
    from torch import distributed

    distributed_error = getattr(distributed, "DistError", ())
    return isinstance(error, distributed_error) or (
        type(error) is RuntimeError and any(word in str(error) for word in ("gloo", "peer", "NCCL"))
    )


def restarted() -> bool:
    """Whether ``torchrun`` began these processes again after one of them died."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0)) > 0


def job() -> str:
    """What is the same for all processes that one ``torchrun`` starts and restarts; "" without ``torchrun``.

    Its --rdzv-id, or --standalone's own; where it was given none, the process of torchrun on this machine.
    """
    given = os.environ.get("TORCHELASTIC_RUN_ID", "")
    return f"{platform.node()} {os.getppid()}" if given == "none" else given


def first_for_all(act: Callable[[], None]) -> None:
    """Let the first process act while the others wait; where it fails, all end with its kind of error."""
    me, processes = world()
    error: Exception | None = None
    if me == 0:
        try:
            act()
        except Exception as caught:
            error = caught
    if processes > 1:
        from torch import distributed

        kind: list[Any] = [None if error is None else isinstance(error, ValueError | TypeError)]
        distributed.broadcast_object_list(kind)
        if me > 0 and kind[0] is not None:
            raise ValueError("as the first process says") if kind[0] else Elsewhere("as the first process says")
    if error is not None:
        raise error


def all_see(file: Path) -> bool:
    """Whether ``file`` is there; raises RuntimeError where some processes see it and others do not."""
    here, (_, processes) = file.exists(), world()
    if processes > 1:
        from torch import distributed

        seen: list[Any] = [None] * processes
        distributed.all_gather_object(seen, here)
        if len(set(seen)) > 1:
            raise RuntimeError(
                f"{file} is seen by {sum(seen)} of {processes} processes: give a folder that all machines share."
            )
    return here


def leave() -> None:
    """Part from the other processes after all went well."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
