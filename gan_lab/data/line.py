"""Distributions on the line, each with density, CDF and inverse CDF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import positive
from gan_lab._numbers import as_floats
from gan_lab.data.base import LOG_2PI, Distribution1D, number, numbers


class Gaussian(Distribution1D):
    """The normal distribution with ``mean`` and standard deviation ``std`` > 0."""

    name = "gaussian"

    def __init__(self, mean: float = 0.0, std: float = 1.0) -> None:
        self.mean, self.std = number("mean", mean), positive("std", std)

    def log_prob(self, x: Tensor) -> Tensor:
        z = (self._points(x)[:, 0] - self.mean) / self.std
        return -0.5 * z**2 - 0.5 * LOG_2PI - math.log(self.std)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        return torch.special.ndtr((x - self.mean) / self.std)

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        return self.mean + self.std * torch.special.ndtri(u)

    @property
    def support(self) -> tuple[float, float]:
        return self.mean - 3.5 * self.std, self.mean + 3.5 * self.std

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "mean": self.mean, "std": self.std}


class Mixture(Distribution1D):
    """A mixture of normals. A sample takes two uniforms: one picks the component, one its quantile."""

    name = "mixture"
    uniforms = 2

    def __init__(
        self,
        means: Sequence[float],
        stds: Sequence[float] | float = 1.0,
        weights: Sequence[float] | None = None,
    ) -> None:
        self.means = numbers("means", means)
        self.components = k = len(self.means)
        self.stds = numbers("stds", [stds] * k if np.ndim(stds) == 0 else stds)
        weight = numbers("weights", [1.0] * k if weights is None else weights)
        if len(self.stds) != k or len(weight) != k:
            raise ValueError(
                f"a mixture of {k} means has {len(self.stds)} stds and {len(weight)} weights: give {k} each."
            )
        if bool((self.stds <= 0).any()) or bool((weight < 0).any()) or float(weight.sum()) <= 0:
            raise ValueError("a mixture needs stds > 0 and weights >= 0 that do not all vanish.")
        self.weights = weight / weight.sum()

    def component(self, u: Tensor) -> Tensor:
        edges = self.weights.cumsum(0).to(u.device)
        # `right`: with u exactly at an edge the next component is meant, as in the page's engine
        return torch.searchsorted(edges, u[:, 0].contiguous(), right=True).clamp_(max=len(edges) - 1)

    def from_uniform(self, u: Tensor) -> Tensor:
        component = self.component(u)
        means, stds = self.means.to(u.device), self.stds.to(u.device)
        return (means[component] + stds[component] * torch.special.ndtri(u[:, 1]))[:, None]

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)
        means, stds, weights = (t.to(x) for t in (self.means, self.stds, self.weights))
        logs = -0.5 * ((x - means) / stds) ** 2 - 0.5 * LOG_2PI - stds.log() + weights.log()
        return torch.logsumexp(logs, dim=1)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        means, stds, weights = (t.to(x) for t in (self.means, self.stds, self.weights))
        return (weights * torch.special.ndtr((x[..., None] - means) / stds)).sum(-1)

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        # no closed form; the CDF is increasing, so halving an interval 60 times reaches float64's end
        low = (self.means - 9 * self.stds).min().to(u).expand_as(u).clone()
        high = (self.means + 9 * self.stds).max().to(u).expand_as(u).clone()
        for _ in range(60):
            middle = (low + high) / 2
            below = self.cdf(middle) < u
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2

    @property
    def support(self) -> tuple[float, float]:
        return float((self.means - 3.5 * self.stds).min()), float((self.means + 3.5 * self.stds).max())

    def spec(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "means": self.means.tolist(),
            "stds": self.stds.tolist(),
            "weights": self.weights.tolist(),
        }


class Uniform(Distribution1D):
    """Constant density on [low, high]."""

    name = "uniform"

    def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
        self.low, self.high = number("low", low), number("high", high)
        if self.low >= self.high:
            raise ValueError(f"uniform from {low} to {high} is empty: low must be below high.")

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)[:, 0]
        inside = (x >= self.low) & (x <= self.high)
        return torch.where(inside, x.new_tensor(-math.log(self.high - self.low)), -math.inf)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        return ((x - self.low) / (self.high - self.low)).clamp(0, 1)

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        return self.low + (self.high - self.low) * u

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "low": self.low, "high": self.high}


class Exponential(Distribution1D):
    """Density rate * exp(-rate x) on x >= 0; mean 1 / rate."""

    name = "exponential"

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = positive("rate", rate)

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)[:, 0]
        return torch.where(x >= 0, math.log(self.rate) - self.rate * x, -math.inf)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        return -torch.expm1(-self.rate * x.clamp(min=0))

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        return -torch.log1p(-u) / self.rate

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 7.0 / self.rate

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "rate": self.rate}


class Sine(Distribution1D):
    """Density sin(x) / 2 on [0, pi]; its inverse CDF is arccos(1 - 2u)."""

    name = "sine"

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)[:, 0]
        inside = (x > 0) & (x < math.pi)
        return torch.where(inside, torch.log(torch.sin(torch.where(inside, x, 1.0)) / 2), -math.inf)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        return (1 - torch.cos(x.clamp(0, math.pi))) / 2

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        return torch.arccos(1 - 2 * u)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.pi

    def spec(self) -> dict[str, Any]:
        return {"name": self.name}


class Drawn(Distribution1D):
    """A density drawn by hand: constant on equal bins of [low, high], in proportion to ``heights`` >= 0."""

    name = "drawn"

    def __init__(self, heights: Sequence[float], low: float = -4.0, high: float = 4.0) -> None:
        self.heights = numbers("heights", heights)
        self.low, self.high = number("low", low), number("high", high)
        if self.low >= self.high:
            raise ValueError(f"a density drawn from {low} to {high} is empty: low must be below high.")
        if bool((self.heights < 0).any()) or float(self.heights.sum()) <= 0:
            raise ValueError("heights must be >= 0 and not all zero: draw something above the axis.")
        self._mass = self.heights / self.heights.sum()
        self._edges = torch.cat([torch.zeros(1, dtype=torch.float64), self._mass.cumsum(0)])
        self._edges[-1] = 1.0
        self._width = (self.high - self.low) / len(self.heights)

    def _bin(self, x: Tensor) -> Tensor:
        return ((x - self.low) / self._width).floor().long().clamp(0, len(self._mass) - 1)

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)[:, 0]
        inside = (x >= self.low) & (x <= self.high)
        return torch.where(inside, (self._mass.to(x) / self._width)[self._bin(x)].log(), -math.inf)

    def cdf(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        inside = x.clamp(self.low, self.high)
        b = self._bin(inside)
        return self._edges.to(x)[b] + self._mass.to(x)[b] * ((inside - self.low) / self._width - b)

    def quantile(self, u: Tensor) -> Tensor:
        u = as_floats(u)
        edges, mass = self._edges.to(u), self._mass.to(u)
        b = (torch.searchsorted(edges, u.contiguous(), right=True) - 1).clamp(0, len(mass) - 1)
        return self.low + self._width * (b + (u - edges[b]) / mass[b].clamp(min=1e-300))

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "low": self.low, "high": self.high, "heights": self.heights.tolist()}
