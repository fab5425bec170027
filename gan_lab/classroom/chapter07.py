"""Checks of chapter 7, Losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data
from gan_lab.classroom.core import Verdict, checks, right, unanswered, wrong
from gan_lab.losses import Loss, Minimax
from gan_lab.penalties import WGANGP, Asked, input_gradient


def _near(x: float, y: float, tolerance: float = 2e-3) -> bool:
    return abs(x - y) <= tolerance * max(1.0, abs(y))


# -- 7.4 ------------------------------------------------------------------------------------------------------


def _slope(loss: Loss, score: float, n: int = 1) -> tuple[float, float]:
    s = torch.full((n,), score, dtype=torch.float64, requires_grad=True)
    value = loss.generator(s, torch.zeros_like(s))
    (gradient,) = torch.autograd.grad(value, s)
    return value.item(), float(gradient[0])


def _shift_slope(loss: Loss, t: float, width: float) -> float:
    """The mean gradient of the generator's loss for q = N(t, width^2) against p = N(0, 1) at the best discriminator.

    KL(p || q) has the slope t / width^2 in t, KL(q || p) the slope t: of equal width they could not be told apart.
    """
    p, q = data.gaussian(0, 1), data.gaussian(t, width)
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    x = q.quantile(u).requires_grad_(True)
    (gradient,) = torch.autograd.grad(loss.generator(p.log_prob(x) - q.log_prob(x)), x)
    return float(gradient.sum())


@checks("7.4")
def maximum_likelihood(loss: Any) -> Verdict:
    made = loss() if isinstance(loss, type) and issubclass(loss, Loss) else loss
    if not isinstance(made, Loss):
        return wrong("hand in a class that inherits from Minimax, or an object of it.")
    r, f = torch.tensor([0.3, -1.0]), torch.tensor([0.1, 2.0])
    if not torch.allclose(made.discriminator(r, f), Minimax().discriminator(r, f)):
        return wrong("the discriminator's loss must stay that of minimax: only then is its best score log p/q.")
    value = made.generator(f, r)
    if not isinstance(value, Tensor) or value.ndim != 0:
        return wrong("the generator's loss must be one number, the mean over the batch.")
    if not value.requires_grad and not made.generator(f.clone().requires_grad_(True), r).requires_grad:
        return wrong("no gradient comes back from your loss: stay with torch operations, without .item() or .detach().")
    one, slope = _slope(made, 0.5)
    four, _ = _slope(made, 0.5, n=4)
    if not _near(four, one):
        return wrong(f"four equal samples cost {four:.3g}, one costs {one:.3g}: take the mean, not the sum.")
    if slope > 0:
        return wrong("your generator is pushed towards *lower* scores. Mind the sign: it minimises what you return.")
    if _near(slope, _slope(Minimax(), 0.5)[1]):
        return wrong("that is still the minimax loss: what must the slope be so that each sample weighs p/q?")
    _, far = _slope(made, -40.0)
    if not math.isfinite(far) or not math.isfinite(_slope(made, 40.0)[0]):
        return wrong("your loss is not finite at scores of +-40: work with s itself, not with D/(1 - D).")
    measured = _shift_slope(made, 1.0, 1.25)
    if _near(measured, 1.0, 5e-3):
        return wrong("that is the slope of KL(q || p), the other way round: each fake weighs 1, not p/q.")
    if not _near(measured, 0.64, 5e-3):
        return wrong(
            f"for q = N(1, 1.25^2) against p = N(0, 1) KL(p || q) has the slope 0.64 in q's mean, your mean gradient "
            f"there is {measured:.3f}."
        )
    return right(
        "at the best D its step is that of KL(p || q), maximum likelihood. And where D is sure of a fake, at s = -40, "
        f"its slope is {far:.0e}: as deaf as minimax."
    )


# -- 7.5 ------------------------------------------------------------------------------------------------------


def _linear(w: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: x.flatten(1) @ w


@checks("7.5")
def repair_penalty(penalty: Any) -> Verdict:
    if not callable(penalty):
        return wrong("hand in the function itself: classroom.check('7.5', penalty).")
    g = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=g, dtype=torch.float64)  # noqa: E731
    w = torch.tensor([1.8, -2.4], dtype=torch.float64, requires_grad=True)  # |w| = 3
    real, fake, u = draw(8, 2), draw(8, 2), torch.rand(8, generator=g, dtype=torch.float64)
    one = penalty(_linear(w), real[:1], fake[:1], u[:1])
    eight = penalty(_linear(w), real, fake, u)
    if not isinstance(one, Tensor) or one.ndim or not isinstance(eight, Tensor) or eight.ndim:
        return wrong("return one number, a tensor without dimensions: the mean over the batch.")
    if _near(one.item(), 4.0) and _near(eight.item(), (3 * 8**0.5 - 1) ** 2) and not eight.requires_grad:
        return unanswered("this is the penalty as it was given, with both of its faults.")
    if not _near(one.item(), 4.0):
        return wrong(f"one sample and a critic of slope 3 must give (3 - 1)^2 = 4, you give {one.item():.4g}.")
    if not _near(eight.item(), 4.0):
        return wrong(
            f"eight samples give {eight.item():.4g} where one gave 4: you take a norm over the whole batch, or a sum "
            "instead of a mean. Each sample has a norm of its own: .norm(dim=1)."
        )
    if not eight.requires_grad or torch.autograd.grad(eight, w, allow_unused=True)[0] is None:
        return wrong(
            "the value is right, but no gradient reaches the critic's weights: training would ignore the penalty "
            "without a word. See create_graph."
        )
    curved = lambda x: 0.5 * (x.square().sum(1) + w.sum() * x[:, 0])  # noqa: E731
    penalised = WGANGP(1.0)
    expected = penalised.of_slope(input_gradient(curved, penalised.points(real, fake, Asked(u))))
    given = penalty(curved, real, fake, u)
    if not _near(given.item(), expected.item()):
        return wrong(
            f"on a curved critic you give {given.item():.4g}, it should be {expected.item():.4g}: are the points "
            "u x + (1 - u) G(z), one u a sample?"
        )
    wanted, got = torch.autograd.grad(expected, w)[0], torch.autograd.grad(given, w)[0]
    if not torch.allclose(wanted, got):
        return wrong("the value is right, the gradient with respect to the weights is not: is something detached?")
    return right(
        "one norm a sample, and a graph through the gradient. Both bugs ran without an error; only numbers told."
    )


# -- 7.6 ------------------------------------------------------------------------------------------------------

CLAIMS = ("a is better", "b is better", "no difference")


def _scores(values: Any) -> Tensor | None:
    try:
        scores = torch.as_tensor(values, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return None
    return scores if scores.ndim == 1 and len(scores) and bool(torch.isfinite(scores).all()) else None


@checks("7.6")
def does_it_matter(a: Any, b: Any, claim: Any) -> Verdict:
    first, second = _scores(a), _scores(b)
    if first is None or second is None:
        return wrong("give two lists of finite scores, one number a seed, lower is better.")
    if claim not in CLAIMS:
        return wrong(f"say what you claim: one of {', '.join(map(repr, CLAIMS))}.")
    few = min(len(first), len(second))
    if few < 5:
        return wrong(
            f"{few} {'seed' if few == 1 else 'seeds'} on one side: one GAN run proves nothing, give at least five."
        )
    if len(first) == len(second) and bool((first == second).all()):
        return wrong("both lists hold the same numbers: is it one run twice, or two losses that have become one?")
    if len(first.unique()) == 1 or len(second.unique()) == 1:
        return wrong("one list holds the same score again and again: are its seeds really different?")
    error = math.sqrt(float(first.var() / len(first) + second.var() / len(second)))
    gap = float(first.mean() - second.mean())
    ratio = gap / error
    said = f"the means are {first.mean():.3g} and {second.mean():.3g}, {abs(ratio):.1f} standard errors apart"
    better = "a is better" if gap < 0 else "b is better"
    if claim == "no difference":
        if abs(ratio) > 2.5:
            return wrong(f"{said}: that is a difference.")
        if 2 * error > 0.5 * float(torch.cat([first, second]).mean().abs()):
            return wrong(
                f"{said}, but two standard errors are {2 * error:.2g}, more than half of the score itself: you have "
                "not shown that they are alike, only that you cannot tell. Train more seeds."
            )
        return right(f"{said}, and the error is small enough to say so: at this budget the choice does not show.")
    if abs(ratio) < 2.5:
        return wrong(f"{said}: chance does that easily. Claim no difference, or train more seeds.")
    if claim != better:
        return wrong(f"{said}: lower is better, so it is the other one.")
    return right(f"{said}. It holds for this target, these networks and this budget; say all three when you report it.")
