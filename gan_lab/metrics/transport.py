"""Distances between samples that see how far mass has to move."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab._numbers import as_samples, on_the_line, same_scale
from gan_lab.metrics.estimate import Estimate

PAIRS = 2**22  # distances held at a time: 32 MiB
FEW = 16  # numbers a sample up to which exact differences cost no more than a product of matrices


def wasserstein1(x: Any, y: Any) -> float:
    """Wasserstein-1 between as many samples x as y on the line, (n,) or (n, 1) each: mean |sorted x - sorted y|.

    Tensors, arrays or lists. Raises ValueError for other shapes, for bytes against floats and for NaN or infinity.
    """
    same_scale("x", x, "y", y)
    instead = "; for more dimensions there are wasserstein, sliced_wasserstein and energy_distance"
    x, y = on_the_line("x", x, instead), on_the_line("y", y, instead)
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} samples, y has {len(y)}: give as many of each.")
    return float((x.sort().values - y.to(x).sort().values).abs().mean())


def sliced_wasserstein(x: Any, y: Any, directions: int = 128, seed: int = 0) -> float:
    """Mean of the Wasserstein-1 distances of x and y (n, ...) along random directions (Bonneel et al. 2015).

    Raises ValueError for shapes that differ, for bytes against floats and for NaN or infinity.
    """
    x, y = _centred(x, y)
    if x.shape != y.shape:
        raise ValueError(f"x and y must have the same shape, not {tuple(x.shape)} and {tuple(y.shape)}.")
    generator = torch.Generator().manual_seed(whole_number("seed", seed, 0))
    w = torch.randn(x.shape[1], whole_number("directions", directions, 1), generator=generator, dtype=torch.float64)
    w = (w / w.norm(dim=0)).to(x)
    total = 0.0
    for some in w.split(max(1, PAIRS // len(x)), dim=1):
        total += float(((x @ some).sort(dim=0).values - (y @ some).sort(dim=0).values).abs().sum())
    return total / (len(x) * w.shape[1])


def wasserstein(x: Any, y: Any, most: int = 1_000) -> Estimate:
    """The exact Wasserstein-1 distance of as many samples x as y (n, ...), in any dimension, as an :class:`Estimate`.

    The least mean distance over all pairings of the two sets (Kantorovich 1942; by the assignment algorithm of
    Jonker and Volgenant 1987). Its time grows with n^3: of more than ``most`` samples it is the mean over disjoint
    pieces of both, of at most so many, taken at random (always the same); the pieces' spread gives the standard error.
    Two samples of one distribution are n^(-1/d) apart: read it beside :func:`floor` with the same ``most``.

    Raises ValueError for shapes that differ, for bytes against floats and for NaN or infinity.
    """
    from scipy.optimize import linear_sum_assignment

    x, y = _centred(x, y)
    if x.shape != y.shape:
        raise ValueError(f"x and y must have the same shape, not {tuple(x.shape)} and {tuple(y.shape)}.")
    pieces = -(-len(x) // whole_number("most", most, 1))
    if pieces > 1:
        chance = torch.Generator().manual_seed(0)
        x, y = (s[torch.randperm(len(s), generator=chance).to(s.device)] for s in (x, y))
    draws = []
    for a, b in zip(x.tensor_split(pieces), y.tensor_split(pieces), strict=True):
        far = torch.cdist(a, b, compute_mode=_way(a)).cpu().numpy()
        draws.append(float(far[linear_sum_assignment(far)].mean()))
    return Estimate(tuple(draws))


def energy_distance(x: Any, y: Any) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| >= 0 (Szekely and Rizzo 2013), with the unbiased means over distinct pairs.

    x (n, ...), y (m, ...) with n, m > 1. The unbiased estimate may be slightly below 0 for equal distributions. Memory
    grows with n + m, time with (n + m)^2 (on the line with n + m). Raises ValueError for samples of different sizes,
    for bytes against floats and for NaN or infinity.
    """
    x, y = _centred(x, y)
    if len(x) < 2 or len(y) < 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"x and y need two samples or more of the same dimension, not {tuple(x.shape)} and {tuple(y.shape)}."
        )
    within = [_distances(s, s) / (len(s) * (len(s) - 1)) for s in (x, y)]
    return 2 * _distances(x, y) / (len(x) * len(y)) - within[0] - within[1]


def _centred(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Both as (n, numbers) with the mean of x at the origin: far from it, squares and products lose their digits."""
    same_scale("x", x, "y", y)
    x, y = as_samples("x", x), as_samples("y", y)
    y = y.to(x)
    middle = x.mean(0) if x.shape[1] == y.shape[1] else 0
    return x - middle, y - middle


def _distances(x: Tensor, y: Tensor) -> float:
    """The sum of all distances from a sample of x (n, d) to one of y (m, d), in blocks."""
    if x.shape[1] == 1:
        return (_gaps(torch.cat([x, y])) - _gaps(x) - _gaps(y)) / 2
    blocks = x.split(max(1, PAIRS // len(y)))
    return sum(float(torch.cdist(rows, y, compute_mode=_way(x)).sum()) for rows in blocks)


def _way(x: Tensor) -> str:
    return "donot_use_mm_for_euclid_dist" if x.shape[1] <= FEW else "use_mm_for_euclid_dist"


def _gaps(x: Tensor) -> float:
    """The sum of |x_i - x_j| over all pairs (i, j) of numbers x (n, 1)."""
    n = len(x)
    # in order, the k-th number (from 0) is the larger one of k pairs and the smaller one of n - 1 - k
    ranks = torch.arange(1 - n, n, 2, dtype=x.dtype, device=x.device)
    return float(2 * (ranks @ x[:, 0].sort().values))
