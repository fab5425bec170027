"""PGGAN (Karras et al. 2018): both networks grow, and every new level is faded in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from gan_lab import data
from gan_lab._errors import whole_number
from gan_lab.gan import GAN, Batch
from gan_lab.initialise import evaluating
from gan_lab.losses import Wasserstein
from gan_lab.nets import ProgressiveDiscriminator, ProgressiveGenerator
from gan_lab.nets.progressive import faded
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import WGANGP, Drift
from gan_lab.random import Streams, seeded
from gan_lab.schedules import Linear
from gan_lab.system import Data, Seen
from gan_lab.zoo.registry import register


class PGGAN(GAN):
    """WGAN-GP on images that double their side (section 2). Level 0 lasts ``steady`` steps, each further one ``fade``
    steps in which alpha goes from 0 to 1 and ``steady`` steps more; Adam forgets its moments where a level begins.

    Real images are brought to the same resolution and faded alike. Samples are shown at the final size.
    """

    level: Tensor
    alpha: Tensor

    def __init__(
        self, generator: ProgressiveGenerator, discriminator: ProgressiveDiscriminator,
        fade: int, steady: int, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(generator, discriminator, Wasserstein(), [WGANGP(10.0), Drift(1e-3)], joint=False, **more)
        self.fade, self.steady = Linear(0.0, 1.0, steps=fade), whole_number("steady", steady, 1)
        self.start, self.levels = generator.start, generator.levels
        self.state("level", torch.tensor(0))
        self.state("alpha", 1.0)

    def phase(self, step: int) -> int:
        """The level at a step."""
        return min(self.levels - 1, (step + self.fade.steps) // (self.fade.steps + self.steady))

    def fade_at(self, step: int) -> float:
        """alpha at a step: how far the present level has come in."""
        level = self.phase(step)
        return self.fade(step - level * (self.fade.steps + self.steady) + self.fade.steps) if level else 1.0

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        batch, side = super().draw(player, data, n, streams, step), self.start * 2 ** self.phase(step)
        alpha = self.parameter.new_full((n,), self.fade_at(step))
        if batch.x is None:  # the generator's move sees no data, but must know how large its images are
            return batch._replace(x=alpha.new_zeros(n, 1, side, side), extra={"alpha": alpha})
        x = adaptive_avg_pool2d(batch.x, side)
        if side > self.start:
            x = faded(interpolate(adaptive_avg_pool2d(x, side // 2), scale_factor=2), x, alpha)
        return batch._replace(x=x, extra={"alpha": alpha})

    def conditions(self, batch: Batch) -> tuple[Tensor, ...]:
        return (batch.extra["alpha"],)

    def generate(self, batch: Batch) -> Tensor:
        level = (batch.x.shape[-1] // self.start).bit_length() - 1
        made: Tensor = self.generator(batch.z, batch.extra["alpha"], level)
        return made

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        seen["alpha"], seen["side"] = batch.extra["alpha"].mean(), batch.z.new_full((), batch.x.shape[-1])
        return super().discriminator_loss(batch, seen)

    def after_step(self, player: str, seen: Seen) -> None:
        super().after_step(player, seen)
        if player == "discriminator":
            self.alpha.copy_(seen["alpha"])
            self.level.copy_((seen["side"] / self.start).log2().round())

    @torch.no_grad()
    def sample(self, n: int | None = None, *, z: Tensor | None = None, seed: int = 0, **_: Any) -> Tensor:
        """n samples (or those of ``z``) at the level that training has reached, scaled to the final size."""
        z = self.prior.sample(whole_number("n", n, 1), seeded(seed)) if z is None else z
        with evaluating(self.generator):
            made: Tensor = self.generator(z.to(self.parameter), self.alpha.expand(len(z)), int(self.level))
        return interpolate(made, size=self.start * 2 ** (self.levels - 1))


@register(
    title="PGGAN", paper="karras2018", equation="section 2, A.1", chapter="28_growing",
    exact="test_at_alpha_0_and_1_a_growing_network_is_the_coarse_and_the_fine_one",
    experiment=lambda build: (build(inputs=8, channels=4, fade=4, steady=4), data.digits("embedded"), 20),
)  # fmt: skip
def pggan(
    inputs: int = 64,
    image: Sequence[int] = (1, 28, 28),
    levels: int = 3,
    channels: int = 16,
    fade: int = 1_000,
    steady: int = 1_000,
    optimiser: Optimiser | None = None,
) -> PGGAN:
    """Small images of an even side, level by level (7, 14 and 28 for digits); Adam 1e-3 with betas (0, 0.99) (A.1)."""
    colours, _, side = image
    start, rest = divmod(side, 2 ** (levels - 1))
    if rest or start < 1:
        raise ValueError(f"a side of {side} cannot be halved {levels - 1} times: choose fewer levels.")
    return PGGAN(
        ProgressiveGenerator(inputs, start, levels, channels, colours),
        ProgressiveDiscriminator(start, levels, channels, colours),
        fade,
        steady,
        optimisers=optimiser or Adam(1e-3, betas=(0.0, 0.99)),
    )
