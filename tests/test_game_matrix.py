"""Matrix games: equilibria cross-checked with nashpy, closed forms, dominance and learning."""

import nashpy
import numpy as np
import pytest
import torch

from gan_lab import game

PENNIES, RPS = game.matching_pennies(), game.rock_paper_scissors()


def as_set(equilibria, digits=6):
    return {tuple(np.round(np.concatenate(e), digits) + 0.0) for e in equilibria}


def ours(g):
    return as_set((e.row, e.column) for e in g.equilibria())


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 4), (4, 3)])
def test_random_bimatrix_games_have_the_equilibria_that_nashpy_finds(seed, shape):
    rng = np.random.default_rng(1000 * shape[0] + 10 * shape[1] + seed)
    A, B = rng.normal(size=(2, *shape))
    g = game.MatrixGame(A, B)
    assert ours(g) == as_set(nashpy.Game(A, B).vertex_enumeration())
    assert len(ours(g)) % 2 == 1  # nondegenerate games have an odd number (Wilson 1971)


UNITS = [(1e-8, 0), (1e-4, 3e-4), (1e4, 3e4), (1e8, -1e8), (1e-12, 0), (1e12, 1e12)]


@pytest.mark.parametrize(("a", "b"), UNITS)
@pytest.mark.parametrize(("c", "d"), [(1e-8, 1e-8), (1, 5), (1e8, 0)])
def test_units_and_origins_of_payoffs_change_no_equilibrium(a, b, c, d):
    rng = np.random.default_rng(0)
    games = [rng.normal(size=(2, *shape)) for shape in ((2, 2), (3, 3), (3, 4))]
    games += [np.array([g.A, g.B]) for g in (make() for make in game.NAMED.values())]
    for A, B in games:
        scaled = game.MatrixGame(a * A + b, c * B + d)
        assert ours(scaled) == as_set(nashpy.Game(A, B).vertex_enumeration())
        plain = game.MatrixGame(A, B)
        assert scaled.pure_equilibria() == plain.pure_equilibria()
        assert [s.move for s in scaled.undominated()[1]] == [s.move for s in plain.undominated()[1]]


@pytest.mark.parametrize("unit", [1e-12, 1e-8, 1e8, 1e12])
def test_units_change_no_solution_of_a_zero_sum_game(unit):
    A = np.random.default_rng(1).normal(size=(4, 5))
    assert game.MatrixGame(unit * A).solve().row == pytest.approx(game.MatrixGame(A).solve().row, abs=1e-9)
    assert game.MatrixGame(unit * A, -unit * A * (1 + 1e-15)).zero_sum
    assert not game.MatrixGame(unit * A, unit * A).zero_sum
    assert game.MatrixGame(unit * PENNIES.A).best_responses(0, [0.6, 0.4]) == (0,)


def test_numbers_of_other_libraries_are_moves_mixes_and_payoffs():
    g = game.MatrixGame(torch.tensor([[1, -1], [-1, 1]]), players=np.array(["A", "B"]))
    assert g.payoffs(np.int64(0), torch.tensor(1)) == g.payoffs((1, 0), torch.tensor([0.0, 1])) == (-1, 1)
    assert game.gradient_play(g, np.int64(3), np.array(0), [0.5, 0.5]).x.shape == (4, 2)
    with pytest.raises(ValueError, match="one probability for each"):
        g.payoffs(0.5, 0)


def test_a_game_of_two_columns_may_have_many_rows():
    g = game.MatrixGame(np.arange(80.0).reshape(40, 2))
    assert ours(g) == {tuple([0.0] * 39 + [1, 1, 0])}


@pytest.mark.parametrize("seed", range(20))
def test_integer_games_with_ties_have_every_extreme_equilibrium(seed):
    rng = np.random.default_rng(seed)
    A, B = rng.integers(0, 3, size=(2, 3, 3))
    g = game.MatrixGame(A, B)
    found = g.equilibria()
    assert found and all(g.is_equilibrium(e.row, e.column) for e in found)
    theirs = as_set(e for e in nashpy.Game(A + 1, B + 1).vertex_enumeration() if g.is_equilibrium(*e, tol=1e-6))
    assert theirs <= ours(g)


