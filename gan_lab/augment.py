"""What stands before the discriminator: a transformation T(x, u) of all that it is shown, real and generated.

One hook serves them all. The randomness u is drawn with the rest of a move's, and T is differentiable in x, so that the
generator learns through it (Zhao et al. 2020, "Differentiable augmentation", eq. 4-5).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

from gan_lab._errors import positive
from gan_lab.random import Streams


class Augmentation(ABC):
    """T(x, u): samples x (n, ...) and the randomness ``draw`` gave for them, to samples of the same shape."""

    @abstractmethod
    def draw(self, n: int, dim: int, streams: Streams, device: torch.device, dtype: torch.dtype) -> Any:
        """The randomness for n samples of ``dim`` numbers, from the stream "augmentation": tensors of n rows."""

    @abstractmethod
    def __call__(self, x: Tensor, u: Any) -> Tensor:
        """The samples as the discriminator sees them, (n, ...); differentiable in x."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"


class InstanceNoise(Augmentation):
    """x + std * e, e standard normal: two distributions on thin sets then overlap (Sonderby et al. 2017, section 3.2).

    Raises ValueError for a standard deviation below 0.
    """

    def __init__(self, std: float) -> None:
        self.std = positive("instance_noise", std, or_zero=True)

    def draw(self, n: int, dim: int, streams: Streams, device: torch.device, dtype: torch.dtype) -> Tensor:
        return self.std * streams.normal("augmentation", (n, dim), device).to(dtype)

    def __call__(self, x: Tensor, u: Tensor) -> Tensor:
        return x + u.reshape(x.shape)
