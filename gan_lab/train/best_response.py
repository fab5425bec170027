"""The best discriminator against a generator that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from gan_lab._errors import whole_number
from gan_lab.data import Distribution
from gan_lab.gan import GAN
from gan_lab.losses import Loss, Minimax
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import Penalty
from gan_lab.random import TorchStreams
from gan_lab.schedules import Linear, Schedule
from gan_lab.system import Seen
from gan_lab.train.step import Moves


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


class _Alone(GAN):
    """A game in which the generator stands still: what it makes is its noise, and its noise is drawn from q."""

    players: Mapping[str, Sequence[str]] = {"discriminator": ("discriminator",)}
    averaged: Sequence[str] = ()

    @property
    def schedule(self) -> list[str]:
        return ["discriminator"]


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
    steps = whole_number("steps", steps, 0)
    if p.dim != q.dim:
        raise ValueError(f"p has dimension {p.dim}, q has {q.dim}: they must agree.")
    recipe = optimiser or Adam(5e-3)
    if steps > 1 and not isinstance(recipe.lr, Schedule):
        # the last steps are averaged by a falling rate: the minimum is that of the expectation, not of a batch
        recipe = replace(recipe, lr=Linear(recipe.lr, 0.0, steps=steps, hold=steps // 2))
    payoff, streams = loss or Minimax(), TorchStreams(seed)
    game = _Alone(nn.Identity(), discriminator, payoff, penalties, prior=q, optimisers=recipe)
    streams.initialise(game)
    game.check(p, min(batch, 16), TorchStreams(seed))
    game.ready()
    moves = Moves(game, dict(game.named_parameters()), dict(game.named_buffers()))
    losses = []
    for step in range(steps):
        seen: Seen = {}
        moves("discriminator", p, batch, streams, step, seen)
        losses.append(seen["loss_discriminator"])
    return BestResponse(discriminator, payoff, torch.stack(losses) if losses else torch.empty(0))
