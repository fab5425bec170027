"""What the page's engine promises besides playing gan_lab's game: gradients, going back and on, clear errors."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from reference import PLAYERS, spec

from gan_lab.losses import LOSSES
from gan_lab.nets import ACTIVATIONS

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
BACKENDS: list[dict[str, Any]] = [{"backend": "wasm"}, {"backend": "js"}, {"precision": "float64"}]
ALL_PENALTIES = [{"name": n, "weight": w} for n, w in (("wgan_gp", 3.0), ("r1", 0.5), ("r2", 0.7))]


def answer(engine: Engine, job: dict[str, Any]) -> list[Any]:
    (done,) = engine([job])
    assert "error" not in done, done
    return done["results"]


def error(engine: Engine, s: dict[str, Any], *calls: list[Any], **options: Any) -> dict[str, Any]:
    (done,) = engine([{"engine": s, "options": options, "calls": list(calls)}])
    return done["error"]


# -- gradients ---------------------------------------------------------------------------------------------------


def frozen(**changes: Any) -> dict[str, Any]:
    """A game whose steps change nothing that float64 can see, so that the loss can be probed."""
    still = {"name": "sgd", "lr": 1e-300}
    return spec(optimisers=dict.fromkeys(PLAYERS, still), **changes)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_by_finite_differences(engine: Engine, loss: str, activation: str) -> None:
    """Both players' gradients, all penalties at once, against central differences of the loss itself."""
    rng = np.random.default_rng(4)
    real, z, mix = rng.normal(size=6).tolist(), rng.normal(size=6).tolist(), rng.uniform(size=6).tolist()
    s = frozen(
        generator={"sizes": [1, 3, 1], "activation": activation},
        discriminator={"sizes": [1, 4, 3, 1], "activation": activation},
        loss=loss,
        penalties=ALL_PENALTIES,
    )
    steps = {"discriminator": ["stepDWith", real, z, mix], "generator": ["stepGWith", z, real]}
    job = {"engine": s, "options": {"precision": "float64"}}
    for player, step in steps.items():
        weights, _, gradient = answer(
            engine, job | {"calls": [["getParameters", player], step, ["getGradient", player]]}
        )
        calls: list[list[Any]] = []
        eps = 1e-6
        for i, sign in product(range(len(weights)), (1, -1)):
            moved = [w + sign * eps * (i == j) for j, w in enumerate(weights)]
            calls += [["setParameters", player, moved], step, ["losses"]]
        losses = [r[player] for r in answer(engine, job | {"calls": calls})[2::3]]
        numeric = (np.array(losses[::2]) - np.array(losses[1::2])) / (2 * eps)
        np.testing.assert_allclose(gradient, numeric, atol=2e-7 * max(1, np.abs(numeric).max()))


@pytest.mark.parametrize("loss", LOSSES)
def test_generator_gradient(engine: Engine, loss: str) -> None:
    """dLoss_G/dx at G(z), one sample at a time, against differences of that loss of the scores."""
    s = spec(loss=loss, discriminator={"sizes": [1, 6, 5, 1], "activation": "tanh"})
    z = np.linspace(-2, 2, 9)
    eps = 1e-5
    job = {"engine": s, "options": {"precision": "float64"}}
    start: list[list[Any]] = [["step", 20]]
    _, x, got = answer(engine, job | {"calls": [*start, ["generate", z.tolist()], ["generatorGradient", z.tolist()]]})
    partners = ((np.arange(64) + 0.5) / 64).tolist()
    quantiles = answer(engine, {"distribution": s["target"], "calls": [["quantile", u] for u in partners]})
    up, down, real = answer(
        engine,
        job
        | {"calls": [*start, ["score", [v + eps for v in x]], ["score", [v - eps for v in x]], ["score", quantiles]]},
    )[1:]

    import torch

    def value(scores: list[float]) -> np.ndarray[Any, Any]:
        f, r = torch.tensor(scores, dtype=torch.float64), torch.tensor(real, dtype=torch.float64)
        one_by_one = [torch.stack([LOSSES[loss]().generator(f[i : i + 1].expand_as(r), r)]) for i in range(len(f))]
        return torch.cat(one_by_one).numpy()

    np.testing.assert_allclose(got, (value(up) - value(down)) / (2 * eps), atol=1e-8)


