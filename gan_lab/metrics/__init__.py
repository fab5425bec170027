"""Who won: divergences of densities, modes, transport, each to be read beside its floor."""

from gan_lab.metrics.density import kernel_density, pushforward_density, pushforward_mass
from gan_lab.metrics.divergences import (
    chi2,
    hinge_value,
    jensen_shannon,
    kl,
    least_squares_value,
    optimal_discriminator,
    total_variation,
    value_function,
)
from gan_lab.metrics.estimate import Estimate, estimate, floor
from gan_lab.metrics.modes import Floor, ModeReport, PerfectModes, modes, perfect_modes
from gan_lab.metrics.protocols import PROTOCOLS, Protocol
from gan_lab.metrics.transport import energy_distance, sliced_wasserstein, wasserstein, wasserstein1

__all__ = [
    "PROTOCOLS", "Estimate", "Floor", "ModeReport", "PerfectModes", "Protocol", "chi2", "energy_distance", "estimate",
    "floor", "hinge_value", "jensen_shannon", "kernel_density", "kl", "least_squares_value", "modes",
    "optimal_discriminator", "perfect_modes", "pushforward_density", "pushforward_mass", "sliced_wasserstein",
    "total_variation", "value_function", "wasserstein", "wasserstein1",
]  # fmt: skip
