"""Who plays: networks and the blocks they share."""

from gan_lab.nets.autoencoder import Autoencoder
from gan_lab.nets.conditional import Conditional
from gan_lab.nets.mlp import ACTIVATIONS, MLP
from gan_lab.nets.progressive import ProgressiveDiscriminator, ProgressiveGenerator
from gan_lab.nets.spectral import SpectralConv2d, SpectralLinear, SpectralNorm

__all__ = [
    "ACTIVATIONS", "MLP", "Autoencoder", "Conditional", "ProgressiveDiscriminator", "ProgressiveGenerator",
    "SpectralConv2d", "SpectralLinear", "SpectralNorm",
]  # fmt: skip
