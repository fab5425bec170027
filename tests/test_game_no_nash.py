"""A GAN without a Nash equilibrium: the exact statement, and what its dynamics make of it."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lab import game

THETAS = np.linspace(-2, 2, 4_001)


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_the_derivatives_are_those_of_the_value(c: float) -> None:
    g, z, h = game.TwoPoints(c), np.array([0.4, -0.7, 1.3]), 1e-6
    slopes = np.array([(g.value(z + h * d) - g.value(z - h * d)) / (2 * h) for d in np.eye(3)])
    assert g.field(z) == pytest.approx(slopes * [-1, 1, 1], abs=1e-8)
    numeric = np.stack([(g.field(z + h * d) - g.field(z - h * d)) / (2 * h) for d in np.eye(3)], axis=1)
    assert g.jacobian(z) == pytest.approx(numeric, abs=1e-8)
    data, p = np.array([-1.0, 1.0]), (1.3, -0.7)  # V from its definition: two data points, one generated
    s = lambda x: p[1] * x**2 + p[0] * x  # noqa: E731
    assert g.value([0.4, p[1], p[0]]) == pytest.approx(s(data).mean() - s(0.4) - c / 2 * (p[0] ** 2 + p[1] ** 2))


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_no_point_is_a_nash_equilibrium_not_even_a_local_one(c: float) -> None:
    """Where the discriminator can't gain it has the one best answer; there the generator gains, everywhere."""
    g = game.TwoPoints(c)
    still = []
    for theta in THETAS:
        a, b = g.best_answer(theta)
        assert g.field(np.array([theta, a, b]))[1:] == pytest.approx([0, 0], abs=1e-12)
        at, h = g.value([theta, a, b]), 1e-3
        assert min(g.value([theta - h, a, b]), g.value([theta + h, a, b])) < at - 1e-8 / c, theta
        still += [theta] if abs(g.field(np.array([theta, a, b]))[0]) < 1e-3 / c else []
    assert sorted(set(np.round(np.abs(still), 2))) == [0, 0.71]  # the only places where its slope is 0
    for theta in (0, 0.5**0.5, -(0.5**0.5)):
        z = np.r_[theta, g.best_answer(theta)]
        assert np.abs(g.field(z)).max() < 1e-15 / c and g.jacobian(z)[0, 0] > 0  # F = -dV/dtheta: V is concave there
        assert not game.is_saddle(g, z)


@pytest.mark.parametrize("c", [0.3, 1.0, 4.0])
def test_yet_min_max_has_a_solution(c: float) -> None:
    g = game.TwoPoints(c)
    best = THETAS[np.argmin([g.value_of_best(t) for t in THETAS])]
    assert abs(best) == pytest.approx(0.5**0.5, abs=1e-3)
    assert g.equilibrium == pytest.approx([0.5**0.5, 0.5 / c, -(0.5**0.5) / c])
    assert g.value(g.equilibrium) == pytest.approx(g.value_of_best(0.5**0.5)) == pytest.approx(3 / (8 * c))


def test_it_is_a_local_proximal_equilibrium_while_answers_are_cheap() -> None:
    """Its curvature in theta is (2 - weight / c) / (c + weight): positive below weight = 2c alone."""
    c, h = 1.5, 1e-3
    g = game.TwoPoints(c)
    z = g.equilibrium
    for weight in (0.1, 1.0, 2.9, 3.1, 6.0):
        values = [g.proximal_value(z + [k * h, 0, 0], weight) for k in (-1, 0, 1)]
        curvature = (values[0] - 2 * values[1] + values[2]) / h**2
        assert curvature == pytest.approx((2 - weight / c) / (c + weight), abs=1e-5)
        assert (curvature > 0) == (weight < 2 * c)
        for way in np.array([[0, 1, 0], [0, 0, 1], [0, 1, -1]]):  # and the discriminator has nothing better
            assert all(g.proximal_value(z + k * 0.01 * way, weight) < values[1] for k in (-1, 1))
        # the definition, by trying answers
        w = z + [0.2, 0.3, -0.1]
        far = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 121)] * 2), -1).reshape(-1, 2)
        tried = (w[1:] + far) @ g.moments(w[0]) - c / 2 * np.square(w[1:] + far).sum(1) - weight / 2 * (far**2).sum(1)
        assert tried.max() == pytest.approx(g.proximal_value(w, weight), abs=2e-3)


@pytest.mark.parametrize("c", [0.2, 0.5, 1.0, 2.0])
def test_players_who_follow_their_gradients_settle_there_only_where_weights_cost_enough(c: float) -> None:
    """The eigenvalues are -c and the roots of t^2 - (1/c - c) t + 2: to rest is not to be at an equilibrium."""
    g = game.TwoPoints(c)
    s = 1 / c - c
    roots = (s + np.array([-1, 1]) * np.sqrt(complex(s**2 - 8))) / 2
    exact = np.array([-c, *roots])
    assert g.eigenvalues() == pytest.approx(exact[np.lexsort((exact.real.round(9), exact.imag.round(9)))], abs=1e-7)
    end = game.trajectory(g, "extragradient", g.equilibrium + [1e-3, 0, 0], 0.01, 4_000).distance
    if c != 1:
        assert (end[-1] < 1e-8) == (c > 1) and (end.max() > 0.1) == (c < 1)
