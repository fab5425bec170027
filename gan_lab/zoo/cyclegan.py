"""CycleGAN (Zhu et al. 2017): two domains without pairs, and a way back that must lead to where one came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from gan_lab import data
from gan_lab._errors import positive, whole_number
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.random import Streams
from gan_lab.system import Data, Seen
from gan_lab.zoo import pool
from gan_lab.zoo.registry import register
from gan_lab.zoo.translation import Translation


class Batch(NamedTuple):
    """x (n, ...), y (n, ...): samples of both domains; chance (n, 4): which old samples the discriminators see."""

    x: Tensor
    y: Tensor
    chance: Any = None


class CycleGAN(Translation):
    """min_{G,F} max_{D_X,D_Y} L_GAN(G, D_Y) + L_GAN(F, D_X) + lambda L_cyc(G, F)  (eq. 3), with G: X -> Y, F: Y -> X.

    L_cyc = E |F(G(x)) - x|_1 + E |G(F(y)) - y|_1 (eq. 2). L_GAN is least squares (section 4): D_Y minimises
    E (D_Y(y) - 1)^2 + E D_Y(G(x))^2, halved to slow it down, G minimises E (D_Y(G(x)) - 1)^2. identity: the weight,
    in units of lambda, of E |G(y) - y|_1 + E |F(x) - x|_1 (section 5.2). The discriminators see a pool of ``pool_size``
    old samples, of ``shape`` each.
    """

    players: Mapping[str, Sequence[str]] = {"generators": ("G", "F"), "discriminators": ("D_X", "D_Y")}
    averaged: Sequence[str] = ("G", "F")

    def __init__(
        self, G: nn.Module, F: nn.Module, D_X: nn.Module, D_Y: nn.Module, *, shape: Sequence[int],
        lambda_cyc: float = 10.0, identity: float = 0.0, pool_size: int = 50, optimisers: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(optimisers, G=G, F=F, D_X=D_X, D_Y=D_Y)
        self.lambda_cyc = positive("lambda_cyc", lambda_cyc, or_zero=True)
        self.likeness = positive("identity", identity, or_zero=True)
        for name in ("pool_X", "pool_Y"):
            self.state(name, torch.zeros(whole_number("pool_size", pool_size, 1), *shape))
        self.state("held", torch.tensor(0))

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        like = self.parameter
        x, y = self.two_domains(data.draw(n, streams, "data", like.device, like.dtype))
        return Batch(x, y, streams.uniform("noise", (n, 4), like.device) if player == "discriminators" else None)

    def generators_loss(self, batch: Batch, seen: Seen) -> Tensor:
        x, y, _ = batch
        to_y, to_x = self.G(x), self.F(y)
        seen["cycle"] = cycle = l1_loss(self.F(to_y), x) + l1_loss(self.G(to_x), y)
        fooled = squares(self.D_Y(to_y), 1) + squares(self.D_X(to_x), 1)
        same = l1_loss(self.G(y), y) + l1_loss(self.F(x), x) if self.likeness else 0
        return fooled + self.lambda_cyc * (cycle + self.likeness * same)

    def discriminators_loss(self, batch: Batch, seen: Seen) -> Tensor:
        with torch.no_grad():
            seen["to_x"], seen["to_y"], seen["chance"] = self.F(batch.y), self.G(batch.x), batch.chance
        old_x = pool.shown(self.pool_X, self.held, seen["to_x"], batch.chance[:, :2])
        old_y = pool.shown(self.pool_Y, self.held, seen["to_y"], batch.chance[:, 2:])
        of_X = squares(self.D_X(batch.x), 1) + squares(self.D_X(old_x), 0)
        return (of_X + squares(self.D_Y(batch.y), 1) + squares(self.D_Y(old_y), 0)) / 2

    def after_step(self, player: str, seen: Seen) -> None:
        super().after_step(player, seen)
        if player == "discriminators":
            old_x, _ = pool.pushed(self.pool_X, self.held, seen["to_x"], seen["chance"][:, :2])
            old_y, held = pool.pushed(self.pool_Y, self.held, seen["to_y"], seen["chance"][:, 2:])
            for state, value in ((self.pool_X, old_x), (self.pool_Y, old_y), (self.held, held)):
                state.copy_(value)


def squares(scores: Tensor, target: float) -> Tensor:
    """E (D - target)^2."""
    return (scores - target).square().mean()


def two_domains() -> Data:
    """A ring of four points and two moons: a toy to translate between."""
    return data.unpaired(data.ring(modes=4, radius=1.0, std=0.05), data.moons())


@register(
    title="CycleGAN", paper="zhu2017", equation="eq. 1-3", chapter="24_translation",
    exact="test_cycle_consistency_is_zero_for_exact_inverses",
    experiment=lambda build: (build(hidden=(8,), pool_size=20), two_domains(), 20),
)  # fmt: skip
def cyclegan(
    lambda_cyc: float = 10.0,
    identity: float = 0.0,
    pool_size: int = 50,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
) -> CycleGAN:
    """A toy: four perceptrons on points of ``outputs`` numbers; Adam 2e-4 with betas (0.5, 0.999) as in the paper."""
    return CycleGAN(
        *(MLP(outputs, outputs, hidden, activation) for _ in "GF"),
        *(MLP(outputs, 1, hidden, activation) for _ in "XY"),
        shape=(outputs,),
        lambda_cyc=lambda_cyc,
        identity=identity,
        pool_size=pool_size,
        optimisers=optimiser or Adam(2e-4, betas=(0.5, 0.999)),
    )
