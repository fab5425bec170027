"""A pool of old images (Shrivastava et al. 2017, section 2.3): what a discriminator should not forget.

Pure functions of a pool (size, ...), of which the first ``held`` places are taken; a system keeps both as state.
chance: (n, 2) uniform numbers, for each new sample a coin and a place in the pool.
"""

from __future__ import annotations

import torch
from torch import Tensor


def shown(pool: Tensor, held: Tensor, new: Tensor, chance: Tensor) -> Tensor:
    """What the discriminator sees in place of new samples (n, ...): from a full pool, every other is an old one.

    A batch sees the pool as it stood before it, so that for a batch of one (the paper's) this is the paper's history.
    """
    swapped, place = _decided(pool, held, chance)
    return torch.where(swapped.reshape(-1, *[1] * (new.ndim - 1)), pool[place], new)


def pushed(pool: Tensor, held: Tensor, new: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
    """The pool after a batch, and how many places are taken: it fills up first; then old is replaced by new.

    Of several samples for one place the last stays.
    """
    size, n = len(pool), len(new)
    swapped, place = _decided(pool, held, chance)
    row, full = torch.arange(n, device=pool.device), held >= size
    at = torch.where(full, place, held + row)
    kept = torch.where(full, swapped, at < size)
    return put(pool, torch.where(kept, at, size), new), (held + n).clamp(max=size)  # place ``size`` is none


def put(pool: Tensor, at: Tensor, new: Tensor) -> Tensor:
    """The pool with new samples (n, ...) at the places ``at`` (n,); of several for one place the last stays."""
    row = torch.arange(len(new), device=pool.device)
    wants = torch.arange(len(pool), device=pool.device)[:, None] == at  # (size, n): which sample wants which place
    last = torch.where(wants, row + 1, 0).amax(1)
    taken = (last > 0).reshape(-1, *[1] * (new.ndim - 1))
    return torch.where(taken, new[(last - 1).clamp(min=0)], pool)


def _decided(pool: Tensor, held: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
    return (chance[:, 0] < 0.5) & (held >= len(pool)), (chance[:, 1] * len(pool)).long()
