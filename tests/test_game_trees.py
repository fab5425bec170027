"""Game trees: values, equilibria and pruning against independent computations."""

import random
from functools import cache
from itertools import permutations

import numpy as np
import pytest
import torch

from gan_lab import game
from gan_lab.game import chance, decision, leaf, nodes


def brute_force(node, maximising=True):
    """Minimax of nested lists, written without any of the code under test."""
    if isinstance(node, int | float):
        return node
    return (max if maximising else min)(brute_force(child, not maximising) for child in node)


def random_nested(rng, depth, most=4):
    if depth == 0 or (depth < 3 and rng.random() < 0.2):
        return rng.randint(-20, 20)
    return [random_nested(rng, depth - 1, most) for _ in range(rng.randint(1, most))]


def test_minimax_of_the_textbook_tree():
    tree = game.from_lists([[3, 12, 8], [2, 4, 6], [14, 5, 2]])
    solution = game.minimax(tree)
    assert solution.value == 3
    assert solution.path == ("a", "a")
    assert solution.values[("b",)] == (2, -2)


@pytest.mark.parametrize("seed", range(40))
def test_minimax_and_alpha_beta_agree_with_brute_force(seed):
    rng = random.Random(seed)
    nested = [random_nested(rng, 4) for _ in range(3)]
    tree = game.from_lists(nested)
    found, search = game.minimax(tree), game.alpha_beta(tree)
    assert found.value == search.value == brute_force(nested)
    assert tree.at(search.path).payoffs[0] == search.value
    assert len(search.visited) + search.pruned_leaves == nodes.count_leaves(tree.root)
    assert len(set(search.visited)) == len(search.visited)


def test_alpha_beta_prunes_what_it_should():
    search = game.alpha_beta(game.from_lists([[3, 12, 8], [2, 4, 6], [14, 5, 2]]))
    assert search.pruned == (("b", "b"), ("b", "c"))
    assert len(search.visited) == 7
    assert search.windows[("b", "a")] == (3, float("inf"))


def test_a_pruned_leaf_can_be_anything():
    base = [[3, 12, 8], [2, 4, 6], [14, 5, 2]]
    for poison in (-1000, 1000):
        changed = [base[0], [2, poison, poison], base[2]]
        assert game.alpha_beta(game.from_lists(changed)).value == 3 == game.minimax(game.from_lists(changed)).value


@pytest.mark.parametrize(("branching", "depth"), [(2, 1), (2, 4), (3, 3), (3, 4), (4, 4), (2, 7)])
def test_best_order_reaches_the_bound_of_knuth_and_moore(branching, depth):
    rng = random.Random(branching * 10 + depth)
    values = iter(rng.sample(range(10**6), branching**depth))

    def build(d):
        return next(values) if d == 0 else [build(d - 1) for _ in range(branching)]

    tree = game.from_lists(build(depth))
    best = game.alpha_beta(game.reorder(tree))
    worst = game.alpha_beta(game.reorder(tree, best_first=False))
    assert best.value == worst.value == game.minimax(tree).value
    assert len(best.visited) == game.fewest_leaves(branching, depth)
    assert len(worst.visited) >= len(best.visited)


def test_chance_is_an_average_and_stops_the_principal_variation():
    lottery = chance({"heads": (0.25, (8, -8)), "tails": (0.75, (-4, 4))})
    tree = game.GameTree(decision(0, {"safe": (-2, 2), "gamble": lottery}))
    solution = tree.solve()
    assert solution.value == pytest.approx(0.25 * 8 - 0.75 * 4, abs=1e-15)
    assert solution.path == ("gamble",)
    assert game.alpha_beta(tree).value == solution.value


def test_the_worst_order_of_chapter_2():
    """Its tree of 729 leaves over all orders of all branches: 53 leaves at least, 634 at most (worst first: 622)."""

    def tuples(tree):
        return tuple(map(tuples, tree)) if isinstance(tree, list) else tree

    @cache
    def value(node, maximising):
        if isinstance(node, int):
            return node
        return (max if maximising else min)(value(child, not maximising) for child in node)

    @cache
    def looked_at(node, maximising, low, high, most):
        if isinstance(node, int):
            return 1
        found = []
        for order in permutations(node):
            window, seen = [low, high], 0
            for child in order:
                seen += looked_at(child, not maximising, *window, most)
                side = 0 if maximising else 1
                window[side] = (max if maximising else min)(window[side], value(child, not maximising))
                if window[0] >= window[1]:
                    break
            found.append(seen)
        return most(found)

    tree = np.random.default_rng(0).permutation(3**6).reshape([3] * 6).tolist()
    assert [looked_at(tuples(tree), True, -1, 729, most) for most in (min, max)] == [53, 634]
    worst_first = game.alpha_beta(game.reorder(game.from_lists(tree), best_first=False))
    assert len(worst_first.visited) == 622


