"""PacGAN (Lin et al. 2018): the discriminator judges m samples at once, so that a lack of variety shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gan_lab._errors import whole_number
from gan_lab.gan import GAN, Batch
from gan_lab.losses import Loss, NonSaturating
from gan_lab.nets import MLP
from gan_lab.optim import Adam, Optimiser
from gan_lab.random import Streams
from gan_lab.system import Data
from gan_lab.zoo.recipe import ring_experiment
from gan_lab.zoo.registry import register


class PacGAN(GAN):
    """D(x_1, ..., x_m) against D(G(z_1), ..., G(z_m)) in the place of D(x) and D(G(z)) (section 2).

    m: the packing degree. A move on n rows takes n packs, each of m independent samples, which the discriminator gets
    side by side: points (n, m d), images (n, m channels, height, width). So the best D sees the product
    distributions p^m and q^m, which differ far more where q lacks a mode (section 3). loss: any; penalties and
    augmentations take a pack for a sample. No labels.
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, loss: Loss | None = None, m: int = 2, **more: Any
    ) -> None:
        super().__init__(generator, discriminator, loss, **more)
        self.m = whole_number("m", m, 1)
        if self.classes is not None:
            raise ValueError("a PacGAN packs samples without labels: leave classes out.")

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        packs: Any = _Packs(data, self.m)
        return super().draw(player, packs, n, streams, step)

    def noise(self, n: int, streams: Streams) -> Tensor:
        """Noise in packs, (n, m, ...)."""
        return super().noise(n * self.m, streams).unflatten(0, (n, self.m))

    def generate(self, batch: Batch) -> Tensor:
        if batch.z.ndim < 3 or batch.z.shape[1] != self.m:
            raise ValueError(f"noise comes in packs here: give z (n, {self.m}, ...), not {tuple(batch.z.shape)}.")
        return packed(super().generate(batch._replace(z=batch.z.flatten(0, 1))), self.m)


def packed(x: Tensor, m: int) -> Tensor:
    """Samples (n m, first, ...) as packs (n, m first, ...): of m in turn, side by side along the first axis."""
    return x.unflatten(0, (-1, m)).flatten(1, 2)


class _Packs:
    """Data whose samples are packs of m samples of other data."""

    def __init__(self, data: Data, m: int) -> None:
        self.data, self.m, self.dim = data, m, m * data.dim

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Any:
        drawn = self.data.draw(n * self.m, streams, stream, device, dtype)
        x = getattr(drawn, "x", drawn)
        return packed(x, self.m) if isinstance(x, Tensor) else drawn

    def __repr__(self) -> str:
        return repr(self.data)


@register(
    title="PacGAN", paper="lin2018", equation="section 2", chapter="09_when_it_fails",
    exact="test_the_best_judge_of_packs_sees_product_distributions",
    experiment=ring_experiment,
)  # fmt: skip
def pacgan(
    m: int = 2,
    inputs: int = 2,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
    k: int = 1,
) -> PacGAN:
    """PacGAN2 as a toy (m = 3 and 4 for PacGAN3 and 4), non-saturating; Adam 1e-3 with betas (0.5, 0.999)."""
    return PacGAN(
        MLP(inputs, outputs, hidden, activation),
        MLP(m * outputs, 1, hidden, activation),
        NonSaturating(),
        m,
        optimisers=optimiser or Adam(1e-3, betas=(0.5, 0.999)),
        k=k,
    )
