"""`make check`: runs what depends on the files that changed; `make test` and CI run everything.

    python -m tests.affected [--since REVISION] [--list]

What depends on what is read, not listed. A test depends on the modules that it imports, and on those they import; on
`gan_lab.name` where it says so; and on the files (JSON, TOML, ...) that any of them names. A chapter depends on what
its cells import. A test in a browser depends on the views that it (or a helper it imports) names, and a view on its
scripts (frontend/src/views.json). A chapter's page is visited when the chapter, the book's style or its extension
changed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import fnmatch
import functools
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXECUTED = "executed-chapters"
PLACES = (ROOT, ROOT / "book" / "_ext", ROOT / "tests" / "frontend")  # where imports begin
READ = (".json", ".jsonl", ".toml", ".css", ".js", ".yml", ".bib")  # what a program may read
NEEDS: dict[str, list[str]] = json.loads((ROOT / "frontend" / "src" / "views.json").read_text(encoding="utf8"))


@dataclass
class Affected:
    """What is to be run: tests and chapters as paths from the root; the front end's own checks; pages to visit."""

    tests: set[str] = field(default_factory=set)
    chapters: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    frontend: bool = False


def changed(since: str) -> list[str]:
    """The files that differ from the revision, and those that git does not know yet."""
    asked = (["git", "diff", "--name-only", since], ["git", "ls-files", "--others", "--exclude-standard"])
    return [
        line
        for words in asked
        for line in subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    ]


# -- who imports whom -------------------------------------------------------------------------------------------------


def source(file: Path) -> str:
    """The Python in a file: a notebook's is that of its cells, without the lines that are not Python."""
    text = file.read_text(encoding="utf8")
    if file.suffix != ".ipynb":
        return text
    cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
    lines = "\n".join("".join(c["source"]) for c in cells).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("%", "!")))


def imported(file: Path) -> set[Path]:
    """The files of this repository that a file imports anywhere in it, or names as an attribute of `gan_lab`."""
    base = max((place for place in PLACES if file.is_relative_to(place)), key=lambda place: len(place.parts))
    names = _named(ast.parse(source(file)), file.relative_to(base).parts)
    return {found for name in names if (found := _module(name)) is not None}


def read(file: Path) -> set[Path]:
    """The files of this repository that are no programs and that a program names, or means by a pattern."""
    words = (node.value for node in ast.walk(ast.parse(source(file))) if isinstance(node, ast.Constant))
    names = {word.rpartition("/")[2] for word in words if isinstance(word, str) and word.endswith(READ)}
    patterns = {name for name in names if name[0] not in "*."}
    return {one for one in _texts() if any(fnmatch.fnmatch(one.name, pattern) for pattern in patterns)}


@functools.cache
def _texts() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return tuple(ROOT / path for path in listed if path.endswith(READ))