# -- going back and on -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", BACKENDS)
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "rmsprop", "adam"])
def test_scrub_back_then_on(engine: Engine, optimiser: str, options: dict[str, Any]) -> None:
    """Snapshot, train, restore, train: the same numbers, bit for bit, and those of a run never interrupted."""
    s = spec(
        optimisers=dict.fromkeys(PLAYERS, {"name": optimiser, "lr": 1e-3}),
        penalties=ALL_PENALTIES, loss="relativistic", k=2, batch=13,
    )  # fmt: skip
    see = [["getParameters", p] for p in PLAYERS] + [["losses"], ["steps"], ["stepsD"], ["stepsG"]]
    straight = answer(engine, {"engine": s, "options": options, "calls": [["step", 30], *see]})[1:]
    calls = [["step", 11], ["snapshot"], ["step", 19], *see, ["step", 7], ["restore", "$1"], ["step", 19], *see]
    back = answer(engine, {"engine": s, "options": options, "calls": calls, "only": [*range(3, 9), *range(12, 18)]})
    assert straight == back[3:9] == back[12:18]


def test_a_snapshot_moves_to_a_new_engine_and_brings_its_settings(engine: Engine) -> None:
    """Also changes made on the way: another loss and optimiser come back with the state."""
    s = spec()
    changes = {"loss": "hinge", "optimisers": dict.fromkeys(PLAYERS, {"name": "rmsprop", "lr": 1e-3}), "k": 2}
    see = [["getParameters", p] for p in PLAYERS] + [["spec"]]
    calls = [["step", 5], ["update", changes], ["step", 5], ["snapshot"], ["step", 5], *see]
    first = answer(engine, {"engine": s, "calls": calls})
    state = {**first[3], "state": first[3]["state"]}
    second = answer(engine, {"engine": s, "calls": [["restore", state], ["step", 5], *see]})
    assert second[2:] == first[5:]
    assert second[4]["loss"] == "hinge"


@pytest.mark.parametrize("options", BACKENDS)
def test_same_seed_same_numbers(engine: Engine, options: dict[str, Any]) -> None:
    calls = [["step", 20], *(["getParameters", p] for p in PLAYERS)]
    jobs = [{"engine": spec(seed=seed), "options": options, "calls": calls} for seed in (1, 1, 2)]
    one, same, other = (a["results"] for a in engine(jobs))
    assert one == same
    assert one != other


def test_single_steps_are_the_whole_step(engine: Engine) -> None:
    see = [["getParameters", p] for p in PLAYERS]
    whole = answer(engine, {"engine": spec(k=2), "calls": [["step", 3], *see]})
    by_hand = answer(engine, {"engine": spec(k=2), "calls": [*[["trainDiscriminator", 2], ["stepG"]] * 3, *see]})
    assert whole[1:] == by_hand[6:]


def test_looking_changes_nothing(engine: Engine) -> None:
    see = [["getParameters", p] for p in PLAYERS]
    points = np.linspace(-3, 3, 301).tolist()
    looks = [["score", points], ["generate", points], ["generatorGradient", points], ["snapshot"]]
    plain = answer(engine, {"engine": spec(), "calls": [["step", 4], ["step", 4], *see]})
    watched = answer(engine, {"engine": spec(), "calls": [["step", 4], *looks, ["step", 4], *see]})
    assert plain[2:] == watched[6:]


