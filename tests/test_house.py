"""The rules of the house: floors, sizes, notebooks, addresses, and a README whose commands are true."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gan_lab"

# From the ground up. A floor may use what lies below it; the rooms of the ground floor know nothing of each other.
FLOORS = [
    {"_asked", "_distribution", "_eager", "_errors", "_files", "_machine", "_version", "palette", "initialise"},
    {"schedules", "_numbers", "_say", "_steppers"},
    {"random", "optim"},
    {"data", "nets", "losses", "penalties", "metrics", "game"},
    {"augment", "probe"},
    {"system"},
    {"gan", "methods"},
    {"train", "explain", "plots"},
    {"zoo"},
    {"runs"},
    {"widgets", "classroom", "cli"},
    {"__main__"},
]
GROUND = FLOORS[3]
LONGEST = 430  # "about 400 lines"
LONGEST_FUNCTION = 60  # lines beside its docstring


def tracked(*patterns: str) -> list[Path]:
    """The files under version control, with those about to be added, that match the patterns."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]


def imported(file: Path) -> set[tuple[str, ...]]:
    """The names in gan_lab that a module imports when loaded or run, such as ("gan", "GAN"); not for typing alone."""
    package = ["gan_lab", *file.relative_to(PACKAGE).parent.parts]
    names: set[tuple[str, ...]] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            names.update(tuple(alias.name.split(".")) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            parts = [part for part in (*base, *(node.module or "").split(".")) if part]
            names.update((*parts, alias.name) for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(file.read_text(encoding="utf8")))
    return {name[1:] for name in names if name[0] == "gan_lab"}


def imports(file: Path) -> set[str]:
    """The rooms of gan_lab (`data`, `gan`, ...) that a module imports."""
    return {name[0] for name in imported(file) if name}


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor_of(room: str) -> int | None:
    return next((level for level, rooms in enumerate(FLOORS) if room in rooms), None)


MODULES = [f for f in tracked("gan_lab/*.py") if f != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("file", MODULES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_import_runs_upward(file: Path) -> None:
    room = room_of(file)
    assert floor_of(room) is not None, f"{room} has no floor: give it one in FLOORS, after the plan of the house"
    for other in imports(file) - {room}:
        level = floor_of(other)
        if level is None:
            continue  # a name that gan_lab itself exports, such as a version
        assert level <= floor_of(room), f"{file.name} ({room}) imports {other}, which stands above it"
        assert not (room in GROUND and other in GROUND), f"{room} and {other} should know nothing of each other"


def test_the_import_reader_sees_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above is worth something only if its reader finds imports of every form."""
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "line.py"
    file.write_text(
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nimport gan_lab.zoo.gan\n"
        "from gan_lab import losses\nfrom ..train import loop\nfrom .. import widgets\nfrom .base import x\n"
        "def f():\n    from gan_lab.classroom import check\nif TYPE_CHECKING:\n    from gan_lab.cli import main\n"
    )
    assert imports(file) == {"zoo", "losses", "train", "widgets", "data", "classroom"}


def modules(package: Path) -> dict[tuple[str, ...], Path]:
    """All modules under a folder, by their names in it; a package is its `__init__`."""
    found = {}
    for file in package.rglob("*.py"):
        name = file.relative_to(package).with_suffix("").parts
        found[name[:-1] if name[-1] == "__init__" else name] = file
    return found


def circle(graph: dict[tuple[str, ...], set[tuple[str, ...]]]) -> list[str]:
    """Modules each of which imports the next, and the last the first; [] where there are none."""
    done: set[tuple[str, ...]] = set()

    def follow(name: tuple[str, ...], path: list[tuple[str, ...]]) -> list[str]:
        if name in path:
            return [".".join(step) for step in path[path.index(name) :]]
        if name in done:
            return []
        found = next((c for other in sorted(graph[name]) if (c := follow(other, [*path, name]))), [])
        done.add(name)
        return found

    return next((c for name in sorted(graph) if (c := follow(name, []))), [])


def import_graph(package: Path) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    known = modules(package)

    def module_of(name: tuple[str, ...]) -> tuple[str, ...]:
        while name not in known:  # the last part is a class, a function, a constant
            name = name[:-1]
        return name

    return {name: {module_of(other) for other in imported(file)} - {name} for name, file in known.items()}


def test_no_import_goes_in_a_circle() -> None:
    """Not even one that is put off into a function."""
    assert not circle(import_graph(PACKAGE)), "modules import each other in a circle: move what both need below them"


def test_a_circle_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "runs").mkdir()
    for name, text in {
        "__init__.py": "from gan_lab.runs import read", "runs/__init__.py": "from gan_lab.runs.read import read",
        "runs/read.py": "def show():\n    from gan_lab.runs.still import still",
        "runs/still.py": "from .read import read",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    assert circle(import_graph(tmp_path)) == ["runs.read", "runs.still"]
    (tmp_path / "runs" / "still.py").write_text("if TYPE_CHECKING:\n    from .read import read")
    assert circle(import_graph(tmp_path)) == []


def lines_of(node: ast.AST) -> int:
    return (node.end_lineno or 0) - node.lineno + 1  # type: ignore[attr-defined]


def long_functions(text: str) -> list[str]:
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    code = {f: lines_of(f) - (lines_of(f.body[0]) if ast.get_docstring(f) else 0) for f in functions}
    return [f"{f.name}, line {f.lineno}" for f, lines in code.items() if lines > LONGEST_FUNCTION]


@pytest.mark.parametrize(
    "file", tracked("gan_lab/*.py", "benchmarks/*.py", "book/_ext/*.py"), ids=lambda f: str(f.relative_to(ROOT))
)
def test_no_function_is_too_long(file: Path) -> None:
    assert not long_functions(file.read_text(encoding="utf8")), "a reader must scroll through it: divide it"


def test_a_long_function_is_seen() -> None:
    lines = [f"    x = {i}" for i in range(LONGEST_FUNCTION)]
    assert long_functions("\n".join(["def f():", '    """One\n    two."""', *lines])) == ["f, line 1"]
    assert long_functions("\n".join(["def f():", '    """One\n    two."""', *lines[1:]])) == []


SOURCES = [f for f in tracked("*.py", "*.ts", "*.mjs", "*.css") if f.parent != PACKAGE / "widgets" / "static"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_is_too_long(file: Path) -> None:
    assert len(file.read_text(encoding="utf8").splitlines()) <= LONGEST


NOTEBOOKS = tracked("*.ipynb")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: str(f.relative_to(ROOT)))
def test_notebooks_are_sources(file: Path) -> None:
    """No outputs, no counts, ids that are there, short cells, and one kernel name that every reader has."""
    notebook = json.loads(file.read_text(encoding="utf8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5), "ids need nbformat 4.5"
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell.get("id") for cell in notebook["cells"]]
    assert all(ids) and len(set(ids)) == len(ids), "every cell needs an id of its own"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"] and cell["execution_count"] is None, f"cell {cell['id']} has an output"


def test_nothing_names_a_machine_or_a_registry() -> None:
    """Paths of one machine, and hosts that packages come from, have no place in the sources.

    The CPU requirements are the exception: PyTorch publishes its CPU wheels on an index of its own.
    """
    private = re.compile(
        r"/(?:home|Users|root|work|tmp)/\w|registry\.npm|pypi\.org/simple|files\.pythonhosted|deb\.debian\.org"
        r"|download\.pytorch\.org"
    )
    exempt = {".binder/requirements.txt", "book/_ext/cpu_requirements.py", "tests/test_house.py"}
    text = set(" .py .ts .mjs .js .css .md .yml .toml .txt .json .jsonl .ipynb .bib".split(" "))
    found = []
    for file in tracked():
        name = file.relative_to(ROOT).as_posix()
        if name not in exempt and file.suffix in text:
            for number, line in enumerate(file.read_text(encoding="utf8").splitlines(), 1):
                hit = private.search(line)
                if hit:
                    found.append(f"{name}:{number}: {hit.group()}")
    assert not found, "\n".join(found)


def test_requirements_are_exact_and_within_the_ranges() -> None:
    from packaging.requirements import Requirement

    pinned: dict[str, str] = {}
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (only,) = requirement.specifier
            assert only.operator == "==", line
            pinned.setdefault(requirement.name, only.version)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["chapters"], *extras["book"]]:
        wanted = Requirement(text)
        if wanted.name != project["name"]:
            assert wanted.name in pinned, f"{wanted.name} is not in requirements.txt: run `make requirements`"
            assert wanted.specifier.contains(pinned[wanted.name]), f"{text}: {pinned[wanted.name]} is pinned"


def test_binder_gets_the_same_versions_without_a_gpu() -> None:
    full = (ROOT / "requirements.txt").read_text()
    light = (ROOT / ".binder" / "requirements.txt").read_text()
    assert "torch==2.15.0+cpu" in light and "nvidia" not in light and "triton" not in light
    kept = [line for line in full.splitlines() if re.match(r"(?!torch|nvidia-|cuda-|triton)\w", line)]
    assert set(kept) <= set(light.splitlines()), "run `make requirements`"


README = (ROOT / "README.md").read_text() if (ROOT / "README.md").is_file() else ""
COMMANDS = re.findall(r"`(make [a-z]+|python -m benchmarks [a-z0-9]+)|^    (make [a-z]+)", README, re.M)


def test_readme_commands_exist() -> None:
    assert "make book" in README and "make test" in README
    makefile = (ROOT / "Makefile").read_text()
    for inline, block in COMMANDS:
        command = (inline or block).split()
        if command[0] == "make":
            assert re.search(rf"^{command[1]}:", makefile, re.M), f"README: `{' '.join(command)}` is no target"
        else:
            from benchmarks.__main__ import BENCHMARKS

            assert command[-1] in BENCHMARKS, f"README: there is no benchmark {command[-1]}"


def test_readme_paths_exist() -> None:
    for path in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in path:
            assert (ROOT / path).exists(), f"README links to {path}, which is not here"
    for path in re.findall(r"`((?:book|gan_lab|frontend|tests|benchmarks)/[\w./]*)`", README):
        assert (ROOT / path).exists(), f"README names {path}, which is not here"


def test_readme_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = "".join(re.findall(r"```python\n(.*?)```", README, re.S))
    for long, short in (("steps=5_000", "steps=3"), ("steps=500,", "steps=2,"), ("steps=50_000", "steps=3")):
        assert example.count(long) == 1
        example = example.replace(long, short)
    names: dict = {}
    exec(example, names)
    assert list(names["run"].history["step"]) == [1, 2, 3]
    with pytest.raises(RuntimeError, match="have since been trained by another"):  # the last line begins anew
        names["run"].samples(10)
    assert len(names["many"].history) == 64 * 2 and [p.name for p in tmp_path.iterdir()] == ["ring.gan"]


def test_ci_calls_make_test_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_every_benchmark_is_there() -> None:
    from benchmarks.__main__ import BENCHMARKS

    for name in BENCHMARKS:
        source = ROOT / "benchmarks" / f"{name}.py"
        assert source.is_file() and "def measure() -> Result" in source.read_text(), f"benchmarks/{name}.py"


def test_an_unknown_benchmark_lists_the_near_ones() -> None:
    from benchmarks.__main__ import run

    with pytest.raises(ValueError, match="no benchmark 'boook'; did you mean book"):
        run("boook")


def test_a_benchmark_says_what_this_machine_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import benchmarks.__main__ as command

    monkeypatch.setenv("CHROMIUM", __file__)
    monkeypatch.setenv("PATH", "")
    for lacking, said in (("playwright", "playwright is not installed"), ("node", "node is not installed")):
        with monkeypatch.context() as without:
            if lacking == "playwright":
                without.setitem(sys.modules, "playwright.sync_api", None)
            without.setattr(sys, "executable", "/nowhere/python")
            without.setattr(sys, "argv", ["benchmarks", "engine" if lacking == "playwright" else "lessons"])
            assert command.main() == 1
        out, err = capsys.readouterr()
        assert said in err and "make chromium" in err and err.count("\n") == 1 and out == ""


def test_a_colour_is_chosen_in_one_place() -> None:
    """The actors' colours stand in palette.json alone; Python, CSS and TypeScript read them there."""
    palette = json.loads((PACKAGE / "palette.json").read_text())
    assert palette["light"].keys() == palette["dark"].keys() >= {"real", "generator", "discriminator", "gradient"}
    actors = {palette[m][a].lower() for m in palette for a in ("real", "generator", "discriminator", "gradient")}
    for file in SOURCES:
        used = actors & set(re.findall(r"#[0-9a-f]{6}", file.read_text(encoding="utf8").lower()))
        assert not used, f"{file.relative_to(ROOT)} states {used}; read gan_lab/palette.json instead"
