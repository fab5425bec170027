"""Checks of the exercises of chapter 2, "Minimax"."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gan_lab import game
from gan_lab.classroom.core import Verdict, exercise, right, wrong

SMALL = [[[4, 9], [7, 1]], [[5, 3], [2, 8]], [[6, 0], [1, 5]]]
HEAD = [[3, 12, 8], [2, 4, 6], [14, 5, 2]]
DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")


def _fold(tree: Any, *turns: Callable[[list[Any]], Any]) -> Any:
    return tree if not isinstance(tree, list) else turns[0]([_fold(branch, *turns[1:], turns[0]) for branch in tree])


@exercise("2.1", "A small tree by hand", "Settle the six lowest nodes first; carry along what each player is sure of.")
def small_tree(value: Any, leaves: Any) -> Verdict:
    """The value of SMALL and the leaves alpha-beta looks at."""
    if value is ... or leaves is ...:
        return DOTS
    search = game.alpha_beta(game.from_lists(SMALL))
    if value != search.value:
        slips = {
            _fold(SMALL, max, max, max): "that is the largest leaf: Min moves in between and will not allow it.",
            _fold(SMALL, max, min, min): "did Min choose in the lowest row? There it is Max's turn again.",
            _fold(SMALL, max, max, min): "check whose turn it is: Max first, then Min, then Max again.",
            _fold(SMALL, min, max, min): "that is the value if Min moved first and last.",
            _fold(SMALL, min, min, max): "at the top it is Max who chooses among the three branches.",
            _fold(SMALL, min, min, min): "that is the smallest leaf: Max would not go there.",
        }
        return wrong(f"the game is not worth {value}: " + slips.get(value, "value the six lowest nodes first, by max."))
    if leaves == 12:
        return wrong(
            "the value is right, but alpha-beta leaves some leaves out: what can Min force in the second branch?"
        )
    if leaves == 6:
        return wrong(
            "the value is right. 6 counts only the leaves behind one move of Max; look again at the first branch."
        )
    if leaves != len(search.visited):
        more = "more" if leaves < len(search.visited) else "fewer"
        return wrong(
            f"the value is right, but {more} than {leaves} leaves are looked at. Min's branch ends once one of its"
            " nodes is worth no more than what Max already has, and Max's node as soon as it exceeds what Min has."
        )
    return right("worth 7, with 8 of the 12 leaves: in two branches the first node already gave Min less than 7.")


@exercise("2.2", "The best order of leaves", "Which leaf ends the search of a branch at once?")
def best_order(leaves: str) -> Verdict:
    """The nine leaves of the head's tree, reordered within branches, as the widget writes them."""
    if leaves is ...:
        return DOTS
    numbers = [float(word) for word in str(leaves).replace(",", " ").split()]
    if len(numbers) != 9:
        return wrong(f"there are nine leaves; you gave {len(numbers)} numbers.")
    branches = [numbers[i : i + 3] for i in (0, 3, 6)]
    for name, mine, given in zip(("left", "middle", "right"), branches, HEAD, strict=True):
        if sorted(mine) != sorted(given):
            shown = ", ".join(f"{v:g}" for v in mine)
            return wrong(
                f"the {name} branch now holds {shown}: that is another game. Reorder {given} within the branch."
            )
    seen = len(game.alpha_beta(game.from_lists(branches)).visited)
    if seen > 5:
        late = "middle" if min(branches[1]) != branches[1][0] and branches[1][0] >= 3 else "right"
        return wrong(
            f"this order looks at {seen} of 9 leaves. In the {late} branch Min's refutation comes later than it could."
        )
    return right("5 of 9: three leaves to know what left is worth, and one to refute each other branch.")


@exercise("2.3", "Minimax in three lines", "What is a leaf worth? What is a list worth once its elements are valued?")
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


