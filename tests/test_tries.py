"""Every "Try it" of the chapters, played: the cell as the reader edits it, or the widget's game by the library.

An edit is data: the cell, what is put in place of what (or the new cell), which cells are run again after it, and what
must then hold. Cells on the way are made short where the promise does not depend on them (`before`).
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import data, game, metrics
from gan_lab.losses import Hinge, LeastSquares, Loss, Minimax, Wasserstein
from gan_lab.nets import MLP
from gan_lab.optim import SGD, Adam
from gan_lab.penalties import R1, WGANGP
from tests.chapters import CHAPTERS, cells, read

torch.set_num_threads(1)
SEEDS = range(10)


class Edit(NamedTuple):
    cell: str
    change: Mapping[str, str] | str  # {old: new}, or a new cell behind this one
    holds: Callable[[dict[str, Any]], object]  # of the names it leaves behind
    then: tuple[str, ...] = ()
    before: Mapping[str, Mapping[str, str]] | None = None


def gives_up_a_colour(left: dict[str, Any]) -> bool:
    """Ten dust machines: few of the pairs disagree, because nearly all are black, or nearly all are white."""
    x = left["made_apart"]
    white, disagree = (x > 0).float().mean((1, 2)), (x.prod(2) < -0.25).float().mean(1)
    return len(x) == 10 and bool(((white < 0.25) | (white > 0.75)).all() and (disagree < 0.2).all())


def half_as_high(left: dict[str, Any]) -> bool:
    """The formula of one branch against the histogram, where neither is small."""
    middles = (left["bins"][1:] + left["bins"][:-1]) / 2
    shares = [
        float(left["density"][(left["x"] - at).abs().argmin()]) / height
        for at, height in zip(middles, left["counted"], strict=True)
        if 0.5 < at < 3
    ]
    return len(shares) > 8 and 0.42 < min(shares) < max(shares) < 0.58 and abs(np.mean(shares) - 0.5) < 0.02


SHORT_READER = {"for _ in range(400):": "for _ in range(150):"}
UNTAUGHT = {
    'made |= {"one seed for both": taught(together, [R1(0.3)])}': "",
    'made |= {"a seed each": taught(Apart(), [R1(0.3)])}': "",
    "range(3)": "range(10)",
}
SHORT_GAMES = {
    "for seed in range(2):": "for seed in range(1):",
    "seed, steps=700)": "seed, steps=1)",
    "hidden=(32, 32)), seed)": "hidden=(32, 32)), seed, steps=1)",
}
EDITS = {
    (1, 1): Edit(
        "ch01-critic-drawn",
        "sure_of = {n: float(F.softmax(reader(favourite(n, black)), dim=1)[0, n].detach()) for n in (1, 3, 8)}",
        lambda left: min(left["sure_of"].values()) > 0.99,
        before={"ch01-critic-drawn": {"for sheet in (black, grey, noise)": "for sheet in (black,)"}},
    ),
    (1, 2): Edit(
        "ch01-pair-train",
        "made_apart = taught(Apart(), [])",
        gives_up_a_colour,
        before={"ch01-critic": SHORT_READER, "ch01-pair-train": UNTAUGHT},
    ),
    (2, 2): Edit(
        "ch02-rounds",
        {"range(40, 101, 5), 0.9": "range(40, 101, 5), 1"},
        lambda left: (left["exact"][23], left["exact"][24]) == (0, 1) and left["played"] == [1, 0, 1, 0],
    ),
    (2, 3): Edit(
        "ch02-mixed",
        {"[[2, -1], [-1, 1]]": "[[10, -1], [-1, 1]]"},
        lambda left: np.allclose([(s := left["pennies"].solve()).row[0], s.payoffs[0]], [2 / 13, 9 / 13]),
    ),
    (4, 1): Edit("ch04-push", {"torch.tanh(2 * z)": "z**2"}, half_as_high, then=("ch04-push-figure",)),
    (4, 3): Edit(
        "ch04-chain",
        {"2_000, 0.6, dice": "2_000, 4.0, dice"},
        lambda left: left["found"]["chain"][0] > 2.8 and 0.5 < left["found"]["chain"][1] < 0.95,
        then=("ch04-chain-figure",),
        before={"ch04-deaf-game": SHORT_GAMES},
    ),
    (8, 2): Edit(
        "ch08-hilltop",
        {"game.Quadratic(0.2, P=-1, Q=-1)": "game.Quadratic(1, P=-1, Q=-1)"},
        lambda left: {n for n, d in left["where"].items() if d < 1e-2} == {"consensus, γ = 2", "its turning part only"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", EDITS, ids=lambda n: f"{n[0]}.{n[1]}")
def test_the_cell_as_the_reader_edits_it(number: tuple[int, int]) -> None:
    edit = EDITS[number]
    left = read(number[0], edit.cell, edit.change, edit.then, edit.before)
    assert edit.holds(left)


# --- in a widget: the same game by the library -------------------------------------------------------------------


def try_1_3() -> None:
    """Two hills: the arrows part near z = 0, half of them go to each hill, and a few end between them."""
    pace = {"generator": Adam(5e-4, betas=(0.5, 0.99)), "discriminator": Adam(5e-3, betas=(0.5, 0.99))}
    gan = gan_lab.GAN(MLP(1, 1, hidden=(16, 16)), MLP(1, 1), optimisers=pace)
    run = gan_lab.train(gan, data.mixture([-1.5, 1.5], 0.5), 500, batch=256, seed=0, streams="page")
    z = torch.linspace(-2, 2, 401)[:, None]
    x = run.gan.sample(z=z)[:, 0]
    steepest = int(x.diff().abs().argmax())
    assert abs(float(z[steepest])) < 0.25 and abs(float(x[steepest])) < 0.5
    assert 0.4 < float((run.samples(2_000) > 0).float().mean()) < 0.6


def try_2_1() -> None:
    """A million where Min chooses changes nothing; the leaf that Min chooses changes all."""
    for last, value in (((10**6, 5, 2), 3), ((14, 5, 4), 4)):
        assert game.minimax(game.from_lists([[3, 12, 8], [2, 4, 6], list(last)])).value == value


def distance(played: Any, method: str, eta: float, steps: int, start: tuple[float, float] = (1, 0.5)) -> float:
    return float(game.trajectory(played, method, start, eta, steps).distance[-1])


def try_3_1() -> None:
    """At 0.5 optimism is the faster one, at 0.6 it leaves."""
    ends = {
        (m, eta): distance(game.Bilinear(), m, eta, 100) for m in ("extragradient", "optimistic") for eta in (0.5, 0.6)
    }
    assert ends["optimistic", 0.5] < ends["extragradient", 0.5] < 0.01
    assert ends["extragradient", 0.6] < 0.01 < 1 < ends["optimistic", 0.6]


def try_3_2() -> None:
    """Curvature 0.1 for both: 0.20 leaves, 0.19 comes in, the limit is 2c / (1 + c²)."""
    rubbed, limit = game.Quadratic(1, P=0.1, Q=0.1), 0.2 / 1.01
    assert 0.19 < limit < 0.20 and (1 - 0.1 * limit) ** 2 + limit**2 == pytest.approx(1)
    rates = [game.spectral_rate(rubbed, "simultaneous", eta) for eta in (0.19, limit, 0.20)]
    assert rates[0] < 1 < rates[2] and rates[1] == pytest.approx(1)


def try_3_3() -> None:
    """A better stag: the inner equilibrium moves down from 3/4 to 1/2."""
    for stag, inner in ((4, 0.75), (6, 0.5)):
        hunt = game.MatrixGame([[stag, 0], [3, 3]], [[stag, 3], [0, 3]])
        assert hunt.mixed_2x2().row[0] == pytest.approx(inner)
    assert game.stag_hunt().mixed_2x2().row[0] == pytest.approx(0.75)


def try_3_4() -> None:
    """R1 from 0.5 to 1: faster. To 4: slower than both."""
    ends = [distance(game.DiracGAN("non_saturating", r1=g), "alternating", 0.1, 300) for g in (0.5, 1, 4)]
    assert ends[1] < ends[0] < ends[2]


def try_4_2() -> None:
    """No penalty, ten times the rate: D's answer swings five times as far; G, in its scale, less than that."""
    swing, mean = {}, {}
    for name, penalties, rate in (("calm", [R1(1.0)], 5e-3), ("nervous", [], 5e-2)):
        pace = {"generator": Adam(1e-3, betas=(0.0, 0.99)), "discriminator": Adam(rate, betas=(0.0, 0.99))}
        gan = gan_lab.GAN(MLP(1, 1, hidden=(16,)), MLP(1, 1, hidden=(32, 32)), penalties=penalties, optimisers=pace)
        look = {"mean": lambda run: run.samples(500).mean()}
        many = gan_lab.train_many(gan, data.sine(), 300, seeds=SEEDS, batch=64, metrics=look, every=20)
        late = many.history[many.history["step"] > 150]
        swing[name] = late.groupby("seed")["D_fake"].std()
        mean[name] = late.dropna().groupby("seed")["mean"].std()
    assert (swing["nervous"] > 5 * swing["calm"]).all(), swing
    assert (mean["nervous"] / math.pi < 0.7 * swing["nervous"]).all(), mean  # each in parts of its own scale