def _named(code: ast.AST, place: tuple[str, ...]) -> set[str]:
    """The modules, and names of modules, in a program and in the programs that it holds as strings.

    place: the path of the program from where imports begin, which relative imports start from.
    """
    names: set[str] = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = [*place[: -node.level], *(node.module or "").split(".")] if node.level else [node.module or ""]
            names |= {".".join(filter(None, [*package, alias.name])) for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gan_lab":
            names.add(f"gan_lab.{node.attr}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "import " in node.value:
            with contextlib.suppress(SyntaxError):
                names |= _named(ast.parse(node.value), place)
    return names - {"gan_lab"}


def _module(name: str) -> Path | None:
    """The file of a module, or of the module that a name is taken from."""
    parts = name.split(".")
    for n in (len(parts), len(parts) - 1):
        for base in PLACES:
            place = base.joinpath(*parts[:n]) if n else base
            for file in (place.with_suffix(".py"), place / "__init__.py"):
                if n and file.is_file():
                    # gan_lab.GAN and gan_lab.train are taken from the package, which loads them from these
                    return ROOT / "gan_lab" / "gan.py" if file == ROOT / "gan_lab" / "__init__.py" else file
    return None


@functools.cache
def graph() -> dict[Path, set[Path]]:
    """Every Python file and chapter, and what each imports and reads itself."""
    files = [f for folder in ("gan_lab", "tests", "benchmarks", "book/_ext") for f in (ROOT / folder).rglob("*.py")]
    chapters = [f for f in (ROOT / "book").rglob("*.ipynb") if "checkpoint" not in str(f)]
    return {file: imported(file) | read(file) for file in [*files, *chapters]}


def reached(start: Iterable[Path], edges: dict[Path, set[Path]]) -> set[Path]:
    """All files that the given ones lead to, themselves included."""
    found: set[Path] = set()
    todo = list(start)
    while todo:
        if (file := todo.pop()) not in found:
            found.add(file)
            todo += edges.get(file, ())
    return found


# -- what is to be run ------------------------------------------------------------------------------------------------


def views_of(path: str) -> set[str]:
    """The views that a file of the front end, or a built script, is part of."""
    if not path.startswith(("frontend/", "gan_lab/widgets/static/")):
        return set()
    stem = Path(path).stem.removeprefix("gan-lab-")
    if (one := {view for view in NEEDS if stem == view or stem.startswith(f"{view}-")}) and "engine" not in stem:
        return one
    return {view for view, scripts in NEEDS.items() if stem in scripts} or set(NEEDS)


def affected(paths: Iterable[str]) -> Affected:
    """What depends on the files of these paths."""
    paths, found, edges = list(paths), Affected(), graph()
    files = {ROOT / path for path in paths}
    views = {view for path in paths for view in views_of(path)}
    found.frontend = any(path.startswith("frontend/") for path in paths)
    book = any(path.startswith(("book/_ext/", "book/_static/", "_config.yml", "_toc.yml")) for path in paths)
    for file in edges:
        path = file.relative_to(ROOT).as_posix()
        needs = reached([file], edges) | _conftests(file, edges)
        if file.suffix == ".ipynb":
            if needs & files:
                found.chapters.add(path)
            if needs & files or book or views:
                found.pages.add(path.removeprefix("book/").removesuffix(".ipynb"))
        elif file.name.startswith("test_") and (needs & files or _names(needs, views, file) or _reads(file, paths)):
            found.tests.add(path)
    prose = [path for path in paths if path.startswith("book/") and path.endswith(".md")]
    found.pages |= {path.removeprefix("book/").removesuffix(".md") for path in prose}
    if any(path.startswith(("gan_lab/", "tests/", "book/")) for path in paths):
        found.tests |= {"tests/test_house.py"}
    return found


def _conftests(file: Path, edges: dict[Path, set[Path]]) -> set[Path]:
    """The conftests of a test and the helpers they import; not all that those lead to, for few tests use each."""
    folders = [folder for folder in file.parents if folder.is_relative_to(ROOT / "tests")]
    places = {place for folder in folders if (place := folder / "conftest.py").is_file()}
    return places | {one for place in places for one in edges[place] if one.is_relative_to(ROOT / "tests")}


def _names(needs: set[Path], views: set[str], file: Path) -> bool:
    """Whether a test in a browser, or a helper of it, names one of the views or goes through all."""
    if not views or "browser" not in file.parts:
        return False
    text = "".join(n.read_text(encoding="utf8") for n in needs if n.is_relative_to(ROOT / "tests"))
    return "VIEWS" in file.read_text(encoding="utf8") or any(f'"{view}"' in text for view in views)


def _reads(file: Path, paths: Iterable[str]) -> bool:
    """Whether a test speaks of a changed file that is no module: a recipe, a map, a style, the Makefile."""
    text = file.read_text(encoding="utf8")
    other = [path for path in paths if not path.endswith((".py", ".ipynb")) and not views_of(path)]
    front = any(path.startswith("frontend/src/engine/") for path in paths) and "frontend" in file.parts
    return front or any(Path(path).name in text for path in other)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.affected", description="Runs what depends on what changed.")
    parser.add_argument("--since", default="HEAD", help="the revision to compare with (default: the last commit)")
    parser.add_argument("--list", action="store_true", help="say what would run, and run nothing")
    given = parser.parse_args()
    found = affected(changed(given.since))
    unit = sorted(test for test in found.tests if "browser" not in test)
    browser = sorted(test for test in found.tests - {"tests/browser/test_pages.py"} if "browser" in test)
    for name, words in {"tests": unit + browser, "chapters": found.chapters, "pages": found.pages}.items():
        print(f"{name}: {' '.join(sorted(words)) or 'none'}", flush=True)
    if given.list:
        return 0
    python = [sys.executable, "-m"]
    pytest = [*python, "pytest", "-q", "-n", "2", "--dist", "worksteal"]
    commands = [[*python, "ruff", "check", "."], [*python, "mypy"]]
    if found.frontend:
        commands.append(["make", "front"])
    if found.chapters:
        copies = [chapter.replace("book/", f"{EXECUTED}/", 1) for chapter in sorted(found.chapters)]
        commands += [[sys.executable, "book/_ext/build.py", "--copy", EXECUTED]]
        commands += [[sys.executable, "book/_ext/warm.py", *pytest, "--nbmake", "--nbmake-timeout=600", *copies]]
    if unit:
        commands.append([*pytest, *unit])
    if browser:
        commands.append([*pytest, *browser])
    if found.pages:
        commands.append([sys.executable, "book/_ext/build.py"])
        commands.append([*pytest, "tests/browser/test_pages.py", "-k", " or ".join(sorted(found.pages))])
    failed = [" ".join(command) for command in commands if subprocess.call(command, cwd=ROOT)]
    for command in failed:
        print(f"failed: {command}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
