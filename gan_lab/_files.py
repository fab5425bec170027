"""Files: written whole or not at all, by however many processes; read only where they are files, and not too large."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gan_lab._asked import affordable

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ABANDONED = 60.0  # seconds after which an unfinished file that no process holds is a dead one's


@contextmanager
def whole(path: str | Path) -> Iterator[BinaryIO]:
    """Within it a fresh file beside ``path`` is open for writing; at its end it takes the place of ``path``.

    The bytes are flushed to the disk and the place is taken in one rename: an error, a full disk or ``kill -9`` leaves
    what was there, and of two processes that write at once the last wins with a whole file. ``file.name`` is for those
    who can only write to a name. Folders above ``path`` are made; a link is followed. Raises OSError where it cannot
    be written, or where something other than a file is in its place.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", str(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "is no file: nothing can be kept there", str(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    try:
        with open(part, "xb") as file:
            _hold(file.fileno())
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def write_whole(path: str | Path, content: bytes | bytearray | memoryview | str) -> None:
    """Put ``content`` (text as UTF-8) at ``path``, whole or not at all: see :func:`whole`."""
    with whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A folder of exactly these files in the place of ``folder``: all of them or none.

    They are written beside the folder, which is then renamed. A process that dies on the way leaves the folder as it
    was; between the two renames of a replacement, the old folder lies beside it under the name ``.NAME-...-old``.
    """
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    old = fresh.with_name(fresh.name + "-old")
    try:
        fresh.chmod(0o755)  # mkdtemp's is for its owner alone
        for name, content in files.items():
            with (fresh / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        _flush_folder(fresh)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    _flush_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def read_bytes(path: str | Path, most: int | None = None) -> bytes:
    """What is in a file of at most ``most`` bytes, by default as many as GAN_LAB_MAX_GB allows.

    Raises OSError for what is no file: a folder, or a named pipe or a device, which would keep a reader waiting for
    ever; and ValueError for one that is larger.
    """
    path = Path(path)
    # a pipe is opened without waiting for its other end, and looked at before anything is read
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", str(path))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "is no file, but a named pipe or a device", str(path))
        if most is None:
            affordable(f"reading {path}", status.st_size)
        elif status.st_size > most:
            raise ValueError(f"{path} has {status.st_size:,} bytes: at most {most:,} are expected of it.")
        with open(handle, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def _hold(handle: int) -> bool:
    """Hold an open file against other processes until it is closed; False where one of them holds it."""
    if fcntl is None:  # what another process has open cannot be removed there
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return False
    return True


def _sweep(target: Path) -> None:
    """Remove what killed processes left beside ``target``."""
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if entry.name.startswith(f".{target.name}.") and entry.name.endswith(".part"):
                with suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime < ABANDONED:
                        continue
                    handle = os.open(entry.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
                    try:
                        held = not _hold(handle)
                    finally:
                        os.close(handle)
                    if not held:
                        os.unlink(entry.path)


def _flush_folder(folder: Path) -> None:
    # a rename must reach the disk too; not every system lets a folder be opened or flushed
    if os.name == "posix":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