def grid(low: float, high: float) -> torch.Tensor:
    return torch.arange(low, high, 1e-3, dtype=torch.float64) + 5e-4


def jsd(p: data.Distribution, q: data.Distribution) -> float:
    x = grid(-10, 10)
    return metrics.jensen_shannon(p.density(x), q.density(x), 1e-3)


def try_5_1() -> None:
    """With nothing in common JSD is log 2 at every distance, and smaller as soon as the two overlap."""
    p = data.uniform(-2, 0)
    assert all(abs(jsd(p, data.uniform(t, t + 2)) - math.log(2)) < 1e-6 for t in (0.01, 0.5, 4))
    assert jsd(p, data.uniform(-0.5, 1.5)) < 0.8 * math.log(2)


def try_5_2() -> None:
    """Far out the wider of the two is the higher: D* turns to 0 where q is wider, to 1 where it is narrower."""
    p, far_out = data.gaussian(0, 1), torch.tensor([-20.0, 60.0], dtype=torch.float64)
    assert float((p.log_prob(far_out) - data.gaussian(1.5, 1.3).log_prob(far_out)).max()) < -4
    assert float((p.log_prob(far_out) - data.gaussian(1.5, 0.7).log_prob(far_out)).min()) > 4


def try_5_3() -> None:
    """D* is a third over the mode that was found, and on the way to the other one V first rises."""
    p = data.mixture([-1.5, 1.5], 0.5)
    best = metrics.optimal_discriminator(p.density, data.gaussian(1.5, 0.5).density)
    assert float(best(torch.tensor([1.5], dtype=torch.float64))[0]) == pytest.approx(1 / 3, abs=1e-3)
    v = [jsd(p, data.gaussian(m, 0.5)) for m in np.linspace(1.5, -1.5, 13)]
    assert v[:7] == sorted(v[:7]) and v[6:] == sorted(v[6:], reverse=True) and v[6] > v[0] + 0.2


