"""Games in which two players choose at once: payoff matrices, best responses, dominance and equilibria.

The row player picks row i, the column player column j; they receive ``A[i, j]`` and ``B[i, j]``. A mixed strategy is a
probability vector over rows (x) or columns (y), and payoffs are then expectations, x'Ay and x'By.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_lab._say import sayable
from gan_lab.game import _linear

Array = NDArray[np.float64]
TOLERANCE = 1e-9  # of the spread of a player's payoffs, and of probabilities


@dataclass(frozen=True)
class Equilibrium:
    """A pair of mixed strategies in which neither player gains by changing theirs, with the payoffs there."""

    row: Array
    column: Array
    payoffs: tuple[float, float]

    @property
    def pure(self) -> bool:
        """Whether both players choose one move for sure."""
        return bool(max(self.row) > 1 - TOLERANCE and max(self.column) > 1 - TOLERANCE)

    def __str__(self) -> str:
        x, y = (np.round(side, 4).tolist() for side in (self.row, self.column))
        return f"row {x}, column {y}, payoffs ({self.payoffs[0]:g}, {self.payoffs[1]:g})"


@dataclass(frozen=True)
class Elimination:
    """One step of iterated dominance: ``player``'s ``move`` does worse than the mixture ``by`` whatever happens."""

    player: str
    move: str
    by: dict[str, float]

    def __str__(self) -> str:
        better = " + ".join(name if p > 1 - 1e-6 else f"{p:.3g} {name}" for name, p in self.by.items())
        return sayable(f"{self.player}: {self.move} is dominated by {better}")


