"""What every step saw, kept on the device: writing a row waits for nothing and makes no Python object a number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

FIRST_ROWS = 256


class Log:
    """A growing table of named scalars, one row a step; for S seeds at once every entry is (S,).

    Rows lie in one tensor (steps, columns, ...) that doubles when it is full; row i is that of step ``start + i + 1``.
    A column that appears later holds NaN before; one that a step did not see holds NaN there.
    """

    def __init__(self, seeds: int | None = None) -> None:
        self.names: list[str] = []
        self.start = self.length = 0
        self._shape: tuple[int, ...] = () if seeds is None else (seeds,)
        self._rows = torch.empty(0, 0, *self._shape)
        self._absent = np.ones((0, 0), dtype=bool)  # what was not seen: its NaN is no fault

    def append(self, seen: Mapping[str, Tensor]) -> None:
        """One row: name -> scalar, or one number a seed (S,). Anything larger is none of the log's business."""
        row = {name: value for name, value in seen.items() if value.shape == self._shape}
        if row.keys() != set(self.names):
            self._widen(row)
        if self.length == len(self._rows):
            self._resize(max(FIRST_ROWS, 2 * self.length))
        values = []
        for column, name in enumerate(self.names):
            value = row.get(name)
            self._absent[self.length, column] = value is None
            if value is None:
                value = self._rows.new_full(self._shape, float("nan"))
            values.append(value if value.dtype == self._rows.dtype else value.to(self._rows))
        if values:
            torch.stack(values, out=self._rows[self.length])
        self.length += 1

    def _widen(self, seen: Mapping[str, Tensor]) -> None:
        new = [name for name in seen if name not in self.names]
        if new:
            self.names += new
            self._resize(len(self._rows), seen[new[0]])

    def _resize(self, rows: int, like: Tensor | None = None) -> None:
        old, absent = self._rows, self._absent
        if like is None or like.dtype not in (torch.float32, torch.float64) or (old.numel() and self.length):
            like = old
        self._rows = torch.full((rows, len(self.names), *self._shape), float("nan")).to(like)
        self._rows[: self.length, : old.shape[1]] = old[: self.length].to(like)
        self._absent = np.ones((rows, len(self.names)), dtype=bool)
        self._absent[: self.length, : absent.shape[1]] = absent[: self.length]

    @property
    def end(self) -> int:
        """The last step that has a row."""
        return self.start + self.length

    def not_finite(self, after: int) -> list[tuple[int, str, list[int]]]:
        """What was seen after step ``after`` and is NaN or infinite: (step, column, seeds), in order of steps."""
        first = max(0, after - self.start)
        if first >= self.length:
            return []
        bad = ~torch.isfinite(self._rows[first : self.length])
        absent = torch.from_numpy(self._absent[first : self.length]).to(bad.device)
        bad &= ~absent.reshape(*absent.shape, *[1] * len(self._shape))
        found: dict[tuple[int, int], list[int]] = {}
        for row, column, *seed in bad.nonzero().tolist():
            found.setdefault((row, column), []).extend(seed)
        return [(self.start + first + row + 1, self.names[column], seeds) for (row, column), seeds in found.items()]

    def column(self, name: str) -> Tensor:
        """One column, (steps, ...)."""
        return self._rows[: self.length, self.names.index(name)]

    def seen_at(self, name: str) -> set[int]:
        """The steps at which a column was seen."""
        return set(self.steps()[~self._absent[: self.length, self.names.index(name)]].tolist())

    def steps(self) -> np.ndarray:
        """The step of every row, (steps,)."""
        return np.arange(self.start + 1, self.end + 1)

    def go_to(self, step: int) -> None:
        """Stand at the end of a step: forget the rows after it; begin anew there where the log does not reach it."""
        if not self.start <= step <= self.end:
            self.start, self.length = step, 0
        keep = step - self.start
        self._rows[keep : self.length] = float("nan")
        self._absent[keep : self.length] = True
        self.length = keep

    def state_dict(self) -> dict[str, object]:
        """Names, rows and what was not seen, for a checkpoint."""
        return {
            "names": list(self.names), "start": self.start, "rows": self._rows[: self.length].cpu().clone(),
            "absent": torch.from_numpy(self._absent[: self.length].copy()),
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, object], like: Tensor) -> None:
        """Take the rows that :meth:`state_dict` gave, on the device of ``like``."""
        rows, absent = state["rows"], state["absent"]
        assert isinstance(rows, Tensor) and isinstance(absent, Tensor) and isinstance(state["names"], list)
        self.names, self.length, self._rows = list(state["names"]), len(rows), rows.to(like.device, copy=True)
        self.start = int(str(state["start"]))
        self._absent = absent.numpy().copy()
