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
    """theta' = g(t) psi and psi' = -d(t) theta with t = psi theta, the logit of the fake; and the slopes of g and d.

    ``r(t) n`` is what a real point moved to n by noise adds to psi', t = psi n. Where the loss looks at the difference
    of a real and a fake logit (``paired``), that point's noise is in the fake's.
    """

    g: Callable[[Array], Array]
    d: Callable[[Array], Array]
    g_slope: Callable[[Array], Array]
    d_slope: Callable[[Array], Array]
    r: Callable[[Array], Array]
    r_slope: Callable[[Array], Array]
    paired: bool = False


def _sigmoid(t: Array) -> Array:
    return np.where(t >= 0, 1, np.exp(-np.abs(t))) / (1 + np.exp(-np.abs(t)))


def _bump(t: Array) -> Array:
    return _sigmoid(t) * _sigmoid(-t)


def _times(factor: float) -> Callable[[Array], Array]:
    return lambda t: np.full_like(t, factor)


def _logistic(saturating: bool = False, paired: bool = False) -> _Slopes:
    g, g_slope = (_sigmoid, _bump) if saturating else (lambda t: _sigmoid(-t), lambda t: -_bump(t))
    r, r_slope = (_times(0), _times(0)) if paired else (lambda t: _sigmoid(-t), lambda t: -_bump(t))
    return _Slopes(g, _sigmoid, g_slope, _bump, r, r_slope, paired)


_ONE, _ZERO = _times(1), _times(0)
LOSSES = {
    "minimax": _logistic(saturating=True),
    "non_saturating": _logistic(),
    # on one real point at the origin, where the logit is 0 whatever psi, it is the non-saturating loss
    "relativistic": _logistic(paired=True),
    "wasserstein": _Slopes(_ONE, _ONE, _ZERO, _ZERO, _ONE, _ZERO),
    "hinge": _Slopes(
        _ONE, lambda t: np.where(t > -1, 1.0, 0.0), _ZERO, _ZERO, lambda t: np.where(t < 1, 1.0, 0.0), _ZERO
    ),
    # codes 0, 1, 1 (Mao et al. 2017), and the line through their middle, s(x) = 1/2 + psi x: the others' logit 0 says
    # "can't tell", and so does 1/2 here
    "least_squares": _Slopes(lambda t: 0.5 - t, lambda t: 0.5 + t, _times(-1), _ONE, lambda t: 0.5 - t, _times(-1)),
}
# Gauss and Hermite's ten points and weights: the mean over a standard normal, exact for polynomials up to degree 19.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(10)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class DiracGAN(SmoothGame):
    """theta against psi under one of ``LOSSES``, with penalties on the discriminator.

    ``r1`` and ``r2`` are the weights gamma of gamma/2 |ds/dx|^2 on real and fake points (both are gamma/2 psi^2 here),
    ``wgan_gp`` the weight lambda of lambda (|ds/dx| - 1)^2, ``clip`` the bound c on |psi|, applied after every step.
    ``noise`` is the standard deviation of the normal noise that both real and fake points get before D sees them
    (instance noise); the players follow its mean, by quadrature on ten points.

    At the equilibrium the field has eigenvalues -gamma/2 +- sqrt(gamma^2/4 - a^2); a = 1/2 for the logistic losses and
    least squares, 1 for Wasserstein and hinge. R1 and R2 add their weights to gamma, and noise adds ``noise``^2 / 2 for
    logistic losses, 2 ``noise``^2 for least squares, nothing for the others (Sections 2 and 3 of the paper).
    """

    def __init__(
        self,
        loss: str = "minimax",
        *,
        r1: float = 0.0,
        r2: float = 0.0,
        wgan_gp: float = 0.0,
        clip: float | None = None,
        noise: float = 0.0,
    ) -> None:
        super().__init__((1, 1))
        if loss not in LOSSES:
            raise unknown("loss", loss, LOSSES)
        self.loss = loss
        self.r1, self.r2 = positive("r1", r1, or_zero=True), positive("r2", r2, or_zero=True)
        self.wgan_gp = positive("wgan_gp", wgan_gp, or_zero=True)
        self.clip = None if clip is None else positive("clip", clip)
        self.noise = positive("noise", noise, or_zero=True)
        self._slopes = LOSSES[loss]
        nodes, self._weights = (_NODES, _WEIGHTS) if self.noise else (np.zeros(1), np.ones(1))
        self._real = self.noise * nodes
        self._fake = self._real * (np.sqrt(2) if self._slopes.paired else 1)  # a difference of two noises

    @property
    def pull(self) -> float:
        """a: the strength with which each player turns the other at the equilibrium (|f'(0)| in the paper)."""
        zero = np.zeros(1)
        return float(np.sqrt(self._slopes.g(zero) * self._slopes.d(zero))[0])

    @property
    def gamma(self) -> float:
        """How hard psi is pulled to 0 at the equilibrium: R1, R2 (the same on a straight line) and what noise adds."""
        zero = np.zeros(1)
        bend = float((self._slopes.d_slope(zero) * (2 if self._slopes.paired else 1) - self._slopes.r_slope(zero))[0])
        return self.r1 + self.r2 + bend * self.noise**2

    @property
    def critical_gamma(self) -> float:
        """The gamma at which the spiral into the equilibrium stops turning: 2a."""
        return 2 * self.pull

    def field(self, z: Array) -> Array:
        theta, psi = float(z[0]), float(z[1])
        x, n, w, s = theta + self._fake, self._real, self._weights, self._slopes
        gradient_penalty = 2 * self.wgan_gp * (abs(psi) - 1) * np.sign(psi)
        to_theta = w @ s.g(psi * x) * psi
        to_psi = w @ (s.r(psi * n) * n - s.d(psi * x) * x) - (self.r1 + self.r2) * psi - gradient_penalty
        return np.array([to_theta, to_psi])

    def jacobian(self, z: Array) -> Array:
        theta, psi = float(z[0]), float(z[1])
        if self.wgan_gp > 0 and psi == 0:
            raise ValueError("The gradient penalty (|psi| - 1)^2 has a kink at psi = 0: no derivative exists there.")
        x, n, w, s = theta + self._fake, self._real, self._weights, self._slopes
        t = psi * x
        bend = w @ (s.r_slope(psi * n) * n**2 - s.d_slope(t) * x**2)
        return np.array(
            [
                [w @ s.g_slope(t) * psi**2, w @ (s.g(t) + s.g_slope(t) * t)],
                [-w @ (s.d(t) + s.d_slope(t) * t), bend - self.r1 - self.r2 - 2 * self.wgan_gp],
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
