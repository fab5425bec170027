"""What the laboratory promises of its games, over ten seeds: each illness is there, its cures cure, the others do not.

The games are those of `gan_lab/widgets/lessons.json`, played by the page's own engine in Node (the bits of a page) and
scored by gan_lab's metrics over the last third of each run. `works` there lists the treatments that cure; every other
one offered must not, but those under `sometimes`, of which the page says that it depends on the seed.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from benchmarks.node import build_engine, tool
from benchmarks.result import Result
from gan_lab import data, metrics
from gan_lab.data import Centres
from gan_lab.random import PageStreams
from gan_lab.widgets.labs import LESSONS, Lesson, lesson

SEEDS = range(10)
SAMPLES, MARKS = 512, 60
NOISE_SEED, DATA_SEED = 3_999_999, 3_999_998  # no run has these
CURES, FAILS = 8, 2  # of ten seeds: at least, at most

Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


class Late(NamedTuple):
    """Means over the last third of a run's marks; W is the sliced Wasserstein distance."""

    covered: float
    high_quality: float
    w: float


def sliced_wasserstein(x: torch.Tensor, y: torch.Tensor, directions: int = 64) -> float:
    """As the page takes it: along evenly spaced directions of the half circle."""
    angle = torch.pi * (torch.arange(directions, dtype=torch.float64) + 0.5) / directions
    w = torch.stack([angle.cos(), angle.sin()])
    return float(((x @ w).sort(0).values - (y @ w).sort(0).values).abs().mean())


def draws(law: data.Distribution, seed: int, stream: str) -> torch.Tensor:
    return law.draw(SAMPLES, PageStreams(seed), stream, torch.device("cpu"), torch.float64)


def late(ask: Ask, game: Lesson, seed: int) -> Late | None:
    """One run; None where it left the finite numbers."""
    target = game.target
    assert isinstance(target, Centres)
    z = draws(game.gan.prior, NOISE_SEED, "noise").flatten().tolist()
    every = max(1, round(game.steps / MARKS))
    marks = list(range(0, game.steps + 1, every))
    marks = marks[-(-2 * len(marks) // 3) :]
    calls: list[list[Any]] = [["step", marks[0]]]
    for i, _ in enumerate(marks):
        calls += [["generate", z], *([["step", every]] if i + 1 < len(marks) else [])]
    (answer,) = ask([{"engine": {**game.spec, "seed": seed}, "options": {"fused": False}, "calls": calls}])
    if "error" in answer:
        return None
    real = draws(target, DATA_SEED, "data")
    scores = []
    for result in answer["results"]:
        if isinstance(result, list):
            x = torch.tensor(result, dtype=torch.float64).reshape(-1, 2)
            report = metrics.modes(x, target)
            scores.append((report.covered, report.high_quality, sliced_wasserstein(x, real)))
    return Late(*np.mean(scores, axis=0))


def verdict(before: Late | None, after: Late | None, total: int, healthy: bool) -> str:
    """The page's rule (frontend/src/views/verdict.ts)."""
    if after is None or before is None:
        return "worse"
    sound, ratio = after.covered >= 0.75 * total and after.high_quality >= 0.3, after.w / before.w
    if healthy:
        return "cured" if sound and ratio < 1.5 else "worse"
    if sound and ratio < 0.6:
        return "cured"
    return "better" if ratio < 0.7 else "worse" if ratio > 1.3 else "same"


class Engine:
    """The page's engine in a Node process."""

    def __enter__(self) -> Ask:
        self._folder = tempfile.TemporaryDirectory()
        build_engine(Path(self._folder.name))
        script = str(Path(self._folder.name) / "run-engine.mjs")
        self._node = subprocess.Popen([tool("node"), script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._ask

    def _ask(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert self._node.stdin and self._node.stdout
        self._node.stdin.write(json.dumps(jobs) + "\n")
        self._node.stdin.flush()
        answers: list[dict[str, Any]] = json.loads(self._node.stdout.readline())
        return answers

    def __exit__(self, *_: object) -> None:
        if self._node.stdin:
            self._node.stdin.close()
        self._node.wait(timeout=10)
        self._folder.cleanup()


def mean_and_error(runs: list[Late | None]) -> dict[str, list[float]]:
    """Mean and standard error of each number, over the runs that stayed finite."""
    found = np.array([run for run in runs if run is not None])
    if not len(found):
        return {}
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.zeros(3)
    return {
        k: [round(float(m), 3), round(float(e), 3)] for k, m, e in zip(Late._fields, found.mean(0), error, strict=True)
    }


def play(ask: Ask, name: str, seeds: range = SEEDS) -> dict[str, Any]:
    """A game and all its treatments over the seeds: numbers, verdicts, and whether each is as promised."""
    target = lesson(name).target
    assert isinstance(target, Centres)
    total, healthy = len(target.centres), name == "healthy"
    before = [late(ask, lesson(name), seed) for seed in seeds]
    floor = np.mean([sliced_wasserstein(draws(target, DATA_SEED, "data"), draws(target, s, "data")) for s in range(5)])
    ill = [not (b and b.covered >= 0.75 * total and b.high_quality >= 0.3 and b.w < 3 * floor) for b in before]
    found: dict[str, Any] = {
        "untreated": {**mean_and_error(before), "floor_w": round(float(floor), 3), "ill": sum(ill)}
    }
    found["untreated"]["kept"] = sum(ill) == 0 if healthy else sum(ill) >= CURES * len(seeds) / len(SEEDS)
    for treatment in LESSONS["cures"][name]:
        after = [late(ask, lesson(name, treatment), seed) for seed in seeds]
        cured = sum(verdict(b, a, total, healthy) == "cured" for b, a in zip(before, after, strict=True))
        works = treatment in LESSONS["works"][name]
        share = len(seeds) / len(SEEDS)
        least, most = (
            (CURES, 10) if works else (FAILS, CURES) if treatment in LESSONS["sometimes"].get(name, []) else (0, FAILS)
        )
        kept = least * share <= cured <= most * share
        found[treatment] = {**mean_and_error(after), "cured": cured, "promised": [least, most], "kept": kept}
    return found


def _play_alone(name: str) -> dict[str, Any]:
    torch.set_num_threads(1)
    with Engine() as ask:
        return play(ask, name)


def measure() -> Result:
    """Every game of the laboratory, a process each; the figure is how many promises were kept."""
    names = list(LESSONS["games"])
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        games = dict(zip(names, pool.map(_play_alone, names), strict=True))
    rows = [(name, what, row) for name, game in games.items() for what, row in game.items()]
    kept = sum(row["kept"] for _, _, row in rows)
    return Result(
        figure=f"{kept} of {len(rows)}",
        bar=f"all {len(rows)} promises over {len(SEEDS)} seeds",
        passed=kept == len(rows),
        numbers={
            "games": games,
            "lessons": {
                "games": LESSONS["games"],
                "cures": LESSONS["cures"],
                "works": LESSONS["works"],
                "sometimes": LESSONS["sometimes"],
            },
        },
        lines=tuple(
            f"{'ok  ' if row['kept'] else 'LOST'} {name}/{what}: "
            + ", ".join(f"{k} {v}" for k, v in row.items() if k != "kept")
            for name, what, row in rows
        ),
    )
