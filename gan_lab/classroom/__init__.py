"""Checks that tell a student what is wrong, not only that it is.

>>> from gan_lab import classroom
>>> classroom.check("5.1", 3.5)
"""

from gan_lab.classroom.core import (
    EXERCISES,
    Exercise,
    Verdict,
    check,
    exercise,
    exercises,
    hint,
    right,
    wrong,
)

__all__ = ["EXERCISES", "Exercise", "Verdict", "check", "exercise", "exercises", "hint", "right", "wrong"]
