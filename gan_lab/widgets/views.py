"""The widgets by name. Each returns an :class:`~gan_lab.widgets.element.Element`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from gan_lab._errors import unknown, whole_number
from gan_lab.data import Distribution
from gan_lab.game import METHODS, GameTree, MatrixGame
from gan_lab.gan import GAN
from gan_lab.widgets.element import Element
from gan_lab.widgets.spec import law, spec

CONTROLS = ("all", "few")


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
    if controls not in CONTROLS:
        raise unknown("set of controls", controls, CONTROLS)
    if speed <= 0:
        raise ValueError(f"speed is {speed}: give steps a second, more than 0.")
    options: dict[str, Any] = {"controls": controls, "speed": speed}
    if gan is not None:
        if target is None:
            raise ValueError("a GAN needs something to learn: pass target, such as data.gaussian(2, 0.8).")
        options["spec"] = spec(gan, target, batch=batch, seed=seed)
    else:
        options["spec"] = {"seed": whole_number("seed", seed, 0), "batch": whole_number("batch", batch, 1)}
        if target is not None:
            options["spec"]["target"] = law("target", target)
    for name, on in (("autoplay", autoplay), ("gradients", gradients), ("step", whole_number("steps", steps, 0))):
        if on:
            options[name] = on
    return Element("figure1", options)


def value(p: Distribution | None = None, q: Distribution | None = None, *, shown: bool = False) -> Element:
    """Two densities to drag, the best discriminator between them, and V(G, D).

    p, q: where they start; shown: draw D* at once, before the reader has guessed it.
    """
    laws: dict[str, Any] = {name: law(name, d) for name, d in (("p", p), ("q", q)) if d is not None}
    return Element("value", {**laws, "shown": shown or None})


def game_tree(tree: GameTree | Sequence[Any] | None = None) -> Element:
    """A game tree that the reader solves from its leaves, or searches with alpha-beta.

    tree: a :class:`gan_lab.game.GameTree`, or nested lists of the first player's payoffs in a zero-sum game of players
    who take turns, such as ``[[3, 12], [2, 4]]``.
    """
    return Element("tree", {"tree": tree.to_dict() if isinstance(tree, GameTree) else tree})


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
    return Element("best-response", game.to_dict())


def bilinear(
    eta: float = 0.2, methods: Sequence[str] = ("simultaneous", "alternating", "extragradient"), steps: int = 0
) -> Element:
    """The bilinear game V = xy, played with step size ``eta`` by each of ``methods``.

    methods: of simultaneous, alternating, extragradient, optimistic, proximal; steps: how many are drawn at the start.
    """
    if not 0.01 <= eta <= 1:
        raise ValueError(f"eta is {eta}: it must be between 0.01 and 1.")
    for method in methods:
        if method not in METHODS:
            raise unknown("method", method, METHODS)
    letters = "".join(method[0].upper() for method in methods)
    return Element("bilinear", {"eta": eta, "methods": letters, "steps": whole_number("steps", steps, 0)})
