"""Why a generator makes what it makes: ways through its latent space, what each input does, and whose copy a sample is.

    from gan_lab import explain
    z = explain.interpolate(z0, z1, 9, how="great_circle")      # (9, inputs)
    explain.sensitivity(generator, z)                           # (9, inputs): how far the sample moves with each input
    found = explain.nearest(generator(z), data.digits())        # found.distances, found.indices
    explain.closeness(found.distances, explain.among(data.digits()))   # 1/2: no nearer to the data than new data are
"""

from gan_lab.explain.latent import interpolate, jacobian, sensitivity
from gan_lab.explain.neighbours import Nearest, among, closeness, nearest

__all__ = ["Nearest", "among", "closeness", "interpolate", "jacobian", "nearest", "sensitivity"]
