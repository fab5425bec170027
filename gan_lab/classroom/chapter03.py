"""Checks of the exercises of chapter 3, "Nash equilibrium"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gan_lab import game
from gan_lab.classroom.core import Verdict, checks, right, wrong


@checks("3.3")
def extragradient_step(answer: Callable[..., Any]) -> Verdict:
    """A function (x, y, eta) -> (x, y), compared with the method and with its common slips."""
    if not callable(answer):
        return wrong("give the function itself, check('3.3', extragradient_step), without calling it.")
    rng = np.random.default_rng(0)
    for x, y, eta in rng.uniform(0.1, 0.9, size=(20, 3)):
        given = answer(x, y, eta)
        if given is None:
            return wrong("your function returns None: return the new x and the new y.")
        new = np.array([float(v) for v in given])
        u, v = x - eta * y, y + eta * x
        slips = [
            ((x, y), "your step stays where it is: nothing moves yet."),
            ((u, v), "this is the simultaneous step: look at the field *there*, at the point it leads to."),
            (
                (u - eta * v, v + eta * u),
                "you go on from the point ahead. Come back: the step starts at the old point.",
            ),
            ((u, y + eta * u), "this is the alternating step: y answers to the new x."),
            (
                (x - eta * v, y + eta * (x - eta * v)),
                "y uses the final x instead of the x ahead: keep both looks apart.",
            ),
            ((x + eta * v, y - eta * u), "the signs are exchanged: x minimises xy, y maximises it."),
            ((x - eta * (y + eta * u), y + eta * u), "the look ahead of y used the new x: both look at the old point."),
        ]
        exact = np.array([x - eta * v, y + eta * u])
        if not np.allclose(new, exact, atol=1e-12):
            for wrong_point, message in slips:
                if np.allclose(new, wrong_point, atol=1e-12):
                    return wrong(message)
            start = f"({x:.2f}, {y:.2f}) with eta {eta:.2f}"
            return wrong(f"from {start} the step should end at {exact.round(4)}, yours ends at {new.round(4)}.")
    return right("twenty random starts, all as the method steps: the squared distance changes by 1 - eta^2 + eta^4.")


@checks("3.5")
def beat_extragradient(step: Callable[..., Any]) -> Verdict:
    """A step(z, F) with at most two looks at the field, measured on three steepnesses of the bilinear game."""
    if not callable(step):
        return wrong("give the function itself, check('3.5', step), without calling it.")
    looks: list[int] = []
    factors = {s: _factor(step, s, looks) for s in (1.0, 0.5, 2.0)}
    if max(looks) > 2:
        return wrong(f"your step looked at the field {max(looks)} times; two are allowed.")
    if min(looks) == 0:
        return wrong("your step never looks at the field: then it cannot know where the equilibrium lies.")
    if not all(map(math.isfinite, factors.values())):
        return wrong("your step ends at NaN or infinity.")
    if not _factor(step, 1.0, [], (0.3, -0.7)) <= factors[1.0] + 1e-9:
        return wrong(
            "your step works only where the equilibrium is (0, 0): on V = (x - 0.3)(y + 0.7), the same game moved, it "
            "misses. A step must learn from the field alone where to go."
        )
    told = f"on V = xy a step leaves {factors[1.0]:.3g} of the squared distance"
    if not factors[1.0] < 0.75 - 1e-9:
        return wrong(f"{told}: extragradient at its best leaves 0.75.")
    others = f"with V = xy/2 it is {factors[0.5]:.3g}, with V = 2xy {factors[2.0]:.3g}"
    blown = [f"{s:g}" for s in (0.5, 2.0) if factors[s] >= 1]
    moral = (
        f"so it fails where the game is {' and '.join(blown)} times as steep: it knows the game it is made for."
        if blown
        else "and it comes in on all three: what did you give up for that?"
    )
    return right(f"{told}; {others}, {moral}")


def _factor(
    step: Callable[..., Any], steepness: float, looks: list[int], middle: tuple[float, float] = (0.0, 0.0)
) -> float:
    """The worst factor of the squared distance to the equilibrium ``middle``, over single steps from eight directions.

    Notes the looks taken; NaN where a step ends at no number.
    """
    saddle, centre = game.Bilinear(steepness), np.array(middle)
    worst = 0.0
    for angle in np.linspace(0, np.pi, 8, endpoint=False):
        z = centre + np.array([math.cos(angle), math.sin(angle)])
        calls = 0

        def field(point: Any) -> Any:
            nonlocal calls
            calls += 1
            return saddle.field(np.asarray(point, dtype=float) - centre)

        after = np.asarray(step(z.copy(), field), dtype=float)
        if after.shape != (2,):
            raise ValueError(f"step must return an array (x, y); it returned shape {after.shape}.")
        after = after - centre
        looks.append(calls)
        worst = float(np.maximum(worst, after @ after))  # keeps NaN
    return worst
