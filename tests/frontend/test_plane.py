"""Games in the plane: the page's engine and scores are gan_lab's, number for number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from reference import PLAYERS, difference, gan_of, parameters, spec, train

import gan_lab
from gan_lab import data, metrics
from gan_lab.losses import LOSSES
from gan_lab.nets import ACTIVATIONS
from gan_lab.random import PageStreams
from gan_lab.train import generator_gradient

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
CPU = torch.device("cpu")
PENALTIES: dict[str, list[dict[str, Any]]] = {
    "none": [], "clip": [{"name": "clip", "weight": 0.1}], "wgan_gp": [{"name": "wgan_gp", "weight": 10.0}],
    "r1": [{"name": "r1", "weight": 1.0}], "r2": [{"name": "r2", "weight": 0.5}],
}  # fmt: skip
RING = {"name": "ring", "modes": 5, "radius": 1.0, "std": 0.1}


def game(
    loss: str = "non_saturating", activation: str = "tanh", penalty: str = "none", **changes: Any
) -> dict[str, Any]:
    fields = {
        "generator": {"sizes": [2, 8, 8, 2], "activation": activation},
        "discriminator": {"sizes": [2, 8, 8, 1], "activation": activation},
        "loss": loss, "penalties": PENALTIES[penalty],
        "target": RING, "prior": {"name": "standard_normal", "dim": 2},
    }  # fmt: skip
    return spec(**fields | changes)


def answers(engine: Engine, s: dict[str, Any], calls: list[list[Any]], **options: Any) -> list[Any]:
    (answer,) = engine([{"engine": s, "options": options, "calls": calls}])
    assert "error" not in answer, answer
    return answer["results"]


def worst(engine: Engine, s: dict[str, Any], steps: int, **options: Any) -> float:
    calls = [["step", steps], *(["getParameters", player] for player in PLAYERS)]
    got = dict(zip(PLAYERS, answers(engine, s, calls, **options)[1:], strict=True))
    expected = train(s, steps)
    return max(difference(got[player], expected[player]) for player in PLAYERS)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_float64_equals_torch(engine: Engine, penalty: str) -> None:
    """300 steps of Adam, 2-8-8-2 against 2-8-8-1, every loss, each with another activation: below 1e-9."""
    kinds = zip(LOSSES, [*ACTIVATIONS, "softplus"], strict=True)
    errors = {kind: worst(engine, game(*kind, penalty), 300, precision="float64") for kind in kinds}
    assert max(errors.values()) < 1e-9, errors


@pytest.mark.parametrize("backend", ["wasm", "js"])
@pytest.mark.parametrize("loss", LOSSES)
def test_float32_stays_near_torch(engine: Engine, loss: str, backend: str) -> None:
    assert worst(engine, game(loss), 300, backend=backend) < 1e-4


@pytest.mark.parametrize("prior", [
    {"name": "gaussian", "mean": 0.0, "std": 1.0}, {"name": "uniform", "low": -1.0, "high": 1.0},
    {"name": "standard_normal", "dim": 5}, {"name": "uniform_cube", "dim": 3, "low": -1.0, "high": 1.0},
], ids=lambda p: p["name"])  # fmt: skip
@pytest.mark.parametrize("target", [
    {"name": "grid", "side": 3, "spacing": 1.0, "std": 0.05},
    {"name": "spiral", "turns": 2.0, "radius": 1.0, "std": 0.02},
    {"name": "points", "centres": [[0.0, 1.0], [-1.5, 0.5]], "std": 0.02},
    {"name": "segment", "length": 2.0, "std": 0.05},
], ids=lambda p: p["name"])  # fmt: skip
def test_any_noise_any_target(engine: Engine, target: dict[str, Any], prior: dict[str, Any]) -> None:
    dim = prior.get("dim", 1)
    s = game("relativistic", penalty="wgan_gp", target=target, prior=prior, k=2,
             generator={"sizes": [dim, 7, 9, 2], "activation": "softplus"})  # fmt: skip
    assert worst(engine, s, 30, precision="float64") < 1e-9


@pytest.mark.parametrize("loss", LOSSES)
def test_the_generators_gradient_of_every_loss(engine: Engine, loss: str) -> None:
    """At the weights of one game, what each other loss would ask of the generator."""
    s = game("hinge")
    z = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    calls = [["step", 20], ["generatorGradient", z.flatten().tolist(), loss]]
    got = torch.tensor(answers(engine, s, calls, precision="float64")[1], dtype=torch.float64).reshape(6, 2)
    gan = gan_of(s)
    gan_lab.train(gan, data.from_spec(s["target"]), 20, batch=16, seed=3, device="cpu", streams="page")
    gan.loss = LOSSES[loss]()
    real = data.from_spec(RING).draw(64, PageStreams(0), "data", CPU, torch.float64) if gan.loss.needs_real else None
    _, expected = generator_gradient(gan, z, real)
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-12)


def test_several_steps_of_each_player(engine: Engine) -> None:
    assert worst(engine, game("relativistic", penalty="r1", k=2, k_g=3), 20, precision="float64") < 1e-9


@pytest.mark.parametrize("loss", ["non_saturating", "relativistic"])
@pytest.mark.parametrize("penalty", ["r2", "wgan_gp"])
def test_instance_noise_is_drawn_and_passed_on_as_in_gan_lab(engine: Engine, loss: str, penalty: str) -> None:
    noisy = game(loss, penalty=penalty, k=2, instance_noise=0.3)
    assert worst(engine, noisy, 20, precision="float64") < 1e-9
    assert worst(engine, {**noisy, "instance_noise": 0.0}, 20, precision="float64") < 1e-9
    calls = [["peekD"], ["step", 3], ["peekG"]]
    first, _, of_g = answers(engine, noisy, calls, precision="float64")
    plain, _, _ = answers(engine, {**noisy, "instance_noise": 0.0}, calls, precision="float64")
    # the other streams are where they would be without it
    assert first["z"] == plain["z"] and "jitter" not in plain
    shift = torch.tensor(first["real"]) - torch.tensor(plain["real"])
    assert 0.2 < float(shift.std()) < 0.4 and 0.2 < float(torch.tensor(first["jitter"]).std()) < 0.4
    assert len(of_g["jitter"]) == len(first["jitter"]) == len(first["real"])


def test_what_comes_next_can_be_seen_without_using_it_up(engine: Engine) -> None:
    s = game("relativistic", penalty="wgan_gp")
    calls = [["step", 3], ["peekD"], ["peekD"], ["stepD"], ["peekG"], ["stepG"], ["getParameters", "generator"]]
    _, first, again, _, of_g, _, seen = answers(engine, s, calls, precision="float64")
    assert first == again and set(first) == {"real", "z", "mix"} and set(of_g) == {"real", "z"}
    calls = [["step", 3], ["stepDWith", first["real"], first["z"], first["mix"]], ["getParameters", "discriminator"]]
    by_hand = answers(engine, s, calls, precision="float64")[2]
    unseen = [["step", 3], ["stepD"], ["getParameters", "discriminator"], ["stepG"], ["getParameters", "generator"]]
    _, _, discriminator, _, generator = answers(engine, s, unseen, precision="float64")
    assert by_hand == discriminator and seen == generator


def test_layers_are_those_of_the_networks(engine: Engine) -> None:
    s = game()
    z = torch.linspace(-2, 2, 10, dtype=torch.float64)
    got = answers(engine, s, [["layers", "generator", z.tolist()], ["layers", "discriminator", z.tolist()]],
                  precision="float64")  # fmt: skip
    gan = gan_of(s)
    gan_lab.train(gan, data.from_spec(RING), 0, batch=16, seed=3, device="cpu", streams="page")
    for player, layers in zip(PLAYERS, got, strict=True):
        x = z.reshape(5, 2)
        seen = [x]
        for module in getattr(gan, player):
            x = module(x)
            if isinstance(module, torch.nn.Tanh):
                seen.append(x)
        seen.append(x)
        assert len(layers) == len(seen) == 4
        for a, b in zip(layers, seen, strict=True):
            torch.testing.assert_close(
                torch.tensor(a, dtype=torch.float64), b.detach().flatten(), rtol=1e-12, atol=1e-12
            )


def test_loading_weights_gives_the_same_game(engine: Engine) -> None:
    s = game("hinge", penalty="r1")
    gan = gan_of(s)
    gan_lab.train(gan, data.from_spec(RING), 7, batch=16, seed=1, device="cpu", streams="page")
    calls = [["setParameters", player, parameters(gan, player).tolist()] for player in PLAYERS]
    got = answers(engine, s, [*calls, ["generate", [0.5, -0.5]], ["score", [0.25, 0.75]]], precision="float64")
    with torch.no_grad():
        made = gan.sample(z=torch.tensor([[0.5, -0.5]], dtype=torch.float64))
        score = gan.score(torch.tensor([[0.25, 0.75]], dtype=torch.float64))
    assert got[2] == pytest.approx(made.flatten().tolist(), abs=1e-13)
    assert got[3] == pytest.approx(score.flatten().tolist(), abs=1e-13)


def module(engine: Engine, calls: list[list[Any]], only: list[int]) -> list[Any]:
    (answer,) = engine([{"calls": calls, "only": only}])
    assert "error" not in answer, answer
    return [answer["results"][i] for i in only]


@pytest.mark.parametrize(
    "target", [RING, {"name": "grid", "side": 3, "spacing": 2.0, "std": 0.05}], ids=lambda t: t["name"]
)
def test_modes_are_counted_as_in_gan_lab(engine: Engine, target: dict[str, Any]) -> None:
    law = data.from_spec(target)
    x = law.sample(500, torch.Generator().manual_seed(0)).double()
    x = torch.cat([x, 3 * torch.randn(100, 2, generator=torch.Generator().manual_seed(1)).double()])
    (got,) = module(engine, [["createPlane", target], ["modes", x.flatten().tolist(), "$0"]], [1])
    expected = metrics.modes(x, law)
    assert (got["covered"], got["total"]) == (expected.covered, expected.total)
    assert got["highQuality"] == pytest.approx(expected.high_quality, abs=1e-12)
    assert got["reverseKl"] == pytest.approx(expected.reverse_kl, abs=1e-12)
    assert got["counts"] == list(expected.counts)


def test_distances_are_those_of_gan_lab(engine: Engine) -> None:
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(300, 2, generator=g).double(), 0.5 + 2 * torch.randn(300, 2, generator=g).double()
    calls = [["slicedWasserstein", x.flatten().tolist(), y.flatten().tolist()],
             ["energyDistance", x.flatten().tolist(), y[:200].flatten().tolist()]]  # fmt: skip
    sliced, energy = module(engine, calls, [0, 1])
    assert energy == pytest.approx(metrics.energy_distance(x, y[:200]), rel=1e-12)
    # the page takes evenly spaced directions, gan_lab random ones: the same integral
    assert sliced == pytest.approx(metrics.sliced_wasserstein(x, y, directions=4_000), rel=0.02)
    # a shift by m costs |m| times the mean of |cos|, which is 2 / pi
    (shift,) = module(
        engine, [["slicedWasserstein", x.flatten().tolist(), (x + torch.tensor([3.0, 4.0])).flatten().tolist()]], [0]
    )
    assert shift == pytest.approx(5 * 2 / torch.pi, rel=1e-3)


def test_the_floor_is_what_true_samples_score(engine: Engine) -> None:
    """High quality 1 - exp(-4.5); all modes; a reverse KL of about (modes - 1) / 2n."""
    (got,) = module(engine, [["createPlane", RING | {"modes": 8}], ["floor", "$0", 2500]], [1])
    mean = got["mean"]
    assert mean["covered"] == pytest.approx(8, abs=1e-9)
    assert mean["highQuality"] == pytest.approx(0.98889, abs=0.004)
    assert mean["reverseKl"] == pytest.approx(7 / 5000, rel=0.01)
    assert 0 < mean["slicedWasserstein"] < 0.05 and got["std"]["slicedWasserstein"] > 0


@pytest.mark.parametrize(("target", "message"), [
    ({"name": "rin"}, 'did you mean "ring"'),
    ({"name": "ring", "modes": 0}, "modes is 0: it must be a whole number from 1 to 1000"),
    ({"name": "ring", "std": -1}, "std is -1: it must be a number > 0"),
    ({"name": "points", "centres": [], "std": 0.1}, "at least one"),
    ({"name": "points", "centres": [[0, "x"]], "std": 0.1}, "a centre is x"),
    ({"name": "spiral", "std": 1e-5}, "for an exact density of this spiral it must be at least"),
], ids=range(6))  # fmt: skip
def test_refused_targets(engine: Engine, target: dict[str, Any], message: str) -> None:
    (answer,) = engine([{"engine": game(target=target), "calls": []}])
    assert answer["error"]["name"] == "SpecError" and message in answer["error"]["message"]
