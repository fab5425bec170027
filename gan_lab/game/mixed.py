"""A 2 x 2 matrix game as a smooth one: two probabilities that follow their gradients inside a square."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_lab.game.matrix import MatrixGame
from gan_lab.game.saddle import Array, SmoothGame


class Mixed(SmoothGame):
    """``game`` in mixed strategies: z = (p, q), the probabilities with which Row and Column play their first moves.

    Each climbs the gradient of their *own* expected payoff (Singh, Kearns and Mansour 2000), and a step that leaves the
    square [0, 1] x [0, 1] is put back on its edge. ``gradient_play`` does the same with vectors, where a step of eta
    changes p by half as much. With ``replicator`` the gradients are weighed by p(1 - p) and q(1 - q): the replicator
    field (Taylor 1979), which reaches no edge.

    ``equilibrium`` is where distances are measured from: by default the one in which both mix, if there is one, else
    the first of ``game.equilibria()``. In a corner the gradients need not be 0: there the edges hold the players.
    """

    def __init__(self, game: MatrixGame, equilibrium: ArrayLike | None = None, *, replicator: bool = False) -> None:
        if game.shape != (2, 2):
            raise ValueError(
                f"Two probabilities are enough for 2 x 2 games; this one is {game.shape[0]} x {game.shape[1]}."
            )
        super().__init__((1, 1))
        self.game, self.replicator = game, replicator
        (a, b), (c, d) = game.A.tolist()
        (e, f), (g, h) = game.B.tolist()
        self._row = (b - d, a - b - c + d)  # what the first move brings more than the second: constant, times q
        self._column = (g - h, e - f - g + h)
        self._equilibrium = self._find() if equilibrium is None else self.state(equilibrium)
        if not (0 <= self._equilibrium).all() or not (self._equilibrium <= 1).all():
            raise ValueError(f"The equilibrium must be two probabilities; got {self._equilibrium.tolist()}.")

    @property
    def equilibrium(self) -> Array:
        return self._equilibrium

    def field(self, z: Array) -> Array:
        arrow = np.array([self._row[0] + self._row[1] * z[1], self._column[0] + self._column[1] * z[0]])
        return z * (1 - z) * arrow if self.replicator else arrow

    def jacobian(self, z: Array) -> Array:
        plain = np.array([[0.0, self._row[1]], [self._column[1], 0.0]])
        if not self.replicator:
            return plain
        arrow = np.array([self._row[0] + self._row[1] * z[1], self._column[0] + self._column[1] * z[0]])
        return np.asarray((z * (1 - z))[:, None] * plain + np.diag((1 - 2 * z) * arrow))

    def project(self, z: Array) -> Array:
        return np.clip(z, 0.0, 1.0)

    def _find(self) -> Array:
        try:
            found = self.game.mixed_2x2()
        except ValueError:
            found = self.game.equilibria()[0]
        return np.array([found.row[0], found.column[0]])
