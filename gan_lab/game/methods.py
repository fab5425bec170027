"""Five ways for two players to follow their gradients, and how fast each one gets anywhere.

Each step is a pure function ``step(game, state, eta) -> state``. ``eta`` is one step size, or a pair (for x, for y).
On the bilinear game V = xy they behave as differently as they can: see ``exact_rate``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gan_lab._errors import positive, unknown, whole_number
from gan_lab.game.saddle import SmoothGame

Array = NDArray[np.float64]
Eta = float | Sequence[float]  # one for both players, or a pair: for x, for y


@dataclass(frozen=True)
class State:
    """Where the players are (``z``), and what the method remembers: the optimistic step the field one step ago.

    Its shape is the method's business; None at the start.
    """

    z: Array
    memory: Array | None = None


Step = Callable[[SmoothGame, State, Eta], State]


def simultaneous(game: SmoothGame, state: State, eta: Eta) -> State:
    """z + eta F(z): both move at once, each looking at the other's old position."""
    return State(game.project(state.z + _etas(game, eta) * game.field(state.z)))


def alternating(game: SmoothGame, state: State, eta: Eta) -> State:
    """x moves first; y answers to where x now is."""
    e, n = _etas(game, eta), game.sizes[0]
    z = state.z.copy()
    z[:n] += e[:n] * game.field(z)[:n]
    z = game.project(z)
    z[n:] += e[n:] * game.field(z)[n:]
    return State(game.project(z))


def extragradient(game: SmoothGame, state: State, eta: Eta) -> State:
    """z + eta F(z + eta F(z)): look where one step would lead, come back, and go as one would go there.

    Korpelevich 1976.
    """
    e = _etas(game, eta)
    ahead = game.project(state.z + e * game.field(state.z))
    return State(game.project(state.z + e * game.field(ahead)))


def optimistic(game: SmoothGame, state: State, eta: Eta) -> State:
    """z + 2 eta F(z) - eta F(previous z): expect the next change of the field to be like the last one.

    Popov 1980; Daskalakis, Ilyas, Syrgkanis and Zeng 2018. The first step is a simultaneous one.
    """
    arrow = game.field(state.z)
    memory = arrow if state.memory is None else state.memory
    return State(game.project(state.z + _etas(game, eta) * (2 * arrow - memory)), arrow)


def proximal(game: SmoothGame, state: State, eta: Eta) -> State:
    """The z+ with z+ = z + eta F(z+): go as one would go *at the point of arrival* (Rockafellar 1976).

    Solved by Newton's method, exact in one iteration where F is linear. ``RuntimeError`` when it finds no solution.
    """
    e, z = _etas(game, eta), state.z
    guess, before = z.copy(), math.inf
    for _ in range(100):
        residual = guess - z - e * game.field(guess)
        size, scale = float(np.abs(residual).max()), float(np.abs(np.r_[z, guess]).max())
        if size <= 1e-15 * scale or before <= size <= 1e-9 * scale:  # exact, or stuck at the rounding
            return State(game.project(guess))
        slope = np.eye(game.dim) - e[:, None] * game.jacobian(guess)
        move = np.asarray(np.linalg.solve(slope, residual), dtype=np.float64)
        guess, before = _backtrack(game, z, e, guess, move, size), size
    raise RuntimeError(f"The proximal step found no solution (error {size:.1e}): use a smaller eta than {eta}.")


def runge_kutta(game: SmoothGame, state: State, eta: Eta) -> State:
    """A step of length eta along dz/dt = F(z) by Runge and Kutta's classical rule: four looks at the field.

    As near to players who move continuously as steps come: on V = xy the squared distance changes by the factor
    1 - eta^6/72 + eta^8/576. For GANs: Qin et al. 2020. Not one of ``METHODS``, which are five ideas for one problem.
    """
    e, z = _etas(game, eta), state.z
    k1 = game.field(z)
    k2 = game.field(z + e / 2 * k1)
    k3 = game.field(z + e / 2 * k2)
    k4 = game.field(z + e * k3)
    return State(game.project(z + e / 6 * (k1 + 2 * k2 + 2 * k3 + k4)))


