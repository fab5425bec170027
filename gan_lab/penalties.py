"""What restrains the discriminator: terms added to its loss, or a projection after its step.

A penalty's gradient must reach the discriminator's *weights* through the gradient with respect to its *input*: that
takes ``create_graph=True``, and the classic silent bug is to forget it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gan_lab._errors import positive

Score = Callable[[Tensor], Tensor]


def input_gradient(score: Score, x: Tensor) -> Tensor:
    """Gradient of score(x) (n,) with respect to x (n, ...), one row a sample: (n, numbers in a sample), with its graph.

    The scores are summed, which gives every sample its own gradient as long as samples do not look at each other
    (so not through batch norm).
    """
    # torch.func, not autograd.grad: it also works under vmap, where many seeds are trained at once
    gradient: Tensor = torch.func.grad(lambda at: score(at).sum())(x.detach())
    return gradient.flatten(1)


class Penalty:
    """One restraint. ``term`` is added to the discriminator's loss; ``project`` runs after each of its steps."""

    name: ClassVar[str]
    needs_mix: ClassVar[bool] = False  # whether it wants uniform numbers u (n,) to mix real and fake samples

    def term(self, score: Score, real: Tensor, fake: Tensor, mix: Tensor | None) -> Tensor | None:
        """A scalar to add to the loss, or None."""
        return None

    def project(self, discriminator: nn.Module) -> None:
        """Change the discriminator's parameters after its step."""

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the strength."""
        (weight,) = vars(self).values()
        return {"name": self.name, "weight": weight}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"


class Clip(Penalty):
    """Every parameter is clamped to [-c, c] (Arjovsky et al. 2017, Algorithm 1)."""

    name = "clip"

    def __init__(self, c: float = 0.01) -> None:
        self.c = positive("c", c)

    @torch.no_grad()
    def project(self, discriminator: nn.Module) -> None:
        for parameter in discriminator.parameters():
            parameter.clamp_(-self.c, self.c)


class WGANGP(Penalty):
    """weight * E (|grad s(x~)| - 1)^2 with x~ = u x + (1 - u) G(z), u uniform (Gulrajani et al. 2017, eq. 3).

    The norm is taken over one sample, never over the batch.
    """

    name = "wgan_gp"
    needs_mix = True

    def __init__(self, weight: float = 10.0) -> None:
        self.weight = positive("weight", weight, or_zero=True)

    def term(self, score: Score, real: Tensor, fake: Tensor, mix: Tensor | None) -> Tensor:
        if mix is None:
            raise ValueError("WGAN-GP needs uniform numbers to mix real and fake samples: pass Noise(z, mix).")
        u = mix.reshape(-1, *[1] * (real.ndim - 1))
        gradient = input_gradient(score, u * real + (1 - u) * fake)
        return self.weight * (gradient.norm(dim=1) - 1).square().mean()


class R1(Penalty):
    """gamma / 2 * E |grad s(x)|^2 on real samples (Mescheder et al. 2018, eq. 9)."""

    name = "r1"

    def __init__(self, gamma: float = 1.0) -> None:
        self.gamma = positive("gamma", gamma, or_zero=True)

    def term(self, score: Score, real: Tensor, fake: Tensor, mix: Tensor | None) -> Tensor:
        return self.gamma / 2 * input_gradient(score, real).square().sum(1).mean()


class R2(R1):
    """gamma / 2 * E |grad s(G(z))|^2 on generated samples (Mescheder et al. 2018, eq. 10)."""

    name = "r2"

    def term(self, score: Score, real: Tensor, fake: Tensor, mix: Tensor | None) -> Tensor:
        return super().term(score, fake, real, mix)


PENALTIES: dict[str, type[Penalty]] = {c.name: c for c in (Clip, WGANGP, R1, R2)}
