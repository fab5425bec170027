"""What a game tree is made of: leaves that pay, decisions that players take, and chance that nobody controls.

Nodes are immutable and compare by value. A place in a tree is named by the *path* that leads to it: the tuple of
move names from the root, ``()`` being the root itself.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True)
class Leaf:
    """The end of a play: one payoff per player."""

    payoffs: tuple[float, ...]


@dataclass(frozen=True)
class Decision:
    """A player's turn: ``moves`` are pairs (name of the move, where it leads), in the order in which they are tried."""

    player: int
    moves: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Chance:
    """Nobody's turn: triples (probability, name of the outcome, where it leads)."""

    outcomes: tuple[tuple[float, str, Node], ...]


Node = Leaf | Decision | Chance


def leaf(*payoffs: float) -> Leaf:
    """The end of a play, with one payoff per player: ``leaf(3, -3)``."""
    if not payoffs:
        raise ValueError("A leaf needs one payoff per player; got none.")
    values = tuple(float(p) for p in payoffs)
    if not all(math.isfinite(p) for p in values):
        raise ValueError(f"A leaf's payoffs must be finite numbers; got {values}.")
    return Leaf(values)


def decision(player: int, moves: Mapping[str, Node | Sequence[float]]) -> Decision:
    """Player number ``player`` (from 0) chooses one of ``moves``, a mapping from names to nodes or to payoffs.

    ``decision(0, {"stop": (1, 1), "go": decision(1, {...})})``
    """
    if not moves:
        raise ValueError(f"Player {player} must decide, but no move is given; end the play with a leaf instead.")
    return Decision(operator.index(player), tuple((str(name), _node(to)) for name, to in moves.items()))


def chance(outcomes: Mapping[str, tuple[float, Node | Sequence[float]]]) -> Chance:
    """Luck chooses: a mapping from names to pairs (probability, node or payoffs); probabilities sum to 1."""
    triples = tuple((float(p), str(name), _node(to)) for name, (p, to) in outcomes.items())
    total = math.fsum(p for p, _, _ in triples)
    if any(p < 0 for p, _, _ in triples) or abs(total - 1) > 1e-9:
        raise ValueError(f"The probabilities of a chance node must be >= 0 and sum to 1; they sum to {total:g}.")
    return Chance(triples)


def children(node: Node) -> tuple[tuple[str, Node], ...]:
    """The pairs (name, node) one step below ``node``; none below a leaf."""
    if isinstance(node, Decision):
        return node.moves
    if isinstance(node, Chance):
        return tuple((name, to) for _, name, to in node.outcomes)
    return ()


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node below and including ``node`` with its path, parents before children, left to right."""
    yield path, node
    for name, child in children(node):
        yield from walk(child, (*path, name))


def count_leaves(node: Node) -> int:
    """How many ways a play can end below ``node``."""
    return 1 if isinstance(node, Leaf) else sum(count_leaves(child) for _, child in children(node))


def to_dict(node: Node) -> dict[str, Any]:
    """The tree below ``node`` as plain JSON values (the form the game-tree widget reads)."""
    if isinstance(node, Leaf):
        return {"payoffs": list(node.payoffs)}
    if isinstance(node, Decision):
        return {"player": node.player, "moves": [{"name": n, "to": to_dict(c)} for n, c in node.moves]}
    return {"chance": [{"probability": p, "name": n, "to": to_dict(c)} for p, n, c in node.outcomes]}


def from_dict(spec: Mapping[str, Any]) -> Node:
    """The inverse of ``to_dict``."""
    if "payoffs" in spec:
        return leaf(*spec["payoffs"])
    if "moves" in spec:
        return decision(spec["player"], {m["name"]: from_dict(m["to"]) for m in spec["moves"]})
    if "chance" in spec:
        return chance({o["name"]: (o["probability"], from_dict(o["to"])) for o in spec["chance"]})
    raise ValueError(f"A node needs 'payoffs', 'moves' or 'chance'; this one has {sorted(spec)}.")


def _node(to: Node | Sequence[float]) -> Node:
    return to if isinstance(to, Leaf | Decision | Chance) else leaf(*to)
