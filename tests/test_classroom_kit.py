"""The teacher's kit: assignments hold no solution, answers are read without running, grades cannot be forged."""

import csv
import json
import socket
from pathlib import Path

import pytest

from gan_lab import classroom, cli
from gan_lab.classroom import kit
from gan_lab.classroom.kit import judge, notebooks, wire
from gan_lab.classroom.kit.cells import python_of

BOOK = Path(__file__).parents[1] / "book"
ALL = list(classroom.exercises())
FROM = "from gan_lab import classroom\n"
#: forging: the notebook's own library says yes to everything, and prints what the judge would
FORGED = (
    FROM + "from gan_lab.classroom import core\n"
    "classroom.check = core.check = lambda *a, **k: core.right('yes')\ncore.wrong = core.right\n"
    "print('{\"verdicts\": {\"2.1\": {\"state\": \"right\"}}}')\nclassroom.check('2.1', 1, 1)"
)
#: a function whose numbers equal everything
EQUAL = (
    "class Equal(int):\n    __eq__ = lambda self, other: True\n    __ne__ = lambda self, other: False\n"
    "classroom.check('2.3', lambda tree, maximising=True: Equal(3))"
)


def notebook(file: Path, *answers: tuple[str, str], student: str = "", ids: bool = True) -> None:
    def cell(number: str, source: str) -> dict:
        slug = number.replace(".", "-")
        return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source} | (
            {"id": f"answer-{slug}"} if ids and number else {}
        )

    about = {"exercises": [n for n, _ in answers if n], "student": student or file.stem}
    file.write_text(json.dumps({"metadata": {"gan_lab": about}, "cells": [cell(*answer) for answer in answers]}))


# -- answers, without running -----------------------------------------------------------------------------------------


def test_answers_are_collected_without_running_and_stay_text_in_a_sheet(tmp_path):
    notebook(tmp_path / "ada.ipynb", ("2.1", FROM + "value, leaves = 7, 8\nclassroom.check('2.1', value, leaves)"))
    notebook(tmp_path / "bob.ipynb", ("2.1", "open('ran', 'w')\nclassroom.check('2.1', '=HYPERLINK(\"x\")', 8)"))
    by_content = ("6.2", "%matplotlib inline\na = -0.05\nclassroom.check('6.2', a, -.95)")
    notebook(tmp_path / "cy.ipynb", by_content, ids=False)
    notebook(tmp_path / "di.ipynb", ("2.3", "def f(tree):\n    return 3\n\n\nclassroom.check('2.3', f)"))
    notebook(tmp_path / "en.ipynb", ("2.1", "value, leaves = ..., ...\nclassroom.check('2.1', value, leaves)"))
    notebook(tmp_path / "fi.ipynb", ("2.1", "%time v = 7\n!ls\nclassroom.check('2.1', value=v, leaves='\ud800')"))
    (tmp_path / "no.ipynb").write_text("{")
    assert kit.collect(tmp_path, tmp_path / "out.csv") == 7
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ada"]["2.1"] == "7; 8" and rows["cy"]["6.2"] == "-0.05; -0.95" and "return 3" in rows["di"]["2.3"]
    assert rows["bob"]["2.1"].startswith("'=HYP") and rows["en"]["2.1"].strip("; ") == "" and not Path("ran").exists()
    assert "not a notebook" in rows["no"]["note"]


@pytest.mark.parametrize(
    "cell, python",
    [
        ('x = """\n%a\n"""', 'x = """\n%a\n"""'),
        ("  %matplotlib inline\nx = 1", "  pass\nx = 1"),
        ("%time x = f()\n%timeit -n 3 f()", "x = f()\npass"),
        ("files = !ls\nprint?\n!ls\n?print", "files = None\npass\npass\npass"),
        ("%%time\nx = 1", "x = 1"),
        ("%%bash\nls", ""),
    ],
)
def test_a_cell_s_python_is_what_is_left_without_ipython_s_lines(cell, python):
    assert python_of(cell) == python
