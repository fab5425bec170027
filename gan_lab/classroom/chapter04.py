"""Checks of the exercises of chapter 4, "The two players"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data, metrics
from gan_lab.classroom.core import Verdict, checks, right, wrong


def _normal(n: int, seed: int = 0) -> Tensor:
    return data.gaussian().sample(n, torch.Generator().manual_seed(seed))


def _made(generator: Callable[[Tensor], Any], z: Tensor) -> Tensor | Verdict:
    """What a reader's generator makes of z (n, 1), as (n,), or the verdict that says why it is none."""
    if not callable(generator):
        return wrong("hand over the function itself, not numbers that it made.")
    x = generator(z.clone())
    if not isinstance(x, Tensor) or x.numel() != len(z):
        got = f"{x.numel()} numbers" if isinstance(x, Tensor) else type(x).__name__
        return wrong(f"for {len(z):,} seeds return a tensor with as many numbers, not {got}.")
    if not bool(torch.isfinite(x).all()):
        return wrong("some of the numbers are NaN or infinite: an inverse CDF at exactly 0 or 1, perhaps?")
    if not torch.equal(x, generator(z.clone())):
        return wrong("the same seeds gave different numbers. A generator has no dice inside: all the chance is in z.")
    if not torch.allclose(torch.cat([generator(one[None]).flatten() for one in z[:8]]), x.flatten()[:8], atol=1e-4):
        return wrong("a seed alone gives another number than the same seed among others: treat each seed by itself.")
    return x.detach().double().flatten()


# -- 4.3 -----------------------------------------------------------------------------------------------------


@checks("4.3")
def by_formula(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): z (n, 1) standard normal -> numbers with density 2 exp(-2x), x > 0."""
    z = _normal(20_000)
    x = _made(generator, z)
    if isinstance(x, Verdict):
        return x
    target = data.exponential(2.0)
    real = target.sample(20_000, torch.Generator().manual_seed(1)).flatten()
    miss = metrics.wasserstein1(x, real)
    if miss < 0.012:
        fall = float(x[z.flatten() > 1].mean()) < float(x[z.flatten() < -1].mean())
        return right(
            f"distance to 20,000 real numbers: {miss:.4f}, as between two real sets."
            + (" Yours is decreasing: u and 1 - u have the same law." if fall else "")
        )
    if bool((x < -1e-9).any()):
        return wrong(
            f"{float((x < 0).double().mean()):.0%} of your numbers are negative; the exponential law has none."
        )
    if metrics.wasserstein1(x, real * 4) < 0.05:
        return wrong("the mean of your numbers is 2, it should be 1/2: the rate divides.")
    if metrics.wasserstein1(x, real * 2) < 0.025:
        return wrong("your numbers follow the exponential law of rate 1: the rate is missing.")
    if float(x.max()) <= 1 + 1e-9 and abs(float(x.mean()) - 0.5) < 0.02 and miss > 0.05:
        return wrong(
            "your numbers are uniform on (0, 1). That was the first half: now the inverse CDF, -log(1 - u) / 2."
        )
    return wrong(
        f"the numbers have mean {float(x.mean()):.2f} and median {float(x.median()):.2f}; the law has 0.50 and 0.35. "
        "Is z made uniform by the normal CDF (not by a sigmoid) before the inverse CDF?"
    )


# -- 4.5 -----------------------------------------------------------------------------------------------------


@checks("4.5")
def islands(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): continuous, half of p_g near -3 and half near 3, less than 1 % between -2 and 2."""
    x = _made(generator, _normal(100_000))
    if isinstance(x, Verdict):
        return x
    left, right_share = float((x < 0).double().mean()), float((x > 0).double().mean())
    if min(left, right_share) < 0.45:
        return wrong(f"{left:.0%} of the numbers are negative and {right_share:.0%} positive: both islands want half.")
    far = float(((x.abs() - 3).abs() > 1).double().mean())
    between = float((x.abs() < 2).double().mean())
    if far - between > 0.01:
        return wrong(f"{far - between:.0%} of the numbers lie beyond the islands, farther than 4 from 0.")
    if between >= 0.01:
        return wrong(
            f"{100 * between:.1f} % of the numbers lie between -2 and 2, in the water: make the crossing steeper."
        )
    if jump := _jump(generator):
        at, by = jump
        return wrong(f"at z = {at:.3f} your generator jumps by {by:.2g}. No network with finite weights can.")
    step = 1e-3
    z_line = torch.arange(-6, 6, step, dtype=torch.float64)[:, None]
    slope = float((generator(z_line + step).double() - generator(z_line).double()).abs().max()) / step
    return right(
        f"{100 * between:.2f} % in the water, at the price of a slope of {slope:,.0f}. Less water costs more slope."
    )


def _jump(generator: Callable[[Tensor], Any]) -> tuple[float, float] | None:
    """Where the generator jumps and by how much: it changes by more than 0.01 within 1e-10; None if it does not."""

    def at(z: Tensor) -> Tensor:
        return torch.as_tensor(generator(z[:, None])).detach().double().flatten()

    grid = torch.linspace(-6, 6, 12_001, dtype=torch.float64)
    steepest = (at(grid[1:]) - at(grid[:-1])).abs().topk(50).indices
    low, high = grid[:-1][steepest], grid[1:][steepest]
    while float((high - low).max()) > 1e-10:  # halve: go on in the half where more happens
        middle = (low + high) / 2
        below = (at(middle) - at(low)).abs() > (at(high) - at(middle)).abs()
        low, high = torch.where(below, low, middle), torch.where(below, middle, high)
    by, where = (at(high) - at(low)).abs().max(0)
    return (float(low[where]), float(by)) if by > 0.01 else None
