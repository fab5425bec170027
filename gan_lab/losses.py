"""What the players play for: one payoff a class.

Every loss sees **logits** r = s(x) of real samples and f = s(G(z)) of generated ones, each of shape (n,), never
probabilities; both players *minimise* what they are given. log D = -softplus(-s) and log(1 - D) = -softplus(s) keep
their gradients where a sigmoid has long rounded to 0 or 1.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from gan_lab._numbers import as_floats


class Loss(ABC):
    """The payoffs of the two players.

    ``divergence`` names what the generator minimises when the discriminator is the best possible one; ``needs_real``
    says whether the generator's loss looks at real samples too.
    """

    name: ClassVar[str]
    divergence: ClassVar[str]
    needs_real: ClassVar[bool] = False

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss, a scalar, from logits real (n,) and fake (n,)."""

    @abstractmethod
    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The generator's loss, a scalar, from logits fake (n,) (and real (n,) where ``needs_real``)."""

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        """The score s(x) of the best discriminator where the data's density is p and the generator's is q.

        p and q have one shape, and so has the score. It may be infinite where only one of them is 0. Where both are,
        any score is as good: it is the one of p = q there, with which D cannot tell. Raises ValueError for densities
        below 0, infinite or NaN.
        """
        raise NotImplementedError(f"the best discriminator of {self.name} is not a function of p(x) and q(x) alone.")

    def probability(self, score: Tensor) -> Tensor:
        """The score as the number a figure shows as D(x): a probability where the loss has one."""
        return torch.sigmoid(score)

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the fields."""
        return {"name": self.name, **vars(self)}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"


def _densities(p: Any, q: Any) -> tuple[Tensor, Tensor]:
    """Both as floats, with p = q = 1 where both vanish."""
    p, q = as_floats(p), as_floats(q)
    if p.shape != q.shape or not bool(((p >= 0) & (q >= 0) & torch.isfinite(p + q)).all()):
        raise ValueError("p and q must be densities at the same points, finite and not negative.")
    nowhere = (p == 0) & (q == 0)
    return p.masked_fill(nowhere, 1), q.masked_fill(nowhere, 1)


def _log_ratio(p: Tensor, q: Tensor) -> Tensor:
    p, q = _densities(p, q)
    return p.log() - q.log()


class Minimax(Loss):
    """The game as stated: min_G max_D V, V = E log D(x) + E log(1 - D(G(z))) (Goodfellow et al. 2014, eq. 1).

    G minimises E log(1 - D(G(z))): at the best D that is 2 JSD(p, q) - log 4 (Theorem 1), and its gradient vanishes
    where D is sure of the fakes.
    """

    name = "minimax"
    divergence = "2 JSD - log 4"

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -softplus(fake).mean()

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        return _log_ratio(p, q)


class NonSaturating(Minimax):
    """G maximises E log D(G(z)) instead (Goodfellow et al. 2014, section 3): same fixed point, a gradient that lives.

    At the best D the gradient is that of KL(q || p) - 2 JSD(p, q) (Arjovsky and Bottou 2017, Theorem 2.5).
    """

    name = "non_saturating"
    divergence = "KL(q || p) - 2 JSD"

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return softplus(-fake).mean()


class LeastSquares(Loss):
    """LSGAN (Mao et al. 2017, eq. 2 and 9): targets ``b`` for real, ``a`` for fake, and ``c`` is what G wants D to say.

    With b - c = 1 and b - a = 2, G minimises half the Pearson chi-square divergence of p + q and 2q (eq. 6-8).
    """

    name = "least_squares"
    divergence = "Pearson chi2(p + q || 2q) / 2, for b - c = 1 and b - a = 2"

    def __init__(self, a: float = 0.0, b: float = 1.0, c: float = 1.0) -> None:
        a, b, c = float(a), float(b), float(c)
        if not all(map(math.isfinite, (a, b, c))):
            raise ValueError(f"targets (a, b, c) are ({a}, {b}, {c}): they must be finite numbers, such as (0, 1, 1).")
        if a == b:
            raise ValueError(f"targets a and b are both {a}: the discriminator would have nothing to tell apart.")
        self.a, self.b, self.c = a, b, c

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return ((real - self.b).square().mean() + (fake - self.a).square().mean()) / 2

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return (fake - self.c).square().mean() / 2

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        p, q = _densities(p, q)
        return (self.b * p + self.a * q) / (p + q)

    def probability(self, score: Tensor) -> Tensor:
        return score


class Wasserstein(Loss):
    """WGAN (Arjovsky et al. 2017, eq. 2): the critic's gap E s(x) - E s(G(z)); a distance only if s is 1-Lipschitz.

    Use it with :class:`~gan_lab.penalties.Clip` or :class:`~gan_lab.penalties.WGANGP`.
    """

    name = "wasserstein"
    divergence = "Wasserstein-1, if the critic is 1-Lipschitz"

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()

    def probability(self, score: Tensor) -> Tensor:
        return score


class Hinge(Loss):
    """Hinge loss (Lim and Ye 2017; Miyato et al. 2018, eq. 16-17). The best D is sign(p - q), its value 2 (1 - TV)."""

    name = "hinge"
    divergence = "2 TV"

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return relu(1 - real).mean() + relu(1 + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        p, q = _densities(p, q)
        return torch.sign(p - q)

    def probability(self, score: Tensor) -> Tensor:
        return score


class Relativistic(Loss):
    """Relativistic pairing: is this real sample more real than this fake one?

    Jolicoeur-Martineau 2019; in this form RpGAN of R3GAN (Huang et al. 2024, eq. 2).
    The pairs are (real_i, fake_i). At the best D, log p/q up to a constant, the discriminator's value
    E log sigmoid(r - f) is JSD(p x q, q x p) - log 2.
    """

    name = "relativistic"
    divergence = "JSD(p x q, q x p) - log 2"
    needs_real = True

    @staticmethod
    def _pairs(real: Tensor, fake: Tensor) -> Tensor:
        if real.shape != fake.shape:
            raise ValueError(
                f"pairs need as many real as fake logits, not {tuple(real.shape)} and {tuple(fake.shape)}."
            )
        return real - fake

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-self._pairs(real, fake)).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        if real is None:
            raise ValueError("the relativistic loss of the generator needs the logits of real samples too.")
        return softplus(self._pairs(real, fake)).mean()

    def optimal_score(self, p: Tensor, q: Tensor) -> Tensor:
        return _log_ratio(p, q)


LOSSES: dict[str, type[Loss]] = {
    c.name: c for c in (Minimax, NonSaturating, LeastSquares, Wasserstein, Hinge, Relativistic)
}
