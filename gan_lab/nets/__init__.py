"""Who plays: networks and the blocks they share."""

from gan_lab.nets.mlp import ACTIVATIONS, MLP

__all__ = ["ACTIVATIONS", "MLP"]
