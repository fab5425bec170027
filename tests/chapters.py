"""The chapters as tests read them: the source of a cell, what a cell needs, and what a reader's edit makes of it."""

from __future__ import annotations

import ast
import json
import re
import symtable
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt

BOOK = Path(__file__).resolve().parents[1] / "book"
IMPORT = ast.Import | ast.ImportFrom
CHAPTERS = sorted((int(p.name[:2]), p) for p in BOOK.glob("part*/*.ipynb"))


class Cell(NamedTuple):
    id: str
    code: bool
    source: str


@cache
def cells(chapter: int) -> tuple[Cell, ...]:
    """All cells of a chapter, in order."""
    found = json.loads(dict(CHAPTERS)[chapter].read_text(encoding="utf8"))["cells"]
    return tuple(Cell(c["id"], c["cell_type"] == "code", "".join(c["source"])) for c in found)


def edited(source: str, changes: Mapping[str, str], where: str = "the cell") -> str:
    """The source with each old text, which must stand in it exactly once, replaced by the new one."""
    for old, new in changes.items():
        assert source.count(old) == 1, f"{old!r} is in {where} {source.count(old)} times"
        source = source.replace(old, new)
    return source


def play(
    chapter: int, *ids: str, names: Mapping[str, Any] | None = None, changes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Runs cells of a chapter, by their ids, as one listing with some text changed: the names they leave behind."""
    found = {c.id: c.source for c in cells(chapter)}
    source = edited("\n".join(found[i] for i in ids), changes or {}, f"chapter {chapter}")
    left = dict(names or {})
    exec(compile(source, f"chapter {chapter}", "exec"), left)
    return left


def _names(source: str) -> tuple[set[str], set[str]]:
    """What a cell gives a value to (imports apart), and what it takes from the cells before it."""
    top = symtable.symtable(source, "cell", "exec")
    made = {n.get_name() for n in top.get_symbols() if n.is_assigned() and not n.is_imported()}
    taken, tables = {n.get_name() for n in top.get_symbols() if n.is_referenced()}, list(top.get_children())
    while tables:
        table = tables.pop()
        taken |= {n.get_name() for n in table.get_symbols() if n.is_global()}
        tables += table.get_children()
    return made, taken - made


def needed(chapter: int, source: str, before: str) -> Iterator[str]:
    """The cells that its source cannot do without, in order: before `before`, the last that makes each of its names."""
    earlier = [c for c in cells(chapter) if c.code]
    place = [c.id for c in earlier].index(before)
    wanted, kept = _names(source)[1], set()
    for i in range(place - 1, -1, -1):
        made, taken = _names(earlier[i].source)
        if made & wanted:
            kept.add(i)
            wanted = (wanted - made) | taken
    return (earlier[i].id for i in sorted(kept))


def namespace(
    chapter: int, source: str, before: str, changes: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Any]:
    """Names as a reader has them who comes to a cell, as far as the source needs them; cells run on the way are edited
    by `changes`, a cell's id: {old: new}."""
    left: dict[str, Any] = {}
    for cell in cells(chapter):
        if cell.code:
            imports = [s for s in ast.parse(cell.source).body if isinstance(s, IMPORT)]
            exec(compile(ast.Module(imports, []), cell.id, "exec"), left)
        if cell.id == before:
            break
    found = {c.id: c.source for c in cells(chapter)}
    for name in needed(chapter, source, before):
        exec(compile(edited(found[name], (changes or {}).get(name, {}), name), name, "exec"), left)
    return left


def read(
    chapter: int,
    cell: str,
    change: Mapping[str, str] | str,
    then: tuple[str, ...] = (),
    before: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """What a reader has who edits a cell, {old: new}, or writes a new one behind it (a string), and runs it and `then`.

    Only what the cell needs of those before it is run, those edited by `before`. Figures are closed.
    """
    found = {c.id: c.source for c in cells(chapter)}
    order = [c.id for c in cells(chapter) if c.code]
    if isinstance(change, str):
        source, place = change, order[order.index(cell) + 1]
    else:
        source, place = edited(found[cell], change, cell), cell
    whole = "\n".join([source, *(found[c] for c in then)])
    left = namespace(chapter, whole, place, before)
    try:
        exec(compile(whole, f"chapter {chapter}, {cell} as edited", "exec"), left)
    finally:
        plt.close("all")
    return left


def prose(chapter: int) -> str:
    """What is read from top to bottom: no head, exercises, boxes of what to try and of sources, code or formulas."""
    aside = re.compile(r"-(title|needs|try|now|sources|ex\d)")
    text = "\n\n".join(c.source for c in cells(chapter) if not c.code and not aside.search(c.id))
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|<[^>]*>", " ", text, flags=re.S)
