"""What the checks of chapters 2 and 3 say: each wrong answer gets told what is wrong with *it*."""

import re

import numpy as np
import pytest

from gan_lab import classroom


def solved(tree, maximising=True):
    if not isinstance(tree, list):
        return tree
    values = [solved(branch, not maximising) for branch in tree]
    return max(values) if maximising else min(values)


def always_max(tree, maximising=True):
    return tree if not isinstance(tree, list) else max(always_max(branch) for branch in tree)


def starts_with_min(tree, maximising=False):
    return solved(tree, maximising)


def only_two_levels(tree, maximising=True):
    if not isinstance(tree, list):
        return tree
    return max(min(branch) if isinstance(branch, list) else branch for branch in tree)


STEEP = {k / 10: 1 / 11 for k in range(11)}


def steep(x, y):
    return np.minimum(1, 20 * np.abs(x - y))


@pytest.mark.parametrize(
    ("number", "answer", "words"),
    [
        ("2.1", (..., ...), "dots"),
        ("2.1", (9, 8), "largest leaf"),
        ("2.1", (1, 8), "if Min moved first"),
        ("2.1", (4, 8), "whose turn"),
        ("2.1", (2, 8), "lowest row"),
        ("2.1", (5, 8), "among the three branches"),
        ("2.1", (0, 8), "smallest leaf"),
        ("2.1", (6.5, 8), "six lowest nodes"),
        ("2.1", (7, 12), "leaves some leaves out"),
        ("2.1", (7, 6), "first branch"),
        ("2.1", (7, 9), "fewer than 9"),
        ("2.1", (7, 7), "more than 7"),
        ("2.2", ("3 12 8 2 4 6 14 5 2",), "7 of 9 leaves. In the right branch"),
        ("2.2", ("3 12 8 4 2 6 2 14 5",), "6 of 9 leaves. In the middle branch"),
        ("2.2", ("3 12 8 2 4 6",), "nine leaves; you gave 6"),
        ("2.2", ("14 12 8 2 4 6 3 5 2",), "another game"),
        ("2.2", ("3 twelve 8",), "numbers, with spaces"),
        ("2.3", (3,), "without calling it"),
        ("2.3", (lambda tree: None,), "dots"),
        ("2.3", (lambda tree: print(end=""),), "None"),
        ("2.3", (lambda tree: 0,), "leaf is worth itself|\\[3, 5\\] is worth 5"),
        ("2.3", (always_max,), "Max move twice"),
        ("2.3", (starts_with_min,), "Max moves at the top"),
        ("2.3", (only_two_levels,), "could not be checked|different depths"),
        ("2.4", (..., 0.4, 0.8), "dots"),
        ("2.4", (38.5, 42, 79.6), "divide by 100"),
        ("2.4", (0.42, 0.385, 0.796), "exchanged"),
        ("2.4", (0.615, 0.42, 0.796), "goes right"),
        ("2.4", (0.5, 0.42, 0.796), "would always go left"),
        ("2.4", (0.385, 0.5, 0.796), "should be equal"),
        ("2.4", (0.385, 0.42, 0.7), "average the four"),
        ("2.5", (lambda x, y: (x - y) ** 2, {0.0: 0.5, 1.0: 0.5}), "a gap of 0.250"),
        ("2.5", (lambda x, y: 5 * np.abs(x - y), STEEP), "between 0 and 1"),
        ("2.5", (steep, {0.0: 1.0}), "secures only 0.000: Min answers with x = 0.000"),
        ("2.5", (steep, {0.0: 0.5}), "sum to 1"),
        ("2.5", (steep, {2.0: 1.0}), "points y in"),
        ("2.5", (steep, 0.5), "could not be checked"),
        ("3.1", ([...], ...), "dots"),
        ("3.1", ([("stag", "hare")], 2 / 3), "column player would gain 4|row player would gain"),
        ("3.1", ([("stag", "stag")], 2 / 3), "one is missing"),
        ("3.1", ([("deer", "deer")], 2 / 3), "pair of moves"),
        ("3.1", ([("stag", "stag"), ("hare", "hare")], 1 / 3), "probability of hare"),
        ("3.1", ([("stag", "stag"), ("hare", "hare")], 1.0), "one of the pure"),
        ("3.1", ([("stag", "stag"), ("hare", "hare")], 0.5), "stag earns 2 and hare 2.5"),
        ("3.2", (..., ...), "dots"),
        ("3.2", (0.5, 0.577), "fastest"),
        ("3.2", (0.58, 0.577), "already leaves"),
        ("3.2", (0.55, 0.577), "so does a larger one"),
        ("3.2", (0.57, 0.55), "three digits"),
        ("3.3", (1,), "without calling it"),
        ("3.3", (lambda x, y, eta: None,), "dots"),
        ("3.3", (lambda x, y, eta: print(end=""),), "None"),
        ("3.3", (lambda x, y, eta: (x, y),), "nothing moves"),
        ("3.3", (lambda x, y, eta: (x - eta * y, y + eta * x),), "simultaneous"),
        ("3.3", (lambda x, y, eta: (x - eta * y, y + eta * (x - eta * y)),), "alternating"),
        ("3.3", (lambda x, y, eta: (x + eta * (y + eta * x), y - eta * (x - eta * y)),), "signs"),
        (
            "3.3",
            (lambda x, y, eta: (x - eta * y - eta * (y + eta * x), y + eta * x + eta * (x - eta * y)),),
            "Come back",
        ),
        ("3.3", (lambda x, y, eta: (x, y + eta),), "should end at"),
        ("3.4", (...,), "dots"),
        ("3.4", (1,), "not a circle"),
        ("3.4", (4 / 3,), "squared distance"),
        ("3.4", (2 / 5**0.5,), "shorter"),
        ("3.4", (7,), "not on the ellipse"),
        ("3.5", (3,), "without calling it"),
        ("3.5", (lambda z, F: z + 0.7 * F(z + 0.7 * F(z)),), "leaves 0.75"),
        ("3.5", (lambda z, F: z + F(F(F(z))),), "3 times"),
        ("3.5", (lambda z, F: F(z)[0],), "array \\(x, y\\)"),
    ],
)
def test_a_wrong_answer_is_told_why(number, answer, words):
    verdict = classroom.check(number, *answer)
    assert not verdict
    assert re.search(words, verdict.message), verdict.message


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("2.1", (7, 8)),
        ("2.2", ("3 12 8 2 4 6 2 14 5",)),
        ("2.2", ("12, 3, 8, 2, 6, 4, 2, 5, 14",)),
        ("2.3", (solved,)),
        ("2.4", (0.385, 0.42, 0.796)),
        ("2.5", (steep, STEEP)),
        ("3.1", ([("Hare", "hare"), ("stag", "stag")], 0.667)),
        ("3.2", (0.57, 0.577)),
        ("3.3", (lambda x, y, eta: (x - eta * (y + eta * x), y + eta * (x - eta * y)),)),
        ("3.4", (1.155,)),
        ("3.5", (lambda z, F: z + 0.1 * F(z + 10 * F(z)),)),
        ("3.5", (lambda z, F: z + 0.4 * F(z + 0.8 * F(z)),)),
    ],
)
def test_a_right_answer_passes(number, answer):
    verdict = classroom.check(number, *answer)
    assert verdict, verdict.message


def test_the_open_exercise_names_where_a_trick_fails():
    assert "2 times as steep" in classroom.check("3.5", lambda z, F: z + 0.1 * F(z + 10 * F(z))).message
    assert "on all three" in classroom.check("3.5", lambda z, F: z + 0.4 * F(z + 0.8 * F(z))).message


def test_every_exercise_of_the_two_chapters_has_a_hint():
    known = classroom.exercises()
    numbers = [n for n in known if n.split(".")[0] in ("2", "3")]
    assert numbers == ["2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "3.4", "3.5"]
    assert all(len(known[n].hint) > 20 for n in numbers)