@pytest.mark.parametrize("seed", range(20))
def test_zero_sum_value_by_linear_programming(seed):
    rng = np.random.default_rng(seed)
    g = game.MatrixGame(rng.normal(size=(4, 5)))
    solution = g.solve()
    assert g.is_equilibrium(solution.row, solution.column, tol=1e-8)
    x, _ = nashpy.Game(g.A).linear_program()
    assert solution.row == pytest.approx(x, abs=1e-6)
    assert (solution.row @ g.A).min() == pytest.approx(solution.payoffs[0], abs=1e-9)  # what the row can be sure of
    assert (g.A @ solution.column).max() == pytest.approx(solution.payoffs[0], abs=1e-9)  # and is all there is
    assert g.maximin <= solution.payoffs[0] + 1e-9 and solution.payoffs[0] <= g.minimax + 1e-9


def test_named_games():
    assert game.prisoners_dilemma().pure_equilibria() == [(1, 1)]
    assert PENNIES.pure_equilibria() == []
    assert (PENNIES.maximin, PENNIES.minimax, PENNIES.value()) == (-1, 1, pytest.approx(0, abs=1e-12))
    assert RPS.solve().row == pytest.approx([1 / 3] * 3, abs=1e-9)
    assert [e.payoffs for e in game.battle_of_the_sexes().equilibria()] == [
        (2, 1),
        pytest.approx((2 / 3, 2 / 3)),
        (1, 2),
    ]
    assert [e.pure for e in game.stag_hunt().equilibria()] == [True, False, True]
    for name, make in game.NAMED.items():
        assert ours(make()) == as_set(nashpy.Game(make().A, make().B).support_enumeration()), name


def test_closed_form_of_2x2_games_agrees_with_enumeration():
    for g in (PENNIES, game.battle_of_the_sexes(), game.stag_hunt()):
        mixed = g.mixed_2x2()
        assert g.is_equilibrium(mixed.row, mixed.column, tol=1e-12)
        assert tuple(np.round(np.r_[mixed.row, mixed.column], 6)) in ours(g)
    with pytest.raises(ValueError, match="pure_equilibria"):
        game.prisoners_dilemma().mixed_2x2()
    with pytest.raises(ValueError, match="3 x 3"):
        RPS.mixed_2x2()


def test_gains_say_who_would_move_and_by_how_much():
    dilemma = game.prisoners_dilemma()
    assert dilemma.gains(0, 0) == (2, 2)
    assert dilemma.gains(0, 1) == (1, 0)
    assert dilemma.gains(1, 1) == (0, 0)
    assert not dilemma.is_equilibrium(0, 0) and dilemma.is_equilibrium(1, 1)
    assert PENNIES.gains([0.75, 0.25], [0.5, 0.5]) == (0, 0.5)


def test_best_responses_include_ties():
    assert PENNIES.best_responses(0, [0.5, 0.5]) == (0, 1)
    assert PENNIES.best_responses(0, [0.6, 0.4]) == (0,)
    assert PENNIES.best_responses(1, [0.6, 0.4]) == (1,)


def test_iterated_dominance_including_by_a_mixture():
    g, steps = game.prisoners_dilemma().undominated()
    assert g.shape == (1, 1) and [s.move for s in steps] == ["cooperate", "cooperate"]
    # the third row is beaten by the half-half mix of the first two, by neither alone
    mixed = game.MatrixGame([[4, 0], [0, 4], [1, 1]], np.zeros((3, 2)))
    left, steps = mixed.undominated()
    assert left.shape == (2, 2)
    assert steps[0].move == "row 2" and steps[0].by == pytest.approx({"row 0": 0.5, "row 1": 0.5})
    assert PENNIES.undominated()[1] == []


