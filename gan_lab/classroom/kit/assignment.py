"""An assignment: a notebook of chosen exercises, taken from the book's own chapters, without their solutions."""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import gan_lab
from gan_lab._files import write_whole
from gan_lab.classroom.core import exercises
from gan_lab.classroom.kit.grading import Key
from gan_lab.classroom.kit.notebooks import ANSWER_ID
from gan_lab.classroom.kit.variants import VARIANTS, variant

Format = Literal["plain", "nbgrader", "otter"]
TRIES = 20  # to find a student numbers that nobody else has
PREFACE = (
    "Run the cells from the top, put your answers into the answer cells (in the place of the dots, where there are "
    "dots), run those too, save, and hand in this file. The checks tell you at once what is not right yet; they are "
    "run again when it is graded. What a text calls *above* is in the book's chapter; the figure at a chapter's head "
    "stands here too, under its title."
)
PAGE = re.compile(r"\bat the head of the page\b|\bof this page\b")
SOLUTION = re.compile(r'<details class="gl-solution">.*?</details>\s*', re.DOTALL)
HINT = re.compile(r'<details class="gl-hint">.*?</details>\s*', re.DOTALL)
ROLE = re.compile(r"\s*\{(?:cite|cite:t|cite:p)\}`[^`]*`")
REFERENCE = re.compile(r"\{[a-z:]+\}`([^`<]*?)(?:\s*<[^`]*>)?`")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]*\)")


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook, as far as an assignment needs it."""

    number: int
    title: str
    cells: tuple[dict[str, Any], ...]

    def cell(self, name: str) -> str | None:
        """The source of the cell whose id ends in this name."""
        wanted = f"ch{self.number:02d}-{name}"
        return next(("".join(c["source"]) for c in self.cells if c.get("id") == wanted), None)

    @cached_property
    def statements(self) -> list[_Statement]:
        """What the chapter's shown cells define, in its order."""
        shown = [c for c in self.cells if c["cell_type"] == "code" and not _hidden(c)]
        return [s for c in shown for s in _statements("".join(c["source"]))]

    def needed_by(self, source: str) -> list[str]:
        """The statements of the chapter's shown cells that define what a cell uses, in the order of the chapter."""
        statements = self.statements
        taken: set[int] = set()
        wanted = _reads(source)
        while wanted:
            name = wanted.pop()
            found = next((i for i in reversed(range(len(statements))) if name in statements[i].defines), None)
            if found is not None and found not in taken:
                taken.add(found)
                wanted += statements[found].uses
        return [statements[i].text for i in sorted(taken)]


def _hidden(cell: dict[str, Any]) -> bool:
    tags = cell["metadata"].get("tags", ())
    return any(tag in tags for tag in ("hide-cell", "remove-cell")) or bool(re.search(r"-ex\d", cell.get("id", "")))


@dataclass(frozen=True)
class _Statement:
    text: str
    defines: frozenset[str]
    uses: tuple[str, ...]


def _statements(source: str) -> Iterator[_Statement]:
    for node in ast.parse(source).body:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = {node.name}
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if names:
            text = ast.get_source_segment(source, node) or ""
            decorators = getattr(node, "decorator_list", [])
            text = "".join(f"@{ast.unparse(d)}\n" for d in decorators) + text
            yield _Statement(text, frozenset(names), tuple(_uses(text)))


def _uses(source: str) -> set[str]:
    """The names that a piece of code takes from outside: globals that it reads, in functions too."""
    used: set[str] = set()

    def look(table: symtable.SymbolTable) -> None:
        for symbol in table.get_symbols():
            outer = table.get_type() == "module" or symbol.is_global()
            if symbol.is_referenced() and outer and not hasattr(builtins, symbol.get_name()):
                used.add(symbol.get_name())
        for child in table.get_children():
            look(child)

    look(symtable.symtable(source, "cell", "exec"))
    return used


def _reads(source: str) -> list[str]:
    """The names that a cell takes from outside: those that it reads before it has given them a value itself."""
    known: set[str] = set()
    found: list[str] = []
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node) or ""
        defined = {name for statement in _statements(text) for name in statement.defines}
        own = known | (defined if isinstance(node, ast.FunctionDef | ast.ClassDef) else set())
        found += sorted(_uses(text) - own)
        known |= defined
    return found


