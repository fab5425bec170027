"""Divergences of two densities on a common grid, in nats, and the values the game takes at the best discriminator.

All functions take densities p and q (n,) at equally spaced points ``dx`` apart and integrate by the trapezoid rule.
Tensors, arrays and lists will do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab._errors import positive
from gan_lab._numbers import as_floats, as_tensor


def _checked(p: Any, q: Any, dx: float) -> tuple[Tensor, Tensor, float]:
    p, q = as_tensor(p, torch.float64), as_tensor(q, torch.float64)
    if p.shape != q.shape or p.ndim != 1 or len(p) < 2:
        raise ValueError(
            f"p and q must be densities at the same points (n,), n > 1, not {tuple(p.shape)} and {tuple(q.shape)}."
        )
    if bool((p < 0).any()) or bool((q < 0).any()) or not bool(torch.isfinite(p + q).all()):
        raise ValueError("densities must be finite and not negative.")
    return p, q.to(p), positive("dx", dx)


def _weight(p: Tensor) -> Tensor:
    # far out a density sinks below the smallest normal number, and half of it to 0: log 0 would outweigh all the rest
    return torch.where(p < torch.finfo(p.dtype).tiny, 0.0, p)


def _integral(y: Tensor, dx: float) -> float:
    # torch.trapezoid takes half of both ends away from the sum: infinity - infinity where one of them is infinite
    return float((y[1:] + y[:-1]).sum() * dx / 2)


def kl(p: Any, q: Any, dx: float) -> float:
    """KL(p || q) = integral p log(p / q) in nats.

    Infinite where q is 0 and p is not, were it only because q has sunk below the smallest number there is.
    """
    p, q, dx = _checked(p, q, dx)
    p = _weight(p)
    return _integral(torch.special.xlogy(p, p) - torch.special.xlogy(p, q), dx)


def jensen_shannon(p: Any, q: Any, dx: float) -> float:
    """JSD(p, q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2; between 0 and log 2 nats."""
    p, q, dx = _checked(p, q, dx)
    m = (p + q) / 2
    return (kl(p, m, dx) + kl(q, m, dx)) / 2


def total_variation(p: Any, q: Any, dx: float) -> float:
    """TV(p, q) = integral |p - q| / 2, between 0 and 1."""
    p, q, dx = _checked(p, q, dx)
    return _integral((p - q).abs() / 2, dx)


def chi2(p: Any, q: Any, dx: float) -> float:
    """Pearson's chi2(p || q) = integral (p - q)^2 / q; infinite where q is 0 and p is not, as :func:`kl`."""
    p, q, dx = _checked(p, q, dx)
    p = _weight(p)
    difference = p - q  # its square may underflow where its ratio to q does not
    return _integral(torch.where(difference == 0, 0.0, difference * (difference / q)), dx)


def optimal_discriminator(p: Callable[[Tensor], Tensor], q: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """D*(x) = p(x) / (p(x) + q(x)) from two density functions; 1/2 where both vanish.

    Goodfellow et al. 2014, Proposition 1.
    """

    def best(x: Tensor) -> Tensor:
        x = as_floats(x)
        a, b = p(x), q(x)
        somewhere = a + b > 0
        return torch.where(somewhere, a / torch.where(somewhere, a + b, 1.0), 0.5)

    return best


def value_function(p: Any, q: Any, d: Any, dx: float) -> float:
    """V(G, D) = integral p log D + q log(1 - D) in nats, for D(x) = d (n,) in [0, 1] (Goodfellow 2014, eq. 1).

    d may be anything, 0 / 0 included, where both densities vanish. It is -infinity where D is sure and wrong; but where
    the *best* answer p / (p + q) itself rounds to 0 or 1, a d of 0 or 1 counts as that answer.
    """
    p, q, dx = _checked(p, q, dx)
    given = as_floats(d).detach().to(p.device)
    nowhere = p + q == 0
    if given.shape != p.shape or not bool((((given >= 0) & (given <= 1)) | nowhere).all()):
        raise ValueError("d must hold a probability in [0, 1] at each point of p and q.")
    steps = torch.finfo(given.dtype)
    d = given.double().masked_fill(nowhere, 0.5)
    hit = torch.where((d == 0) & (p <= steps.tiny * q), p / q, d)
    miss = torch.where((d == 1) & (q <= steps.eps * p), q / p, 1 - d)
    return _integral(torch.special.xlogy(_weight(p), hit) + torch.special.xlogy(_weight(q), miss), dx)


def hinge_value(p: Any, q: Any, dx: float) -> float:
    """The hinge loss of the best discriminator sign(p - q): 2 (1 - TV(p, q))."""
    return 2 * (1 - total_variation(p, q, dx))


def least_squares_value(p: Any, q: Any, dx: float) -> float:
    """C(G) of LSGAN with (a, b, c) = (-1, 1, 0): integral (p - q)^2 / (p + q) / 2, at most 1 (Mao et al. 2017, eq. 8).

    The paper writes it chi2(p + q || 2q) / 2 and divides by the *first* density; :func:`chi2` divides by its second.
    """
    p, q, dx = _checked(p, q, dx)
    return chi2(2 * q, p + q, dx) / 2


LOG4 = math.log(4)
