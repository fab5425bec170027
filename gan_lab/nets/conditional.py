"""Networks that are told something besides their input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lab._errors import whole_number
from gan_lab.nets.mlp import MLP


def one_hot(y: Tensor, classes: int, like: Tensor) -> Tensor:
    """Labels (n,) in 0 .. classes - 1 as rows with a single 1, (n, classes), of the type of ``like``."""
    # torch's own looks at the values, which many seeds at once and compilers cannot
    return (y[:, None] == torch.arange(classes, device=y.device)).to(like.dtype)


class Conditional(nn.Module):
    """A perceptron that is told a label: x (n, ...) and y (n,) -> what ``network`` makes of both, side by side.

    network: an MLP with as many inputs as x has numbers, and one for each of the classes (Mirza and Osindero 2014,
    section 3.2). Raises ValueError where it has not.
    """

    def __init__(self, network: MLP, classes: int) -> None:
        super().__init__()
        self.network, self.classes = network, whole_number("classes", classes, 1)
        self.inputs = network.inputs - classes
        if self.inputs < 1:
            raise ValueError(f"an MLP with {network.inputs} inputs has no room for {classes} classes and a sample.")

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        made: Tensor = self.network(torch.cat([x.flatten(1), one_hot(y, self.classes, x)], dim=1))
        return made
