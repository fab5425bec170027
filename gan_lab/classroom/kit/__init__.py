"""The teacher's kit: assignments from the book's exercises, their answers in a table, and their grades.

>>> from gan_lab.classroom import kit
>>> kit.check("6.2", -0.05, -0.95).passed
True
"""

from __future__ import annotations

from gan_lab.classroom.kit.assignment import assign, chapters
from gan_lab.classroom.kit.export import convert
from gan_lab.classroom.kit.grading import Graded, Key, Mark, collect, grade, not_held, numbers_of, write_grades
from gan_lab.classroom.kit.roster import roster
from gan_lab.classroom.kit.variants import VARIANTS, check, variant

__all__ = [
    "Graded", "Key", "Mark", "VARIANTS", "assign", "chapters", "check", "collect", "convert", "grade", "not_held",
    "numbers_of", "roster", "variant", "write_grades",
]  # fmt: skip
