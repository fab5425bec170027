"""What is learned: toy distributions with exact densities, images, tables, labels and pairs of domains."""

from __future__ import annotations

from gan_lab.data.base import Data, Distribution, Distribution1D, StandardNormal, UniformCube
from gan_lab.data.digits import digits
from gan_lab.data.inputs import as_data
from gan_lab.data.line import Drawn, Exponential, Gaussian, Mixture, Sine, Uniform
from gan_lab.data.memory import Images, Table
from gan_lab.data.packed import folder, pack_images
from gan_lab.data.pairs import Labels, Pair, labelled, paired, unpaired
from gan_lab.data.plane import Centres, Grid, Moons, Ring, Segment, SineCurve, Spiral
from gan_lab.data.specs import DISTRIBUTIONS, check_spec, from_spec, option_names, point_dim, settled
from gan_lab.data.stream import StreamedImages

# lower-case names read as what they give: data.ring(modes=8)
gaussian, mixture, uniform, exponential, sine, drawn = Gaussian, Mixture, Uniform, Exponential, Sine, Drawn
ring, grid, spiral, moons, points = Ring, Grid, Spiral, Moons, Centres
sine_curve, segment = SineCurve, Segment
standard_normal, uniform_cube = StandardNormal, UniformCube

__all__ = [
    "Centres", "DISTRIBUTIONS", "Data", "Distribution", "Distribution1D", "Drawn", "Exponential", "Gaussian", "Grid",
    "Images", "Labels", "Mixture", "Moons", "Pair", "Ring", "Segment", "Sine", "SineCurve", "Spiral", "StandardNormal",
    "StreamedImages", "Table", "Uniform", "UniformCube", "as_data", "check_spec", "digits", "drawn", "exponential",
    "folder", "from_spec", "gaussian", "grid", "labelled", "mixture", "moons", "option_names", "pack_images", "paired",
    "point_dim", "points", "ring", "segment", "settled", "sine", "sine_curve", "spiral", "standard_normal", "uniform",
    "uniform_cube", "unpaired",
]  # fmt: skip