METHODS: dict[str, Step] = {
    step.__name__: step for step in (simultaneous, alternating, extragradient, optimistic, proximal)
}


@dataclass(frozen=True)
class Trajectory:
    """The states z_0, z_1, ... of one run, shape (steps + 1, dim); fewer rows if the numbers overflowed."""

    game: SmoothGame
    method: str
    eta: Eta
    points: Array

    @property
    def distance(self) -> Array:
        """The distance to the equilibrium at every step, shape (steps + 1,)."""
        return np.asarray(np.linalg.norm(self.points - self.game.equilibrium, axis=1))

    @property
    def average(self) -> Array:
        """The running mean of the states, of the same shape as ``points``."""
        return np.asarray(self.points.cumsum(axis=0) / np.arange(1, len(self.points) + 1)[:, None])

    def rate(self) -> float:
        """The measured factor per step of the *squared* distance, over the second half of the run.

        Below 1 the players approach the equilibrium, above 1 they leave it.
        """
        r = self.distance
        middle, end = len(r) // 2, len(r) - 1
        if end <= middle or r[middle] == 0:
            raise ValueError("A rate needs at least two steps that did not begin at the equilibrium.")
        return float((r[end] / r[middle]) ** (2 / (end - middle)))


def trajectory(game: SmoothGame, method: str | Step, start: ArrayLike, eta: Eta, steps: int) -> Trajectory:
    """Follow ``method`` from ``start`` for ``steps`` steps.

    ``method``: a name from ``METHODS``, or a step function such as ``runge_kutta`` or ``Momentum(-0.5)``.
    """
    step = named_step(method)
    steps = whole_number("steps", steps, 0)
    state = State(game.state(start))
    points = [state.z]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            state = step(game, state, eta)
            if not np.isfinite(state.z).all():
                break
            points.append(state.z)
    name = method if isinstance(method, str) else getattr(method, "__name__", type(method).__name__.lower())
    return Trajectory(game, name, eta, np.array(points))


def named_step(method: str | Step) -> Step:
    """The step function of that name; a function is returned as it is."""
    if callable(method):
        return method
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    return METHODS[method]


def exact_rate(method: str | Step, eta: float) -> float:
    """The factor per step of the squared distance on V = xy (for V = s x y give ``eta * s``), by algebra.

    method: a name from ``METHODS``, or a step that knows its own, such as ``Consensus(0.5)`` or ``Lookahead(k=5)``.

    Writing z as the complex number x + iy the field is F(z) = iz, and each step multiplies by a root:

    * simultaneous: 1 + eta^2, always outwards
    * alternating: 1 up to eta = 2 (x^2 + y^2 - eta x y never changes), then outwards
    * extragradient: 1 - eta^2 + eta^4, smallest, 3/4, at eta = 1/sqrt 2
    * optimistic: (1 + sqrt(1 - 4 eta^2))/2 up to eta = 1/2; beyond it rises and passes 1 at eta = 1/sqrt 3
    * proximal: 1/(1 + eta^2), always inwards
    """
    h = positive("eta", eta, or_zero=True)
    if (own := getattr(method, "exact_rate", None)) is not None:
        return float(own(h))
    if method not in METHODS:
        raise unknown("method with an exact rate", method, METHODS)
    assert isinstance(method, str)
    if method == "simultaneous":
        return 1 + h**2
    if method == "alternating":
        return 1.0 if h <= 2 else ((h**2 - 2 + h * math.sqrt(h**2 - 4)) / 2) ** 2
    if method == "extragradient":
        return 1 - h**2 + h**4
    if method == "optimistic":
        return (1 + math.sqrt(1 - 4 * h**2)) / 2 if h <= 0.5 else (1 + (2 * h + math.sqrt(4 * h**2 - 1)) ** 2) / 4
    return 1 / (1 + h**2)


