"""Exercises as data: what is asked, what is right, and what each slip means, read from `chapterNN.toml`.

One file a chapter, because TOML can be read and written by a person (sentences over several lines, comments) and by
Python alone; the page gets what `Exercise.for_page` makes of it as JSON. A table a exercise:

    ["1.1"]
    title = "The best judge of dust"
    kind = "numeric"                       # numeric, choice, widget, drawing; or code: then a function checks it
    hints = ["The first.", "The next, which says more."]
    let.both = "a + b"                     # names for the rules and the sentences, in this order
    rules = [{ when = "a > b", say = "..." }]  # looked at first: slips that concern several fields
    right = "What to take from it."        # or a list of { when = "...", say = "..." }, the last without `when`
    [["1.1".fields]]                       # in the order in which `classroom.check` takes them
    name = "a"                             # as in Python, and in the rules
    label = "what the page writes beside the field"
    value = "1/3"                          # right within the tolerance
    within = 1e-3
    slips = [{ value = 0.5, within = 0.01, say = "..." }, { when = "a < 0", say = "..." }]
    otherwise = "{a:g} is not it."         # or a list, as `right`
    before = "The first is right; "        # put before each sentence of this field

Rules, slips and values are expressions of `rules.py`; the first rule that holds is the verdict.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_lab import data
from gan_lab.classroom import answers, typed
from gan_lab.classroom.rules import Tree, evaluate, fill, parse

KINDS = ("numeric", "choice", "widget", "drawing", "code")


class Unreadable(Exception):
    """An answer that a field cannot read; the message is the sentence for the reader."""


@dataclass(frozen=True)
class Field:
    """One thing an answer holds. `type`: number, numbers (a list), choice, choices (a set), or drawing (heights)."""

    name: str
    label: str
    type: str = "number"
    value: Any = None
    within: float = 1e-9
    slips: Sequence[Mapping[str, Any]] = ()
    otherwise: str | Sequence[Mapping[str, str]] = ()
    before: str = ""
    low: float | None = None
    high: float | None = None
    outside: str = "{label}: give a number between {low} and {high}."
    unreadable: str = ""
    #: the words to choose from
    options: Sequence[str] = ()
    #: consecutive fields of one group are one tuple in Python
    group: str | None = None
    #: what the figure on the page is asked for, to fill the field
    reads: str | None = None
    #: what to do where the figure does not show it
    unread: str = ""
    #: what stands in the field before it is answered (the reader is to change it)
    given: str = ""
    #: a drawing: bars of equal width from low to high; and what is measured of it while it is drawn
    bars: int = 0
    shows: str = ""

    def read(self, answer: Any) -> Any:
        """The answer as the rules take it; raises Unreadable with a sentence."""
        return getattr(self, f"_read_{self.type}")(answer)

    def _read_number(self, answer: Any) -> float:
        number = answers.given(answer)
        if number is None:
            raise Unreadable(self._wants("one number, such as 0.25, 1/4 or 2/sqrt(3)"))
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise Unreadable(self.outside.format(label=self.called, low=self.low, high=self.high))
        return number

    def _read_numbers(self, answer: Any) -> list[float]:
        listed = typed.read_all(answer) if isinstance(answer, str) else answer
        try:
            numbers = [answers.given(x) for x in listed]
        except (TypeError, RuntimeError):  # nothing that can be gone through
            numbers = [None]
        if None in numbers:
            raise Unreadable(self._wants("numbers, with spaces between them"))
        return numbers  # type: ignore[return-value]

    def _read_choice(self, answer: Any) -> str:
        chosen = self._read_choices(answer)
        if len(chosen) != 1:
            raise Unreadable(self._wants(f"one of {', '.join(self.options)}"))
        return chosen[0]

    def _read_choices(self, answer: Any) -> list[str]:
        known = {plain(option): option for option in self.options}
        listed = answer if isinstance(answer, list | tuple | set | frozenset) else [answer]
        try:
            found = {known[plain(one if isinstance(one, str) else ", ".join(one))] for one in listed}
        except (TypeError, KeyError):
            raise Unreadable(self._wants(f"some of {', '.join(self.options)}")) from None
        return [option for option in self.options if option in found]

    def _read_drawing(self, answer: Any) -> data.Distribution1D:
        if isinstance(answer, data.Distribution1D):
            return answer
        try:
            return data.drawn([float(x) for x in answer], low=self.low, high=self.high)  # type: ignore[arg-type]
        except (TypeError, ValueError, RuntimeError):
            raise Unreadable(self._wants(f"a distribution on the line, not {type(answer).__name__}")) from None

    def _wants(self, what: str) -> str:
        return self.unreadable or f"{self.name} ({self.called}): give {what}."

    @property
    def called(self) -> str:
        """The label in the middle of a sentence: without the sign before the answer."""
        return self.label.rstrip(" =:")


def plain(word: str) -> str:
    """A name as it is compared: case, hyphens and spaces do not matter."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


