"""Steps as networks are trained: with a memory of past gradients, both players at once or in turns.

Each is a step function like those of ``gan_lab.game.methods``, with the arithmetic of ``torch.optim``:
``trajectory(game, Momentum(-0.5, in_turns=True), ...)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gan_lab.game.methods import Eta, State, _etas
from gan_lab.game.saddle import SmoothGame

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Remembering(ABC):
    """A step z + eta * (something made of the field and a memory), each number for itself."""

    in_turns: bool = field(default=False, kw_only=True)

    def __call__(self, game: SmoothGame, state: State, eta: Eta) -> State:
        e, n = _etas(game, eta), game.sizes[0]
        memory = np.zeros((3, game.dim)) if state.memory is None else state.memory
        after, move = self._advance(memory, game.field(state.z))
        z = state.z + e * move
        if self.in_turns:
            z = game.project(np.r_[z[:n], state.z[n:]])
            late, move = self._advance(memory, game.field(z))
            z[n:] += (e * move)[n:]
            after = np.c_[after[:, :n], late[:, n:]]
        return State(game.project(z), after)

    @abstractmethod
    def _advance(self, memory: Array, arrow: Array) -> tuple[Array, Array]:
        """The next memory, shape (3, dim), and the move for a step size of 1, shape (dim,)."""


@dataclass(frozen=True)
class Momentum(_Remembering):
    """v <- beta v + F(z), z <- z + eta v (Polyak 1964). With ``in_turns`` y answers to where x now is.

    ``beta`` is in (-1, 1). On V = xy every beta diverges while both move at once, and with ``in_turns`` a *negative*
    one converges (Gidel et al. 2019, "Negative momentum for improved game dynamics").
    """

    beta: float = 0.9

    def __post_init__(self) -> None:
        if not -1 < self.beta < 1:
            raise ValueError(f"beta is {self.beta}: it must be between -1 and 1.")

    def _advance(self, memory: Array, arrow: Array) -> tuple[Array, Array]:
        velocity = self.beta * memory[0] + arrow
        return np.array([velocity, memory[1], memory[2]]), velocity

    def matrix(self, game: SmoothGame, e: Array, z: Array) -> Array:
        """The Jacobian of one step in the state (z, v), at v = 0 and a ``z`` where F = 0; shape (2 dim, 2 dim)."""
        d, J, whole = game.dim, game.jacobian(z), np.eye(2 * game.dim)
        first = np.arange(d) < game.sizes[0]
        for mine in (first, ~first) if self.in_turns else (np.ones(d, dtype=bool),):
            part = np.eye(2 * d)
            part[d:][mine] = np.c_[J, self.beta * np.eye(d)][mine]
            part[:d][mine] = np.c_[np.eye(d) + e[:, None] * J, self.beta * np.diag(e)][mine]
            whole = part @ whole
        return whole


@dataclass(frozen=True)
class RMSProp(_Remembering):
    """The field divided by the root of its running mean square, number by number (Tieleman and Hinton 2012)."""

    alpha: float = 0.99
    eps: float = 1e-8

    def __post_init__(self) -> None:
        _fraction("alpha", self.alpha)

    def _advance(self, memory: Array, arrow: Array) -> tuple[Array, Array]:
        square = self.alpha * memory[0] + (1 - self.alpha) * arrow**2
        return np.array([square, memory[1], memory[2]]), arrow / (np.sqrt(square) + self.eps)


@dataclass(frozen=True)
class Adam(_Remembering):
    """RMSProp with momentum, both corrected for their start at zero (Kingma and Ba 2015)."""

    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8

    def __post_init__(self) -> None:
        for beta in self.betas:
            _fraction("a beta of Adam", beta)

    def _advance(self, memory: Array, arrow: Array) -> tuple[Array, Array]:
        (b1, b2), t = self.betas, memory[2] + 1
        mean = b1 * memory[0] + (1 - b1) * arrow
        square = b2 * memory[1] + (1 - b2) * arrow**2
        move = mean / (1 - b1**t) / (np.sqrt(square / (1 - b2**t)) + self.eps)
        return np.array([mean, square, t]), np.asarray(move)


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}: it must be in [0, 1).")
