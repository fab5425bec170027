"""EBGAN (Zhao et al. 2017): the discriminator is an energy, low on data, and pushed up elsewhere as far as a margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, relu

from gan_lab._errors import positive
from gan_lab.gan import GAN, Batch
from gan_lab.losses import Loss
from gan_lab.nets import MLP, Autoencoder
from gan_lab.optim import Adam, Optimiser
from gan_lab.system import Seen
from gan_lab.train.shard import rows_of_all
from gan_lab.zoo.recipe import ring_experiment
from gan_lab.zoo.registry import register


class Margin(Loss):
    """f_D = D(x) + [m - D(G(z))]^+ and f_G = D(G(z)) (eq. 1-2), of scores s = -D: the best energy is 0 or m."""

    name, divergence = "margin", "m Q(q > p)"

    def __init__(self, m: float = 1.0) -> None:
        self.m = positive("m", m)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return relu(self.m + fake).mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        return torch.where(torch.as_tensor(q > p), -self.m, 0.0)

    def probability(self, score: Tensor) -> Tensor:
        """The energy D(x), which is no probability."""
        return -score


class EBGAN(GAN):
    """An autoencoder is the energy: D(x) = |Dec(Enc(x)) - x| (section 2.3); a margin m > 0 bounds the game (eq. 1-2).

    pt: the weight >= 0 in the generator's loss of the pulling-away term of the codes S = Enc(G(z)) (section 2.4),
    f_PT(S) = 1 / (N (N - 1)) sum over i != j of (S_i.S_j / |S_i| |S_j|)^2: generated samples should differ.
    """

    discriminator: Autoencoder

    def __init__(
        self, generator: nn.Module, discriminator: Autoencoder, m: float = 1.0, pt: float = 0.1, **more: Any
    ) -> None:
        super().__init__(generator, discriminator, Margin(m), **more)
        self.pt = positive("pt", pt, or_zero=True)

    def score(self, x: Tensor, *told: Tensor) -> Tensor:
        """-D(x), (n,)."""
        return self.judge(x)[0]

    def judge(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """-D(x), (n,), and the codes of x (n, ...)."""
        code = self.discriminator.encoder(x)
        return -(self.discriminator.decoder(code).reshape(x.shape) - x).flatten(1).norm(dim=1), code

    def generator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        score, code = self.judge(self.shown(self.generate(batch), batch.u_fake))
        seen["PT"] = repelling = pulling_away(code)
        loss = self.loss.generator(score) + self.pt * repelling
        return sum(self._of_weights("generator", batch, seen), start=loss)


def pulling_away(codes: Tensor) -> Tensor:
    """f_PT of codes (n, ...), in [0, 1]: 0 where all are orthogonal, 1 where all lie on one line. Of all processes."""
    codes = rows_of_all(normalize(codes.flatten(1), dim=1))
    squares, n = (codes @ codes.T).square(), len(codes)
    return (squares.sum() - squares.diagonal().sum()) / max(n * (n - 1), 1)


@register(
    title="EBGAN with the pulling-away term", paper="zhao2017", equation="eq. 1-2, section 2.4",
    chapter="19_energy_and_equilibrium", exact="test_energies_at_the_margin",
    experiment=ring_experiment,
)  # fmt: skip
def ebgan(
    m: float = 1.0,
    pt: float = 0.1,
    inputs: int = 2,
    outputs: int = 2,
    hidden: Sequence[int] = (32, 32),
    code: int = 2,
    activation: str = "leaky_relu",
    optimiser: Optimiser | None = None,
) -> EBGAN:
    """A toy: an autoencoder with a code of ``code`` numbers, margin m, the paper's weight 0.1 of the pulling-away term
    (pt=0 is EBGAN without); Adam 1e-3 with betas (0.5, 0.999).
    """
    return EBGAN(
        MLP(inputs, outputs, hidden, activation),
        Autoencoder(
            MLP(outputs, code, hidden, activation), MLP(code, outputs, tuple(reversed(tuple(hidden))), activation)
        ),
        m,
        pt,
        optimisers=optimiser or Adam(1e-3, betas=(0.5, 0.999)),
    )
