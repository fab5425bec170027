"""The same game in gan_lab: what the page's engine is compared with."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import cross_entropy, one_hot

import gan_lab
from gan_lab import data
from gan_lab.losses import LOSSES
from gan_lab.nets import MLP
from gan_lab.optim import OPTIMISERS
from gan_lab.penalties import PENALTIES
from gan_lab.random import PageStreams

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


# -- systems of frontend/src/zoo, written out in torch.float64 ------------------------------------------------------

CPU = torch.device("cpu")


def system(name: str, **changes: Any) -> dict[str, Any]:
    """A small game of the page's zoo; keyword arguments replace its fields."""

    def net(*sizes: int, activation: str = "tanh") -> dict[str, Any]:
        return {"sizes": list(sizes), "activation": activation}

    def normal(mean: float, std: float) -> dict[str, Any]:
        return {"name": "gaussian", "mean": mean, "std": std}

    plane = {"name": "standard_normal", "dim": 2}
    games: dict[str, dict[str, Any]] = {
        "conditional": {
            "networks": {"G": net(5, 8, 6, 1), "D": net(4, 9, 7, 1, activation="softplus")},
            "loss": "non_saturating", "gamma": 0.5, "prior": plane,
            "classes": [normal(-2.0, 0.5), normal(0.5, 0.3), normal(2.0, 1.0)],
        },
        "infogan": {
            "networks": {"G": net(6, 8, 2), "D": net(2, 9, 5, 1, activation="leaky_relu"), "Q": net(2, 7, 4)},
            "loss": "minimax", "lambda": 0.7, "codes": 4, "prior": plane,
            "target": {"name": "ring", "modes": 4, "radius": 1.0, "std": 0.1},
        },
        "cyclegan": {
            "networks": {
                "G": net(1, 8, 2), "F": net(2, 7, 1, activation="softplus"), "D_X": net(1, 6, 5, 1), "D_Y": net(2, 8, 1)
            },
            "loss": "least_squares", "lambda": 3.0, "X": normal(1.0, 0.5),
            "Y": {"name": "ring", "modes": 3, "radius": 1.0, "std": 0.2},
        },
    }  # fmt: skip
    players = ("discriminators", "generators") if name == "cyclegan" else ("discriminator", "generator")
    adam = {"name": "adam", "lr": 1e-3, "betas": [0.5, 0.999]}
    return games[name] | {"optimisers": dict.fromkeys(players, adam), "batch": 13, "seed": 3} | changes


Losses = dict[str, torch.Tensor]


class _System:
    """Networks by name, in float64 with the page's first weights and random numbers; `losses` is one batch's."""

    def __init__(self, s: dict[str, Any]) -> None:
        sizes = {name: (net["sizes"], net["activation"]) for name, net in s["networks"].items()}
        self.nets = torch.nn.ModuleDict({k: MLP(n[0], n[-1], n[1:-1], a) for k, (n, a) in sizes.items()}).double()
        self.streams = PageStreams(s["seed"])
        self.streams.initialise(self.nets)
        self.s, self.n, self.loss = s, s["batch"], LOSSES[s["loss"]]()

    def sample(self, law: dict[str, Any], stream: str) -> torch.Tensor:
        return data.from_spec(law).draw(self.n, self.streams, stream, CPU, torch.float64)


class _Conditional(_System):
    owns = {"discriminator": "D", "generator": "G"}

    def losses(self, player: str) -> torch.Tensor:
        G, D, K = self.nets["G"], self.nets["D"], len(self.s["classes"])
        label = self.streams.index("data", K, self.n, CPU)
        y = one_hot(label, K).double()
        mean, std = (torch.tensor([c[key] for c in self.s["classes"]]).double()[label, None] for key in ("mean", "std"))
        x = (mean + std * self.streams.normal("data", (self.n, 1), CPU)).requires_grad_()
        fake = torch.cat([G(torch.cat([self.sample(self.s["prior"], "noise"), y], 1)), y], 1)
        real = D(torch.cat([x, y], 1))
        if player == "generator":
            return self.loss.generator(D(fake), real.detach())
        (slope,) = torch.autograd.grad(real.sum(), x, create_graph=True)
        return self.loss.discriminator(real, D(fake.detach())) + self.s["gamma"] / 2 * slope.square().sum(1).mean()


class _Info(_System):
    owns = {"discriminator": "D", "generator": "GQ"}

    def losses(self, player: str) -> torch.Tensor:
        G, D, Q = self.nets["G"], self.nets["D"], self.nets["Q"]
        x = self.sample(self.s["target"], "data") if player == "discriminator" else None
        z, c = self.sample(self.s["prior"], "noise"), self.streams.index("noise", self.s["codes"], self.n, CPU)
        fake = G(torch.cat([z, one_hot(c, self.s["codes"]).double()], 1))
        if x is not None:
            return self.loss.discriminator(D(x), D(fake.detach()))
        return self.loss.generator(D(fake), None) + self.s["lambda"] * cross_entropy(Q(fake), c)


class _Cycle(_System):
    owns = {"discriminators": ("D_X", "D_Y"), "generators": ("G", "F")}

    def losses(self, player: str) -> torch.Tensor:
        G, F, D_X, D_Y = (self.nets[name] for name in ("G", "F", "D_X", "D_Y"))
        x, y = self.sample(self.s["X"], "data"), self.sample(self.s["Y"], "data")
        if player == "discriminators":
            return self.loss.discriminator(D_X(x), D_X(F(y))) + self.loss.discriminator(D_Y(y), D_Y(G(x)))
        cycle = (F(G(x)) - x).abs().sum(1).mean() + (G(F(y)) - y).abs().sum(1).mean()
        adversarial = self.loss.generator(D_Y(G(x)), None) + self.loss.generator(D_X(F(y)), None)
        return adversarial + self.s["lambda"] * cycle


def train_system(name: str, s: dict[str, Any], steps: int) -> tuple[dict[str, torch.Tensor], Losses]:
    """Train a system of the page's zoo in torch.float64: its networks' parameters, and the players' last losses."""
    game = {"conditional": _Conditional, "infogan": _Info, "cyclegan": _Cycle}[name](s)
    owned = {p: [w for net in nets for w in game.nets[net].parameters()] for p, nets in game.owns.items()}
    optimisers = {p: _optimiser(s["optimisers"][p]).build(weights) for p, weights in owned.items()}
    last: Losses = {}
    for _ in range(steps):
        for player, weights in owned.items():
            loss = last[player] = game.losses(player)
            for w, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                w.grad = gradient
            optimisers[player].step()
    flat = {k: torch.cat([p.detach().flatten() for p in net.parameters()]) for k, net in game.nets.items()}
    return flat, {p: v.detach() for p, v in last.items()}
