"""LSGAN (Mao et al. 2017): the discriminator regresses on targets instead of classifying."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import LeastSquares
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="LSGAN", paper="mao2017", equation="eq. 9", chapter="07_losses",
    exact="test_least_squares_at_the_best_table", experiment=line_experiment,
)  # fmt: skip
def lsgan(**sizes: Any) -> GAN:
    """Least squares on the targets 0, 1, 1."""
    return toy(LeastSquares(), **sizes)