@pytest.mark.parametrize("seed", range(15))
def test_dominance_never_loses_an_equilibrium(seed):
    rng = np.random.default_rng(seed)
    g = game.MatrixGame(*rng.integers(-5, 6, size=(2, 4, 4)))
    left, _ = g.undominated()
    for e in g.equilibria():
        played = {g.rows[i] for i in np.flatnonzero(e.row > 1e-9)}
        assert played <= set(left.rows)


def test_fictitious_play_converges_in_zero_sum_games_and_circles_in_shapleys():
    play = game.fictitious_play(RPS, 20_000, x=0, y=1)
    assert play.x[-1] == pytest.approx([1 / 3] * 3, abs=0.02)
    assert play.gains(RPS)[-1].max() < 0.03
    shapley = game.MatrixGame([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    circling = game.fictitious_play(shapley, 20_000, x=0, y=0)
    late = circling.x[5_000:]
    assert late.max(axis=0).min() > 0.45  # every move's frequency swings far above 1/3, again and again
    assert ours(shapley) == {tuple(np.round([1 / 3] * 6, 6))}


def test_replicator_conserves_its_invariant_in_matching_pennies():
    play = game.replicator(PENNIES, 3_000, [0.8, 0.2], [0.6, 0.4], dt=0.01)
    invariant = np.log(play.x).sum(axis=1) + np.log(play.y).sum(axis=1)
    assert np.ptp(invariant) < 1e-9
    assert np.ptp(play.x[:, 0]) > 0.5  # it moves, and comes back
    averages = play.averages()
    assert averages[0][-1] == pytest.approx([0.5, 0.5], abs=0.05)


def test_gradient_play_leaves_matching_pennies_and_finds_a_pure_equilibrium():
    away = game.gradient_play(PENNIES, 400, [0.51, 0.49], [0.5, 0.5], eta=0.1)
    assert np.abs(away.x[:, 0] - 0.5).max() > 0.3
    home = game.gradient_play(game.prisoners_dilemma(), 400, [0.9, 0.1], [0.9, 0.1], eta=0.05)
    assert home.x[-1] == pytest.approx([0, 1], abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_projection_onto_the_simplex_is_the_nearest_point(seed):
    rng = np.random.default_rng(seed)
    v = 3 * rng.normal(size=4)
    p = game.to_simplex(v)
    assert p.sum() == pytest.approx(1, abs=1e-12) and p.min() >= 0
    others = rng.dirichlet(np.ones(4), size=2_000)
    assert np.linalg.norm(v - p) <= np.linalg.norm(v - others, axis=1).min() + 1e-12
    # optimality: (v - p) makes an obtuse angle with every direction into the simplex
    assert ((np.eye(4) - p) @ (v - p)).max() <= 1e-12


def test_text_shows_one_payoff_in_zero_sum_games_and_two_otherwise():
    assert "3, 3" in game.prisoners_dilemma().text()
    assert "," not in PENNIES.text()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.MatrixGame([]), "at least one row"),
        (lambda: game.MatrixGame([[1, 2], [3]]), "equal length"),
        (lambda: game.MatrixGame([[1, float("nan")]]), "NaN"),
        (lambda: game.MatrixGame([[1, 2]], [[1], [2]]), "every cell needs both"),
        (lambda: game.MatrixGame([[1, 2]], rows=["a", "b"]), "2 names for 1"),
        (lambda: PENNIES.payoffs([0.5, 0.6], [0.5, 0.5]), "sum to 1"),
        (lambda: PENNIES.payoffs([1, 0, 0], [0.5, 0.5]), "one probability for each of heads, tails"),
        (lambda: PENNIES.payoffs(2, 0), "numbered 0 to 1"),
        (lambda: PENNIES.scores(2, 0), "0 \\(row\\) or 1"),
        (lambda: game.prisoners_dilemma().solve(), "equilibria\\(\\) instead"),
        (lambda: game.MatrixGame(np.zeros((12, 12))).equilibria(), "use solve"),
        (lambda: game.named("prisoner_dilemma"), "prisoners_dilemma"),
        (lambda: game.fictitious_play(PENNIES, 0), "steps is 0"),
        (lambda: game.gradient_play(PENNIES, 5, 0, 0, eta=-1), "eta is -1"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