def test_the_discriminator_becomes_optimal(engine: Engine) -> None:
    """Trained alone, D comes to D* = p / (p + q) for a G that stands still (Goodfellow et al. 2014, prop. 1)."""
    s = spec(
        generator={"sizes": [1, 1], "activation": "tanh"},
        discriminator={"sizes": [1, 16, 16, 1], "activation": "tanh"},
        optimisers=dict.fromkeys(PLAYERS, {"name": "adam", "lr": 5e-3}),
        batch=512,
        target={"name": "gaussian", "mean": 1.0, "std": 1.0},
    )
    x = np.linspace(-1.5, 2.5, 41)
    # G(z) = 0.8 z: q = N(0, 0.8^2)
    finer = {"optimisers": dict.fromkeys(PLAYERS, {"name": "adam", "lr": 2e-4})}
    calls = [["setParameters", "generator", [0.8, 0.0]], ["trainDiscriminator", 3000], ["update", finer]]
    score = answer(engine, {"engine": s, "calls": [*calls, ["trainDiscriminator", 2000], ["score", x.tolist()]]})[-1]
    p, q = np.exp(-((x - 1) ** 2) / 2), np.exp(-((x / 0.8) ** 2) / 2) / 0.8
    np.testing.assert_allclose(1 / (1 + np.exp(-np.array(score))), p / (p + q), atol=0.03)


# -- backends ----------------------------------------------------------------------------------------------------


def test_backends_are_what_they_say(engine: Engine) -> None:
    for options, expected in (
        (BACKENDS[0], ["wasm", "float32"]),
        (BACKENDS[1], ["js", "float32"]),
        (BACKENDS[2], ["js", "float64"]),
    ):
        calls = [["backend"], ["precision"], ["fallbackReason"]]
        assert answer(engine, {"engine": spec(), "options": options, "calls": calls}) == [*expected, None]


def test_refused_webassembly_falls_back_and_says_so(engine: Engine) -> None:
    job = {"engine": spec(), "refuseWasm": "refused by this page's policy"}
    calls = [["backend"], ["fallbackReason"], ["step", 5], *(["getParameters", p] for p in PLAYERS)]
    refused, plain = engine([job | {"calls": calls}, {"engine": spec(), "options": {"backend": "js"}, "calls": calls}])
    assert refused["results"][:2] == ["js", "refused by this page's policy"]
    assert refused["results"][2:] == plain["results"][2:]


# -- errors ------------------------------------------------------------------------------------------------------

ADAM = {"name": "adam", "lr": 1e-3}


def optimisers(**generator: Any) -> dict[str, Any]:
    return spec(optimisers={"generator": generator, "discriminator": ADAM})


