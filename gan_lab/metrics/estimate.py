"""A score over several draws of samples, and its floor: what other true samples score, at the same size."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_lab._errors import whole_number

Scored = Callable[[Tensor, Tensor], Any]  # (samples, real samples), n each -> a number


class Target(Protocol):
    """What samples should be like: anything in gan_lab.data with densities, or ``x`` with a ``sample`` of its own."""

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor: ...


@dataclass(frozen=True)
class Estimate:
    """A score over several draws of samples: its mean, and the standard error of the mean. ``float()`` is the mean."""

    draws: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.draws) / len(self.draws)

    @property
    def std(self) -> float | None:
        """The standard deviation from draw to draw; None for a single draw, which does not say."""
        n = len(self.draws)
        return math.sqrt(sum((d - self.mean) ** 2 for d in self.draws) / (n - 1)) if n > 1 else None

    @property
    def standard_error(self) -> float | None:
        """None for a single draw, which does not say."""
        return None if self.std is None else self.std / math.sqrt(len(self.draws))

    def __float__(self) -> float:
        return self.mean

    def to_json(self) -> dict[str, Any]:
        return {"mean": self.mean, "standard_error": self.standard_error, "draws": list(self.draws)}


def estimate(
    score: Scored, samples: Callable[..., Tensor], target: Target, n: int = 2_500, draws: int = 10, seed: int = 0
) -> Estimate:
    """``score(samples, real)`` of n samples each, over so many independent draws of both.

    samples: ``samples(n, seed=...)`` gives n generated samples, as :meth:`gan_lab.Run.samples` does; target: what real
    ones are drawn from. The seeds are ``seed``, ``seed + 1``, ...; raises ValueError where n or draws is below 1.
    """
    n, draws, seed = whole_number("n", n, 1), whole_number("draws", draws, 1), whole_number("seed", seed, 0)
    found = []
    for draw in range(draws):
        real = target.sample(n, torch.Generator().manual_seed(seed + 2 * draw))
        found.append(float(score(samples(n, seed=seed + 2 * draw + 1), real)))
    return Estimate(tuple(found))


def floor(score: Scored, target: Target, n: int = 2_500, draws: int = 10, seed: int = 0) -> Estimate:
    """What a perfect sampler scores: n other true samples against n true ones, over so many draws of both.

    It is what to show beside a score of n samples: no distance between two finite samples is 0, and each has a size of
    its own. See :func:`estimate`.
    """
    return estimate(
        score, lambda n, seed: target.sample(n, torch.Generator().manual_seed(seed)), target, n, draws, seed
    )
