"""The toy that all losses are compared on: the same two networks, whatever they play for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gan_lab import data
from gan_lab.gan import GAN
from gan_lab.losses import Loss
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import Penalty
from gan_lab.system import Data, System


def toy(
    loss: Loss,
    penalties: Sequence[Penalty] = (),
    *,
    inputs: int = 1,
    outputs: int = 1,
    hidden: Sequence[int] = (32, 32),
    activation: str = "tanh",
    optimiser: Optimiser | None = None,
    k: int = 1,
    image: Sequence[int] | None = None,
) -> GAN:
    """A GAN of two small perceptrons: z in R^inputs -> samples in R^outputs, Adam 1e-3 with betas (0.5, 0.999).

    image: (channels, height, width) where samples are images in [-1, 1]; the generator then ends in tanh.
    """
    if image is None:
        generator = MLP(inputs, outputs, hidden, activation)
    else:
        channels, height, width = image
        generator = MLP(inputs, outputs, hidden, activation, final="tanh", image=(channels, height, width))
    return GAN(
        generator,
        MLP(outputs, 1, hidden, activation),
        loss,
        penalties,
        optimisers=optimiser or Adam(1e-3, betas=(0.5, 0.999)),
        k=k,
    )


def line_experiment(build: Callable[..., GAN]) -> tuple[GAN, Data, int]:
    """The smallest experiment: a normal distribution on the line, 20 steps."""
    return build(hidden=(8,)), data.gaussian(2.0, 0.5), 20


def ring_experiment(build: Callable[..., System]) -> tuple[System, Data, int]:
    """The smallest in the plane: a ring of eight modes, 20 steps."""
    return build(hidden=(8,)), data.ring(modes=8, std=0.05), 20
