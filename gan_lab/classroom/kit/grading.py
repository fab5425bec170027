"""Grades for a folder of notebooks: read here, run and judged elsewhere."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gan_lab._files import write_whole
from gan_lab.classroom.kit.notebooks import Handed, NotANotebook, answers_in, files, plain, read, write_csv
from gan_lab.classroom.kit.variants import VARIANTS

State = Literal["right", "wrong", "none"]
SLACK = 60.0  # seconds for the judge itself: it loads PyTorch, and some checks train a network
#: By the clock a cell or a check may take so many times its seconds of computing, and the whole notebook so many.
CLOCK, WHOLE = 6, 12
NO_FILE = "nothing was handed in."


@dataclass(frozen=True)
class Mark:
    """A verdict on one exercise. ``sealed``: the student's code had no part in computing it."""

    state: State
    message: str = ""
    sealed: bool = True

    def __str__(self) -> str:
        return {"right": "1", "wrong": "0", "none": ""}[self.state] + ("" if self.sealed else "*")


@dataclass(frozen=True)
class Graded:
    """One file: whose it is, its marks by exercise, and what there is to say about the file."""

    #: seen from the folder that was graded; None for a student of the roster without a file
    file: Path | None
    student: str
    marks: dict[str, Mark] = field(default_factory=dict)
    note: str = ""
    #: what held while it ran (:func:`gan_lab.classroom.kit.jail.enter`); empty where nothing was run
    jail: dict[str, bool] = field(default_factory=dict)

    @property
    def right(self) -> int:
        return sum(mark.state == "right" for mark in self.marks.values())

    @property
    def score(self) -> str:
        """Right ones of those asked, "" where nothing could be asked."""
        return f"{self.right}/{len(self.marks)}" if self.marks else ""

    @property
    def place(self) -> str:
        """The file as it can be printed, "" for none."""
        return plain(str(self.file or ""))

    def __str__(self) -> str:
        return f"{self.place or self.student}: {_and(self.score, self.note)}"


