"""Does the generator copy? The nearest training samples, and how near real samples are to each other."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab._numbers import as_floats, on_the_line, same_scale
from gan_lab.data import Images

SPARE = 8  # candidates kept beyond those asked for, until their distances are computed exactly
ROWS = 2_048


class Nearest(NamedTuple):
    """Both (n, k), the nearest first: Euclidean distances, and which sample of the data it is."""

    distances: Tensor
    indices: Tensor


def nearest(images: Any, data: Any, k: int = 1) -> Nearest:
    """The k samples of ``data`` nearest to each image, by Euclidean distance over all its numbers.

    images: (n, ...), in the units of the data, which for :class:`gan_lab.data.Images` is [-1, 1]; data: those, or
    samples of any kind (m, ...). A sample that is in the data is its own nearest at distance 0, exactly. Raises
    ValueError for samples of different sizes or scales, for empty or non-finite ones, and for k beyond the data.
    """
    known = _numbers("data", data)
    asked = _numbers("images", images).to(known)
    if asked.shape[1] != known.shape[1]:
        raise ValueError(f"an image has {asked.shape[1]} numbers, a sample of the data {known.shape[1]}.")
    same_scale("images", images, "data", data[:] if isinstance(data, Images) else data)
    k = whole_number("k", k, 1)
    if k > len(known):
        raise ValueError(f"k is {k}, but the data have {len(known)} samples.")
    parts = [_nearest(rows, known, k) for rows in asked.split(ROWS)]
    return Nearest(torch.cat([p.distances for p in parts]), torch.cat([p.indices for p in parts]))


def _nearest(asked: Tensor, known: Tensor, k: int) -> Nearest:
    # the fast product of matrices rounds: it only chooses who is looked at exactly ...
    rough = torch.cdist(asked, known, compute_mode="use_mm_for_euclid_dist").square()
    farthest, candidates = rough.topk(min(k + SPARE, len(known)), largest=False)
    exact = torch.stack([(asked - known[column]).norm(dim=1) for column in candidates.T], dim=1)
    distances, order = exact.sort(dim=1, stable=True)
    distances, indices = distances[:, :k], candidates.gather(1, order)[:, :k]
    # ... and where rounding may have hidden a nearer one, all are. An inner product of d numbers is off by at most
    # d eps |a| |b|, and a squared distance is made of three
    off = torch.finfo(asked.dtype).eps * (asked.shape[1] + 3) * (asked.norm(dim=1) + known.norm(dim=1).max()).square()
    doubtful = distances[:, -1].square() > farthest[:, -1] - off
    for i in doubtful.nonzero()[:, 0].tolist() if candidates.shape[1] < len(known) else ():
        best = (asked[i] - known).norm(dim=1).sort(stable=True)
        distances[i], indices[i] = best.values[:k], best.indices[:k]
    return Nearest(distances, indices)


def among(data: Any) -> Tensor:
    """The distance of each sample of the data to the nearest *other* one, (n,): the floor for :func:`nearest`.

    A new sample of the same law, set beside n - 1 of these, would have a distance of just this distribution. So a
    generated sample copies where it is nearer to the data than nearly all of these.
    """
    known = _numbers("data", data)
    if len(known) < 2:
        raise ValueError("the data have one sample: distances among them need two or more.")
    return nearest(known, known, k=2).distances[:, 1]


def closeness(generated: Any, real: Any) -> float:
    """The chance that a generated sample is nearer to the data than a real one: 1/2 where G neither copies nor strays.

    generated: distances from :func:`nearest`, (n,) or (n, 1); real: those of :func:`among`, or of held-out data. It is
    the Mann-Whitney statistic of Meehan, Chaudhuri and Dasgupta (2020, "A non-parametric test to detect data-copying
    in generative models"), ties counted half: 1 for a generator that repeats its data, 0 for one that is far from them.
    """
    a, b = on_the_line("generated", generated), on_the_line("real", real)
    b = b.to(a)
    ordered = b.sort().values
    below, upto = (torch.searchsorted(ordered, a, right=right).double() for right in (False, True))
    return float(1 - (below + upto).mean() / (2 * len(b)))


def _numbers(name: str, samples: Any) -> Tensor:
    """(n, numbers) of floats."""
    given = samples[:] if isinstance(samples, Images) else samples
    if str(getattr(given, "dtype", "")) in ("uint8", "torch.uint8"):
        raise ValueError(f"{name} are bytes 0..255: give numbers in [-1, 1], such as digits[:].")
    x = as_floats(given).detach()
    if x.ndim < 2:
        raise ValueError(f"{name} must be samples of shape (n, ...), such as images or points.")
    return finite(name, x.flatten(1))
