"""The ring and the grid as published tables score them, so that a figure of ours can stand beside one of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab.metrics.estimate import Estimate
from gan_lab.metrics.modes import ModeReport, Modes, PerfectModes, modes, perfect_modes

SCORES = ("covered", "high_quality", "reverse_kl")


@dataclass(frozen=True)
class Protocol:
    """How a paper counts modes. ``spec``: its data, as :func:`gan_lab.data.from_spec` takes them; ``n``: the samples
    it scores; ``runs``: trainings whose mean and standard error it reports; ``found``: the part of its share at which a
    mode counts, 0 for a single sample of high quality (within 3 standard deviations of a centre).
    """

    paper: str  # BibTeX key in the book's bibliography
    section: str
    spec: dict[str, Any] = field(hash=False)
    n: int
    runs: int
    found: float = 0.0

    def score(self, samples: Any, target: Modes) -> ModeReport:
        """The report of ``n`` samples (n, 2). Raises ValueError for another number of them, and for other data."""
        self._check(target)
        if len(samples) != self.n:
            raise ValueError(f"{self.paper} scores {self.n:,} samples, and there are {len(samples):,}: give as many.")
        return modes(samples, target, self.found)

    def scores(
        self, samples: Callable[..., Tensor], target: Modes, draws: int = 10, seed: int = 0
    ) -> dict[str, Estimate]:
        """Each of covered, high_quality and reverse_kl over draws of ``samples(n, seed=...)``, with standard errors.

        They are those of *one* training's scores; what the paper reports is the spread over ``runs`` of them.
        """
        draws = whole_number("draws", draws, 1)
        reports = [self.score(samples(self.n, seed=seed + draw), target) for draw in range(draws)]
        return {name: Estimate(tuple(float(getattr(r, name)) for r in reports)) for name in SCORES}

    def floor(self, target: Modes) -> PerfectModes:
        """What true samples score, by exact sums over all draws (:func:`perfect_modes`)."""
        self._check(target)
        return perfect_modes(target, self.n, self.found)

    def _check(self, target: Modes) -> None:
        spec: dict[str, Any] = getattr(target, "spec", dict)()
        if spec != self.spec:
            raise ValueError(f"the protocol of {self.paper} is for {self.spec}, not for {spec}.")


RING = {"name": "ring", "modes": 8, "radius": 1.0, "std": 0.01}
GRID = {"name": "grid", "side": 5, "spacing": 2.0, "std": 0.05}

PROTOCOLS: dict[str, Protocol] = {
    "pacgan_ring": Protocol("lin2018", "section 4.1", RING, n=2_500, runs=10),
    "pacgan_grid": Protocol("lin2018", "section 4.1", GRID, n=2_500, runs=10),
    "veegan_ring": Protocol("srivastava2017", "section 4.1", RING, n=2_500, runs=5),
    "veegan_grid": Protocol("srivastava2017", "section 4.1", GRID, n=2_500, runs=5),
}
