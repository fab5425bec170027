"""CycleGAN (Zhu et al. 2017): two domains without pairs, and a way back that must lead to where one came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from gan_lab import data
from gan_lab._errors import positive, whole_number
from gan_lab.initialise import evaluating
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.random import Streams
from gan_lab.system import Data, Seen, System
from gan_lab.zoo import pool
from gan_lab.zoo.registry import register


class Batch(NamedTuple):
    """x (n, ...), y (n, ...): samples of both domains; what decides which old samples the discriminators see."""

    x: Tensor
    y: Tensor
    coin: Tensor | None = None
    place: Tensor | None = None


class CycleGAN(System):
    """min_{G,F} max_{D_X,D_Y} L_GAN(G, D_Y) + L_GAN(F, D_X) + lambda L_cyc(G, F)  (eq. 3), with G: X -> Y, F: Y -> X.

    L_cyc = E |F(G(x)) - x|_1 + E |G(F(y)) - y|_1 (eq. 2). L_GAN is least squares (section 4): D_Y minimises
    E (D_Y(y) - 1)^2 + E D_Y(G(x))^2, halved to slow it down, G minimises E (D_Y(G(x)) - 1)^2. identity: the weight,
    in units of lambda, of E |G(y) - y|_1 + E |F(x) - x|_1 (section 5.2). The discriminators see a pool of ``pool_size``
    old samples of shape ``shape`` each. The data give pairs: :func:`gan_lab.data.unpaired`.
    """

    players: Mapping[str, Sequence[str]] = {"generators": ("G", "F"), "discriminators": ("D_X", "D_Y")}
    averaged: Sequence[str] = ("G", "F")

    def __init__(
        self, G: nn.Module, F: nn.Module, D_X: nn.Module, D_Y: nn.Module, *, shape: Sequence[int],
        lambda_: float = 10.0, identity: float = 0.0, pool_size: int = 50, optimisers: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(optimisers, G=G, F=F, D_X=D_X, D_Y=D_Y)
        self.lambda_ = positive("lambda_", lambda_, or_zero=True)
        self.like_identity = positive("identity", identity, or_zero=True)
        for name in ("pool_X", "pool_Y"):
            self.state(name, torch.zeros(whole_number("pool_size", pool_size, 1), *shape))
        self.state("held", torch.tensor(0))

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        like = self.parameter
        x, y = data.draw(n, streams, "data", like.device, like.dtype)
        if player == "generators":
            return Batch(x, y)
        coin = streams.uniform("noise", (n, 2), like.device)
        place = streams.uniform("noise", (n, 2), like.device) * len(self.pool_X)
        return Batch(x, y, coin, place.long())

    def generators_loss(self, batch: Batch, seen: Seen) -> Tensor:
        x, y, *_ = batch
        to_y, to_x = self.G(x), self.F(y)
        fooled = mse_loss(s := self.D_Y(to_y), torch.ones_like(s)) + mse_loss(s := self.D_X(to_x), torch.ones_like(s))
        cycle = l1_loss(self.F(to_y), x) + l1_loss(self.G(to_x), y)
        seen["cycle"] = cycle
        loss = fooled + self.lambda_ * cycle
        if self.like_identity:
            seen["identity"] = same = l1_loss(self.G(y), y) + l1_loss(self.F(x), x)
            loss = loss + self.lambda_ * self.like_identity * same
        return loss

    def discriminators_loss(self, batch: Batch, seen: Seen) -> Tensor:
        loss: Tensor | float = 0.0
        for i, (D, real, make, other, old) in enumerate(self._domains(batch)):
            with torch.no_grad():
                seen[f"made_{i}"] = new = make(other)
            fake = pool.shown(old, self.held, new, batch.coin[:, i], batch.place[:, i])
            loss = loss + mse_loss(s := D(real), torch.ones_like(s)) / 2 + D(fake).square().mean() / 2
        seen["coin"], seen["place"] = batch.coin, batch.place
        return loss

    def _domains(self, batch: Batch) -> Any:
        return (
            (self.D_X, batch.x, self.F, batch.y, self.pool_X), (self.D_Y, batch.y, self.G, batch.x, self.pool_Y)
        )  # fmt: skip

    def sample(self, n: int | None = None, *, x: Tensor | None = None, seed: int = 0) -> Tensor:
        """The translation G(x) of samples x (n, ...) of the first domain. Raises ValueError without them."""
        if x is None:
            raise ValueError("a CycleGAN translates: give x, samples of the first domain, such as data.sample(8).a.")
        with torch.no_grad(), evaluating(self.G):
            made: Tensor = self.G(torch.as_tensor(x).to(self.parameter))
        return made

    def sample_on(self, data: Data, n: int, *, seed: int = 0) -> Tensor:
        return self.sample(x=data.sample(n, torch.Generator().manual_seed(seed)).a)

    def target(self, data: Data) -> Data:
        return data.b  # type: ignore[attr-defined, no-any-return]

    def after_step(self, player: str, seen: Seen) -> None:
        if player == "discriminators":
            for i, old in enumerate((self.pool_X, self.pool_Y)):
                after, held = pool.pushed(old, self.held, seen[f"made_{i}"], seen["coin"][:, i], seen["place"][:, i])
                old.copy_(after)
            self.held.copy_(held)


def two_domains() -> Data:
    """Two rings of four points, the second larger and turned: a toy to translate between."""
    return data.unpaired(data.ring(modes=4, radius=1.0, std=0.05), data.moons())


@register(
    title="CycleGAN", paper="zhu2017", equation="eq. 1-3", chapter="24_translation",
    exact="test_cycle_consistency_is_zero_for_exact_inverses",
    experiment=lambda build: (build(hidden=(8,), pool_size=20), two_domains(), 20),
)  # fmt: skip
def cyclegan(
    lambda_: float = 10.0,
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
        lambda_=lambda_,
        identity=identity,
        pool_size=pool_size,
        optimisers=optimiser or Adam(2e-4, betas=(0.5, 0.999)),
    )
