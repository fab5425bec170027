"""The guided tours come to their end: what they wait for happens, over ten seeds, in the runs of the page, in Node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.lessons import SEEDS
from benchmarks.node import build_engine, tool
from benchmarks.result import ROOT

TOURS = json.loads((ROOT / "gan_lab" / "widgets" / "tours.json").read_text(encoding="utf8"))
#: how often the game is looked at, and the step within which a reader must be through
PACE = {"figure1": (20, 1_000), "playground": (50, 4_000)}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tour")
    build_engine(out)
    return out / "run-tour.mjs"


@pytest.mark.parametrize("view", TOURS)
def test_what_a_tour_waits_for_happens(script: Path, view: str) -> None:
    every, limit = PACE[view]
    ask = {"view": view, "seeds": list(SEEDS), "steps": TOURS[view], "every": every, "limit": limit}
    done = subprocess.run(
        [tool("node"), str(script)], input=json.dumps(ask) + "\n", capture_output=True, text=True, check=True
    )
    runs = json.loads(done.stdout)
    assert all(None not in run["left"] for run in runs), runs
    waits = [i for i, step in enumerate(TOURS[view]) if "until" in step]
    # nothing is over before it could be seen: the first thing that is awaited takes its steps
    assert all(run["left"][waits[0]] >= TOURS[view][waits[0]]["until"].get("for", 1) for run in runs)
    if view == "figure1":
        # the best D is right in (1 + TV) / 2 of the cases: "less than 58 %"
        assert max(run["numbers"]["apart"] for run in runs) < 0.16, runs


def test_every_step_is_whole() -> None:
    for view, steps in TOURS.items():
        assert len(steps) >= 8, view
        for step in steps:
            assert set(step) <= {"at", "words", "act", "until", "choices", "right"} and step["at"] and step["words"]
            assert sum(key in step for key in ("act", "until", "choices")) <= 1, step
            assert ("right" in step) == ("choices" in step) and step.get("right", 0) < 3
            assert all(choice["title"] and choice["words"] for choice in step.get("choices", ()))
