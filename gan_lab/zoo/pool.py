"""A pool of old images (Shrivastava et al. 2017, section 2.3): what a discriminator should not forget."""

from __future__ import annotations

import torch
from torch import Tensor

# Pure functions of a pool (size, ...), of which the first ``held`` places are taken; a system keeps both as state.


def shown(pool: Tensor, held: Tensor, new: Tensor, coin: Tensor, place: Tensor) -> Tensor:
    """What the discriminator sees in place of new samples (n, ...): from a full pool, every other is an old one.

    coin: (n,) uniform numbers; place: (n,) indices into the pool. A batch sees the pool as it stood before it, so that
    for a batch of one (the paper's) this is the paper's history of images.
    """
    old = _swapped(pool, held, coin).reshape(-1, *[1] * (new.ndim - 1))
    return torch.where(old, pool[place], new)


def pushed(pool: Tensor, held: Tensor, new: Tensor, coin: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
    """The pool after a batch: it fills up first; then what was shown as old is replaced by what was new.

    Returns the pool and how many places are taken. Of several samples for one place the last stays.
    """
    size, n = len(pool), len(new)
    row = torch.arange(n, device=pool.device)
    full = held >= size
    at = torch.where(full, place, held + row)
    kept = torch.where(full, _swapped(pool, held, coin), at < size)
    mine = (torch.arange(size, device=pool.device)[:, None] == at) & kept  # (size, n): which sample wants which place
    last = torch.where(mine, row + 1, 0).amax(1)
    taken = (last > 0).reshape(-1, *[1] * (new.ndim - 1))
    return torch.where(taken, new[(last - 1).clamp(min=0)], pool), (held + n).clamp(max=size)


def _swapped(pool: Tensor, held: Tensor, coin: Tensor) -> Tensor:
    return (coin < 0.5) & (held >= len(pool))
