"""What a user has in hand, as data: tensors, arrays and tables in memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._numbers import as_tensor
from gan_lab.data.base import Data
from gan_lab.data.memory import Images, Table

if TYPE_CHECKING:
    import pandas as pd

KINDS = (
    "data such as gan_lab.data.ring() or data.digits(), a tensor or an array of points (n, d) or of images "
    "(n, channels, height, width), or a DataFrame of numbers"
)
INSTEAD = {
    "DataLoader": "stack its samples into one tensor, or use data.folder(path)",
    "str": "use data.folder(path) for a folder of pictures, or data.from_spec({'name': ...}) for data by name",
    "PosixPath": "use data.folder(path) for a folder of pictures",
    "WindowsPath": "use data.folder(path) for a folder of pictures",
    "dict": "use data.from_spec(...) for a spec",
    "tuple": "use data.labelled(x, y), data.paired(a, b) or data.unpaired(a, b)",
}


def as_data(value: Any) -> Any:
    """``value`` as data that a run can draw from: one function for all doors.

    * what has ``draw`` and ``dim`` is data already;
    * floats or whole numbers (n, d) or (n,), a tensor, an array, a list of lists or a DataFrame, are points: a
      :class:`~gan_lab.data.Table`;
    * uint8, or floats in [-1, 1], (n, channels, height, width) are :class:`~gan_lab.data.Images`.

    Raises TypeError for another kind of thing, or a column that holds no numbers; ValueError for NaN or infinity, for
    floats in [0, 1] or [0, 255], channels last, and other shapes; each says what to pass instead.
    """
    if isinstance(value, Data) or (hasattr(value, "draw") and hasattr(value, "dim")):
        return value
    tables = sys.modules.get("pandas")  # who has one of its tables has loaded it
    if tables is not None and isinstance(value, tables.Series):
        value = value.to_frame()
    if tables is not None and isinstance(value, tables.DataFrame):
        return _table(value)
    if isinstance(value, list | np.ndarray | Tensor):
        # lists of arrays too
        return _tensor(as_tensor(value))
    kind = type(value).__name__
    remedy = f": {INSTEAD[kind]}" if kind in INSTEAD else ""
    raise TypeError(f"train expects {KINDS}, not {kind}{remedy}.")


def _tensor(x: Tensor) -> Table | Images:
    shape = tuple(x.shape)
    if x.is_complex() or x.layout != torch.strided or x.is_quantized:
        raise TypeError(f"the data are a {x.dtype} tensor of layout {x.layout}: give dense, real numbers.")
    if x.ndim in (3, 4):
        return Images(x)
    if x.ndim not in (1, 2) or x.numel() == 0:
        raise ValueError(f"the data have shape {shape}: give points (n, d) or images (n, channels, height, width).")
    if x.dtype == torch.uint8 and x.ndim == 2:
        raise ValueError(
            f"the data are bytes of shape {shape}: reshape images to (n, channels, height, width), or pass x.float() "
            "where they are points."
        )
    kept = x.dtype in (torch.float32, torch.float64)
    return Table((x if kept else x.to(torch.get_default_dtype())).reshape(len(x), -1))


def _table(frame: pd.DataFrame) -> Table:
    import pandas as pd

    kinds = [(name, frame.iloc[:, i].dtype) for i, name in enumerate(frame.columns)]
    wrong = [f"{name!r} ({kind})" for name, kind in kinds if not pd.api.types.is_any_real_numeric_dtype(kind)]
    if wrong:
        raise TypeError(f"these columns hold no numbers: {', '.join(wrong)}; drop them, or write them as numbers.")
    return Table(
        torch.from_numpy(frame.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)), [str(c) for c in frame.columns]
    )
