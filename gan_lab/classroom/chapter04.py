"""Checks of the exercises of chapter 4, "The two players"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data, metrics
from gan_lab.classroom.core import Verdict, exercise, right, wrong
from gan_lab.data import Distribution1D

DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")
HILLS = data.mixture([-3, 0, 3], 0.4)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
    return number if math.isfinite(number) else None


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
    return x.detach().double().flatten()


# -- 4.1 -----------------------------------------------------------------------------------------------------


@exercise("4.1", "Two densities by hand", "Which z lead to this x? Add up p_z(z) / |G'(z)| over all of them.")
def two_densities(uniform: Any, normal: Any) -> Verdict:
    """p_g of G(z) = z^2 at 0.04 for z uniform on (0, 1), and at 4 for z standard normal."""
    if uniform is ... or normal is ...:
        return DOTS
    a, b = _number(uniform), _number(normal)
    if a is None or b is None or a < 0 or b < 0:
        return wrong("both answers are densities: numbers, not negative (they may exceed 1).")
    if abs(a - 2.5) > 0.01:
        slips = {
            1.0: "that is p_z. The slope is missing: near z = 0.2 the map squeezes the line, and squeezing raises "
            "density.",
            0.4: "you multiplied by the slope. Where G is flat, many z land close together: divide.",
            12.5: "the slope was taken at x = 0.04. Take G'(z) = 2z at the z that leads there.",
            0.2: "that is z itself. Next: p_z(z) / |G'(z)|.",
        }
        near = min(slips, key=lambda s: abs(s - a))
        return wrong(
            f"{a:g} is not the first density: " + (slips[near] if abs(near - a) < 0.01 else "which z gives 0.04?")
        )
    phi = math.exp(-2) / math.sqrt(2 * math.pi)
    if abs(b - phi / 2) > 5e-4:
        slips = {
            phi / 4: "only one of the two z that lead to 4 is counted.",
            phi: "that is p_z(2). The slopes are missing.",
            2 * phi: "both z are there, but the slopes are missing.",
            phi / 8: "the slope at z = 2 is 4, not 8, and two z lead to 4.",
            phi * 4: "divide by the slope, do not multiply, and count both z.",
        }
        near = min(slips, key=lambda s: abs(s - b))
        hint = slips[near] if abs(near - b) < 5e-4 else "with a normal prior z may be negative, too."
        return wrong(f"the first is right; {b:g} is not the second: {hint}")
    return right("where several z lead to the same x, their shares add up. A density may well exceed 1.")


# -- 4.2 -----------------------------------------------------------------------------------------------------


@exercise(
    "4.2",
    "Another prior",
    "Which share of the seeds lies below z = 0.5? The same share of the numbers must lie below G(0.5).",
)
def another_prior(below: Any, middle: Any, above: Any) -> Verdict:
    """G(-0.5), G(0), G(0.5) of a forger of the sine density whose prior is uniform on (-1, 1)."""
    if any(v is ... for v in (below, middle, above)):
        return DOTS
    found = [_number(v) for v in (below, middle, above)]
    if any(v is None or not -2 < v < 6 for v in found):
        return wrong("the three answers are places between 0 and pi = 3.14, read off the axis x.")
    a, b, c = (v for v in found if v is not None)
    if abs(b - math.pi / 2) > 0.25:
        if max(abs(a + 0.5), abs(b), abs(c - 0.5)) < 0.2:
            return wrong("those are the seeds themselves. Follow the arrows up: where do they end?")
        return wrong(f"half of the seeds lie below 0, and half of the real numbers below 1.57; your middle is {b:g}.")
    if abs(abs(c - a) - math.pi / 3) > 0.25:
        if abs(abs(c - a) - (2.245 - 0.896)) < 0.12:
            return wrong("those are the places for the *normal* prior: change the noise to uniform on [-1, 1] first.")
        return wrong(
            f"between z = -0.5 and 0.5 lie half of the seeds, so half of the real numbers must lie between the two "
            f"places. Yours are {abs(c - a):.2g} apart. Train longer?"
        )
    return right(
        "pi/3, pi/2, 2 pi/3: G(z) = arccos(-z)"
        + (", or arccos(z), which your forger chose." if c < a else ".")
        + " Another prior needs another G for the same p_g."
    )


# -- 4.3 -----------------------------------------------------------------------------------------------------


@exercise(
    "4.3", "A forger by formula", "Normal -> uniform by the normal CDF, uniform -> exponential by the inverse CDF."
)
def by_formula(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): z (n, 1) standard normal -> numbers with density 2 exp(-2x), x > 0."""
    if generator is ...:
        return DOTS
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


