"""Alpha-beta: the minimax value without looking at every leaf (Knuth and Moore 1975).

While searching, ``alpha`` is what Max is already sure of elsewhere and ``beta`` what Min is. As soon as a node's value
is known to lie outside that window, no sensible play leads there, and its remaining branches are never entered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gan_lab._errors import whole_number
from gan_lab.game import nodes
from gan_lab.game.nodes import Chance, Decision, Leaf, Node, Path
from gan_lab.game.trees import GameTree, _require_zero_sum


@dataclass(frozen=True)
class AlphaBeta:
    """What the search found and what it did not need to see.

    ``value`` for the first player; ``path``: the principal variation; ``visited``: paths of the leaves looked at, in
    order; ``pruned``: paths of the branches never entered; ``pruned_leaves``: how many leaves lie below those;
    ``windows``: (alpha, beta) with which each visited node was entered.
    """

    value: float
    path: Path
    visited: tuple[Path, ...]
    pruned: tuple[Path, ...]
    pruned_leaves: int
    windows: Mapping[Path, tuple[float, float]]


def alpha_beta(tree: GameTree) -> AlphaBeta:
    """Search a two-player zero-sum ``tree`` from left to right with alpha-beta pruning.

    The value is always that of ``minimax``; how much is pruned depends on the order of the moves. A chance node's
    outcomes are each searched with an open window, because an average is not bounded by one of its terms.
    """
    _require_zero_sum(tree, "alpha-beta")
    visited: list[Path] = []
    pruned: list[Path] = []
    windows: dict[Path, tuple[float, float]] = {}

    def search(node: Node, path: Path, alpha: float, beta: float) -> tuple[float, Path]:
        windows[path] = (alpha, beta)
        if isinstance(node, Leaf):
            visited.append(path)
            return node.payoffs[0], path
        if isinstance(node, Chance):
            below = [(p, search(child, (*path, name), -math.inf, math.inf)[0]) for p, name, child in node.outcomes]
            return math.fsum(p * v for p, v in below), path
        return search_decision(node, path, alpha, beta)

    def search_decision(node: Decision, path: Path, alpha: float, beta: float) -> tuple[float, Path]:
        maximising = node.player == 0
        best, line = (-math.inf if maximising else math.inf), path
        for i, (name, child) in enumerate(node.moves):
            found, below = search(child, (*path, name), alpha, beta)
            if (found > best) if maximising else (found < best):
                best, line = found, below
            if maximising:
                alpha = max(alpha, best)
            else:
                beta = min(beta, best)
            if alpha >= beta:  # the opponent has something at least as good elsewhere: this node will not be reached
                pruned.extend((*path, later) for later, _ in node.moves[i + 1 :])
                break
        return best, line

    value, path = search(tree.root, (), -math.inf, math.inf)
    hidden = sum(nodes.count_leaves(tree.at(branch)) for branch in pruned)
    return AlphaBeta(value, path, tuple(visited), tuple(pruned), hidden, windows)


def fewest_leaves(branching: int, depth: int) -> int:
    """The fewest leaves any search must see to *prove* the value of a uniform tree (Knuth and Moore 1975).

    b^ceil(d/2) + b^floor(d/2) - 1; alpha-beta reaches it when every best move comes first.
    """
    branching, depth = whole_number("branching", branching, 1), whole_number("depth", depth, 0)
    return int(branching ** math.ceil(depth / 2) + branching ** (depth // 2) - 1)


def reorder(tree: GameTree, best_first: bool = True) -> GameTree:
    """The same zero-sum game with the moves at every decision sorted by their value for the player who moves.

    Best first is the order alpha-beta likes most; ``best_first=False`` is the worst.
    """
    _require_zero_sum(tree, "reorder")
    values = tree.solve().values

    def rebuild(node: Node, path: Path) -> Node:
        if isinstance(node, Leaf):
            return node
        if isinstance(node, Chance):
            return Chance(tuple((p, name, rebuild(child, (*path, name))) for p, name, child in node.outcomes))
        ranked = sorted(node.moves, key=lambda m: values[(*path, m[0])][node.player], reverse=best_first)
        return Decision(node.player, tuple((name, rebuild(child, (*path, name))) for name, child in ranked))

    return GameTree(rebuild(tree.root, ()), tree.players)
