"""The saddle laboratory, from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gan_lab._errors import unknown, whole_number
from gan_lab.game import DiracGAN, MatrixGame, Mixed, Quadratic, SmoothGame
from gan_lab.game.methods import Eta, step_sizes
from gan_lab.widgets.element import Element

# by the letters in the page's pictures and addresses
LETTERS = {
    "simultaneous": "S",
    "alternating": "A",
    "extragradient": "E",
    "optimistic": "O",
    "proximal": "P",
    "runge_kutta": "K",
    "momentum": "M",
    "rmsprop": "R",
    "adam": "D",
    "fictitious_play": "F",
    "replicator": "L",
}
EXPERIMENTS = (
    "leave", "ellipse", "ahead", "cliff", "momentum", "adam", "scales", "dirac", "r1", "noise", "wgan", "pennies",
    "dilemma", "stag",
)  # fmt: skip
MATRICES = EXPERIMENTS[-3:]
MOST_STEPS = 2_000  # as in the page


def saddle(
    game: SmoothGame | MatrixGame | str | None = None,
    methods: Sequence[str] | None = None,
    *,
    eta: Eta | None = None,
    start: tuple[float, float] | None = None,
    steps: int | None = None,
    momentum: float | None = None,
    alpha: float | None = None,
    betas: tuple[float, float] | None = None,
    in_turns: bool | None = None,
    averages: bool | None = None,
) -> Element:
    """The saddle laboratory: a game of two numbers, every way to play it, eigenvalues, exact and measured rates.

    game: a ``Quadratic`` (or ``Bilinear``) with one number a player, a ``DiracGAN``, a 2 x 2 ``MatrixGame`` or its
    ``Mixed``; or one of the page's ``EXPERIMENTS`` by name, such as "r1".
    methods: of simultaneous, alternating, extragradient, optimistic, proximal, runge_kutta, momentum, rmsprop, adam,
    and for matrix games fictitious_play and replicator.
    eta: one step size, 0.01 to 2.5, or a pair whose second is 0.1 to 10 times the first.
    start: (x, y); of a matrix game (p, q). steps: how many are drawn at the start, at most 2,000.
    momentum: beta of momentum, -0.95 to 0.95; alpha: of RMSProp; betas: of Adam; in_turns: whether in these three the
    second player looks at where the first one has gone; averages: mark each walk's mean.

    What is left out is the experiment's own, or the laboratory's. Raises ValueError for values outside these ranges and
    TypeError for games that the page cannot play.
    """
    options: dict[str, Any] = {}
    if isinstance(game, str):
        if game not in EXPERIMENTS:
            raise unknown("experiment", game, EXPERIMENTS)
        options["preset"] = game
    elif game is not None:
        options = _game(game)
    matrix = options.get("game") == "matrix" or game in MATRICES
    if methods is not None:
        options["methods"] = _letters(methods, matrix)
    if eta is not None:
        options |= _etas(eta)
    if start is not None:
        low, high = (0, 1) if matrix else (-3, 3)
        if len(start) != 2 or not all(low <= v <= high for v in start):
            raise ValueError(f"start is {start}: give two numbers, each between {low} and {high}.")
        options["start"] = [float(v) for v in start]
    if steps is not None:
        options["steps"] = min(whole_number("steps", steps, 0), MOST_STEPS)
    if momentum is not None:
        options["beta"] = _within("momentum", momentum, -0.95, 0.95)
    if alpha is not None:
        options["alpha"] = _within("alpha", alpha, 0, 0.999)
    if betas is not None:
        if len(betas) != 2:
            raise ValueError(f"betas is {betas}: give two numbers, such as (0.9, 0.999).")
        options["betas"] = [_within("a beta of Adam", beta, 0, 0.999) for beta in betas]
    return Element("saddle", options | {"turns": in_turns, "averages": averages})


def _game(game: SmoothGame | MatrixGame) -> dict[str, Any]:
    if isinstance(game, Mixed):
        game = game.game
    if isinstance(game, MatrixGame):
        if game.shape != (2, 2):
            raise ValueError(f"the game is {game.shape[0]}x{game.shape[1]}: the square of p and q needs a 2x2 game.")
        payoffs = {
            name: [_within(f"a payoff in {name}", v, -99, 99) for v in M.flat] for name, M in _tables(game).items()
        }
        names = {"name": game.name or None, "rows": list(game.rows), "columns": list(game.columns)}
        return {"game": "matrix", "matrix": "given", **payoffs, **names, "start": [0.8, 0.4]}
    if isinstance(game, DiracGAN):
        weights = (
            ("r1", game.r1, 4),
            ("r2", game.r2, 4),
            ("wgan_gp", game.wgan_gp, 10),
            ("clip", game.clip or 0, 2),
            ("noise", game.noise, 3),
        )
        return {
            "game": "dirac",
            "loss": game.loss,
            "penalties": [_within(name, value, 0, most) for name, value, most in weights],
        }
    if isinstance(game, Quadratic) and game.sizes == (1, 1):
        return {
            "game": "quadratic",
            "quadratic": [_within(name, getattr(game, name).item(), -2, 2) for name in ("A", "P", "Q")],
        }
    raise TypeError(
        f"the laboratory cannot play {type(game).__name__}: give a Quadratic with one number a player, a DiracGAN,"
        " a 2x2 MatrixGame or the name of an experiment."
    )


def _tables(game: MatrixGame) -> Mapping[str, Any]:
    return {"A": game.A, "B": game.B}


def _letters(methods: Sequence[str], matrix: bool) -> str:
    if isinstance(methods, str):
        raise TypeError(f"methods is the text {methods!r}: give a list of names, such as [{methods!r}].")
    offered = [name for name in LETTERS if matrix or LETTERS[name] not in "FL"]
    for method in methods:
        if method not in offered:
            raise unknown("method", method, offered)
    return "".join(LETTERS[method] for method in LETTERS if method in methods)


def _etas(eta: Eta) -> dict[str, float]:
    first, second = step_sizes(eta)
    _within("eta", first, 0.01, 2.5)
    return {"eta": first, "ratio": _within("the second eta over the first", second / first, 0.1, 10)}


def _within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}: it must be between {low} and {high}.")
    return float(value)
