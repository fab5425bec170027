"""2 x 2 matrix games as smooth games: their fields, their equilibria, and who gets there."""

import numpy as np
import pytest

from gan_lab import game

GAMES = [game.matching_pennies, game.prisoners_dilemma, game.battle_of_the_sexes, game.stag_hunt]


def payoffs(matrix, z):
    return np.array(matrix.payoffs([z[0], 1 - z[0]], [z[1], 1 - z[1]]))


@pytest.mark.parametrize("maker", GAMES)
def test_the_field_is_each_players_own_gradient(maker):
    matrix, h = maker(), 1e-3
    g = game.Mixed(matrix)
    for z in (np.array([0.3, 0.8]), np.array([0.6, 0.1])):
        p = (payoffs(matrix, z + [h, 0]) - payoffs(matrix, z - [h, 0])) / (2 * h)  # exact: payoffs are linear in p
        q = (payoffs(matrix, z + [0, h]) - payoffs(matrix, z - [0, h])) / (2 * h)
        assert g.field(z) == pytest.approx([p[0], q[1]], abs=1e-12)


@pytest.mark.parametrize("replicator", [False, True])
@pytest.mark.parametrize("maker", GAMES)
def test_the_jacobian_is_the_derivative_of_the_field(maker, replicator):
    g, z, h = game.Mixed(maker(), replicator=replicator), np.array([0.3, 0.8]), 1e-6
    numeric = np.stack([(g.field(z + h * d) - g.field(z - h * d)) / (2 * h) for d in np.eye(2)], axis=1)
    assert g.jacobian(z) == pytest.approx(numeric, abs=1e-9)


@pytest.mark.parametrize("maker", GAMES)
def test_simultaneous_steps_are_gradient_play_at_twice_the_step(maker):
    """On the simplex a gradient (u, v) moves p by (u - v) / 2."""
    matrix = maker()
    walk = game.trajectory(game.Mixed(matrix), "simultaneous", (0.3, 0.8), 0.02, 300)
    play = game.gradient_play(matrix, 300, [0.3, 0.7], [0.8, 0.2], eta=0.04)
    np.testing.assert_allclose(walk.points, np.c_[play.x[:, 0], play.y[:, 0]], atol=1e-12)


@pytest.mark.parametrize("maker", GAMES)
def test_runge_kutta_on_the_replicator_field_is_replicator(maker):
    matrix = maker()
    walk = game.trajectory(game.Mixed(matrix, replicator=True), game.runge_kutta, (0.3, 0.8), 0.05, 300)
    play = game.replicator(matrix, 300, [0.3, 0.7], [0.8, 0.2], dt=0.05)
    np.testing.assert_allclose(walk.points, np.c_[play.x[:, 0], play.y[:, 0]], atol=1e-12)


def test_the_equilibrium_is_where_both_mix_if_there_is_such_a_place():
    assert game.Mixed(game.matching_pennies()).equilibrium == pytest.approx([0.5, 0.5])
    assert game.Mixed(game.stag_hunt()).equilibrium == pytest.approx([0.75, 0.75])
    assert game.Mixed(game.prisoners_dilemma()).equilibrium.tolist() == [0, 0]
    assert game.Mixed(game.stag_hunt(), (1, 1)).equilibrium.tolist() == [1, 1]


def test_matching_pennies_is_a_bilinear_game_of_strength_four():
    g = game.Mixed(game.matching_pennies())
    assert g.eigenvalues() == pytest.approx([-4j, 4j])
    walk = game.trajectory(g, "simultaneous", (0.51, 0.5), 0.05, 30)
    assert walk.rate() == pytest.approx(game.exact_rate("simultaneous", 0.2), rel=1e-12)
    for method in ("extragradient", "optimistic", "proximal"):
        assert game.trajectory(g, method, (0.9, 0.2), 0.1, 1_000).distance[-1] < 1e-6


@pytest.mark.parametrize("method", game.METHODS)
def test_everybody_defects_whatever_the_method(method):
    """The prisoner's dilemma is not zero-sum, and plain gradients do arrive: defecting dominates."""
    run = game.trajectory(game.Mixed(game.prisoners_dilemma()), method, (0.95, 0.9), 0.1, 60)
    assert run.points[-1].tolist() == [0, 0]


def test_between_two_pure_equilibria_the_mixed_one_repels():
    g = game.Mixed(game.stag_hunt())
    assert g.eigenvalues().real == pytest.approx([-4, 4]) and not g.eigenvalues().imag.any()
    for start, corner in (((0.8, 0.8), [1, 1]), ((0.7, 0.7), [0, 0])):
        assert game.trajectory(g, "simultaneous", start, 0.05, 200).points[-1].tolist() == corner


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.Mixed(game.rock_paper_scissors()), "2 x 2 games; this one is 3 x 3"),
        (lambda: game.Mixed(game.stag_hunt(), (2, 0)), "two probabilities"),
        (lambda: game.Mixed(game.stag_hunt(), (0.5,)), "1 \\+ 1 finite"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
