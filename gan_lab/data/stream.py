"""Images that do not fit into memory: read from a file as they are drawn, the next batch beside the learning."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab.data.digits import floats
from gan_lab.random import Streams

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


class StreamedImages:
    """Images in a ``.npy`` file, uint8 (n, channels, height, width), of which only the batches are ever in memory.

    They are drawn by the very numbers that :class:`~gan_lab.data.Images` is, so that a run is the same on both. While a
    batch is learned from, a thread reads the one that the stream will ask for next. Raises FileNotFoundError where
    there is no file, and ValueError or TypeError for one that does not hold such images.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no file {path}: write one with gan_lab.data.pack_images(folder, file).")
        try:
            self._pixels = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(f"{path} is no .npy file of images, or is cut short: write it again. ({error})") from error
        if self._pixels.dtype != np.uint8:
            raise TypeError(f"{path} holds {self._pixels.dtype}: images must be uint8 in 0..255.")
        if self._pixels.ndim != 4 or len(self._pixels) == 0:
            raise ValueError(
                f"{path} has shape {self._pixels.shape}: it must be (n, channels, height, width) with n > 0."
            )
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gan_lab images")
        self._next: tuple[Tensor, Future[Tensor]] | None = None
        self.foreseen = 0  # batches that had been read before they were asked for

    def __len__(self) -> int:
        return len(self._pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        c, h, w = self._pixels.shape[1:]
        return c, h, w

    @property
    def dim(self) -> int:
        """Numbers in one image."""
        c, h, w = self.shape
        return c * h * w

    def _read(self, index: Tensor, pin: bool) -> Tensor:
        # in the file's order: the disk is read forwards
        order = index.argsort()
        pixels = torch.empty((len(index), *self.shape), dtype=torch.uint8, pin_memory=pin)
        pixels[order] = torch.from_numpy(self._pixels[index[order].numpy()])
        return pixels

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Tensor:
        """n images from a named stream of a run, drawn with replacement, in [-1, 1], on ``device``."""
        index, pin = streams.index(stream, len(self), n, device).cpu(), device.type == "cuda"
        if self._next is not None and torch.equal(self._next[0], index):
            pixels = self._next[1].result()
            self.foreseen += 1
        else:
            pixels = self._read(index, pin)
        self._foresee(n, streams, stream, device)
        # bytes travel, floats are made where they are needed
        return floats(pixels.to(device, non_blocking=pin)).to(dtype)

    def _foresee(self, n: int, streams: Streams, stream: str, device: torch.device) -> None:
        # draw what comes next and put the stream back: nobody can tell, and a wrong guess costs a reading
        before = streams.state_dict()
        index = streams.index(stream, len(self), n, device).cpu()
        streams.load_state_dict(before)
        self._next = index, self._reader.submit(self._read, index, device.type == "cuda")

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """n images drawn with replacement, in [-1, 1], on the CPU."""
        index = torch.randint(len(self), (whole_number("n", n, 1),), generator=generator)
        return floats(self._read(index, False))

    def __repr__(self) -> str:
        return f"StreamedImages({self.path.name}: {len(self)} of shape {self.shape})"

    def __deepcopy__(self, memo: dict[int, Any]) -> StreamedImages:
        return StreamedImages(self.path)


def pack_images(folder: str | Path, file: str | Path, size: int = 64) -> StreamedImages:
    """Write all pictures under ``folder`` (PNG, JPEG, WebP, BMP) into one ``.npy`` file of RGB images, size x size.

    Each is cut to its central square and scaled by an antialiased filter. One picture at a time is in memory, and the
    file appears under its name when it is whole. Raises FileNotFoundError for no folder or no pictures, and ValueError
    for a picture that cannot be read, with its path.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    whole_number("size", size, 1)
    folder, file = Path(folder), Path(file)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}: check the path.")
    pictures: Sequence[Path] = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    if not pictures:
        raise FileNotFoundError(f"{folder} holds no pictures ({', '.join(ENDINGS)}).")
    unfinished = file.with_name(f".{file.name}.part")
    shape = (len(pictures), 3, size, size)
    try:
        packed = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.uint8, shape=shape)
        for i, path in enumerate(pictures):
            try:
                with Image.open(path) as picture:
                    square = ImageOps.fit(picture.convert("RGB"), (size, size), Image.Resampling.LANCZOS)
            except (UnidentifiedImageError, OSError) as error:
                raise ValueError(f"{path} cannot be read as a picture: repair or remove it. ({error})") from error
            packed[i] = np.asarray(square).transpose(2, 0, 1)
        packed.flush()
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return StreamedImages(file)
