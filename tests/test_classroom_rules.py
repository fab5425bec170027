"""The exercises as data: every sentence can be reached, and the page says of every answer what Python says."""

from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
from typing import Any

import pytest

from benchmarks.node import FRONTEND, NoNode, tool
from gan_lab import classroom, data
from gan_lab.classroom.questions import Exercise, Field, load
from gan_lab.classroom.rules import evaluate, fill, parse
from gan_lab.classroom.typed import read, read_all

TASKS = {number: task for number, task in classroom.exercises().items() if task.kind != "code"}
ANYWHERE = (0, 1, -1, 0.5, 2, 3, 10, 100, 0.01, -0.05, 1.3, -0.99, -2, 1e6)
LEAVES = (
    "3 12 8 2 4 6 2 14 5",
    "3 12 8 2 4 6 14 5 2",
    "3 12 8 4 2 6 2 14 5",
    "1 2",
    "9 12 8 2 4 6 2 14 5",
    "3 12 8 2 4 9 2 14 5",
    "3 12 8 2 4 6 2 14 9",
)
HILLS = [0, 0, 0, 5, 5, 0, 0, 0, 0, 5, 5, 0, 0, 0, 0, 5, 5, 0, 0, 0]
TWO = [0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0]
DRAWINGS = (
    TWO,
    HILLS,
    [1] * 20,
    [0] * 6 + [1] * 8 + [0] * 6,
    [*[0] * 19, 1],
    [0, 0, 0, 0, 0, 1, *[0] * 8, 1, *[0] * 5],
)
#: right answers that no single value gives, and slips that concern several fields
TOGETHER: dict[str, list[tuple[Any, ...]]] = {
    "1.2": [(2, 2.8), (2, 1.2), (0, 1), (2, 2.1), (2.3, 3.1), (2.2, 2.5)],
    "2.4": [(0.42, 0.385, 0.796)],
    "4.2": [
        (1.05, 1.57, 2.09),
        (2.09, 1.57, 1.05),
        (-0.5, 0, 0.5),
        (0.9, 1.57, 2.25),
        (2.8, 1.57, 1.75),
        (1.0, 1.4, 1.9),
        (1.5, 1.8, 2.5),
    ],
    "5.1": [(0.3, 4.5)],
    "5.2": [(5.16, 0.02526 / k) for k in (1, 800, 256, 0.5, 204_800)],
    "5.4": [(2.04,), (1.02,), (70,)],
    "6.2": [(-0.95, -0.05), (-1 / 0.95, -20)],
    "6.4": [
        (-1.281, -1.294),
        (-1.4, -1.281),
        (-1.294, -1.4),
        (-1.2, -1.281),
        (-1.3, -1.281),
        (-1.294, -1.2),
        (-1.294, -1.3),
    ],
    "7.1": [(-0.99, -0.01), (-1 / 0.99, -100), (-0.02, -0.99), (-0.5, -0.5)],
}


def values(task: Exercise, one: Field) -> list[Any]:
    """Answers to one field: the right one first, its slips, near misses, and others from nowhere."""
    if one.type == "numbers":
        return [[float(x) for x in leaves.split()] for leaves in LEAVES]
    if one.type == "drawing":
        return list(DRAWINGS)
    if one.type == "choice":
        return [one.value, *one.options]
    if one.type == "choices":
        some = (list(s) for n in range(len(one.options) + 1) for s in itertools.combinations(one.options, n))
        return [one.value, *some]
    scope = {"phi": math.exp(-2) / math.sqrt(2 * math.pi)}
    exact = [
        evaluate(parse(v), scope) for v in (one.value, *(slip.get("value") for slip in one.slips)) if v is not None
    ]
    around = [*exact, *(x for v in exact for x in (-v, 0.9 * v, 1.1 * v)), *ANYWHERE]
    low, high = (-math.inf if one.low is None else one.low), (math.inf if one.high is None else one.high)
    return [x for x in around if low <= x <= high]


def answers(task: Exercise) -> list[tuple[Any, ...]]:
    """Some hundred answers, most of them right in all fields but one."""
    rng, columns = random.Random(task.number), [values(task, one) for one in task.fields]
    together = TOGETHER.get(task.number, [])
    right = list(together[0]) if any(one.value is None for one in task.fields) and together else [c[0] for c in columns]
    found = [tuple(right), *together]
    for i, column in enumerate(columns):
        found += [(*right[:i], x, *right[i + 1 :]) for x in column]
    for _ in range(150 if len(columns) > 1 else 0):
        found.append(tuple(rng.choice([r, *c]) for r, c in zip(right, columns, strict=True)))
    return found


