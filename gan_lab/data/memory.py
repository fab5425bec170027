"""Finitely many samples: images and tables in memory, drawn with replacement by index."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor

from gan_lab._numbers import as_tensor
from gan_lab.data.base import Chance, Data

CHANNELS = (1, 3, 4)  # of pictures: grey, RGB, and RGB with alpha


def floats(pixels: Tensor) -> Tensor:
    """Bytes 0..255 as numbers in [-1, 1], of PyTorch's default type, on the same device; floats as they are."""
    if pixels.is_floating_point():
        return pixels.to(torch.get_default_dtype())
    return pixels.to(torch.get_default_dtype()).div_(127.5).sub_(1)


def digest(*tensors: Tensor) -> str:
    """Eight hex digits of the contents: the same for equal tensors, on every machine."""
    found = hashlib.blake2b(digest_size=4)
    for tensor in tensors:
        found.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return found.hexdigest()


class Finite(Data):
    """Samples that can be counted, drawn with replacement: a choice is an index (n,) into them."""

    @abstractmethod
    def __len__(self) -> int: ...

    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> Tensor:
        return chance.index(stream, len(self), n, device)


class InMemory(Finite):
    """Samples (n, ...) in one tensor, ``rows``."""

    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dim(self) -> int:
        """Numbers in one sample."""
        return self.rows[0].numel()

    @cached_property
    def digest(self) -> str:
        """Eight hex digits of the samples: what tells these data from others of the same name."""
        return digest(self.rows)

    def place(self, generator: torch.Generator | None = None) -> torch.device:
        return self.rows.device

    def __getitem__(self, index: Tensor | slice) -> Tensor:
        """The samples at ``index`` as floats (n, ...), of images in [-1, 1]."""
        return floats(self.rows[index])

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
        if self.rows.device.type != device.type:
            raise ValueError(
                f"the data {self!r} lie on {self.rows.device}, the run on {device}: call data.to('{device}')."
            )
        return self[choice].to(dtype)

    def spec(self) -> dict[str, Any]:
        raise ValueError(
            f"{self!r} has no recipe, being in memory alone: use data that a name gives, such as data.folder(path)."
        )


class Images(InMemory):
    """Images in memory: uint8, or floats in [-1, 1], (n, channels, height, width), and labels (n,) or None.

    Batches come out in [-1, 1]. ``name`` says what they show; ``source`` is the spec that gives them again, where there
    is one. Raises TypeError for another type and ValueError for another shape or range, and says how to change it.
    """

    def __init__(
        self, pixels: Any, labels: Any = None, name: str = "images", source: dict[str, Any] | None = None
    ) -> None:
        pixels = as_tensor(pixels)
        self.pixels = self.rows = _images(pixels)
        if labels is not None:
            labels = as_tensor(labels)
            if labels.shape != (len(pixels),):
                raise ValueError(f"labels must have shape ({len(pixels)},), not {tuple(labels.shape)}.")
        self.labels: Tensor | None = labels
        self.name, self.source = name, source

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        c, h, w = self.pixels.shape[1:]
        return c, h, w

    def to(self, device: torch.device | str) -> Self:
        labels = None if self.labels is None else self.labels.to(device)
        return type(self)(self.pixels.to(device), labels, self.name, self.source)

    def of_class(self, *labels: int) -> Images:
        """Only the images with one of these labels."""
        if self.labels is None:
            raise ValueError(f"{self.name} has no labels to choose by.")
        keep = torch.isin(self.labels, torch.as_tensor(labels, device=self.labels.device))
        if not bool(keep.any()):
            raise ValueError(f"{self.name} has no image labelled {labels}: labels are {self.labels.unique().tolist()}.")
        source = None
        if self.source is not None and "classes" not in self.source:
            source = {**self.source, "classes": [int(label) for label in labels]}
        return Images(self.pixels[keep], self.labels[keep], f"{self.name} {labels}", source)

    def spec(self) -> dict[str, Any]:
        return super().spec() if self.source is None else dict(self.source)

    def __repr__(self) -> str:
        # digits are known by name; pictures of the user may have changed under theirs
        known = self.source is not None and self.source["name"] == "digits"
        return f"Images({self.name}: {len(self)} of shape {self.shape}{'' if known else f', {self.digest}'})"