@exercise("2.4", "A penalty kick", "The kicker's mix is fixed by the keeper's indifference.")
def penalty(kicker_left: Any, keeper_left: Any, scored: Any) -> Verdict:
    """The two mixes and the value of the penalty game, as probabilities."""
    if ... in (kicker_left, keeper_left, scored):
        return DOTS
    best = game.MatrixGame([[58.30, 94.97], [92.91, 69.92]]).solve()
    p, q, value = best.row[0], best.column[0], best.payoffs[0] / 100
    given = tuple(float(v) for v in (kicker_left, keeper_left, scored))
    if max(given) > 1:
        return wrong("give probabilities between 0 and 1, not percentages.")
    if _near(given[0], q) and _near(given[1], p):
        return wrong("the two mixes are exchanged: the kicker's p makes the *keeper's* two choices equally good.")
    if _near(given[0], 1 - p):
        return wrong("that is how often the kicker goes right.")
    if not _near(given[0], p):
        left, right_ = 58.30 * given[0] + 92.91 * (1 - given[0]), 94.97 * given[0] + 69.92 * (1 - given[0])
        side = "left" if left < right_ else "right"
        return wrong(
            f"against your kicker the keeper concedes {left:.1f} % by going left and {right_:.1f} % by going right, and"
            f" would always go {side}. The kicker's best mix makes the two equal."
        )
    if not _near(given[1], q):
        left, right_ = 58.30 * given[1] + 94.97 * (1 - given[1]), 92.91 * given[1] + 69.92 * (1 - given[1])
        return wrong(
            f"the kicker is right. Against your keeper the kicker scores {left:.1f} % on the left and {right_:.1f} % on"
            " the right: they should be equal."
        )
    if not _near(given[2], value):
        return wrong("both mixes are right. For the value, average the four scoring rates with their probabilities.")
    return right("0.385, 0.420 and 79.6 %. The professionals went left 40.0 % and 42.3 % of the time.")


def _near(given: float, exact: float) -> bool:
    return abs(given - exact) < 5e-3


@exercise("2.5", "A costly order of moves", "Make a small distance from x worth a lot.")
def costly_order(V: Callable[..., Any], mix: Mapping[float, float]) -> Verdict:
    """A function on the unit square with a gap of at least 0.9, and a mix of y that secures 0.5."""
    if mix is ... or V is ...:
        return DOTS
    u = np.linspace(0, 1, 401)
    table = np.vectorize(V, otypes=[float])(u[:, None], u[None, :])
    if not np.isfinite(table).all() or table.min() < -1e-9 or table.max() > 1 + 1e-9:
        return wrong(f"V must stay between 0 and 1 on the square; yours runs from {table.min():g} to {table.max():g}.")
    x_first, y_first = float(table.max(axis=1).min()), float(table.min(axis=0).max())
    told = (
        f"if Min moves first Max gets {x_first:.3f}, if Max moves first {y_first:.3f}: a gap of {x_first - y_first:.3f}"
    )
    if x_first - y_first < 0.9:
        return wrong(f"{told}. It should be at least 0.9.")
    points, weights = np.array(list(mix), dtype=float), np.array(list(mix.values()), dtype=float)
    if points.size == 0 or points.min() < 0 or points.max() > 1:
        return wrong("the mix must be a dict from points y in [0, 1] to probabilities.")
    if weights.min() < 0 or abs(weights.sum() - 1) > 1e-6:
        return wrong(f"the probabilities of the mix must be >= 0 and sum to 1; they sum to {weights.sum():g}.")
    fine = np.union1d(np.linspace(0, 1, 2001), points)
    against = np.vectorize(V, otypes=[float])(fine[:, None], points[None, :]) @ weights
    secured, where = float(against.min()), float(fine[against.argmin()])
    if secured < 0.5:
        return wrong(f"{told}. But your mix secures only {secured:.3f}: Min answers with x = {where:.3f}.")
    return right(f"{told}, and your mix secures {secured:.3f} whatever Min does (the worst is x = {where:.3f}).")
