"""WGAN (Arjovsky et al. 2017) and WGAN-GP (Gulrajani et al. 2017): a critic that must not be steep."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import Wasserstein
from gan_lab.optim import Adam, Optimiser, RMSProp
from gan_lab.penalties import WGANGP, Clip
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="WGAN", paper="arjovsky2017", equation="eq. 2, Algorithm 1", chapter="07_losses",
    exact="test_clip_bounds_every_parameter", experiment=line_experiment,
)  # fmt: skip
def wgan(c: float = 0.01, k: int = 5, optimiser: Optimiser | None = None, **sizes: Any) -> GAN:
    """Weights clipped to [-c, c], five critic steps, RMSProp 5e-5: the paper's Algorithm 1 and its defaults."""
    return toy(Wasserstein(), [Clip(c)], k=k, optimiser=optimiser or RMSProp(5e-5), **sizes)


@register(
    title="WGAN-GP", paper="gulrajani2017", equation="eq. 3, Algorithm 1", chapter="07_losses",
    exact="test_penalties_on_a_straight_critic", experiment=line_experiment,
)  # fmt: skip
def wgan_gp(weight: float = 10.0, k: int = 5, optimiser: Optimiser | None = None, **sizes: Any) -> GAN:
    """Gradient penalty of weight 10, five critic steps, Adam 1e-4 with betas (0, 0.9): Algorithm 1 and its defaults."""
    return toy(Wasserstein(), [WGANGP(weight)], k=k, optimiser=optimiser or Adam(1e-4, betas=(0.0, 0.9)), **sizes)
