"""Networks that grow: from small images to large ones, a level at a time (Karras et al. 2018)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, interpolate, leaky_relu, linear

from gan_lab._errors import whole_number

GROUP = 4  # samples whose spread the discriminator is shown together


class Equalised(nn.Module):
    """A linear layer, or with ``kernel`` a convolution, whose weights ~ N(0, 1) are scaled when they are used (4.1).

    The scale is He's, sqrt(2 / fan_in), so that Adam, which moves all weights alike, learns all layers alike.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int | None = None, gain: float = math.sqrt(2)) -> None:
        super().__init__()
        shape = (outputs, inputs) if kernel is None else (outputs, inputs, kernel, kernel)
        self.weight, self.bias = nn.Parameter(torch.empty(shape)), nn.Parameter(torch.empty(outputs))
        self.scale = gain / math.sqrt(math.prod(shape[1:]))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weights ~ N(0, 1), no bias."""
        nn.init.normal_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        if self.weight.ndim == 2:
            return linear(x, self.weight * self.scale, self.bias)
        return conv2d(x, self.weight * self.scale, self.bias, padding=self.weight.shape[2] // 2)

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}"


class PixelNorm(nn.Module):
    """Every pixel's features divided by their root mean square (4.2): (n, channels, ...) of the same shape."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def minibatch_deviation(x: Tensor, group: int = GROUP) -> Tensor:
    """One more channel: the standard deviation over groups of samples, averaged over features and pixels (section 3).

    x: (n, channels, height, width) -> (n, channels + 1, height, width). Raises ValueError where ``group`` does not
    divide n. A batch of equal samples gets 0.
    """
    n, _, height, width = x.shape
    if n % group:
        raise ValueError(f"{n} samples are no whole number of groups of {group}: choose a batch that is a multiple.")
    grouped = x.unflatten(0, (n // group, group))
    spread = (grouped.var(1, correction=0) + 1e-8).sqrt().flatten(1).mean(1) - 1e-4  # 1e-4 = sqrt(1e-8): 0 stays 0
    channel = spread.repeat_interleave(group).reshape(n, 1, 1, 1).expand(n, 1, height, width)
    return torch.cat([x, channel], 1)


def faded(old: Tensor, new: Tensor, alpha: Tensor) -> Tensor:
    """(1 - alpha) old + alpha new, alpha (n,) in [0, 1]: a level comes in smoothly (Figure 2)."""
    share = alpha.reshape(-1, *[1] * (new.ndim - 1)).to(new.dtype)
    return (1 - share) * old + share * new


class _Act(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return leaky_relu(x, 0.2)


class ProgressiveGenerator(nn.Module):
    """z (n, inputs) -> images of side ``start * 2^level``; the top level is faded in by alpha (n,)."""

    def __init__(self, inputs: int, start: int, levels: int, channels: int = 16, colours: int = 1) -> None:
        super().__init__()
        self.inputs, self.start, self.levels = inputs, start, whole_number("levels", levels, 1)
        self.first = nn.Sequential(
            PixelNorm(), Equalised(inputs, channels * start**2, gain=math.sqrt(2) / 4),
            nn.Unflatten(1, (channels, start, start)), _Act(), PixelNorm(),
            Equalised(channels, channels, 3), _Act(), PixelNorm(),
        )  # fmt: skip
        self.grow = nn.ModuleList(
            nn.Sequential(
                nn.Upsample(scale_factor=2), Equalised(channels, channels, 3), _Act(), PixelNorm(),
                Equalised(channels, channels, 3), _Act(), PixelNorm(),
            )
            for _ in range(levels - 1)
        )  # fmt: skip
        self.to_image = nn.ModuleList(Equalised(channels, colours, 1, gain=1) for _ in range(levels))

    def forward(self, z: Tensor, alpha: Tensor, level: int) -> Tensor:
        features = self.first(z)
        for grow in self.grow[: max(0, level - 1)]:
            features = grow(features)
        image: Tensor = self.to_image[max(0, level - 1)](features)
        if level == 0:
            return image
        return faded(interpolate(image, scale_factor=2), self.to_image[level](self.grow[level - 1](features)), alpha)


class ProgressiveDiscriminator(nn.Module):
    """Images of side ``start * 2^level`` -> scores (n, 1); the level is read off their side."""

    def __init__(self, start: int, levels: int, channels: int = 16, colours: int = 1) -> None:
        super().__init__()
        self.start, self.levels = start, levels
        self.from_image = nn.ModuleList(
            nn.Sequential(Equalised(colours, channels, 1), _Act()) for _ in range(levels)
        )
        self.shrink = nn.ModuleList(
            nn.Sequential(
                Equalised(channels, channels, 3), _Act(), Equalised(channels, channels, 3), _Act(), nn.AvgPool2d(2)
            )
            for _ in range(levels - 1)
        )
        conv, dense = Equalised(channels + 1, channels, 3), Equalised(channels * start**2, channels)
        self.last = nn.ModuleList([conv, dense, Equalised(channels, 1, gain=1)])

    def forward(self, x: Tensor, alpha: Tensor) -> Tensor:
        level = round(math.log2(x.shape[-1] / self.start))
        features = self.from_image[level](x)
        if level:
            features = faded(self.from_image[level - 1](avg_pool2d(x, 2)), self.shrink[level - 1](features), alpha)
            for i in range(level - 2, -1, -1):
                features = self.shrink[i](features)
        conv, dense, out = self.last
        features = leaky_relu(conv(minibatch_deviation(features)), 0.2)
        scores: Tensor = out(leaky_relu(dense(features.flatten(1)), 0.2))
        return scores
