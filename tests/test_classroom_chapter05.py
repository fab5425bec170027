"""Chapter 5's checks, with every answer that one could plausibly give wrong."""

from __future__ import annotations

from typing import Any

import pytest

from gan_lab import classroom, data


@pytest.mark.parametrize(
    ("number", "answer", "says"),
    [
        ("5.1", (..., ...), "dots"),
        ("5.1", (3.5, 0.3), "fair die"),
        ("5.1", (6, 0.3), "most likely"),
        ("5.1", (1.5, 0.3), "still missing"),
        ("5.1", (0.3, 4.5), "each other's"),
        ("5.1", (4.5, 1 / 6), "Who draws"),
        ("5.1", (4.5, 4.5), "E[x] again"),
        ("5.1", (4.5, 0.5), "largest of the six"),
        ("5.1", ("4.5", "a third"), "give one number, such as"),
        ("5.2", (0.722, 0.025), "second root"),
        ("5.2", (6.0, 0.025), "already the higher"),
        ("5.2", (4.5, 0.025), "still the higher"),
        ("5.2", (5.16, 1.23e-7), "probability of one sample"),
        ("5.2", (5.16, 3.16e-5), "one batch"),
        ("5.2", (5.16, 9.87e-5), "one sample a step"),
        ("5.2", (5.16, 0.0505), "both sides"),
        ("5.2", (5.16, 1.0), "too many"),
        ("5.3", (lambda p, q, c: p / (p + q),), "ignores c"),
        ("5.3", (lambda p, q, c: c * p / (c * p + q),), "wrong side"),
        ("5.3", (lambda p, q, c: q / (p + q),), "generated samples, and it ignores"),
        ("5.3", (lambda p, q, c: c * q / (p + c * q),), "share of the generated"),
        ("5.3", (lambda p, q, c: p / (p + q) ** c,), "no exponent"),
        ("5.3", (lambda p, q, c: p / (p + q) / c,), "only where D is small"),
        ("5.3", (lambda p, q, c: p - c * q,), "leave [0, 1]"),
        ("5.3", (lambda p, q, c: (p / (p + q)).mean(),), "one answer a point"),
        ("5.3", (lambda p, q, c: None,), "dots"),
        ("5.3", (lambda p, q, c: print(end=""),), "returns nothing"),
        ("5.3", (lambda p, q, c: p / (p + c**2 * q),), "p log y + c q log(1 - y)"),
        ("5.4", (1.0,), "further apart"),
        ("5.4", (2.0,), "V(G, D*) = -0.713, not -0.693: the means must be further"),
        ("5.4", (1.02,), "half of the distance"),
        ("5.4", (3.0,), "closer together"),
        ("5.4", (1e3,), "off the picture"),
        ("5.4", (-2.04,), "a distance is not negative"),
        ("5.4", (2.06,), "-0.686, not -0.693: the means must be closer"),
        ("5.4", (-0.693,), "a distance is not negative"),
        ("5.5", (..., ...), "dots"),
        ("5.5", (data.ring(), data.gaussian()), "on the line"),
        ("5.5", (data.gaussian(), data.gaussian(0.1, 1)), "below 0.1"),
        ("5.5", (data.gaussian(), data.gaussian(2, 1)), "not fooled"),
    ],
)
def test_checks_name_the_slip(number: str, answer: tuple[Any, ...], says: str) -> None:
    verdict = classroom.check(number, *answer)
    assert not verdict and says in verdict.message, verdict


def test_right_answers_pass() -> None:
    assert classroom.check("5.1", 4.5, 0.3)
    assert classroom.check("5.2", 5.16, 0.025)
    assert classroom.check("5.3", lambda p, q, c: p / (p + c * q))
    assert classroom.check("5.4", 2.05) and classroom.check("5.4", 2.04)
    assert classroom.check("5.5", data.drawn([1, 0] * 40, low=-4, high=4), data.uniform(-4, 4))