def try_7_1() -> None:
    """WGAN-GP on the line: with λ = 10 the generator runs about 2λ past its goal, with λ = 0.5 it stays near it."""
    past = {}
    for weight in (10.0, 0.5):
        gan = gan_lab.GAN(
            MLP(1, 1), MLP(1, 1), Wasserstein(), [WGANGP(weight)], optimisers=Adam(3e-3, betas=(0.5, 0.99))
        )
        place = {"place": lambda run: run.samples(200).mean()}
        many = gan_lab.train_many(gan, data.gaussian(4, 0.5), 300, seeds=SEEDS, batch=64, metrics=place, every=20)
        walks = many.history.dropna().pivot(index="step", columns="seed", values="place")
        past[weight] = (walks - 4).abs().loc[60:].max()
    assert past[10.0].min() > 14 and past[10.0].max() < 22, past
    assert past[0.5].max() < 3, past


def mean_pull(loss: Loss, target: data.Distribution) -> float:
    """Length of the mean arrow at the page's first generator, against a discriminator trained for 260 steps."""
    still = {"generator": SGD(1e-12), "discriminator": Adam(1e-2, betas=(0.5, 0.99))}
    gan = gan_lab.GAN(MLP(1, 1), MLP(1, 1), loss, optimisers=still)
    run = gan_lab.train(gan, target, 260, batch=64, streams="page")
    z = data.gaussian(0, 1).quantile((torch.arange(20) + 0.5)[:, None] / 20)
    return float(gan_lab.generator_gradient(run.gan, z)[1].norm(dim=1).mean())


