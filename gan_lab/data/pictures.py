"""Picture files: which of a folder count, and one way to decode them all, that gives what a viewer shows."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageColor, ImageOps, UnidentifiedImageError

from gan_lab._errors import whole_number

ENDINGS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff")
FOREIGN = "__MACOSX"  # what a Mac adds to an archive: files named like pictures that are none
AT_ONCE = 256  # pictures decoded ahead of the one that is asked for
SIXTEEN_BITS = 257  # 65535 / 255


@dataclass(frozen=True)
class Look:
    """How pictures become images: squares of ``size`` pixels with ``channels`` 1 (grey) or 3 (RGB).

    ``background``: a colour such as "white" or "#808080" that lies under transparent pixels. Raises TypeError or
    ValueError for what is none of these.
    """

    size: int = 64
    channels: int = 3
    background: str = "white"

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", whole_number("size", self.size, 1))
        object.__setattr__(self, "channels", whole_number("channels", self.channels, 1))
        if self.channels not in (1, 3):
            raise ValueError(f"channels is {self.channels}: give 1 for grey images or 3 for RGB.")
        try:
            ImageColor.getrgb(self.background)
        except (ValueError, AttributeError, TypeError):
            raise ValueError(
                f"background is {self.background!r}: give a colour such as 'white' or '#808080'."
            ) from None


@dataclass
class Listing:
    """The pictures under a folder, and what is left aside: for each reason, names within the folder."""

    folder: Path
    pictures: list[Path]
    left: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, reason: str, path: Path, more: str = "") -> None:
        name = path.relative_to(self.folder).as_posix()
        self.left.setdefault(reason, []).append(f"{name} ({more})" if more else name)

    def words(self) -> str:
        """What was left aside, counted and named, every one; "" where nothing was."""
        parts = [f"{reason} ({len(names)}): {', '.join(names)}" for reason, names in self.left.items()]
        return f"left aside in {self.folder}: {'; '.join(parts)}." if parts else ""


def listing(folder: Path) -> Listing:
    """The one rule for which files count: those that end like pictures, in all folders under ``folder``, by name.

    Hidden files and folders (``.name``, such as ``.ipynb_checkpoints``) and ``__MACOSX`` are left aside, and so is what
    is no file. Links are followed, but to no folder that is being looked through. Raises FileNotFoundError where there
    is no folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}: check the path.")
    found = Listing(folder, [])
    _look_into(folder, found, frozenset())
    return found


def _look_into(folder: Path, found: Listing, above: frozenset[str]) -> None:
    above |= {os.path.realpath(folder)}
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        found.leave("folders that cannot be opened", folder, error.strerror or str(error))
        return
    for path in entries:
        if path.name.startswith(".") or path.name == FOREIGN:
            found.leave("hidden", path)
        elif path.is_dir():
            if os.path.realpath(path) in above:
                found.leave("links back to a folder above", path)
            else:
                _look_into(path, found, above)
        elif path.suffix.lower() not in ENDINGS:
            found.leave("not ending like a picture", path)
        elif not path.is_file():  # a broken link, a pipe
            found.leave("no files", path)
        else:
            found.pictures.append(path)


def decode(picture: Path | bytes, look: Look) -> np.ndarray:
    """One picture, a path or the bytes of a file, as a viewer shows it: uint8 (channels, size, size).

    Turned as its EXIF says; colours by its profile, in sRGB; of several frames the first; 16 bits a channel scaled to
    8; palettes, CMYK and 1 bit resolved; transparent pixels over the background. Then cut to the central square and
    scaled by an antialiased filter (Lanczos). Grey is the luma of ITU-R BT.601. Raises what Pillow raises, and
    ValueError, for a picture that cannot be read.
    """
    with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as opened:
        upright = ImageOps.exif_transpose(opened)
        if opened.mode in ("I", "F") and opened.format != "PNG":
            raise ValueError(f"numbers of type {opened.mode} have no white: save it with 8 or 16 bits a channel")
        shown = _flat(upright, opened.info, look.background)
    grey_or_rgb = shown.convert("L" if look.channels == 1 else "RGB")
    square = ImageOps.fit(grey_or_rgb, (look.size, look.size), Image.Resampling.LANCZOS)
    return np.asarray(square).reshape(look.size, look.size, look.channels).transpose(2, 0, 1)


def _flat(image: Image.Image, info: Mapping[Any, Any], background: str) -> Image.Image:
    """The picture in RGB or grey, 8 bits a channel, over the background."""
    clear = info.get("transparency")
    if image.mode.startswith("I"):
        numbers = np.asarray(image).astype(np.int64)
        alpha = Image.fromarray(np.where(numbers == clear, 0, 255).astype(np.uint8)) if isinstance(clear, int) else None
        image = Image.fromarray(np.rint(numbers / SIXTEEN_BITS).clip(0, 255).astype(np.uint8))
    else:
        transparent = clear is not None or image.mode in ("LA", "PA", "RGBA")
        if image.mode == "P" or (transparent and image.mode != "RGBA"):
            image = image.convert("RGBA" if transparent else "RGB")
        alpha = image.getchannel("A") if transparent else None
    colours = _managed(image.convert("RGB") if alpha is not None and image.mode == "RGBA" else image, info)
    if alpha is None:
        return colours
    under = Image.new("RGB", colours.size, background)
    under.paste(colours.convert("RGB"), mask=alpha)
    return under


def _managed(image: Image.Image, info: Mapping[Any, Any]) -> Image.Image:
    """The colours in sRGB, where the picture has a profile of its own that fits it."""
    profile = info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ImportError):  # damaged, or of other colours: a viewer leaves it alone too
        return image
    return image if converted is None else converted


def decoded(found: Listing, look: Look) -> Iterator[np.ndarray]:
    """The pictures of a listing in its order, decoded by several threads; one that cannot be read is left aside."""

    def attempt(path: Path) -> np.ndarray | str:
        try:
            return decode(path, look)
        except UnidentifiedImageError:  # names the path again
            return "no picture in it"
        except Exception as error:  # the readers of damaged files raise whatever they stumble over
            return " ".join(str(error).split()) or type(error).__name__

    with ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="gan_lab pictures") as readers:
        for some in _blocks(found.pictures):
            for path, image in zip(some, readers.map(attempt, some), strict=True):
                if isinstance(image, str):
                    found.leave("unreadable", path, image)
                else:
                    yield image


def _blocks(pictures: Sequence[Path]) -> Iterator[Sequence[Path]]:
    for first in range(0, len(pictures), AT_ONCE):
        yield pictures[first : first + AT_ONCE]
