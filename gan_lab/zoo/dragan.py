"""DRAGAN (Kodali et al. 2017): the discriminator has slope 1 around the data, not between data and samples."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import NonSaturating
from gan_lab.penalties import DRAGAN
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="DRAGAN", paper="kodali2017", equation="Algorithm 1", chapter="20_taming_the_discriminator",
    exact="test_dragan_looks_around_the_data", experiment=line_experiment,
)  # fmt: skip
def dragan(weight: float = 10.0, noise: float = 0.25, **sizes: Any) -> GAN:
    """The non-saturating loss and a penalty of weight 10 around the data; one step of each player."""
    return toy(NonSaturating(), [DRAGAN(weight, noise)], **sizes)