def test_alpha_beta_searches_chance_outcomes_with_an_open_window():
    """Cutting inside a chance node with the outer window would return a bound instead of a value."""
    gamble = chance({"l": (0.5, decision(1, {"x": (0, 0), "y": (-30, 30)})), "r": (0.5, (100, -100))})
    tree = game.GameTree(decision(0, {"sure": (10, -10), "gamble": gamble}))
    assert game.alpha_beta(tree).value == game.minimax(tree).value == 35


def test_three_players_each_maximise_their_own():
    tree = game.GameTree(
        decision(
            0,
            {
                "l": decision(1, {"a": (1, 5, 0), "b": (9, 4, 9)}),
                "r": decision(2, {"a": (2, 0, 1), "b": (8, 9, 0)}),
            },
        ),
        players=("A", "B", "C"),
    )
    solution = tree.solve()
    assert solution.payoffs == (2, 0, 1)
    assert solution.strategy == {(): "r", ("l",): "a", ("r",): "a"}


def test_backward_induction_leaves_no_profitable_deviation_and_a_wrong_plan_does():
    tree = game.haggle([50, 60, 70, 80, 90], rounds=3)
    solution = tree.solve()
    assert max(game.deviation_gains(tree, solution.strategy).values()) <= 1e-9
    timid = {**solution.strategy, (): "ask 50"}
    gains = game.deviation_gains(tree, timid)
    assert gains[()] == pytest.approx(40)


def test_haggling_is_not_zero_sum_and_fighting_is_not_trading():
    tree = game.haggle([40, 60, 80, 100], rounds=3)
    assert not tree.zero_sum
    sums = {round(sum(p), 9) for p in tree.leaves().values()}
    assert sums == {0.0, 60.0, 54.0, 48.6}
    deal = tree.solve()
    assert sum(deal.payoffs) == pytest.approx(60)  # agreed at once: nothing of the surplus is lost
    assert game.security(tree, 0) == 0 == game.security(tree, 1)  # an opponent who only hurts you never deals
    with pytest.raises(ValueError, match="tree.solve"):
        game.minimax(tree)


@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize("patience", [0.5, 0.8, 1.0])
def test_haggling_approaches_the_closed_form(rounds, patience):
    tree = game.haggle(np.linspace(40, 100, 61).tolist(), rounds=rounds, patience=patience)
    share = tree.solve().payoffs[0] / 60
    assert share == pytest.approx(game.first_share(rounds, patience), abs=1 / 60 + 1e-9)


def test_first_share_follows_the_recursion_and_the_limit():
    share = 1.0
    for rounds in range(1, 30):
        assert game.first_share(rounds, 0.8) == pytest.approx(share, abs=1e-14)
        share = 1 - 0.8 * share
    assert game.first_share(400, 0.8) == pytest.approx(1 / 1.8, abs=1e-14)


def test_split_adds_up_and_shows_the_common_part():
    tree = game.haggle([50, 70, 90], rounds=2)
    conflict, common = game.split(tree)
    assert conflict.zero_sum
    for path, payoffs in tree.leaves().items():
        total = np.add(conflict.leaves()[path], common.leaves()[path])
        assert total == pytest.approx(payoffs, abs=1e-12)
    zero = game.from_lists([[1, 2], [3, 4]])
    assert all(p == (0, 0) for p in game.split(zero)[1].leaves().values())


@pytest.mark.parametrize("matches", range(1, 13))
def test_take_away_is_lost_exactly_at_multiples_of_four(matches):
    solution = game.minimax(game.take_away(matches, most=3))
    assert solution.value == (-1 if matches % 4 == 0 else 1)
    if matches % 4:
        assert solution.strategy[()] == f"take {matches % 4}"


def test_grow_plays_noughts_and_crosses_to_a_draw_from_a_late_position():
    lines = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]

    def won(board):
        return next((board[a] for a, b, c in lines if board[a] != "." and board[a] == board[b] == board[c]), None)

    def turn(board):
        return (9 - board.count(".")) % 2

    def moves(board):
        if won(board):
            return {}
        mark = "XO"[turn(board)]
        return {str(i): board[:i] + mark + board[i + 1 :] for i in range(9) if board[i] == "."}

    def payoffs(board):
        return {"X": (1, -1), "O": (-1, 1), None: (0, 0)}[won(board)]

    tree = game.grow("X...O....", turn, moves, payoffs, players=("X", "O"))
    assert game.minimax(tree).value == 0
    blunder = game.grow("X..O.....", turn, moves, payoffs, players=("X", "O"))
    assert game.minimax(blunder).value == 1  # answering a corner with that edge loses


def test_ties_take_the_first_move_and_are_reported():
    solution = game.from_lists([[1], [1]]).solve()
    assert solution.strategy[()] == "a"
    assert solution.indifferent == ((),)


