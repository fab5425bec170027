"""What is learned: toy distributions with exact densities, and images held in memory or read from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gan_lab._errors import unknown
from gan_lab.data.base import Distribution, Distribution1D, StandardNormal, UniformCube
from gan_lab.data.digits import Images, digits
from gan_lab.data.line import Drawn, Exponential, Gaussian, Mixture, Sine, Uniform
from gan_lab.data.plane import Centres, Grid, Moons, Ring, Segment, SineCurve, Spiral
from gan_lab.data.stream import StreamedImages, pack_images

# lower-case names read as what they give: data.ring(modes=8)
gaussian, mixture, uniform, exponential, sine, drawn = Gaussian, Mixture, Uniform, Exponential, Sine, Drawn
ring, grid, spiral, moons, points = Ring, Grid, Spiral, Moons, Centres
sine_curve, segment = SineCurve, Segment
standard_normal, uniform_cube = StandardNormal, UniformCube

DISTRIBUTIONS: dict[str, Callable[..., Distribution]] = {
    c.name: c
    for c in (
        Gaussian, Mixture, Uniform, Exponential, Sine, Drawn, Ring, Grid, Spiral, Moons, Centres, SineCurve, Segment,
        StandardNormal, UniformCube,
    )
}  # fmt: skip


def from_spec(spec: dict[str, Any]) -> Distribution:
    """The distribution that ``spec`` (the JSON that :meth:`Distribution.spec` gives) names."""
    fields = dict(spec)
    name = fields.pop("name", None)
    if name not in DISTRIBUTIONS:
        raise unknown("distribution", name, DISTRIBUTIONS)
    try:
        return DISTRIBUTIONS[name](**fields)
    except TypeError as error:
        raise ValueError(f"the distribution {name} cannot be made from {fields}: {error}.") from error


__all__ = [
    "Centres", "DISTRIBUTIONS", "Distribution", "Distribution1D", "Drawn", "Exponential", "Gaussian", "Grid",
    "Images", "Mixture", "Moons", "Ring", "Segment", "Sine", "SineCurve", "Spiral", "StandardNormal", "StreamedImages",
    "Uniform", "UniformCube", "digits", "drawn", "exponential", "from_spec", "gaussian", "grid", "mixture", "moons",
    "pack_images", "points", "ring", "segment", "sine", "sine_curve", "spiral", "standard_normal", "uniform",
    "uniform_cube",
]  # fmt: skip
