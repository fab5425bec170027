"""Checks of the exercises of chapter 2, "Minimax"."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gan_lab import game
from gan_lab.classroom.core import Verdict, checks, right, wrong


@checks("2.3")
def minimax_in_code(answer: Callable[..., Any]) -> Verdict:
    """A function of nested lists, run on trees of every shape."""
    if not callable(answer):
        return wrong("give the function itself, check('2.3', minimax_value), without calling it.")
    if answer([3, 5]) is None:
        return wrong("your function returns None: the dots are still there, or a `return` is missing.")
    if answer(7) != 7:
        return wrong(f"a leaf is worth itself, but minimax_value(7) gave {answer(7)!r}.")
    if answer([3, 5]) != 5:
        return wrong(f"Max moves at the top, so [3, 5] is worth 5; yours says {answer([3, 5])!r}.")
    if answer([[3, 12], [2, 4]]) != 3:
        slip = " You let Max move twice." if answer([[3, 12], [2, 4]]) == 12 else ""
        return wrong(f"[[3, 12], [2, 4]] is worth 3; yours says {answer([[3, 12], [2, 4]])!r}.{slip}")
    if answer([4, [[9, 1], [8, 2]], 5]) != 8:
        return wrong("branches may end at different depths: [4, [[9, 1], [8, 2]], 5] is worth 8.")
    rng = random.Random(0)
    for _ in range(200):
        tree = [_random_tree(rng, 4) for _ in range(3)]
        expected, given = game.minimax(game.from_lists(tree)).value, answer(tree)
        if given != expected:
            return wrong(
                f"{tree} is worth {expected:g}; yours says {given!r}. Check negative numbers and deep branches."
            )
    return right("200 random trees of uneven depth, all valued as backward induction does.")


def _random_tree(rng: random.Random, depth: int) -> Any:
    if depth == 0 or rng.random() < 0.2:
        return rng.randint(-9, 9)
    return [_random_tree(rng, depth - 1) for _ in range(rng.randint(1, 3))]


@checks("2.5")
def costly_order(V: Callable[..., Any], mix: Mapping[float, float]) -> Verdict:
    """A function on the unit square with a gap of at least 0.9, and a mix of y that secures 0.5."""
    u = np.linspace(0, 1, 401)
    table, again = (np.vectorize(V, otypes=[float])(u[:, None], u[None, :]) for _ in range(2))
    if not np.array_equal(table, again, equal_nan=True):
        return wrong("V gives another value when it is asked again: a payoff has no dice inside.")
    if not np.isfinite(table).all() or table.min() < -1e-9 or table.max() > 1 + 1e-9:
        return wrong(f"V must stay between 0 and 1 on the square; yours runs from {table.min():g} to {table.max():g}.")
    x_first, y_first = float(table.max(axis=1).min()), float(table.min(axis=0).max())
    told = (
        f"if Min moves first Max gets {x_first:.3f}, if Max moves first {y_first:.3f}: a gap of {x_first - y_first:.3f}"
    )
    if x_first - y_first < 0.9:
        return wrong(f"{told}. It should be at least 0.9.")
    points, weights = np.array(list(mix), dtype=float), np.array(list(mix.values()), dtype=float)
    if points.size == 0 or not (points.min() >= 0 and points.max() <= 1):
        return wrong("the mix must be a dict from points y in [0, 1] to probabilities.")
    if not (weights.min() >= 0 and abs(weights.sum() - 1) <= 1e-6):
        return wrong(f"the probabilities of the mix must be >= 0 and sum to 1; they sum to {weights.sum():g}.")
    fine = np.union1d(np.linspace(0, 1, 2001), points)
    against = np.vectorize(V, otypes=[float])(fine[:, None], points[None, :]) @ weights
    secured, where = float(against.min()), float(fine[against.argmin()])
    if secured < 0.5:
        return wrong(f"{told}. But your mix secures only {secured:.3f}: Min answers with x = {where:.3f}.")
    return right(f"{told}, and your mix secures {secured:.3f} whatever Min does (the worst is x = {where:.3f}).")
