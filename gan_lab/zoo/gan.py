"""The GAN itself (Goodfellow et al. 2014), as a toy and as the multilayer perceptron for digits."""

from __future__ import annotations

from typing import Any

from gan_lab import data
from gan_lab.gan import GAN
from gan_lab.losses import Minimax, NonSaturating
from gan_lab.nets import MLP
from gan_lab.optim import Adam
from gan_lab.zoo.recipe import line_experiment, toy
from gan_lab.zoo.registry import register


@register(
    title="GAN with the minimax loss", paper="goodfellow2014", equation="eq. 1, Algorithm 1",
    chapter="05_value_function", exact="test_minimax_at_the_best_table_is_jsd", experiment=line_experiment,
)  # fmt: skip
def minimax_gan(**sizes: Any) -> GAN:
    """The game as stated: G minimises E log(1 - D(G(z)))."""
    return toy(Minimax(), **sizes)


@register(
    title="GAN with the non-saturating loss", paper="goodfellow2014", equation="section 3",
    chapter="06_training_loop", exact="test_the_generator_is_heard_at_logit_minus_40", experiment=line_experiment,
)  # fmt: skip
def gan(**sizes: Any) -> GAN:
    """The GAN as trained: G maximises E log D(G(z))."""
    return toy(NonSaturating(), **sizes)


@register(
    title="The multilayer-perceptron GAN for digits", paper="goodfellow2014", equation="section 3, section 5",
    chapter="06_training_loop", exact="test_listing_by_hand_gives_the_same_numbers",
    experiment=lambda build: (build(), data.digits("embedded"), 20), recorded="digits",
)  # fmt: skip
def mlp_gan(joint: bool | None = None) -> GAN:
    """100-128-256-512-784 against 784-512-256-1, as in many first listings of a GAN on MNIST.

    LeakyReLU 0.2 everywhere, batch norm on the generator's second and third hidden layer, tanh at its end; Adam
    2e-4 with betas (0.5, 0.999). Train it with batches of 64. joint: as in :class:`~gan_lab.GAN`.
    """
    generator = MLP(
        100,
        784,
        (128, 256, 512),
        "leaky_relu",
        batch_norm=(False, True, True),
        final="tanh",
        image=(1, 28, 28),
    )
    discriminator = MLP(784, 1, (512, 256), "leaky_relu")
    return GAN(generator, discriminator, NonSaturating(), optimisers=Adam(2e-4, betas=(0.5, 0.999)), joint=joint)
