"""Executes the chapters and builds the book: `make book` ends here.

    python book/_ext/build.py                       execute what changed, build, say where to open it
    python book/_ext/build.py --copy FOLDER         copy the chapters to FOLDER, for nbmake to execute there
    python book/_ext/build.py --executed FOLDER     build from the notebooks that nbmake left in FOLDER

jupyter-cache knows a chapter's output by the chapter's code alone. A change of `gan_lab`, of the requirements or of
Python therefore empties the cache here; where nothing changed at all, nothing is built.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from warm import warm_kernels

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
HTML = BUILD / "html"
CACHE = BUILD / ".jupyter_cache"
WIDGETS = ROOT / "gan_lab" / "widgets" / "static"
TIMEOUT = 600  # seconds for one cell; _config.yml says the same
SKIPPED = ("_ext", "_static", "_build", ".ipynb_checkpoints", "__pycache__")


def check_library() -> None:
    """Ends the program where the chapters would import another gan_lab than the one beside them."""
    ours, found = ROOT / "gan_lab", importlib.util.find_spec("gan_lab")
    if found is None or found.origin is None:
        sys.exit(f"gan_lab is not installed in this Python: {sys.executable} -m pip install --no-deps -e {ROOT}")
    if (folder := Path(found.origin).resolve().parent) != ours.resolve():
        sys.exit(
            f"The chapters would import the gan_lab in {folder}, not the one in {ours}. The package `gan-lab` of the "
            f"package index is by other people: {sys.executable} -m pip uninstall gan-lab"
        )


def chapters() -> list[Path]:
    """Every notebook of the book."""
    found = sorted(p for p in BOOK.rglob("*.ipynb") if not set(p.relative_to(BOOK).parts) & set(SKIPPED))
    if not found:
        sys.exit(f"There are no chapters (*.ipynb) under {BOOK.relative_to(ROOT)}/.")
    return found


def digest(files: Iterable[Path], *words: str) -> str:
    """One hash of the files' names and contents and of the words."""
    total = hashlib.sha256("\n".join(words).encode())
    for file in sorted(files):
        total.update(f"\n{file.relative_to(ROOT)}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def _files(*roots: Path) -> list[Path]:
    ignored = {"__pycache__", ".ipynb_checkpoints", "_build"}
    return [f for root in roots for f in root.rglob("*") if f.is_file() and not ignored & set(f.parts)]


def execution_key() -> str:
    """What a chapter's outputs depend on besides its own code."""
    library = [f for f in _files(ROOT / "gan_lab") if WIDGETS not in f.parents]
    recorded = _files(ROOT / "book" / "recorded")
    return digest([*library, *recorded, ROOT / "requirements.txt"], sys.version)


def page_key() -> str:
    """What the built pages depend on."""
    files = [*_files(BOOK, WIDGETS), ROOT / "_config.yml", ROOT / "_toc.yml", ROOT / "pyproject.toml"]
    return digest(files, execution_key(), os.environ.get("GITHUB_REPOSITORY", ""))


def open_cache() -> JupyterCacheAbstract:
    """The cache of executed chapters, emptied first if what they call has changed."""
    stamp, key = BUILD / "execution.key", execution_key()
    if not stamp.is_file() or stamp.read_text() != key:
        shutil.rmtree(CACHE, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    stamp.write_text(key)
    return get_cache(str(CACHE))


def _store(cache: JupyterCacheAbstract, notebook: nbformat.NotebookNode, chapter: Path, seconds: float) -> None:
    bundle = CacheBundleIn(notebook, str(chapter), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def _execute(chapter: Path) -> tuple[Path, nbformat.NotebookNode, str | None, float]:
    """Runs one chapter in its own folder; returns it with its outputs, the error if there was one, and the seconds."""
    notebook, started, error = nbformat.read(chapter, as_version=4), time.monotonic(), None
    # A fresh kernel warns on the terminal that it talks over TCP; it does so on this machine only.
    quiet = ["--IPKernelApp.log_level=40"]
    client = NotebookClient(notebook, timeout=TIMEOUT, extra_arguments=quiet, record_timing=False)
    try:
        client.execute(cwd=str(chapter.parent))
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
        error = str(failure)
    return chapter, notebook, error, time.monotonic() - started


def execute(cache: JupyterCacheAbstract) -> None:
    """Runs the chapters that the cache does not know, two at a time; ends the program if one fails."""
    waiting = []
    for chapter in chapters():
        try:
            cache.match_cache_notebook(nbformat.read(chapter, as_version=4))
        except KeyError:
            waiting.append(chapter)
    failed = []
    if not waiting:
        return
    with warm_kernels(), ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for chapter, notebook, error, seconds in pool.map(_execute, waiting):
            name = chapter.relative_to(ROOT)
            if error is None:
                _store(cache, notebook, chapter, seconds)
                print(f"  {name}: {seconds:.0f} s", flush=True)
            else:
                failed.append(str(name))
                print(f"  {name} failed after {seconds:.0f} s:\n{error}", flush=True)
    if failed:
        sys.exit(f"The book was not built: {', '.join(failed)} failed; the error stands above.")


def adopt(cache: JupyterCacheAbstract, folder: Path) -> None:
    """Takes the executed notebooks of `folder` (laid out like book/) into the cache."""
    for chapter in chapters():
        executed = folder / chapter.relative_to(BOOK)
        if not executed.is_file():
            sys.exit(f"{executed} is missing: run nbmake with --overwrite on the folder that --copy made.")
        notebook = nbformat.read(executed, as_version=4)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        if any(cell.execution_count is None for cell in cells):
            sys.exit(f"{executed} was not executed to its end: the book would be published without its outputs.")
        for cell in cells:  # nbmake notes the times there, and the cache knows a cell by its metadata too
            cell.metadata.pop("execution", None)
        _store(cache, notebook, chapter, 0.0)


def copy_chapters(folder: Path) -> None:
    """Makes `folder` a fresh copy of the book's sources."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(BOOK, folder, ignore=shutil.ignore_patterns(*SKIPPED))
    print(f"{len(chapters())} chapters copied to {folder}")


def build_pages() -> None:
    """Runs Jupyter Book from nothing; every warning is an error, every unresolved reference a warning."""
    shutil.rmtree(HTML, ignore_errors=True)
    shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
    jupyter_book = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command = [*jupyter_book, "build", str(BOOK), "-W", "-n", "--keep-going", "-q"]
    command += ["--config", str(ROOT / "_config.yml"), "--toc", str(ROOT / "_toc.yml"), "--path-output", str(ROOT)]
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        shutil.rmtree(HTML, ignore_errors=True)  # a book with a warning is not published by mistake
        sys.exit("The book was not built: the warnings above are errors.")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Executes the chapters and builds the book.")
    parser.add_argument("--copy", type=Path, metavar="FOLDER", help="only copy the chapters to FOLDER")
    parser.add_argument("--executed", type=Path, metavar="FOLDER", help="take the chapters' outputs from FOLDER")
    arguments = parser.parse_args()
    check_library()
    if arguments.copy:
        return copy_chapters(arguments.copy)

    os.environ["GAN_LAB_STATIC"] = "1"
    # One thread a chapter: two chapters at once fill two cores, and sums come out the same on any machine.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    started, stamp = time.monotonic(), BUILD / "page.key"
    key = page_key()
    if not arguments.executed and stamp.is_file() and stamp.read_text() == key and (HTML / "index.html").is_file():
        print("Nothing changed since the book was built.")
    else:
        stamp.unlink(missing_ok=True)
        cache = open_cache()
        print("Executing the chapters:", flush=True)
        if arguments.executed:
            adopt(cache, arguments.executed)
        else:
            execute(cache)
        build_pages()
        stamp.write_text(key)
        print(f"The book was built in {time.monotonic() - started:.0f} s.")
    print(f"\nOpen {(HTML / 'index.html').as_uri()}\nor run `make serve`.")


if __name__ == "__main__":
    main()
