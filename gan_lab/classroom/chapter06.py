"""Checks of the exercises of chapter 6, "The training loop"."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lab.classroom.core import Verdict, checks, right, wrong
from gan_lab.nets import MLP

Step = Callable[[nn.Module, nn.Module, torch.optim.Optimizer, Tensor, Tensor], None]


def _stage(sure: float = 1.0) -> tuple[nn.Module, nn.Module, torch.optim.Optimizer, Tensor, Tensor]:
    """Two networks with gradients left over from earlier steps, D's optimiser, a batch of data and one of noise.

    ``sure`` multiplies D's scores.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        G, D = MLP(1, 1, (5,)).double(), MLP(1, 1, (5,)).double()
        real, z = torch.randn(32, 1).double() + 2, torch.randn(32, 1).double()
        for parameter in (*G.parameters(), *D.parameters()):
            parameter.grad = torch.randn_like(parameter)
        for parameter in [*D.parameters()][-2:]:
            parameter.data.mul_(sure)
    # plain gradient descent: what a step did can then be read off the weights
    return G, D, torch.optim.SGD(D.parameters(), lr=0.1), real, z


def _played(step: Step, sure: float = 1.0) -> Tensor:
    G, D, optimiser, real, z = _stage(sure)
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


@checks("6.3")
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
        if not torch.allclose(_played(step, 1e4), _played(_made_of(_right_loss), 1e4)):
            return wrong(
                "D moves as it should while it is in doubt, but not where it is sure: at a score of -1,000 the sigmoid "
                "rounds to 0 and its logarithm to minus infinity. Write log D as -softplus(-s) and log(1 - D) as "
                "-softplus(s)."
            )
        return right("D moved exactly as it should, and nothing of G was touched.")
    if torch.allclose(after, _played(_made_of(lambda r, f: _right_loss(r, f) / 2)), atol=1e-10):
        return right("D moved as it should, with half the loss (a mean of the two terms): half the step under SGD.")
    for rival, reason in _RIVALS:
        if torch.allclose(after, _played(rival), atol=1e-10):
            return wrong(f"D moved, but not as it should: {reason}")
    return wrong("D moved, but not down softplus(-D(real)).mean() + softplus(D(fake)).mean(): compare term by term.")


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


@checks("6.5")
def stopping_rule(stop: Callable[[list[float]], bool]) -> Verdict:
    """A rule on the list of scores so far, played against runs that settle, fall, stumble, diverge, and break."""
    settles = [_noisy(lambda t: 1 + 4 * math.exp(-t / 5), s) for s in range(10)]
    falls = [_noisy(lambda t: 5 * math.exp(-t / 60), s) for s in range(10, 15)]
    stumbles = [_noisy(lambda t: 5 * math.exp(-t / 40) * (1.15 if 40 <= t < 43 else 1), s) for s in range(15, 20)]
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
            where = "in its bad patch of three looks" if 40 < n <= 56 else "although it was still falling"
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
