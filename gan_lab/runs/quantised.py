"""A perceptron in a byte a weight, and images in a few grey levels, as bytes that a page unpacks."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan_lab.nets import MLP

ACTIVATIONS = {nn.Tanh: "tanh", nn.ReLU: "relu", nn.LeakyReLU: "leaky_relu"}  # what the page can play
TOP = 127  # a weight is -127 ... 127 times its row's scale


@dataclass(frozen=True)
class Layer:
    """One layer of a perceptron: weight (outputs, inputs), bias (outputs,), and the activation behind it."""

    weight: Tensor
    bias: Tensor
    activation: str


def fold(network: MLP) -> list[Layer]:
    """The layers of a perceptron in evaluation mode, each batch norm worked into the layer before it.

    Raises ValueError for a module that a page cannot play.
    """
    layers: list[Layer] = []
    weight, bias = torch.empty(0), torch.empty(0)
    for module in network:
        if isinstance(module, nn.Linear):
            weight, bias = module.weight.detach().double(), module.bias.detach().double()
        elif isinstance(module, nn.BatchNorm1d):
            mean, variance = module.running_mean, module.running_var
            assert mean is not None and variance is not None
            scale = module.weight.detach().double() / (variance.double() + module.eps).sqrt()
            weight, bias = weight * scale[:, None], (bias - mean.double()) * scale + module.bias.detach().double()
        elif type(module) in ACTIVATIONS:
            layers.append(Layer(weight, bias, ACTIVATIONS[type(module)]))
        else:
            raise ValueError(f"a page cannot play {module}: build the generator from tanh, relu or leaky_relu.")
    if len(layers) != len(network.sizes) - 1:
        raise ValueError("the generator's last layer has no activation: images in [-1, 1] need final='tanh'.")
    return layers


def pack(layers: Sequence[Layer]) -> bytes:
    """For each layer: a float32 scale and bias an output, then its weights as int8, row by row."""
    parts = []
    for layer in layers:
        scale = (layer.weight.abs().amax(1) / TOP).clamp(min=1e-12).float()
        whole = (layer.weight / scale[:, None]).round().clamp(-TOP, TOP).to(torch.int8)
        parts += [scale.numpy().astype("<f4").tobytes(), layer.bias.numpy().astype("<f4").tobytes()]
        parts.append(whole.numpy().tobytes())
    return b"".join(parts)


def packed_size(sizes: Sequence[int]) -> int:
    """Bytes that :func:`pack` writes for a perceptron of these sizes."""
    return sum((8 + before) * after for before, after in zip(sizes[:-1], sizes[1:], strict=True))


def unpack(content: bytes, sizes: Sequence[int], activation: str, final: str, image: tuple[int, int, int]) -> MLP:
    """The perceptron of these bytes in float32, in evaluation mode."""
    network = MLP(sizes[0], sizes[-1], sizes[1:-1], activation, final=final, image=image)
    at = 0
    for linear in (module for module in network if isinstance(module, nn.Linear)):
        outputs, inputs = linear.weight.shape
        scale, bias = np.frombuffer(content, "<f4", 2 * outputs, at).reshape(2, -1)
        at += 8 * outputs
        whole = np.frombuffer(content, np.int8, outputs * inputs, at).reshape(outputs, inputs)
        at += outputs * inputs
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(scale[:, None] * whole.astype(np.float32)))
            linear.bias.copy_(torch.from_numpy(bias.copy()))
    return network.requires_grad_(False).eval()


def squeeze(content: bytes) -> str:
    """Deflated, as base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def expand(text: str, size: int) -> bytes:
    """What :func:`squeeze` was given; raises ValueError unless it has ``size`` bytes."""
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(base64.b64decode(text, validate=True), size)
        # a byte more than there should be is as wrong as one less; a bomb is not unpacked
        whole = len(content) == size and not inflate.decompress(inflate.unconsumed_tail, 1) and inflate.eof
    except zlib.error as error:
        raise ValueError(f"its bytes cannot be unpacked ({error})") from None
    if not whole:
        raise ValueError(f"it does not unpack to {size:,} bytes")
    return content
