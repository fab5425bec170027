"""Checks of the exercises of chapter 6, "The training loop"."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lab.classroom.core import Verdict, exercise, right, wrong
from gan_lab.nets import MLP

DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")
ITERATIONS, K, M = 3_000, 5, 64


@exercise("6.1", "The bill", "D draws data and noise in each of its steps; G draws noise, and no data.")
def bill(d_steps: Any, real_samples: Any, noise_vectors: Any) -> Verdict:
    """D's steps, real samples and noise vectors of Algorithm 1 with k = 5, m = 64 and 3,000 iterations."""
    if ... in (d_steps, real_samples, noise_vectors):
        return DOTS
    slips = {
        ITERATIONS: "k counts D's steps for each step of G: there are five in every iteration.",
        ITERATIONS // K: "that is one D step every five iterations. k is D's inner loop, not G's.",
        ITERATIONS * (K + 1): "that counts G's steps too.",
    }
    if d_steps != ITERATIONS * K:
        return wrong(f"D does not make {d_steps:,} steps: " + slips.get(d_steps, "multiply iterations by k."))
    right_real = ITERATIONS * K * M
    slips = {
        ITERATIONS * M: "each of D's five steps draws a batch of its own.",
        ITERATIONS * (K + 1) * M: "G's step draws no real samples: its loss looks only at D(G(z)).",
        ITERATIONS * K: "each step draws 64 of them.",
        2 * right_real: "generated samples are not drawn from the data.",
    }
    if real_samples != right_real:
        reason = slips.get(real_samples, "64 for each of D's steps, none for G's.")
        return wrong(f"D's steps are right, but {real_samples:,} real samples is not: {reason}")
    slips = {
        right_real: "G draws fresh noise for its own step as well.",
        ITERATIONS * M: "that is G's share; D needs noise too, to have something generated to look at.",
        ITERATIONS * (K + 1): "each step draws 64 of them.",
        ITERATIONS * 2 * M: "D draws noise in each of its five steps, not once an iteration.",
    }
    if noise_vectors != ITERATIONS * (K + 1) * M:
        reason = slips.get(noise_vectors, "64 for each of D's steps and 64 for each of G's.")
        return wrong(f"the first two are right, but {noise_vectors:,} noise vectors is not: {reason}")
    return right("15,000 steps, 960,000 real samples, 1,152,000 noise vectors. G never saw one of the real ones.")


@exercise("6.2", "Who pulls?", "D = sigmoid(s) has the derivative D(1 - D); the chain rule does the rest.")
def who_pulls(minimax_slope: Any, non_saturating_slope: Any) -> Verdict:
    """Derivatives of log(1 - D) and -log D with respect to the logit, at D = 0.05."""
    if minimax_slope is ... or non_saturating_slope is ...:
        return DOTS
    d = 0.05
    a, b = float(minimax_slope), float(non_saturating_slope)

    def is_(value: float, target: float) -> bool:
        return abs(value - target) <= 0.002 * max(1.0, abs(target))

    if is_(a, -d) and is_(b, d - 1):
        return right("-0.05 and -0.95: both towards 'more real', the second nineteen times as hard.")
    if is_(a, d - 1) and is_(b, -d):
        return wrong("the two are each other's: where D is sure of a fake, log(1 - D) is the flat one.")
    if is_(a, -1 / (1 - d)) or is_(b, -1 / d):
        return wrong("that is a derivative with respect to D. Multiply by dD/ds = D(1 - D) to get to the logit.")
    if is_(a, d) or is_(b, 1 - d):
        return wrong("the size is right, the sign is not: does the loss rise or fall when the logit rises?")
    if is_(a, -d):
        return wrong(f"the first is right; -log D does not have the slope {b:g}. It is -(1/D) times D(1 - D).")
    if is_(b, d - 1):
        return wrong(f"the second is right; log(1 - D) does not have the slope {a:g}. It is -1/(1 - D) times D(1 - D).")
    return wrong(f"neither {a:g} nor {b:g}: write each loss as a function of D, differentiate, multiply by D(1 - D).")


Step = Callable[[nn.Module, nn.Module, torch.optim.Optimizer, Tensor, Tensor], None]


