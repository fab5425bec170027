"""`make test` as a whole, what one more chapter adds to it and to `make book`, and both for forty chapters.

A chapter's cost is measured, not guessed: its notebook, the visits of its page and the tests that bear its name, in
seconds of one of the two workers; half of that is what it adds to the clock.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable

from benchmarks.result import ROOT, Missing, Result

REPORTS = ROOT / "_build" / "tests"
WORKERS, FORTY = 2, 40
TEST_BAR, FORTY_BAR = 15 * 60.0, 40 * 60.0
CHAPTER_TEST_BAR, CHAPTER_BOOK_BAR, BOOK_FORTY_BAR = 40.0, 25.0, 15 * 60.0
PAGE = 1.0  # seconds that Sphinx takes for a chapter: 15 s for a book of 17 pages

Case = tuple[str, str, float]


def cases() -> list[Case]:
    """(file, name, seconds of a worker) of every test of the last `make test`."""
    found = []
    for name in ("chapters.xml", "pages.xml"):
        if not (REPORTS / name).is_file():
            raise Missing(f"_build/tests/{name} is not there: `make test` writes it.")
        for case in ElementTree.parse(REPORTS / name).iter("testcase"):
            found.append((case.get("classname") or "", case.get("name") or "", float(case.get("time") or 0)))
    return found


def parts(found: Iterable[Case]) -> dict[str, float]:
    """Seconds of a worker by part: the notebooks, the rest of the unit tests, the browser."""
    sums: dict[str, float] = defaultdict(float)
    for place, name, seconds in found:
        part = "notebooks" if name.endswith(".ipynb") else "browser" if "browser" in place else "unit tests"
        sums[part] += seconds
    return dict(sums)


def by_chapter(found: Iterable[Case], chapters: Iterable[str]) -> dict[str, tuple[float, float]]:
    """For each chapter's name, such as "05_value_function": seconds of its notebook, and of all that it adds."""
    costs = {chapter: [0.0, 0.0] for chapter in chapters}
    for place, name, seconds in found:
        for chapter, cost in costs.items():
            number = chapter.partition("_")[0]
            if chapter in name or re.search(rf"chapter(s\d\d_)?{number}", f"{place}::{name}"):
                cost[1] += seconds
                if name.endswith(".ipynb"):
                    cost[0] += seconds
    return {chapter: (cost[0], cost[1]) for chapter, cost in costs.items()}


def project(found: list[Case], wall: float) -> Result:
    """The result, from the tests' seconds and the clock's for `make test`."""
    names = sorted(file.stem for file in (ROOT / "book").glob("part*/*.ipynb"))
    costs = by_chapter(found, names)
    in_test = statistics.mean(whole for _, whole in costs.values()) / WORKERS
    in_book = statistics.mean(notebook for notebook, _ in costs.values()) / WORKERS + PAGE
    book = sum(s for _, name, s in found if name.endswith(".ipynb")) / WORKERS + PAGE * len(names)
    more = FORTY - len(names)
    test_forty, book_forty = wall + more * in_test, book + more * in_book
    rows = [f"{part:<12} {seconds:6.0f} s of a worker" for part, seconds in parts(found).items()]
    rows += [f"{name:<24} notebook {costs[name][0]:5.1f} s, all {costs[name][1]:5.1f} s of a worker" for name in names]
    rows += [
        f"one more chapter adds {in_test:.0f} s to make test (bar {CHAPTER_TEST_BAR:.0f} s), "
        f"{in_book:.0f} s to make book (bar {CHAPTER_BOOK_BAR:.0f} s)",
        f"make book executes and builds for {book:.0f} s; {FORTY} chapters: {book_forty:.0f} s "
        f"(bar {BOOK_FORTY_BAR:.0f} s), installing apart",
    ]
    held = wall < TEST_BAR and test_forty < FORTY_BAR and book_forty < BOOK_FORTY_BAR
    return Result(
        figure=f"{wall:.0f} s; {FORTY} chapters: {test_forty:.0f} s",
        bar=f"{TEST_BAR:.0f} s; {FORTY} chapters: {FORTY_BAR:.0f} s",
        passed=held and in_test < CHAPTER_TEST_BAR and in_book < CHAPTER_BOOK_BAR,
        numbers={
            "test_s": wall, "forty_s": test_forty, "chapter_test_s": in_test, "chapter_book_s": in_book,
            "book_s": book, "book_forty_s": book_forty, "parts": parts(found), "chapters": costs,
        },
        lines=tuple(rows),
    )  # fmt: skip


def measure() -> Result:
    """Runs `make test` on two cores, where the system can give it two, and reads what it wrote."""
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > WORKERS:
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:WORKERS]))
    started = time.monotonic()
    if subprocess.run(["make", "test"], cwd=ROOT).returncode:
        raise Missing("`make test` failed: its message is above.")
    return project(cases(), time.monotonic() - started)
