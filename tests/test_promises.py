"""What each lesson of the playground says is what its trajectories do, over ten seeds, on the bits of the page.

A sentence about a whole run is held by the whole run, not by where it ends: each lesson is watched at 40 marks, and
what its words claim is put into numbers here. What the treatments do at the end is `benchmarks.lessons`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.lessons import NOISE_SEED, SEEDS, Ask, Engine, draws
from gan_lab.data import Centres
from gan_lab.widgets.labs import LESSONS, lesson

MARKS = 40
Array = NDArray[np.float64]


class Film(NamedTuple):
    """Ten runs: samples (seed, mark, n, 2), the share of them on each mode (seed, mark, modes), the losses' rows."""

    x: Array
    share: Array
    said: dict[str, Array]
    std: float

    @property
    def served(self) -> Array:
        return self.share > 0.02

    @property
    def centre(self) -> Array:
        return self.x.mean(axis=2)

    def late(self, values: Array) -> Array:
        return values[:, 2 * MARKS // 3 :]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with Engine() as engine:
        yield engine


def film(ask: Ask, name: str, treatment: str | None = None, share: float = 1.0) -> Film:
    """The game from ten seeds, `share` of its steps. A sample is on a mode within 3 std of it; 2 % serve it."""
    game = lesson(name, treatment)
    assert isinstance(game.target, Centres)
    z = draws(game.gan.prior, NOISE_SEED, "noise").flatten().tolist()
    calls: list[list[Any]] = [["step", round(share * game.steps / MARKS)], ["generate", z], ["losses"]] * MARKS
    jobs = [{"engine": {**game.spec, "seed": s}, "options": {"fused": False}, "calls": calls} for s in SEEDS]
    results = [answer["results"] for answer in ask(jobs)]
    assert all(len(one) == len(calls) for one in results), "a run left the finite numbers"
    x = np.array([one[1::3] for one in results]).reshape(len(SEEDS), MARKS, -1, 2)
    centres, std = np.array(game.target.centres.tolist()), float(game.target.std)
    near = np.linalg.norm(x[:, :, :, None] - centres, axis=-1) < 3 * std
    said = {key: np.array([[m[key] for m in one[2::3]] for one in results], dtype=float) for key in results[0][2]}
    return Film(x, near.mean(axis=2), said, std)


def works(f: Film, _: Ask) -> None:
    assert (f.served[:, -1].all(axis=-1)).all(), "all eight"
    for name in ("dReal", "dFake"):
        assert (np.abs(f.late(f.said[name]).mean(axis=1) - 0.5) < 0.05).all(), "undecided"


def chase(f: Film, _: Ask) -> None:
    """One lump that never rests: it moves farther between two marks than it is wide, and about one mode is served."""
    lump, moved = f.x.std(axis=2).mean(axis=-1), np.linalg.norm(np.diff(f.centre, axis=1), axis=-1)
    assert (f.late(lump).mean(axis=1) < 0.6).all() and (f.late(moved).mean(axis=1) > f.late(lump).mean(axis=1)).all()
    assert 0.4 < f.late(f.served.sum(axis=-1)).mean() < 1.6
    assert not f.late(f.served).all(axis=1).any(), "no mode is kept"


def chase_cured(f: Film, _: Ask) -> None:
    assert (f.share[:, -MARKS // 5 :] > 0).all(), "found and kept, ten seeds of ten"


def dropped(f: Film, _: Ask) -> None:
    served = f.late(f.served)
    assert 3 < served.sum(axis=-1).mean() < 5 and served[:, -1].sum(axis=-1).max() <= 5, "about half"
    assert ((~served.any(axis=1)).sum(axis=-1) >= 3).all(), "at least three are never served again"
    assert (np.linalg.norm(np.diff(f.late(f.centre), axis=1), axis=-1).mean(axis=1) < 0.05).all(), "it stays there"
    real, fake = (f.late(f.said[name]).mean() for name in ("dReal", "dFake"))
    assert abs(real - 0.76) < 0.02 and abs(fake - 0.25) < 0.02


def swing(f: Film) -> tuple[Array, Array]:
    """Along the axis on which the cloud's centre moves most: how often it passes the data, and how far out it goes."""
    late = f.late(f.centre) - [1.0, 0.0]
    axis = np.stack([np.linalg.svd(one - one.mean(axis=0))[2][0] for one in late])
    along = np.einsum("smi,si->sm", late, axis)
    return (np.diff(np.sign(along), axis=1) != 0).sum(axis=1), np.minimum(along.max(axis=1), -along.min(axis=1))


def oscillation(f: Film, ask: Ask) -> None:
    """Through the data and out on the other side: on both sides the whole cloud's centre is two widths away."""
    passes, reach = swing(f)
    steps = len(f.late(f.centre)[0]) * LESSONS["games"]["oscillation"]["steps"] / MARKS
    assert (np.abs(steps / (passes / 2) - 130) < 30).all(), "about every 130 steps there and back"
    assert (reach > 1.5 * f.std).all() and (reach > 2 * f.std).mean() >= 0.8
    assert (swing(film(ask, "oscillation", "r1"))[1] < 0.3 * reach).all(), "R1: it dies out"
    assert (swing(film(ask, "oscillation", "gp"))[1] > 1.5 * f.std).all(), "WGAN-GP: it goes on"


def vanishing(f: Film, _: Ask) -> None:
    assert (f.late(f.said["dReal"]) > 0.995).all() and (f.late(f.said["dFake"]) < 0.005).all()
    assert (f.said["gradientGenerator"][:, -5:].mean(axis=1) < 1e-3).all()
    assert (np.linalg.norm(f.centre[:, -1] - f.centre[:, 4], axis=-1) < f.std).all(), "G stands still"


def weak(f: Film, _: Ask) -> None:
    """Out of the picture, whose edge is 1.4 from the middle, with every sample, and a loss that looks good."""
    assert (np.linalg.norm(f.x, axis=-1)[:, MARKS // 4 :].min(axis=-1) > 1.4).mean() > 0.95
    assert (f.said["generator"][:, MARKS // 4 :] < np.log(2)).all()
    assert (f.said["dFake"] > f.said["dReal"] - 0.05).all() and (np.ptp(f.said["dReal"], axis=1) < 0.1).all()


def divergence(f: Film, _: Ask) -> None:
    scores = np.abs(f.said["dReal"])
    assert (scores[:, -3:].mean(axis=1) > 100).all() and (scores[:, -1] > 5 * scores[:, MARKS // 4]).all()
    assert not f.served[:, -1].any() and (np.linalg.norm(f.x[:, -1], axis=-1).mean(axis=-1) > 2).all()


CLAIMS: dict[str, tuple[Callable[[Film, Ask], None], float]] = {
    "works": (works, 1), "chase": (chase, 0.8), "chase_cured": (chase_cured, 1), "dropped": (dropped, 1),
    "oscillation": (oscillation, 1), "vanishing": (vanishing, 0.8), "weak": (weak, 0.6), "divergence": (divergence, 1),
}  # fmt: skip


@pytest.mark.parametrize("one", LESSONS["lessons"], ids=lambda one: one["id"])
def test_the_lesson_does_what_it_says(ask: Ask, one: dict[str, str]) -> None:
    claims, share = CLAIMS[one["id"]]
    claims(film(ask, one["game"], one.get("cure"), share), ask)
