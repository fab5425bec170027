"""What restrains a player: terms added to its loss, or a projection after its step.

A penalty says where it looks (:meth:`Penalty.points`); the slope of the score there comes out of the very pass that
gives the loss its scores, where the loss looks at the same points. Its gradient must reach the *weights* through the
gradient with respect to the *input*: that takes a graph of the gradient, and the classic silent bug is to forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from gan_lab._errors import positive
from gan_lab.random import Streams
from gan_lab.schedules import Schedule, Setting, as_json, at, every_value

Score = Callable[[Tensor], Tensor]


def score_and_slope(score: Score, x: Tensor) -> tuple[Tensor, Tensor]:
    """The scores s(x) (n,) at x (n, ...), and their gradients with respect to x, one row a sample (n, numbers in one).

    Both with their graphs, from one pass. The scores are summed, which gives every sample its own gradient as long as
    samples do not look at each other (so not through batch norm).
    """

    if not transformed():
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            scores = score(at)
            # a score that does not look at x has slope 0
            (slope,) = torch.autograd.grad(scores.sum(), at, create_graph=True, materialize_grads=True)
        return scores, slope.flatten(1)

    def total(at: Tensor) -> tuple[Tensor, Tensor]:
        scores = score(at)
        return scores.sum(), scores

    slope, scores = torch.func.grad(total, has_aux=True)(x.detach())
    return scores, slope.flatten(1)


def transformed() -> bool:
    """Whether many seeds are at work, or a compiler: there gradients must be taken by ``torch.func``.

    Elsewhere autograd alone gives the same bits sooner, and needs none of the compiler's 881 modules.
    """
    active = getattr(torch._C, "_are_functorch_transforms_active", lambda: True)
    return torch.compiler.is_compiling() or bool(active())


def input_gradient(score: Score, x: Tensor) -> Tensor:
    """The slope alone: the gradient of score(x) (n,) at x (n, ...), (n, numbers in a sample), with its graph."""
    return score_and_slope(score, x)[1]


class Asked(NamedTuple):
    """What a penalty asked for, tensors of n rows: uniform numbers to mix samples by (n,), a strength that changes
    (n,), and normal numbers to shift samples by (n, numbers in a sample).
    """

    mix: Tensor | None = None
    strength: Tensor | None = None
    shift: Tensor | None = None


class Penalty:
    """One restraint of one player: terms added to its loss, and a projection after each of its steps.

    player: whom it restrains. ``strength`` names the field that says how strong it is: a number, or a
    :class:`~gan_lab.schedules.Schedule`. ``looks_at`` says at which points it wants the slope of the score: "real" or
    "fake" samples, which cost no pass of their own; any other name for :meth:`points` of its own; None for none.
    """

    name: ClassVar[str]
    strength: ClassVar[str]
    looks_at: ClassVar[str | None] = None
    slopes: ClassVar[bool] = True  # whether the scores there are not enough

    def __init__(self, strength: Setting, player: str = "discriminator", *, or_zero: bool = True) -> None:
        for value in every_value(strength):
            positive(self.strength, value, or_zero=or_zero)
        setattr(self, self.strength, strength if isinstance(strength, Schedule) else float(strength))
        self.player = player

    # -- what a loss asks it -----------------------------------------------------------------------------------

    def draw(self, n: int, dim: int, streams: Streams, step: int, like: Tensor) -> Asked:
        """The randomness that it asks for, for n samples of ``dim`` numbers each, and its strength at this step where
        that changes.
        """
        strength = getattr(self, self.strength)
        # a tensor, one number a row: a float that changes would be compiled anew at every step
        return Asked(strength=like.new_full((n,), at(strength, step)) if isinstance(strength, Schedule) else None)

    def points(self, real: Tensor, fake: Tensor, asked: Asked) -> Tensor:
        """The points (n, ...) that it looks at."""
        return {"real": real, "fake": fake}[str(self.looks_at)]

    def of(self, score: Tensor, slope: Tensor | None) -> Tensor:
        """What its term is at strength 1, a scalar, from the scores (n,) and their slopes (n, d) at its points."""
        return self.of_slope(slope)  # type: ignore[arg-type]

    def of_slope(self, slope: Tensor) -> Tensor:
        """The same for a penalty that looks at the slopes (n, d) alone."""
        raise NotImplementedError(f"{type(self).__name__} looks at points, but says nothing of the slopes there.")

    def of_weights(self, parameters: Sequence[Tensor]) -> Tensor:
        """What its term is at strength 1, a scalar, from the parameters that the player moves."""
        raise NotImplementedError(f"{type(self).__name__} says nothing of weights.")

    def project(self, parameters: Sequence[Tensor]) -> None:
        """Change the parameters that the player moves, after its step."""

    # -- what it gives -----------------------------------------------------------------------------------------

    def scaled(self, term: Tensor, asked: Asked) -> Tensor:
        """A term at the strength of this step."""
        return (getattr(self, self.strength) if asked.strength is None else asked.strength.mean()) * term

    def term(self, score: Score, real: Tensor, fake: Tensor, asked: Asked | None = None) -> Tensor | None:
        """Its term by a pass of its own: the scalar that a loss adds, or None where it looks at no points."""
        asked = Asked() if asked is None else asked
        if self.looks_at is None:
            return None
        return self.scaled(self.of(*score_and_slope(score, self.points(real, fake, asked))), asked)

    @property
    def projects(self) -> bool:
        """Whether it changes parameters after a step."""
        return type(self).project is not Penalty.project

    @property
    def weighs(self) -> bool:
        """Whether it has a term in the parameters."""
        return type(self).of_weights is not Penalty.of_weights

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the strength, and the player where it is not the discriminator."""
        other = {} if self.player == "discriminator" else {"player": self.player}
        return {"name": self.name, "weight": as_json(getattr(self, self.strength)), **other}

    def __repr__(self) -> str:
        fields = {k: v for k, v in vars(self).items() if (k, v) != ("player", "discriminator")}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in fields.items())})"


