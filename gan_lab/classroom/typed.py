"""A number as a reader types it; the fields and tables of the page read the same (frontend/src/ui/typed.ts).

    0.25   -0,5   15,000   1e-3   50 %   1/4   2½   2/√3   π/3   2π   log(2)/2   exp(-2)

A comma is the decimal mark, or parts thousands where every group after it has three digits. What could be read in two
ways is not read: √2π, 1/2π, and 11/25/2026, which is a date.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_WORDS = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|sqrt|log|ln|exp|pi|[-+*/^()]|\S")
_DATE = re.compile(r"[0-9]+([-/])[0-9]+\1[0-9]+")
_MOST = 60
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "ln": math.log,
    "exp": math.exp,
}
_ALIKE = {"−": "-", "–": "-", "√": "sqrt", "π": "pi", "·": "*", "×": "*", "÷": "/",
          "½": ".5", "¼": ".25", "¾": ".75"}  # fmt: skip


def _sure(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("no number")
    return value


class _Reader:
    """One that reads the words, floor upon floor: a sum of products of terms of powers of atoms."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def whole(self) -> float:
        value = self._sum()
        return value if self.at == len(self.words) else math.nan

    @property
    def _next(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def _eat(self, word: str) -> bool:
        found = self._next == word
        self.at += found
        return found

    def _sum(self) -> float:
        value = self._product()
        while self._next in ("+", "-"):
            if self._eat("+"):
                value = _sure(value + self._product())
            elif self._eat("-"):
                value = _sure(value - self._product())
        return value

    def _product(self) -> float:
        value = self._signed(self._term)
        while self._next in ("*", "/"):
            if self._eat("*"):
                value = _sure(value * self._signed(self._term))
            elif self._eat("/"):
                value = _sure(value / self._signed(lambda: self._term(below=True)))
        return value

    def _signed(self, rest: Callable[[], float]) -> float:
        if self._eat("-"):
            return -self._signed(rest)
        return self._signed(rest) if self._eat("+") else rest()

    def _term(self, below: bool = False) -> float:
        """2π, 2√3, 2(1+2); nothing of the kind below a stroke, nor after √2."""
        first, value = self._next, self._power()
        while self._next in ("pi", "(", *_FUNCTIONS):
            if below or first in _FUNCTIONS:
                raise ValueError("two ways to read it")
            first, value = self._next, _sure(value * self._power())
        return value

    def _power(self) -> float:
        base = self._atom()
        return _sure(math.pow(base, self._signed(self._power))) if self._eat("^") else base

    def _atom(self) -> float:
        word = self._next
        self.at += 1
        if word in _FUNCTIONS:
            return _sure(_FUNCTIONS[word](self._atom()))
        if word == "(":
            inner = self._sum()
            return inner if self._eat(")") else _sure(math.nan)
        return math.pi if word == "pi" else _sure(float(word) if re.match(r"[.0-9]+(e|$)", word) else math.nan)


def read(text: str) -> float:
    """The finite number that ``text`` is; NaN for anything else."""
    share = re.sub(r"\s*%$", "", text.strip())
    percent = share != text.strip()
    if not share or len(share) > _MOST or _DATE.fullmatch(share):
        return math.nan
    thousands = re.fullmatch(r"[-−–]?[1-9][0-9]{0,2}(,[0-9]{3})+", share)
    plain = share.replace(",", "" if thousands else ".").lower()
    for sign, word in _ALIKE.items():
        plain = plain.replace(sign, word)
    try:
        return _Reader(_WORDS.findall(plain)).whole() / (100 if percent else 1)
    except (ArithmeticError, ValueError):
        return math.nan


def read_all(text: str) -> list[float]:
    """Those that ``text`` lists, with spaces, commas or semicolons between them; NaN for each that is no number."""
    return [read(one) for one in re.split(r"[\s,;]+", re.sub(r"\s+%", "%", text.strip()))]
