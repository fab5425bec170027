"""Other distances: what changes against the plain GAN is the loss, and what keeps the discriminator in bounds."""

from __future__ import annotations

from typing import Any

from gan_lab.gan import GAN
from gan_lab.losses import Hinge, LeastSquares, NonSaturating, Relativistic, Wasserstein
from gan_lab.optim import Adam, Optimiser, RMSProp
from gan_lab.penalties import R1, R2, WGANGP, Clip
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register

CHAPTER = "07_losses"


@register(
    title="LSGAN", paper="mao2017", equation="eq. 9", chapter=CHAPTER,
    exact="test_least_squares_at_the_best_table", experiment=line_experiment,
)  # fmt: skip
def lsgan(**sizes: Any) -> GAN:
    """Least squares on the targets 0, 1, 1."""
    return toy(LeastSquares(), **sizes)


@register(
    title="WGAN", paper="arjovsky2017", equation="eq. 2, Algorithm 1", chapter=CHAPTER,
    exact="test_clip_bounds_every_parameter", experiment=line_experiment,
)  # fmt: skip
def wgan(c: float = 0.01, k: int = 5, optimiser: Optimiser | None = None, **sizes: Any) -> GAN:
    """Weights clipped to [-c, c], five critic steps, RMSProp 5e-5: the paper's Algorithm 1 and its defaults."""
    return toy(Wasserstein(), [Clip(c)], k=k, optimiser=optimiser or RMSProp(5e-5), **sizes)


@register(
    title="WGAN-GP", paper="gulrajani2017", equation="eq. 3, Algorithm 1", chapter=CHAPTER,
    exact="test_penalties_on_a_straight_critic", experiment=line_experiment,
)  # fmt: skip
def wgan_gp(weight: float = 10.0, k: int = 5, optimiser: Optimiser | None = None, **sizes: Any) -> GAN:
    """Gradient penalty of weight 10, five critic steps, Adam 1e-4 with betas (0, 0.9): Algorithm 1 and its defaults."""
    return toy(Wasserstein(), [WGANGP(weight)], k=k, optimiser=optimiser or Adam(1e-4, betas=(0.0, 0.9)), **sizes)


@register(
    title="GAN with the hinge loss", paper="lim2017", equation="eq. 10-11", chapter=CHAPTER,
    exact="test_hinge_at_the_best_table_is_total_variation", experiment=line_experiment,
)  # fmt: skip
def hinge_gan(**sizes: Any) -> GAN:
    """The hinge loss, as in the geometric GAN and later SN-GAN, SAGAN and BigGAN."""
    return toy(Hinge(), **sizes)


@register(
    title="R1-regularised GAN", paper="mescheder2018", equation="eq. 9", chapter=CHAPTER,
    exact="test_penalties_on_a_straight_critic", experiment=line_experiment,
)  # fmt: skip
def r1_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """A gradient penalty on real data makes the game's fixed point attractive; with the non-saturating loss."""
    return toy(NonSaturating(), [R1(gamma)], **sizes)


@register(
    title="Relativistic pairing with R1 and R2", paper="huang2024", equation="eq. 2-3", chapter=CHAPTER,
    exact="test_relativistic_pairs_at_the_best_table", experiment=line_experiment, recorded="latent",
)  # fmt: skip
def relativistic_gan(gamma: float = 1.0, **sizes: Any) -> GAN:
    """RpGAN + R1 + R2, the objective of R3GAN, on toy networks."""
    return toy(Relativistic(), [R1(gamma), R2(gamma)], **sizes)
