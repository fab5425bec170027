"""Relativistic pairing (Jolicoeur-Martineau 2019), alone and as in R3GAN (Huang et al. 2024)."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import Relativistic
from gan_lab.penalties import R1, R2
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="Relativistic pairing with R1 and R2", paper="huang2024", equation="eq. 2-3", chapter="07_losses",
    exact="test_relativistic_pairs_at_the_best_table", experiment=line_experiment, recorded="latent",
)  # fmt: skip
def relativistic_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """RpGAN + R1 + R2, the objective of R3GAN, on toy networks."""
    return toy(Relativistic(), [R1(gamma), R2(gamma)], **sizes)


@register(
    title="Relativistic pairing alone", paper="jolicoeur2019", equation="section 4.1",
    chapter="20_taming_the_discriminator", exact="test_relativistic_pairs_at_the_best_table",
    experiment=line_experiment,
)  # fmt: skip
def rpgan(**sizes: Any) -> GAN:
    """RpGAN: each real sample against a generated one, and no penalty: at its fixed point it circles, as a GAN."""
    return toy(Relativistic(), **sizes)
