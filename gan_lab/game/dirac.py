"""The Dirac-GAN: the smallest GAN there is, and already hard to train (Mescheder, Geiger and Nowozin 2018).

The data are a single point, 0. The generator puts its single point at theta; the discriminator is the straight line
s(x) = psi x through the origin. They should meet at theta = psi = 0. State z = (theta, psi).

The logit is positive on the side called real, as everywhere in this library; the paper's psi has the opposite sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_lab._errors import positive, unknown
from gan_lab.game.saddle import Array, SmoothGame


@dataclass(frozen=True)
class _Slopes:
    """theta' = g(t) psi and psi' = -d(t) theta with t = psi theta, the logit of the fake; and the slopes of g and d."""

    g: Callable[[float], float]
    d: Callable[[float], float]
    g_slope: Callable[[float], float]
    d_slope: Callable[[float], float]


def _sigmoid(t: float) -> float:
    return float(1 / (1 + np.exp(-t))) if t >= 0 else float(np.exp(t) / (1 + np.exp(t)))


def _bump(t: float) -> float:
    return _sigmoid(t) * _sigmoid(-t)


def _one(_: float) -> float:
    return 1.0


def _zero(_: float) -> float:
    return 0.0


# On one real point at the origin, where the logit is 0 whatever psi, the relativistic loss is the non-saturating one.
_NON_SATURATING = _Slopes(lambda t: _sigmoid(-t), _sigmoid, lambda t: -_bump(t), _bump)
LOSSES = {
    "minimax": _Slopes(_sigmoid, _sigmoid, _bump, _bump),
    "non_saturating": _NON_SATURATING,
    "relativistic": _NON_SATURATING,
    "wasserstein": _Slopes(_one, _one, _zero, _zero),
    "hinge": _Slopes(_one, lambda t: 1.0 if t > -1 else 0.0, _zero, _zero),
    # codes 0, 1, 1 (Mao et al. 2017), and the line through their middle, s(x) = 1/2 + psi x: the others' logit 0 says
    # "can't tell", and so does 1/2 here
    "least_squares": _Slopes(lambda t: 0.5 - t, lambda t: 0.5 + t, lambda _: -1.0, _one),
}


class DiracGAN(SmoothGame):
    """theta against psi under one of ``LOSSES``, with penalties on the discriminator.

    ``r1`` and ``r2`` are the weights gamma of gamma/2 |ds/dx|^2 on real and fake points (both are gamma/2 psi^2 here),
    ``wgan_gp`` the weight lambda of lambda (|ds/dx| - 1)^2, ``clip`` the bound c on |psi|, applied after every step.

    At the equilibrium the field has eigenvalues -gamma/2 +- sqrt(gamma^2/4 - a^2); gamma = r1 + r2 and a = 1/2 for the
    logistic losses and least squares, 1 for Wasserstein and hinge (Sections 2 and 3 of the paper).
    """

    def __init__(
        self,
        loss: str = "minimax",
        *,
        r1: float = 0.0,
        r2: float = 0.0,
        wgan_gp: float = 0.0,
        clip: float | None = None,
    ) -> None:
        super().__init__((1, 1))
        if loss not in LOSSES:
            raise unknown("loss", loss, LOSSES)
        self.loss = loss
        self.r1, self.r2 = positive("r1", r1, or_zero=True), positive("r2", r2, or_zero=True)
        self.wgan_gp = positive("wgan_gp", wgan_gp, or_zero=True)
        self.clip = None if clip is None else positive("clip", clip)
        self._slopes = LOSSES[loss]

    @property
    def pull(self) -> float:
        """a: the strength with which each player turns the other at the equilibrium (|f'(0)| in the paper)."""
        return float(np.sqrt(self._slopes.g(0.0) * self._slopes.d(0.0)))

    @property
    def gamma(self) -> float:
        """The total weight of R1 and R2, which on a straight line are the same penalty."""
        return self.r1 + self.r2

    @property
    def critical_gamma(self) -> float:
        """The gamma at which the spiral into the equilibrium stops turning: 2a."""
        return 2 * self.pull

    def field(self, z: Array) -> Array:
        theta, psi = float(z[0]), float(z[1])
        t = psi * theta
        gradient_penalty = 2 * self.wgan_gp * (abs(psi) - 1) * np.sign(psi)
        to_theta = self._slopes.g(t) * psi
        to_psi = -self._slopes.d(t) * theta - self.gamma * psi - gradient_penalty
        return np.array([to_theta, to_psi])

    def jacobian(self, z: Array) -> Array:
        theta, psi = float(z[0]), float(z[1])
        if self.wgan_gp > 0 and psi == 0:
            raise ValueError("The gradient penalty (|psi| - 1)^2 has a kink at psi = 0: no derivative exists there.")
        t, s = psi * theta, self._slopes
        return np.array(
            [
                [s.g_slope(t) * psi**2, s.g(t) + s.g_slope(t) * t],
                [-s.d(t) - s.d_slope(t) * t, -s.d_slope(t) * theta**2 - self.gamma - 2 * self.wgan_gp],
            ]
        )

    def project(self, z: Array) -> Array:
        return z if self.clip is None else np.array([z[0], np.clip(z[1], -self.clip, self.clip)])

    def exact_eigenvalues(self) -> NDArray[np.complex128]:
        """The two eigenvalues at the equilibrium in closed form, sorted as ``eigenvalues()`` sorts them."""
        if self.wgan_gp > 0:
            raise ValueError("With the WGAN-GP penalty the field jumps at psi = 0: there are no eigenvalues to give.")
        root = np.sqrt(complex(self.gamma**2 / 4 - self.pull**2))
        values = np.array([-self.gamma / 2 - root, -self.gamma / 2 + root])
        return np.asarray(values[np.lexsort((values.real, values.imag))])