def update_matrix(game: SmoothGame, method: str | Step, eta: Eta, z: ArrayLike | None = None) -> Array:
    """The Jacobian of one step at ``z`` (default: the equilibrium), without clipping.

    Shape (dim, dim); for the optimistic step, whose state is (z, F(previous z)), (2 dim, 2 dim) with the memory at its
    own field. A step function may bring its own, ``matrix(game, etas, z)``; ``ValueError`` for one that has none.
    """
    step = named_step(method)
    point = game.equilibrium if z is None else game.state(z)
    e, eye, n = _etas(game, eta), np.eye(game.dim), game.sizes[0]
    if (own := getattr(step, "matrix", None)) is not None:
        return np.asarray(own(game, e, point))
    method = next((name for name, known in METHODS.items() if known is step), "")
    if not method:
        if step is runge_kutta:
            return _runge_kutta_matrix(game, e, point)
        raise ValueError("That step has no matrix: it is not smooth at an equilibrium, or nobody has written it down.")
    if method == "proximal":
        after = proximal(game, State(point), eta).z
        return np.asarray(np.linalg.inv(eye - e[:, None] * game.jacobian(after)))
    first = e[:, None] * game.jacobian(point)
    if method == "simultaneous":
        return np.asarray(eye + first)
    if method == "extragradient":
        ahead = point + e * game.field(point)
        return np.asarray(eye + e[:, None] * game.jacobian(ahead) @ (eye + first))
    if method == "optimistic":
        return np.block([[eye + 2 * first, -np.diag(e)], [game.jacobian(point), np.zeros_like(eye)]])
    only_x = np.where(np.arange(game.dim) < n, e, 0.0)
    between = point + only_x * game.field(point)
    second = (e - only_x)[:, None] * game.jacobian(between)
    return np.asarray((eye + second) @ (eye + only_x[:, None] * game.jacobian(point)))


def _runge_kutta_matrix(game: SmoothGame, e: Array, z: Array) -> Array:
    """By the chain rule through the four looks: their places and the derivatives of the fields there."""
    eye, place, turn, total = np.eye(game.dim), z, np.eye(game.dim), np.zeros((game.dim, game.dim))
    for weight, ahead in ((1, 1 / 2), (2, 1 / 2), (2, 1), (1, 0)):
        slope = game.jacobian(place) @ turn
        total += weight * slope
        place, turn = z + ahead * e * game.field(place), eye + ahead * e[:, None] * slope
    return np.asarray(eye + e[:, None] / 6 * total)


def spectral_rate(game: SmoothGame, method: str | Step, eta: Eta) -> float:
    """The factor per step of the squared distance in the long run, near the equilibrium of any smooth game.

    The squared spectral radius of ``update_matrix``: below 1 the method converges locally.
    """
    return float(np.abs(np.linalg.eigvals(update_matrix(game, method, eta))).max() ** 2)


def step_sizes(eta: Eta) -> tuple[float, float]:
    """The two players' step sizes of one number for both, or of a pair; ``ValueError`` for what is neither."""
    given = [eta] if np.ndim(eta) == 0 else list(eta)  # type: ignore[arg-type]
    if len(given) not in (1, 2):
        raise ValueError(f"eta must be one step size or a pair (for x, for y); got {eta!r}.")
    first, *second = (positive("eta", h) for h in given)
    return first, (second or [first])[0]


def _etas(game: SmoothGame, eta: Eta) -> Array:
    return np.repeat(step_sizes(eta), game.sizes)


def _backtrack(game: SmoothGame, z: Array, e: Array, guess: Array, move: Array, size: float) -> Array:
    """A Newton move, halved until the error falls; the full one if it never does (across a jump of the field)."""
    for k in range(30):
        trial = guess - move / 2**k
        if float(np.abs(trial - z - e * game.field(trial)).max()) < size:
            return np.asarray(trial)
    return np.asarray(guess - move)