def try_7_2() -> None:
    """Where fakes and data overlap, both losses that were silent before are heard."""
    for loss in (Minimax(), LeastSquares()):
        assert mean_pull(loss, data.gaussian(1, 1)) > 3 * mean_pull(loss, data.gaussian(4, 0.5))


def try_7_3() -> None:
    """With a tenth of R1 hinge and Wasserstein part, and both end much farther from the ring than with all of it."""
    ring, adam = data.ring(modes=8, std=0.1), Adam(3e-3, betas=(0.5, 0.99))
    held_out = ring.sample(1_000, torch.Generator().manual_seed(99))
    look = {"distance": lambda run: metrics.sliced_wasserstein(run.samples(1_000), held_out)}

    def ends(loss: Loss) -> torch.Tensor:
        gan = gan_lab.GAN(MLP(2, 2), MLP(2, 1), loss, [R1(0.1)], optimisers=adam)
        return gan_lab.train_many(gan, ring, 360, seeds=range(3), metrics=look, every=360).last("distance")

    hinge, wasserstein = ends(Hinge()), ends(Wasserstein())
    assert (hinge - wasserstein).abs().min() > 0.01
    assert min(hinge.mean(), wasserstein.mean()) > 0.3  # all six are below 0.2 in the chapter, with R1(1.0)


def try_8_1() -> None:
    """Noise of 1.45 is more friction than turning; of the Wasserstein loss, which nothing bends, it is none."""
    noisy = game.DiracGAN("minimax", noise=1.45)
    assert np.abs(noisy.eigenvalues().imag).max() < 1e-9 > noisy.eigenvalues().real.max()
    straight = game.DiracGAN("wasserstein", noise=1.45).eigenvalues()
    assert np.abs(straight.real).max() < 1e-9 < np.abs(straight.imag).min()


PLAYED = {(int(n[4]), int(n[6])): f for n, f in dict(globals()).items() if re.fullmatch(r"try_\d_\d", n)}
ELSEWHERE = {
    (6, 1): "test_chapter06_listing.test_a_far_target_stops_the_minimax_generator",
    (6, 2): "test_chapter06_listing.test_a_slow_discriminator_wants_a_larger_k",
    (6, 3): "test_chapter06_listing.test_only_the_leak_breaks_the_equality",
    (8, 3): "test_lessons.test_the_stored_measurement_is_of_these_games_and_keeps_every_promise",
}


@pytest.mark.parametrize("number", PLAYED, ids=lambda n: f"{n[0]}.{n[1]}")
def test_what_a_widget_is_asked(number: tuple[int, int]) -> None:
    PLAYED[number]()


@pytest.mark.parametrize("chapter", [n for n, _ in CHAPTERS])
def test_every_try_is_played(chapter: int) -> None:
    boxes = [c.source.split("</div>")[0] for c in cells(chapter) if not c.code and "gl-box gl-try" in c.source]
    asked = {(chapter, int(n)) for box in boxes for n in re.findall(r"^(\d)\. ", box, re.M)}
    assert asked and asked == {n for n in {**EDITS, **PLAYED, **ELSEWHERE} if n[0] == chapter}
    for n, where in ELSEWHERE.items():
        module, name = where.split(".")
        assert callable(getattr(importlib.import_module(f"tests.{module}"), name)), n
