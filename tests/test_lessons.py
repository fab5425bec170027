"""What the laboratory says of its games is measured: in full by a benchmark, whose row must fit, and here in part."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from benchmarks.lessons import SEEDS, Ask, Engine, Late, late, play
from benchmarks.result import RESULTS
from gan_lab.widgets.labs import LESSONS, lesson

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with Engine() as engine:
        yield engine


def test_the_stored_measurement_is_of_these_games_and_keeps_every_promise() -> None:
    """After a change of lessons.json: `python -m benchmarks lessons`."""
    row = json.loads((RESULTS / "lessons.jsonl").read_text().splitlines()[-1])
    assert row["passed"]
    assert row["lessons"] == {k: LESSONS[k] for k in ("games", "cures", "works", "sometimes")}
    for name, cures in LESSONS["cures"].items():
        assert set(row["games"][name]) == {"untreated", *cures}
        assert LESSONS["works"][name], "every illness has a cure that works"
        assert set(LESSONS["works"][name]) < set(cures), "and one that does not"
        for found in row["games"][name].values():
            assert found["kept"] and found.get("cured", 0) <= len(SEEDS)


def test_the_swing_again(ask: Ask) -> None:
    """R1 stops it, WGAN-GP does not, over three seeds: chapter and laboratory say so."""
    found = play(ask, "oscillation", range(3))
    assert all(row["kept"] for row in found.values()), found
    w = {name: row["w"][0] for name, row in found.items()}
    assert w["r1"] < 0.4 * w["untreated"] and w["gp"] > 1.2 * w["untreated"]


def test_six_losses_from_the_same_seed(ask: Ask) -> None:
    """Five end alike, Wasserstein without restraint does not: chapter 7 says so of the example "losses"."""
    game, runs = lesson("healthy"), {}
    for loss in LESSONS["pairs"]["losses"]["runs"].split(","):
        found = [late(ask, game._replace(spec={**game.spec, "loss": loss}), seed) for seed in range(2)]
        assert all(found), loss
        runs[loss] = Late(*np.mean([run for run in found if run], axis=0))
    swinging = runs.pop("wasserstein")
    assert all(run.covered > 7.9 and run.w < 0.08 for run in runs.values()), runs
    assert swinging.w > 1.2 * max(run.w for run in runs.values()) and swinging.high_quality < 0.7, swinging
