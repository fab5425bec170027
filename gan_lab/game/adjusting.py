"""Methods made for games: fields that are corrected by their derivatives, and steps that are partly taken back.

Each is a step function like those of ``gan_lab.game.methods``: ``trajectory(game, Consensus(0.5), ...)``. F is the
field along which the players move, J its Jacobian. ``gan_lab.methods`` has them for networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_lab._errors import positive, whole_number
from gan_lab.game.methods import Array, Eta, State, Step, _etas, named_step, update_matrix
from gan_lab.game.saddle import Bilinear, SmoothGame


@dataclass(frozen=True)
class Consensus:
    """z + eta (F - gamma J'F): the players also make |F|^2 / 2 small (Mescheder et al. 2017, Algorithm 2)."""

    gamma: float = 0.5

    def __post_init__(self) -> None:
        positive("gamma", self.gamma)

    def __call__(self, game: SmoothGame, state: State, eta: Eta) -> State:
        F, J = game.field(state.z), game.jacobian(state.z)
        return State(game.project(state.z + _etas(game, eta) * (F - self.gamma * J.T @ F)))

    def matrix(self, game: SmoothGame, e: Array, z: Array) -> Array:
        """The Jacobian of one step at a ``z`` where F = 0."""
        J = game.jacobian(z)
        return np.asarray(np.eye(game.dim) + e[:, None] * (J - self.gamma * J.T @ J))

    def exact_rate(self, eta: float) -> float:
        """(1 - eta gamma)^2 + eta^2."""
        return (1 - eta * self.gamma) ** 2 + eta**2


@dataclass(frozen=True)
class Symplectic(Consensus):
    """z + eta (F - s gamma A'F) with A = (J - J') / 2 (Balduzzi et al. 2018, Algorithm 1; gamma is their lambda).

    align: whether s is their sign, which draws to stable points and away from others; else 1. On V = xy, where J = A
    and the sign is 1, it is consensus optimisation.
    """

    align: bool = True

    def __call__(self, game: SmoothGame, state: State, eta: Eta) -> State:
        F, J = game.field(state.z), game.jacobian(state.z)
        back, turned = J.T @ F, (J - J.T).T @ F / 2
        # of the losses' gradients v = -F, whose Jacobian is -J
        aligned = not self.align or (-F @ back) * (turned @ back) / game.dim + 0.1 >= 0
        return State(game.project(state.z + _etas(game, eta) * (F - (1 if aligned else -1) * self.gamma * turned)))

    def matrix(self, game: SmoothGame, e: Array, z: Array) -> Array:
        """The Jacobian of one step at a ``z`` where F = 0: there the sign is 1."""
        J = game.jacobian(z)
        return np.asarray(np.eye(game.dim) + e[:, None] * (J - self.gamma * (J - J.T).T @ J / 2))


@dataclass(frozen=True)
class Competitive:
    """To the equilibrium of the local bilinear game: dz = eta (F + C dz), C the part of J between the players.

    Competitive gradient descent (Schaefer and Anandkumar 2019, Algorithm 1).
    """

    def __call__(self, game: SmoothGame, state: State, eta: Eta) -> State:
        e = _etas(game, eta)
        move = np.linalg.solve(self._priced(game, e, state.z), e * game.field(state.z))
        return State(game.project(state.z + move))

    def _priced(self, game: SmoothGame, e: Array, z: Array) -> Array:
        between, n = game.jacobian(z).copy(), game.sizes[0]
        between[:n, :n] = between[n:, n:] = 0
        return np.asarray(np.eye(game.dim) - e[:, None] * between)

    def matrix(self, game: SmoothGame, e: Array, z: Array) -> Array:
        """The Jacobian of one step at a ``z`` where F = 0."""
        return np.asarray(np.eye(game.dim) + np.linalg.solve(self._priced(game, e, z), e[:, None] * game.jacobian(z)))

    def exact_rate(self, eta: float) -> float:
        """1 / (1 + eta^2), as the proximal step."""
        return 1 / (1 + eta**2)


@dataclass(frozen=True)
class Lookahead:
    """After every k steps of ``inner`` back a part of the way: w + alpha (z - w), w where the k steps began.

    Lookahead-minmax (Chavdarova et al. 2021, Algorithm 1). inner: a step without memory, by name or as a function.
    """

    k: int = 5
    alpha: float = 0.5
    inner: str | Step = "alternating"

    def __post_init__(self) -> None:
        whole_number("k", self.k, 1)
        if not 0 < self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha}: it must be in (0, 1].")
        named_step(self.inner)

    def __call__(self, game: SmoothGame, state: State, eta: Eta) -> State:
        count, slow = (0, state.z) if state.memory is None else (int(state.memory[0]), state.memory[1:])
        after = named_step(self.inner)(game, State(state.z), eta)
        if after.memory is not None:
            raise ValueError(f"{self.inner} remembers: look ahead with a step without memory, such as 'alternating'.")
        if count + 1 < self.k:
            return State(after.z, np.r_[count + 1, slow])
        return State(game.project(slow + self.alpha * (after.z - slow)))

    def cycle(self, game: SmoothGame, eta: Eta) -> Array:
        """The Jacobian of k steps and the way back, at the equilibrium.

        Each eigenvalue lambda of the inner step becomes 1 - alpha + alpha lambda^k.
        """
        inner = np.linalg.matrix_power(update_matrix(game, self.inner, eta), self.k)
        return np.asarray((1 - self.alpha) * np.eye(game.dim) + self.alpha * inner)

    def exact_rate(self, eta: float) -> float:
        """Of a step, in the mean over k."""
        return float(np.abs(np.linalg.eigvals(self.cycle(Bilinear(), eta))).max() ** (2 / self.k))
