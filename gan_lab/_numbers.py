"""What may be given for numbers: tensors, arrays, columns of a table, lists; and the shapes that the doors ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import finite


def as_tensor(values: Any, dtype: torch.dtype | None = None) -> Tensor:
    """Numbers, an array, a column of a table or a tensor as a tensor without a gradient.

    Memory is shared where it can be; raises TypeError for what holds no numbers.
    """
    try:
        given = values.to_numpy() if hasattr(values, "to_numpy") else values
        if isinstance(given, np.ndarray):
            # of a type, an order of bytes and a direction that PyTorch has; a copy where it may not be written to
            given = np.require(given, given.dtype.newbyteorder("="), ["C", "W"])
        return torch.as_tensor(given, dtype=dtype).detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"the values cannot be read as numbers: {error}.") from error


def as_floats(x: Any) -> Tensor:
    """A tensor, an array or numbers as a tensor of floats: whole numbers get PyTorch's default float type."""
    given = x if isinstance(x, Tensor) else as_tensor(x)
    return given if given.is_floating_point() else given.to(torch.get_default_dtype())


def on_the_line(name: str, x: Any, instead: str = "") -> Tensor:
    """x, (n,) or (n, 1), as (n,) in float64.

    Raises ValueError for other shapes, which are not flattened into one long sample (``instead`` says what to use for
    them), for nothing, and for what is not finite.
    """
    given = as_tensor(x, torch.float64)
    if given.ndim != 1 and (given.ndim != 2 or given.shape[1] != 1):
        raise ValueError(f"{name} has shape {tuple(given.shape)}: give numbers on the line, (n,) or (n, 1){instead}.")
    return finite(name, given.reshape(-1))


def as_samples(name: str, x: Any) -> Tensor:
    """Samples (n, ...) as (n, numbers) in float64; (n,) are n samples of one number.

    Raises ValueError for a single number, for nothing, and for what is not finite.
    """
    given = as_tensor(x, torch.float64)
    if given.ndim == 0:
        raise ValueError(f"{name} is one number: give samples of shape (n, ...).")
    return finite(name, given[:, None] if given.ndim == 1 else given.flatten(1))


def same_scale(name: str, x: Any, other: str, y: Any) -> None:
    """Raises ValueError where one holds bytes 0..255 and the other floats: their distance would mean nothing.

    Images (n, channels, height, width) of floats that are whole numbers up to 255 count as bytes.
    """
    scales = [_scale(x), _scale(y)]
    if sorted(scales) == ["bytes", "floats"]:
        first, second = (name, other) if scales[0] == "bytes" else (other, name)
        raise ValueError(
            f"{first} holds bytes 0..255 and {second} floats: put both on one scale, such as {first} / 127.5 - 1."
        )


def _scale(x: Any) -> str:
    given = as_tensor(x)
    if given.dtype == torch.uint8:
        return "bytes"
    if not given.is_floating_point():
        return "whole numbers"
    if given.ndim == 4 and given.numel() and bool((given == given.round()).all()):
        low, high = given.aminmax()
        if low >= 0 and 1 < high <= 255:
            return "bytes"
    return "floats"