def chapters(book: Path | None = None) -> dict[int, Chapter]:
    """The chapters of a checkout's ``book`` by number; raises ValueError where there are none."""
    book = book or Path(gan_lab.__file__).parents[1] / "book"
    found = {}
    for file in sorted(book.glob("part*/[0-9][0-9]_*.ipynb")):
        cells = tuple(json.loads(file.read_text(encoding="utf8"))["cells"])
        title = next(("".join(c["source"]) for c in cells), "").split("\n")[0].lstrip("# ")
        found[int(file.name[:2])] = Chapter(int(file.name[:2]), title, cells)
    if not found:
        raise ValueError(f"{book} holds no chapters: give the folder `book` of a checkout with --book.")
    return found


def assign(
    numbers: Sequence[str], out: Path, *, title: str = "", students: Sequence[str] = (), hints: bool = True,
    format: Format = "plain", book: Path | None = None, force: bool = False,
) -> list[Path]:  # fmt: skip
    """Write an assignment of the exercises ``numbers`` ("2.1", ...) to ``out`` (.ipynb), and its key beside it.

    With ``students`` each gets a notebook, `OUT-STUDENT.ipynb`, with numbers of their own where an exercise has such:
    no two with the same right answers, as long as there are enough. The key (`OUT.key.json`) says who has which; it
    stays with the teacher. Who stands in a key of the same title that lay there keeps their numbers, so that a student
    can be added later.

    Returns the notebooks. Nothing is written before all of it is checked: raises ValueError for an exercise that is
    not there, one twice, none at all, a file that is no notebook by its name, two students with one file, and files
    that are there already, unless ``force`` says to write over them.
    """
    known, parts = exercises(), chapters(book)
    numbers = [str(number) for number in numbers]
    for number in numbers:
        if number not in known or int(number.split(".")[0]) not in parts:
            near = [one for one in known if one.split(".")[0] == number.split(".")[0]] or list(known)
            raise ValueError(f"the book has no exercise {number}: choose from {', '.join(near)}.")
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"name {'each exercise once' if numbers else 'an exercise'}, such as 2.1 4.3 6.2.")
    if out.suffix != ".ipynb":
        raise ValueError(f"--out is {out}: give a name that ends in .ipynb.")
    if students and format != "plain":
        raise ValueError(f"{format} hands out one notebook to all: leave out either --students or --format.")
    places = _places(out, students)
    key_file = out.with_suffix(".key.json")
    there = [file.name for file in (*places.values(), key_file) if file.exists()]
    if there and not force:
        more = f" and {len(there) - 3} more" if len(there) > 3 else ""
        raise ValueError(
            f"{', '.join(there[:3])}{more}: already there in {out.parent}. Give another --out, or write over with "
            "--force."
        )
    title = title or out.stem
    key = Key(title, tuple(numbers), _seeds(title, numbers, students, key_file))
    made = {places[who]: _notebook(key, who, parts, hints) for who in places}
    if format != "plain":
        from gan_lab.classroom.kit import export

        made = {file: export.convert(notebook, format) for file, notebook in made.items()}
    key.save(key_file)
    for file, notebook in made.items():
        write_whole(file, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    return list(made)


def _places(out: Path, students: Sequence[str]) -> dict[str, Path]:
    """The file of each student; of all, under "", where none are named."""
    if not students:
        return {"": out}
    names: dict[str, str] = {}
    for who in students:
        name = f"{out.stem}-{_in_a_name(who)}.ipynb"
        if (other := names.setdefault(name.casefold(), who)) != who or students.count(who) > 1:
            raise ValueError(f"{other} and {who} would get one file, {name}: give each student a number.")
    return {who: out.with_name(f"{out.stem}-{_in_a_name(who)}.ipynb") for who in students}


def _seeds(title: str, numbers: Sequence[str], students: Sequence[str], key_file: Path) -> dict[str, dict[str, int]]:
    """Each student's seeds: those of the key that lies there, else such as give nobody else's right answers."""
    try:
        before = Key.load(key_file)
    except (OSError, ValueError):
        before = None
    kept = before.seeds if before and before.assignment == title else {}
    seeds: dict[str, dict[str, int]] = {who: {} for who in students}
    for number in (n for n in numbers if n in VARIANTS):
        old = {who: kept[who][number] for who in students if number in kept.get(who, {})}
        taken = {variant(number, seed).values for seed in old.values()}
        for who in students:
            tries = [_seed(title, who), *(_seed(title, f"{who}\n{again}") for again in range(TRIES))]
            new = next((s for s in tries if variant(number, s).values not in taken), tries[0])
            seeds[who][number] = old.get(who, new)
            taken.add(variant(number, seeds[who][number]).values)
    return seeds


def _seed(title: str, who: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{title}\n{who}".encode()).digest()[:4])


def _in_a_name(who: str) -> str:
    return re.sub(r"[^\w.-]+", "_", who).strip("._")[:60] or "student"


def _notebook(key: Key, who: str, parts: dict[int, Chapter], hints: bool) -> dict[str, Any]:
    seeds = key.seeds.get(who, {})
    own = "from gan_lab.classroom import kit\n\n" if seeds else ""
    cells = [
        _markdown("title", f"# {key.assignment}\n\n{PREFACE}"),
        _code("name", f"{own}student = {who!r}  # your name, or the number you were given"),
    ]
    begun: set[int] = set()
    for number in sorted(key.exercises, key=lambda n: [int(p) for p in n.split(".")]):
        chapter = parts[int(number.split(".")[0])]
        if chapter.number not in begun:
            begun.add(chapter.number)
            cells.append(_markdown(f"chapter-{chapter.number}", f"## Chapter {chapter.number}: {chapter.title}"))
            cells.append(_code(f"setup-{chapter.number}", chapter.cell("head") or "from gan_lab import classroom"))
        cells += _exercise(chapter, number, seeds.get(number), hints)
    about: dict[str, Any] = {"assignment": key.assignment, "exercises": list(key.exercises)}
    if who:
        about |= {"student": who, "seeds": seeds}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells, "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, "gan_lab": about},
    }  # fmt: skip


def _exercise(chapter: Chapter, number: str, seed: int | None, hints: bool) -> Iterator[dict[str, Any]]:
    name = f"ex{number.split('.')[1]}"
    text, start = chapter.cell(name), chapter.cell(f"{name}-yours")
    if text is None or start is None:
        raise ValueError(f"chapter {chapter.number} has no exercise {number} that a notebook could ask.")
    slug, text = number.replace(".", "-"), for_jupyter(text, hints)
    if seed is not None:
        own = variant(number, seed)
        text = "\n\n".join([text.split("\n")[0], own.text, *map(str.strip, HINT.findall(text))]) + "\n"
        names, dots = ", ".join(own.names), ", ".join("..." for _ in own.names)
        start = f'{names} = {dots}\nkit.check("{number}", {names}, seed={seed})'
        before = []
    else:
        before = [s for s in chapter.needed_by(start) if s not in (chapter.cell("head") or "")]
    yield _markdown(f"question-{slug}", text)
    if before:
        yield _code(f"needs-{slug}", "\n".join(before))
    yield _code(ANSWER_ID.format(slug), start, {"gan_lab": {"exercise": number}})


def for_jupyter(text: str, hints: bool = True) -> str:
    """An exercise of a page from its own heading on, without its solutions, the book's roles and links as words."""
    text = SOLUTION.sub("", text[max(text.find("### "), 0) :])
    text = text if hints else HINT.sub("", text)
    text = PAGE.sub(lambda found: found[0].replace("page", "chapter"), text)
    return LINK.sub(r"\1", REFERENCE.sub(r"\1", ROLE.sub("", text))).rstrip() + "\n"


def _markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(name: str, source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": name, "metadata": metadata or {}, "execution_count": None, "outputs": [],
        "source": source.splitlines(keepends=True),
    }  # fmt: skip
