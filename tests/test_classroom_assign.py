"""Assignments hold no solution and every student's own numbers; what cannot be assigned is said."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from gan_lab import classroom
from gan_lab.classroom import kit
from tests.test_classroom_kit import ALL


def test_an_assignment_of_all_exercises_holds_no_solution_and_all_names_it_uses(tmp_path):
    (file,) = kit.assign(ALL, tmp_path / "all.ipynb")
    made = json.loads(file.read_text(encoding="utf8"))
    text = json.dumps(made)
    assert "gl-solution" not in text and "verdict = classroom" not in text and "{cite" not in text
    ids = [cell["id"] for cell in made["cells"]]
    assert len(set(ids)) == len(ids) and {f"answer-{n.replace('.', '-')}" for n in ALL} <= set(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", name) for name in ids)  # nbformat 4.5
    known: set[str] = set()
    brought: set[str] = set()
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            tree = ast.parse(source)
            names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            names |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
            names |= {(a.asname or a.name).split(".")[0] for n in ast.walk(tree) for a in getattr(n, "names", [])
                      if isinstance(n, ast.Import | ast.ImportFrom)}  # fmt: skip
            missing = kit.assignment._uses(source) - known - names
            assert not missing, (cell["id"], missing)
            if cell["id"].startswith("needs-"):
                brought = names
            elif cell["id"].startswith("answer-"):  # nothing is brought along that the cell itself begins with
                assert not brought & names, (cell["id"], brought & names)
                brought = set()
            known |= names
        elif cell["id"].startswith("question-"):
            asked = "".join(cell["source"])
            assert asked.startswith("### ") and not re.search(r"head of the page|first widget|this page", asked)


def test_every_student_has_numbers_of_their_own_and_keeps_them(tmp_path):
    (tmp_path / "roster.csv").write_text("name,student\n" + "".join(f"N{i},s{i}\n" for i in range(30)))
    students, own = kit.roster(tmp_path / "roster.csv"), list(kit.VARIANTS)
    out = tmp_path / "new" / "folder" / "hw.ipynb"
    files = kit.assign(own, out, students=students)
    assert [file.name for file in files][:2] == ["hw-s0.ipynb", "hw-s1.ipynb"]
    key = kit.Key.load(out.with_suffix(".key.json"))
    for number in own:
        assert len({kit.variant(number, of[number]).values for of in key.seeds.values()}) == 30, number
        assert sum(kit.check(number, *kit.variant(number, key.seeds["s0"][number]).values, seed=of[number]).passed
                   for of in key.seeds.values()) == 1  # fmt: skip
    assert kit.assign(own, tmp_path / "again.ipynb", title="hw", students=students)
    assert kit.Key.load(tmp_path / "again.key.json") == key  # the same tomorrow
    kit.assign(own, out, students=["late", *reversed(students)], force=True)
    later = kit.Key.load(out.with_suffix(".key.json")).seeds
    assert len(later) == 31 and key.seeds.items() <= later.items()


def test_own_numbers_keep_the_hints_unless_they_are_to_go(tmp_path):
    for hints in (True, False):
        (file,) = kit.assign(list(kit.VARIANTS), tmp_path / f"{hints}.ipynb", students=["ada"], hints=hints)
        cells = [c for c in json.loads(file.read_text(encoding="utf8"))["cells"] if c["id"].startswith("question-")]
        found = ["".join(cell["source"]).count("gl-hint") for cell in cells]
        assert found == [len(classroom.exercises()[n].hints) if hints else 0 for n in kit.VARIANTS]


@pytest.mark.parametrize("number", sorted(kit.VARIANTS))
def test_a_variant_takes_its_right_values_alone_and_names_each_slip(number):
    """Over 300 seeds: at least 100 right answers; no slip is right, none passes for another, none is lost."""
    right, how_many = set(), set()
    for seed in range(300):
        one = kit.variant(number, seed)
        right.add(one.values)
        how_many.add(tuple(map(len, one.slips)))  # fewer where two slips are the same number
        assert kit.check(number, *one.values, seed=seed)
        assert kit.check(number, *[... for _ in one.values], seed=seed).open
        for i, (value, slips) in enumerate(zip(one.values, one.slips, strict=True)):
            for slip, say in slips.items():
                verdict = kit.check(number, *one.values[:i], slip, *one.values[i + 1 :], seed=seed)
                assert slips and not verdict and verdict.message.endswith(say), (one.text, slip, value)
        assert kit.check(number, seed=seed, **dict(zip(one.names, one.values, strict=True)))
        assert not kit.check(number, *one.values, seed=seed, more=1)
    assert len(right) >= 100 and len(how_many) == 1 and 0 not in how_many


def test_the_numbers_of_a_variant_are_those_of_the_library():
    """2.1 against backward induction by hand, 4.1 against counting, 6.2 against autograd."""
    import torch

    for seed in range(5):
        tree = ast.literal_eval(re.search(r"\[\[\[.*\]\]\]", kit.variant("2.1", seed).text)[0])
        assert max(min(max(node) for node in branch) for branch in tree) == kit.variant("2.1", seed).values[0]
        D = float(re.search(r"D = ([\d.]+)\$", kit.variant("6.2", seed).text)[1])
        s = torch.tensor(D, dtype=torch.float64).logit().requires_grad_()
        losses = ((1 - s.sigmoid()).log(), -s.sigmoid().log())
        for loss, exact in zip(losses, kit.variant("6.2", seed).values, strict=True):
            assert abs(float(torch.autograd.grad(loss, s)[0]) - exact) < 1e-9
        x, y = (float(v) for v in re.findall(r"x = ([\d.]+)\$", kit.variant("4.1", seed).text))
        for law, at, exact in ((torch.rand, x, 0), (torch.randn, y, 1)):
            z = law(2_000_000, generator=torch.Generator().manual_seed(seed))
            counted = float(((z.square() - at).abs() < at / 20).double().mean()) / (at / 10)
            assert abs(counted / kit.variant("4.1", seed).values[exact] - 1) < 0.05


@pytest.mark.parametrize(
    "numbers, out, more, says",
    [
        (["9.9"], "a.ipynb", {}, "no exercise 9.9: choose from 1.1, "),
        (["2.9"], "a.ipynb", {}, "no exercise 2.9: choose from 2.1, 2.2, 2.3, 2.4, 2.5.$"),
        ([], "a.ipynb", {}, "name an exercise"),
        (["2.1", "2.1"], "a.ipynb", {}, "each exercise once"),
        (["2.1"], "a.txt", {}, "ends in .ipynb"),
        (["2.1"], "a.ipynb", {"students": ["a"], "format": "otter"}, "one notebook to all"),
        (["2.1"], "a.ipynb", {"book": Path("nowhere")}, "holds no chapters"),
        (["2.1"], "a.ipynb", {"students": ["A b", "a_B"]}, "A b and a_B would get one file, a-a_B.ipynb"),
        (["2.1"], "a.ipynb", {"students": ["x", "there"]}, r"^a-there\.ipynb: already there .* --force"),
    ],
)
def test_what_cannot_be_assigned_is_said_in_a_sentence_and_nothing_written(tmp_path, numbers, out, more, says):
    (tmp_path / "a-there.ipynb").write_text("mine")
    with pytest.raises(ValueError, match=says):
        kit.assign(numbers, tmp_path / out, **more)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["mine"]


def test_a_roster_is_read_however_it_was_saved(tmp_path):
    file, told = tmp_path / "r.csv", []
    for text, names in (
        ("Student;x\nÄnne;1\n\n;\nBo;2\n", ["Änne", "Bo"]), ("a\n\nb\n", ["a", "b"]), ("\n\nn\tID\r\nA\t7\r\n", ["7"]),
        ('name,x\n"Li,  Änne\n",1\n', ["Li, Änne"]),
    ):  # fmt: skip
        for coding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            file.write_bytes(text.encode(coding))
            assert kit.roster(file, told.append) == names, coding
    assert len(told) == 2 and all("read as cp1252" in one for one in told)
    for raw, says in (
        (b"student\nO'Hara\n\nO'Hara\n", "names O'Hara in line 2 and again in line 4: give"),
        (b"\n", "names no student"),
        (b"Vorname;Nachname\nA;B\n", "none is called student"), (b"PK\x03\x04\0\0\x81", "is no CSV"),
    ):  # fmt: skip
        file.write_bytes(raw)
        with pytest.raises(ValueError, match=says):
            kit.roster(file)


@pytest.mark.parametrize("kind", ["nbgrader", "otter"])
def test_the_exports_hold_what_the_graders_ask_of_a_source(tmp_path, kind):
    """The rules of nbgrader's schema 3 and of otter's master format; both tools take the files (tried for real)."""
    (file,) = kit.assign(["2.1", "4.3", "6.2"], tmp_path / "a.ipynb", format=kind)
    cells = json.loads(file.read_text(encoding="utf8"))["cells"]
    if kind == "nbgrader":
        marked = [cell for cell in cells if "nbgrader" in cell["metadata"]]
        metas = [cell["metadata"]["nbgrader"] for cell in marked]
        assert len({m["grade_id"] for m in metas}) == len(metas)
        keys = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
        assert all(set(m) - {"points"} == keys for m in metas)
        assert all(m["schema_version"] == 3 and ("points" in m) == m["grade"] for m in metas)
        assert [m["points"] for m in metas if m["grade"]] == [1, 1, 1]
        assert all(m["locked"] != m["solution"] for m in metas)
        for cell in marked:
            solution = cell["metadata"]["nbgrader"]["solution"]
            assert ("### BEGIN SOLUTION" in "".join(cell["source"])) == solution
    else:
        raw = ["".join(cell["source"]).split("\n")[0] for cell in cells if cell["cell_type"] == "raw"]
        inner = ["# BEGIN SOLUTION", "# END SOLUTION", "# BEGIN TESTS", "# END TESTS"]
        assert raw == ["# ASSIGNMENT CONFIG", *["# BEGIN QUESTION", *inner, "# END QUESTION"] * 3]
    assert sum("assert verdict" in "".join(cell["source"]) for cell in cells) == 3
