"""A discriminator that generates by itself: its negatives are what it takes for real, found by walking uphill on it.

Energy-based: Du and Mordatch 2019; with a classifier's words, Lazarow et al. 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from gan_lab import data
from gan_lab._errors import positive, whole_number
from gan_lab.data.base import Distribution
from gan_lab.gan import logits
from gan_lab.initialise import evaluating
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import input_gradient
from gan_lab.random import Streams, seeded
from gan_lab.system import Data, Seen, System
from gan_lab.zoo import pool
from gan_lab.zoo.registry import register


class Batch(NamedTuple):
    """x (n, d): data; place, coin (n,): which chain goes on, and whether anew, from fresh (n, d); kicks (n, L, d)."""

    x: Any
    place: Tensor
    coin: Tensor
    fresh: Tensor
    kicks: Tensor


class NegativeSampling(System):
    """p(x) ~ exp(s(x)), s = -E. D minimises E s(x-) - E s(x+) + alpha E (s(x+)^2 + s(x-)^2) (Algorithm 1).

    x+ are data. The negatives x- are D's own: L steps x <- x + step / 2 grad s(x) + N(0, step) (Langevin, eq. 1-2),
    from where one of ``chains`` earlier negatives stood, or, with the chance ``restart``, from ``prior`` anew. A
    sample is a chain, L steps on. Without alpha the gradient is that of the likelihood, if the chains are as long as
    they should be.
    """

    players: Mapping[str, Sequence[str]] = {"discriminator": ("discriminator",)}
    averaged: Sequence[str] = ("discriminator",)

    def __init__(
        self, discriminator: nn.Module, prior: Distribution, *, length: int = 20, step: float = 0.01,
        alpha: float = 0.1, chains: int = 1_000, restart: float = 0.05, optimisers: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(optimisers, discriminator=discriminator)
        self.prior, self.length, self.step = prior, whole_number("length", length, 1), positive("step", step)
        self.alpha, self.restart = positive("alpha", alpha, or_zero=True), positive("restart", restart, or_zero=True)
        self.chains = whole_number("chains", chains, 1)
        self.state("negatives", prior.sample(chains, seeded(0)).float())

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        where = self.parameter.device, self.parameter.dtype
        drawn = data.draw(n, streams, "data", *where)
        place = streams.index("mix", self.chains, n, where[0])
        coin = streams.uniform("mix", (n,), where[0]).to(where[1])
        fresh = self.prior.draw(n, streams, "noise", *where)
        kicks = streams.normal("noise", (n, self.length, self.prior.dim), where[0]).to(where[1])
        return Batch(getattr(drawn, "x", drawn), place, coin, fresh, kicks)

    def score(self, x: Tensor) -> Tensor:
        """s(x) = -E(x), (n,)."""
        return logits(self.discriminator(x), len(x))

    def walk(self, x: Tensor, kicks: Tensor) -> Tensor:
        """Where Langevin's steps lead from x (n, d), with normal kicks (n, steps, d). No gradient follows."""
        for kick in kicks.unbind(1):
            x = (x + self.step / 2 * input_gradient(self.score, x) + math.sqrt(self.step) * kick).detach()
        return x

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        old = self.negatives[batch.place].to(batch.fresh)
        seen["x-"] = x = self.walk(torch.where(batch.coin[:, None] < self.restart, batch.fresh, old), batch.kicks)
        seen["place"] = batch.place
        real, fake = self.score(batch.x), self.score(x)
        seen["D_real"], seen["D_fake"] = real.mean(), fake.mean()
        return fake.mean() - real.mean() + self.alpha * (real.square() + fake.square()).mean()

    def after_step(self, player: str, seen: Seen) -> None:
        super().after_step(player, seen)
        self.negatives.copy_(pool.put(self.negatives, seen["place"], seen["x-"]))

    @torch.no_grad()
    def sample(self, n: int, *, seed: int = 0) -> Tensor:
        """n samples (n, d): chains drawn from those that are kept, each walked on by ``length`` steps."""
        chance = seeded(seed)
        place = torch.randint(self.chains, (whole_number("n", n, 1),), generator=chance)
        kicks = torch.randn(n, self.length, self.prior.dim, generator=chance).to(self.parameter)
        with evaluating(self.discriminator):
            return self.walk(self.negatives[place.to(self.negatives.device)].to(self.parameter), kicks)


@register(
    title="A discriminator that generates by itself", paper="du2019", equation="eq. 1-2, Algorithm 1",
    chapter="19_energy_and_equilibrium", exact="test_negatives_teach_the_gradient_of_the_likelihood",
    experiment=lambda build: (build(hidden=(8,), length=4, chains=50), data.ring(modes=8, std=0.05), 20),
)  # fmt: skip
def negative_sampling(
    length: int = 20,
    step: float = 0.01,
    alpha: float = 0.1,
    chains: int = 1_000,
    restart: float = 0.05,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    activation: str = "softplus",
    optimiser: Optimiser | None = None,
) -> NegativeSampling:
    """A toy: one smooth perceptron, chains that begin uniform on [-2, 2]^outputs; Adam 1e-3 with betas (0, 0.999)."""
    return NegativeSampling(
        MLP(outputs, 1, hidden, activation),
        data.uniform_cube(outputs, -2.0, 2.0),
        length=length,
        step=step,
        alpha=alpha,
        chains=chains,
        restart=restart,
        optimisers=optimiser or Adam(1e-3, betas=(0.0, 0.999)),
    )
