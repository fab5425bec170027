"""The register of exercises, and the verdict a check gives."""

from __future__ import annotations

import functools
import html
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_lab._errors import unknown, whole_number
from gan_lab._say import sayable
from gan_lab.classroom.questions import Exercise, load
from gan_lab.classroom.untouched import untouched

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Verdict:
    """Whether an answer passed, and one or two sentences on why. True in a condition when it passed.

    ``open`` is the verdict of what nobody has answered yet: not right, and no fault either.
    """

    passed: bool
    message: str
    open: bool = False

    def __bool__(self) -> bool:
        return self.passed

    @property
    def words(self) -> str:
        """The verdict and its reason, with the sign that a page shows."""
        return f"{'✓ Right' if self.passed else '○ Open' if self.open else '✗ Not yet'}: {self.message}"

    def __repr__(self) -> str:
        return sayable(self.words)

    def _repr_html_(self) -> str:
        kind = "right" if self.passed else "open" if self.open else "wrong"
        return f'<p class="gl-verdict gl-{kind}" role="status">{html.escape(self.words)}</p>'


def right(message: str) -> Verdict:
    """The answer is right; the message says what to take from it."""
    return Verdict(True, message)


def wrong(message: str) -> Verdict:
    """The answer is not right yet; the message says what is wrong with *this* answer and where to look."""
    return Verdict(False, message)


def unanswered(message: str = "put your answer in the place of the dots and run the cell.") -> Verdict:
    """The cell is as the book gives it; the message says what to do with it."""
    return Verdict(False, message, open=True)


Checker = Callable[..., Verdict]

#: the functions that look at code, by the number of the exercise
CHECKERS: dict[str, Checker] = {}


def checks(number: str) -> Callable[[Checker], Checker]:
    """Register the decorated function as what looks at the answers to the code exercise ``number``."""

    def register(checker: Checker) -> Checker:
        known = CHECKERS.get(number)
        if known and known.__qualname__ != checker.__qualname__:
            raise ValueError(f"exercise {number} is checked twice: by {known.__name__} and by {checker.__name__}.")
        CHECKERS[number] = checker
        return checker

    return register


@functools.cache
def _read() -> dict[str, Exercise]:
    found = {number: one for file in sorted(HERE.glob("chapter*.toml")) for number, one in load(file).items()}
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


def exercises() -> dict[str, Exercise]:
    """All exercises by number, chapter by chapter."""
    return dict(_read())


def checker(number: str) -> Checker:
    """The function that looks at the code exercise ``number``; raises KeyError where it has none."""
    for module in pkgutil.iter_modules([str(HERE)]):
        if module.name == f"chapter{int(number.split('.')[0]):02d}":
            importlib.import_module(f"{__package__}.{module.name}")
    return CHECKERS[number]


def _find(number: str) -> Exercise:
    known = exercises()
    if str(number) not in known:
        raise unknown("exercise", number, known)
    return known[str(number)]


def check(number: str, *answer: Any, **named: Any) -> Verdict:
    """Look at an answer to an exercise and say what is right or wrong with it.

    An answer that the check cannot even read (a wrong type or shape, a function that raises) is a verdict too, not a
    traceback; one that the reader has not begun is an open one.
    """
    task = _find(number)
    if task.kind == "code":
        takes = inspect.signature(checker(task.number))
    else:
        takes = inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in task.takes])
    try:
        given = takes.bind(*answer, **named).arguments
    except TypeError:
        return wrong(f"exercise {task.number} takes {', '.join(takes.parameters)}: pass that after its number.")
    if any(untouched(one) for one in given.values()):
        return unanswered()
    try:
        return checker(task.number)(**given) if task.kind == "code" else Verdict(*task.judge(given))
    except Exception as error:  # a student's function may raise anything
        first = next(iter(str(error).splitlines()), "").strip().rstrip(".")
        return wrong(f"your answer could not be checked ({type(error).__name__}: {first[:200]}).")


def hint(number: str, which: int = 1) -> str:
    """The first hint of an exercise, or the one after it: ``hint("1.1", 2)``.

    Raises ValueError for a number that no exercise has, and for a hint beyond the last.
    """
    hints = _find(number).hints
    if whole_number("which", which, 1) > len(hints):
        raise ValueError(f"exercise {number} has {len(hints)} hints: there is no hint {which}.")
    return hints[which - 1]
