"""Modes covered, high-quality share and reverse KL of samples from rings and grids, as VEEGAN and PacGAN count them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab._numbers import as_tensor, same_scale


@runtime_checkable
class Modes(Protocol):
    """Equal normals: ``centres`` (k, d) and ``std``; what data.ring, data.grid and data.points are."""

    centres: Tensor
    std: float

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor: ...


@dataclass(frozen=True)
class ModeReport:
    """``covered`` of ``total`` modes have a high-quality sample; ``high_quality`` is a share, ``reverse_kl`` in nats.

    Compare each with :func:`perfect_modes`: true data has 1 - exp(-4.5) = 98.889 % of high quality, and a finite
    sample of it a reverse KL above 0.
    """

    covered: int
    total: int
    high_quality: float
    reverse_kl: float
    counts: tuple[int, ...]


def modes(samples: Any, target: Modes) -> ModeReport:
    """Score samples (n, d) against a ring, grid or other set of equal normals in d dimensions, such as the plane.

    A sample is of high quality within 3 standard deviations of a centre (Srivastava et al. 2017, section 4.1;
    Lin et al. 2018, section 4.1). The reverse KL is KL(sample shares || uniform over the modes), counting every sample
    at its nearest centre. Raises TypeError for another target, ValueError for samples of another shape, for bytes and
    for NaN or infinity.
    """
    if not isinstance(target, Modes):
        raise TypeError(f"modes are counted for rings, grids and points, not for {target!r}.")
    same_scale("samples", samples, "the target", target.centres)
    x, centres = as_tensor(samples, torch.float64).cpu(), target.centres.double().cpu()
    if x.ndim != 2 or x.shape[1] != centres.shape[1]:
        raise ValueError(f"samples must have shape (n, {centres.shape[1]}), not {tuple(x.shape)}.")
    x = finite("samples", x)
    distance, nearest = torch.cdist(x, centres, compute_mode="donot_use_mm_for_euclid_dist").min(dim=1)
    good = distance <= 3 * target.std
    k = len(centres)
    counts = torch.bincount(nearest[good], minlength=k)
    share = torch.bincount(nearest, minlength=k).double() / len(x)
    return ModeReport(
        covered=int((counts > 0).sum()),
        total=k,
        high_quality=float(good.double().mean()),
        reverse_kl=float((torch.special.xlogy(share, share * k)).sum()),
        counts=tuple(counts.tolist()),
    )


def perfect_modes(target: Modes, n: int = 2_500, seed: int = 0) -> ModeReport:
    """The same score for n samples of the target itself: the floor to show beside a generator's."""
    generator = torch.Generator().manual_seed(whole_number("seed", seed, 0))
    return modes(target.sample(whole_number("n", n, 1), generator), target)
