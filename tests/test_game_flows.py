"""Smooth games: the exact rates on the bilinear game, and the update maps against finite differences."""

import numpy as np
import pytest
import torch

from gan_lab import game

ETAS = [0.05, 0.2, 0.4, 0.49, 0.7, 1.0]
XY = game.Bilinear()


def factors(method, eta, steps=60, start=(1.0, 0.3)):
    squared = game.trajectory(XY, method, start, eta, steps).distance ** 2
    return squared[1:] / squared[:-1]


@pytest.mark.parametrize("eta", ETAS)
@pytest.mark.parametrize(
    ("method", "rate"),
    [
        ("simultaneous", lambda h: 1 + h**2),
        ("extragradient", lambda h: 1 - h**2 + h**4),
        ("proximal", lambda h: 1 / (1 + h**2)),
    ],
)
def test_every_step_multiplies_the_squared_radius_by_the_exact_rate(method, rate, eta):
    assert factors(method, eta) == pytest.approx(np.full(60, rate(eta)), rel=1e-13)
    assert game.exact_rate(method, eta) == pytest.approx(rate(eta), rel=1e-15)


@pytest.mark.parametrize("eta", [*ETAS, 1.9])
def test_alternating_conserves_its_ellipse(eta):
    points = game.trajectory(XY, "alternating", (1.0, 0.3), eta, 2_000).points
    x, y = points.T
    invariant = x**2 + y**2 - eta * x * y
    assert invariant == pytest.approx(np.full(len(points), invariant[0]), rel=1e-11)
    assert game.exact_rate("alternating", eta) == 1


def test_alternating_leaves_beyond_two():
    assert game.exact_rate("alternating", 2.1) > 1.8
    assert game.trajectory(XY, "alternating", (1.0, 0.3), 2.1, 200).rate() == pytest.approx(
        game.exact_rate("alternating", 2.1), rel=1e-9
    )


@pytest.mark.parametrize("eta", [0.1, 0.3, 0.45, 0.49])
def test_optimistic_settles_to_its_exact_rate(eta):
    rate = (1 + np.sqrt(1 - 4 * eta**2)) / 2
    assert game.exact_rate("optimistic", eta) == pytest.approx(rate, rel=1e-15)
    assert factors("optimistic", eta, 600)[300:] == pytest.approx(np.full(300, rate), rel=1e-9)


def test_optimistic_diverges_from_one_over_root_three():
    edge = 1 / np.sqrt(3)
    assert game.exact_rate("optimistic", edge) == pytest.approx(1, abs=1e-14)
    assert game.exact_rate("optimistic", edge - 1e-6) < 1 < game.exact_rate("optimistic", edge + 1e-6)
    assert edge == pytest.approx(0.577, abs=5e-4)
    for eta in (0.55, 0.6):
        run = game.trajectory(XY, "optimistic", (1.0, 0.3), eta, 2_000)
        assert run.rate() == pytest.approx(game.exact_rate("optimistic", eta), rel=1e-4)


def test_extragradient_is_best_at_one_over_root_two():
    etas = np.linspace(0.01, 1, 9_901)
    rates = np.array([game.exact_rate("extragradient", h) for h in etas])
    assert etas[rates.argmin()] == pytest.approx(1 / np.sqrt(2), abs=1e-4)
    assert rates.min() == pytest.approx(0.75, abs=1e-8)


@pytest.mark.parametrize("method", game.METHODS)
@pytest.mark.parametrize("eta", [0.1, 0.3, 0.45, 0.55, 0.9, 1.4, 2.5])
def test_exact_rate_is_the_squared_spectral_radius(method, eta):
    assert game.spectral_rate(XY, method, eta) == pytest.approx(game.exact_rate(method, eta), rel=1e-9)


def test_a_matrix_game_runs_at_the_rates_of_its_singular_values():
    A = np.array([[2.0, 0.0, 1.0], [0.5, 1.0, 0.0]])
    g = game.Bilinear(A)
    singular = np.linalg.svd(A, compute_uv=False)
    for method in ("simultaneous", "extragradient", "proximal", "optimistic"):
        rates = [game.exact_rate(method, 0.2 * s) for s in singular] + [1.0]  # y has a direction nobody cares about
        assert game.spectral_rate(g, method, 0.2) == pytest.approx(max(rates), rel=1e-9)


SMOOTH = game.Differentiable(
    lambda x, y: (torch.sin(x) * y).sum() + 0.3 * (x**4).sum() - 0.2 * (y**2).sum() + x[0] * y[1], sizes=(2, 2)
)


@pytest.mark.parametrize("method", game.METHODS)
@pytest.mark.parametrize("eta", [0.3, (0.1, 0.4)])
def test_update_matrix_is_the_derivative_of_the_step(method, eta):
    step, z = game.METHODS[method], np.array([0.4, -0.3, 0.2, 0.5])
    matrix = game.update_matrix(SMOOTH, method, eta, z)
    n = len(z)

    def update(whole):
        state = game.State(whole[:n], whole[n:] if len(whole) > n else None)
        after = step(SMOOTH, state, eta)
        return after.z if len(whole) == n else np.r_[after.z, after.memory]

    whole = np.r_[z, SMOOTH.field(z)] if method == "optimistic" else z
    h = 1e-6
    numeric = np.stack([(update(whole + h * d) - update(whole - h * d)) / (2 * h) for d in np.eye(len(whole))], axis=1)
    assert matrix == pytest.approx(numeric, abs=1e-8)


