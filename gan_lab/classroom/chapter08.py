"""Checks of the exercises of chapter 8, "Dynamics and optimisers"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_lab.classroom import answers
from gan_lab.classroom.chapter07 import does_it_matter
from gan_lab.classroom.core import Verdict, checks, right, wrong

Array = NDArray[np.float64]

# -- 8.4 ------------------------------------------------------------------------------------------------------


class _Field:
    """A linear field that counts who looks at it."""

    def __init__(self, matrix: Array) -> None:
        self.matrix, self.looks = matrix, 0

    def __call__(self, z: Any) -> Array:
        self.looks += 1
        return np.asarray(self.matrix @ np.asarray(z, dtype=float))


def _taken(step: Callable[..., Any], z: Array, field: _Field, eta: float, memory: Any) -> tuple[Array, Any] | None:
    """The new z of one step and its memory; None where it is no pair of a point and something."""
    given = step(z.copy(), field, eta, memory)
    if not isinstance(given, tuple | list) or len(given) != 2:
        return None
    try:
        new = np.asarray(given[0], dtype=float)
    except (TypeError, ValueError):
        return None
    return (new, given[1]) if new.shape == z.shape else None


@checks("8.4")
def optimistic_step(step: Callable[..., Any]) -> Verdict:
    """A function (z, F, eta, memory) -> (z, memory), three steps of it against the method and its common slips."""
    if not callable(step):
        return wrong("give the function itself, check('8.4', optimistic_step), without calling it.")
    chance = np.random.default_rng(0)
    for _ in range(8):
        eta, z, field = float(chance.uniform(0.1, 0.9)), chance.normal(size=2), _Field(chance.normal(size=(2, 2)))
        memory, before, path = None, field.matrix @ z, [z]
        for number in range(3):
            now = field.matrix @ z
            field.looks = 0
            taken = _taken(step, z, field, eta, memory)
            if taken is None:
                return wrong("return two things: the new z, of the shape of the old one, and what is to be remembered.")
            new, memory = taken
            if field.looks != 1:
                return wrong(
                    f"in step {number + 1} you looked at the field {field.looks} times: look once, and keep it."
                )
            exact = z + eta * (2 * now - before)
            if not np.allclose(new, exact, atol=1e-10):
                return wrong(_why(number, new, path, now, before, eta))
            z, before = exact, now
            path.append(z)
    return right(
        "eight fields, three steps each, one look a step. On V = xy the squared distance goes with "
        "(1 + sqrt(1 - 4 eta^2))/2, as long as eta is at most a half."
    )


def _why(number: int, new: Array, path: list[Array], now: Array, before: Array, eta: float) -> str:
    """A sentence on a step that is not the method's."""
    z = path[-1]
    if number == 0:
        if np.allclose(new, z + 2 * eta * now):
            return "the first step is twice too long: without a memory take the present field for the one before."
        return f"the first step, with nothing remembered, should be eta F, to {(z + eta * now).round(4)}."
    slips = [
        (z, "your step stays where it is."),
        (z + eta * now, "your later steps are simultaneous ones: the memory is not used."),
        (z + eta * (2 * before - now), "the two fields have changed places: twice the *present* one, less the last."),
        (z + eta * (2 * now + before), "the last field is taken off, not added."),
        (z + eta * (2 * now - eta * before), "the memory holds the step; it should hold the field, without eta."),
        (z + 2 * eta * now - (z - path[-2]), "you take off the last *move*. Keep the field, not the move."),
        (z + eta * now + (z - path[-2]), "you add the last move: that is momentum, and it leaves."),
    ]
    for point, said in slips:
        if np.allclose(new, point, atol=1e-10):
            return said
    return f"step {number + 1} should end at {(z + eta * (2 * now - before)).round(4)}, yours ends at {new.round(4)}."


# -- 8.5 ------------------------------------------------------------------------------------------------------


@checks("8.5")
def does_it_pay(a: Any, b: Any, gradients_a: Any, gradients_b: Any, claim: Any) -> Verdict:
    """Two lists of scores at one price, and what is claimed of them."""
    used = [answers.given(gradients_a), answers.given(gradients_b)]
    if any(one is None or not 1 <= one < float("inf") for one in used):
        return wrong("say how many gradients a player each way has used for one seed: two numbers, 1 or more.")
    first, second = float(used[0] or 0), float(used[1] or 0)
    if abs(first - second) > 0.05 * max(first, second):
        return wrong(
            f"one way has used {first:g} gradients and the other {second:g}: at different prices nothing is shown. "
            "Give the cheaper one more steps."
        )
    return does_it_matter(a, b, claim)
