"""Two people haggle over a price until both are content - or one walks away. It is a game tree, and not a zero-sum one.

Seller and buyer take turns to name a price; the other accepts or answers with a price of their own (Stahl 1972). A
deal creates value, no deal creates none, and waiting costs both: the *sum* of the payoffs depends on how they play.
"""

from __future__ import annotations

from collections.abc import Sequence

from gan_lab._errors import positive, whole_number
from gan_lab.game import nodes
from gan_lab.game.nodes import Node
from gan_lab.game.trees import GameTree


def haggle(
    prices: Sequence[float],
    rounds: int = 3,
    cost: float = 40.0,
    worth: float = 100.0,
    patience: float = 0.9,
) -> GameTree:
    """The haggling tree. The thing costs the seller ``cost`` and is worth ``worth`` to the buyer.

    In round t = 0, 1, ... the seller (even t) or the buyer (odd t) names one of ``prices``; the other accepts, which
    pays the seller ``patience**t * (price - cost)`` and the buyer ``patience**t * (worth - price)``, or refuses. After
    ``rounds`` refusals both go home with nothing. ``patience`` is in (0, 1].

    The tree has about ``len(prices)**rounds`` leaves; a ``ValueError`` asks for less above a million.
    """
    rounds, patience = whole_number("rounds", rounds, 1), positive("patience", patience)
    if patience > 1:
        raise ValueError(f"patience is {patience:g}: it must be at most 1, or waiting would make the thing grow.")
    cost, worth, prices = float(cost), float(worth), [float(price) for price in prices]
    if not prices or len(set(prices)) < len(prices):
        raise ValueError(f"prices must be at least one price and all different; got {prices}.")
    if len(prices) ** rounds > 1_000_000:
        raise ValueError(f"{len(prices)} prices over {rounds} rounds make too large a tree: use fewer of either.")

    def offer(t: int) -> Node:
        if t == rounds:
            return nodes.leaf(0, 0)
        proposer, verb = t % 2, "ask" if t % 2 == 0 else "bid"
        later = offer(t + 1)  # the same whatever price was refused, so one subtree serves them all

        def answer(price: float) -> Node:
            deal = nodes.leaf(patience**t * (price - cost), patience**t * (worth - price))
            return nodes.decision(1 - proposer, {"accept": deal, "refuse": later})

        return nodes.decision(proposer, {f"{verb} {price:g}": answer(price) for price in prices})

    return GameTree(offer(0), players=("Seller", "Buyer"))


def first_share(rounds: int, patience: float) -> float:
    """The share of the surplus that the first proposer gets when any price may be named.

    x_1 = 1 (the last proposer takes all) and x_T = 1 - patience * x_(T-1), hence (1 - (-patience)^T) / (1 + patience)
    (Stahl 1972); with no last round it tends to 1 / (1 + patience) (Rubinstein 1982).
    """
    rounds = whole_number("rounds", rounds, 1)
    return float((1 - (-patience) ** rounds) / (1 + patience))


def split(tree: GameTree) -> tuple[GameTree, GameTree]:
    """A two-player tree as the sum of a zero-sum game and a game of pure common interest (Kalai and Kalai 2013).

    Payoffs (u, v) become ((u-v)/2, (v-u)/2) in the first tree and ((u+v)/2, (u+v)/2) in the second. A game is zero-sum
    exactly when the second is 0 at every leaf.
    """
    if len(tree.players) != 2:
        raise ValueError(f"Only a two-player tree splits in this way; this one has {len(tree.players)} players.")
    conflict = tree.map(lambda p: ((p[0] - p[1]) / 2, (p[1] - p[0]) / 2))
    common = tree.map(lambda p: ((p[0] + p[1]) / 2, (p[0] + p[1]) / 2))
    return conflict, common


def take_away(matches: int = 7, most: int = 3) -> GameTree:
    """Take 1 to ``most`` matches in turn; whoever takes the last one wins 1 (a form of Nim; Bouton 1901)."""
    matches, most = whole_number("matches", matches, 1), whole_number("most", most, 1)

    def node(left: int, player: int) -> Node:
        if left == 0:
            return nodes.leaf(*((-1, 1) if player == 0 else (1, -1)))  # the other one has just taken the last match
        return nodes.decision(player, {f"take {n}": node(left - n, 1 - player) for n in range(1, min(most, left) + 1)})

    return GameTree(node(matches, 0))
