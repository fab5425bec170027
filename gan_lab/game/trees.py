"""Games in which players move one after the other and see everything: the game tree, solved from its leaves.

Backward induction replaces the lowest decision by what its player will choose, again and again, until the root has a
value (Zermelo 1913; Kuhn 1953). Each player maximises *their own* payoff, so the same ten lines solve zero-sum games,
where this is called minimax, and games in which both can win, where the result is a subgame-perfect equilibrium
(Selten 1965).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from gan_lab._say import sayable
from gan_lab.game import nodes
from gan_lab.game.matrix import MatrixGame
from gan_lab.game.nodes import Chance, Decision, Leaf, Node, Path

TIE = 1e-12  # payoffs closer than this share of the largest count as equal, so that rounding does not break a tie
ZERO = 1e-9  # a sum of payoffs below this share of the largest counts as 0
State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True)
class GameTree:
    """A game of perfect information between ``players``, played from ``root`` to a leaf.

    Raises ``ValueError`` when a leaf does not have one payoff per player, a decision names a player who does not
    exist, or a node offers the same move twice.
    """

    root: Node
    players: tuple[str, ...] = ("Max", "Min")

    def __post_init__(self) -> None:
        object.__setattr__(self, "players", tuple(self.players))
        for path, node in nodes.walk(self.root):
            place = f"after {' > '.join(path)}" if path else "at the root"
            if isinstance(node, Leaf) and len(node.payoffs) != len(self.players):
                raise ValueError(
                    f"The leaf {place} pays {len(node.payoffs)} players; this game has {len(self.players)}"
                    f" ({', '.join(self.players)})."
                )
            if isinstance(node, Decision) and not 0 <= node.player < len(self.players):
                raise ValueError(
                    f"The decision {place} belongs to player {node.player}; players are numbered 0 to"
                    f" {len(self.players) - 1}."
                )
            names = [name for name, _ in nodes.children(node)]
            if len(set(names)) < len(names):
                raise ValueError(f"The node {place} has two moves of the same name: {', '.join(names)}.")

    @property
    def zero_sum(self) -> bool:
        """Whether the payoffs of every leaf sum to zero: what one wins, the others lose."""
        return all(abs(math.fsum(payoffs)) <= ZERO * max(self._largest) for payoffs in self.leaves().values())

    @cached_property
    def _largest(self) -> tuple[float, ...]:
        """Each player's largest payoff, without its sign: the unit in which a difference is small or not."""
        return tuple(max(map(abs, column)) for column in zip(*self.leaves().values(), strict=True))

    def leaves(self) -> dict[Path, tuple[float, ...]]:
        """The payoffs at every leaf, by path, left to right."""
        return {path: node.payoffs for path, node in nodes.walk(self.root) if isinstance(node, Leaf)}

    def at(self, path: Iterable[str]) -> Node:
        """The node that ``path`` leads to; ``ValueError`` names the moves there are when one does not exist."""
        node = self.root
        for step, move in enumerate(tuple(path)):
            below = dict(nodes.children(node))
            if move not in below:
                choices = f"the moves there are: {', '.join(below)}" if below else "the play has ended there"
                raise ValueError(f"Move {step + 1} of the path, {move!r}, does not exist; {choices}.")
            node = below[move]
        return node

    def map(self, change: Callable[[tuple[float, ...]], Sequence[float]]) -> GameTree:
        """The same tree with every leaf's payoffs replaced by ``change(payoffs)``."""

        def rebuild(node: Node) -> Node:
            if isinstance(node, Leaf):
                return nodes.leaf(*change(node.payoffs))
            if isinstance(node, Decision):
                return Decision(node.player, tuple((name, rebuild(child)) for name, child in node.moves))
            return Chance(tuple((p, name, rebuild(child)) for p, name, child in node.outcomes))

        return GameTree(rebuild(self.root), self.players)

    def solve(self) -> Solution:
        """Backward induction: everybody's best reply to everybody's best replies, from the leaves up."""
        return backward_induction(self)

    def text(self, solution: Solution | None = None) -> str:
        """The tree as indented text to print; with a ``solution``, chosen moves are starred and values are shown."""
        return sayable(_text(self, solution))

    def to_dict(self) -> dict[str, Any]:
        """The tree as JSON values, for the game-tree widget."""
        return {"players": list(self.players), "root": nodes.to_dict(self.root)}

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Solution:
    """What backward induction found.

    ``payoffs`` at the root; ``values`` of every node by path; ``strategy``: the move chosen at every decision;
    ``path``: the principal variation, the moves actually played (up to the first chance node);
    ``indifferent``: the decisions where another move would have been as good (the first listed is taken).
    """

    payoffs: tuple[float, ...]
    values: Mapping[Path, tuple[float, ...]]
    strategy: Mapping[Path, str]
    path: Path
    indifferent: tuple[Path, ...]

    @property
    def value(self) -> float:
        """The first player's payoff: in a zero-sum game, *the* value of the game."""
        return self.payoffs[0]


