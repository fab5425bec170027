"""Reading what a reader hands in: numbers that are numbers, functions that are functions."""

from __future__ import annotations

import math
from typing import Any

from gan_lab.classroom import typed


def number(value: Any) -> float | None:
    """``value`` (also of NumPy, or a tensor without dimensions) as a finite float; None for anything else.

    True, "0.5", an array and NaN are no numbers.
    """
    if (
        isinstance(value, bool | str | bytes)
        or getattr(value, "ndim", None)
        or "bool" in str(getattr(value, "dtype", ""))
    ):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def given(value: Any) -> float | None:
    """As :func:`number`; words too, as the page reads what is typed: "1/3", "50 %", "2π"."""
    return number(typed.read(value) if isinstance(value, str) else value)
