"""A GAN without a Nash equilibrium, in three numbers: why no chapter promises that there is one.

The data are two points, -1 and +1, equally likely; the generator has one, at theta. The discriminator is a parabola
s(x) = a x^2 + b x and pays c/2 (a^2 + b^2) for it, as under weight decay:

    V(theta; a, b) = E s(data) - s(theta) - c/2 (a^2 + b^2) = a (1 - theta^2) - b theta - c/2 (a^2 + b^2)

The generator minimises V, the discriminator maximises it. Its best answer is a = (1 - theta^2)/c, b = -theta/c, alone.
Against it the generator's slope is 0 at theta = 0 and theta = +-1/sqrt 2 only, and there a > 0, so that V is strictly
concave in theta: each is the *worst* place nearby. No point is a Nash equilibrium, not even a local one. Yet min max V
has solutions, theta = +-1/sqrt 2: a generator that moves first, and knows that it will be answered, has nothing to
regret. An example of our own for what Farnia and Ozdaglar (2020) show of larger GANs. They ask instead for a proximal
equilibrium, a Nash equilibrium of the game in which the discriminator may still answer, at the price of lambda/2
|change|^2 (here of its weights): both solutions are local ones for lambda < 2c, and not beyond. Players who follow
their gradients may still come to rest there: they do for c > 1, and leave for c < 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from gan_lab._errors import positive
from gan_lab.game.saddle import Array, SmoothGame


class TwoPoints(SmoothGame):
    """State z = (theta, a, b); c > 0 is the price of the discriminator's weights. ``equilibrium`` is the solution of
    min max V at theta = 1/sqrt 2, which is *no* equilibrium: the field is 0 there, and :func:`is_saddle` says no.
    """

    def __init__(self, c: float = 1.0) -> None:
        super().__init__((1, 2))
        self.c = positive("c", c)

    @staticmethod
    def moments(theta: float) -> Array:
        """(1 - theta^2, -theta): how far the generator's second and first moment are from the data's."""
        return np.array([1 - theta**2, -theta])

    def value(self, z: ArrayLike) -> float:
        """V at the state ``z``."""
        theta, *weights = self.state(z)
        return float(self.moments(theta) @ weights - self.c / 2 * np.dot(weights, weights))

    def best_answer(self, theta: float) -> Array:
        """The discriminator's best answer (a, b)."""
        return self.moments(theta) / self.c

    def value_of_best(self, theta: float) -> float:
        """max over (a, b) of V: |moments|^2 / 2c."""
        return float(np.square(self.moments(theta)).sum() / (2 * self.c))

    def proximal_value(self, z: ArrayLike, weight: float) -> float:
        """max over (a', b') of V(theta; a', b') - weight/2 |(a', b') - (a, b)|^2 (Farnia and Ozdaglar 2020)."""
        theta, *weights = self.state(z)
        w, cost = np.array(weights), positive("weight", weight, or_zero=True)
        pull = self.moments(theta) + cost * w
        return float(pull @ pull / (2 * (self.c + cost)) - cost / 2 * w @ w)

    @property
    def equilibrium(self) -> Array:
        theta = 1 / math.sqrt(2)
        return np.r_[theta, self.best_answer(theta)]

    def field(self, z: Array) -> Array:
        theta, a, b = z
        return np.array([2 * a * theta + b, 1 - theta**2 - self.c * a, -theta - self.c * b])

    def jacobian(self, z: Array) -> Array:
        theta, a, _ = z
        return np.array([[2 * a, 2 * theta, 1], [-2 * theta, -self.c, 0], [-1, 0, -self.c]])
