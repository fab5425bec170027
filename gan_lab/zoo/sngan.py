"""SN-GAN (Miyato et al. 2018): every layer of the discriminator is divided by its spectral norm."""

from __future__ import annotations

from collections.abc import Sequence

from gan_lab.gan import GAN
from gan_lab.losses import Hinge
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.zoo.recipe import line_experiment
from gan_lab.zoo.registry import register


@register(
    title="SN-GAN", paper="miyato2018", equation="eq. 8, Algorithm 1", chapter="20_taming_the_discriminator",
    exact="test_spectral_norm_against_the_svd", experiment=line_experiment,
)  # fmt: skip
def sn_gan(
    inputs: int = 1,
    outputs: int = 1,
    hidden: Sequence[int] = (32, 32),
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
    k: int = 1,
) -> GAN:
    """A toy with the hinge loss (eq. 16-17): one power iteration a step of D; Adam 2e-4 with betas (0.5, 0.999)."""
    return GAN(
        MLP(inputs, outputs, hidden, activation),
        MLP(outputs, 1, hidden, activation, spectral_norm=True),
        Hinge(),
        optimisers=optimiser or Adam(2e-4, betas=(0.5, 0.999)),
        k=k,
    )
