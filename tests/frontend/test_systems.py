"""Games of the page's engine with a condition, a third network, a second domain: closures that play torch's game."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from reference import difference, system, train_system

from gan_lab.losses import LOSSES

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
NAMES = ("conditional", "infogan", "cyclegan")
BACKENDS: dict[str, dict[str, Any]] = {
    "float64": {"precision": "float64"}, "wasm": {"backend": "wasm"}, "js": {"backend": "js"}
}  # fmt: skip


def play(engine: Engine, name: str, s: dict[str, Any], *calls: list[Any], **options: Any) -> list[Any]:
    (done,) = engine([{"system": [name, s], "options": options, "calls": list(calls)}])
    assert "error" not in done, done
    return done["results"]


def parameters(s: dict[str, Any]) -> list[list[str]]:
    return [["parameters", name] for name in s["networks"]]


@pytest.mark.parametrize("batch", [13, 150], ids=["one piece", "two pieces"])
@pytest.mark.parametrize("name", NAMES)
def test_equals_torch(engine: Engine, name: str, batch: int) -> None:
    """50 steps from the same seed: float64 below 1e-9, both float32 below 1e-4; and the losses are the sources' own."""
    s = system(name, batch=batch)
    expected, losses = train_system(name, s, 50)
    for kind, options in BACKENDS.items():
        _, measured, *got = play(engine, name, s, ["step", 50], ["measured"], *parameters(s), **options)
        bar = 1e-9 if kind == "float64" else 1e-4
        errors = {net: difference(values, expected[net]) for net, values in zip(s["networks"], got, strict=True)}
        assert max(errors.values()) < bar, (kind, errors)
        for player, loss in losses.items():
            assert measured[player]["loss"] == pytest.approx(float(loss), abs=bar)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(engine: Engine, name: str, loss: str) -> None:
    if loss == "relativistic" and name != "conditional":
        (refused,) = engine([{"system": [name, system(name, loss=loss)], "calls": []}])
        assert "pairs" in refused["error"]["message"] and "choose" in refused["error"]["message"]
        return
    s = system(name, loss=loss)
    expected, _ = train_system(name, s, 30)
    got = play(engine, name, s, ["step", 30], *parameters(s), precision="float64")[1:]
    assert max(difference(v, expected[net]) for net, v in zip(s["networks"], got, strict=True)) < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_a_move_moves_what_its_player_owns(engine: Engine, name: str) -> None:
    s = system(name)
    for player, owned in {
        "conditional": {"discriminator": ["D"], "generator": ["G"]},
        "infogan": {"discriminator": ["D"], "generator": ["G", "Q"]},
        "cyclegan": {"discriminators": ["D_X", "D_Y"], "generators": ["G", "F"]},
    }[name].items():
        got = play(engine, name, s, *parameters(s), ["move", player], *parameters(s))
        half = len(s["networks"])
        moved = [net for net, a, b in zip(s["networks"], got[:half], got[half + 1 :], strict=True) if a != b]
        assert sorted(moved) == sorted(owned)


@pytest.mark.parametrize("name", NAMES)
def test_back_and_on_again(engine: Engine, name: str) -> None:
    """Snapshot, play, restore, play: the numbers of a run never interrupted, bit for bit."""
    s = system(name)
    straight = play(engine, name, s, ["step", 20], *parameters(s))[1:]
    calls = [["step", 8], ["snapshot"], ["step", 5], ["restore", "$1"], ["step", 12], *parameters(s)]
    assert play(engine, name, s, *calls)[5:] == straight


def test_a_condition_is_heeded(engine: Engine) -> None:
    """After training, G(z|y) lies where class y does."""
    s = system("conditional", batch=128, gamma=0.1)
    z = np.random.default_rng(0).normal(size=2 * 500).tolist()
    calls = [["generate", z, [label] * 500] for label in range(3)]
    found = [float(np.mean(x)) for x in play(engine, "conditional", s, ["step", 3000], *calls)[1:]]
    assert found == pytest.approx([law["mean"] for law in s["classes"]], abs=0.4)


def test_q_reads_the_code_back(engine: Engine) -> None:
    """After training, Q finds the code in nearly every sample (a guess: 1 of 4)."""
    s = system("infogan", batch=128, loss="non_saturating", **{"lambda": 1.0})
    z, c = np.random.default_rng(0).normal(size=2 * 400).tolist(), [i % 4 for i in range(400)]
    logits = torch.tensor(play(engine, "infogan", s, ["step", 2000], ["logits", z, c])[1]).reshape(400, 4)
    assert float((logits.argmax(1) == torch.tensor(c)).float().mean()) > 0.9


def test_round_the_cycle(engine: Engine) -> None:
    """F(G(x)) comes back to x, closer than the spread of X."""
    s = system("cyclegan", batch=128, **{"lambda": 10.0})
    x = [0.0, 0.5, 1.0, 1.5, 2.0]
    back = play(engine, "cyclegan", s, ["step", 2000], ["G", x], ["F", "$1"])[2]
    assert np.abs(np.array(back) - x).mean() < 0.1


WRONG = {
    "the D maps 3 to 1 numbers: in this game it must map 4 to 1.": {"networks": {"D": {"sizes": [3, 4, 1]}}},
    "the D has no sizes": {"networks": {"D": None}},
    'unknown loss "hing": did you mean "hinge"?': {"loss": "hing"},
    "the generator has no optimiser": {"optimisers": {"generator": None}},
    "class 1 has 2 dimensions and class 0 has 1": {"classes": [{"name": "sine"}, {"name": "moons"}]},
    "gamma is -1: it must be a number >= 0.": {"gamma": -1},
}


@pytest.mark.parametrize("message", WRONG)
def test_one_sentence_for_what_cannot_be_played(engine: Engine, message: str) -> None:
    s = system("conditional")
    for key, value in WRONG[message].items():
        s[key] = s[key] | value if isinstance(value, dict) else value
    (done,) = engine([{"system": ["conditional", s], "calls": []}])
    assert done["error"]["name"] == "SpecError" and message in done["error"]["message"]


def test_a_batch_that_does_not_fit_is_refused(engine: Engine) -> None:
    call = ["move", "generator", {"z": [0.0] * 4, "c": [0.0]}]
    (done,) = engine([{"system": ["infogan", system("infogan")], "calls": [call]}])
    assert done["error"]["message"] == "c holds 1 numbers: this step needs 2."
