"""How the library says what was wrong: one sentence, with the remedy in it."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


def unknown(kind: str, name: object, choices: Iterable[str]) -> ValueError:
    """The error for a name that is not one of ``choices``; it lists the near ones first.

    >>> unknown("loss", "hing", ["hinge", "wasserstein"])
    ValueError("unknown loss 'hing': did you mean 'hinge'? Choose from hinge, wasserstein.")
    """
    known = sorted(choices)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    hint = f" did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    return ValueError(f"unknown {kind} {name!r}:{hint} Choose from {', '.join(known)}.")


def whole_number(name: str, value: object, least: int) -> int:
    """``value`` (also of NumPy, or a whole tensor of one element) as an int that is at least ``least``.

    Raises TypeError for what is no whole number (True, 2.5, 2.0, "2") and ValueError for a smaller one, with ``name``.
    """
    try:
        if _is_bool(value):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}: pass an int such as {max(least, 1)}.") from None
    if number < least:
        raise ValueError(f"{name} is {number}: it must be at least {least}.")
    return number


def positive(name: str, value: Any, *, or_zero: bool = False) -> float:
    """``value`` (also of NumPy, or a tensor of one element) as a finite float > 0 (>= 0 with ``or_zero``).

    Raises TypeError for what is no number (True, "0.001", None) and ValueError for one out of range, with ``name``.
    """
    try:
        if _is_bool(value) or isinstance(value, str | bytes):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} is {value!r}: give one number, without quotes, such as 0.001.") from None
    if not (number > 0 or (or_zero and number == 0)) or number == float("inf"):
        raise ValueError(f"{name} is {value}: it must be a finite number {'>= 0' if or_zero else '> 0'}.")
    return number


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or str(getattr(value, "dtype", "")) in ("bool", "torch.bool")


def finite(name: str, x: Tensor) -> Tensor:
    """``x`` unchanged; raises ValueError when it is empty or holds NaN or infinity."""
    if x.numel() == 0:
        raise ValueError(f"{name} is empty (shape {tuple(x.shape)}): give at least one value.")
    bad = ~torch.isfinite(x)
    if bool(bad.any()):
        raise ValueError(
            f"{name} has {int(bad.sum())} NaN or infinite values of {x.numel()}: remove or replace them first."
        )
    return x
