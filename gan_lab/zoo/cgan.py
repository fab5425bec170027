"""A conditional GAN (Mirza and Osindero 2014) with three terms (Reed et al. 2016): real and right, made, mismatched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lab import data
from gan_lab._errors import positive, whole_number
from gan_lab.gan import GAN, Batch
from gan_lab.losses import NonSaturating
from gan_lab.nets import MLP, Conditional
from gan_lab.optim import Adam, Optimiser
from gan_lab.random import Streams
from gan_lab.system import Data, Seen
from gan_lab.zoo.registry import register


class CGAN(GAN):
    """V = E log D(x, c) + E log(1 - D(G(z, c), c)) + mismatch * E log(1 - D(x, c')), with c' a label that is not x's.

    The third term tells D that a real sample under a wrong label is wrong; at the optimum it acts as extra generated
    data: D* = p / (p + q + mismatch * p'), p' the density of mismatched pairs. mismatch: its weight: 1 for three equal
    terms, 0 for the game of Mirza and Osindero 2014, eq. 2. Reed et al. 2016, Algorithm 1, give the second and the
    third half the weight of the first.
    """

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, *, classes: int, mismatch: float = 1.0, **more: Any
    ) -> None:
        whole_number("classes", classes, 2)
        super().__init__(generator, discriminator, NonSaturating(), classes=classes, **more)
        self.mismatch = positive("mismatch", mismatch, or_zero=True)

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        batch = super().draw(player, data, n, streams, step)
        if player == "generator" or batch.y is None or self.classes is None:
            return batch
        other = 1 + streams.index("mix", self.classes - 1, n, batch.y.device)
        return batch._replace(extra={"wrong": (batch.y + other) % self.classes})

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        loss = super().discriminator_loss(batch, seen)
        wrong = self.score(self.shown(batch.x, batch.u_real), batch.extra["wrong"])
        seen["D_mismatched"] = wrong.detach().sigmoid().mean()
        return loss + self.mismatch * softplus(wrong).mean()


@register(
    title="Conditional GAN with the three-term loss", paper="reed2016", equation="Algorithm 1", chapter="22_conditions",
    exact="test_the_mismatched_term_acts_as_extra_generated_data",
    experiment=lambda build: (build(hidden=(8,)), data.labelled(data.ring(modes=8, std=0.05)), 20),
)  # fmt: skip
def cgan(
    classes: int = 8,
    mismatch: float = 1.0,
    inputs: int = 2,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
    k: int = 1,
) -> CGAN:
    """A toy: two perceptrons that are told the label beside z and beside x; Adam 1e-3 with betas (0.5, 0.999)."""
    return CGAN(
        Conditional(MLP(inputs + classes, outputs, hidden, activation), classes),
        Conditional(MLP(outputs + classes, 1, hidden, activation), classes),
        classes=classes,
        mismatch=mismatch,
        optimisers=optimiser or Adam(1e-3, betas=(0.5, 0.999)),
        k=k,
    )