@dataclass(frozen=True)
class Key:
    """What the teacher keeps of an assignment: its name, exercises, and each student's seeds."""

    assignment: str
    exercises: tuple[str, ...]
    seeds: dict[str, dict[str, int]]

    @classmethod
    def load(cls, file: Path) -> Key:
        """Raises ValueError for a file that is none."""
        try:
            found = json.loads(file.read_text(encoding="utf8"))
            seeds = {str(who): {str(k): int(v) for k, v in of.items()} for who, of in found["students"].items()}
            return cls(str(found["assignment"]), tuple(map(str, found["exercises"])), seeds)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"{file} is no key of an assignment: `gan-lab class assign` writes one.") from error

    def save(self, file: Path) -> None:
        about = {"assignment": self.assignment, "exercises": list(self.exercises), "students": self.seeds}
        write_whole(file, json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def collect(folder: Path, out: Path) -> int:
    """The answers of all notebooks of a folder in one CSV, as they are written: nothing is run. Returns how many."""
    found: list[tuple[str, str, dict[str, list[str]], str]] = []
    for file in files(folder):
        name = plain(str(file.relative_to(folder)))
        try:
            handed = read(file)
            found.append((name, handed.student, _answers(handed), ""))
        except Exception as why:  # of this file alone
            found.append((name, plain(file.stem), {}, _unreadable(why)))
    numbers = sorted({number for *_, answers, _ in found for number in answers}, key=_order)
    rows = [
        [who, name, *("; ".join(answers.get(number, [])) for number in numbers), note]
        for name, who, answers, note in found
    ]
    write_csv(out, ["student", "file", *numbers, "note"], rows)
    return len(found)


def _answers(handed: Handed) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {}
    for cell in handed.cells:
        for number, texts in answers_in(cell.source).items():
            if cell.exercise == number or number not in answers:
                answers[number] = texts
    return answers


def _unreadable(why: Exception) -> str:
    if isinstance(why, NotANotebook):
        return f"not a notebook: {why}"
    return f"it could not be read ({type(why).__name__}: {plain(str(why))[:80]})."


def _order(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def grade(
    folder: Path, key: Key | None = None, *, seconds: float = 30.0, memory_gb: float = 3.0,
    each: Callable[[Graded], None] = lambda _: None,
) -> list[Graded]:  # fmt: skip
    """Grade every notebook of a folder; ``each`` is told of one as soon as it is done.

    The notebooks are run in processes of their own, never here: ``seconds`` (of computing) limits each cell and each
    check of an answer, ``memory_gb`` each notebook. Where the key has a roster, a student without a file has a line
    too. Raises ValueError for the folder or the limits, and RuntimeError on Windows; what is wrong with a file is in
    its own line.
    """
    if not 1 <= seconds <= 36_000 or not 0.5 <= memory_gb <= 1_000:
        raise ValueError(f"{seconds:g} s a cell and {memory_gb:g} GB: 1 to 36,000 s and 0.5 to 1,000 GB are possible.")
    if os.name != "posix":
        raise RuntimeError("grading needs Linux or macOS: on Windows run it in the Linux subsystem (WSL).")
    found: list[Graded] = []
    seen: dict[str, str] = {}

    def add(one: Graded) -> None:
        found.append(one)
        each(one)

    with Judge() as judge:
        for file in files(folder):
            try:
                one = _grade_one(judge, read(file), key, seconds, memory_gb)
            except Exception as why:  # of this file alone
                one = Graded(None, plain(file.stem), {}, _unreadable(why))
            one = replace(one, file=file.relative_to(folder))
            if (first := seen.setdefault(one.student, one.place)) != one.place:
                one = replace(one, note=_and(f"{one.student} again: also in {first}.", one.note))
            add(one)
    if key:
        for who in (name for name in key.seeds if name not in seen):
            add(Graded(None, who, {number: Mark("none") for number in key.exercises}, NO_FILE))
    return found


def _grade_one(judge: Judge, handed: Handed, key: Key | None, seconds: float, memory_gb: float) -> Graded:
    asked = key.exercises if key else handed.asked
    if not asked:
        return Graded(None, handed.student, {}, "it holds no exercise of the book.")
    seeds, note = _seeds(handed, key)
    cells = [{"source": cell.source, "exercise": cell.exercise} for cell in handed.cells]
    about = {"cells": cells, "asked": list(asked), "seeds": seeds, "memory_gb": memory_gb}
    about |= {"seconds": seconds, "clock": CLOCK * seconds, "whole": WHOLE * seconds}
    said = judge.ask(about, WHOLE * seconds + SLACK)
    marks = {number: _mark(said["verdicts"].get(number, {"state": "none", "message": ""})) for number in asked}
    return Graded(None, handed.student, marks, _and(note, plain(said["note"])), said["jail"])


def _mark(verdict: dict[str, Any]) -> Mark:
    return Mark(**verdict | {"message": plain(verdict["message"])})


BY_THE_BOOK = "judged by the book's own numbers."


def _seeds(handed: Handed, key: Key | None) -> tuple[dict[str, int], str]:
    """The seeds that count, the key's where there is one, and what is to say about them."""
    asked = key.exercises if key else handed.asked
    if key is None:
        lost = not handed.seeds and not handed.assignment and any(number in VARIANTS for number in asked)
        return handed.seeds, f"it names no assignment (its metadata are gone): {BY_THE_BOOK}" if lost else ""
    note = "" if handed.assignment in ("", key.assignment) else f"it says it is {handed.assignment!r}."
    if key.seeds and handed.student not in key.seeds:
        by = "judged by the numbers that it names." if handed.seeds else BY_THE_BOOK
        return handed.seeds, _and(note, f"{handed.student} is not on the roster: {by}")
    own = key.seeds.get(handed.student, {})
    if handed.seeds and handed.seeds != own:
        note = _and(note, "its numbers are not this student's.")
    return own, note


def _and(*notes: str) -> str:
    return " ".join(filter(None, notes))


HELD = {
    "limits": "a student's code may fill memory and disk and start processes (the clock still ends it)",
    "network": "it may use the network and talk to programs of this machine",
    "processes": "it may see and end the other processes of your user",
    "files": "it may read and delete what your user may",
}


def not_held(graded: Sequence[Graded]) -> str:
    """What this machine could not keep from the students' code; "" where all of it held."""
    jails = [one.jail for one in graded if one.jail]
    return "; ".join(words for name, words in HELD.items() if any(not jail.get(name) for jail in jails))


def write_grades(out: Path, graded: Sequence[Graded]) -> None:
    """A CSV with a line for each file: the marks (1, 0, none; * as in the table), then what was said of each."""
    numbers = numbers_of(graded)
    header = ["student", "file", *numbers, "right", "note", *(f"{number} says" for number in numbers)]
    rows = [
        [one.student, one.place, *(str(one.marks.get(n, "")) for n in numbers)]
        + [str(one.right) if one.score else "", one.note]
        + [one.marks[n].message if n in one.marks else "" for n in numbers]
        for one in graded
    ]
    write_csv(out, header, rows)


def numbers_of(graded: Sequence[Graded]) -> list[str]:
    """The exercises that any of them was asked, in the book's order."""
    return sorted({number for one in graded for number in one.marks}, key=_order)


class Judge:
    """The process that judges, begun again after a notebook that it did not come back from."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        """What the judge says about a notebook; where it does not come back, that."""
        lost: dict[str, Any] = {"verdicts": {}, "jail": {}}
        process = self._begun()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            said: dict[str, Any] = json.loads(self.lines.get(timeout=seconds))
        except queue.Empty:
            self._end()
            return lost | {"note": f"its answers were still being checked after {seconds:g} s."}
        except (OSError, ValueError):
            self._end()
            return lost | {"note": "the process that judges ended while it looked at this notebook."}
        return said

    def _begun(self) -> subprocess.Popen[str]:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gan_lab.classroom.kit.judge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, encoding="utf8",
            )  # fmt: skip
            self.lines: queue.Queue[str] = queue.Queue()
            assert self.process.stdout is not None
            threading.Thread(target=_pass_on, args=(self.process.stdout, self.lines), daemon=True).start()
        return self.process

    def _end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def _pass_on(stream: Iterator[str], lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line)
    lines.put("")  # the end: no JSON
