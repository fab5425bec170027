"""A game tree as a matplotlib figure: players in their colours, the solution's moves bold, pruned branches faded."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from gan_lab.game import nodes
from gan_lab.game.alphabeta import AlphaBeta
from gan_lab.game.nodes import Chance, Decision, Leaf, Node, Path
from gan_lab.game.trees import GameTree, Solution

if TYPE_CHECKING:  # matplotlib is only imported when something is drawn
    from matplotlib.axes import Axes

MOST_LEAVES = 64


def draw_tree(
    tree: GameTree,
    solution: Solution | None = None,
    search: AlphaBeta | None = None,
    ax: Axes | None = None,
    names: bool = True,
) -> Axes:
    """Draw ``tree`` from the top down on ``ax`` (a new one by default) and return it.

    With a ``solution`` every node shows its value and the chosen moves are bold; with a ``search`` (alpha-beta) the
    branches that were never entered are faded and crossed. ``names=False`` leaves the moves' names out. Leaves show
    the first player's payoff in a zero-sum game and all payoffs otherwise. ``ValueError`` above 64 leaves.
    """
    count = nodes.count_leaves(tree.root)
    if count > MOST_LEAVES:
        raise ValueError(f"The tree has {count} leaves; a readable drawing holds {MOST_LEAVES}. Draw a part of it.")
    if ax is None:
        import matplotlib.pyplot as plt

        longest = max((len(name) for path, _ in nodes.walk(tree.root) for name in path[-1:]), default=0)
        width = max(0.55, 0.115 * longest if names else 0.0) * count
        _, ax = plt.subplots(figsize=(min(11, 1.5 + width), 1 + 0.95 * _depth(tree.root)))
    places: dict[Path, tuple[float, float]] = {}
    _place(tree.root, (), places, [0])
    pencil = _Pencil(tree, solution, search, ax, places, names)
    for path, node in nodes.walk(tree.root):
        pencil.branch(path)
        pencil.node(path, node)
    ax.set_axis_off()
    ax.margins(0.06)
    return ax


class _Pencil:
    """Where things go and how they look; one method a kind of mark."""

    def __init__(
        self,
        tree: GameTree,
        solution: Solution | None,
        search: AlphaBeta | None,
        ax: Axes,
        places: dict[Path, tuple[float, float]],
        names: bool,
    ) -> None:
        self.tree, self.solution, self.ax, self.places, self.names = tree, solution, ax, places, names
        self.pruned = search.pruned if search else ()
        self.ink, self.colours = _colours()

    def faded(self, path: Path) -> bool:
        return any(path[: len(branch)] == branch for branch in self.pruned)

    def branch(self, path: Path) -> None:
        """The line from the parent of ``path`` to it, with the move's name."""
        if not path:
            return
        (x0, y0), (x1, y1) = self.places[path[:-1]], self.places[path]
        chosen = bool(self.solution and self.solution.strategy.get(path[:-1]) == path[-1]) and not self.faded(path)
        alpha = 0.25 if self.faded(path) else 1.0
        self.ax.plot([x0, x1], [y0, y1], color=self.ink, lw=2.6 if chosen else 0.9, alpha=alpha, zorder=1)
        if path in self.pruned:
            self.ax.plot(x0 + 0.45 * (x1 - x0), y0 + 0.45 * (y1 - y0), "x", color=self.ink, ms=8, mew=1.6, zorder=2)
        elif self.names:
            parent = self.tree.at(path[:-1])
            odds = ""
            if isinstance(parent, Chance):
                odds = " " + next(f"{p:g}" for p, name, _ in parent.outcomes if name == path[-1])
            weight = "bold" if chosen else "normal"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
            here = (x0 + 0.62 * (x1 - x0), y0 + 0.62 * (y1 - y0))
            style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "fontweight": weight}
            self.ax.text(*here, path[-1] + odds, color=self.ink, alpha=alpha, bbox=box, zorder=2, **style)

    def node(self, path: Path, node: Node) -> None:
        """The player (or chance) at ``path`` with its value, or the payoffs of a leaf."""
        x, y = self.places[path]
        alpha = 0.3 if self.faded(path) else 1.0
        if isinstance(node, Leaf):
            lines = self._number(node.payoffs, "\n")
            style: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 9, "color": self.ink, "alpha": alpha}
            self.ax.annotate(lines, (x, y), xytext=(0, -3), textcoords="offset points", **style)  # clear of its branch
            return
        player = node.player if isinstance(node, Decision) else None
        who = "chance" if player is None else self.tree.players[player]
        value = self.solution.values[path] if self.solution and not self.faded(path) else None
        label = who if value is None else f"{who}\n{self._number(value, ', ')}"
        colour = self.ink if player is None else self.colours[player % len(self.colours)]
        box = {"boxstyle": "round,pad=0.32", "facecolor": colour, "edgecolor": "none", "alpha": alpha}
        text = self.ax.text(x, y, label, ha="center", va="center", fontsize=8.5, color="white", bbox=box, zorder=3)
        text.set_alpha(max(alpha, 0.6))

    def _number(self, payoffs: tuple[float, ...], between: str) -> str:
        shown = payoffs[:1] if self.tree.zero_sum and len(payoffs) == 2 else payoffs
        return between.join(f"{p:.3g}".replace("-", "\N{MINUS SIGN}") for p in shown)


def _place(node: Node, path: Path, places: dict[Path, tuple[float, float]], column: list[int]) -> float:
    """Leaves get the next column, other nodes the middle of their children; the depth sets the height."""
    below = [_place(child, (*path, name), places, column) for name, child in nodes.children(node)]
    if below:
        x = (below[0] + below[-1]) / 2
    else:
        x = float(column[0])
        column[0] += 1
    places[path] = (x, -float(len(path)))
    return x


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for _, child in nodes.children(node)), default=0)


def palette() -> dict[str, dict[str, str]]:
    """The colours of the book, by theme."""
    colours: dict[str, dict[str, str]] = json.loads(
        resources.files("gan_lab").joinpath("palette.json").read_text("utf-8")
    )
    return colours


def _colours() -> tuple[str, list[str]]:
    """The ink, and one colour per player: the maximiser has the discriminator's, as it will later."""
    light = palette()["light"]
    return light["ink"], [light["discriminator"], light["generator"], light["gradient"]]
