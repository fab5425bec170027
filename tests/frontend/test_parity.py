"""The engine in the page plays the same game as gan_lab, number for number."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import pytest
import torch
from reference import PLAYERS, difference, gan_of, spec, train

import gan_lab
from gan_lab import data
from gan_lab.losses import LOSSES
from gan_lab.nets import ACTIVATIONS

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

# (momentum at 0.005 with WGAN-GP swings so wildly that PyTorch leaves itself by 0.01 when nudged by one ulp)
# of the optimisers that the page's engine has
RATES = {"sgd": 0.02, "momentum": 0.002, "rmsprop": 1e-3, "adam": 2e-3}
OPTIMISERS = tuple(RATES)
PENALTIES: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "clip": [{"name": "clip", "weight": 0.1}],
    "wgan_gp": [{"name": "wgan_gp", "weight": 10.0}],
    "r1": [{"name": "r1", "weight": 1.0}],
    "r2": [{"name": "r2", "weight": 0.5}],
}
PARAMETERS = [["getParameters", player] for player in PLAYERS]


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def job(s: dict[str, Any], steps: int, **options: Any) -> dict[str, Any]:
    return {"engine": s, "options": options, "calls": [["step", steps], *PARAMETERS, ["losses"]]}


def numbers(answer: dict[str, Any]) -> dict[str, list[float]]:
    assert "error" not in answer, answer
    return dict(zip(PLAYERS, answer["results"][1:3], strict=True))


def worst(answer: dict[str, Any], expected: dict[str, torch.Tensor]) -> float:
    return max(difference(numbers(answer)[p], expected[p]) for p in PLAYERS)


def game(loss: str, activation: str, penalty: str, optimiser: str) -> dict[str, Any]:
    recipe = {"name": optimiser, "lr": RATES[optimiser]}
    return spec(
        generator={"sizes": [1, 8, 8, 1], "activation": activation},
        discriminator={"sizes": [1, 8, 8, 1], "activation": activation},
        loss=loss,
        penalties=PENALTIES[penalty],
        optimisers=dict.fromkeys(PLAYERS, recipe),
    )


def long_game(loss: str, penalty: str) -> tuple[str, str]:
    """The activation and the optimiser of the long game of a loss and a penalty."""
    i, j = list(LOSSES).index(loss), list(PENALTIES).index(penalty)
    activations, optimisers = list(ACTIVATIONS), list(OPTIMISERS)
    return activations[(i + 2 * j) % len(activations)], optimisers[(i + 3 * j) % len(optimisers)]


def test_every_two_choices_meet_in_a_long_game() -> None:
    games = [(loss, penalty, *long_game(loss, penalty)) for loss, penalty in product(LOSSES, PENALTIES)]
    choices = (LOSSES, PENALTIES, ACTIVATIONS, OPTIMISERS)
    for a, b in combinations(range(4), 2):
        assert {(g[a], g[b]) for g in games} == set(product(choices[a], choices[b])), (a, b)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", LOSSES)
def test_float64_equals_torch(engine: Engine, loss: str, penalty: str) -> None:
    """1-8-8-1 networks, batch 16, below 1e-9: every activation with every optimiser for 20 steps (a wrong formula shows
    in the first), and one pair for 300, for what adds up: over all tests every two choices meet in one."""
    kinds = [*((*kind, 20) for kind in product(ACTIVATIONS, OPTIMISERS)), (*long_game(loss, penalty), 300)]
    games = [game(loss, activation, penalty, optimiser) for activation, optimiser, _ in kinds]
    answers = engine([job(s, steps, precision="float64") for s, (*_, steps) in zip(games, kinds, strict=True)])
    errors = {}
    for kind, s, answer in zip(kinds, games, answers, strict=True):
        errors[kind] = worst(answer, train(s, kind[2]))
    assert max(errors.values()) < 1e-9, errors


@pytest.mark.parametrize("backend", ["wasm", "js"])
@pytest.mark.parametrize("loss", LOSSES)
def test_float32_stays_near_torch(engine: Engine, loss: str, backend: str) -> None:
    """300 steps in float32 with tanh, 1-8-8-1, batch 16, Adam 2e-3: within 1e-4 of torch.float64.

    (Piecewise-linear activations part ways in float32: one sample on the other side of a kink is another gradient.)
    """
    s = game(loss, "tanh", "none", "adam")
    (answer,) = engine([job(s, 300, backend=backend)])
    assert worst(answer, train(s, 300)) < 1e-4


@pytest.mark.parametrize("fused", [True, False])
def test_simd_equals_javascript(engine: Engine, fused: bool) -> None:
    """Every loss, activation, penalty and optimiser: 5 steps of SIMD and of JavaScript, both float32."""
    games = [game(*kind) for kind in product(LOSSES, ACTIVATIONS, PENALTIES, OPTIMISERS)]
    simd = engine([job(s, 5, backend="wasm", fused=fused) for s in games])
    plain = engine([job(s, 5, backend="js") for s in games])
    errors: dict[str, float] = {}
    for s, a, b in zip(games, simd, plain, strict=True):
        expected = {p: torch.tensor(v, dtype=torch.float64) for p, v in numbers(b).items()}
        kind = s["optimisers"]["generator"]["name"]
        errors[kind] = max(errors.get(kind, 0), worst(a, expected))
    # rmsprop and adam divide by the gradient's own size: where that is near 0, its rounding shows
    assert max(errors["sgd"], errors["momentum"]) < 2e-6, errors
    assert max(errors["rmsprop"], errors["adam"]) < 2e-4, errors


SHAPES = {
    "no hidden layer": ([1, 1], [1, 1], 16),
    "one hidden layer": ([1, 5, 1], [1, 7, 1], 7),
    "three, odd widths": ([1, 3, 6, 5, 1], [1, 9, 2, 7, 1], 7),
    "four, odd widths": ([1, 4, 1, 7, 3, 1], [1, 6, 5, 3, 2, 1], 13),
    "more samples than one chunk": ([1, 6, 1], [1, 6, 1], 300),
    "one sample": ([1, 4, 1], [1, 4, 1], 1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(engine: Engine, shape: str) -> None:
    """Depths from 0 to 4, odd widths and batches; all penalties at once; three D steps a G step."""
    g, d, batch = SHAPES[shape]
    s = spec(
        generator={"sizes": g, "activation": "tanh"},
        discriminator={"sizes": d, "activation": "softplus"},
        penalties=[p for penalties in PENALTIES.values() for p in penalties if p["name"] != "clip"],
        batch=batch,
        k=3,
        prior={"name": "uniform", "low": -1.0, "high": 1.0},
    )
    exact, simd, plain = engine([job(s, 40, precision="float64"), job(s, 40, backend="wasm"), job(s, 40, backend="js")])
    expected = train(s, 40)
    assert worst(exact, expected) < 1e-9
    assert worst(simd, expected) < 1e-4
    assert worst(plain, expected) < 1e-4


def test_losses_and_what_was_seen(engine: Engine) -> None:
    """The losses, D's means, gradient norms and penalty of a step are those of the run's history."""
    for loss, penalty in product(LOSSES, ("none", "wgan_gp", "r1")):
        s = game(loss, "sigmoid", penalty, "sgd")
        (answer,) = engine([job(s, 3, precision="float64")])
        got = answer["results"][3]
        run = gan_lab.train(gan_of(s), data.from_spec(s["target"]), 3, batch=16, seed=3, device="cpu", streams="page")
        row = run.history.iloc[-1]
        for ours, theirs in {
            "discriminator": "loss_discriminator",
            "generator": "loss_generator",
            "dReal": "D_real",
            "dFake": "D_fake",
            "gradientDiscriminator": "gradient_discriminator",
            "gradientGenerator": "gradient_generator",
        }.items():
            assert got[ours] == pytest.approx(row[theirs], abs=1e-12), (loss, penalty, ours)
        if penalty != "none":
            assert got["penalty"] == pytest.approx(row[penalty], abs=1e-12)
