"""Who plays: networks and the blocks they share."""

from gan_lab.nets.conditional import Conditional
from gan_lab.nets.mlp import ACTIVATIONS, MLP
from gan_lab.nets.progressive import ProgressiveDiscriminator, ProgressiveGenerator

__all__ = ["ACTIVATIONS", "MLP", "Conditional", "ProgressiveDiscriminator", "ProgressiveGenerator"]
