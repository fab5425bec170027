"""Checks that tell a student what is wrong, not only that it is.

>>> from gan_lab import classroom
>>> classroom.check("5.1", 3.5, 0.3)
✗ Not yet: E[x] is not 3.5. 3.5 is the fair die's. Here the 6 counts with weight 1/2 and each other face with 1/10.
"""

from gan_lab.classroom.core import (
    Exercise,
    Verdict,
    check,
    checks,
    exercises,
    hint,
    right,
    unanswered,
    wrong,
)

__all__ = ["Exercise", "Verdict", "check", "checks", "exercises", "hint", "right", "unanswered", "wrong"]
