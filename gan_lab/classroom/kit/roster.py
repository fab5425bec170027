"""Reading a roster: the students of a class, one line for each, as spreadsheets and learning platforms save them."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

#: what the column with the students may be called, the first that is there
COLUMNS = ("student", "student id", "id", "id number", "username", "name", "full name", "email", "email address")


def roster(file: Path, tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """The students of a CSV (commas, semicolons or tabs): its column `student` (or another of COLUMNS), each once.

    A list of one column needs no heading. UTF-8 is read, with a byte-order mark or without, UTF-16 with one, and else
    cp1252, of which ``tell`` is told in a sentence. Raises ValueError for a file that is no text, for one without
    students, for several columns of which none is named as one of COLUMNS, and for a student who stands in it twice.
    """
    text = _text(file, tell)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    head = [_plain(cell).lower().replace("_", " ") for cell in rows[0][1]] if rows else []
    column = next((head.index(name) for name in COLUMNS if name in head), None)
    if column is None and max((len(row) for _, row in rows), default=0) > 1:
        raise ValueError(
            f"{file} has several columns and none is called student, id or name: put the heading student above the one "
            "that says who they are."
        )
    lines: dict[str, int] = {}
    for line, row in rows if column is None else rows[1:]:
        who = _plain(row[column or 0]) if len(row) > (column or 0) else ""
        if who in lines:
            raise ValueError(
                f"{file} names {who} in line {lines[who]} and again in line {line}: give each student a name or number "
                "of their own."
            )
        if who:
            lines[who] = line
    if not lines:
        raise ValueError(f"{file} names no student: give a CSV with a column student, one line for each.")
    return list(lines)


def _plain(cell: str) -> str:
    """Without blanks around it or twice within, and with each letter written in one way."""
    return unicodedata.normalize("NFC", " ".join(cell.replace("\ufeff", "").split()))


def _text(file: Path, tell: Callable[[str], None]) -> str:
    raw = file.read_bytes()
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text, cp1252 = None, False
    with suppress(UnicodeDecodeError):
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    if text is None:
        with suppress(UnicodeDecodeError):
            text, cp1252 = raw.decode("cp1252"), True
    if text is None or "\0" in text:  # a workbook, a picture
        raise ValueError(f"{file} is no CSV: save the list of students as CSV, in UTF-8.")
    if cp1252:
        tell(f"{file} is not UTF-8 and was read as cp1252 (Windows): if a name looks wrong, save it as CSV in UTF-8.")
    return text


def _separator(text: str) -> str:
    """The sign between cells: the one that the first line with anything in it has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)