def test_automatic_and_closed_form_fields_agree():
    A, P, Q = np.array([[1.0, 2.0], [0.0, -1.0]]), np.diag([1.0, 0.5]), np.array([[2.0, 0.1], [0.1, 1.0]])
    closed = game.Quadratic(A, P, Q)
    tA, tP, tQ = map(torch.as_tensor, (A, P, Q))
    auto = game.Differentiable(lambda x, y: x @ tP @ x / 2 + x @ tA @ y - y @ tQ @ y / 2, sizes=(2, 2))
    z = np.array([0.3, -1.2, 0.7, 0.1])
    assert auto.field(z) == pytest.approx(closed.field(z), abs=1e-14)
    assert auto.jacobian(z) == pytest.approx(closed.jacobian(z), abs=1e-14)
    assert auto.value(z) == pytest.approx(closed.value(z), abs=1e-14)


def test_general_sum_players_each_descend_their_own_loss():
    g = game.Differentiable(lambda x, y: ((x - y) ** 2).sum(), lambda x, y: ((y - x / 2 - 0.5) ** 2).sum())
    end = game.trajectory(g, "proximal", (0, 5), 0.5, 400).points[-1]
    assert end == pytest.approx([1, 1], abs=1e-8)


def test_proximal_solves_its_equation_on_a_curved_game():
    z = np.array([0.4, -0.3, 0.2, 0.5])
    after = game.proximal(SMOOTH, game.State(z), 0.7).z
    assert after == pytest.approx(z + 0.7 * SMOOTH.field(after), abs=1e-13)


def test_eigenvalues_of_the_field():
    assert XY.eigenvalues() == pytest.approx([-1j, 1j], abs=1e-15)
    assert game.Quadratic(1, P=1, Q=1).eigenvalues() == pytest.approx([-1 - 1j, -1 + 1j], abs=1e-15)


def test_is_saddle_tells_the_three_cases():
    assert game.is_saddle(game.Quadratic(0, P=2, Q=2), (0, 0))
    assert game.is_saddle(XY, (0, 0))
    assert not game.is_saddle(game.Quadratic(0, P=-2, Q=2), (0, 0))  # x sits on a hilltop
    assert not game.is_saddle(XY, (0, 1))  # x would move


@pytest.mark.parametrize("unit", [1e-10, 1.0, 1e10])
def test_the_unit_of_the_value_makes_no_saddle(unit):
    assert game.is_saddle(game.Quadratic(0.3 * unit, P=2 * unit, Q=2 * unit), (0, 0))
    assert not game.is_saddle(game.Quadratic(0, P=-2 * unit, Q=2 * unit), (0, 0))
    assert not game.is_saddle(game.Bilinear(unit), (0, 1))


def test_averages_of_the_alternating_circle_go_to_the_middle():
    run = game.trajectory(XY, "alternating", (1.0, 0.0), 0.3, 5_000)
    assert np.abs(run.average[-1]).max() < 2e-3
    assert run.distance[-1000:].max() > 0.9


def test_two_step_sizes_reach_their_players():
    after = game.simultaneous(XY, game.State(np.array([1.0, 2.0])), (0.1, 0.5)).z
    assert after == pytest.approx([1 - 0.1 * 2, 2 + 0.5 * 1], abs=1e-15)


@pytest.mark.parametrize("pair", [[0.1, 0.2], np.array([0.1, 0.2]), torch.tensor([0.1, 0.2], dtype=torch.float64)])
def test_step_sizes_may_be_a_list_an_array_or_a_tensor(pair):
    start = torch.tensor([1.0, 1.0])
    run = game.trajectory(XY, "alternating", start, pair, np.int64(5))
    assert (run.points == game.trajectory(XY, "alternating", (1, 1), (0.1, 0.2), 5).points).all()
    one = game.trajectory(XY, "optimistic", start, torch.tensor(0.5), 5)
    assert (one.points == game.trajectory(XY, "optimistic", (1, 1), 0.5, 5).points).all()


def test_overflow_ends_the_trajectory_instead_of_filling_it_with_nan():
    run = game.trajectory(game.Quadratic(1, P=-1e3, Q=-1e3), "simultaneous", (1, 1), 10.0, 500)
    assert len(run.points) < 501 and np.isfinite(run.points).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.trajectory(XY, "extragradiant", (1, 1), 0.1, 3), "extragradient"),
        (lambda: game.trajectory(XY, "proximal", (1, 1, 1), 0.1, 3), "1 \\+ 1 finite"),
        (lambda: game.trajectory(XY, "proximal", (1, np.nan), 0.1, 3), "finite"),
        (lambda: game.trajectory(XY, "proximal", (1, 1), -0.1, 3), "eta is -0.1"),
        (lambda: game.trajectory(XY, "proximal", (1, 1), (0.1, 0.1, 0.1), 3), "a pair"),
        (lambda: game.trajectory(XY, "proximal", (1, 1), 0.1, -3), "steps is -3"),
        (lambda: game.trajectory(XY, "proximal", (0, 0), 0.1, 3).rate(), "begin at the equilibrium"),
        (lambda: game.Quadratic([[1, 2]], P=[[1, 0], [0, 1]]), "shape \\(1, 1\\)"),
        (lambda: game.Bilinear([[np.inf]]), "finite"),
        (lambda: game.exact_rate("newton", 0.1), "unknown method"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
