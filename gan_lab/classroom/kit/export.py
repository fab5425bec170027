"""An assignment in the form that nbgrader or otter-grader takes as an instructor's source."""

from __future__ import annotations

import copy
from typing import Any

from gan_lab.classroom.kit.notebooks import ANSWER_ID

ANSWER, QUESTION = ANSWER_ID.format(""), "question-"
KINDS = ("nbgrader", "otter")


def convert(notebook: dict[str, Any], kind: str) -> dict[str, Any]:
    """A copy of an assignment for ``kind``, "nbgrader" or "otter"; raises ValueError for another.

    Each exercise is worth a point. The point is given by a cell of its own behind the answer, which asks the library
    again; it runs in the process of the student's code, as all of nbgrader's and otter's tests do.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no form of assignment: choose nbgrader or otter.")
    made = copy.deepcopy(notebook)
    made["cells"] = [new for cell in made["cells"] for new in (_nbgrader if kind == "nbgrader" else _otter)(cell)]
    if kind == "otter":
        name = made["metadata"]["gan_lab"]["assignment"]
        made["cells"].insert(0, _raw("otter-config", f"# ASSIGNMENT CONFIG\nname: {_yaml(name)}\nfiles: []\n"
                                     "init_cell: true\nexport_cell: false\ncheck_all_cell: false\n"))  # fmt: skip
    return made


def _yaml(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _nbgrader(cell: dict[str, Any]) -> list[dict[str, Any]]:
    name = cell["id"]
    if not name.startswith(ANSWER):
        if name.startswith((QUESTION, "setup-", "needs-")):
            cell["metadata"]["nbgrader"] = _marks(name, locked=True, solution=False, grade=False)
        return [cell]
    start, verdict = _parted(cell)
    # nbgrader keeps what stands outside the marks and puts its stub between them; without marks it would keep nothing
    cell["source"] = _lines(f"{start}\n\n\n### BEGIN SOLUTION\n### END SOLUTION")
    cell["metadata"]["nbgrader"] = _marks(name, locked=False, solution=True, grade=False)
    test = f"verdict = {verdict}\nassert verdict, verdict.message"
    behind = _code(name.replace(ANSWER, "check-"), test)
    behind["metadata"]["nbgrader"] = _marks(behind["id"], locked=True, solution=False, grade=True) | {"points": 1}
    return [cell, behind]


def _marks(name: str, *, locked: bool, solution: bool, grade: bool) -> dict[str, Any]:
    return {
        "grade": grade, "grade_id": name, "locked": locked, "schema_version": 3, "solution": solution, "task": False,
    }  # fmt: skip


def _otter(cell: dict[str, Any]) -> list[dict[str, Any]]:
    name = cell["id"]
    if name.startswith(QUESTION):
        slug = name.removeprefix(QUESTION)
        config = f"# BEGIN QUESTION\nname: q{slug.replace('-', '_')}\npoints: 1\n"
        return [_raw(f"begin-{slug}", config), cell]
    if not name.startswith(ANSWER):
        return [cell]
    slug = name.removeprefix(ANSWER)
    start, verdict = _parted(cell)
    # otter gives the answer cell out as it is between these marks, without what stands in "# SOLUTION"
    cell["source"] = _lines(start)
    test = _code(f"test-{slug}", f"verdict = {verdict}\nassert verdict, verdict.message")
    return [
        _raw(f"begin-solution-{slug}", "# BEGIN SOLUTION"), cell, _raw(f"end-solution-{slug}", "# END SOLUTION"),
        _raw(f"begin-tests-{slug}", "# BEGIN TESTS"), test, _raw(f"end-tests-{slug}", "# END TESTS"),
        _raw(f"end-{slug}", "# END QUESTION"),
    ]  # fmt: skip


def _parted(cell: dict[str, Any]) -> tuple[str, str]:
    """The start of an answer, and the call of its check."""
    lines = "".join(cell["source"]).rstrip().split("\n")
    return "\n".join(lines[:-1]).rstrip(), lines[-1]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _raw(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "id": name, "metadata": {}, "source": _lines(source)}


def _code(name: str, source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": []}
    return made | {"source": _lines(source)}