def from_lists(nested: Any, players: tuple[str, str] = ("Max", "Min")) -> GameTree:
    """A two-player zero-sum tree from nested lists (or dicts, to name the moves) of the first player's payoffs.

    ``from_lists([[3, 12, 8], [2, 4, 6]])``: Max chooses a list, then Min a number in it. Unnamed moves are called
    a, b, c, ...; the players take turns, the first one begins.
    """

    def build(item: Any, depth: int) -> Node:
        item = item.tolist() if hasattr(item, "tolist") else item  # an array's or a tensor's numbers
        if isinstance(item, Real):
            return nodes.leaf(float(item), -float(item))
        if isinstance(item, Mapping):
            below = {str(name): build(child, depth + 1) for name, child in item.items()}
        elif isinstance(item, Sequence) and not isinstance(item, str):
            below = {_letters(i): build(child, depth + 1) for i, child in enumerate(item)}
        else:
            raise TypeError(f"A tree is made of lists, dicts and numbers; found {type(item).__name__}: {item!r}.")
        return nodes.decision(depth % 2, below)

    return GameTree(build(nested, 0), players)


def grow(
    state: State,
    turn: Callable[[State], int],
    moves: Callable[[State], Mapping[str, State]],
    payoffs: Callable[[State], Sequence[float]],
    players: tuple[str, ...] = ("Max", "Min"),
) -> GameTree:
    """The tree of a game given by its rules: whose turn it is, which moves lead where, what a final state pays.

    A state is final when ``moves(state)`` is empty. Equal states share one subtree in memory.
    """
    grown: dict[State, Node] = {}

    def build(here: State) -> Node:
        if here not in grown:
            options = moves(here)
            below = {name: build(there) for name, there in options.items()}
            grown[here] = nodes.decision(turn(here), below) if below else nodes.leaf(*payoffs(here))
        return grown[here]

    return GameTree(build(state), players)


def backward_induction(tree: GameTree) -> Solution:
    """Solve ``tree`` from its leaves: at each decision its player takes the move that pays *them* most.

    The result is a subgame-perfect equilibrium in pure strategies; in a two-player zero-sum tree it is minimax play
    and ``solution.value`` the value of the game. On a tie the first listed move is taken and the decision noted.
    """
    values: dict[Path, tuple[float, ...]] = {}
    strategy: dict[Path, str] = {}
    indifferent: list[Path] = []
    tie = [TIE * largest for largest in tree._largest]

    def value(node: Node, path: Path) -> tuple[float, ...]:
        below = [(name, value(child, (*path, name))) for name, child in nodes.children(node)]
        if isinstance(node, Leaf):
            result = node.payoffs
        elif isinstance(node, Chance):
            weights = [p for p, _, _ in node.outcomes]
            columns = zip(*(payoffs for _, payoffs in below), strict=True)
            result = tuple(math.fsum(p * v for p, v in zip(weights, column, strict=True)) for column in columns)
        else:
            top = max(payoffs[node.player] for _, payoffs in below)
            best = [(name, payoffs) for name, payoffs in below if payoffs[node.player] >= top - tie[node.player]]
            strategy[path], result = best[0]
            if len(best) > 1:
                indifferent.append(path)
        values[path] = result
        return result

    payoffs = value(tree.root, ())
    return Solution(payoffs, values, strategy, _follow(tree, strategy), tuple(sorted(indifferent, key=len)))


def minimax(tree: GameTree) -> Solution:
    """Backward induction for two players with opposite payoffs; ``ValueError`` when the tree is not zero-sum.

    In a tree that is not zero-sum, maximising against an opponent who minimises *your* payoff answers another
    question: see ``security``.
    """
    _require_zero_sum(tree, "minimax")
    return backward_induction(tree)


def security(tree: GameTree, player: int = 0) -> float:
    """What ``player`` can be sure of: the value when everyone else plays only to hurt them."""
    if not 0 <= player < len(tree.players):
        raise ValueError(f"Player {player} does not exist; players are numbered 0 to {len(tree.players) - 1}.")

    def value(node: Node) -> float:
        if isinstance(node, Leaf):
            return node.payoffs[player]
        below = [value(child) for _, child in nodes.children(node)]
        if isinstance(node, Chance):
            return math.fsum(p * v for (p, _, _), v in zip(node.outcomes, below, strict=True))
        return max(below) if node.player == player else min(below)

    return value(tree.root)


