"""Reading a student's notebook: as JSON, whatever it holds, without running a line of it."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_lab._files import write_whole
from gan_lab.classroom.core import exercises
from gan_lab.classroom.kit.cells import python_of

LARGEST, LONGEST = 50 * 2**20, 2**20  # bytes of a notebook that is read; characters of all its code
ANSWER_ID = "answer-{}"
PLAIN_NUMBER = re.compile(r"[-+]?[\d.,\s]+(e[-+]?\d+)?")
NAME = re.compile(r"""^[ \t]*student[ \t]*=[ \t]*(["'])(.*?)\1""", re.MULTILINE)


class NotANotebook(ValueError):
    """Why a file cannot be read as a notebook, in one sentence."""


@dataclass(frozen=True)
class Cell:
    """A code cell, and the exercise whose answer it is, or None."""

    source: str
    exercise: str | None = None


@dataclass(frozen=True)
class Handed:
    """What one file holds: whose it is, of which assignment, its code cells, and the seeds it names."""

    file: Path
    student: str
    assignment: str = ""
    asked: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    seeds: dict[str, int] = field(default_factory=dict)


def files(folder: Path) -> list[Path]:
    """The files of a folder that somebody may have handed in, by name; raises ValueError where there is none."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: give the one that the notebooks lie in.")
    found = sorted(p for p in folder.rglob("*") if p.suffix == ".ipynb" and not p.name.startswith("."))
    if not (found := [p for p in found if ".ipynb_checkpoints" not in p.parts]):
        raise ValueError(f"{folder} holds no notebook: their names end in .ipynb.")
    return found


def read(file: Path) -> Handed:
    """A handed-in notebook; raises :class:`NotANotebook` with a sentence for everything that is none."""
    try:
        if not file.is_file():
            raise NotANotebook("it is no file.")
        if (size := file.stat().st_size) > LARGEST:
            raise NotANotebook(f"it has {size / 2**20:.0f} MB; at most {LARGEST // 2**20} are read.")
        book = json.loads(file.read_text(encoding="utf8"))
    except OSError as error:
        raise NotANotebook(f"it cannot be opened ({error.strerror}).") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, NotANotebook):
            raise
        raise NotANotebook(f"it cannot be read as JSON ({str(error)[:80]}).") from error
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        raise NotANotebook("it is JSON, but has no cells.")
    try:
        return _handed(file, book)
    except Exception as error:  # whatever the JSON may hold
        if isinstance(error, NotANotebook):
            raise
        why = f"{type(error).__name__}: {plain(str(error))[:80]}"
        raise NotANotebook(f"its cells or metadata are not those of a notebook ({why}).") from error


def plain(text: str) -> str:
    """Words of a student's on one line: what would steer a terminal, or no file can hold (half a letter), is a mark."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", re.sub(r"[\t-\r]+", " ", text))


def _handed(file: Path, book: dict[str, Any]) -> Handed:
    about = book.get("metadata", {}).get("gan_lab", {})
    cells = tuple(
        Cell(source := "".join(cell["source"]), _exercise(cell, source))
        for cell in book["cells"]
        if cell["cell_type"] == "code"
    )
    if sum(len(cell.source) for cell in cells) > LONGEST:
        raise NotANotebook(f"it holds more than {LONGEST // 2**20} MB of code.")
    asked = [str(number) for number in about.get("exercises", ())] or [c.exercise for c in cells if c.exercise]
    named = next((m[2].strip() for cell in cells if (m := NAME.search(cell.source))), "")
    student, assignment = about.get("student") or named or file.stem, about.get("assignment", "")
    return Handed(
        file, plain(str(student))[:100], plain(str(assignment))[:100],
        tuple(number for number in dict.fromkeys(asked) if number in exercises()), cells,
        {str(k): int(v) for k, v in about.get("seeds", {}).items()},
    )  # fmt: skip


def _exercise(cell: dict[str, Any], source: str) -> str | None:
    """By the cell's id, which Jupyter keeps; Colab moves it into the metadata; and by what the cell checks."""
    meta = cell.get("metadata", {})
    for identity in (cell.get("id"), meta.get("id"), meta.get("nbgrader", {}).get("grade_id")):
        if isinstance(identity, str) and identity.startswith(ANSWER_ID.format("")):
            number = identity.removeprefix(ANSWER_ID.format("")).replace("-", ".")
            return number if number in exercises() else None
    found = answers_in(source)
    return next(iter(found)) if len(found) == 1 else None


# -- answers, without running -----------------------------------------------------------------------------------------


def answers_in(source: str) -> dict[str, list[str]]:
    """What a cell hands to `check`, by exercise, as text: the value where it is written out, else the code it is.

    >>> answers_in("a, b = 7, 8\\nclassroom.check('2.1', a, b)")
    {'2.1': ['7', '8']}
    """
    try:
        tree = ast.parse(python_of(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    written: dict[str, ast.AST] = {}
    found: dict[str, list[str]] = {}
    for statement in tree.body:
        _note(statement, written)
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and node.args and isinstance(number := node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", None))
                if name == "check" and number.value in exercises():
                    given = [*node.args[1:], *(word.value for word in node.keywords if word.arg != "seed")]
                    found[str(number.value)] = [_text(argument, written) for argument in given]
    return found


def _note(statement: ast.stmt, written: dict[str, ast.AST]) -> None:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        written[statement.name] = statement
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                written[target.id] = statement.value
            elif isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                pairs = zip(target.elts, statement.value.elts, strict=False)
                written.update({name.id: value for name, value in pairs if isinstance(name, ast.Name)})


def _text(argument: ast.AST, written: dict[str, ast.AST]) -> str:
    node = written.get(argument.id, argument) if isinstance(argument, ast.Name) else argument
    text = ast.unparse(node)
    return "" if text == "..." else text


# -- tables ------------------------------------------------------------------------------------------------------------


def safe_for_sheets(text: str) -> str:
    """A text that a spreadsheet would read as a formula, made to stay text; numbers stay numbers."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not all(map(PLAIN_NUMBER.fullmatch, text.split("; "))):
        return "'" + text
    return text


def write_csv(file: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A CSV in UTF-8 with a byte-order mark, which spreadsheets need to read it as such; its folder is made."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe_for_sheets(cell) for cell in row] for row in rows)
    write_whole(file, text.getvalue().encode("utf-8-sig", errors="backslashreplace"))