@pytest.mark.parametrize("number", TASKS)
def test_every_sentence_is_reached(number: str) -> None:
    task = TASKS[number]
    reached = set()
    # no bars are as smooth as the hills themselves
    for answer in [*answers(task), *([(data.mixture([-3, 0, 3], 0.4),)] if task.kind == "drawing" else [])]:
        scope: dict[str, Any] = {one.name: one.read(x) for one, x in zip(task.fields, answer, strict=True)}
        for name, tree in task.let.items():
            scope[name] = evaluate(tree, scope)
        reached.add(next(i for i, (when, _, _) in enumerate(task.rules) if evaluate(when, scope)))
    assert [say for i, (_, say, _) in enumerate(task.rules) if i not in reached] == []


def _of_python(task: Exercise, answer: tuple[Any, ...]) -> list[Any]:
    given: dict[str, Any] = {}
    for one, x in zip(task.fields, answer, strict=True):
        if one.group:
            given.setdefault(one.group, []).append(x)
        else:
            given[one.name] = x
    return list(task.judge(given))


SCRIPT = """
import { buildSync } from "esbuild";
const { outputFiles: [file] } = buildSync({ bundle: true, format: "esm", write: false, stdin: { resolveDir: "src",
  contents: 'export * from "./views/rules"; export * from "./ui/typed"' } });
const { evaluate, fill, judge, read, readAll } =
  await import("data:text/javascript," + encodeURIComponent(file.text));
const { tasks, cases, texts, lists, trees, formats } = JSON.parse(await new Response(process.stdin).text());
const given = ({ fields }, answer) => Object.fromEntries(fields.map(({ name, type, low, high }, i) =>
  [name, type === "drawing" ? { heights: answer[i], low, high } : answer[i]]));
console.log(JSON.stringify({
  verdicts: cases.map(([number, answer]) => judge(tasks[number], given(tasks[number], answer))),
  read: texts.map((text) => String(read(text))), listed: lists.map((text) => String(readAll(text))),
  values: trees.map((tree) => String(evaluate(tree, {}))),
  formatted: formats.map(([v, how]) => fill(`{v:${how}}`, { v: Number(v) })) }));
"""

TEXTS = {
    "0.25": 0.25,
    "1/4": 0.25,
    " 255/256 ": 255 / 256,
    "0,5": 0.5,
    "15,000": 15_000,
    "1,152,000": 1_152_000,
    "−0.99": -0.99,
    "50%": 0.5,
    "50 %": 0.5,
    "12,5\u202f%": 0.125,
    "1e-3": 1e-3,
    "1.5E2": 150,
    "1.": 1,
    "1/3": 1 / 3,
    "2/√3": 2 / math.sqrt(3),
    "2/sqrt(3)": 2 / math.sqrt(3),
    "pi/3": math.pi / 3,
    "π/3": math.pi / 3,
    "π": math.pi,
    "½": 0.5,
    "2¼": 2.25,
    "2π": 2 * math.pi,
    "-3 pi / 4": -3 * math.pi / 4,
    "2√3": 2 * math.sqrt(3),
    "2(1+2)^2": 18,
    "2^3π": 8 * math.pi,
    "log(2)/2": math.log(2) / 2,
    "1.2e-7": 1.2e-7,
    "2^-3": 0.125,
    "-2^2": -4,
    "2*-3": -6,
    "10-2-3*2": 2,
    "(1+2)*3": 9,
    "6÷3×5": 10,
    "exp(-2)": math.exp(-2),
    **dict.fromkeys(
        ["", "%", "50 % %", "a third", "1/0", "1/(1/0)", "(1/0)^0", "1/exp(1000)", "1 2", "2 3π", "(1", "1)"]
        + ["constructor", "NaN", "1e999", "1/1e999", "√-1", "(-8)^(1/3)", "√2π", "-√2π", "1/2π", "1.2.3", "1.000,5"]
        + ["½½", "1.5½"]
        + ["2026-11-25", "11/25/2026", "١", "(" * 61 + "1" + ")" * 61, "9^9^9^9", "1e", "--", "alert(1)", "1,15,000"],
        math.nan,
    ),
}
LISTS = {"3 12 8": [3, 12, 8], " 1/2, 50 %;π  1e-3": [0.5, 0.5, math.pi, 1e-3], "1 two": [1, math.nan], "": [math.nan]}
#: where arithmetic has no finite answer
EXPRESSIONS = ["1/0", "-1/0", "0/0", "log(0)", "log(-1)", "exp(1000)", "1e308 * 10", "1e308 + 1e308", "2 ** 1e9"]
EXPRESSIONS += ["(0/0) ** 0", "1 ** (0/0)", "0 ** -1", "(-8) ** (1/3)", "abs(1/0)", "1/0 > 1", "1/0 == 1/0", "7 / 2"]
EXPRESSIONS += ["1/0 != 1/0", "near(1/0, 1/0, 1)", "not 1/0 < 1", "1/(1/0)"]
TIES = (0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 1.125, 9.5, 1e22, 10.5, 1234.5, 0.0625, 2.675, -0.0, math.inf, -math.inf)
FORMATS = [
    (v, how)
    for v in (
        0.0,
        1.0,
        -0.5,
        1 / 3,
        123456.0,
        1234567.0,
        1e-5,
        0.00012345,
        99999.5,
        2.04,
        1e18,
        15_000.0,
        math.nan,
        *TIES,
    )
    for how in ("g", ".1g", ".3g", ".4g", ".2f", ".0f", ".1f", ".3f", ".4f", ".2e", ".0e", ".0%", ".1%", ",")
    if (how != "," or v in (0, 1, 123456, 15_000)) and not (v == 1e22 and how[-1] in "f%")
]


