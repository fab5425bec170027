"""Modes covered, high-quality share and reverse KL of samples from rings and grids, as VEEGAN and PacGAN count them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab._numbers import as_tensor, same_scale
from gan_lab.metrics.transport import PAIRS


@runtime_checkable
class Modes(Protocol):
    """Equal normals: ``centres`` (k, d) and ``std``; what data.ring, data.grid and data.points are."""

    centres: Tensor
    std: float

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor: ...


# A mode is found where at least this part of the 1 / modes of all samples that it should have are of high quality.
FOUND = 0.25
QUALITY = 3.0  # standard deviations from a centre within which a sample is of high quality


@dataclass(frozen=True)
class ModeReport:
    """``covered`` of ``total`` modes are found; ``high_quality`` is a share of the samples, ``reverse_kl`` in nats.

    Compare each with :func:`perfect_modes`: true data has 1 - exp(-4.5) = 98.889 % of high quality, and a finite
    sample of it a reverse KL above 0.
    """

    covered: int
    total: int
    high_quality: float
    reverse_kl: float
    counts: tuple[int, ...]


def _least(found: float, n: int, modes: int) -> float:
    """The samples of high quality at which a mode is found."""
    if not 0 <= found <= 1:
        raise ValueError(f"found is {found}: give a part of a mode's share in [0, 1], 0 for a single sample.")
    return max(1.0, found * n / modes)


def modes(samples: Any, target: Modes, found: float = FOUND) -> ModeReport:
    """Score samples (n, d) against a ring, grid or other set of equal normals in d dimensions, such as the plane.

    A sample is of high quality within 3 standard deviations of a centre (Srivastava et al. 2017, section 4.1;
    Lin et al. 2018, section 4.1). A mode is found when at least a quarter of the n / modes samples that it should have
    are of high quality and its own. (These papers ask for a single one, which a shapeless cloud has everywhere; of a
    cloud that finds all modes a quarter or more is of high quality, and 512 true samples of eight modes miss one less
    than once in 10^10 draws.) The reverse KL is KL(sample shares || uniform over the modes), counting every sample
    at its nearest centre. found: another part than that quarter, in [0, 1]; 0 is those papers' single sample. Samples
    are looked at in blocks. Raises TypeError for another target, ValueError for samples of another shape, for bytes
    and for NaN or infinity.
    """
    if not isinstance(target, Modes):
        raise TypeError(f"modes are counted for rings, grids and points, not for {target!r}.")
    same_scale("samples", samples, "the target", target.centres)
    x, centres = as_tensor(samples, torch.float64).cpu(), target.centres.double().cpu()
    if x.ndim != 2 or x.shape[1] != centres.shape[1]:
        raise ValueError(f"samples must have shape (n, {centres.shape[1]}), not {tuple(x.shape)}.")
    x = finite("samples", x)
    k = len(centres)
    blocks = x.split(max(1, PAIRS // k))
    closest = [torch.cdist(rows, centres, compute_mode="donot_use_mm_for_euclid_dist").min(dim=1) for rows in blocks]
    distance, nearest = (torch.cat(parts) for parts in zip(*closest, strict=True))
    good = distance <= QUALITY * target.std
    counts = torch.bincount(nearest[good], minlength=k)
    share = torch.bincount(nearest, minlength=k).double() / len(x)
    return ModeReport(
        covered=int((counts >= _least(found, len(x), k)).sum()),
        total=k,
        high_quality=float(good.double().mean()),
        reverse_kl=float((torch.special.xlogy(share, share * k)).sum()),
        counts=tuple(counts.tolist()),
    )


@dataclass(frozen=True)
class Floor:
    """What a perfect sampler scores: the mean and the standard deviation over all draws of n samples."""

    mean: float
    std: float


@dataclass(frozen=True)
class PerfectModes:
    """The floors to show beside a :class:`ModeReport` of n samples."""

    n: int
    covered: Floor
    high_quality: Floor
    reverse_kl: Floor


def perfect_modes(target: Modes, n: int = 2_500, found: float = FOUND) -> PerfectModes:
    """What n samples of the target itself score in :func:`modes`, over all draws: sums over binomial counts, no chance.

    For centres that lie apart (4 standard deviations or more), where every sample is nearest to its own. The standard
    deviation of the reverse KL is that of chi square with modes - 1 degrees of freedom over 2 n (Wilks 1938). Raises
    TypeError for another target, ValueError for n that is no whole number above 0.
    """
    if not isinstance(target, Modes):
        raise TypeError(f"modes are counted for rings, grids and points, not for {target!r}.")
    n, (k, d) = whole_number("n", n, 1), target.centres.shape
    good = float(torch.special.gammainc(torch.tensor(d / 2).double(), torch.tensor(QUALITY**2 / 2).double()))
    counts = torch.arange(n + 1, dtype=torch.float64)

    def chance(q: float) -> Tensor:  # of each count
        return torch.distributions.Binomial(n, torch.tensor(q).double()).log_prob(counts).exp()

    each = min(1.0, float(chance(good / k)[counts >= _least(found, n, k)].sum()))
    share = counts / n
    return PerfectModes(
        n=n,
        covered=Floor(k * each, math.sqrt(k * each * (1 - each))),
        high_quality=Floor(good, math.sqrt(good * (1 - good) / n)),
        reverse_kl=Floor(
            float(k * (chance(1 / k) * torch.special.xlogy(share, share * k)).sum()), math.sqrt(2 * (k - 1)) / (2 * n)
        ),
    )
