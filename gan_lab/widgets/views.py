"""The widgets by name. Each returns an :class:`~gan_lab.widgets.element.Element`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import torch
from numpy.typing import ArrayLike

from gan_lab._errors import unknown, whole_number
from gan_lab.data import Distribution
from gan_lab.game import (
    METHODS,
    GameTree,
    MatrixGame,
    Quadratic,
    draw_best_responses,
    draw_paths,
    draw_tree,
    from_lists,
    trajectory,
)
from gan_lab.gan import GAN
from gan_lab.plots import GENERATOR, REAL
from gan_lab.widgets.element import Element
from gan_lab.widgets.labs import LESSONS
from gan_lab.widgets.spec import law, plane, spec

CONTROLS = ("all", "few")
MAPS = ("D", "best", "density", "none")
PRESETS: dict[str, dict[str, Any]] = {one["id"]: one for one in LESSONS["lessons"]}
MOST_LEAVES = 48  # as in the page: more would be too small to touch


def figure1(
    gan: GAN | None = None,
    target: Distribution | None = None,
    *,
    seed: int = 0,
    batch: int = 256,
    steps: int = 0,
    speed: float = 100,
    controls: str = "all",
    autoplay: bool = False,
    gradients: bool = False,
) -> Element:
    """Figure 1 of Goodfellow et al. 2014, trained live in the page.

    gan: who plays, on the line (by default two small networks that walk through the figure's four stages);
    target: what they learn; steps: where the run stands when it opens; speed: steps a second; controls: "all", or
    "few" for the head of a page; autoplay: begin by itself (never for readers who asked for less motion);
    gradients: show the generator's gradient as arrows. Raises ValueError for a GAN that the page cannot run.
    """
    options = _shown(controls, speed)
    if gan is not None:
        if target is None:
            raise ValueError("a GAN needs something to learn: pass target, such as data.gaussian(2, 0.8).")
        law("target", target), law("prior", gan.prior)
        options["spec"] = spec(gan, target, batch=batch, seed=seed)
    else:
        options["spec"] = {"seed": whole_number("seed", seed, 0), "batch": whole_number("batch", batch, 1)}
        if target is not None:
            options["spec"]["target"] = law("target", target)
    for name, on in (("autoplay", autoplay), ("gradients", gradients), ("step", whole_number("steps", steps, 0))):
        if on:
            options[name] = on
    return Element("figure1", options)


def playground(
    gan: GAN | None = None,
    target: Distribution | None = None,
    *,
    seed: int = 0,
    batch: int = 256,
    steps: int = 0,
    preset: str | None = None,
    controls: str = "all",
    speed: float = 100,
    autoplay: bool = False,
    heat: str = "D",
    gradients: bool = False,
) -> Element:
    """The game in the plane, trained live in the page: samples, discriminator, warped noise, gradients and scores.

    gan: who plays, from noise of any dimension to the plane (by default two networks of 2 x 32 units); target: what
    they learn, such as ``data.ring()``; preset: a lesson instead, one of :data:`PRESETS` (``"chase"``, ...);
    steps: where the run stands when it opens; autoplay: it goes on from there by itself (never for readers who asked
    for less motion); speed: steps a second; controls: "all", "few" (the drawer of further controls is closed), or
    "none": the picture, Play, and one plain sentence; heat: what the heat map shows, "D", "best" (p / (p + q)),
    "density" of the data, or "none"; gradients: show minus the gradient of the generator's loss as arrows. Raises
    ValueError for a GAN that the page cannot run.
    """
    if heat not in MAPS:
        raise unknown("heat map", heat, MAPS)
    if preset is not None and preset not in PRESETS:
        raise unknown("preset", preset, PRESETS)
    if preset is not None and gan is not None:
        raise ValueError("a preset brings its own networks: pass a GAN or a preset, not both.")
    options = _shown(controls, speed, (*CONTROLS, "none"))
    if gan is not None:
        if target is None:
            raise ValueError("a GAN needs something to learn: pass target, such as data.ring().")
        plane(target)
        options["spec"] = spec(gan, target, batch=batch, seed=seed)
    else:
        options["spec"] = {"seed": whole_number("seed", seed, 0), "batch": whole_number("batch", batch, 1)}
        if target is not None:
            options["spec"]["target"] = plane(target)
    if heat != "D":
        options["map"] = heat
    steps = whole_number("steps", steps, 0)
    for name, on in (("autoplay", autoplay), ("arrows", gradients), ("step", steps), ("preset", preset)):
        if on:
            options[name] = on
    return Element("playground", options)


def _shown(controls: str, speed: float, known: tuple[str, ...] = CONTROLS) -> dict[str, Any]:
    if controls not in known:
        raise unknown("set of controls", controls, known)
    if speed <= 0:
        raise ValueError(f"speed is {speed}: give steps a second, more than 0.")
    return {"controls": controls, "speed": speed}


def value(p: Distribution | None = None, q: Distribution | None = None, *, shown: bool = False) -> Element:
    """Two densities to drag, the best discriminator between them, and V(G, D).

    p, q: where they start; shown: draw D* at once, before the reader has guessed it.
    """
    laws: dict[str, Any] = {name: law(name, d) for name, d in (("p", p), ("q", q)) if d is not None}
    still = partial(_densities, p, q) if p is not None and q is not None else None
    return Element("value", {**laws, "shown": shown or None}, still=still)


def _densities(p: Distribution, q: Distribution) -> Any:
    """Both densities where they live."""
    ax = plt.subplots()[1]
    draws = torch.cat([law.sample(4_000, torch.Generator().manual_seed(0)) for law in (p, q)])
    x = torch.linspace(float(draws.min()), float(draws.max()), 601, dtype=torch.float64)
    ax.plot(x, p.density(x), ":", color=REAL, label="p, the data")
    ax.plot(x, q.density(x), color=GENERATOR, label="q, the generator's")
    ax.set(xlabel="x", ylabel="density")
    ax.legend()
    return ax.figure


def game_tree(tree: GameTree | Sequence[Any] | None = None, *, alpha_beta: bool = False) -> Element:
    """A game tree that the reader solves from its leaves, or searches with alpha-beta.

    tree: a :class:`gan_lab.game.GameTree` of at most 48 leaves, or nested lists of the first player's payoffs in a
    zero-sum game of players who take turns, such as ``[[3, 12], [2, 4]]``; alpha_beta: open with the search. Raises
    ValueError for larger trees, and for alpha-beta in a game that is not zero-sum.
    """
    if tree is None:
        return Element("tree", {"mode": "alpha-beta" if alpha_beta else None})
    whole = tree if isinstance(tree, GameTree) else from_lists(tree)
    if (leaves := len(whole.leaves())) > MOST_LEAVES:
        raise ValueError(f"the tree has {leaves} leaves: at most {MOST_LEAVES} can be shown.")
    if alpha_beta and not (len(whole.players) == 2 and whole.zero_sum):
        raise ValueError("alpha-beta is for two players whose payoffs sum to zero: leave alpha_beta out.")
    options = {"tree": whole.to_dict(), "mode": "alpha-beta" if alpha_beta else None}
    return Element("tree", options, still=lambda: draw_tree(whole).figure)


def best_response(A: MatrixGame | ArrayLike | None = None, B: ArrayLike | None = None) -> Element:
    """Both players' best responses in a 2x2 game, and the equilibria where they cross.

    A: a :class:`gan_lab.game.MatrixGame`, or the row player's payoffs, with the column player's in ``B`` (minus ``A``
    if left out). Raises ValueError for other shapes.
    """
    if A is None:
        return Element("best-response")
    game = A if isinstance(A, MatrixGame) else MatrixGame(A, B)
    if game.shape != (2, 2):
        raise ValueError(f"the game is {game.shape[0]}x{game.shape[1]}: this picture needs two moves for each player.")
    return Element("best-response", game.to_dict(), still=lambda: draw_best_responses(game).figure)


def bilinear(
    eta: float = 0.2,
    methods: Sequence[str] = ("simultaneous", "alternating", "extragradient"),
    steps: int = 0,
    *,
    curvature: float = 0.0,
    start: tuple[float, float] = (1.0, 0.6),
) -> Element:
    """The game V = xy + curvature (x^2 - y^2) / 2, played with step size ``eta`` by each of ``methods``.

    eta: 0.01 to 1; methods: of simultaneous, alternating, extragradient, optimistic, proximal; steps: how many are
    drawn at the start, at most 400; curvature: 0 (the bilinear game) to 1; start: (x, y), each between -2 and 2.
    """
    if not 0.01 <= eta <= 1:
        raise ValueError(f"eta is {eta}: it must be between 0.01 and 1.")
    if not 0 <= curvature <= 1:
        raise ValueError(f"curvature is {curvature}: it must be between 0 and 1.")
    if len(start) != 2 or not all(-2 <= v <= 2 for v in start):
        raise ValueError(f"start is {start}: give x and y, each between -2 and 2.")
    if isinstance(methods, str):
        raise TypeError(f"methods is the text {methods!r}: give a list of names, such as [{methods!r}].")
    for method in methods:
        if method not in METHODS:
            raise unknown("method", method, METHODS)
    letters = "".join(method[0].upper() for method in methods)
    steps = min(whole_number("steps", steps, 0), 400)
    where = {"curvature": curvature, "start": [float(v) for v in start]}

    def still() -> Any:
        played = Quadratic(1.0, P=curvature, Q=curvature)
        ax = draw_paths([trajectory(played, method, start, eta, steps) for method in methods])
        ax.legend()
        return ax.figure

    return Element("bilinear", {"eta": eta, "methods": letters, "steps": steps, **where}, still=still)