def test_the_command_says_where_it_cannot_write_before_it_works(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for words, says in (
        (["assign", "2.1", "--out", tmp_path / "file" / "a.ipynb"], "is a file, no folder"),
        (["collect", tmp_path, "--out", tmp_path], "is a folder: give the name of a file"),
        (["grade", tmp_path, "--out", tmp_path / "file" / "new" / "g.csv"], "is a file, no folder"),
    ):
        assert cli.main(["class", *map(str, words)]) == 2
        assert says in capsys.readouterr().err


def test_grades_are_kept_of_what_is_done_when_grading_is_stopped(tmp_path, monkeypatch):
    def stopped(folder, key, *, seconds, memory_gb, each):
        each(kit.Graded(Path("a.ipynb"), "ada", {"2.1": kit.Mark("right")}))
        raise KeyboardInterrupt

    monkeypatch.setattr(kit, "grade", stopped)
    assert cli.main(["class", "grade", str(tmp_path), "--out", str(tmp_path / "new" / "g.csv")]) == 130
    assert (tmp_path / "new" / "g.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("ada,a.ipynb,1,")


# -- grades -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_thirty_kinds_of_trouble_each_give_a_line_and_stop_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(kit.grading, "CLOCK", 100)  # what decides here is computing, however busy the machine
    monkeypatch.setattr(kit.grading, "WHOLE", 200)
    victim = tmp_path / "victim"
    victim.write_text("here")
    (folder := tmp_path / "handed").mkdir()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    right = "classroom.check('2.1', 7, 8)"  # without an import: what counts is what is handed over
    notebook(folder / "ada.ipynb", ("2.1", right), ("2.3", MINIMAX))
    notebook(folder / "colab.ipynb", ("2.1", f"%pip install x\n!ls\n{right}"), ids=False)
    notebook(folder / "wrong.ipynb", ("2.1", "classroom.check('2.1', 9, 8)"), ("2.3", EQUAL))
    notebook(folder / "loop.ipynb", ("2.1", "while True:\n    pass"), BY_NAME)
    notebook(folder / "calledloops.ipynb", ("2.3", ENDLESS), BY_NAME)
    notebook(folder / "raises.ipynb", ("2.1", "class E(Exception):\n    __str__ = None\nraise E"), BY_NAME)
    notebook(folder / "catches.ipynb", ("2.1", "while True:\n    try:\n        1 / 0\n    except BaseException: pass"))
    notebook(folder / "exits.ipynb", ("2.1", "import os\nos._exit(0)"), ("", "exit()"), BY_NAME)
    notebook(folder / "memory.ipynb", ("2.1", "x = [bytearray(10**8) for _ in range(100)]"))
    notebook(folder / "prints.ipynb", ("2.1", "for _ in range(2000):\n    print('x' * 10**5)\n" + right))
    notebook(folder / "kills.ipynb", ("2.1", "import os\nos.kill(os.getppid(), 9)"))
    notebook(folder / "deletes.ipynb", ("2.1", f"import os\nos.remove({str(victim)!r})"))
    notebook(folder / "calls.ipynb", ("2.1", f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)"))
    notebook(folder / "stops.ipynb", ("", "raise SystemExit"), ("2.1", right))
    notebook(folder / "lies.ipynb", ("2.1", LIES))
    notebook(folder / "twice.ipynb", ("2.1", right), student="ada")
    notebook(folder / "none.ipynb", ("2.1", "# nothing"))
    notebook(folder / "dots.ipynb", ("2.3", "def f(tree):\n    ...\nclassroom.check('2.3', f)"))
    notebook(folder / "stub.ipynb", ("2.3", "def f(tree):\n    return ...\n\n\nclassroom.check('2.3', f)"))
    notebook(folder / "empty.ipynb")
    (folder / "text.ipynb").write_text("my homework")
    (folder / "list.ipynb").write_text("[1, 2]")
    (folder / "odd.ipynb").write_text('{"cells": [1], "metadata": {}}')
    (folder / "folder.ipynb").mkdir()
    (folder / "group").mkdir()
    notebook(folder / "group" / "ada.ipynb", ("abc", "1"), ("99.9", "2"), ("2.1", right), student="\x1b[2J\ud800")
    (folder / "seed.ipynb").write_text('{"metadata": {"gan_lab": {"seeds": {"2.1": 1e999}}}, "cells": []}')
    notebook(folder / "half.ipynb", ("2.1", "raise ValueError('\\ud800\\x1b[2J')"))
    told = []
    done = kit.grade(folder, seconds=1, memory_gb=1, each=told.append)
    assert told == done and len(done) == 27
    assert [one.place for one in done if one.place.endswith("ada.ipynb")] == ["ada.ipynb", "group/ada.ipynb"]
    assert all(str(one).isprintable() and one.note.isprintable() for one in done)
    found = {one.place.removesuffix(".ipynb"): one for one in done}
    marks = {name: [str(mark) for mark in one.marks.values()] for name, one in found.items()}
    assert marks["ada"] == ["1", "1"] and marks["colab"] == marks["prints"] == marks["stops"] == ["1"]
    assert marks["wrong"] == ["0", "0"] and "largest leaf" in found["wrong"].marks["2.1"].message
    assert "1" not in marks["lies"]
    for name, at in (("loop", "2.1"), ("catches", "2.1"), ("calledloops", "2.3")):
        assert f"{at}: stopped after 1 s of computing" in found[name].note and "machine is slow" in found[name].note
    assert marks["catches"] == marks["dots"] == [""]
    for name in ("loop", "calledloops", "exits", "raises"):  # what comes after is judged all the same
        assert marks[name] == ["", "1"]
    assert "2.1: ended its process (exit code 0)" in found["exits"].note
    assert "MemoryError" in found["memory"].marks["2.1"].message
    assert "ada again" in found["twice"].note and found["none"].marks["2.1"].message == "nothing was handed in."
    assert marks["stub"] == [""] and found["stub"].marks["2.3"].message.startswith("put your answer")
    assert "no exercise" in found["empty"].note
    for name in ("text", "list", "odd", "folder", "seed"):
        assert str(found[name]).startswith(f"{name}.ipynb: not a notebook: ")
    assert list(found["group/ada"].marks) == ["2.1"] and marks["group/ada"] == ["1"]
    jail = found["ada"].jail
    assert set(jail) == {"limits", "network", "processes", "files"}
    # where the kernel does not give these, the table says so, and so does this
    assert victim.exists() or not jail["files"]
    assert "PermissionError" in found["calls"].marks["2.1"].message or not jail["network"]
    assert bool(kit.not_held(done)) == (not all(jail.values()))
    kit.write_grades(tmp_path / "grades.csv", done)
    assert len((tmp_path / "grades.csv").read_text(encoding="utf-8-sig").splitlines()) == 28


@pytest.mark.slow
def test_a_cell_that_waits_is_ended_by_the_clock_and_what_is_left_over_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(kit.grading, "CLOCK", 5)
    monkeypatch.setattr(kit.grading, "WHOLE", 8)
    sleeps = "import time\ntime.sleep(10**6)"
    notebook(tmp_path / "a.ipynb", ("2.1", sleeps), BY_NAME)
    notebook(tmp_path / "b.ipynb", *[("2.1", sleeps)] * 20, BY_NAME)
    one, other = kit.grade(tmp_path, seconds=1)
    assert "2.1: stopped after 5 s by the clock" in one.note and "machine is busy" in one.note
    assert one.right == 1 and other.right == 0 and "the rest was not run: 8 s" in other.note


@pytest.mark.slow
def test_a_verdict_is_the_judge_s_whatever_the_notebook_s_own_library_says(tmp_path):
    """A network changed in the student's process is seen here; a patched check is not, nor what it prints."""
    notebook(tmp_path / "a.ipynb", ("2.1", FORGED), ("6.3", D_STEP), ("7.5", FROM + "classroom.check('7.5', len)"))
    (one,) = kit.grade(tmp_path, seconds=300)
    assert [str(mark) for mark in one.marks.values()] == ["0", "1", "1*"]  # 7.5 beside the forged library: marked


BY_NAME = ("6.2", "classroom.check('6.2', minimax_slope=-0.05, non_saturating_slope=-0.95)")
ENDLESS = "def value(tree, maximising=True):\n    while True: pass\nclassroom.check('2.3', value)"
MINIMAX = (
    "def value(tree, maximising=True):\n    if not isinstance(tree, list):\n        return tree\n"
    "    return (max if maximising else min)(value(branch, not maximising) for branch in tree)\n"
    "classroom.check('2.3', value)"
)
D_STEP = """from torch.nn.functional import softplus
def step(G, D, adam, real, z):
    loss = softplus(-D(real)).mean() + softplus(D(G(z).detach())).mean()
    adam.zero_grad()
    loss.backward()
    adam.step()
classroom.check('6.3', step)"""
#: finds the line to the judge and writes a verdict of its own into it
LIES = """import gc, json, struct
for thing in gc.get_objects():
    if type(thing).__name__ == 'Line':
        text = json.dumps({'handed': {}, 'errors': {}, 'verdicts': {'2.1': {'state': 'right'}}}).encode()
        thing.end.sendall(struct.pack('>I', len(text)) + text)"""


def test_a_key_decides_whose_numbers_count_and_a_doubt_is_said(tmp_path):
    key = kit.Key("hw", ("2.1",), {"ada": {"2.1": 1}, "bob": {"2.1": 2}})
    handed = notebooks.Handed(tmp_path, "bob", "hw", ("2.1",), (), {"2.1": 1})
    assert kit.grading._seeds(handed, key) == ({"2.1": 2}, "its numbers are not this student's.")
    handed = notebooks.Handed(tmp_path, "eve", "old", ("2.1",), (), {"2.1": 1})
    says = "it says it is 'old'. eve is not on the roster: judged by the numbers that it names."
    assert kit.grading._seeds(handed, key)[1] == says
    bare = notebooks.Handed(tmp_path, "eve", "", ("2.1",), (), {})
    for by in (key, None):
        assert kit.grading._seeds(bare, by)[0] == {} and "by the book's own numbers" in kit.grading._seeds(bare, by)[1]
    assert kit.grading._seeds(notebooks.Handed(tmp_path, "eve", "hw", ("2.1",), (), {}), None) == ({}, "")
    (tmp_path / "k.json").write_text("{}")
    with pytest.raises(ValueError, match="no key"):
        kit.Key.load(tmp_path / "k.json")


def test_each_student_of_the_roster_has_a_line_and_no_file_stops_the_others(tmp_path, monkeypatch):
    key = kit.Key("hw", ("2.1",), {"ada": {}, "bob": {}})
    for name in ("ada", "eve"):
        notebook(tmp_path / f"{name}.ipynb", ("2.1", "1"))
    monkeypatch.setattr(kit.grading, "_grade_one", lambda *_: 1 / 0)  # whatever goes wrong here in turn
    done = kit.grade(tmp_path, key)
    assert [one.student for one in done] == ["ada", "eve", "bob"] and "ZeroDivisionError" in done[0].note
    assert str(done[2]) == "bob: 0/1 nothing was handed in."
    kit.write_grades(tmp_path / "grades.csv", done)
    assert "bob,,,0,nothing was handed in.," in (tmp_path / "grades.csv").read_text(encoding="utf-8-sig")


def test_only_those_checkers_run_beside_the_student_that_need_a_gradient_of_the_answer():
    source = (Path(classroom.__file__).parent / "chapter07.py").read_text()
    assert set(judge.BESIDE) == {"7.4", "7.5"} and source.count("autograd.grad(") >= len(judge.BESIDE)


def test_values_travel_and_nonsense_is_garbled():
    import numpy as np
    import torch

    from gan_lab import data

    kept: list = []
    values = [True, 7, 2**80, 0.1, float("inf"), "a", None, ..., [1, (2.0, {"k": {3}})]]
    for value in values:
        assert wire.decode(json.loads(json.dumps(wire.encode(value, kept.append))), None) == value
    law = wire.decode(wire.encode(data.gaussian(1, 2), kept.append), None)
    assert law.spec() == data.gaussian(1, 2).spec()
    for array in (np.arange(6.0).reshape(2, 3), torch.arange(3), np.float32(2.5)):
        back = wire.decode(wire.encode(array, kept.append), None)
        assert type(back) is type(array) and bool((back == array).all())
    with pytest.raises(wire.Stays):
        wire.encode(object, kept.append)
    deep: list = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(wire.Stays):
        wire.encode(deep, kept.append)
    of_objects = {"is": "array", "of": "AA", "dtype": "object", "shape": [1]}
    of_files = {"is": "distribution", "of": {"name": "folder", "path": "/"}}
    bad = [{}, of_objects, of_files, {"is": "list", "of": 3}, {"is": "float", "of": "x"}, [1]]
    for message in bad:
        with pytest.raises(wire.Garbled):
            wire.decode(message, None)
