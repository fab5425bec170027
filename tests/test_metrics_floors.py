"""Exact transport in the plane, protocols of published tables, and scores over draws beside their floors."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lab import data, metrics
from gan_lab.metrics.transport import PAIRS

RING, GRID = data.ring(), data.grid()


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_exact_wasserstein_is_the_best_of_all_pairings() -> None:
    x, y = (torch.randn(6, 2, generator=seeded(i), dtype=torch.float64) for i in (0, 1))
    pairings = [(x - y[list(order)]).norm(dim=1).mean() for order in itertools.permutations(range(6))]
    assert float(metrics.wasserstein(x, y)) == pytest.approx(float(min(pairings)), rel=1e-12)


def test_exact_wasserstein_of_a_shift_of_two_lines_and_on_the_line() -> None:
    x = torch.rand(300, 2, generator=seeded(0), dtype=torch.float64)
    shift = torch.tensor([3.0, -4.0])
    assert float(metrics.wasserstein(x, x[torch.randperm(300, generator=seeded(1))] + shift)) == pytest.approx(5)
    up = torch.linspace(0, 1, 300, dtype=torch.float64)
    lines = [torch.stack([up, torch.full_like(up, t)], 1) for t in (0.0, -0.7)]
    assert float(metrics.wasserstein(*lines)) == pytest.approx(0.7, abs=1e-12)  # parallel lines at distance |t|
    a, b = (torch.randn(400, 1, generator=seeded(i), dtype=torch.float64) for i in (2, 3))
    assert float(metrics.wasserstein(a, b)) == pytest.approx(metrics.wasserstein1(a, b), rel=1e-12)
    # no direction sees all of the way: the sliced distance is at most the exact one
    y = x.square() + 0.2
    assert metrics.sliced_wasserstein(x, y) < float(metrics.wasserstein(x, y))


def test_of_many_samples_it_is_the_mean_over_pieces() -> None:
    x, y = RING.sample(1_050, seeded(0)), RING.sample(1_050, seeded(1)) + 0.5
    pieces = metrics.wasserstein(x, y, most=100)
    assert len(pieces.draws) == 11 and pieces.standard_error == pytest.approx(np.std(pieces.draws, ddof=1) / 11**0.5)
    order = x.argsort(dim=0)[:, 0]  # pieces are taken at random: rows in order would be pieces of other places
    assert float(metrics.wasserstein(x[order], y, most=100)) == pytest.approx(pieces.mean, abs=4 * 2**0.5 * 0.02)
    assert pieces == metrics.wasserstein(x, y, most=100)


@pytest.mark.parametrize(
    "score", [metrics.sliced_wasserstein, lambda x, y: metrics.wasserstein(x, y, most=250), metrics.energy_distance]
)
def test_a_perfect_sampler_scores_the_floor_and_a_wrong_one_lies_above_it(score) -> None:
    floor = metrics.floor(score, GRID, n=250, draws=12)
    assert len(floor.draws) == 12
    perfect = metrics.estimate(score, lambda n, seed: GRID.sample(n, seeded(seed)), GRID, 250, 12, seed=1_000)
    gap = math.hypot(floor.standard_error or 0, perfect.standard_error or 0)
    assert perfect.mean == pytest.approx(floor.mean, abs=4 * gap)
    lost = data.points(GRID.centres[:20], GRID.std)  # a column of five modes is missing
    wrong = metrics.estimate(score, lambda n, seed: lost.sample(n, seeded(seed)), GRID, 250, 12)
    assert wrong.mean > floor.mean + 4 * math.hypot(floor.standard_error or 0, wrong.standard_error or 0)


def test_the_floor_falls_as_samples_grow() -> None:
    """On the line E W1 of two samples goes with n^(-1/2), whatever the distribution (of finite spread)."""
    floors = [metrics.floor(metrics.wasserstein1, data.gaussian(), n, draws=200).mean for n in (100, 1_600)]
    assert floors[0] / floors[1] == pytest.approx(4, rel=0.1)


def test_fifty_thousand_samples_are_scored_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    held, cdist = [], torch.cdist
    monkeypatch.setattr(torch, "cdist", lambda a, b, **how: held.append(len(a) * len(b)) or cdist(a, b, **how))
    many = data.grid(32)  # 1,024 modes: a whole table would be 410 MB
    x = many.sample(50_000, seeded(0))
    report = metrics.modes(x, many)
    floor = metrics.perfect_modes(many, 50_000)
    assert report.covered == 1_024 and max(held) <= PAIRS < 50_000 * 1_024 and sum(report.counts) < 50_000
    assert report.reverse_kl == pytest.approx(floor.reverse_kl.mean, abs=4 * floor.reverse_kl.std)
    by_hand = sum(metrics.modes(part, many).high_quality for part in x.chunk(5)) / 5
    assert report.high_quality == pytest.approx(by_hand, abs=1e-12)
    held.clear()
    assert len(metrics.wasserstein(x[:600], x[:600], most=100).draws) == 6 and max(held) <= 100 * 100


FLOORS = {  # modes, and the reverse KL of a perfect sampler, which no figure can pass
    "pacgan_ring": (8, 0.0015), "pacgan_grid": (25, 0.0050), "veegan_ring": (8, 0.0015), "veegan_grid": (25, 0.0050),
}  # fmt: skip


@pytest.mark.parametrize("name", metrics.PROTOCOLS)
def test_protocols_have_their_papers_data_and_the_floor_of_the_facts(name: str) -> None:
    protocol = metrics.PROTOCOLS[name]
    target = data.from_spec(protocol.spec)
    floor, (modes, reverse_kl) = protocol.floor(target), FLOORS[name]
    assert floor.covered.mean == pytest.approx(modes, abs=1e-6)
    assert floor.high_quality.mean == pytest.approx(0.98889, abs=1e-5)
    assert floor.reverse_kl.mean == pytest.approx(reverse_kl, rel=0.1)
    found = protocol.scores(lambda n, seed: target.sample(n, seeded(seed)), target, draws=10)
    for key in ("high_quality", "reverse_kl"):
        exact = getattr(floor, key)
        assert found[key].mean == pytest.approx(exact.mean, abs=4 * exact.std / 10**0.5)
        assert found[key].standard_error == pytest.approx(exact.std / 10**0.5, rel=0.7)
    bibliography = Path(__file__).parents[1] / "book" / "references.bib"
    assert f"{{{protocol.paper}," in bibliography.read_text(encoding="utf8")


def test_a_papers_mode_is_found_by_a_single_sample() -> None:
    protocol, centres = metrics.PROTOCOLS["pacgan_ring"], RING.centres
    x = torch.cat([centres[:1].expand(2_499, 2), centres[1:2]])
    assert protocol.score(x, RING).covered == 2 and metrics.modes(x, RING).covered == 1
    assert metrics.perfect_modes(data.grid(40), 500, found=0).covered.mean < 500  # 1,600 modes, 500 samples
    # by hand: a mode gets none of n with (1 - p)^n, p its part of what is of high quality
    p = (1 - math.exp(-4.5)) / 25
    floor = metrics.perfect_modes(GRID, 60, found=0)
    assert floor.covered.mean == pytest.approx(25 * (1 - (1 - p) ** 60), rel=1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.PROTOCOLS["pacgan_ring"].score(RING.sample(100), RING), "scores 2,500 samples, and there are"),
        (lambda: metrics.PROTOCOLS["pacgan_ring"].floor(data.ring(std=0.05)), "'std': 0.05"),
        (lambda: metrics.wasserstein(torch.ones(3, 2), torch.ones(4, 2)), "the same shape"),
        (lambda: metrics.wasserstein(torch.ones(3, 2), torch.ones(3, 2), most=0), "most is 0"),
        (lambda: metrics.modes(torch.ones(3, 2), RING, found=2), "found is 2"),
        (lambda: metrics.floor(metrics.wasserstein1, RING, draws=0), "draws is 0"),
    ],
)
def test_bad_input_says_what_to_do(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
