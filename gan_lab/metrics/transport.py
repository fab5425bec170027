"""Distances between samples that see how far mass has to move."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number


def wasserstein1(x: Tensor, y: Tensor) -> float:
    """Wasserstein-1 between samples x and y on the line, (n,) or (n, 1) each: mean |sorted x - sorted y|."""
    x, y = finite("x", x.double().flatten()), finite("y", y.double().flatten())
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} samples, y has {len(y)}: give as many of each.")
    return float((x.sort().values - y.sort().values).abs().mean())


def sliced_wasserstein(x: Tensor, y: Tensor, directions: int = 128, seed: int = 0) -> float:
    """Mean of the Wasserstein-1 distances of x and y (n, d) along random directions (Bonneel et al. 2015)."""
    x, y = finite("x", x.double().flatten(1)), finite("y", y.double().flatten(1))
    if x.shape != y.shape:
        raise ValueError(f"x and y must have the same shape, not {tuple(x.shape)} and {tuple(y.shape)}.")
    generator = torch.Generator().manual_seed(seed)
    w = torch.randn(x.shape[1], whole_number("directions", directions, 1), generator=generator, dtype=torch.float64)
    w = w / w.norm(dim=0)
    return float(((x @ w).sort(dim=0).values - (y @ w).sort(dim=0).values).abs().mean())


def energy_distance(x: Tensor, y: Tensor) -> float:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| >= 0 (Szekely and Rizzo 2013), with the unbiased means over distinct pairs.

    x (n, d), y (m, d) with n, m > 1. The unbiased estimate may be slightly below 0 for equal distributions.
    """
    x, y = finite("x", x.double().flatten(1)), finite("y", y.double().flatten(1))
    if len(x) < 2 or len(y) < 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"x and y need two samples or more of the same dimension, not {tuple(x.shape)} and {tuple(y.shape)}."
        )
    within = [torch.pdist(s).mean() for s in (x, y)]
    return float(2 * torch.cdist(x, y).mean() - within[0] - within[1])
