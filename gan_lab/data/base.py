"""What every toy distribution can do. Each is a push-forward of uniform numbers, which is also what a generator is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab.random import Streams

LOG_2PI = math.log(2 * math.pi)


class Distribution(ABC):
    """A distribution with exact sampling and an exact density.

    ``dim`` is the dimension of one sample, ``uniforms`` the number of uniform numbers that one sample is made of:
    :meth:`from_uniform` maps u of shape (n, uniforms), values in (0, 1), to samples (n, dim).
    """

    name: ClassVar[str]
    dim: int = 1
    uniforms: int = 1

    @abstractmethod
    def from_uniform(self, u: Tensor) -> Tensor:
        """Samples (n, dim) as a fixed function of uniforms (n, uniforms)."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Natural logarithm of the density at x (n, dim) -> (n,); -inf outside the support."""

    @abstractmethod
    def spec(self) -> dict[str, Any]:
        """The distribution as JSON; :func:`gan_lab.data.from_spec` gives it back."""

    def density(self, x: Tensor) -> Tensor:
        """Density at x (n, dim) -> (n,), in 1 / (unit of x)^dim."""
        return self.log_prob(x).exp()

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """n independent samples (n, dim), float32, on the generator's device."""
        whole_number("n", n, 1)
        device = generator.device if generator is not None else torch.device("cpu")
        # float64: the inverse CDF of a float32 uniform has visible steps in the tails and can be infinite at 0
        u = torch.rand(n, self.uniforms, generator=generator, device=device, dtype=torch.float64)
        return self.from_uniform(u.clamp_(1e-12, 1 - 1e-12)).float()

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Tensor:
        """n samples (n, dim) from a named stream of a run."""
        u = streams.uniform(stream, (n, self.uniforms), device).double().clamp_(1e-12, 1 - 1e-12)
        return self.from_uniform(u).to(dtype)

    def _points(self, x: Tensor) -> Tensor:
        if x.ndim == 1 and self.dim == 1:
            x = x[:, None]
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"{self.name} expects points of shape (n, {self.dim}), not {tuple(x.shape)}.")
        return x

    def __repr__(self) -> str:
        fields = ", ".join(f"{k}={v}" for k, v in self.spec().items() if k != "name")
        return f"{self.name}({fields})"


class Distribution1D(Distribution):
    """A distribution on the line: it also has a CDF, a quantile function, and a range worth drawing."""

    @abstractmethod
    def cdf(self, x: Tensor) -> Tensor:
        """P(X <= x), same shape as x."""

    @abstractmethod
    def quantile(self, u: Tensor) -> Tensor:
        """The inverse of the CDF at u in (0, 1), same shape as u."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """A finite interval that holds all but about 1e-3 of the mass: what a plot should show."""

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.quantile(u[:, :1])


class StandardNormal(Distribution):
    """N(0, I) in ``dim`` dimensions: the usual prior p_z of the noise."""

    name = "standard_normal"

    def __init__(self, dim: int) -> None:
        self.dim = self.uniforms = whole_number("dim", dim, 1)

    def from_uniform(self, u: Tensor) -> Tensor:
        return torch.special.ndtri(u)

    def log_prob(self, x: Tensor) -> Tensor:
        return -0.5 * (self._points(x) ** 2).sum(1) - 0.5 * self.dim * LOG_2PI

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Tensor:
        return streams.normal(stream, (n, self.dim), device).to(dtype)

    def spec(self) -> dict[str, Any]:
        # on the line it is the page's gaussian
        return {"name": "gaussian", "mean": 0.0, "std": 1.0} if self.dim == 1 else {"name": self.name, "dim": self.dim}


class UniformCube(Distribution):
    """Uniform on [low, high] in each of ``dim`` coordinates, independently: the other usual prior of the noise."""

    name = "uniform_cube"

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0) -> None:
        self.dim = self.uniforms = whole_number("dim", dim, 1)
        self.low, self.high = (float(v) for v in numbers("low and high", [low, high]))
        if self.low >= self.high:
            raise ValueError(f"low is {low} and high is {high}: low must be below high.")

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.low + (self.high - self.low) * u

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)
        inside = ((x >= self.low) & (x <= self.high)).all(1)
        return torch.where(inside, -self.dim * math.log(self.high - self.low), -torch.inf)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "dim": self.dim, "low": self.low, "high": self.high}


def numbers(name: str, values: Sequence[float]) -> Tensor:
    """A non-empty list of finite numbers as a float64 tensor; raises ValueError with ``name`` in it."""
    return finite(name, torch.as_tensor(values, dtype=torch.float64).reshape(-1))
