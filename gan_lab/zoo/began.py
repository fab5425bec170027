"""BEGAN (Berthelot et al. 2017): the discriminator is an autoencoder, and a number keeps the players in balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from gan_lab import data
from gan_lab._errors import positive
from gan_lab.gan import GAN, Batch
from gan_lab.losses import Wasserstein
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.system import Seen
from gan_lab.zoo.recipe import ring_experiment
from gan_lab.zoo.registry import register


class BEGAN(GAN):
    """L_D = L(x) - k_t L(G(z_D));  L_G = L(G(z_G));  k_{t+1} = k_t + lambda_k (gamma L(x) - L(G(z_G)))  (section 3.4)

    gamma: the diversity ratio E L(G(z)) / E L(x) that the game is held at, in (0, 1] (eq. 4); lambda_k: the rate at
    which k_t, in [0, 1] and 0 at first, follows (eq. 5). The discriminator maps samples to samples.
    """

    k_t: Tensor

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, gamma: float = 0.5, lambda_k: float = 1e-3, **more: Any
    ) -> None:
        super().__init__(generator, discriminator, Wasserstein(), **more)
        self.gamma, self.lambda_k = positive("gamma", gamma), positive("lambda_k", lambda_k)
        if self.gamma > 1:
            raise ValueError(f"gamma is {gamma}: the ratio of generated to real energy is held in (0, 1].")
        self.state("k_t", 0.0)

    def score(self, v: Tensor, *told: Tensor) -> Tensor:
        """-L(v) = -|v - D(v)|, the mean over the numbers of each sample (eq. 1, eta = 1): high where v looks real."""
        return -(v - self.discriminator(v)).abs().flatten(1).mean(1)

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        seen["L_x"] = L_x = -self.score(batch.x).mean()
        return L_x + self.k_t * self.score(self.made(batch)).mean()

    def generator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        seen["L_G"] = L_G = -self.score(self.generate(batch)).mean()
        return L_G

    def after_step(self, player: str, seen: Seen) -> None:
        super().after_step(player, seen)
        if player == "generator":
            balance = self.gamma * seen["L_x"] - seen["L_G"]
            self.k_t.copy_((self.k_t + self.lambda_k * balance).clamp(0, 1))
            seen["k_t"] = self.k_t.clone()
            seen["M"] = seen["L_x"] + balance.abs()  # the convergence measure, section 3.4.1


@register(
    title="BEGAN", paper="berthelot2017", equation="section 3.4", chapter="19_energy_and_equilibrium",
    exact="test_began_balance_and_convergence_measure",
    experiment=ring_experiment,
)  # fmt: skip
def began(
    gamma: float = 0.5,
    lambda_k: float = 1e-3,
    inputs: int = 2,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    code: int = 1,
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
) -> BEGAN:
    """A toy: z uniform on [-1, 1]^inputs, an autoencoder with a code of ``code`` numbers, Adam 1e-4 as in the paper."""
    return BEGAN(
        MLP(inputs, outputs, hidden, activation),
        MLP(outputs, outputs, (*hidden, code, *reversed(tuple(hidden))), activation),
        gamma,
        lambda_k,
        prior=data.uniform_cube(inputs),
        optimisers=optimiser or Adam(1e-4),
    )