def _text(value: Any) -> str:
    """As JavaScript says it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "NaN" if math.isnan(value) else f"{value:g}"


def test_the_page_says_what_python_says() -> None:
    cases = [(number, answer) for number, task in TASKS.items() for answer in answers(task)]
    trees = [parse(text) for text in EXPRESSIONS]
    sent = {
        "tasks": {number: task.for_page() for number, task in TASKS.items()},
        "cases": cases,
        "texts": list(TEXTS),
        "lists": list(LISTS),
        "trees": trees,
        "formats": [(str(v).replace("inf", "Infinity"), how) for v, how in FORMATS],
    }
    try:
        node = tool("node")
    except NoNode as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [node, "--input-type=module", "-e", SCRIPT],
        cwd=FRONTEND,
        input=json.dumps(sent),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for (number, answer), said in zip(cases, found["verdicts"], strict=True):
        assert said == _of_python(TASKS[number], answer), (number, answer)
    for (text, value), shown in zip(TEXTS.items(), found["read"], strict=True):
        assert float(shown) == pytest.approx(value, nan_ok=True), text
        assert read(text) == pytest.approx(value, nan_ok=True), text
    for (text, values), shown in zip(LISTS.items(), found["listed"], strict=True):
        assert [float(one) for one in shown.split(",")] == pytest.approx(values, nan_ok=True), text
        assert read_all(text) == pytest.approx(values, nan_ok=True), text
    for text, tree, shown in zip(EXPRESSIONS, trees, found["values"], strict=True):
        assert _text(evaluate(tree, {})) == shown, text
    for (v, how), shown in zip(FORMATS, found["formatted"], strict=True):
        assert fill(f"{{v:{how}}}", {"v": v}) == shown, (v, how)


def test_python_takes_a_number_as_the_page_does() -> None:
    assert classroom.check("1.1", "1/2", "75 %", 0.996) == classroom.check("1.1", 0.5, 0.75, 0.996)
    assert classroom.check("2.2", "3 12 8;2,4 6 2 14 5") == classroom.check("2.2", [3, 12, 8, 2, 4, 6, 2, 14, 5])
    assert not classroom.check("1.1", "√2π", 0.75, 0.996) and not classroom.check("1.1", True, 0.75, 0.996)


def test_the_distribution_that_is_drawn_is_the_one_in_python() -> None:
    assert classroom.check("4.4", TWO) and classroom.check("4.4", data.drawn(TWO, low=-5, high=5))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('title = "t"\nkind = "riddle"\nhints = ["h"]', "its kind is 'riddle'"),
        ('title = "t"\nkind = "code"\nhints = ["h"]\nhnits = 1', "nobody reads hnits"),
        ('title = "t"\nkind = "numeric"\nhints = ["h"]\nrules = [{ when = "a >> 1", say = "s" }]', "'a >> 1' is no"),
        ('title = "t"\nkind = "numeric"\nhints = ["h"]\nrules = [{ when = "open(1)", say = "s" }]', "no expression"),
        ('title = "t"\nkind = "numeric"\nhints = ["h"]\nfields = [{ name = "a" }]', "label"),
    ],
)
def test_what_is_amiss_in_the_file_is_named(tmp_path: Any, table: str, says: str) -> None:
    file = tmp_path / "chapter09.toml"
    file.write_text(f'["9.1"]\n{table}\n')
    with pytest.raises(ValueError, match="exercise 9.1 in chapter09.toml") as error:
        load(file)
    assert says in str(error.value)
