"""Checkpoints: one file, written whole or not at all, and read without running anything that is in it."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

# The file: this line, the SHA-256 of the rest, the rest (what torch.save writes). PyTorch itself does not notice a
# flipped bit in a tensor, so the sum is our own.
MAGIC = b"gan_lab checkpoint\n"
FORMAT = 1
DIGEST = 64  # hexadecimal digits of SHA-256


class CheckpointError(RuntimeError):
    """A checkpoint that could not be written or read; the message says which file, why, and what to do."""


def versions() -> dict[str, str]:
    """What the numbers of a run may depend on besides the recipe."""
    from gan_lab import __version__

    return {
        "gan_lab": __version__,
        "torch": str(torch.__version__),
        "python": ".".join(map(str, sys.version_info[:3])),
        "machine": platform.machine(),
    }


def write(path: str | Path, state: Mapping[str, Any]) -> None:
    """Put ``state`` (tensors, numbers, strings, lists, dicts) at ``path``, whole or not at all.

    The bytes go to a file beside it, are flushed to the disk, and take the place of ``path`` in one rename: a crash, a
    full disk or ``kill -9`` leaves the checkpoint that was there. Raises :class:`CheckpointError` where it cannot.
    """
    path = Path(path)
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, "versions": versions(), **state}, buffer)
    payload = buffer.getbuffer()
    # always the same name: what a killed process left is overwritten by the next
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "wb") as file:
                file.write(MAGIC + hashlib.sha256(payload).hexdigest().encode() + b"\n")
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        raise CheckpointError(
            f"the checkpoint {path} could not be written ({error.strerror or error}): make room or choose another "
            "path. What was there before is untouched, and the run goes on in memory."
        ) from error


def _flush_folder(folder: Path) -> None:
    # the rename itself must reach the disk too; not every system lets a folder be opened
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(path: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """The state at ``path``, its tensors on ``device``. Nothing in the file is run, whoever wrote it.

    Raises :class:`CheckpointError` for a file that is missing, not of gan_lab, torn or damaged, or of a newer format.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}: check the path.") from None
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} could not be read: {error.strerror or error}.") from error
    if not content.startswith(MAGIC):
        raise CheckpointError(f"{path} is not a checkpoint of gan_lab: pass a file that run.save(path) wrote.")
    start = len(MAGIC) + DIGEST + 1
    payload = memoryview(content)[start:]
    if hashlib.sha256(payload).hexdigest().encode() != content[len(MAGIC) : start - 1]:
        raise CheckpointError(
            f"{path} is torn or damaged (its checksum does not fit): copy it again, or take an earlier checkpoint."
        )
    try:
        state = torch.load(io.BytesIO(payload), map_location=device, weights_only=True)
    except Exception as error:  # what is refused or broken surfaces as many kinds of errors
        raise CheckpointError(
            f"{path} holds something other than tensors, numbers and names, which is never loaded: it was not "
            f"written by run.save. ({type(error).__name__})"
        ) from error
    if not isinstance(state, dict) or not isinstance(state.get("format"), int):
        raise CheckpointError(f"{path} is not a checkpoint of gan_lab: it has no format number.")
    if state["format"] > FORMAT:
        raise CheckpointError(
            f"{path} has format {state['format']}, this gan_lab reads up to {FORMAT}: update gan_lab "
            f"(it was written by version {state['versions']['gan_lab']})."
        )
    return state
