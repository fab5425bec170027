"""Checks of chapter 7, Losses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from gan_lab import data
from gan_lab.classroom.core import Verdict, exercise, right, wrong
from gan_lab.losses import LOSSES, Loss, Minimax
from gan_lab.penalties import WGANGP, Asked, input_gradient

LOG2 = math.log(2)


def _number(value: Any) -> float | None:
    """``value`` as a finite float, or None."""
    if isinstance(value, bool | str) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
    return number if math.isfinite(number) else None


def _near(x: float, y: float, tolerance: float = 2e-3) -> bool:
    return abs(x - y) <= tolerance * max(1.0, abs(y))


# -- 7.1 ------------------------------------------------------------------------------------------------------


@exercise(
    "7.1",
    "Two slopes where D is sure",
    "Write both losses as functions of the score s with D = 1/(1 + exp(-s)), and use dD/ds = D (1 - D).",
)
def two_slopes(minimax: Any, non_saturating: Any) -> Verdict:
    a, b = _number(minimax), _number(non_saturating)
    if a is None or b is None:
        return wrong("give two numbers: d/ds log(1 - D) first, then d/ds (-log D), both at D = 0.01.")
    if _near(a, -0.01, 1e-3) and _near(b, -0.99, 1e-3):
        return right("-D and -(1 - D). They add up to -1 everywhere: what one loss loses, the other gains.")
    if _near(a, -0.99) and _near(b, -0.01):
        return wrong("you have them the wrong way round: it is log(1 - D) that is flat where D is near 0.")
    if _near(a, 0.01) or _near(b, 0.99):
        return wrong("mind the sign: both losses fall when the score rises, so both slopes are below 0.")
    if _near(a, -1 / 0.99) or _near(b, -100):
        return wrong("that is the derivative with respect to D. The network puts out s: multiply by dD/ds = D (1 - D).")
    if _near(a, -0.01, 1e-3):
        return wrong(
            f"the first slope is right. The second, {b:.4g}, is not: -log D = log(1 + exp(-s)), differentiate."
        )
    if _near(b, -0.99, 1e-3):
        return wrong(f"the second slope is right. The first, {a:.4g}, is not: log(1 - D) = -log(1 + exp(s)).")
    return wrong(
        f"neither {a:.4g} nor {b:.4g}. Start from log(1 - D) = -log(1 + exp(s)) and -log D = log(1 + exp(-s))."
    )


# -- 7.2 ------------------------------------------------------------------------------------------------------


@exercise(
    "7.2",
    "Two steps that slide apart",
    "Where both densities are 1 the middle one is 1 too; where only one is, the middle is 1/2. How wide is each part?",
)
def sliding_uniforms(near: Any, far: Any) -> Verdict:
    pairs = []
    for name, pair in (("t = 0.5", near), ("t = 3", far)):
        numbers = [_number(v) for v in pair] if isinstance(pair, Sequence) and not isinstance(pair, str) else []
        if len(numbers) != 2 or None in numbers:
            return wrong(f"for {name} give a pair of numbers, (W1, JSD in nats).")
        pairs.append(numbers)
    for name, (w, jsd), t in (("t = 0.5", pairs[0], 0.5), ("t = 3", pairs[1], 3.0)):
        overlap = max(0.0, 1 - t)
        exact = (1 - overlap) * LOG2
        if w is None or jsd is None:
            return wrong(f"for {name} give a pair of numbers, (W1, JSD in nats).")
        if not _near(w, t):
            if _near(w, 1 - overlap):
                return wrong(f"at {name} your W1 is {w:.4g}: that is the total variation, which does not see how far.")
            return wrong(f"at {name} your W1 is {w:.4g}. Every bit of mass has to move, and none needs more than t.")
        if not _near(jsd, exact):
            if _near(jsd, exact / LOG2) and not _near(exact, exact / LOG2):
                return wrong(f"at {name} your JSD is {jsd:.4g}: that is in bits. In nats multiply by log 2.")
            if _near(jsd, 2 * exact):
                return wrong(f"at {name} your JSD is {jsd:.4g}, twice too much: it is the *mean* of the two KL terms.")
            if jsd > LOG2 + 1e-9 or jsd < 0:
                return wrong(
                    f"at {name} your JSD is {jsd:.4g}, but a JSD is never below 0 nor above log 2 = 0.693 nats."
                )
            return wrong(f"at {name} your JSD is {jsd:.4g}. Only the part where the densities do not overlap counts.")
    return right("W1 = t for every t, JSD = min(t, 1) log 2: beyond t = 1 the JSD no longer knows which way is nearer.")


# -- 7.3 ------------------------------------------------------------------------------------------------------


def _loss_names(names: Any) -> set[str] | None:
    if isinstance(names, str):
        names = [names]
    if not isinstance(names, Iterable):
        return None
    listed = [str(n).strip().lower().replace("-", "_").replace(" ", "_") for n in names]
    return set(listed) if listed and all(n in LOSSES for n in listed) else None


@exercise(
    "7.3",
    "Arrows at a detector's best",
    "After each change of the loss press Reset, then Train D to optimality, and look at the arrows, not at D.",
)
def arrows_at_the_best(vanish: Any, grows: Any) -> Verdict:
    vanished, grown = _loss_names(vanish), _loss_names(grows)
    if vanished is None or grown is None:
        return wrong(
            f"name losses: a list for the arrows that vanish, one name for the V that grows; of {', '.join(LOSSES)}."
        )
    if len(grown) != 1:
        return wrong("under one loss only V grows for as long as you train D.")
    if "non_saturating" in vanished:
        return wrong("with the non-saturating loss the arrows are there: that is what it was made for. Look again.")
    if extra := vanished & {"hinge", "relativistic"}:
        return wrong(
            f"the arrows of {' and '.join(sorted(extra))} do not vanish: did you press Reset after the change?"
        )
    if missing := {"minimax", "least_squares", "wasserstein"} - vanished:
        return wrong(
            f"{'one is' if len(missing) == 1 else 'some are'} missing: compare with the arrows of the non-saturating "
            "loss after the same button. A steep cliff between fakes and data is no help to fakes that are not on it."
        )
    if grown != {"wasserstein"}:
        return wrong(f"under {grown.pop()} V does not grow without end. Which critic does nothing hold back?")
    return right(
        "minimax dies of its own slope, least squares of a detector that is flat where the fakes are, and the "
        "unrestrained Wasserstein critic of becoming a cliff, higher and higher, and as flat at the fakes."
    )


# -- 7.4 ------------------------------------------------------------------------------------------------------


def _slope(loss: Loss, score: float, n: int = 1) -> tuple[float, float]:
    s = torch.full((n,), score, dtype=torch.float64, requires_grad=True)
    value = loss.generator(s, torch.zeros_like(s))
    (gradient,) = torch.autograd.grad(value, s)
    return value.item(), float(gradient[0])


def _shift_slope(loss: Loss, t: float) -> float:
    """The mean gradient of the generator's loss for N(t, 1) against N(0, 1) at the best discriminator."""
    p, q = data.gaussian(0, 1), data.gaussian(t, 1)
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    x = q.quantile(u).requires_grad_(True)
    (gradient,) = torch.autograd.grad(loss.generator(p.log_prob(x) - q.log_prob(x)), x)
    return float(gradient.sum())


@exercise(
    "7.4",
    "A generator of maximum likelihood",
    "At the best D, exp(s) = p/q: so the mean of exp(s) ds/dx over q is a mean of ds/dx over p. What is that integral?",
)
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
    measured = _shift_slope(made, 1.0)
    if not _near(measured, 1.0, 5e-3):
        return wrong(
            f"for N(1, 1) against N(0, 1) the slope of KL(p || q) is 1, your mean gradient there is {measured:.3f}."
        )
    return right(
        "at the best D its step is that of KL(p || q), maximum likelihood. And where D is sure of a fake, at s = -40, "
        f"its slope is {far:.0e}: as deaf as minimax."
    )


# -- 7.5 ------------------------------------------------------------------------------------------------------


def _linear(w: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda x: x.flatten(1) @ w


@exercise(
    "7.5",
    "Repair a gradient penalty",
    "Try it on a critic s(x) = w.x, where the answer is (|w| - 1)^2: for one sample, for eight, and then ask for d/dw.",
)
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


@exercise(
    "7.6",
    "Does it matter? Show it",
    "Let gan_lab.train_many train five seeds or more of each. How many standard errors lie between the two means?",
)
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
