"""What is printed on a terminal that has not the letters."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
from gan_lab import classroom, game, widgets
from gan_lab._say import say
say("✓ 零和 ±")
print(classroom.right("两个"), repr(classroom.wrong("no")), sep="\\n")
print(game.from_lists([[1, 2], [3, 4]]))
print(game.MatrixGame([[1]], rows=["猎鹿"]))
print(repr(widgets.Element("value", words="价值")))
"""


@pytest.mark.parametrize(
    ("encoding", "first", "tree"),
    [
        ("utf-8", "✓ 零和 ±", "├─ a"),
        ("cp1252", "+ \\u96f6\\u548c +-", "|- a"),
        ("ascii", "+ \\u96f6\\u548c +-", "|- a"),
        ("gb18030", "✓ 零和 ±", "├─ a"),
    ],
)
def test_checks_and_games_print_where_letters_are_missing(encoding, first, tree):
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode(encoding).splitlines()
    assert lines[0] == first and any(line.startswith(tree) for line in lines)
    assert ("Not yet: no" in lines[2]) and ("✗" in lines[2]) == (encoding in ("utf-8", "gb18030"))
