"""The density of what a generator makes: exactly where it is monotone, by kernels where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from gan_lab._errors import finite, positive


class Prior(Protocol):
    """A distribution on the line, as :mod:`gan_lab.data` has them; this floor knows nothing of that one."""

    def quantile(self, u: Tensor) -> Tensor: ...
    def density(self, x: Tensor) -> Tensor: ...


def pushforward_density(
    generator: Callable[[Tensor], Tensor], prior: Prior, n: int = 4_000
) -> tuple[Tensor, Tensor] | None:
    """Points x (n,) in order and the density p_g(x) (n,) of G(z), z ~ prior, for a strictly monotone generator G.

    Change of variables: p_g(G(z)) = p_z(z) / |G'(z)|. Returns None where G is not monotone over the prior's range.
    """
    low, high = (prior.quantile(torch.tensor([t], dtype=torch.float64)) for t in (1e-5, 1 - 1e-5))
    z = torch.linspace(float(low), float(high), n, dtype=torch.float64)[:, None]
    parameter = next(iter(getattr(generator, "parameters", lambda: [z])()))
    z_in = z.to(parameter).clone().requires_grad_(True)
    x = generator(z_in)
    (slope,) = torch.autograd.grad(x.sum(), z_in)
    x, slope = x.detach().double().cpu()[:, 0], slope.double().cpu()[:, 0]
    if not (bool((slope > 0).all()) or bool((slope < 0).all())):
        return None
    order = x.argsort()
    return x[order], (prior.density(z) / slope.abs())[order]


def kernel_density(samples: Tensor, x: Tensor, bandwidth: float | None = None) -> Tensor:
    """Gaussian kernel estimate at x (n,) from samples (m,) or (m, 1); Silverman's bandwidth by default."""
    s = finite("samples", samples.double().flatten())
    if bandwidth is None:
        spread = float(torch.minimum(s.std(), (s.quantile(0.75) - s.quantile(0.25)) / 1.34)) if len(s) > 1 else 0.0
        bandwidth = 0.9 * (spread or 1.0) * len(s) ** -0.2
    h = positive("bandwidth", bandwidth)
    z = (x.double()[:, None] - s) / h
    return (-0.5 * z**2).exp().mean(1) / (h * (2 * torch.pi) ** 0.5)
