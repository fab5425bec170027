"""The density of what a generator makes: exactly where it is monotone, by kernels where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_lab._errors import positive, whole_number
from gan_lab._numbers import on_the_line, same_scale

PAIRS = 2**22  # kernels held at a time: 32 MiB


class Prior(Protocol):
    """A distribution on the line, as :mod:`gan_lab.data` has them; this floor knows nothing of that one."""

    def quantile(self, u: Tensor) -> Tensor: ...
    def density(self, x: Tensor) -> Tensor: ...


def pushforward_density(
    generator: Callable[[Tensor], Tensor], prior: Prior, n: int = 4_000
) -> tuple[Tensor, Tensor] | None:
    """Points x (n,) in order and the density p_g(x) (n,) of G(z), z ~ prior, for a strictly monotone generator G.

    Change of variables: p_g(G(z)) = p_z(z) / |G'(z)|. Returns None where G is not monotone over the prior's range.
    Raises ValueError for a G that does not take numbers (n, 1) to numbers (n, 1).
    """
    n = whole_number("n", n, 2)
    low, high = (prior.quantile(torch.tensor([t], dtype=torch.float64)) for t in (1e-5, 1 - 1e-5))
    z = torch.linspace(float(low), float(high), n, dtype=torch.float64)[:, None]
    parameter = next(iter(getattr(generator, "parameters", list)()), z)
    z_in = z.to(parameter).clone().requires_grad_(True)
    x = generator(z_in)
    if x.shape != z.shape:
        raise ValueError(f"the generator takes {tuple(z.shape)} to {tuple(x.shape)}: its density is for the line only.")
    (slope,) = torch.autograd.grad(x.sum(), z_in)
    x, slope = x.detach().double().cpu()[:, 0], slope.double().cpu()[:, 0]
    if not (bool((slope > 0).all()) or bool((slope < 0).all())):
        return None
    order = x.argsort()
    return x[order], (prior.density(z) / slope.abs())[order]


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
