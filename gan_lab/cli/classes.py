"""``gan-lab class``: assignments, answers and grades."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tyro.conf import Positional, arg, subcommand

from gan_lab.cli.processes import tell
from gan_lab.cli.tables import table

if TYPE_CHECKING:
    from gan_lab.classroom.kit import Graded

Folder = Annotated[Path, arg(metavar="FOLDER", help="The folder with the notebooks that were handed in.")]


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _room_for(out: Path) -> None:
    """Raises ValueError where a file could not be written, before there is work to lose. Its folder may be missing."""
    if out.is_dir():
        raise ValueError(f"{out} is a folder: give the name of a file in it.")
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir():
        raise ValueError(f"{above} is a file, no folder: give another --out.")
    if not os.access(above, os.W_OK):
        raise ValueError(f"the folder {above} may not be written to: give another --out.")


@dataclass(frozen=True)
class Assign:
    """A notebook of chosen exercises, without solutions, and its key, which stays with you."""

    exercises: Positional[
        Annotated[
            tuple[str, ...],
            arg(metavar="NUMBER ...", help="Exercises of the book, such as 2.1 4.3 6.2.", help_behavior_hint=""),
        ]
    ]
    out: Annotated[Path, arg(metavar="FILE.ipynb", help="Where to write it; its key gets the same name, .key.json.")]
    title: Annotated[str, arg(metavar="TEXT", help="Its title.", help_behavior_hint="(default: the file's name)")] = ""
    students: Annotated[
        Path | None,
        arg(metavar="ROSTER.csv", help="One notebook for each student, with numbers of their own where there are such.",
            help_behavior_hint="(default: one for all)"),
    ] = None  # fmt: skip
    hints: Annotated[
        bool, arg(help="Leave the hints out.", help_behavior_hint="(default: each exercise keeps the book's)")
    ] = True
    force: Annotated[
        bool,
        arg(help="Write over files that are there. Who is in the key that lies there keeps their numbers.",
            help_behavior_hint="(default: nothing is written over)"),
    ] = False  # fmt: skip
    format: Annotated[
        Literal["plain", "nbgrader", "otter"], arg(help="For nbgrader or otter-grader: the source to give to them.")
    ] = "plain"
    book: Annotated[
        Path | None,
        arg(metavar="FOLDER", help="The book's folder.", help_behavior_hint="(default: the checkout's own)"),
    ] = None

    def run(self) -> int:
        from gan_lab.classroom import kit

        _room_for(self.out)
        students = kit.roster(self.students, tell) if self.students else ()
        made = kit.assign(
            self.exercises, self.out, title=self.title, students=students, hints=self.hints, format=self.format,
            book=self.book, force=self.force,
        )  # fmt: skip
        what = f"{_count(len(made), 'notebook')} of {_count(len(self.exercises), 'exercise')}"
        tell(f"{what} -> {made[0]}{f' ... {made[-1].name}' if made[1:] else ''}")
        tell(f"the key, for you alone -> {self.out.with_suffix('.key.json')}")
        return 0


@dataclass(frozen=True)
class Collect:
    """The answers of all notebooks of a folder in one CSV, as they are written: nothing is run."""

    folder: Positional[Folder]
    out: Annotated[Path, arg(metavar="FILE.csv", help="Where to write them.")] = Path("answers.csv")

    def run(self) -> int:
        from gan_lab.classroom import kit

        _room_for(self.out)
        tell(f"answers of {_count(kit.collect(self.folder, self.out), 'file')} -> {self.out}")
        return 0


@dataclass(frozen=True)
class Grade:
    """Grade all notebooks of a folder. Each runs in a process of its own, shut in; none of it can set its own grade."""

    folder: Positional[Folder]
    key: Annotated[
        Path | None,
        arg(metavar="KEY.json", help="What `class assign` wrote beside the notebook: the exercises and the seeds.",
            help_behavior_hint="(default: as each notebook says)"),
    ] = None  # fmt: skip
    out: Annotated[
        Path | None, arg(metavar="FILE.csv", help="A table with every verdict.", help_behavior_hint="(default: none)")
    ] = None
    seconds: Annotated[float, arg(help="The most seconds a cell, or the check of an answer, may compute.")] = 30.0
    memory_gb: Annotated[float, arg(help="The most memory a notebook may take.")] = 3.0

    def run(self) -> int:
        from gan_lab.classroom import kit

        if self.out:
            _room_for(self.out)
        key = kit.Key.load(self.key) if self.key else None
        done: list[Graded] = []

        def each(one: Graded) -> None:
            done.append(one)
            tell(str(one))
            if self.out:  # at once: whoever stops it keeps what is done
                kit.write_grades(self.out, done)

        kit.grade(self.folder, key, seconds=self.seconds, memory_gb=self.memory_gb, each=each)
        numbers = kit.numbers_of(done)
        rows = [[one.student, *(str(one.marks.get(n, "")) for n in numbers), one.score, one.note] for one in done]
        tell("\n" + table(("student", *numbers, "right", "note"), rows))
        if any("*" in cell for row in rows for cell in row[1:-1]):
            tell("\n* checked beside the student's code, which could have had a hand in it: look at that cell.")
        if open_to := kit.not_held(done):
            tell(f"\nnot held on this machine: {open_to}; what that leaves open is in the chapter for teachers.")
        if self.out:
            tell(f"every verdict -> {self.out}")
        return 0


COMMANDS = (
    Annotated[Assign, subcommand("assign")]
    | Annotated[Collect, subcommand("collect")]
    | Annotated[Grade, subcommand("grade")]
)
