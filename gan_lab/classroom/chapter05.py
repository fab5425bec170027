"""Checks of the exercises of chapter 5, "The value function"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data, metrics
from gan_lab.classroom.core import Verdict, exercise, right, wrong
from gan_lab.data import Distribution1D
from gan_lab.nets import MLP
from gan_lab.train import best_response

DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")
LOG4 = math.log(4)


def _near(value: float, target: float, tolerance: float) -> bool:
    return abs(float(value) - target) <= tolerance


@exercise("5.1", "A loaded die", "Under each of the six probabilities write the thing in the bracket; multiply, add.")
def loaded_die(mean_of_x: Any, mean_of_p: Any) -> Verdict:
    """E[x] = 4.5 and E[P(x)] = 0.3 for a die with P(6) = 1/2 and 1/10 for each other face."""
    if mean_of_x is ... or mean_of_p is ...:
        return DOTS
    if _near(mean_of_x, 0.3, 0.005) and _near(mean_of_p, 4.5, 0.005):
        return wrong("the two numbers are each other's: E[x] averages faces, so it lies between 1 and 6.")
    slips = {
        3.5: "3.5 is the fair die's. Here the 6 counts with weight 1/2 and each other face with 1/10.",
        1.5: "1.5 is what the faces 1 to 5 give; the 6 is still missing.",
        6.0: "6 is the most likely face, not the average.",
    }
    if not _near(mean_of_x, 4.5, 0.005):
        near = [text for slip, text in slips.items() if _near(mean_of_x, slip, 0.005)]
        return wrong(f"E[x] is not {mean_of_x}. " + (near[0] if near else "Add face times probability over six faces."))
    slips = {
        1
        / 6: "1/6 is the fair die's; and the average of 1/10 five times and 1/2 once, each counted equally. Who draws?",
        0.5: "1/2 is P(6), the largest of the six; you want their average, weighted by how often each face comes up.",
        1.0: "1 is the sum of the P(x). Here each is multiplied by how often it comes up: by P(x) once more.",
        4.5: "4.5 is E[x] again. Now what is averaged is P(x), a number below 1.",
    }
    if not _near(mean_of_p, 0.3, 0.002):
        near = [text for slip, text in slips.items() if _near(mean_of_p, slip, 0.005)]
        return wrong(f"E[x] is right, but E[P(x)] is not {mean_of_p}. " + (near[0] if near else "Add P(x) times P(x)."))
    return right("4.5 and 0.3. Who draws and what is averaged are two questions; here P answers both of them.")


# the setting of 5.2: the networks of the chapter
STEPS, BATCH = 800, 256
_CROSSINGS = (0.7221384565537703, 5.1602144846227)


@exercise("5.2", "The blind spot", "log p(x) = log q(x) is a quadratic; you want its larger root. Then count.")
def blind_spot(beyond: Any, expected: Any) -> Verdict:
    """Where N(0, 1) is above N(1.5, 0.49) again, and how many of 204,800 samples of it lie beyond."""
    if beyond is ... or expected is ...:
        return DOTS
    x, n = float(beyond), float(expected)
    if _near(x, _CROSSINGS[0], 0.03):
        return wrong("0.72 is where q begins to be the higher one. The equation has a second root, further right.")
    if not _near(x, _CROSSINGS[1], 0.03):
        p, q = (d.density(torch.tensor([x], dtype=torch.float64)).item() for d in _PAIR)
        higher = "q is still the higher" if q > p else "p is already the higher"
        return wrong(
            f"at x = {x:g} the densities are p = {p:.2e} and q = {q:.2e}: {higher} one. Keep the factor 1/0.7 of q."
        )
    tail = 0.5 * math.erfc(_CROSSINGS[1] / math.sqrt(2))
    target = STEPS * BATCH * tail
    for factor, reason in (
        (1 / STEPS, "that is for one batch; there were 800 of them."),
        (1 / BATCH, "that is one sample a step; every step draws 256."),
        (2.0, "that counts both sides of 0, or generated samples too; asked are the real ones on the right."),
        (1 / (STEPS * BATCH), "that is the probability of one sample; how many were drawn?"),
    ):
        if _near(n, target * factor, 0.1 * target * factor):
            return wrong(f"the point is right, but {n:.3g} samples is not: {reason}")
    if not _near(n, target, 0.1 * target):
        size = "too many" if n > target else "too few"
        return wrong(f"the point is right, but {n:.3g} samples are {size}: multiply 800 * 256 by P(X > {x:.2f}).")
    return right("beyond 5.16, 0.025 samples expected: what the network says there it was never told.")


_PAIR = (data.Gaussian(0, 1), data.Gaussian(1.5, 0.7))


@exercise(
    "5.3", "Unequal shares", "Of all samples that land near x, what share is real if c generated ones come with each?"
)
def unequal_shares(best_answer: Callable[[Tensor, Tensor, float], Tensor]) -> Verdict:
    """The best answer p / (p + c q) when c generated samples are shown for every real one."""
    rng = torch.Generator().manual_seed(0)
    p, q = torch.rand(64, generator=rng).double() + 0.01, torch.rand(64, generator=rng).double() + 0.01
    fixed = best_answer(p, q, 1.0)
    if fixed is None or fixed is ...:
        return wrong("the function returns nothing yet: return a tensor of probabilities, one for each point.")
    answers = {c: torch.as_tensor(best_answer(p, q, c), dtype=torch.float64) for c in (1.0, 2.0, 0.25)}
    for d in answers.values():
        if d.shape != p.shape:
            return wrong(
                f"for densities of shape {tuple(p.shape)} it returns shape {tuple(d.shape)}: one answer a point."
            )
    rivals: tuple[tuple[Callable[[float], Tensor], str], ...] = (
        (lambda c: p / (p + q), "it ignores c. With c = 2 there are twice as many fakes around; D should trust less."),
        (lambda c: c * p / (c * p + q), "c stands on the wrong side: with more fakes your D becomes *more* trusting."),
        (lambda c: c * q / (p + c * q), "that is the share of the generated samples; D is the probability of real."),
        (lambda c: q / (p + q), "that is the share of the generated samples, and it ignores c."),
        (
            lambda c: p / (p + q) / c,
            "dividing the old answer by c is right only where D is small: near q = 0 D must be 1.",
        ),
        (
            lambda c: p / (c * (p + q)),
            "dividing the old answer by c is right only where D is small: near q = 0 D must be 1.",
        ),
        (lambda c: p / (p + q) ** c, "c counts samples: it multiplies a density, it is no exponent."),
    )
    if all(torch.allclose(d, p / (p + c * q), atol=1e-6) for c, d in answers.items()):
        return right("p / (p + c q). On logits the whole difference is a shift by -log c.")
    for rival, reason in rivals:
        if all(torch.allclose(d, rival(c), atol=1e-6) for c, d in answers.items()):
            return wrong(reason)
    for c, d in answers.items():
        outside = d[(d < 0) | (d > 1)]
        if len(outside):
            return wrong(
                f"for c = {c:g} some answers leave [0, 1], such as {float(outside[0]):.2f}: D is a probability."
            )
    a, b = float(p[0]), float(q[0])
    return wrong(
        f"for p = {a:.3f}, q = {b:.3f}, c = 2 your answer is {float(answers[2.0][0]):.3f}. There it earns less than it"
        " could: maximise p log y + c q log(1 - y)."
    )


def _apart(m: float) -> float:
    x = torch.linspace(-10, 10 + abs(m), 8_001, dtype=torch.float64)
    p, q = data.Gaussian(0, 1).density(x), data.Gaussian(m, 1).density(x)
    return 2 * metrics.jensen_shannon(p, q, float(x[1] - x[0])) - LOG4


@exercise("5.4", "Half-way", "Show D* to see the table; the arrow keys move the selected handle by 0.05.")
def half_way(distance: Any) -> Verdict:
    """The distance of two unit normals at which V(G, D*) = -log(4) / 2."""
    if distance is ...:
        return DOTS
    m = abs(float(distance))
    if m > 60:
        return wrong(f"{m:g} is off the picture: give the distance of the two means on the x axis.")
    v = _apart(m)
    if _near(v, -LOG4 / 2, 0.02):
        return right(f"at {m:.2f} JSD is half of its maximum. The second half takes forever: C never quite reaches 0.")
    if _near(2 * m, 2.04, 0.03):
        return wrong(f"{m:g} is half of the distance: did you move both curves? Give the distance between the means.")
    side = "closer together" if v > -LOG4 / 2 else "further apart"
    return wrong(f"at a distance of {m:g}, V(G, D*) = {v:.3f}, not -0.693: the means must be {side}.")


@exercise("5.5", "Fool the network", "What would D* have to look like for a smooth curve not to be enough?")
def fool_the_network(p: Any, q: Any) -> Verdict:
    """JSD(p, q) >= 0.1, and MLP(1, 1) after 800 steps is within 0.02 nats of the coin, from three seeds."""
    if p is ... or q is ...:
        return DOTS
    for name, d in (("p", p), ("q", q)):
        if not isinstance(d, Distribution1D):
            return wrong(
                f"{name} is {d!r}: give a distribution on the line from gan_lab.data, such as data.uniform(-4, 4)."
            )
    low = min(p.support[0], q.support[0]) - 0.5
    high = max(p.support[1], q.support[1]) + 0.5
    x = torch.linspace(low, high, 40_001, dtype=torch.float64)
    dx = float(x[1] - x[0])
    P, Q = p.density(x), q.density(x)
    jsd = metrics.jensen_shannon(P, Q, dx)
    if jsd < 0.1:
        return wrong(f"JSD(p, q) is {jsd:.3f} nats, below 0.1: they must differ. A best D earns {2 * jsd - LOG4:.3f}.")
    gains = []
    for seed in range(3):
        fit = best_response(MLP(1, 1), p, q, steps=STEPS, batch=BATCH, seed=seed)
        d = fit.probability(x.float()).double().clamp(1e-7, 1 - 1e-7)
        gains.append(metrics.value_function(P, Q, d, dx) + LOG4)
    if max(gains) > 0.02:
        return wrong(
            f"JSD is {jsd:.3f}, good; but the network is not fooled: from its best seed it earns {max(gains):.3f} nats"
            " more than a coin (at most 0.02 is allowed). Make D* harder to draw, not just the curves more alike."
        )
    return right(
        f"JSD is {jsd:.3f} nats, of which the network finds {max(gains):.3f}. For this discriminator p and q are equal,"
        " and a generator that plays against it will stop here."
    )
