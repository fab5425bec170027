"""Does the generator copy? The nearest training samples, and how near real samples are to each other."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab.data import Images

SPARE = 8  # candidates kept beyond those asked for, until their distances are computed exactly
ROWS = 2_048


class Nearest(NamedTuple):
    """Both (n, k), the nearest first: Euclidean distances, and which sample of the data it is."""

    distances: Tensor
    indices: Tensor


def nearest(images: Tensor, data: Images | Tensor, k: int = 1) -> Nearest:
    """The k samples of ``data`` nearest to each image, by Euclidean distance over all its numbers.

    images: (n, ...), in the units of the data, which for :class:`gan_lab.data.Images` is [-1, 1]. A sample that is in
    the data is its own nearest at distance 0, exactly. Raises ValueError for samples of different sizes, for empty or
    non-finite ones, and for k beyond the data.
    """
    known = _numbers("data", data)
    asked = _numbers("images", images).to(known)
    if asked.shape[1] != known.shape[1]:
        raise ValueError(f"an image has {asked.shape[1]} numbers, a sample of the data {known.shape[1]}.")
    if whole_number("k", k, 1) > len(known):
        raise ValueError(f"k is {k}, but the data have {len(known)} samples.")
    parts = [_nearest(rows, known, k) for rows in asked.split(ROWS)]
    return Nearest(torch.cat([p.distances for p in parts]), torch.cat([p.indices for p in parts]))


def _nearest(asked: Tensor, known: Tensor, k: int) -> Nearest:
    # the fast product of matrices rounds: it only chooses who is looked at exactly
    rough = torch.cdist(asked, known, compute_mode="use_mm_for_euclid_dist")
    candidates = rough.topk(min(k + SPARE, len(known)), largest=False).indices
    exact = torch.stack([(asked - known[column]).norm(dim=1) for column in candidates.T], dim=1)
    distances, order = exact.sort(dim=1, stable=True)
    return Nearest(distances[:, :k], candidates.gather(1, order)[:, :k])


def among(data: Images | Tensor) -> Tensor:
    """The distance of each sample of the data to the nearest *other* one, (n,): the floor for :func:`nearest`.

    A new sample of the same law, set beside n - 1 of these, would have a distance of just this distribution. So a
    generated sample copies where it is nearer to the data than nearly all of these.
    """
    known = _numbers("data", data)
    if len(known) < 2:
        raise ValueError("the data have one sample: distances among them need two or more.")
    return nearest(known, known, k=2).distances[:, 1]


def closeness(generated: Tensor, real: Tensor) -> float:
    """The chance that a generated sample is nearer to the data than a real one: 1/2 where G neither copies nor strays.

    generated: distances from :func:`nearest`; real: those of :func:`among`, or of held-out data. It is the
    Mann-Whitney statistic of Meehan, Chaudhuri and Dasgupta (2020, "A non-parametric test to detect data-copying in
    generative models"), ties counted half: 1 for a generator that repeats its data, 0 for one that is far from them.
    """
    a, b = finite("generated", generated.double().flatten()), finite("real", real.double().flatten())
    ordered = b.sort().values
    below, upto = (torch.searchsorted(ordered, a, right=right).double() for right in (False, True))
    return float(1 - (below + upto).mean() / (2 * len(b)))


def _numbers(name: str, samples: Images | Tensor) -> Tensor:
    """(n, numbers) of floats."""
    if isinstance(samples, Images):
        samples = samples[:]
    if not isinstance(samples, Tensor) or samples.ndim < 2:
        raise ValueError(f"{name} must be samples of shape (n, ...), such as images or points.")
    if samples.dtype == torch.uint8:
        raise ValueError(f"{name} are bytes 0..255: give numbers in [-1, 1], such as digits[:].")
    return finite(name, samples.flatten(1))
