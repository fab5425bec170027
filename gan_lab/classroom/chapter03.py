"""Checks of the exercises of chapter 3, "Nash equilibrium"."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gan_lab import game
from gan_lab.classroom.core import Verdict, exercise, right, wrong

DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")


@exercise("3.1", "Another stag hunt", "For the mixed equilibrium: when does the other player not care?")
def stag_hunt(pure: Sequence[Any], stag: Any) -> Verdict:
    """The pure equilibria as pairs of moves, and the probability of stag in the mixed one."""
    if pure is ... or stag is ... or ... in list(pure):
        return DOTS
    animals = ("stag", "hare")
    hunt = game.MatrixGame([[4, 0], [3, 2]], [[4, 3], [0, 2]], rows=animals, columns=animals)
    cells = {tuple(str(move).strip().lower() for move in cell) for cell in pure}
    strange = {move for cell in cells for move in cell} - set(animals)
    if strange or any(len(cell) != 2 for cell in cells):
        return wrong("write each pure equilibrium as a pair of moves, such as ('stag', 'hare').")
    for cell in sorted(cells):
        i, j = (animals.index(move) for move in cell)
        gains = hunt.gains(i, j)
        if max(gains) > 0:
            who = "the row player" if gains[0] > 0 else "the column player"
            return wrong(f"in ({cell[0]}, {cell[1]}) {who} would gain {max(gains):g} by changing alone.")
    for i, j in hunt.pure_equilibria():
        if (animals[i], animals[j]) not in cells:
            return wrong(
                "all you name are equilibria, but one is missing. Try every cell: would anyone leave it alone?"
            )
    p = float(stag)
    if abs(p - 1 / 3) < 5e-3:
        return wrong("1/3 is the probability of hare.")
    if p in (0.0, 1.0):
        return wrong("that is one of the pure equilibria; in the mixed one both animals are hunted.")
    if abs(p - 2 / 3) > 5e-3:
        return wrong(
            f"if the other hunts the stag with probability {p:.3g}, stag earns {4 * p:.3g} and hare {2 + p:.3g}: one is"
            " better, so nobody would mix."
        )
    return right("two pure equilibria, one better and one safer, and between them the mix 2/3 that tips either way.")


@exercise(
    "3.2", "Where optimism fails", "Read the exact factor in the widget; with pencil, set the root's modulus to 1."
)
def optimism(on_the_slider: Any, with_pencil: Any) -> Verdict:
    """The largest step size at which the optimistic method comes in."""
    if on_the_slider is ... or with_pencil is ...:
        return DOTS
    slider, exact = float(on_the_slider), float(with_pencil)
    if not (math.isfinite(slider) and math.isfinite(exact)):
        return wrong(f"({slider:g}, {exact:g}) are no step sizes: give two numbers.")
    if abs(slider - 0.5) < 1e-9:
        return wrong("at 0.5 it comes in fastest (the factor is 1/2); it still comes in beyond.")
    if abs(slider - 0.57) > 1e-9:
        rate = game.exact_rate("optimistic", slider) if slider > 0 else math.nan
        fate = "already leaves" if rate > 1 else "comes in, but so does a larger one"
        return wrong(f"at {slider:g} the factor is {rate:.4f}: it {fate}.")
    if abs(exact - 1 / math.sqrt(3)) > 6e-4:
        return wrong(
            f"the slider is right. With pencil you have {exact:g}; the modulus there is not 1 to three digits."
        )
    return right("0.57 on the slider, 1/sqrt 3 = 0.577 exactly. Just below the cliff lies the fastest step, 0.5.")


@exercise("3.3", "An extragradient step", "Compute both coordinates of the look ahead before you use either.")
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


@exercise("3.4", "The alternating ellipse", "On the diagonal y = x, what is x?")
def ellipse(farthest: Any) -> Verdict:
    """The longer half-axis of the ellipse on which alternating steps move."""
    if farthest is ...:
        return DOTS
    given = float(farthest)
    if abs(given - 2 / math.sqrt(3)) < 2e-3:
        return right("2/sqrt 3 = 1.155, the longer half-axis: an ellipse, not a spiral.")
    slips = {
        1.0: "1 is the distance at the start; the curve is an ellipse, not a circle.",
        2 / math.sqrt(5): "that is the *shorter* half-axis, on the diagonal y = -x.",
        4 / 3: "4/3 is the squared distance.",
        math.sqrt(2 / 3): "that is x on the diagonal; the distance is sqrt(x^2 + y^2).",
    }
    for value, message in slips.items():
        if abs(given - value) < 2e-3:
            return wrong(message)
    return wrong(f"{given:g} is not on the ellipse's longer axis: put y = x into x^2 + y^2 - xy/2 = 1.")


@exercise("3.5", "Beat three quarters", "Must the look ahead be as long as the step?")
def beat_extragradient(step: Callable[..., Any]) -> Verdict:
    """A step(z, F) with at most two looks at the field, measured on three steepnesses of the bilinear game."""
    if not callable(step):
        return wrong("give the function itself, check('3.5', step), without calling it.")
    looks: list[int] = []
    factors = {s: _factor(step, s, looks) for s in (1.0, 0.5, 2.0)}
    if max(looks) > 2:
        return wrong(f"your step looked at the field {max(looks)} times; two are allowed.")
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


def _factor(step: Callable[..., Any], steepness: float, looks: list[int]) -> float:
    """The worst factor of the squared distance over single steps from eight directions; notes the looks taken."""
    saddle = game.Bilinear(steepness)
    worst = 0.0
    for angle in np.linspace(0, np.pi, 8, endpoint=False):
        z = np.array([math.cos(angle), math.sin(angle)])
        calls = 0

        def field(point: Any) -> Any:
            nonlocal calls
            calls += 1
            return saddle.field(np.asarray(point, dtype=float))

        after = np.asarray(step(z.copy(), field), dtype=float)
        if after.shape != (2,):
            raise ValueError(f"step must return an array (x, y); it returned shape {after.shape}.")
        looks.append(calls)
        worst = max(worst, float(after @ after))
    return worst
