"""The multilayer perceptron, for points and for small images."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from torch import Tensor, nn

from gan_lab._errors import unknown, whole_number
from gan_lab.nets.spectral import SpectralLinear

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "softplus": nn.Softplus,
    "sigmoid": nn.Sigmoid,
}


class MLP(nn.Sequential):
    """inputs -> hidden layers -> outputs: Linear, (batch norm,) activation, ..., Linear, then nothing but ``final``.

    Input (n, inputs) or images with ``inputs`` numbers, which are flattened; output (n, outputs), or images of shape
    ``image`` = (channels, height, width). A discriminator has ``outputs=1`` and no ``final``: it puts out a logit.
    ``batch_norm`` says which hidden layers are normalised before their activation: one bool for all, or one each.
    ``spectral_norm``: every linear layer is a :class:`~gan_lab.nets.SpectralLinear`.
    Raises ValueError for an unknown activation, sizes below 1, or an ``image`` that has not ``outputs`` numbers.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        hidden: Sequence[int] = (32, 32),
        activation: str = "tanh",
        *,
        batch_norm: bool | Sequence[bool] = False,
        final: str | None = None,
        image: tuple[int, int, int] | None = None,
        spectral_norm: bool = False,
    ) -> None:
        for name in (activation, final):
            if name is not None and name not in ACTIVATIONS:
                raise unknown("activation", name, ACTIVATIONS)
        if isinstance(hidden, int) or not isinstance(hidden, Iterable):
            raise TypeError(f"hidden is {hidden!r}: give the units of each hidden layer, such as ({hidden},).")
        hidden = tuple(hidden)
        self_sizes = [whole_number("a layer's size", s, 1) for s in (inputs, *hidden, outputs)]
        normalised = [batch_norm] * len(hidden) if isinstance(batch_norm, bool) else list(batch_norm)
        if len(normalised) != len(hidden):
            raise ValueError(
                f"batch_norm has {len(normalised)} entries for {len(hidden)} hidden layers: give one each."
            )
        if image is not None and math.prod(image) != outputs:
            raise ValueError(f"an image of shape {image} has {math.prod(image)} numbers, but outputs is {outputs}.")
        linear = SpectralLinear if spectral_norm else nn.Linear
        layers: list[nn.Module] = []
        for before, after, normal in zip(self_sizes[:-2], self_sizes[1:-1], normalised, strict=True):
            layers += [
                linear(before, after),
                *([nn.BatchNorm1d(after)] if normal else []),
                ACTIVATIONS[activation](),
            ]
        layers.append(linear(self_sizes[-2], outputs))
        if final is not None:
            layers.append(ACTIVATIONS[final]())
        super().__init__(*layers)
        self.sizes, self.activation, self.image = tuple(self_sizes), activation, image
        # what the page's engine can play: nothing but linear layers and one activation
        self.plain = final is None and not any(normalised) and image is None and not spectral_norm

    @property
    def inputs(self) -> int:
        """Numbers in one input."""
        return self.sizes[0]

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim < 2 or len(x) == 0 or x.numel() != len(x) * self.inputs:
            raise ValueError(f"this MLP expects (n, {self.inputs}) with n > 0, but got shape {tuple(x.shape)}.")
        y = super().forward(x.flatten(1))
        return y if self.image is None else y.unflatten(1, self.image)