def test_normal_form_of_a_zero_sum_tree_has_its_value():
    rng = random.Random(3)
    for _ in range(10):
        tree = game.from_lists([[rng.randint(-9, 9) for _ in range(2)] for _ in range(3)])
        matrix = game.normal_form(tree)
        assert matrix.value() == pytest.approx(game.minimax(tree).value, abs=1e-9)
        assert matrix.maximin == matrix.minimax  # perfect information: no need to mix (Zermelo)


def test_an_empty_threat_is_an_equilibrium_of_the_matrix_only():
    """The entry game: the newcomer enters or stays out, the incumbent fights or shares."""
    tree = game.GameTree(
        decision(0, {"out": (0, 4), "in": decision(1, {"fight": (-1, -1), "share": (2, 2)})}),
        players=("Newcomer", "Incumbent"),
    )
    matrix = game.normal_form(tree)
    cells = {(matrix.rows[i].split(" / ")[0], matrix.columns[j]) for i, j in matrix.pure_equilibria()}
    assert cells == {("out", "fight"), ("in", "share")}
    assert tree.solve().path == ("in", "share")
    assert game.deviation_gains(tree, {(): "out", ("in",): "fight"})[("in",)] == 3


def test_text_and_json_forms():
    tree = game.from_lists({"left": [3, 5], "right": [2, 9]})
    text = tree.text(tree.solve())
    assert "left*: Min [3]" in text and text.splitlines()[0] == "Max [3]"
    spec = tree.to_dict()
    assert game.GameTree(nodes.from_dict(spec["root"]), tuple(spec["players"])) == tree
    lottery = chance({"up": (0.5, (1, -1)), "down": (0.5, (-1, 1))})
    assert nodes.from_dict(nodes.to_dict(lottery)) == lottery


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.from_lists([[1, 2], []]), "no move is given"),
        (lambda: game.from_lists("ab"), "lists, dicts and numbers"),
        (lambda: leaf(), "one payoff per player"),
        (lambda: leaf(float("nan"), 0), "finite"),
        (lambda: chance({"a": (0.5, (1, 1)), "b": (0.6, (1, 1))}), "sum to 1"),
        (lambda: game.GameTree(leaf(1, 2, 3)), "pays 3 players"),
        (lambda: game.GameTree(decision(2, {"a": (1, 1)})), "player 2"),
        (lambda: game.from_lists([1, 2]).at(["c"]), "the moves there are: a, b"),
        (lambda: game.from_lists([1, 2]).at(["a", "a"]), "ended"),
        (lambda: game.haggle([50], rounds=0), "rounds is 0"),
        (lambda: game.haggle([], rounds=1), "at least one price"),
        (lambda: game.haggle([50], patience=1.5), "at most 1"),
        (lambda: game.haggle(range(100), rounds=4), "too large"),
        (lambda: game.security(game.from_lists([1, 2]), 2), "Player 2"),
        (lambda: game.deviation_gains(game.from_lists([1, 2]), {}), "must choose one of a, b"),
        (lambda: game.normal_form(game.from_lists([[1, 2]] * 20), limit=100), "more than 100 cells"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises((ValueError, TypeError), match=words):
        make()


@pytest.mark.parametrize("unit", [1e-14, 1e-8, 1e8, 1e14])
def test_units_of_payoffs_change_no_solution(unit):
    tree = game.from_lists([[3, 12, 8], [2, 4, 6], [14, 5, 2]])
    scaled = tree.map(lambda p: (unit * p[0], unit * p[1]))
    assert scaled.zero_sum and scaled.solve().strategy == tree.solve().strategy
    assert scaled.solve().indifferent == () and game.alpha_beta(scaled).pruned == game.alpha_beta(tree).pruned
    common = tree.map(lambda p: (unit * p[0], p[0]))
    assert not common.zero_sum and common.solve().strategy == tree.map(lambda p: (p[0], p[0])).solve().strategy
    fair = chance({"a": (1 / 3, (0.1 * unit, 0)), "b": (2 / 3, (0.4 * unit, 0))})  # 0.3, but for rounding
    assert game.GameTree(decision(0, {"sure": (0.3 * unit, 0), "luck": fair})).solve().indifferent == ((),)


def test_arrays_and_their_numbers_make_trees():
    table = np.array([[3, 12], [2, 4]])
    assert game.from_lists(table) == game.from_lists(torch.tensor(table)) == game.from_lists(table.tolist())
    assert decision(np.int64(0), {"a": np.array([1.0, 2.0])}) == decision(0, {"a": (1, 2)})
    assert game.haggle(np.array([50.0, 60.0]), torch.tensor(2)) == game.haggle([50, 60], 2)
    assert game.fewest_leaves(np.int64(10), np.int64(40)) == 2 * 10**20 - 1
    with pytest.raises(TypeError):
        decision(0.7, {"a": (1, 2)})