class Table(InMemory):
    """Points in memory: ``rows`` (n, d) of floats, and the names of the d columns where they have any.

    Raises ValueError for NaN or infinite values, with the row and the column of each of the first, and for no points.
    """

    def __init__(self, rows: Tensor, columns: Sequence[str] = ()) -> None:
        if rows.ndim != 2 or rows.numel() == 0 or not rows.is_floating_point():
            raise ValueError(f"a table is (n, d) of floats with n, d > 0, not {tuple(rows.shape)} of {rows.dtype}.")
        self.rows, self.columns = rows.detach(), tuple(str(column) for column in columns)
        self._refuse_gaps()

    def _refuse_gaps(self) -> None:
        gaps = (~torch.isfinite(self.rows)).nonzero()
        if not len(gaps):
            return
        shown = ", ".join(f"row {row} of column {self._column(column)}" for row, column in gaps[:5].tolist())
        more = f" and {len(gaps) - 5} more" if len(gaps) > 5 else ""
        columns = ", ".join(self._column(column) for column in gaps[:, 1].unique().tolist())
        raise ValueError(
            f"the data hold {len(gaps)} NaN or infinite values ({shown}{more}; columns concerned: {columns}): "
            "drop or fill those rows before training."
        )

    def _column(self, column: int) -> str:
        return repr(self.columns[column]) if self.columns else str(column)

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.rows.to(device), self.columns)

    def __repr__(self) -> str:
        named = f" ({', '.join(self.columns)})" if self.columns else ""
        return f"Table({len(self)} points in {self.dim} dimensions{named}, {self.digest})"


def _images(pixels: Tensor) -> Tensor:
    """The pixels, of a shape, a type and a range that images have."""
    if pixels.dtype != torch.uint8 and not pixels.is_floating_point():
        raise TypeError(f"pixels are {pixels.dtype}: they must be uint8 in 0..255, or floats in [-1, 1].")
    image_shape("the tensor of images", tuple(pixels.shape))
    if not pixels.is_floating_point():
        return pixels
    if len(gaps := (~torch.isfinite(pixels)).nonzero()):
        first = int(gaps[0, 0])
        raise ValueError(
            f"the images hold {len(gaps)} NaN or infinite values, the first in image {first}: remove or mend it."
        )
    low, high = float(pixels.min()), float(pixels.max())
    if low >= 0 and high > 1 and high <= 255:
        raise ValueError(f"the images are floats in [0, {high:g}], like bytes: pass x.round().to(torch.uint8).")
    if low >= 0 and high > 0 and high <= 1:
        raise ValueError(f"the images are floats in [{low:g}, {high:g}]: images lie in [-1, 1] here, pass 2 * x - 1.")
    if low < -1 - 1e-6 or high > 1 + 1e-6:
        raise ValueError(f"the images are floats in [{low:g}, {high:g}]: scale them to [-1, 1].")
    return pixels


def image_shape(name: str, shape: tuple[int, ...]) -> None:
    """Raise ValueError for a shape that is not (n, channels, height, width), n > 0; ``name`` begins the sentence."""
    if len(shape) == 3 and all(shape):
        raise ValueError(f"{name} has shape {shape}, without channels: pass x[:, None] for grey images.")
    if len(shape) != 4 or not all(shape):
        raise ValueError(f"{name} has shape {shape}: it must be (n, channels, height, width) with n > 0.")
    if shape[1] > max(CHANNELS) and shape[3] in CHANNELS:
        raise ValueError(f"{name} has shape {shape}, channels last: pass torch.as_tensor(x).permute(0, 3, 1, 2).")
