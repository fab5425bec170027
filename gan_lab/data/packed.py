"""Images from a folder of pictures: decoded once and packed into one file, held in memory or streamed from it."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from gan_lab._errors import whole_number
from gan_lab.data.memory import Images
from gan_lab.data.pictures import ENDINGS, Listing, Look, decoded, listing
from gan_lab.data.stream import StreamedImages

IN_MEMORY = 2 * 2**30  # bytes
UNREADABLE = "unreadable"


def own_cache() -> Path:
    """Where the library keeps what it downloaded or packed: ``gan_lab`` in the user's folder for caches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan_lab"


def folder(
    path: str | Path,
    size: int = 64,
    channels: int = 3,
    background: str = "white",
    in_memory: int = IN_MEMORY,
    cache: str | Path | None = None,
) -> Images | StreamedImages:
    """All pictures under a folder as images: each as a viewer shows it, cut to its central square, size x size.

    path: looked through with all its folders; hidden files, ``__MACOSX`` and what does not end like a picture are left
    aside, and one warning names and counts these and every picture that cannot be read. channels: 1 (grey) or 3 (RGB).
    background: the colour under transparent pixels.

    The decoded images are packed into a file in ``cache`` (by default the user's folder for caches), which is read
    again while no picture changes. Up to ``in_memory`` bytes, 2 GiB, they come into memory as :class:`Images`; beyond
    they are :class:`StreamedImages`. A run on either gives the same numbers.

    Raises FileNotFoundError for no folder, or one without pictures; ValueError for one in which none can be read;
    ValueError or TypeError for options that cannot be; OSError where the packed file is needed and cannot be written.
    """
    look, place = Look(size, channels, background), Path(path).expanduser()
    in_memory = whole_number("in_memory", in_memory, 0)
    found = listing(place)
    _some(found)
    source = {"name": "folder", "path": str(path), "size": look.size, "channels": look.channels}
    source |= {"background": look.background}
    name, held = place.resolve().name, len(found.pictures) * look.channels * look.size**2 <= in_memory
    file = (Path(cache).expanduser() if cache is not None else own_cache() / "folders") / f"{_key(found, look)}.npy"
    try:
        _keep(found, look, file)
    except OSError as error:
        if not held:
            raise OSError(f"{file} cannot be written ({error.strerror or error}): pass another cache.") from error
        found.left.pop(UNREADABLE, None)  # of the attempt
        pixels = np.stack(list(decoded(found, look)) or _none(found))
    else:
        pixels = np.load(file) if held else np.empty(0)
    _report(found)
    if held:
        return Images(torch.from_numpy(pixels), name=name, source=source)
    return StreamedImages(file, name, source)


def pack_images(
    folder: str | Path, file: str | Path, size: int = 64, channels: int = 3, background: str = "white"
) -> StreamedImages:
    """Write all pictures under ``folder`` into one ``.npy`` file of images, size x size, and stream from it.

    Which pictures, and what they become, is what :func:`folder` says. The file appears under its name when it is whole.
    Raises FileNotFoundError for no folder or one without pictures, ValueError for one in which none can be read,
    OSError for a file that cannot be written; what was there is then untouched.
    """
    found, look = listing(Path(folder).expanduser()), Look(size, channels, background)
    _some(found)
    _pack(found, look, Path(file))
    _report(found)
    return StreamedImages(file)


# -- the packed file --------------------------------------------------------------------------------------------------


def _key(found: Listing, look: Look) -> str:
    """Of the pictures' names, sizes and times, and of what becomes of them."""
    told = hashlib.blake2b(repr((str(found.folder.resolve()), look)).encode(), digest_size=16)
    for picture in found.pictures:
        stat = picture.stat()
        name = picture.relative_to(found.folder).as_posix()
        told.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode("utf8", "surrogateescape"))
    return told.hexdigest()


def _keep(found: Listing, look: Look, file: Path) -> None:
    """The packed file, written where it is not there; what could not be read is kept beside it."""
    beside = file.with_suffix(".json")
    try:
        left = json.loads(beside.read_text(encoding="utf8"))
        StreamedImages(file)
    except (OSError, ValueError, TypeError):
        file.parent.mkdir(parents=True, exist_ok=True)
        _pack(found, look, file)
        beside.write_text(json.dumps(found.left.get(UNREADABLE, [])), encoding="utf8")
    else:
        if left:
            found.left[UNREADABLE] = left


def _pack(found: Listing, look: Look, file: Path) -> None:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out:
            _header(out, len(found.pictures), look)
            begin, n = out.tell(), 0
            for image in decoded(found, look):
                out.write(image.tobytes())
                n += 1
            if not n:
                _none(found)
            out.seek(0)
            _header(out, n, look)  # as long for fewer: NumPy leaves room for the first axis
            assert out.tell() == begin
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _header(out: BinaryIO, n: int, look: Look) -> None:
    shape = (n, look.channels, look.size, look.size)
    np.lib.format.write_array_header_1_0(out, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _some(found: Listing) -> None:
    if not found.pictures:
        raise FileNotFoundError(f"{found.folder} holds no pictures ({', '.join(ENDINGS)}). {found.words()}".rstrip())


def _none(found: Listing) -> Any:
    raise ValueError(f"{found.folder} holds no picture that can be read: {found.words()}")


_said: set[str] = set()


def _report(found: Listing) -> None:
    """One warning of what was left aside; one run may open a folder several times, and says it the first time."""
    if (words := found.words()) and words not in _said:
        _said.add(words)
        warnings.warn(words, stacklevel=3)
