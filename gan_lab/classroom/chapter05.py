"""Checks of the exercises of chapter 5, "The value function"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import metrics
from gan_lab.classroom.core import Verdict, checks, right, wrong
from gan_lab.data import Distribution1D
from gan_lab.nets import MLP
from gan_lab.train import best_response

LOG4 = math.log(4)


# how the networks of the chapter are trained
STEPS, BATCH = 800, 256


@checks("5.3")
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


@checks("5.5")
def fool_the_network(p: Any, q: Any) -> Verdict:
    """JSD(p, q) >= 0.1, and MLP(1, 1) after 800 steps is within 0.02 nats of the coin, from three seeds."""
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
    if not jsd >= 0.1:
        return wrong(f"JSD(p, q) is {jsd:.3f} nats, below 0.1: they must differ. A best D earns {2 * jsd - LOG4:.3f}.")
    gains = []
    for seed in range(3):
        fit = best_response(MLP(1, 1), p, q, steps=STEPS, batch=BATCH, seed=seed)
        d = fit.probability(x.float()).double().clamp(1e-7, 1 - 1e-7)
        gains.append(metrics.value_function(P, Q, d, dx) + LOG4)
    if not max(gains) <= 0.02:
        return wrong(
            f"JSD is {jsd:.3f}, good; but the network is not fooled: from its best seed it earns {max(gains):.3f} nats"
            " more than a coin (at most 0.02 is allowed). Make D* harder to draw, not just the curves more alike."
        )
    return right(
        f"JSD is {jsd:.3f} nats, of which the network finds {max(gains):.3f}. For this discriminator p and q are equal,"
        " and a generator that plays against it will stop here."
    )
