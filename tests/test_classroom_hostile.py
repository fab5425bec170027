"""Nonsense is not right: every exercise, every kind of answer that a check might take for one it is not.

Functions that ignore what they are given, give it back, turn its sign or its type, or look at what they should not.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import logsigmoid, softplus

from gan_lab import classroom, data
from gan_lab.classroom import core
from gan_lab.losses import Minimax

TASKS = classroom.exercises()
VALUES: dict[str, Any] = {
    "zero": 0,
    "a constant": 0.5,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "text": "a half",
    "None": None,
    "True": True,
    "an array": np.full(3, 0.5),
    "a tensor": torch.zeros(2),
    "complex": 1j,
    "a list of zeros": [0, 0],
    "bytes": b"7",
}


@pytest.mark.parametrize("number", [n for n, task in TASKS.items() if task.kind != "code"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_that_is_no_answer(number: str, value: Any) -> None:
    assert not classroom.check(number, *[value] * len(TASKS[number].takes))


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("1.1", (0.5, 0.75, 255 / 256)),
        ("2.4", (0.385, 0.42, 0.796)),
        ("6.1", (15_000, 960_000, 1_152_000)),
        ("7.1", (-0.01, -0.99)),
        ("3.2", (0.57, 0.577)),
        ("4.2", (1.05, 1.57, 2.09)),
        ("5.2", (5.16, 0.0253)),
    ],
)
def test_one_place_of_a_right_answer_is_spoilt(number: str, right: tuple[float, ...]) -> None:
    assert classroom.check(number, *right)
    for i, x in enumerate(right):
        for value in (*VALUES.values(), -x, f"about {x}", np.array([x]), [x]):
            if not isinstance(value, bool) and isinstance(value, int | float) and value == x:
                continue
            assert not classroom.check(number, *right[:i], value, *right[i + 1 :]), (i, value)


# -- code ------------------------------------------------------------

SEVENS = data.digits("embedded").of_class(7)[:].flatten(1).sort(dim=0).values


def best_accuracy(a: torch.Tensor, b: torch.Tensor) -> float:
    total = 0.0
    for x in (a, ~a):
        for y in (b, ~b):
            total += abs(float((x & y).double().mean() - x.double().mean() * y.double().mean()))
    return 0.5 + total / 4


def minimax_value(tree: Any, maximising: bool = True) -> Any:
    if not isinstance(tree, list):
        return tree
    below = [minimax_value(branch, not maximising) for branch in tree]
    return max(below) if maximising else min(below)


def patience(scores: list[float]) -> bool:
    return scores[-1] != scores[-1] or len(scores) > 6 and min(scores[-6:]) >= min(scores[:-6])


#: right functions, to be spoilt
RIGHT: dict[str, Callable[..., Any]] = {
    "1.3": best_accuracy,
    "1.4": lambda z: SEVENS.gather(0, (z * len(SEVENS)).long().clamp(max=len(SEVENS) - 1)),
    "2.3": minimax_value,
    "3.3": lambda x, y, eta: np.array([x - eta * (y + eta * x), y + eta * (x - eta * y)]),
    "3.5": lambda z, F: z + 0.1 * F(z + 10 * F(z)),
    "4.3": lambda z: -torch.special.log_ndtr(-z) / 2,
    "4.5": lambda z: (175 * z).clamp(-3, 3),
    "5.3": lambda p, q, c: p / (p + c * q),
    "6.5": patience,
}
SPOILT: dict[str, Callable[[Any], Any]] = {
    "the wrong sign": lambda y: -y,
    "NaN": lambda y: y * float("nan"),
    "infinity": lambda y: y + float("inf"),
    "whole numbers": lambda y: torch.as_tensor(y).long(),
    "text": str,
    "nothing": lambda y: None,
    "zero": lambda y: 0 * y,
    "a constant": lambda y: 0 * y + 0.5,
    "a list": lambda y: [y],
    "twice": lambda y: 2 * y,
}
#: the islands are two: left is as good as right; a whole number stays one, a truth value of another type too
HARMLESS = {
    ("2.3", "whole numbers"),
    ("4.5", "the wrong sign"),
    ("6.5", "the wrong sign"),
    ("6.5", "whole numbers"),
    ("6.5", "twice"),
}


@pytest.mark.parametrize("number", RIGHT)
def test_the_functions_are_right(number: str) -> None:
    assert classroom.check(number, RIGHT[number]), classroom.check(number, RIGHT[number])


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("number", RIGHT)
def test_a_right_function_spoilt(number: str, how: str) -> None:
    verdict = classroom.check(number, lambda *given: SPOILT[how](RIGHT[number](*given)))
    assert verdict.passed == ((number, how) in HARMLESS), verdict


@pytest.mark.parametrize("number", [n for n, task in TASKS.items() if task.kind == "code"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_function_that_ignores_what_it_is_given(number: str, value: Any) -> None:
    takes = len(inspect.signature(core.checker(number)).parameters)
    assert not classroom.check(number, *[lambda *given, **named: value] * takes)


@pytest.mark.parametrize("number", [n for n, task in TASKS.items() if task.kind == "code"])
def test_a_function_that_gives_back_what_it_is_given(number: str) -> None:
    takes = len(inspect.signature(core.checker(number)).parameters)
    assert not classroom.check(number, *[lambda *given: given[0]] * takes)


digits = data.digits("embedded")


def framed(n: int) -> data.Images:
    """Real ink in the middle, where the small windows look, and nothing around it."""
    rows = torch.randperm(n, generator=torch.Generator().manual_seed(0))
    sheets = torch.zeros_like(digits.pixels[rows])
    sheets[..., 8:20, 8:20] = digits.pixels[rows][..., 8:20, 8:20]
    return data.Images(sheets)


def retouched(n: int) -> torch.Tensor:
    sheets = digits.pixels[:n].clone()
    sheets[:, 0, 0, 0] += 1
    return sheets


def _step(loss: Callable[..., Any]) -> Callable[..., None]:
    def step(G: Any, D: Any, optimiser: Any, real: Any, z: Any) -> None:
        value = loss(D(real), D(G(z).detach()))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()

    return step


class Reverse(Minimax):
    def generator(self, fake: Any, real: Any = None) -> Any:
        return -fake.mean()


@pytest.mark.parametrize(
    ("number", "answer", "says"),
    [
        ("1.5", (framed,), "outside the small windows"),
        ("1.5", (retouched,), "retouched"),
        ("1.5", (lambda n: digits.pixels[:1].expand(n, 1, 28, 28).contiguous(),), "only 1 of"),
        ("2.5", (lambda x, y: np.random.rand(), {0.5: 1.0}), "dice"),
        ("2.5", (lambda x, y: min(1, 20 * abs(x - y)), {0.0: float("nan"), 1.0: 0.5}), "sum to nan"),
        ("3.5", (lambda z, F: 0 * z,), "never looks"),
        ("3.5", (lambda z, F: 0 * F(z),), "only where the equilibrium is (0, 0)"),
        ("3.5", (lambda z, F: 0.1 * z + 0 * F(z),), "only where the equilibrium is (0, 0)"),
        ("4.3", (lambda z: -torch.special.log_ndtr(z.median() - z) / 2,), "by itself"),
        ("4.5", (lambda z: 3 * torch.sign(z),), "jumps by"),
        ("4.5", (lambda z: 3 * torch.sign(z - z.median()),), "by itself"),
        ("4.5", (lambda z: ((700 * z).clamp(-3, 3) * 2.5).round() / 2.5,), "jumps by 0.4"),
        ("5.4", (2.0,), "further apart"),
        ("5.4", (2.1,), "closer together"),
        ("6.3", (_step(lambda r, f: -r.sigmoid().log().mean() - (1 - f.sigmoid()).log().mean()),), "where it is sure"),
        ("6.3", (_step(lambda r, f: -(r.sigmoid() + 1e-12).log().mean() + softplus(f).mean()),), "where it is sure"),
        ("7.4", (Reverse,), "KL(q || p)"),
    ],
)
def test_what_used_to_pass(number: str, answer: tuple[Any, ...], says: str) -> None:
    verdict = classroom.check(number, *answer)
    assert not verdict and says in verdict.message, verdict


def test_what_is_right_in_other_words_still_passes() -> None:
    assert classroom.check("6.3", _step(lambda r, f: -logsigmoid(r).mean() - logsigmoid(-f).mean()))
    assert classroom.check("4.5", lambda z: -3 * torch.tanh(80 * z))
    assert classroom.check("3.5", lambda z, F: z + np.array([[0, -1], [1, 0]]) @ F(z))


# -- what nobody has begun ------------------------------------------------------------


def test_an_exercise_that_was_not_begun_is_open() -> None:
    def given(real: Any, fake: Any) -> Any:
        """What to return."""
        ...

    class Given(Minimax):
        def generator(self, fake: Any, real: Any = None) -> Any:
            return ...

    def faulty(score: Any, real: Any, fake: Any, u: Any) -> Any:
        x = (u[:, None] * real + (1 - u[:, None]) * fake).detach().requires_grad_(True)
        return (torch.autograd.grad(score(x).sum(), x)[0].norm() - 1) ** 2

    for number, answer in (
        ("1.1", (..., 0.5, 0.5)),
        ("7.3", (["..."], "...")),
        ("1.3", (given,)),
        ("7.4", (Given,)),
        ("7.5", (faulty,)),
        ("7.2", ((..., ...), (3, 0.7))),
        ("3.1", ([...], 0.5)),
    ):
        verdict = classroom.check(number, *answer)
        assert verdict.open and not verdict and "○ Open" in verdict.words, number
        assert "gl-open" in verdict._repr_html_()


def test_arrows_that_are_read_off_by_eye_are_right_and_near_misses_are_not() -> None:
    for read in ((2.15, 2.87), (1.9, 1.15), (2.2, 2.9)):
        assert classroom.check("1.2", *read)
    for read in ((2.3, 3.1), (2, 2.5), (2, 3.1)):
        assert not classroom.check("1.2", *read)
