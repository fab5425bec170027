"""What is printed on a terminal that has not the letters."""

import io
import sys

import pytest

from gan_lab import classroom, game, widgets
from gan_lab._say import say


@pytest.mark.parametrize(
    ("encoding", "first", "tree", "tick"),
    [
        ("utf-8", "✓ 零和 ±", "├─ a", "✗ Not yet"),
        ("gb18030", "✓ 零和 ±", "├─ a", "✗ Not yet"),
        ("cp1252", "+ \\u96f6\\u548c +-", "|- a", "x Not yet"),
        ("ascii", "+ \\u96f6\\u548c +-", "|- a", "x Not yet"),
    ],
)
def test_checks_and_games_print_where_letters_are_missing(monkeypatch, encoding, first, tree, tick):
    content = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(content, encoding=encoding, errors="strict", newline="\n"))
    say("✓ 零和 ±")
    print(classroom.wrong("两个"), repr(classroom.right("两个")), sep="\n")
    print(game.from_lists([[1, 2], [3, 4]]))
    print(game.MatrixGame([[1]], rows=["猎鹿"]))
    print(repr(widgets.Element("value", words="价值")))
    sys.stdout.flush()
    lines = content.getvalue().decode(encoding).splitlines()
    assert lines[0] == first and lines[1].startswith(tick) and any(line.startswith(tree) for line in lines)


def test_a_page_has_its_tick_whatever_the_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert "✓ Right: 两个" in classroom.right("两个")._repr_html_()
