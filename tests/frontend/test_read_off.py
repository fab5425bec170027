"""What "Read it off the figure" puts into an answer: right of the right state, and nothing or wrong of any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_figure1 import game

from gan_lab import classroom

Views = Callable[[dict[str, Any]], Any]

SINE = {"target": {"name": "sine"}, "prior": {"name": "gaussian", "mean": 0.0, "std": 1.0}, "batch": 256,
        "generator": {"sizes": [1, 16, 1], "activation": "tanh"},
        "penalties": [{"name": "r1", "weight": 1.0}],
        "optimisers": {who: {"name": "adam", "lr": lr, "betas": [0.0, 0.99]}
                       for who, lr in (("generator", 1e-3), ("discriminator", 5e-3))}}  # fmt: skip
FLAT = {"prior": {"name": "uniform", "low": -1, "high": 1}}
#: exercise: what its figure began as, the states in which all of its fields come, and states in which the answer must
#: not be taken
STATES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]] = {
    "4.2": (
        SINE,
        [{"change": FLAT, "steps": 1_500}],
        [{"change": FLAT, "steps": 0}, {"change": FLAT, "steps": 20}, {"steps": 1_500},
         {"change": {"prior": {"name": "uniform", "low": 0, "high": 1}}, "steps": 1_500}],
    ),
    "5.4": (
        {},
        [{"value": {"q": [2.04, 1]}}, {"value": {"q": [2.05, 1]}}, {"value": {"p": [1, 1], "q": [-1.05, 1]}}],
        [{"value": {"q": [2, 1]}}, {"value": {"q": [2.1, 1]}}, {"value": {"q": [2.05, 0.7]}}, {"value": {}},
         {"value": {"preset": "disjoint", "p": [0, 1], "q": [2.05, 1]}}],
    ),
    "6.4": (
        {},
        [{"steps": 500}, {"change": {"k": 5}, "steps": 500}],
        [{"steps": 499}, {"steps": 520}, {"change": {"k": 4}, "steps": 500}, {"change": {"seed": 1}, "steps": 500},
         {"change": {"loss": "minimax"}, "steps": 500}],
    ),
}  # fmt: skip


def test_every_exercise_with_a_read_off_is_in_the_table() -> None:
    asks = {number for number, task in classroom.exercises().items() if any(one.reads for one in task.fields)}
    assert {number for number in asks if number >= "4"} == set(STATES)


@pytest.mark.parametrize("number", STATES)
def test_the_right_state_is_taken_and_no_other(views: Views, number: str) -> None:
    begun, right, wrong = STATES[number]
    task = classroom.exercises()[number]
    reads = [one.reads for one in task.fields]

    def seen(states: list[dict[str, Any]]) -> list[float | None]:
        """The fields as the page fills them, one state after the other: what is not shown stays as it was."""
        fields: list[float | None] = [None] * len(reads)
        for state in states:
            for i, value in enumerate(views({"read": reads, "spec": game(**begun), "steps": 0} | state)):
                fields[i] = fields[i] if value is None else round(value, 3)
        return fields

    together = [right] if number == "6.4" else [[one] for one in right]
    for states in together:
        assert (verdict := classroom.check(number, *seen(states))), verdict
    for state in wrong:
        fields = seen([state])
        assert None in fields or not classroom.check(number, *fields), state
