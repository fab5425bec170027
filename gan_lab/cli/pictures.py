"""Samples as files: a picture, or the numbers themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from torch import Tensor

from gan_lab._asked import affordable
from gan_lab._errors import unknown
from gan_lab._files import whole
from gan_lab.data import Distribution, Images
from gan_lab.runs.pictures import Painter, painter

Data = Distribution | Images
TABLE_ROWS = 1_000


def painter_or_none(data: Data) -> Painter | None:
    """How samples of these data are shown; None where no picture shows them, such as points in three dimensions."""
    try:
        return painter(data)
    except ValueError:
        return None


def picture(data: Data, samples: Callable[[int], Tensor]) -> bytes | None:
    """``samples(n)``, as many as a picture takes, as a WebP; None where no picture shows such data."""
    paint = painter_or_none(data)
    return None if paint is None else paint.paint(samples(paint.n))


def write_samples(file: Path, n: int | None, samples: Callable[[int], Tensor], data: Data) -> int:
    """Write n samples to ``file``, in the form that its ending names; returns n.

    .webp and .png: an image sheet, a histogram or a scatter plot (as many samples as it takes, where n is None).
    .npz: the array ``samples`` (n, ...), float32. .csv: one row a sample, its numbers in columns x0, x1, ...
    Raises ValueError for another ending, or data that no picture shows.
    """
    ending = file.suffix.lower()
    if ending not in WRITERS:
        raise unknown("ending of --out", ending or str(file), WRITERS)
    if ending in PICTURES and painter_or_none(data) is None:
        raise ValueError(f"no picture shows samples of {data!r}: write .npz or .csv.")
    if n is None:
        n = painter(data).n if ending in PICTURES else TABLE_ROWS
    affordable(f"{n:,} samples", 4 * n * data.dim * (3 if ending == ".npz" else 8))
    made = samples(n)
    with whole(file) as opened:
        WRITERS[ending](opened, made, data)
    return n


def _webp(file: BinaryIO, samples: Tensor, data: Data) -> None:
    file.write(painter(data).paint(samples))


def _png(file: BinaryIO, samples: Tensor, data: Data) -> None:
    with Image.open(io.BytesIO(painter(data).paint(samples))) as image:
        image.save(file, "PNG")


def _npz(file: BinaryIO, samples: Tensor, data: Data) -> None:
    np.savez_compressed(file, samples=samples.float().numpy())


def _csv(file: BinaryIO, samples: Tensor, data: Data) -> None:
    import pandas as pd

    flat = samples.float().flatten(1).numpy()
    pd.DataFrame(flat, columns=[f"x{i}" for i in range(flat.shape[1])]).to_csv(file, index=False)


WRITERS: dict[str, Callable[[BinaryIO, Tensor, Data], None]] = {
    ".webp": _webp, ".png": _png, ".npz": _npz, ".csv": _csv,
}  # fmt: skip
PICTURES = (".webp", ".png")