def _stage() -> tuple[nn.Module, nn.Module, torch.optim.Optimizer, Tensor, Tensor]:
    """Two networks with gradients left over from earlier steps, D's optimiser, a batch of data and one of noise."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        G, D = MLP(1, 1, (5,)).double(), MLP(1, 1, (5,)).double()
        real, z = torch.randn(32, 1).double() + 2, torch.randn(32, 1).double()
        for parameter in (*G.parameters(), *D.parameters()):
            parameter.grad = torch.randn_like(parameter)
    # plain gradient descent: what a step did can then be read off the weights
    return G, D, torch.optim.SGD(D.parameters(), lr=0.1), real, z


def _played(step: Step) -> Tensor:
    G, D, optimiser, real, z = _stage()
    step(G, D, optimiser, real, z)
    return torch.cat([p.detach().flatten() for p in D.parameters()])


def _made_of(loss: Callable[[Tensor, Tensor], Tensor], clear: bool = True) -> Step:
    def step(G: nn.Module, D: nn.Module, optimiser: torch.optim.Optimizer, real: Tensor, z: Tensor) -> None:
        value = loss(D(real), D(G(z).detach()))
        if clear:
            optimiser.zero_grad()
        value.backward()
        optimiser.step()

    return step


def _right_loss(real: Tensor, fake: Tensor) -> Tensor:
    return softplus(-real).mean() + softplus(fake).mean()


_RIVALS: tuple[tuple[Step, str], ...] = (
    (_made_of(_right_loss, clear=False), "it adds the gradients that earlier steps left behind: clear them first."),
    (_made_of(lambda r, f: -_right_loss(r, f)), "D goes uphill on its loss: a sign is wrong. softplus(-s) is -log D."),
    (_made_of(lambda r, f: softplus(r).mean() + softplus(-f).mean()), "the labels are swapped."),
    (_made_of(lambda r, f: softplus(-r).mean()), "only the real samples count in it."),
    (_made_of(lambda r, f: softplus(f).mean()), "only the generated samples count in it."),
    (_made_of(lambda r, f: softplus(-f).mean()), "that is the loss of the generator."),
    (_made_of(lambda r, f: _right_loss(r.sigmoid(), f.sigmoid())), "a sigmoid too many: it takes logits."),
    (_made_of(lambda r, f: 32 * _right_loss(r, f)), "it sums over the batch: take means."),
)  # fmt: skip


@exercise("6.3", "One D step", "Generate and cut the chain; the two cross-entropies; clear, backward, step.")
def one_d_step(step: Step) -> Verdict:
    """One step of the discriminator that leaves the generator, its gradients included, alone."""
    G, D, optimiser, real, z = _stage()
    before = copy.deepcopy((G, D))
    left_over = [p.grad.clone() for p in G.parameters() if p.grad is not None]
    step(G, D, optimiser, real, z)
    moved = any(not torch.equal(a, b) for a, b in zip(D.parameters(), before[1].parameters(), strict=True))
    if any(not torch.equal(a, b) for a, b in zip(G.parameters(), before[0].parameters(), strict=True)):
        return wrong("G's weights have changed: in D's step only D's optimiser steps.")
    now = [p.grad for p in G.parameters()]
    if any(g is None or not torch.equal(g, old) for g, old in zip(now, left_over, strict=True)):
        return wrong("G's gradients have changed. Cut the chain behind G: torch.no_grad() around it, or .detach().")
    if any(not p.requires_grad for p in (*G.parameters(), *D.parameters())):
        return wrong("some weights stay frozen afterwards: switch requires_grad back on, or use detach() instead.")
    if not moved:
        return wrong("D's weights have not moved: is there a backward() and a step() of its optimiser?")
    after = torch.cat([p.detach().flatten() for p in D.parameters()])
    if torch.allclose(after, _played(_made_of(_right_loss)), atol=1e-10):
        return right("D moved exactly as it should, and nothing of G was touched.")
    if torch.allclose(after, _played(_made_of(lambda r, f: _right_loss(r, f) / 2)), atol=1e-10):
        return right("D moved as it should, with half the loss (a mean of the two terms): half the step under SGD.")
    for rival, reason in _RIVALS:
        if torch.allclose(after, _played(rival), atol=1e-10):
            return wrong(f"D moved, but not as it should: {reason}")
    return wrong("D moved, but not down softplus(-D(real)).mean() + softplus(D(fake)).mean(): compare term by term.")


# what the page's engine shows at step 500 of Figure 1, seed 0; held to gan_lab's own runs by tests/test_chapter06_*
PAGE_K1, PAGE_K5 = -1.294, -1.282


@exercise("6.4", "Does k = 5 help here?", "Look at the two learning rates before you explain the result.")
def does_k_help(with_k1: Any, with_k5: Any) -> Verdict:
    """2 JSD - log 4 at step 500 of the page's Figure 1 with k = 1 and k = 5."""
    if with_k1 is ... or with_k5 is ...:
        return DOTS
    a, b = float(with_k1), float(with_k5)
    if a > 0 or b > 0:
        return wrong("2 JSD - log 4 lies between -1.386 and 0: has the minus sign been lost?")
    for name, value in (("k = 1", a), ("k = 5", b)):
        if value < -math.log(4) - 5e-4:
            return wrong(f"{value:g} for {name} is below -log 4 = -1.386: 2 JSD - log 4 can't be. That may be V(G, D).")
    if abs(a - PAGE_K1) <= 0.004 and abs(b - PAGE_K5) <= 0.004:
        return right("-1.294 and -1.282: five times the work for D, nothing gained. D's learning rate did it already.")
    if abs(a - PAGE_K5) <= 0.004 and abs(b - PAGE_K1) <= 0.004:
        return wrong("the two are each other's: which run was the one with k = 5?")
    for name, value, expected in (("k = 1", a, PAGE_K1), ("k = 5", b, PAGE_K5)):
        if abs(value - expected) > 0.004:
            when = "earlier" if value > expected else "later"
            return wrong(
                f"{value:g} is not what {name} shows at step 500 from seed 0; it looks like a step {when}, or"
                " another setting. Reset, check k and the seed, and stop at 500."
            )
    raise AssertionError("unreachable")