def deviation_gains(tree: GameTree, strategy: Mapping[Path, str]) -> dict[Path, float]:
    """How much the player at each decision gains by changing that one move, everything else in ``strategy`` kept.

    A strategy is a subgame-perfect equilibrium exactly when no entry is positive (the one-shot deviation principle).
    """
    gains: dict[Path, float] = {}

    def play(node: Node, path: Path) -> tuple[float, ...]:
        below = {name: play(child, (*path, name)) for name, child in nodes.children(node)}
        if isinstance(node, Leaf):
            return node.payoffs
        if isinstance(node, Chance):
            weighted = [(p, below[name]) for p, name, _ in node.outcomes]
            return tuple(math.fsum(p * v[i] for p, v in weighted) for i in range(len(tree.players)))
        move = strategy.get(path)
        if move not in below:
            place = " > ".join(path) or "the root"
            raise ValueError(f"The strategy must choose one of {', '.join(below)} at {place}; it says {move!r}.")
        gains[path] = max(v[node.player] for v in below.values()) - below[move][node.player]
        return below[move]

    play(tree.root, ())
    return gains


def normal_form(tree: GameTree, limit: int = 4096) -> MatrixGame:
    """A two-player tree as a matrix game: a row (column) is a whole plan, one move for each decision of a player.

    The matrix forgets the order of moves, so its equilibria may rest on threats that backward induction rules out.
    ``limit`` bounds the number of cells.
    """
    if len(tree.players) != 2:
        raise ValueError(f"A matrix game has two players; this tree has {len(tree.players)}.")
    plans = [_plans(tree, player) for player in (0, 1)]
    if len(plans[0]) * len(plans[1]) > limit:
        raise ValueError(
            f"The matrix would be {len(plans[0])} x {len(plans[1])}, more than {limit} cells; raise `limit` or use"
            " backward induction on the tree."
        )
    cells = np.array([[_play(tree.root, (), {**row, **column}) for column in plans[1]] for row in plans[0]])
    names = [[" / ".join(plan.values()) or "(no choice)" for plan in side] for side in plans]
    return MatrixGame(cells[..., 0], cells[..., 1], rows=names[0], columns=names[1], players=tree.players)


def _plans(tree: GameTree, player: int) -> list[dict[Path, str]]:
    own = [(path, node) for path, node in nodes.walk(tree.root) if isinstance(node, Decision) and node.player == player]
    choices = [[name for name, _ in node.moves] for _, node in own]
    return [dict(zip((path for path, _ in own), plan, strict=True)) for plan in itertools.product(*choices)]


def _play(node: Node, path: Path, plan: Mapping[Path, str]) -> tuple[float, float]:
    if isinstance(node, Leaf):
        return node.payoffs[0], node.payoffs[1]
    if isinstance(node, Chance):
        pairs = [(p, _play(child, (*path, name), plan)) for p, name, child in node.outcomes]
        return math.fsum(p * v[0] for p, v in pairs), math.fsum(p * v[1] for p, v in pairs)
    move = plan[path]
    return _play(dict(node.moves)[move], (*path, move), plan)


def _follow(tree: GameTree, strategy: Mapping[Path, str]) -> Path:
    path: Path = ()
    while path in strategy:
        path = (*path, strategy[path])
    return path


def _require_zero_sum(tree: GameTree, what: str) -> None:
    if len(tree.players) == 2 and tree.zero_sum:
        return
    for path, payoffs in tree.leaves().items():
        if len(payoffs) != 2 or abs(math.fsum(payoffs)) > ZERO * max(tree._largest):
            raise ValueError(
                f"{what} needs two players whose payoffs sum to zero; the leaf after {' > '.join(path) or 'no move'}"
                f" pays {', '.join(f'{p:g}' for p in payoffs)}. Use tree.solve() for a game in which both can win."
            )


def _letters(i: int) -> str:
    return chr(ord("a") + i) if i < 26 else _letters(i // 26 - 1) + chr(ord("a") + i % 26)


def _text(tree: GameTree, solution: Solution | None) -> str:
    lines: list[str] = []

    def number(payoffs: tuple[float, ...]) -> str:
        shown = payoffs[:1] if tree.zero_sum and len(payoffs) == 2 else payoffs
        return ", ".join(f"{p:g}" for p in shown)

    def describe(node: Node, path: Path) -> str:
        if isinstance(node, Leaf):
            return number(node.payoffs)
        who = "chance" if isinstance(node, Chance) else tree.players[node.player]
        return f"{who} [{number(solution.values[path])}]" if solution else who

    def draw(node: Node, path: Path, indent: str) -> None:
        below = nodes.children(node)
        for i, (name, child) in enumerate(below):
            last = i == len(below) - 1
            star = "*" if solution and solution.strategy.get(path) == name else ""
            odds = f" ({node.outcomes[i][0]:g})" if isinstance(node, Chance) else ""
            lines.append(f"{indent}{'└' if last else '├'}─ {name}{odds}{star}: {describe(child, (*path, name))}")
            draw(child, (*path, name), indent + ("   " if last else "│  "))

    lines.append(describe(tree.root, ()))
    draw(tree.root, (), "")
    return "\n".join(lines)
