"""What every step saw, kept on the device: writing a row waits for nothing and makes no Python object a number."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

FIRST_ROWS = 256


class Log:
    """A growing table of named scalars, one row a step; for S seeds at once every entry is (S,).

    Rows lie in one tensor (steps, columns, ...) that doubles when it is full. A column that appears later holds NaN
    before; one that a step did not see holds NaN there.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.length = 0
        self._rows = torch.empty(0)

    def append(self, seen: Mapping[str, Tensor]) -> None:
        """One row: name -> scalar, or one number a seed (S,)."""
        if seen.keys() != set(self.names):
            self._widen(seen)
        if self.length == len(self._rows):
            self._rows = torch.cat([self._rows, torch.full_like(self._rows, float("nan"))])
        missing = torch.full_like(next(iter(seen.values())), float("nan"))
        torch.stack([seen.get(name, missing) for name in self.names], out=self._rows[self.length])
        self.length += 1

    def _widen(self, seen: Mapping[str, Tensor]) -> None:
        new = [name for name in seen if name not in self.names]
        if not new:
            return
        first = seen[new[0]]
        rows = max(len(self._rows), FIRST_ROWS)
        wider = torch.full((rows, len(self.names) + len(new), *first.shape), float("nan")).to(first)
        wider[: self.length, : len(self.names)] = self._rows[: self.length].to(first) if self.names else 0
        self.names += new
        self._rows = wider

    def rows(self, first: int = 0) -> Tensor:
        """The rows from ``first`` on, (steps - first, columns, ...)."""
        return self._rows[first : self.length]

    def column(self, name: str) -> Tensor:
        """One column, (steps, ...)."""
        return self._rows[: self.length, self.names.index(name)]

    def truncate(self, length: int) -> None:
        """Forget the rows from ``length`` on."""
        self._rows[length : self.length] = float("nan")
        self.length = length

    def state_dict(self) -> dict[str, object]:
        """Names and rows, for a checkpoint."""
        return {"names": list(self.names), "rows": self.rows().cpu().clone()}

    def load_state_dict(self, state: Mapping[str, object], like: Tensor) -> None:
        """Take the rows that :meth:`state_dict` gave, on the device of ``like``."""
        rows = state["rows"]
        assert isinstance(rows, Tensor) and isinstance(state["names"], list)
        self.names, self.length, self._rows = list(state["names"]), len(rows), rows.to(like.device, copy=True)
