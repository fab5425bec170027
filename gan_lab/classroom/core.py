"""The register of exercises, and the verdict a check gives."""

from __future__ import annotations

import html
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_lab._errors import unknown
from gan_lab._say import sayable


@dataclass(frozen=True)
class Verdict:
    """Whether an answer passed, and one or two sentences on why. True in a condition when it passed."""

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    @property
    def words(self) -> str:
        """The verdict and its reason, with the tick or cross that a page shows."""
        return f"{'✓ Right' if self.passed else '✗ Not yet'}: {self.message}"

    def __repr__(self) -> str:
        return sayable(self.words)

    def _repr_html_(self) -> str:
        kind = "right" if self.passed else "wrong"
        return f'<p class="gl-verdict gl-{kind}" role="status">{html.escape(self.words)}</p>'


def right(message: str) -> Verdict:
    """The answer is right; the message says what to take from it."""
    return Verdict(True, message)


def wrong(message: str) -> Verdict:
    """The answer is not right yet; the message says what is wrong with *this* answer and where to look."""
    return Verdict(False, message)


Checker = Callable[..., Verdict]


@dataclass(frozen=True)
class Exercise:
    """One exercise: its number in the book, a title, a hint, and the function that looks at an answer."""

    number: str
    title: str
    hint: str
    checker: Checker


EXERCISES: dict[str, Exercise] = {}


def exercise(number: str, title: str, hint: str) -> Callable[[Checker], Checker]:
    """Register the decorated function as the check of exercise ``number`` ("chapter.index")."""

    def register(checker: Checker) -> Checker:
        if number in EXERCISES and EXERCISES[number].checker.__qualname__ != checker.__qualname__:
            raise ValueError(f"exercise {number} is registered twice: {EXERCISES[number].title!r} and {title!r}.")
        EXERCISES[number] = Exercise(number, title, hint, checker)
        return checker

    return register


def exercises() -> dict[str, Exercise]:
    """All exercises by number, chapter by chapter."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("chapter"):
            importlib.import_module(f"{__package__}.{module.name}")
    return dict(sorted(EXERCISES.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


def _find(number: str) -> Exercise:
    known = exercises()
    if str(number) not in known:
        raise unknown("exercise", number, known)
    return known[str(number)]


def check(number: str, *answer: Any, **named: Any) -> Verdict:
    """Look at an answer to an exercise and say what is right or wrong with it.

    An answer that the check cannot even read (a wrong type or shape, a function that raises) is a verdict too, not a
    traceback.
    """
    task = _find(number)
    takes = inspect.signature(task.checker)
    try:
        takes.bind(*answer, **named)
    except TypeError:
        return wrong(f"exercise {task.number} takes {', '.join(takes.parameters)}: pass that after its number.")
    try:
        return task.checker(*answer, **named)
    except Exception as error:  # a student's function may raise anything
        first = next(iter(str(error).splitlines()), "").strip().rstrip(".")
        return wrong(f"your answer could not be checked ({type(error).__name__}: {first[:200]}).")


def hint(number: str) -> str:
    """The hint of an exercise."""
    return _find(number).hint
