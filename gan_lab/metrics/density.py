"""The density of what a generator makes on the line: the noise's mass pushed through it, or a kernel estimate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_lab._errors import finite, positive, whole_number
from gan_lab._numbers import on_the_line, same_scale

PAIRS = 2**22  # kernels, or cells of noise beside edges, held at a time: 32 MiB
CELLS = 1_280  # of the noise
TAIL = 1e-6  # the noise beyond this share, at either end, counts in the last cell there


class Prior(Protocol):
    """A distribution on the line, as :mod:`gan_lab.data` has them; this floor knows nothing of that one."""

    def quantile(self, u: Tensor) -> Tensor: ...
    def cdf(self, x: Tensor) -> Tensor: ...


def pushforward_mass(generator: Callable[[Tensor], Tensor], prior: Prior, edges: Any, cells: int = CELLS) -> Tensor:
    """The mass of G(z), z ~ prior, between each two of ``edges`` (m + 1,), increasing: (m,) in float64, on the CPU.

    The mass of each of ``cells`` equally wide cells of noise goes evenly to what lies between G at its two ends: G
    turns back at those ends only, and where it does the branches are summed (the change of variables, in which p_g is
    the sum of p_z over the size of G' at all z with G(z) = x, integrated). No mass is lost but what lies beyond the
    edges. The page's figures count in the same way.

    Raises ValueError for edges that decrease and for a G that does not take (n, 1) to finite numbers (n, 1).
    """
    at = on_the_line("edges", edges).cpu()
    if len(at) < 2 or bool((at.diff() < 0).any()):
        raise ValueError("edges must be two numbers or more that do not decrease.")
    return _pushed(*_noise(generator, prior, whole_number("cells", cells, 1)), at)


def pushforward_density(generator: Callable[[Tensor], Tensor], prior: Prior, n: int = 4_000) -> tuple[Tensor, Tensor]:
    """n equally spaced points x (n,) over all that G makes, and the density p_g (n,) of G(z), z ~ prior.

    The density is the mean over the cell around each x, from :func:`pushforward_mass` with n cells of noise: finite at
    the folds of G too, where the density itself is not. Raises ValueError as that one, and for a G that makes only one
    point.
    """
    mass, made = _noise(generator, prior, whole_number("n", n, 2))
    low, high = float(made.min()), float(made.max())
    if not high > low:
        raise ValueError(f"the generator makes nothing but {low:g}: there is no density.")
    edges = torch.linspace(low, high, n + 1, dtype=torch.float64)
    dx = (high - low) / n
    return edges[:-1] + dx / 2, _pushed(mass, made, edges) / dx


def _noise(generator: Callable[[Tensor], Tensor], prior: Prior, cells: int) -> tuple[Tensor, Tensor]:
    """The mass of each cell of the noise (cells,), and G at their ends (cells + 1,)."""
    low, high = (prior.quantile(torch.tensor([t], dtype=torch.float64)) for t in (TAIL, 1 - TAIL))
    z = float(low) + (float(high) - float(low)) * torch.arange(cells + 1, dtype=torch.float64) / cells
    below = prior.cdf(z)
    below[0], below[-1] = 0, 1
    parameter = next(iter(getattr(generator, "parameters", list)()), z)
    with torch.no_grad():
        made = generator(z[:, None].to(parameter))
    if made.shape != (cells + 1, 1):
        raise ValueError(
            f"the generator takes {(cells + 1, 1)} to {tuple(made.shape)}: its density is for the line only."
        )
    return below.diff(), finite("what the generator makes", made.double().cpu()[:, 0])


def _pushed(mass: Tensor, made: Tensor, edges: Tensor) -> Tensor:
    low, high = torch.minimum(made[1:], made[:-1]), torch.maximum(made[1:], made[:-1])
    wide = high > low
    mass_, low_, width = mass[wide], low[wide], (high - low)[wide]
    # the mass below each edge, cell by cell
    blocks = edges.split(max(1, PAIRS // max(1, len(width))))
    out = torch.cat([((e[:, None] - low_) / width).clamp(0, 1) @ mass_ for e in blocks]).diff()
    atoms, weights = low[~wide], mass[~wide]
    inside = (atoms >= edges[0]) & (atoms <= edges[-1])
    place = (torch.searchsorted(edges, atoms[inside], right=True) - 1).clamp(0, len(out) - 1)
    return out.index_add(0, place, weights[inside])


def kernel_density(samples: Any, x: Any, bandwidth: float | None = None) -> Tensor:
    """Gaussian kernel estimate at x, (n,) or (n, 1), from samples (m,) or (m, 1): (n,) in float64.

    Silverman's bandwidth by default (1986, eq. 3.31). Raises ValueError for other shapes, for bytes against floats, for
    NaN or infinity and for a bandwidth that is not positive.
    """
    same_scale("samples", samples, "x", x)
    s = on_the_line("samples", samples)
    at = on_the_line("x", x).to(s)
    if bandwidth is None:
        spread = float(torch.minimum(s.std(), (s.quantile(0.75) - s.quantile(0.25)) / 1.34)) if len(s) > 1 else 0.0
        bandwidth = 0.9 * (spread or 1.0) * len(s) ** -0.2
    h = positive("bandwidth", bandwidth)
    blocks = at.split(max(1, PAIRS // len(s)))
    return torch.cat([(-0.5 * ((t[:, None] - s) / h) ** 2).exp().mean(1) for t in blocks]) / (h * (2 * torch.pi) ** 0.5)
