"""How players who are not told the equilibrium may look for it: fictitious play, gradients, imitation.

All three are pure functions from a game and a start to a ``Play``: the strategies over time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_lab._errors import positive, whole_number
from gan_lab.game.matrix import MatrixGame

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Play:
    """Strategies over time: ``x`` has shape (steps + 1, rows), ``y`` (steps + 1, columns); row 0 is the start.

    In fictitious play these are the *observed frequencies* so far; otherwise the mixes of each moment.
    """

    x: Array
    y: Array

    def averages(self) -> tuple[Array, Array]:
        """The running means of ``x`` and ``y``, of the same shapes."""
        counts = np.arange(1, len(self.x) + 1)[:, None]
        return self.x.cumsum(axis=0) / counts, self.y.cumsum(axis=0) / counts

    def gains(self, game: MatrixGame) -> Array:
        """What each player would gain by deviating, at every time, shape (steps + 1, 2): how far from equilibrium."""
        return np.array([game.gains(p, q) for p, q in zip(self.x, self.y, strict=True)])


def fictitious_play(game: MatrixGame, steps: int, x: ArrayLike = 0, y: ArrayLike = 0) -> Play:
    """Each player answers best to the frequencies of the other's past moves (Brown 1951); first move on a tie.

    ``x`` and ``y`` are the opening moves (numbers) or opening beliefs (mixes). The frequencies converge to an
    equilibrium in every zero-sum game (Robinson 1951) and every 2 x 2 game, but may circle elsewhere (Shapley 1964).
    """
    steps = whole_number("steps", steps, 1)
    p, q = game.mixes(x, y)
    counts_x, counts_y = p.copy(), q.copy()
    history = [(p, q)]
    for t in range(1, steps + 1):
        i = int((game.A @ (counts_y / t)).argmax())
        j = int(((counts_x / t) @ game.B).argmax())
        counts_x[i] += 1
        counts_y[j] += 1
        history.append((counts_x / (t + 1), counts_y / (t + 1)))
    return _play(history)


def gradient_play(game: MatrixGame, steps: int, x: ArrayLike, y: ArrayLike, eta: float = 0.05) -> Play:
    """Both players step along the gradient of their own payoff, then back onto the simplex, at the same time.

    x <- project(x + eta A y), y <- project(y + eta B'x), both from the *old* pair (Singh, Kearns and
    Mansour 2000, with a finite step).
    """
    steps, eta = whole_number("steps", steps, 1), positive("eta", eta)
    p, q = game.mixes(x, y)
    history = [(p, q)]
    for _ in range(steps):
        p, q = to_simplex(p + eta * (game.A @ q)), to_simplex(q + eta * (p @ game.B))
        history.append((p, q))
    return _play(history)


def replicator(game: MatrixGame, steps: int, x: ArrayLike, y: ArrayLike, dt: float = 0.01) -> Play:
    """Moves that do better than average spread: x_i' = x_i ((A y)_i - x'A y), and the same for y (Taylor 1979).

    Integrated by the classical Runge-Kutta method with step ``dt``. In matching pennies the orbits are closed:
    sum log x + sum log y is conserved (Hofbauer 1996).
    """
    steps, dt = whole_number("steps", steps, 1), positive("dt", dt)
    p, q = game.mixes(x, y)
    m = len(p)

    def flow(z: Array) -> Array:
        u, v = z[:m], z[m:]
        row, column = game.A @ v, u @ game.B
        return np.r_[u * (row - u @ row), v * (column - v @ column)]

    z = np.r_[p, q]
    history = [(p, q)]
    for _ in range(steps):
        k1 = flow(z)
        k2 = flow(z + dt / 2 * k1)
        k3 = flow(z + dt / 2 * k2)
        k4 = flow(z + dt * k3)
        z = z + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        history.append((z[:m].copy(), z[m:].copy()))
    return _play(history)


def to_simplex(v: ArrayLike) -> Array:
    """The probability vector nearest to ``v`` in Euclidean distance (Held, Wolfe and Crowder 1974)."""
    point = np.asarray(v, dtype=np.float64)
    descending = np.sort(point)[::-1]
    excess = (descending.cumsum() - 1) / np.arange(1, len(point) + 1)
    shift = excess[np.flatnonzero(descending > excess)[-1]]
    return np.asarray(np.maximum(point - shift, 0.0))


def _play(history: list[tuple[Array, Array]]) -> Play:
    return Play(np.array([p for p, _ in history]), np.array([q for _, q in history]))
