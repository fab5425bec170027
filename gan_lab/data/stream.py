"""Images that do not fit into memory: read from a file as they are drawn, the next batch beside the learning."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab.data.memory import Finite, digest, floats, image_shape


class StreamedImages(Finite):
    """Images in a ``.npy`` file, uint8 (n, channels, height, width), of which only the batches are ever in memory.

    They are drawn by the very numbers that :class:`~gan_lab.data.Images` is, so that a run is the same on both. While a
    batch is learned from, a thread reads the one that the stream will ask for next. Raises FileNotFoundError where
    there is no file, and ValueError or TypeError for one that does not hold such images.
    """

    foresees = True

    def __init__(self, path: str | Path, name: str | None = None, source: dict[str, Any] | None = None) -> None:
        self.path, self.source = Path(path), source
        self.name = self.path.name if name is None else name
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no file {path}: write one with gan_lab.data.pack_images(folder, file).")
        try:
            self._pixels = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(f"{path} is no .npy file of images, or is cut short: write it again. ({error})") from error
        if not isinstance(self._pixels, np.ndarray):
            raise ValueError(f"{path} is an archive of arrays: give a .npy file, which holds one.")
        if self._pixels.dtype != np.uint8:
            raise TypeError(f"{path} holds {self._pixels.dtype}: images must be uint8 in 0..255.")
        image_shape(str(path), self._pixels.shape)
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

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
        index, pin = choice.cpu(), device.type == "cuda"
        if self._next is not None and torch.equal(self._next[0], index):
            pixels = self._next[1].result()
            self.foreseen += 1
        else:
            pixels = self._read(index, pin)
        # bytes travel, floats are made where they are needed
        return floats(pixels.to(device, non_blocking=pin)).to(dtype)

    def expect(self, choice: Tensor, device: torch.device) -> None:
        index = choice.cpu()
        self._next = index, self._reader.submit(self._read, index, device.type == "cuda")

    def spec(self) -> dict[str, Any]:
        if self.source is None:
            raise ValueError(f"{self!r} has no recipe: use data.folder(path), which packs a folder itself.")
        return dict(self.source)

    @cached_property
    def digest(self) -> str:
        """Eight hex digits of up to 256 images, evenly from first to last, and of how many there are."""
        some = np.linspace(0, len(self) - 1, min(len(self), 256)).astype(np.int64)
        return digest(torch.from_numpy(self._pixels[some]), torch.tensor(len(self)))

    def __repr__(self) -> str:
        return f"StreamedImages({self.name}: {len(self)} of shape {self.shape}, {self.digest})"

    def __deepcopy__(self, memo: dict[int, Any]) -> StreamedImages:
        return StreamedImages(self.path, self.name, self.source)
