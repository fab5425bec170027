"""Divergences of two densities on a common grid, in nats, and the values the game takes at the best discriminator.

All functions take densities p and q (n,) at equally spaced points ``dx`` apart and integrate by the trapezoid rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gan_lab._errors import positive


def _checked(p: Tensor, q: Tensor, dx: float) -> tuple[Tensor, Tensor, float]:
    if p.shape != q.shape or p.ndim != 1 or len(p) < 2:
        raise ValueError(
            f"p and q must be densities at the same points (n,), n > 1, not {tuple(p.shape)} and {tuple(q.shape)}."
        )
    if bool((p < 0).any()) or bool((q < 0).any()) or not bool(torch.isfinite(p + q).all()):
        raise ValueError("densities must be finite and not negative.")
    return p.double(), q.double(), positive("dx", dx)


def _weight(p: Tensor) -> Tensor:
    # far out a density sinks below the smallest normal number, and half of it to 0: log 0 would outweigh all the rest
    return torch.where(p < torch.finfo(p.dtype).tiny, 0.0, p)


def kl(p: Tensor, q: Tensor, dx: float) -> float:
    """KL(p || q) = integral p log(p / q) in nats; infinite where q is 0 and p is not."""
    p, q, dx = _checked(p, q, dx)
    p = _weight(p)
    return float(torch.trapezoid(torch.special.xlogy(p, p) - torch.special.xlogy(p, q), dx=dx))


def jensen_shannon(p: Tensor, q: Tensor, dx: float) -> float:
    """JSD(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; between 0 and log 2 nats."""
    m = (p.double() + q.double()) / 2
    return (kl(p, m, dx) + kl(q, m, dx)) / 2


def total_variation(p: Tensor, q: Tensor, dx: float) -> float:
    """TV(p, q) = integral |p - q| / 2, between 0 and 1."""
    p, q, dx = _checked(p, q, dx)
    return float(torch.trapezoid((p - q).abs() / 2, dx=dx))


def chi2(p: Tensor, q: Tensor, dx: float) -> float:
    """Pearson's chi2(p || q) = integral (p - q)^2 / q."""
    p, q, dx = _checked(p, q, dx)
    integrand = torch.where(p == q, 0.0, (p - q) ** 2 / q)
    return float(torch.trapezoid(integrand, dx=dx))


def optimal_discriminator(p: Callable[[Tensor], Tensor], q: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """D*(x) = p(x) / (p(x) + q(x)) from two density functions; 1/2 where both vanish.

    Goodfellow et al. 2014, Proposition 1.
    """

    def best(x: Tensor) -> Tensor:
        a, b = p(x), q(x)
        return torch.where(a + b > 0, a / (a + b).clamp(min=torch.finfo(a.dtype).tiny), 0.5)

    return best


def value_function(p: Tensor, q: Tensor, d: Tensor, dx: float) -> float:
    """V(G, D) = integral p log D + q log(1 - D) in nats, for D(x) = d (n,) in [0, 1] (Goodfellow 2014, eq. 1)."""
    p, q, dx = _checked(p, q, dx)
    if d.shape != p.shape or bool((d < 0).any()) or bool((d > 1).any()):
        raise ValueError("d must hold a probability in [0, 1] at each point of p and q.")
    d = d.double()
    return float(torch.trapezoid(torch.special.xlogy(_weight(p), d) + torch.special.xlog1py(_weight(q), -d), dx=dx))


def hinge_value(p: Tensor, q: Tensor, dx: float) -> float:
    """The hinge loss of the best discriminator sign(p - q): 2 (1 - TV(p, q))."""
    return 2 * (1 - total_variation(p, q, dx))


def least_squares_value(p: Tensor, q: Tensor, dx: float) -> float:
    """C(G) of LSGAN with (a, b, c) = (-1, 1, 0): integral (p - q)^2 / (p + q) / 2, at most 1 (Mao et al. 2017, eq. 8).

    The paper writes it chi2(p + q || 2q) / 2 and divides by the *first* density; :func:`chi2` divides by its second.
    """
    return chi2(2 * q, p + q, dx) / 2


LOG4 = math.log(4)
