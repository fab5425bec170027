"""The exercises: registered and asked for in the book, one to one; a bad answer gets a sentence, never a traceback.

That each check accepts the book's own solution is asserted in the chapters, next to the solution; here it is only made
sure that they do assert it.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lab import classroom
from gan_lab.classroom import core

CHAPTERS = sorted((Path(__file__).parent.parent / "book").glob("part[12]/*.ipynb"))
CALL = re.compile(r"""classroom\.check\(\s*["'](\d+\.\d+)["']""")
EXERCISES = classroom.exercises()


def raises(*_, **__):
    raise RuntimeError("a student's function may do anything")


GARBAGE = {
    "None": None,
    "text": "forty-two",
    "nothing": "",
    "ellipsis": ...,
    "zeros": torch.zeros(3, 7, 2),
    "nan": float("nan"),
    "infinity": float("inf"),
    "a million": 1e6,
    "list of lists": [[1, 2], [3]],
    "array": np.full((5, 5), np.nan),
    "dict": {"a": "b"},
    "raising function": raises,
    "function of nothing": lambda: None,
    "function that returns text": lambda *_, **__: "text",
    "class": object,
}


def chapter(path: Path) -> int:
    return int(path.name[:2])


def code(path: Path) -> list[tuple[str, list[str]]]:
    """Source and tags of every code cell."""
    cells = json.loads(path.read_text())["cells"]
    return [("".join(c["source"]), c["metadata"].get("tags", [])) for c in cells if c["cell_type"] == "code"]


# -- the register and the book ---------------------------------------------------------------------------------


def test_the_first_eight_chapters_are_there():
    assert [chapter(path) for path in CHAPTERS] == list(range(1, 9))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_exercises_of_the_book_are_those_of_the_register(path):
    asked = {number for source, _ in code(path) for number in CALL.findall(source)}
    registered = {number for number in EXERCISES if number.startswith(f"{chapter(path)}.")}
    assert asked == registered
    assert 3 <= len(asked) <= 6
    assert sorted(int(number.split(".")[1]) for number in asked) == list(range(1, len(asked) + 1))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_solution_is_executed_hidden_and_asserted(path):
    cells = code(path)
    for number in {n for source, _ in cells for n in CALL.findall(source)}:
        hidden = [s for s, tags in cells if "hide-cell" in tags and number in CALL.findall(s)]
        assert hidden, f"{number} has no hidden solution that runs its check"
        call = re.escape(f'classroom.check("{number}"')
        held = rf"assert {call}|(\w+) = {call}[\s\S]*assert \1\b"
        assert any(re.search(held, source) for source in hidden), (
            f"the solution of {number} does not assert its verdict"
        )
        open_cells = [s for s, tags in cells if "hide-cell" not in tags and number in CALL.findall(s)]
        assert open_cells, f"{number} has no cell for the reader's own answer"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_exercise_has_its_heading_hint_and_argued_solution(path):
    cells = json.loads(path.read_text())["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    for number in (n for n in EXERCISES if n.startswith(f"{chapter(path)}.")):
        parts = re.split(rf"^### {re.escape(number)}\b", text, flags=re.M)
        assert len(parts) == 2, f"{number} needs one heading '### {number} ★ ...'"
        part = re.split(r"^##+ ", parts[1], flags=re.M)[0]
        assert re.match(r" ★{1,3}[ \n]", part), f"{number} says no difficulty (★, ★★ or ★★★)"
        assert "gl-hint" in part and "gl-solution" in part, number
        assert re.findall(r'<details class="gl-hint"><summary>.*</summary>\n\n(.*)\n\n</details>', part) == list(
            EXERCISES[number].hints
        ), f"the hints of {number} are not those of its chapter's TOML file"
        solution = part.split("gl-solution")[1]
        assert len(solution.split()) > 25, f"the solution of {number} is not argued"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_asserts_are_tested_and_not_shown(path):
    shown = [(source, tags) for source, tags in code(path) if not {"hide-cell", "remove-cell"} & set(tags)]
    assert [source for source, _ in shown if re.search(r"^\s*assert\b", source, re.M)] == []
    assert sum("assert" in source for source, tags in code(path) if "remove-cell" in tags) >= 5


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_prediction_offers_choices_or_a_drawing(path):
    cells = json.loads(path.read_text())["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    boxes = re.findall(r'<div class="gl-box gl-predict">\n\n(.*?)\n\n</div>\n', text + "\n", re.S)
    assert len(boxes) == text.count("gl-predict") >= 5
    for box in boxes:
        options = re.findall(r"^\* (.+?)(?: <!-- (.+) -->)?$", box, re.M)
        assert 2 <= len(options) == len({said for said, _ in options}) <= 4 or 'class="gl-draw"' in box, box
        # each wrong option has a reply that speaks to it; only the right one has none
        replies = [reply for _, reply in options if reply]
        assert len(replies) == len(set(replies)) and len(replies) in (0, len(options) - 1), box
        assert replies or not options or chapter(path) < 4, box
        assert all(re.fullmatch(r"[^<>$]+[.?]", reply) and "--" not in reply for reply in replies), replies


@pytest.mark.parametrize("number", EXERCISES)
def test_exercise_has_a_title_and_a_hint(number):
    task = EXERCISES[number]
    assert task.number == number and len(task.title) > 5
    assert len(task.hints) >= 2 and classroom.hint(number) == task.hint == task.hints[0]
    assert classroom.hint(number, 2) == task.hints[1] and all(len(words.split()) >= 4 for words in task.hints)
    with pytest.raises(ValueError, match="there is no hint"):
        classroom.hint(number, len(task.hints) + 1)


# -- bad answers ----------------------------------------------------------------------------------------------


def assert_is_a_sentence(verdict: classroom.Verdict) -> None:
    assert not verdict
    message = verdict.message
    assert len(message) > 10 and "\n  File" not in message and "Traceback" not in message, message
    assert re.search(r"[.?!)]$", message.strip()), f"not a sentence: {message!r}"
    assert len(message) < 600


@pytest.mark.parametrize("number", EXERCISES)
@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_not_right_and_is_told_why(number, answer):
    assert_is_a_sentence(classroom.check(number, answer))
    assert_is_a_sentence(classroom.check(number, answer, answer))


@pytest.mark.parametrize("number", EXERCISES)
def test_no_answer_at_all(number):
    assert_is_a_sentence(classroom.check(number))
    assert_is_a_sentence(classroom.check(number, nonsense=1))


def test_a_check_changes_no_random_state():
    """Looking at an answer must not change what a later cell draws."""
    for number in EXERCISES:
        torch.manual_seed(0)
        np.random.seed(0)
        classroom.check(number, 0.5)
        assert torch.rand(()).item() == torch.rand((), generator=torch.Generator().manual_seed(0)).item(), number
        assert np.random.rand() == np.random.RandomState(0).rand(), number


# -- the verdict and the register ------------------------------------------------------------------------------


def test_verdict_reads_as_text_and_as_html():
    good, bad = classroom.right("Well seen."), classroom.wrong("The sign is wrong.")
    assert good and not bad
    assert repr(good) == "✓ Right: Well seen." and repr(bad) == "✗ Not yet: The sign is wrong."
    assert "gl-right" in good._repr_html_() and "gl-wrong" in bad._repr_html_()
    assert 'role="status"' in bad._repr_html_()


def test_verdict_escapes_html():
    html = classroom.wrong('you gave <script>alert("x")</script> & more.')._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html and "&amp; more" in html and "&quot;x&quot;" in html


def test_unknown_exercise_lists_the_near_ones():
    first = next(iter(EXERCISES))
    with pytest.raises(ValueError, match=rf"unknown exercise '{first}0'.*did you mean '{re.escape(first)}'"):
        classroom.check(f"{first}0", 1)
    with pytest.raises(ValueError, match="unknown exercise 'losses'"):
        classroom.hint("losses")


def test_a_number_works_as_well_as_its_name():
    assert classroom.hint(5.1) == classroom.hint("5.1")


def test_exercises_come_in_the_order_of_the_book(monkeypatch, tmp_path):
    table = 'title = "order"\nkind = "code"\nhints = ["a hint"]\n'
    (tmp_path / "chapter02.toml").write_text("".join(f'["{n}"]\n{table}' for n in ("2.10", "2.9", "10.1")))
    monkeypatch.setattr(core, "HERE", tmp_path)
    assert list(core._read.__wrapped__()) == ["2.9", "2.10", "10.1"]


def test_an_exercise_has_one_check(monkeypatch):
    first = next(number for number, task in EXERCISES.items() if task.kind == "code")
    checker = core.checker(first)
    monkeypatch.setattr(core, "CHECKERS", dict(core.CHECKERS))
    with pytest.raises(ValueError, match=f"exercise {re.escape(first)} is checked twice"):
        classroom.checks(first)(raises)
    # a module that is loaded again registers the same function again: no error
    classroom.checks(first)(checker)


def test_a_check_that_breaks_on_an_answer_gives_a_verdict(monkeypatch):
    monkeypatch.setitem(core.CHECKERS, "1.3", raises)
    verdict = core.check("1.3", 1)
    assert not verdict and "RuntimeError" in verdict.message and "may do anything" in verdict.message