BAD = {
    "loss": (spec(loss="hing"), 'unknown loss "hing": did you mean "hinge"?'),
    "activation": (
        spec(generator={"sizes": [1, 4, 1], "activation": "rellu"}),
        'unknown activation "rellu": did you mean "relu"?',
    ),
    "penalty": (spec(penalties=[{"name": "r3"}]), 'unknown penalty "r3"'),
    "optimiser": (optimisers(name="adamw", lr=1), 'unknown optimiser "adamw": did you mean "adam"?'),
    "target": (spec(target={"name": "gausian"}), 'unknown distribution "gausian": did you mean "gaussian"?'),
    "lr": (optimisers(name="sgd", lr=-1), "lr of the generator's sgd is -1: it must be a number > 0."),
    "betas": (optimisers(**ADAM, betas=[0.9, 1.0]), "beta2 of the generator's adam is 1: it must be in [0, 1)."),
    "no optimiser": (spec(optimisers={"generator": ADAM}), "the discriminator has no optimiser"),
    "sizes": (
        spec(generator={"sizes": [2, 4, 1], "activation": "tanh"}),
        "the generator maps 2 to 1 numbers: with this target and prior it must map 1 to 1.",
    ),
    "size": (
        spec(generator={"sizes": [1, 0, 1], "activation": "tanh"}),
        "the generator's size 1 is 0: it must be a whole number from 1 to 1024.",
    ),
    "no sizes": (spec(discriminator={"activation": "tanh"}), "the discriminator has no sizes"),
    "batch": (spec(batch=0), "batch is 0: it must be a whole number from 1 to 65536."),
    "k": (spec(k=1.5), "k is 1.5: it must be a whole number"),
    "seed": (spec(seed=-1), "seed is -1: it must be a whole number from 0 to 4000000."),
    "clip": (spec(penalties=[{"name": "clip", "weight": 0}]), "the weight of clip is 0: it must be a number > 0."),
    "std": (spec(target={"name": "gaussian", "std": 0}), "std is 0: it must be a number > 0."),
    "mixture": (
        spec(target={"name": "mixture", "means": [1, 2], "stds": [1]}),
        "a mixture of 2 means has 1 stds and 2 weights",
    ),
    "empty mixture": (
        spec(target={"name": "mixture", "means": [], "stds": []}),
        "means is empty: it must be a list of finite numbers.",
    ),
    "heights": (
        spec(target={"name": "drawn", "heights": [0, 0]}),
        "heights are all 0: at least one must be positive.",
    ),
    "negative heights": (
        spec(target={"name": "drawn", "heights": [1, -1]}),
        "heights is -1: it must be a list of numbers >= 0.",
    ),
    "interval": (
        spec(target={"name": "uniform", "low": 2, "high": 1}),
        "high is 1: it must be a finite number above low.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_specs(engine: Engine, case: str) -> None:
    s, text = BAD[case]
    got = error(engine, s)
    assert got["name"] == "SpecError"
    assert text in got["message"]


def test_bad_calls(engine: Engine) -> None:
    wrong: list[tuple[list[Any], str]] = [
        (["stepDWith", [1.0, 2.0], [0.5]], "real holds 2 numbers: this step needs 1."),
        (["stepDWith", [], []], "z holds 0 numbers"),
        (["setParameters", "generator", [1.0]], "the generator has 97 parameters, but 1 were given."),
        (["update", {"loss": "x"}], 'unknown loss "x"'),
    ]
    for call, text in wrong:
        assert text in error(engine, spec(), call)["message"]
    assert (
        "mix holds no numbers" in error(engine, spec(penalties=ALL_PENALTIES), ["stepDWith", [1.0], [1.0]])["message"]
    )
    assert "float64" in error(engine, spec(), backend="wasm", precision="float64")["message"]
    (done,) = engine([{"engine": spec(), "calls": [["snapshot"]]}])
    other = error(engine, spec(seed=9), ["restore", done["results"][0]])
    assert "another engine" in other["message"]


@pytest.mark.parametrize("options", BACKENDS)
def test_non_finite_numbers_are_named_and_change_nothing(engine: Engine, options: dict[str, Any]) -> None:
    see = [["getParameters", p] for p in PLAYERS]

    def run(s: dict[str, Any], before: list[Any], step: list[Any]) -> dict[str, Any]:
        (done,) = engine([{"engine": s, "options": options, "goOn": True, "calls": [before, *see, step, *see]}])
        assert done["results"][1:3] == done["results"][4:6]
        return done["error"]

    # (JSON has no NaN: "nan" stands for it)
    got = run(spec(), ["step", 1], ["stepDWith", [1.0, "nan"], [0.0, 1.0]])
    assert (got["name"], got["what"]) == ("NonFiniteError", "inputs")
    sick = ["setParameters", "discriminator", [1.0] * 96 + ["nan"]]
    got = run(spec(), sick, ["stepG"])
    assert got["what"] == "parameters"
    assert "parameters of the discriminator" in got["message"]
    wild = dict.fromkeys(PLAYERS, {"name": "sgd", "lr": 1e30})
    got = run(spec(loss="least_squares", optimisers=wild), ["step", 50], ["stepD"])
    assert got["name"] == "NonFiniteError"
    assert "lower the learning rates" in got["message"]
