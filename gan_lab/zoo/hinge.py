"""The hinge loss (Lim and Ye 2017): only samples within the margin teach the discriminator."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import Hinge
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="GAN with the hinge loss", paper="lim2017", equation="eq. 10-11", chapter="07_losses",
    exact="test_hinge_at_the_best_table_is_total_variation", experiment=line_experiment,
)  # fmt: skip
def hinge_gan(**sizes: Any) -> GAN:
    """The hinge loss, as in the geometric GAN and later SN-GAN, SAGAN and BigGAN."""
    return toy(Hinge(), **sizes)
