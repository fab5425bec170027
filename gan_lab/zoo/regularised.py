"""R1 and R2 (Mescheder et al. 2018): a penalty on the discriminator's slope, where the data or the samples lie."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import NonSaturating
from gan_lab.penalties import R1, R2
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register

TAMING = "20_taming_the_discriminator"


@register(
    title="R1-regularised GAN", paper="mescheder2018", equation="eq. 9", chapter="07_losses",
    exact="test_penalties_on_a_straight_critic", experiment=line_experiment,
)  # fmt: skip
def r1_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """A gradient penalty on real data makes the game's fixed point attractive; with the non-saturating loss."""
    return toy(NonSaturating(), [R1(gamma)], **sizes)


@register(
    title="R2-regularised GAN", paper="mescheder2018", equation="eq. 10", chapter=TAMING,
    exact="test_eigenvalues_of_the_dirac_gan_under_every_penalty", experiment=line_experiment,
)  # fmt: skip
def r2_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """The gradient penalty on generated samples instead: it damps the game's fixed point as R1 does."""
    return toy(NonSaturating(), [R2(gamma)], **sizes)


@register(
    title="GAN with R1 and R2", paper="mescheder2018", equation="eq. 9-10", chapter=TAMING,
    exact="test_eigenvalues_of_the_dirac_gan_under_every_penalty", experiment=line_experiment,
)  # fmt: skip
def r1_r2_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """Both gradient penalties, each of weight gamma: together they damp as one of twice the weight."""
    return toy(NonSaturating(), [R1(gamma), R2(gamma)], **sizes)
