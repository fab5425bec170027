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
from gan_lab.metrics.modes import Floor, ModeReport, PerfectModes, modes, perfect_modes
from gan_lab.metrics.transport import energy_distance, sliced_wasserstein, wasserstein1

__all__ = [
    "Floor", "ModeReport", "PerfectModes", "chi2", "energy_distance", "hinge_value", "jensen_shannon",
    "kernel_density", "kl", "least_squares_value", "modes", "optimal_discriminator", "perfect_modes",
    "pushforward_density", "pushforward_mass", "sliced_wasserstein", "total_variation", "value_function",
    "wasserstein1",
]  # fmt: skip
