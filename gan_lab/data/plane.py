"""Distributions in the plane. All but the grid of points are narrow normals around a curve or a set of centres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gan_lab._errors import finite, positive, whole_number
from gan_lab.data.base import LOG_2PI, Distribution


class Centres(Distribution):
    """Normals of standard deviation ``std`` around ``centres`` (k, 2), equally likely. Three uniforms a sample."""

    name = "points"
    dim = 2
    uniforms = 3

    def __init__(self, centres: Tensor | Sequence[Sequence[float]], std: float) -> None:
        points = torch.as_tensor(centres, dtype=torch.float64).detach()
        if points.ndim != 2 or points.shape[1:] != (2,):
            raise ValueError(f"centres must have shape (k, 2), not {tuple(points.shape)}.")
        self.centres, self.std, self.components = finite("centres", points), positive("std", std), len(points)

    def component(self, u: Tensor) -> Tensor:
        return (u[:, 0] * self.components).long().clamp_(max=self.components - 1)

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.centres.to(u.device)[self.component(u)] + self.std * torch.special.ndtri(u[:, 1:])

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)
        square = torch.cdist(x, self.centres.to(x), compute_mode="donot_use_mm_for_euclid_dist") ** 2
        log_normal = -0.5 * square / self.std**2 - LOG_2PI - 2 * math.log(self.std)
        return torch.logsumexp(log_normal, dim=1) - math.log(len(self.centres))

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "centres": self.centres.tolist(), "std": self.std}


class Ring(Centres):
    """``modes`` normals evenly on a circle. Default: as in PacGAN and VEEGAN (8 modes, radius 1, s.d. 0.01)."""

    name = "ring"

    def __init__(self, modes: int = 8, radius: float = 1.0, std: float = 0.01) -> None:
        self.modes, self.radius = whole_number("modes", modes, 1), positive("radius", radius)
        # arange, not linspace(0, 2 pi, modes): that would put the last mode on top of the first
        angle = 2 * math.pi * torch.arange(self.modes, dtype=torch.float64) / self.modes
        super().__init__(self.radius * torch.stack([angle.cos(), angle.sin()], dim=1), std)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "modes": self.modes, "radius": self.radius, "std": self.std}


class Grid(Centres):
    """side x side normals at equal distance. Default: {-4,-2,0,2,4}^2 with s.d. 0.05 (PacGAN, VEEGAN)."""

    name = "grid"

    def __init__(self, side: int = 5, spacing: float = 2.0, std: float = 0.05) -> None:
        self.side, self.spacing = whole_number("side", side, 1), positive("spacing", spacing)
        line = self.spacing * (torch.arange(self.side, dtype=torch.float64) - (self.side - 1) / 2)
        super().__init__(torch.cartesian_prod(line, line).reshape(-1, 2), std)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "side": self.side, "spacing": self.spacing, "std": self.std}


class Curve(Distribution):
    """Normals of standard deviation ``std`` around a curve whose parameter t in (0, 1) is uniform.

    The density is the integral over t, taken by the midpoint rule at ``_NODES`` points: exact to rounding while the
    nodes lie closer together than ``std``, which the constructors see to.
    """

    dim = 2
    uniforms = 3
    _NODES = 4096

    def __init__(self, std: float) -> None:
        self.std = positive("std", std)
        t = (torch.arange(self._NODES, dtype=torch.float64) + 0.5) / self._NODES
        self._nodes = self.curve(t)
        gap = float((self._nodes[1:] - self._nodes[:-1]).norm(dim=1).quantile(0.99))
        if gap > self.std:
            raise ValueError(f"std is {std}: for an exact density of this {self.name} it must be at least {gap:.1g}.")

    def curve(self, t: Tensor) -> Tensor:
        """Points (n, 2) of the curve at parameters t (n,) in (0, 1)."""
        raise NotImplementedError

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.curve(u[:, 0]) + self.std * torch.special.ndtri(u[:, 1:])

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)
        square = torch.cdist(x, self._nodes.to(x), compute_mode="donot_use_mm_for_euclid_dist") ** 2
        mean = torch.logsumexp(-0.5 * square / self.std**2, dim=1) - math.log(self._NODES)
        return mean - LOG_2PI - 2 * math.log(self.std)


class Spiral(Curve):
    """An Archimedean spiral of ``turns`` turns out to ``radius``; the square root spreads samples evenly by length."""

    name = "spiral"

    def __init__(self, turns: float = 2.0, radius: float = 1.0, std: float = 0.02) -> None:
        self.turns, self.radius = positive("turns", turns), positive("radius", radius)
        super().__init__(std)

    def curve(self, t: Tensor) -> Tensor:
        r = t.sqrt()
        angle = 2 * math.pi * self.turns * r
        return self.radius * torch.stack([r * angle.cos(), r * angle.sin()], dim=1)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "turns": self.turns, "radius": self.radius, "std": self.std}


class Moons(Curve):
    """Two interleaving half circles of radius 1, each with half of the mass: component 0 above, 1 below."""

    name = "moons"
    components = 2

    def __init__(self, std: float = 0.05) -> None:
        super().__init__(std)

    def component(self, u: Tensor) -> Tensor:
        return (u[:, 0] >= 0.5).long()

    def curve(self, t: Tensor) -> Tensor:
        upper = t < 0.5
        angle = math.pi * torch.where(upper, 2 * t, 2 * t - 1)
        x = torch.where(upper, angle.cos(), 1 - angle.cos())
        y = torch.where(upper, angle.sin(), 0.5 - angle.sin())
        return torch.stack([x - 0.5, y - 0.25], dim=1)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "std": self.std}


class SineCurve(Curve):
    """Points around the graph of y = amplitude * sin(x), x uniform on [-pi, pi]."""

    name = "sine_curve"

    def __init__(self, amplitude: float = 1.0, std: float = 0.05) -> None:
        self.amplitude = positive("amplitude", amplitude)
        super().__init__(std)

    def curve(self, t: Tensor) -> Tensor:
        x = math.pi * (2 * t - 1)
        return torch.stack([x, self.amplitude * x.sin()], dim=1)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "amplitude": self.amplitude, "std": self.std}


class Segment(Curve):
    """Points along a straight segment of ``length`` through the origin, on the diagonal y = x."""

    name = "segment"

    def __init__(self, length: float = 2.0, std: float = 0.05) -> None:
        self.length = positive("length", length)
        super().__init__(std)

    def curve(self, t: Tensor) -> Tensor:
        along = self.length * (t - 0.5) / math.sqrt(2)
        return torch.stack([along, along], dim=1)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "length": self.length, "std": self.std}
