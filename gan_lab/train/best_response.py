"""The best discriminator against a generator that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_lab._errors import whole_number
from gan_lab.data import Distribution
from gan_lab.losses import Loss, Minimax
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import Penalty
from gan_lab.random import TorchStreams


@dataclass
class BestResponse:
    """A fitted discriminator. ``losses`` holds its loss at every step."""

    discriminator: nn.Module
    loss: Loss
    losses: Tensor

    @torch.no_grad()
    def score(self, x: Tensor) -> Tensor:
        """Logits s(x), (n,) or (n, dim) -> (n,)."""
        s: Tensor = self.discriminator(x[:, None] if x.ndim == 1 else x)
        return s.flatten()

    def probability(self, x: Tensor) -> Tensor:
        """D(x) as the loss reads the score: a probability for the losses that have one."""
        return self.loss.probability(self.score(x))


def best_response(
    discriminator: nn.Module,
    p: Distribution,
    q: Distribution,
    steps: int = 2_000,
    *,
    loss: Loss | None = None,
    penalties: Sequence[Penalty] = (),
    optimiser: Optimiser | None = None,
    batch: int = 256,
    seed: int = 0,
) -> BestResponse:
    """Train ``discriminator`` to tell samples of p from samples of q, both held fixed: the inner max of the game.

    The weights are set from ``seed``. p, q: distributions of the same dimension; penalties restrain the discriminator
    as in a :class:`~gan_lab.GAN`. Raises ValueError where the dimensions differ.
    """
    whole_number("steps", steps, 0)
    if p.dim != q.dim:
        raise ValueError(f"p has dimension {p.dim}, q has {q.dim}: they must agree.")
    payoff, streams, cpu = loss or Minimax(), TorchStreams(seed), torch.device("cpu")
    streams.initialise(discriminator)
    stepper = (optimiser or Adam(5e-3)).build(discriminator.parameters())
    dtype = next(discriminator.parameters()).dtype
    mixes = any(penalty.needs_mix for penalty in penalties)

    def score(x: Tensor) -> Tensor:
        logits: Tensor = discriminator(x)
        return logits.flatten()

    losses = []
    for step in range(steps):
        # the last steps are averaged by a falling rate: the minimum is that of the expectation, not of a batch
        for group in stepper.param_groups:
            group["lr"] = (optimiser or Adam(5e-3)).lr * min(1.0, 2 * (1 - step / steps))
        real, fake = p.draw(batch, streams, "data", cpu, dtype), q.draw(batch, streams, "noise", cpu, dtype)
        value = payoff.discriminator(score(real), score(fake))
        mix = streams.uniform("mix", (batch,), cpu).to(dtype) if mixes else None
        for penalty in penalties:
            if (term := penalty.term(score, real, fake, mix)) is not None:
                value = value + term
        stepper.zero_grad()
        value.backward()
        stepper.step()
        for penalty in penalties:
            penalty.project(discriminator)
        losses.append(value.detach())
    return BestResponse(discriminator, payoff, torch.stack(losses) if losses else torch.empty(0))
