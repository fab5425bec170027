"""The same game in gan_lab: what the page's engine is compared with."""

from __future__ import annotations

from typing import Any

import torch

import gan_lab
from gan_lab import data
from gan_lab.losses import LOSSES
from gan_lab.nets import MLP
from gan_lab.optim import OPTIMISERS
from gan_lab.penalties import PENALTIES

PLAYERS = ("generator", "discriminator")


def spec(**changes: Any) -> dict[str, Any]:
    """A small game; keyword arguments replace its fields."""
    adam = {"name": "adam", "lr": 2e-3, "betas": [0.5, 0.999]}
    return {
        "generator": {"sizes": [1, 8, 8, 1], "activation": "tanh"},
        "discriminator": {"sizes": [1, 8, 8, 1], "activation": "tanh"},
        "loss": "non_saturating",
        "penalties": [],
        "optimisers": {"generator": adam, "discriminator": adam},
        "k": 1,
        "batch": 16,
        "seed": 3,
        "target": {"name": "gaussian", "mean": 1.0, "std": 0.5},
        "prior": {"name": "gaussian", "mean": 0.0, "std": 1.0},
    } | changes


def _optimiser(recipe: dict[str, Any]) -> Any:
    fields = {k: tuple(v) if k == "betas" else v for k, v in recipe.items() if k != "name"}
    return OPTIMISERS[recipe["name"]](**fields)


def gan_of(s: dict[str, Any]) -> gan_lab.GAN:
    """The GAN that a spec describes, in float64."""
    nets = {p: MLP(s[p]["sizes"][0], s[p]["sizes"][-1], s[p]["sizes"][1:-1], s[p]["activation"]) for p in PLAYERS}
    return gan_lab.GAN(
        **nets,
        loss=LOSSES[s["loss"]](),
        penalties=[PENALTIES[p["name"]](p["weight"]) for p in s["penalties"]],
        prior=data.from_spec(s["prior"]),
        optimisers={p: _optimiser(s["optimisers"][p]) for p in PLAYERS},
        k=s["k"],
        k_g=s.get("k_g", 1),
        instance_noise=s.get("instance_noise", 0),
    ).double()


def parameters(gan: gan_lab.GAN, player: str) -> torch.Tensor:
    """All numbers of one player: layer by layer, weight then bias."""
    return torch.cat([p.detach().flatten() for p in getattr(gan, player).parameters()])


def train(s: dict[str, Any], steps: int) -> dict[str, torch.Tensor]:
    """Train the spec's GAN in torch.float64 on the page's random numbers; returns both players' parameters."""
    gan = gan_of(s)
    gan_lab.train(
        gan, data.from_spec(s["target"]), steps, batch=s["batch"], seed=s["seed"], device="cpu", streams="page"
    )
    return {p: parameters(gan, p) for p in PLAYERS}


def difference(got: Any, expected: torch.Tensor) -> float:
    """The largest difference, relative to max(1, |expected|); infinite where something is not a number."""
    error = ((torch.as_tensor(got, dtype=torch.float64) - expected).abs() / expected.abs().clamp(min=1)).max()
    return float(error) if torch.isfinite(error) else float("inf")
