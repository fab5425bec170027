"""Unrolled GAN (Metz et al. 2017): the generator looks at the discriminator as it will be after K steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gan_lab import data
from gan_lab._errors import positive, unknown, whole_number
from gan_lab.gan import GAN, Batch
from gan_lab.losses import Loss, NonSaturating
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import transformed
from gan_lab.system import Seen
from gan_lab.train.shard import mean_over_processes
from gan_lab.zoo.registry import register

Weights = dict[str, Tensor]
INNER = ("sgd", "adam")


class UnrolledGAN(GAN):
    """G minimises f_K = f(theta_G, theta_D^K), with theta_D^{k+1} = theta_D^k - eta df / dtheta_D^k (eq. 7-9).

    theta_D^0 is the discriminator as it stands; f is its loss on the samples of G's own move. The gradient of f_K goes
    through all K steps (eq. 12): G hears how D would answer it. D itself takes its usual step.
    unroll: K, 0 for the GAN; eta: the rate of the steps that are thought ahead; inner: "sgd" for eq. 8 or "adam" for
    Adam's steps, betas (0.5, 0.999), from moments of 0. Penalties are not thought ahead.
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, loss: Loss | None = None, *, unroll: int = 5,
        eta: float = 0.1, inner: str = "sgd", **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(generator, discriminator, loss, **more)
        self.unroll, self.eta, self.inner = whole_number("unroll", unroll, 0), positive("eta", eta), inner
        if inner not in INNER:
            raise unknown("inner optimiser", inner, INNER)

    def sees_data(self, player: str) -> bool:
        return super().sees_data(player) or self.unroll > 0

    def generator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        if self.unroll == 0:
            return super().generator_loss(batch, seen)
        told, real = self.conditions(batch), self.shown(batch.x, batch.u_real)
        fake = self.shown(self.generate(batch), batch.u_fake)
        ahead = self.unrolled(real, fake, told)
        loss = self.loss.generator(self.score_by(ahead, fake, *told), self.score_by(ahead, real, *told))
        return sum(self._of_weights("generator", batch, seen), start=loss)

    def unrolled(self, real: Tensor, fake: Tensor, told: tuple[Tensor, ...] = ()) -> Weights:
        """theta_D^K by name, with its graph back to the samples (n, ...) that it was taught with."""

        def f(weights: Weights) -> Tensor:
            return self.loss.discriminator(self.score_by(weights, real, *told), self.score_by(weights, fake, *told))

        owned = {name: p.detach() for name, p in self.discriminator.named_parameters()}
        weights = {name: owned[name] for name in owned if f"discriminator.{name}" in self.moving("discriminator")}
        mean = square = dict.fromkeys(weights, torch.zeros(()).to(fake))
        for k in range(1, self.unroll + 1):
            step = {name: mean_over_processes(slope) for name, slope in gradient(f, weights).items()}
            if self.inner == "adam":
                mean = {name: 0.5 * mean[name] + 0.5 * g for name, g in step.items()}
                square = {name: 0.999 * square[name] + 0.001 * g.square() for name, g in step.items()}
                # what is added within the root hides in rounding; without it the slope of the root at 0 is infinite
                root = {name: (v / (1 - 0.999**k) + 1e-30).sqrt() + 1e-8 for name, v in square.items()}
                step = {name: m / (1 - 0.5**k) / root[name] for name, m in mean.items()}
            weights = {name: weight - self.eta * step[name] for name, weight in weights.items()}
        return weights


def gradient(f: Callable[[Weights], Tensor], at: Weights) -> Weights:
    """The gradient of a scalar of named tensors, with its graph."""
    if transformed():
        slopes: Weights = torch.func.grad(f)(at)
        return slopes
    with torch.enable_grad():
        at = {name: tensor if tensor.requires_grad else tensor.requires_grad_() for name, tensor in at.items()}
        return dict(zip(at, torch.autograd.grad(f(at), list(at.values()), create_graph=True), strict=True))


@register(
    title="Unrolled GAN", paper="metz2017", equation="eq. 7-12", chapter="09_when_it_fails",
    exact="test_one_unrolled_step_of_the_dirac_gan",
    experiment=lambda build: (build(hidden=(8,), unroll=2), data.gaussian(2.0, 0.5), 20),
)  # fmt: skip
def unrolled_gan(
    unroll: int = 5,
    eta: float = 0.1,
    inner: Literal["sgd", "adam"] = "sgd",
    inputs: int = 1,
    outputs: int = 1,
    hidden: Sequence[int] = (32, 32),
    activation: str = "tanh",
    optimiser: Optimiser | None = None,
    k: int = 1,
) -> UnrolledGAN:
    """The toy GAN with five steps thought ahead; Adam 1e-3 with betas (0.5, 0.999). unroll=0 is the GAN itself."""
    return UnrolledGAN(
        MLP(inputs, outputs, hidden, activation),
        MLP(outputs, 1, hidden, activation),
        NonSaturating(),
        unroll=unroll,
        eta=eta,
        inner=inner,
        optimisers=optimiser or Adam(1e-3, betas=(0.5, 0.999)),
        k=k,
    )