class MatrixGame:
    """A two-player game given by payoff matrices ``A`` (row player) and ``B`` (column player; ``-A`` if left out).

    ``A`` and ``B`` have shape (rows, columns) and finite entries. ``rows``, ``columns`` and ``players`` name the moves
    and the players. Raises ``ValueError`` for empty, ragged or non-finite tables, unequal shapes and missing names.
    """

    def __init__(
        self,
        A: ArrayLike,
        B: ArrayLike | None = None,
        *,
        rows: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        players: Sequence[str] = ("Row", "Column"),
        name: str = "",
    ) -> None:
        self.A = _matrix("A", A)
        self.B = -self.A if B is None else _matrix("B", B)
        if self.A.shape != self.B.shape:
            raise ValueError(f"A has shape {self.A.shape} and B {self.B.shape}: every cell needs both payoffs.")
        self.rows = _names("rows", rows, self.shape[0], "row")
        self.columns = _names("columns", columns, self.shape[1], "column")
        if len(players) != 2:
            raise ValueError(f"A matrix game has two players; got {len(players)} names.")
        self.players = (str(players[0]), str(players[1]))
        self.name = name

    # -- what the game is ------------------------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, int]:
        """(number of rows, number of columns)."""
        return int(self.A.shape[0]), int(self.A.shape[1])

    @property
    def zero_sum(self) -> bool:
        """Whether the two payoffs of every cell sum to zero."""
        return bool(np.abs(self.A + self.B).max() <= TOLERANCE * np.abs(self.A).max())

    def slack(self, player: int) -> float:
        """The difference of two payoffs of ``player`` (0 row, 1 column) up to which they count as equal.

        It is 1e-9 of the payoffs' spread and what rounding does to numbers of their size, so that neither their unit
        nor their origin changes an answer.
        """
        table = self._table(player)
        rounding = 8 * np.finfo(np.float64).eps * np.abs(table).max()
        return float(TOLERANCE * table.max() - TOLERANCE * table.min() + rounding)

    def _table(self, player: int) -> Array:
        if player not in (0, 1):
            raise ValueError(f"player is {player}: it must be 0 (row) or 1 (column).")
        return self.B if player else self.A

    def payoffs(self, x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
        """The expected payoffs (row, column) when the players mix with ``x`` (rows,) and ``y`` (columns,)."""
        p, q = self.mixes(x, y)
        return float(p @ self.A @ q), float(p @ self.B @ q)

    def mixes(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        """``x`` and ``y`` as probability vectors; a whole number means that move for sure."""
        return _mix("x", x, self.rows), _mix("y", y, self.columns)

    def to_dict(self) -> dict[str, Any]:
        """The game as JSON values, for the best-response widget."""
        names = {"rows": list(self.rows), "columns": list(self.columns), "players": list(self.players)}
        return {"name": self.name, "A": self.A.tolist(), "B": self.B.tolist(), **names}

    # -- what a player should do -----------------------------------------------------------------------------------
    def best_responses(self, player: int, opponent: ArrayLike, tol: float | None = None) -> tuple[int, ...]:
        """The moves of ``player`` (0 row, 1 column) that do best against the ``opponent``'s mix, ties included.

        Payoffs no further apart than ``tol`` (by default :meth:`slack`) are ties.
        """
        scores = self.scores(player, opponent)
        tied = scores >= scores.max() - (self.slack(player) if tol is None else tol)
        return tuple(int(i) for i in np.flatnonzero(tied))

    def scores(self, player: int, opponent: ArrayLike) -> Array:
        """The expected payoff of each of ``player``'s moves against the ``opponent``'s mix."""
        table = self._table(player)
        if player == 0:
            return np.asarray(table @ _mix("the column player's mix", opponent, self.columns))
        return np.asarray(_mix("the row player's mix", opponent, self.rows) @ table)

    def pure_security(self, player: int) -> tuple[float, int]:
        """The best worst case of ``player`` without mixing: (payoff that is sure, the first move that secures it)."""
        worst = self._table(player).min(axis=0 if player else 1)
        return float(worst.max()), int(worst.argmax())

    @property
    def maximin(self) -> float:
        """max over rows of min over columns of A: what the row player can be sure of with one move."""
        return float(self.A.min(axis=1).max())

    @property
    def minimax(self) -> float:
        """min over columns of max over rows of A: the most a column player who fights the row player must concede."""
        return float(self.A.max(axis=0).min())

    def gains(self, x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
        """How much each player would gain by deviating alone to a best response; (0, 0) exactly at an equilibrium."""
        p, q = self.mixes(x, y)
        a, b = self.payoffs(p, q)
        return float((self.A @ q).max() - a), float((p @ self.B).max() - b)

    def is_equilibrium(self, x: ArrayLike, y: ArrayLike, tol: float | None = None) -> bool:
        """Whether neither gains more than ``tol`` (by default their :meth:`slack`) by changing their strategy alone."""
        gains = self.gains(x, y)
        return all(gains[player] <= (self.slack(player) if tol is None else tol) for player in (0, 1))

    # -- equilibria ------------------------------------------------------------------------------------------------
    def pure_equilibria(self) -> list[tuple[int, int]]:
        """The cells (row, column) that are best responses to each other; there may be none."""
        best_row = self.A >= self.A.max(axis=0) - self.slack(0)
        best_column = self.B >= self.B.max(axis=1, keepdims=True) - self.slack(1)
        return [(int(i), int(j)) for i, j in np.argwhere(best_row & best_column)]

    def value(self) -> float:
        """The value of a zero-sum game: what mixing secures for the row player (von Neumann 1928)."""
        return self.solve().payoffs[0]

    def solve(self) -> Equilibrium:
        """Optimal mixed strategies of a zero-sum game, by two linear programmes; ``ValueError`` if it is not one."""
        if not self.zero_sum:
            raise ValueError("solve() is for zero-sum games, and here A + B is not 0: use equilibria() instead.")
        x, _ = _linear.secure_mix(self.A)
        y, _ = _linear.secure_mix(-self.A.T)
        return Equilibrium(x, y, self.payoffs(x, y))

    def equilibria(self, limit: int = 200_000) -> list[Equilibrium]:
        """Every equilibrium of a nondegenerate game; every *extreme* one (the corners of the sets) of a degenerate one.

        By enumeration of supports: on the moves that are played with positive probability, the opponent's mix must
        make them equally good and all others no better (Nash 1951; Mangasarian 1964). Exponential in the number of
        moves: ``ValueError`` when more than ``limit`` linear systems would have to be solved.
        """
        m, n = self.shape
        systems = sum(math.comb(m, k) * math.comb(n, k) for k in range(1, min(m, n) + 1))
        if systems > limit:
            remedy = "use solve()" if self.zero_sum else "remove dominated moves first, or raise `limit`"
            raise ValueError(f"A {m} x {n} game has {systems} pairs of supports, more than {limit}: {remedy}.")
        ys = _distinct(_linear.indifferent_mixes(self.A, self.slack(0)))
        xs = _distinct(_linear.indifferent_mixes(self.B.T, self.slack(1)))
        pairs = [(x, y) for x in xs for y in ys if self.is_equilibrium(x, y)]
        pairs.sort(key=lambda pair: tuple(-np.round(np.concatenate(pair), 9)))
        return [Equilibrium(x, y, self.payoffs(x, y)) for x, y in pairs]

    def mixed_2x2(self) -> Equilibrium:
        """The equilibrium of a 2 x 2 game in which both players mix, in closed form; ``ValueError`` if there is none.

        The row player mixes so that the *column* player is indifferent, and the other way round.
        """
        if self.shape != (2, 2):
            raise ValueError(f"The closed form is for 2 x 2 games; this one is {self.shape[0]} x {self.shape[1]}.")
        (a, b), (c, d) = self.A.tolist()
        (e, f), (g, h) = self.B.tolist()
        for player, top, bottom in ((0, d - b, a - b - c + d), (1, h - g, e - f - g + h)):
            if abs(bottom) <= self.slack(player) or not 0 < top / bottom < 1:
                raise ValueError("No equilibrium of this game has both players mixing: look at pure_equilibria().")
        q, p = (d - b) / (a - b - c + d), (h - g) / (e - f - g + h)
        x, y = np.array([p, 1 - p]), np.array([q, 1 - q])
        return Equilibrium(x, y, self.payoffs(x, y))

    # -- dominance -------------------------------------------------------------------------------------------------
    def undominated(self) -> tuple[MatrixGame, list[Elimination]]:
        """Iterated elimination of strictly dominated moves (by pure or mixed ones): the game left, and each step.

        The order of elimination does not matter for strict dominance; no equilibrium is ever lost.
        """
        steps: list[Elimination] = []
        keep = (list(range(self.shape[0])), list(range(self.shape[1])))
        while (found := self._find_dominated(keep)) is not None:
            player, k, mix = found
            names = self.columns if player else self.rows
            others = [i for i in keep[player] if i != keep[player][k]]
            by = {names[i]: float(p) for i, p in zip(others, mix, strict=True) if p > 1e-9}
            steps.append(Elimination(self.players[player], names[keep[player][k]], by))
            del keep[player][k]
        return self._restrict(*keep), steps

    def _find_dominated(self, keep: tuple[list[int], list[int]]) -> tuple[int, int, Array] | None:
        cells = np.ix_(*keep)
        for player, own in ((0, self.A[cells]), (1, self.B[cells].T)):
            for k in range(len(own)):
                mix = _linear.dominating_mix(own, k, self.slack(player))
                if mix is not None:
                    return player, k, mix
        return None

    def _restrict(self, rows: list[int], columns: list[int]) -> MatrixGame:
        cells = np.ix_(rows, columns)
        names = {"rows": [self.rows[i] for i in rows], "columns": [self.columns[j] for j in columns]}
        return MatrixGame(self.A[cells], self.B[cells], players=self.players, name=self.name, **names)

    # -- how it shows ----------------------------------------------------------------------------------------------
    def text(self) -> str:
        """The payoff table as text to print: the row player's payoff in a zero-sum game, both otherwise."""
        cells = [[_cell(a, None if self.zero_sum else b) for a, b in pair] for pair in self._cells()]
        head = [self.name or f"{self.players[0]} \\ {self.players[1]}", *self.columns]
        table = [head, *([name, *line] for name, line in zip(self.rows, cells, strict=True))]
        widths = [max(len(line[k]) for line in table) for k in range(len(head))]
        padded = (
            "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(line, widths, strict=True)))
            for line in table
        )
        return sayable("\n".join(padded))

    def _cells(self) -> Iterator[list[tuple[float, float]]]:
        for i in range(self.shape[0]):
            yield [(float(a), float(b)) for a, b in zip(self.A[i], self.B[i], strict=True)]

    def __repr__(self) -> str:
        return self.text()


def _cell(a: float, b: float | None) -> str:
    return f"{a:g}" if b is None else f"{a:g}, {b:g}"


def _distinct(mixes: Iterator[Array]) -> list[Array]:
    kept: list[Array] = []
    for mix in mixes:
        if not any(np.allclose(mix, other, atol=1e-9, rtol=0) for other in kept):
            kept.append(mix)
    return kept


def _matrix(name: str, values: ArrayLike) -> Array:
    try:
        table = np.asarray(values, dtype=np.float64).copy()
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} must be a table of numbers with rows of equal length ({error}).") from None
    if table.ndim != 2 or table.size == 0:
        raise ValueError(f"{name} must be a table with at least one row and column; its shape is {table.shape}.")
    if not np.isfinite(table).all():
        raise ValueError(f"{name} has NaN or infinite payoffs: every payoff must be a finite number.")
    table.setflags(write=False)
    return table


def _names(what: str, names: Sequence[str] | None, count: int, prefix: str) -> tuple[str, ...]:
    if names is None:
        return tuple(f"{prefix} {i}" for i in range(count))
    if len(names) != count:
        raise ValueError(f"{what} has {len(names)} names for {count} {prefix}s.")
    return tuple(str(n) for n in names)


def _mix(what: str, mix: ArrayLike, moves: tuple[str, ...]) -> Array:
    if np.ndim(mix) == 0 and not isinstance(mix, bool) and hasattr(mix, "__index__"):
        move = operator.index(mix)  # type: ignore[arg-type]
        if not 0 <= move < len(moves):
            raise ValueError(f"{what} is move {move}: moves are numbered 0 to {len(moves) - 1}.")
        return np.asarray(np.eye(len(moves))[move])
    p = np.asarray(mix, dtype=np.float64)
    if p.shape != (len(moves),):
        raise ValueError(f"{what} must hold one probability for each of {', '.join(moves)}; its shape is {p.shape}.")
    if not np.isfinite(p).all() or (p < -1e-9).any() or abs(p.sum() - 1) > 1e-6:
        raise ValueError(f"{what} must be probabilities that sum to 1; got {np.round(p, 6).tolist()}.")
    return p