class Clip(Penalty):
    """Every parameter is clamped to [-c, c] (Arjovsky et al. 2017, Algorithm 1)."""

    name, strength = "clip", "c"
    c: float

    def __init__(self, c: float = 0.01, player: str = "discriminator") -> None:
        if isinstance(c, Schedule):
            raise TypeError(f"c is {c!r}: the bound of a projection is a number.")
        super().__init__(c, player, or_zero=False)

    @torch.no_grad()
    def project(self, parameters: Sequence[Tensor]) -> None:
        for parameter in parameters:
            parameter.copy_(parameter.clamp(-self.c, self.c))  # clamp_ has no rule for many seeds


class WGANGP(Penalty):
    """weight * E (|grad s(x~)| - 1)^2 with x~ = u x + (1 - u) G(z), u uniform (Gulrajani et al. 2017, eq. 3).

    The norm is taken over one sample, never over the batch.
    """

    name, strength, looks_at = "wgan_gp", "weight", "between"
    weight: Setting

    def __init__(self, weight: Setting = 10.0, player: str = "discriminator") -> None:
        super().__init__(weight, player)

    def draw(self, n: int, dim: int, streams: Streams, step: int, like: Tensor) -> Asked:
        mix = streams.uniform("mix", (n,), like.device).to(like.dtype)
        return super().draw(n, dim, streams, step, like)._replace(mix=mix)

    def points(self, real: Tensor, fake: Tensor, asked: Asked) -> Tensor:
        if asked.mix is None:
            raise ValueError("WGAN-GP needs uniform numbers to mix real and fake samples: pass Asked(mix=...).")
        u = asked.mix.reshape(-1, *[1] * (real.ndim - 1))
        return u * real + (1 - u) * fake

    def of_slope(self, slope: Tensor) -> Tensor:
        return (slope.norm(dim=1) - 1).square().mean()


class DRAGAN(Penalty):
    """weight * E (|grad s(x + delta)| - 1)^2 around real samples, delta normal (Kodali et al. 2017, Algorithm 1).

    noise: the standard deviation of each number of delta, > 0; the paper's c is its square.
    """

    name, strength, looks_at = "dragan", "weight", "around"
    weight: Setting

    def __init__(self, weight: Setting = 10.0, noise: float = 0.25, player: str = "discriminator") -> None:
        super().__init__(weight, player)
        self.noise = positive("noise", noise)

    def draw(self, n: int, dim: int, streams: Streams, step: int, like: Tensor) -> Asked:
        shift = streams.normal("mix", (n, dim), like.device).to(like.dtype)
        return super().draw(n, dim, streams, step, like)._replace(shift=shift)

    def points(self, real: Tensor, fake: Tensor, asked: Asked) -> Tensor:
        if asked.shift is None:
            raise ValueError("DRAGAN needs normal numbers to shift real samples by: pass Asked(shift=...).")
        return real + self.noise * asked.shift.reshape(real.shape)

    def of_slope(self, slope: Tensor) -> Tensor:
        return (slope.norm(dim=1) - 1).square().mean()


class R1(Penalty):
    """gamma / 2 * E |grad s(x)|^2 on real samples (Mescheder et al. 2018, eq. 9)."""

    name, strength, looks_at = "r1", "gamma", "real"
    gamma: Setting

    def __init__(self, gamma: Setting = 1.0, player: str = "discriminator") -> None:
        super().__init__(gamma, player)

    def of_slope(self, slope: Tensor) -> Tensor:
        return slope.square().sum(1).mean() / 2


class R2(R1):
    """gamma / 2 * E |grad s(G(z))|^2 on generated samples (Mescheder et al. 2018, eq. 10)."""

    name, looks_at = "r2", "fake"


class Drift(Penalty):
    """weight * E s(x)^2 on real samples: keeps a critic near 0, whose level nothing fixes (Karras et al. 2018, A.1)."""

    name, strength, looks_at, slopes = "drift", "weight", "real", False
    weight: Setting

    def __init__(self, weight: Setting = 1e-3, player: str = "discriminator") -> None:
        super().__init__(weight, player)

    def of(self, score: Tensor, slope: Tensor | None) -> Tensor:
        return score.square().mean()


class L2(Penalty):
    """weight / 2 * sum of squares of all parameters: weight decay, as a term (Krogh and Hertz 1991, eq. 2)."""

    name, strength = "l2", "weight"
    weight: Setting

    def __init__(self, weight: Setting = 1e-4, player: str = "discriminator") -> None:
        super().__init__(weight, player)

    def of_weights(self, parameters: Sequence[Tensor]) -> Tensor:
        return torch.stack([parameter.square().sum() for parameter in parameters]).sum() / 2


class L1(L2):
    """weight * sum of magnitudes of all parameters, which draws small ones to exactly nothing (Tibshirani 1996)."""

    name = "l1"

    def of_weights(self, parameters: Sequence[Tensor]) -> Tensor:
        return torch.stack([parameter.abs().sum() for parameter in parameters]).sum()


PENALTIES: dict[str, type[Penalty]] = {c.name: c for c in (Clip, WGANGP, DRAGAN, R1, R2, Drift, L1, L2)}