# -- 4.4 -----------------------------------------------------------------------------------------------------


@exercise("4.4", "Past a detector of parabolas", "A detector a + bx + cx^2 sees only the means of x and of x^2.")
def past_parabolas(q: Any) -> Verdict:
    """A law q that no logit a + bx + cx^2 tells from the three hills, though it is another law."""
    if q is ...:
        return DOTS
    if not isinstance(q, Distribution1D):
        return wrong(f"give a distribution on the line, such as data.gaussian(0, 1), not {type(q).__name__}.")
    # the inverse CDF at evenly spaced levels gives moments without chance
    u = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    mean, square = _moments(q) if isinstance(q, data.Mixture) else _means(q.quantile(u))
    if abs(mean) > 0.02:
        return wrong(f"the mean is {mean:.2f}, that of the hills is 0: the term bx alone tells the two apart.")
    if abs(square - 6.16) > 0.06:
        side = "c > 0 says real far out" if square < 6.16 else "c < 0 says fake far out"
        return wrong(f"the mean fits; the mean of x^2 is {square:.2f}, that of the hills 6.16: {side}, and is right.")
    grid = torch.linspace(-14, 14, 14_001, dtype=torch.float64)
    tv = metrics.total_variation(HILLS.density(grid), q.density(grid), float(grid[1] - grid[0]))
    if tv < 0.1:
        return wrong(f"nobody can tell these two apart, because they are one law (TV {tv:.2f}). Find a different one.")
    return right(
        f"every detector with a parabola says 1/2, everywhere, and yet the total variation distance is {tv:.2f}."
    )


def _means(x: Tensor) -> tuple[float, float]:
    return float(x.mean()), float((x**2).mean())


def _moments(q: data.Mixture) -> tuple[float, float]:
    mean = (q.weights * q.means).sum()
    square = (q.weights * (q.means**2 + q.stds**2)).sum()
    return float(mean), float(square)


# -- 4.5 -----------------------------------------------------------------------------------------------------


@exercise(
    "4.5", "Two islands", "To get from -3 to 3 without a jump, G must pass 0. How much of the noise lies on the way?"
)
def islands(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): continuous, half of p_g near -3 and half near 3, less than 1 % between -2 and 2."""
    if generator is ...:
        return DOTS
    z = _normal(100_000)
    x = _made(generator, z)
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
    low, high = torch.tensor([[-8.0]], dtype=torch.float64), torch.tensor([[8.0]], dtype=torch.float64)
    if not _crosses(generator, low, high):
        # somewhere inside: take the first change of sign on a grid
        grid = torch.linspace(-8, 8, 4_001, dtype=torch.float64)[:, None]
        sign = generator(grid).double().flatten() > 0
        flips = (sign[1:] != sign[:-1]).nonzero().flatten()
        if len(flips) == 0:
            return wrong("on the line from z = -8 to 8 your generator never crosses 0.")
        low, high = grid[flips[0]][None], grid[flips[0] + 1][None]
    for _ in range(40):  # halve until the crossing is narrower than any network's slope can bridge
        middle = (low + high) / 2
        low, high = (low, middle) if _crosses(generator, low, middle) else (middle, high)
    jump = abs(float(generator(high)) - float(generator(low)))
    if jump > 0.5:
        return wrong(
            f"at z = {float(low):.3f} your generator jumps by {jump:.1f}. No network with finite weights "
            "can: be continuous."
        )
    step = 1e-3
    z_line = torch.arange(-6, 6, step, dtype=torch.float64)[:, None]
    slope = float((generator(z_line + step).double() - generator(z_line).double()).abs().max()) / step
    return right(
        f"{100 * between:.2f} % in the water, at the price of a slope of {slope:,.0f}. Less water costs more slope."
    )


def _crosses(generator: Callable[[Tensor], Any], low: Tensor, high: Tensor) -> bool:
    return (float(generator(low)) > 0) != (float(generator(high)) > 0)
