"""What "Copy as PyTorch" and "Copy as plain PyTorch" write trains to the same weights, whatever the page is set to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
STEPS = 12
PLAIN: dict[str, Any] = {
    "generator": {"sizes": [2, 8, 2], "activation": "tanh"},
    "discriminator": {"sizes": [2, 8, 8, 1], "activation": "leaky_relu"},
    "loss": "non_saturating",
    "optimisers": {
        "generator": {"name": "adam", "lr": 0.001, "betas": [0, 0.999]},
        "discriminator": {"name": "adam", "lr": 0.002},
    },
    "batch": 16,
    "seed": 3,
    "target": {"name": "ring", "modes": 5, "radius": 1.5, "std": 0.1},
    "prior": {"name": "standard_normal", "dim": 2},
}
LINE = {
    "generator": {"sizes": [1, 8, 1], "activation": "softplus"},
    "discriminator": {"sizes": [1, 8, 1], "activation": "relu"},
}
SGD = {"generator": {"name": "sgd", "lr": 0.02}, "discriminator": {"name": "momentum", "lr": 0.01}}
RMSPROP = {who: {"name": "rmsprop", "lr": 0.001} for who in ("generator", "discriminator")}
#: each loss, penalty, optimiser, activation, law of the data and of the noise, k, k_g and instance noise once at least
CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "minimax": {"loss": "minimax", "k": 3, "k_g": 2, "optimisers": SGD, "target": {"name": "grid", "side": 3}},
    "least squares": {"loss": "least_squares", "optimisers": RMSPROP, "target": {"name": "moons"}},
    "wgan-gp": {"loss": "wasserstein", "penalties": [{"name": "wgan_gp"}], "target": {"name": "spiral", "turns": 1.5}},
    "hinge": {
        "loss": "hinge",
        "penalties": [{"name": "r1", "weight": 0.5}, {"name": "clip", "weight": 0.3}],
        "target": {"name": "sine_curve", "std": 0.1},
    },
    "relativistic": {
        "loss": "relativistic",
        "penalties": [{"name": "r2", "weight": 0.2}, {"name": "r1"}, {"name": "wgan_gp", "weight": 2}],
        "instance_noise": 0.2,
        "target": {"name": "segment", "length": 3},
    },
    "points": {
        "prior": {"name": "uniform_cube", "dim": 2, "low": -2, "high": 1},
        "target": {"name": "points", "centres": [[0, 1], [1.5, -0.5], [-1, -1]], "std": 0.05},
    },
    "a Gaussian": {**LINE, "target": {"name": "gaussian", "mean": 2, "std": 0.8}, "prior": {"name": "uniform"}},
    "a mixture": {
        **LINE,
        "target": {"name": "mixture", "means": [-1, 1.5], "stds": [0.4, 0.6], "weights": [1, 2]},
        "prior": {"name": "exponential", "rate": 1.5},
    },
    "drawn": {
        **LINE,
        "target": {"name": "drawn", "low": -4, "high": 4, "heights": [0, 1, 2, 0, 3, 1]},
        "prior": {"name": "gaussian"},
    },
    "sine": {**LINE, "generator": {"sizes": [1, 1]}, "target": {"name": "sine"}, "prior": {"name": "gaussian"}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_plain_pytorch_gives_the_numbers_of_gan_lab_bit_for_bit(engine: Engine, change: str) -> None:
    (said,) = engine([{"engine": {**PLAIN, **CHANGES[change]}, "calls": [["spec"]]}])
    spec = said["results"][0]
    (written,) = engine([{"calls": [[who, spec, STEPS] for who in ("asTorch", "asPlainTorch")]}])
    ours, plain = written["results"]
    assert "gan_lab" not in plain and max(map(len, plain.splitlines())) < 200
    # drawn as PyTorch draws, each network called once for real and once for generated samples: as chapter 6 does
    ours = ours.replace(', streams="page"', "").replace("gan_lab.GAN(", "gan_lab.GAN(joint=False, ")
    found: list[dict[str, Any]] = [{}, {}]
    for code, names in zip((ours, plain), found, strict=True):
        exec(compile(code, "copied.py", "exec"), names)
    gan, loop = found[0]["run"].gan, found[1]
    theirs = [*gan.generator.parameters(), *gan.discriminator.parameters()]
    mine = [*loop["G"].parameters(), *loop["D"].parameters()]
    assert found[0]["run"].step == STEPS
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))
    assert loop["loss_D"].item() == found[0]["run"].history["loss_discriminator"].iloc[-1]
