"""The drawing of a tree: what stands in it, read back from the figure."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from gan_lab import game


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_values_moves_and_payoffs_are_written():
    tree = game.from_lists({"left": [3, 5], "right": [-2, 9]})
    ax = game.draw_tree(tree, tree.solve())
    assert "Max\n3" in texts(ax) and "Min\n\N{MINUS SIGN}2" in texts(ax)
    assert {"left", "right", "3", "5", "9"} <= set(texts(ax))
    bold = {t.get_text() for t in ax.texts if t.get_fontweight() == "bold"}
    assert "left" in bold and "right" not in bold


def test_pruned_branches_are_faded_and_crossed():
    tree = game.from_lists([[3, 12, 8], [2, 4, 6], [14, 5, 2]])
    ax = game.draw_tree(tree, search=game.alpha_beta(tree))
    assert sum(line.get_marker() == "x" for line in ax.lines) == 2
    faded = {t.get_text() for t in ax.texts if t.get_alpha() is not None and t.get_alpha() < 0.5}
    assert faded == {"4", "6"}


def test_general_sum_leaves_show_every_payoff_and_chance_its_odds():
    lottery = game.chance({"sun": (0.25, (4, 1)), "rain": (0.75, (0, 2))})
    tree = game.GameTree(game.decision(0, {"go": lottery, "stay": (1, 1)}), players=("A", "B"))
    ax = game.draw_tree(tree, tree.solve())
    assert {"4\n1", "sun 0.25", "chance\n1, 1.75"} <= set(texts(ax))


def test_a_tree_too_large_to_read_is_refused():
    with pytest.raises(ValueError, match="81 leaves"):
        game.draw_tree(game.from_lists([[[[1] * 3] * 3] * 3] * 3))


def test_best_response_curves_meet_at_the_equilibria():
    ax = game.draw_best_responses(game.battle_of_the_sexes())
    dots = {(round(float(x), 6), round(float(y), 6)) for line in ax.lines[2:] for x, y in [line.get_xydata()[0]]}
    assert dots == {(1, 1), (0.666667, 0.333333), (0, 0)}
    with pytest.raises(ValueError, match="2 x 2"):
        game.draw_best_responses(game.rock_paper_scissors())


def test_the_security_curve_peaks_at_the_value():
    g = game.MatrixGame([[2, -1], [-1, 1]])
    ax = game.draw_security(g)
    secured = ax.lines[2].get_xydata()
    assert secured[:, 1].max() == pytest.approx(g.value(), abs=1e-9)
    assert secured[secured[:, 1].argmax(), 0] == pytest.approx(0.4, abs=1e-9)
    with pytest.raises(ValueError, match="zero-sum"):
        game.draw_security(game.stag_hunt())


def test_paths_are_drawn_whole_over_the_field():
    runs = [game.trajectory(game.Bilinear(), m, (1, 0), 0.2, 30) for m in ("simultaneous", "extragradient")]
    ax = game.draw_paths(runs)
    assert len(ax.lines[0].get_xydata()) == 31
    assert ax.collections  # the arrows
    with pytest.raises(ValueError, match="one number"):
        game.draw_paths(game.trajectory(game.Bilinear([[1, 2]]), "proximal", (1, 0, 0), 0.2, 3))


def test_best_answers_of_a_function_and_its_two_values():
    ax, y_first, x_first = game.draw_best_answers(lambda x, y: (x - y) ** 2, 0, 1)
    assert (y_first, x_first) == pytest.approx((0, 0.25), abs=1e-12)
    follows, flees = (line.get_xydata() for line in ax.lines)
    assert follows[:, 0] == pytest.approx(follows[:, 1])
    assert set(flees[:, 1]) == {0.0, 1.0}


def test_the_curves_of_rates_are_the_exact_ones():
    ax = game.draw_rates()
    curves = {line.get_label(): line.get_xydata() for line in ax.lines[:5]}
    assert set(curves) == set(game.METHODS)
    for method, points in curves.items():
        assert points[499, 1] == game.exact_rate(method, points[499, 0])
