"""Pictures in a plane: best responses in a 2 x 2 game, what a mix secures, and paths along a field of arrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_lab.game.draw import _colours, palette
from gan_lab.game.matrix import MatrixGame
from gan_lab.game.methods import METHODS, Trajectory, exact_rate
from gan_lab.game.saddle import SmoothGame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_best_responses(game: MatrixGame, ax: Axes | None = None) -> Axes:
    """Both players' best responses in a 2 x 2 game: where the curves meet nobody gains by moving.

    Across: the probability p with which the row player plays their first move; up: the column player's q. Every
    equilibrium is marked with a ring.
    """
    if game.shape != (2, 2):
        raise ValueError(f"The picture is for 2 x 2 games; this one is {game.shape[0]} x {game.shape[1]}.")
    ax, ink, colours = _paper(ax, (3.6, 3.6))
    grid = np.linspace(0, 1, 1001)
    p = _reply(np.array([np.subtract(*game.scores(0, [q, 1 - q])) for q in grid]), game.slack(0))
    q = _reply(np.array([np.subtract(*game.scores(1, [p, 1 - p])) for p in grid]), game.slack(1))
    ax.plot(p, grid, color=colours[0], lw=2.6, label=f"{game.players[0]}'s best p")
    ax.plot(grid, q, color=colours[1], lw=2.6, ls=(0, (5, 2)), label=f"{game.players[1]}'s best q")
    for e in game.equilibria():
        ax.plot(e.row[0], e.column[0], "o", ms=9, mfc="white", mec=ink, mew=2, zorder=5, clip_on=False)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal", title=game.name)
    ax.set_xlabel(f"p: {game.players[0]} plays {game.rows[0]}")
    ax.set_ylabel(f"q: {game.players[1]} plays {game.columns[0]}")
    return ax


def draw_security(game: MatrixGame, ax: Axes | None = None) -> Axes:
    """What each column pays a row player who mixes two rows, and the worst of it, whose peak is the value.

    Across: the probability p of the first row. ``ValueError`` unless the game is zero-sum with two rows.
    """
    if game.shape[0] != 2 or not game.zero_sum:
        raise ValueError(
            f"The picture is for zero-sum games with 2 rows; this one is {game.shape[0]} x {game.shape[1]}."
        )
    ax, ink, colours = _paper(ax, (5.2, 3.4))
    p = np.linspace(0, 1, 401)
    pays = np.outer(p, game.A[0]) + np.outer(1 - p, game.A[1])
    for j, name in enumerate(game.columns):
        ax.plot(p, pays[:, j], color=colours[1], lw=1.3, ls=["-", "--", ":", "-."][j % 4], label=f"against {name}")
    ax.plot(p, pays.min(axis=1), color=colours[0], lw=9, alpha=0.3, label="what p secures", zorder=1)
    best = game.solve()
    ax.plot(best.row[0], best.payoffs[0], "o", ms=9, mfc="white", mec=ink, mew=2, zorder=5)
    ax.set(xlabel=f"p: {game.players[0]} plays {game.rows[0]}", ylabel=f"{game.players[0]}'s expected payoff")
    ax.legend()
    return ax


def draw_paths(runs: Sequence[Trajectory] | Trajectory, ax: Axes | None = None, reach: float | None = None) -> Axes:
    """One or more trajectories of a game with one number a player, over its field of arrows.

    Across: x, up: y. The start is a ring, the equilibrium a cross; ``reach`` sets the half-width of the picture.
    """
    several = [runs] if isinstance(runs, Trajectory) else list(runs)
    if not several or any(run.game.sizes != (1, 1) for run in several):
        raise ValueError("draw_paths needs at least one trajectory of a game in which each player has one number.")
    ax, ink, _ = _paper(ax, (3.6, 3.6))
    half = reach or 1.08 * max(float(np.abs(run.points - run.game.equilibrium).max()) for run in several)
    middle = several[0].game.equilibrium
    draw_field(several[0].game, ax, half)
    marks = ["-", "--", ":", "-."]
    for run, mark in zip(several, marks * len(several), strict=False):
        x, y = run.points.T
        ax.plot(x, y, mark, color=ink, lw=1.2, marker=".", ms=3.5, label=run.method)
    ax.plot(*several[0].points[0], "o", ms=9, mfc="none", mec=ink, mew=1.6)
    ax.plot(*middle, "+", ms=12, color=ink, mew=2)
    ax.set(xlim=middle[0] + np.array([-half, half]), ylim=middle[1] + np.array([-half, half]), aspect="equal")
    ax.set(xlabel="x (minimises)", ylabel="y (maximises)")
    return ax


def draw_field(game: SmoothGame, ax: Axes, half: float, count: int = 13) -> None:
    """The directions in which the two players want to move, as ``count`` x ``count`` arrows of equal length."""
    _, _, colours = _paper(ax, (3.6, 3.6))
    middle = game.equilibrium
    u, v = np.meshgrid(*(np.linspace(c - half, c + half, count) for c in middle))
    arrows = np.array([game.field(np.array(z)) for z in zip(u.ravel(), v.ravel(), strict=True)])
    lengths = np.linalg.norm(arrows, axis=1, keepdims=True)
    arrows = arrows / np.where(lengths > 0, lengths, 1)
    look: dict[str, Any] = {"color": colours[2], "alpha": 0.4, "pivot": "mid", "angles": "xy", "zorder": 0}
    ax.quiver(u, v, arrows[:, 0], arrows[:, 1], scale=1.45 * count, width=0.005, **look)


def draw_best_answers(
    value: Callable[[Any, Any], Any], low: float, high: float, ax: Axes | None = None, count: int = 401
) -> tuple[Axes, float, float]:
    """A function V(x, y) on a square, and each player's best answer to every choice of the other.

    ``value`` takes arrays; light is low, dark is high. Returns the axes, max over y of min over x, and min over x of
    max over y, on a grid of ``count`` x ``count`` points.
    """
    ax, _, colours = _paper(ax, (3.8, 3.7))
    u = np.linspace(low, high, count)
    table = value(u[:, None], u[None, :])  # rows: x, columns: y
    ax.contourf(u, u, table.T, 14, cmap="Greys", alpha=0.75)
    ax.plot(u[table.argmin(axis=0)], u, color=colours[1], lw=3, label="best x for each y")
    ax.plot(u, u[table.argmax(axis=1)], ".", ms=4, color=colours[0], label="best y for each x")
    ax.set(xlabel="x (minimises)", ylabel="y (maximises)", aspect="equal")
    return ax, float(table.min(axis=0).max()), float(table.max(axis=1).min())


def draw_rates(ax: Axes | None = None, most: float = 1.0) -> Axes:
    """The exact rates of all methods on V = xy against the step size, up to ``most``: below 1 a method comes in."""
    ax, ink, _ = _paper(ax, (7.0, 3.6))
    etas = np.linspace(most / 1000, most, 1000)
    looks = {"simultaneous": "-", "alternating": "--", "extragradient": "-", "optimistic": ":", "proximal": "-."}
    light = palette()["light"]
    # no actor's colour: x and y are the actors here
    inks = {"simultaneous": light["ochre"], "extragradient": light["violet"], "optimistic": light["violet"]}
    for method in METHODS:
        rates = [exact_rate(method, float(h)) for h in etas]
        ax.plot(etas, rates, looks[method], color=inks.get(method, ink), label=method)
    ax.axhline(1, color=ink, lw=0.6)
    ax.set(xlabel="step size \N{GREEK SMALL LETTER ETA}", ylabel="factor of the squared distance", ylim=(0.45, 1.4))
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return ax


def _reply(advantage: np.ndarray, tie: float) -> np.ndarray:
    """The best probability of a first move by its advantage; halfway on a tie, so that curves are drawn whole."""
    return np.where(advantage > tie, 1.0, np.where(advantage < -tie, 0.0, 0.5))


def _paper(ax: Axes | None, size: tuple[float, float]) -> tuple[Axes, str, list[str]]:
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=size)
    return ax, *_colours()
