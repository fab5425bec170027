"""How far generated samples are from real ones: the metrics that fit the data, each with its floor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_lab import metrics
from gan_lab._asked import affordable
from gan_lab.data import Distribution, Distribution1D, Images
from gan_lab.metrics import Estimate
from gan_lab.metrics.modes import Modes
from gan_lab.train import Run

# Above the seeds that runs use (1000 times at most 4,000,000, and a little), below 2^32, where PyTorch begins again:
# nothing is scored on what it was trained on.
FIRST_SEED = 4_100_000_000
WATCHED = 1_000  # samples for a score in the history
WATCHED_IMAGES = 256
FEWEST = 20

Data = Distribution | Images


@dataclass(frozen=True)
class Score:
    """``of(samples, real)`` is one number; ``better``: "lower" or "higher". ``watched``: whether the history has it."""

    name: str
    words: str
    better: str
    of: Callable[[Tensor, Tensor], float]
    watched: bool = False


def scores(data: Data) -> list[Score]:
    """The scores that fit the data."""
    energy = Score("energy_distance", "energy distance", "lower", metrics.energy_distance)
    if isinstance(data, Distribution1D):
        return [
            Score("wasserstein1", "Wasserstein-1", "lower", metrics.wasserstein1, watched=True),
            energy,
            Score("jensen_shannon", "Jensen-Shannon, nats", "lower", _jensen_shannon(data)),
        ]
    sliced = Score("sliced_wasserstein", "sliced Wasserstein", "lower", metrics.sliced_wasserstein)
    if isinstance(data, Modes):
        return [
            Score(
                "modes", f"modes covered, of {len(data.centres)}", "higher",
                lambda x, _: metrics.modes(x, data).covered, watched=True,
            ),
            Score(
                "high_quality", "high-quality share", "higher",
                lambda x, _: metrics.modes(x, data).high_quality, watched=True,
            ),
            Score("reverse_kl", "reverse KL, nats", "lower", lambda x, _: metrics.modes(x, data).reverse_kl),
            energy,
            sliced,
        ]  # fmt: skip
    return [Score(energy.name, energy.words, "lower", metrics.energy_distance, watched=True), sliced]


def _jensen_shannon(data: Distribution1D) -> Callable[[Tensor, Tensor], float]:
    """Between the exact density of the data and a kernel estimate of the samples': its floor is the estimate's bias."""
    low, high = data.support
    edge = 0.5 * (high - low)
    x = torch.linspace(low - edge, high + edge, 1_001, dtype=torch.float64)
    p, dx = data.density(x[:, None]), float(x[1] - x[0])

    def distance(samples: Tensor, _: Tensor) -> float:
        return metrics.jensen_shannon(p, metrics.kernel_density(samples, x), dx)

    return distance


def real_samples(data: Data, n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Two independent sets of n real samples; of images, which are finitely many, two sets that share none."""
    if isinstance(data, Images):
        order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))
        order = order.to(data.pixels.device)
        return data[order[:n]].cpu(), data[order[n : 2 * n]].cpu()
    first, second = (torch.Generator().manual_seed(seed + i) for i in (0, 1))
    return data.sample(n, first), data.sample(n, second)


def check_sizes(data: Data, n: int, draws: int) -> None:
    """Raise ValueError where so many samples or draws make no sense."""
    if draws < 1:
        raise ValueError(f"--draws is {draws}: it must be at least 1.")
    if n < FEWEST:
        raise ValueError(f"--n is {n}: a score needs at least {FEWEST} samples.")
    affordable(f"--n {n:,}", 4 * n * data.dim * 8)
    if isinstance(data, Images) and 2 * n > len(data):
        raise ValueError(f"--n is {n}: the floor needs twice as many images, but there are {len(data)}; at most half.")


def evaluate(run: Run, n: int, draws: int) -> list[tuple[Score, Estimate, Estimate]]:
    """Each score of n generated samples against n real ones, and of other real ones: over so many draws of both."""
    data: Any = run.target
    check_sizes(data, n, draws)
    found = scores(data)
    generated: dict[str, list[float]] = {score.name: [] for score in found}
    floors: dict[str, list[float]] = {score.name: [] for score in found}
    for draw in range(draws):
        seed = FIRST_SEED + 3 * draw
        real, other = real_samples(data, n, seed)
        samples = run.samples(n, seed=seed + 2)
        for score in found:
            generated[score.name].append(float(score.of(samples, real)))
            floors[score.name].append(float(score.of(other, real)))
    return [(s, Estimate(tuple(generated[s.name])), Estimate(tuple(floors[s.name]))) for s in found]


class Watch:
    """The scores in a run's history, on one fixed set of noise and of real samples; ``latest`` holds the last."""

    def __init__(self, data: Data) -> None:
        self.n = min(WATCHED_IMAGES, len(data) // 2) if isinstance(data, Images) else WATCHED
        self.real, _ = real_samples(data, self.n, FIRST_SEED)
        self.latest: dict[str, float] = {}
        self.scores = [score for score in scores(data) if score.watched]

    def metrics(self) -> dict[str, Callable[[Run], float]]:
        """As :func:`gan_lab.train` takes them."""
        return {score.name: self._metric(score) for score in self.scores}

    def _metric(self, score: Score) -> Callable[[Run], float]:
        def metric(run: Run) -> float:
            samples = run.samples(self.n, seed=FIRST_SEED + 2)
            # a generator that broke since the losses were last looked at: the loop will say so
            value = float(score.of(samples, self.real)) if bool(torch.isfinite(samples).all()) else math.nan
            self.latest[score.name] = value
            return value

        return metric
