"""What a benchmark found, and where that is kept: one JSON line a run, with machine, date and commit."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).resolve().parent / "results"


class Missing(RuntimeError):
    """This machine lacks something that the benchmark needs; the message says what, and how to get it."""


@dataclass(frozen=True)
class Result:
    """`figure` and `bar` as a reader should see them (`"9.1x"`, `"at least 4x"`), and every number behind them."""

    figure: str
    bar: str
    passed: bool
    numbers: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


def machine() -> dict[str, Any]:
    """The machine in words: processor, cores, memory, system, Python. No host name."""
    processor = platform.processor() or platform.machine()
    with_name = [line for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    if with_name:
        processor = with_name[0].split(":", 1)[1].strip()
    memory = [line for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory[0].split()[1]) / 2**20) if memory else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def commit() -> str:
    """The commit that was measured, with `+` after it when the tree had changes."""
    try:
        name = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True)
        changes = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, capture_output=True)
    except OSError:
        return "unknown"
    return name.stdout.strip() + ("+" if changes.returncode else "") if name.returncode == 0 else "unknown"


def store(name: str, result: Result) -> str:
    """Adds a row to `benchmarks/results/NAME.jsonl`; returns that path, relative to the project."""
    RESULTS.mkdir(exist_ok=True)
    row = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "figure": result.figure,
        "bar": result.bar,
        "passed": result.passed,
        **result.numbers,
        "machine": machine(),
    }
    file = RESULTS / f"{name}.jsonl"
    with file.open("a") as out:
        out.write(json.dumps(row) + "\n")
    return str(file.relative_to(ROOT))