def _noisy(curve: Callable[[int], float], seed: int) -> list[float]:
    g = torch.Generator().manual_seed(seed)
    factors = 1 + 0.02 * torch.randn(100, generator=g)
    return [curve(t) * float(f) for t, f in enumerate(factors)]


def _stopped(stop: Callable[[list[float]], bool], scores: list[float]) -> int:
    """How many looks the rule let pass; 101 if it never stopped."""
    for n in range(1, len(scores) + 1):
        if stop(scores[:n]):
            return n
    return len(scores) + 1


@exercise("6.5", "A stopping rule", "How long ago was the best score? Ask for an improvement worth the name.")
def stopping_rule(stop: Callable[[list[float]], bool]) -> Verdict:
    """A rule on the list of scores so far, played against runs that settle, fall, stumble, diverge, and break."""
    settles = [_noisy(lambda t: 1 + 4 * math.exp(-t / 5), s) for s in range(10)]
    falls = [_noisy(lambda t: 5 * math.exp(-t / 60), s) for s in range(10, 15)]
    stumbles = [_noisy(lambda t: 5 * math.exp(-t / 40) * (1.15 if 40 <= t < 44 else 1), s) for s in range(15, 20)]
    diverges = [
        _noisy(lambda t: 1 + 4 * math.exp(-t / 6) if t < 30 else 1.03 + 0.1 * (t - 30), s) for s in range(20, 29)
    ]
    broken = [_noisy(lambda t: 5 * math.exp(-t / 60), 29)[:30] + [math.nan] * 70]
    answer = stop([5.0])
    if answer is None or answer is ...:
        return wrong("the function returns nothing: return True to stop, False to go on.")
    if stop([5.0]):
        return wrong("it stops after the first look, before anything could improve.")
    for scores in falls:
        if (n := _stopped(stop, scores)) <= 100:
            return wrong(
                f"it stopped a falling run after {n} looks: from {scores[0]:.2f} to {scores[n - 1]:.2f},"
                f" and the run would have reached {scores[-1]:.2f}. Noise hides progress from one look to the next."
            )
    for scores in stumbles:
        if (n := _stopped(stop, scores)) <= 100:
            where = "in its bad patch of four looks" if 40 < n <= 56 else "although it was still falling"
            return wrong(f"it stopped a run {where}, after {n} looks; left alone the run came to {scores[-1]:.2f}.")
    if (n := _stopped(stop, broken[0])) > 35:
        return wrong("the run that became NaN at look 31 went on. NaN compares False with everything: test for it.")
    for scores in diverges:
        if (n := _stopped(stop, scores)) > 50:
            return wrong(
                "a run that was at its best after 30 looks and then got worse and worse was not stopped by look 50."
            )
    for scores in settles:
        if (n := _stopped(stop, scores)) > 65:
            return wrong("a run that had settled at look 25 still went on at look 65: forty looks for nothing.")
        if n < 12:
            return wrong(
                f"it stopped after {n} looks a run that was still improving: {scores[n - 2]:.2f}, {scores[n - 1]:.2f}."
            )
    looks = sum(_stopped(stop, s) for s in settles) / len(settles)
    return right(f"thirty runs, none stopped too early; the settled ones ended after {looks:.0f} looks on average.")
