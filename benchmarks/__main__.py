"""`python -m benchmarks NAME`: measures one promise, stores the row, exits 1 when it is under its bar.

A benchmark is a module `benchmarks/NAME.py` with a function `measure() -> Result`. To add one, write the module and put
its name in BENCHMARKS.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys

from benchmarks.result import Missing, Result, store

BENCHMARKS = (
    "book", "compile", "engine", "figure1", "gpu", "lessons", "listing", "page_weight", "playground", "seeds", "suite",
)  # fmt: skip


def run(name: str) -> Result:
    """Measures one benchmark by name; ValueError lists the near names when there is none."""
    if name not in BENCHMARKS:
        near = difflib.get_close_matches(name, BENCHMARKS, n=2, cutoff=0.4) or list(BENCHMARKS)
        raise ValueError(f"There is no benchmark {name!r}; did you mean {' or '.join(near)}?")
    result: Result = importlib.import_module(f"benchmarks.{name}").measure()
    return result


def main() -> int:
    """The command line; the last line printed is `NAME: FIGURE (bar BAR)`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures one of the project's promises.")
    parser.add_argument("name", help=", ".join(BENCHMARKS))
    parser.add_argument("--no-store", action="store_true", help="print only; write nothing under benchmarks/results/")
    arguments = parser.parse_args()
    try:
        result = run(arguments.name)
    except ValueError as error:
        parser.error(str(error))
    except Missing as lacking:
        print(f"{arguments.name} cannot be measured here: {lacking}", file=sys.stderr)
        return 1
    for line in result.lines:
        print(line)
    if not arguments.no_store:
        print(f"stored in {store(arguments.name, result)}")
    print(f"{arguments.name}: {result.figure} (bar {result.bar})", flush=True)
    return 0 if result.passed else 1


if __name__ == "__main__":
    sys.exit(main())