Rule = tuple[Tree, str, bool]  # when it holds, what is said, and whether the answer is right then


@dataclass(frozen=True)
class Exercise:
    """One exercise of the book, by its number "chapter.index"."""

    number: str
    title: str
    kind: str
    hints: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    let: Mapping[str, Tree] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    #: the view on the page that a widget exercise is about
    widget: str | None = None

    @property
    def hint(self) -> str:
        """The first hint."""
        return self.hints[0]

    @property
    def takes(self) -> list[str]:
        """The names of what `classroom.check` takes after the number; a group is one of them."""
        return list(dict.fromkeys(one.group or one.name for one in self.fields))

    def judge(self, given: Mapping[str, Any]) -> tuple[bool, str]:
        """Whether the answers ``given``, by the names of `takes`, are right, and the sentence that says why."""
        scope: dict[str, Any] = {}
        try:
            for one in self.fields:
                scope[one.name] = one.read(self._part(one, given))
        except Unreadable as error:
            return False, str(error)
        for name, tree in self.let.items():
            scope[name] = evaluate(tree, scope)
        for when, say, passed in self.rules:
            if evaluate(when, scope):
                return passed, fill(say, scope)
        raise AssertionError(f"the rules of exercise {self.number} say nothing of {scope}")

    def _part(self, one: Field, given: Mapping[str, Any]) -> Any:
        if not one.group:
            return given[one.name]
        names = [other.name for other in self.fields if other.group == one.group]
        parts = given[one.group]
        if not isinstance(parts, list | tuple) or len(parts) != len(names):
            raise Unreadable(one.unreadable or f"{one.group} is {len(names)} numbers: ({', '.join(names)}).")
        return parts[names.index(one.name)]

    def for_page(self) -> dict[str, Any]:
        """All that the page needs to ask and to judge, as JSON takes it."""
        kept = "name label type outside unreadable options reads unread given bars shows".split()
        return {
            "number": self.number,
            "kind": self.kind,
            "widget": self.widget,
            "fields": [
                {key: value for key in kept if (value := getattr(one, key)) not in ("", None, 0, ())}
                | {"low": one.low, "high": one.high}
                for one in self.fields
            ],
            "let": list(map(list, self.let.items())),
            "rules": list(map(list, self.rules)),
        }


# -- from the file ----------------------------------------------------------------------------------------------------


def load(file: Path) -> dict[str, Exercise]:
    """The exercises of one file, in its order; raises ValueError that names the exercise for what is amiss."""
    found = {}
    for number, table in tomllib.loads(file.read_text(encoding="utf8")).items():
        try:
            found[number] = _exercise(number, dict(table))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"exercise {number} in {file.name}: {error}") from error
    return found


def _exercise(number: str, table: dict[str, Any]) -> Exercise:
    title, kind, hints = table.pop("title"), table.pop("kind"), tuple(table.pop("hints"))
    asked = tuple(Field(**one) for one in table.pop("fields", ()))
    let = {name: parse(text) for name, text in table.pop("let", {}).items()}
    rules = [_rule(one) for one in table.pop("rules", ())]
    for one in asked:
        rules += _rules_of(one)
    rules += [_rule(one, right=True) for one in _listed(table.pop("right", ()))]
    widget = table.pop("widget", None)
    if kind not in KINDS or table:
        raise ValueError(f"its kind is {kind!r} (of {', '.join(KINDS)}); nobody reads {', '.join(table) or 'nothing'}.")
    return Exercise(number, title, kind, hints, asked, let, tuple(rules), widget)


def _listed(said: str | Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [{"say": said}] if isinstance(said, str) else list(said)


def _rule(one: Mapping[str, Any], *, right: bool = False, only: Tree = None, before: str = "") -> Rule:
    when = parse(one.get("when", "1 == 1"))
    return (when if only is None else ["and", only, when]), before + one["say"], right


def _rules_of(one: Field) -> list[Rule]:
    """What is said when this field is not right: its slips, then what is said otherwise."""
    x: Tree = ["$", one.name]
    missed: Tree = None
    if one.value is not None:
        wanted = ["list", *one.value] if isinstance(one.value, list) else parse(one.value)
        if one.type == "choice":
            missed = ["!=", x, one.value]
        else:
            missed = ["not", ["same", x, wanted] if one.type == "choices" else ["near", x, wanted, one.within]]
    rules = []
    for slip in one.slips:
        if "value" in slip:
            close = ["near", x, parse(slip["value"]), slip.get("within", one.within)]
            rules.append((close if missed is None else ["and", missed, close], one.before + slip["say"], False))
        else:
            rules.append(_rule(slip, only=missed, before=one.before))
    return rules + [_rule(said, only=missed, before=one.before) for said in _listed(one.otherwise)]
