"""Two players who each turn a knob continuously: smooth games and the field of arrows along which they would move.

The state z = (x, y) holds both players' numbers. In a zero-sum game on V(x, y) the player x minimises and y maximises,
so the field is F(z) = (-dV/dx, +dV/dy); a **saddle point** is where F = 0, V has a minimum along x and a maximum along
y. How F is followed in steps is the business of ``gan_lab.game.methods``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from gan_lab._errors import whole_number

Array = NDArray[np.float64]


class SmoothGame(ABC):
    """Two players with ``sizes = (numbers of x, numbers of y)`` and a field of arrows, in float64."""

    def __init__(self, sizes: tuple[int, int]) -> None:
        self.sizes = (whole_number("the size of x", sizes[0], 1), whole_number("the size of y", sizes[1], 1))

    @property
    def dim(self) -> int:
        """The length of the state z = (x, y)."""
        return self.sizes[0] + self.sizes[1]

    @abstractmethod
    def field(self, z: Array) -> Array:
        """F(z), shape (dim,): where each player would move, both looking at the same state."""

    @abstractmethod
    def jacobian(self, z: Array) -> Array:
        """The matrix of derivatives dF_i/dz_j at ``z``, shape (dim, dim)."""

    def project(self, z: Array) -> Array:
        """Where the rules put a state that left the allowed set (weight clipping); here every state is allowed."""
        return z

    @property
    def equilibrium(self) -> Array:
        """A point where F = 0; the origin unless a game says otherwise."""
        return np.zeros(self.dim)

    def eigenvalues(self, z: ArrayLike | None = None) -> NDArray[np.complex128]:
        """The eigenvalues of the Jacobian of F at ``z`` (default: the equilibrium), sorted by imaginary part.

        Real parts below 0 pull in, above 0 push out; imaginary parts turn. All purely imaginary: in continuous time the
        players circle, and in discrete time the method decides.
        """
        point = self.equilibrium if z is None else self.state(z)
        values = np.linalg.eigvals(self.jacobian(point)).astype(np.complex128)
        return np.asarray(values[np.lexsort((values.real, values.imag))])

    def state(self, z: ArrayLike) -> Array:
        """``z`` as a float64 vector of shape (dim,); ``ValueError`` for another shape or NaN."""
        point = np.asarray(z, dtype=np.float64).copy().reshape(-1)
        if point.shape != (self.dim,) or not np.isfinite(point).all():
            raise ValueError(
                f"The state must hold {self.sizes[0]} + {self.sizes[1]} finite numbers (x, then y); got {z!r}."
            )
        return point


class Quadratic(SmoothGame):
    """V(x, y) = x'Px/2 + x'Ay - y'Qy/2: convex in x and concave in y when ``P`` and ``Q`` are positive semidefinite.

    ``A`` has shape (nx, ny); ``P`` (nx, nx) and ``Q`` (ny, ny) are symmetrised, 0 if left out; numbers stand for 1 x 1
    matrices. The origin is the saddle point.
    """

    def __init__(self, A: ArrayLike, P: ArrayLike | None = None, Q: ArrayLike | None = None) -> None:
        self.A = _table("A", A)
        super().__init__((self.A.shape[0], self.A.shape[1]))
        self.P = _square("P", P, self.sizes[0])
        self.Q = _square("Q", Q, self.sizes[1])
        self._J = np.block([[-self.P, -self.A], [self.A.T, -self.Q]])

    def value(self, z: ArrayLike) -> float:
        """V at the state ``z``."""
        x, y = np.split(self.state(z), [self.sizes[0]])
        return float(x @ self.P @ x / 2 + x @ self.A @ y - y @ self.Q @ y / 2)

    def field(self, z: Array) -> Array:
        return np.asarray(self._J @ z)

    def jacobian(self, z: Array) -> Array:
        return self._J.copy()


class Bilinear(Quadratic):
    """V(x, y) = x'Ay, by default xy: what one wins the other loses, and nothing pulls towards the middle."""

    def __init__(self, A: ArrayLike = 1.0) -> None:
        super().__init__(A)


class Differentiable(SmoothGame):
    """A game given by torch functions of two vectors, differentiated automatically in float64.

    ``value(x, y)`` is a scalar tensor that x minimises and y maximises; with ``loss_y`` the game is general-sum: x
    minimises ``value`` and y minimises ``loss_y``. ``equilibrium`` may be given; it is not searched for.
    """

    def __init__(
        self,
        value: Callable[[Tensor, Tensor], Tensor],
        loss_y: Callable[[Tensor, Tensor], Tensor] | None = None,
        *,
        sizes: tuple[int, int] = (1, 1),
        equilibrium: ArrayLike | None = None,
    ) -> None:
        super().__init__(sizes)
        self.value_function = value
        self.loss_y = loss_y if loss_y is not None else lambda x, y: -value(x, y)
        self._equilibrium = np.zeros(self.dim) if equilibrium is None else self.state(equilibrium)

    @property
    def equilibrium(self) -> Array:
        return self._equilibrium

    def value(self, z: ArrayLike) -> float:
        """The first player's loss at ``z``: V, when the game is zero-sum."""
        x, y = torch.as_tensor(self.state(z)).split(self.sizes)
        return float(self.value_function(x, y))

    def field(self, z: Array) -> Array:
        return np.asarray(self._arrow(torch.as_tensor(z, dtype=torch.float64)).numpy())

    def jacobian(self, z: Array) -> Array:
        point = torch.as_tensor(z, dtype=torch.float64)
        return np.asarray(torch.func.jacrev(self._arrow)(point).numpy())

    def _arrow(self, z: Tensor) -> Tensor:
        x, y = z.split(self.sizes)
        down_x = torch.func.grad(lambda u: self.value_function(u, y).sum())(x)
        down_y = torch.func.grad(lambda v: self.loss_y(x, v).sum())(y)
        return -torch.cat([down_x, down_y])


def is_saddle(game: SmoothGame, z: ArrayLike, tol: float = 1e-8) -> bool:
    """Whether the zero-sum ``game`` satisfies the second-order conditions of a saddle point at ``z``.

    F(z) = 0, the Hessian in x has no negative eigenvalue and the Hessian in y no positive one: necessary for a local
    saddle, and sufficient when they are strictly signed. ``tol`` is relative to the largest second derivative at z (and
    for F to a step of length 1 as well), so that the unit of V changes no answer.
    """
    point = game.state(z)
    n, J = game.sizes[0], game.jacobian(point)
    tol = tol * float(np.abs(J).max())
    bend_x, bend_y = -J[:n, :n], J[n:, n:]
    return bool(
        np.abs(game.field(point)).max() <= tol
        and np.linalg.eigvalsh((bend_x + bend_x.T) / 2).min() >= -tol
        and np.linalg.eigvalsh((bend_y + bend_y.T) / 2).max() <= tol
    )


def _table(name: str, values: ArrayLike) -> Array:
    table = np.atleast_2d(np.asarray(values, dtype=np.float64).copy())
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise ValueError(f"{name} must be a matrix of finite numbers; its shape is {table.shape}.")
    return table


def _square(name: str, values: ArrayLike | None, size: int) -> Array:
    if values is None:
        return np.zeros((size, size))
    table = _table(name, values)
    if table.shape != (size, size):
        raise ValueError(f"{name} must have shape ({size}, {size}) to go with A; it has {table.shape}.")
    return np.asarray((table + table.T) / 2)
