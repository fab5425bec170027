"""Competitive gradient descent (Schaefer and Anandkumar 2019): each step is the equilibrium of the local game."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from gan_lab._errors import positive, whole_number
from gan_lab.methods.base import Method, at_once
from gan_lab.methods.first import land
from gan_lab.methods.second import Field, pulled
from gan_lab.optim import SGD
from gan_lab.random import Streams
from gan_lab.schedules import at
from gan_lab.system import Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves


@dataclass(frozen=True)
class Competitive(Method):
    """Two players step to the Nash equilibrium of the game's bilinear approximation with a quadratic price of moving.

    dx = -eta_x (grad_x f + D_xy f dy) and dy = -eta_y (grad_y g + D_yx g dx), f and g their losses: linear in (dx, dy),
    solved (Algorithm 1) to a relative residual of ``tolerance`` or by ``most`` products with the mixed derivatives. The
    players are given plain SGD, whose learning rates are the etas. On V = xy the squared radius goes with
    1 / (1 + eta^2), as in the proximal step.
    """

    name = "competitive"
    second: ClassVar[bool] = True
    tolerance: float = 1e-6
    most: int = 30

    def __post_init__(self) -> None:
        positive("tolerance of competitive", self.tolerance)
        whole_number("most of competitive", self.most, 1)

    def check(self, system: System) -> None:
        if len(at_once(self, system)) != 2:
            raise ValueError(f"competitive is for two players, and {type(system).__name__} has {len(system.players)}.")
        for player, recipe in system.optimisers.items():
            if type(recipe) is not SGD or recipe.max_norm is not None:
                raise ValueError(
                    f"competitive takes its steps itself, and the {player} has {recipe!r}: give both players SGD, "
                    "whose learning rate is the step size."
                )

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        field = Field(moves, data, n, streams, step, seen)
        x, y = field.players
        eta_x, eta_y = (at(moves.system.optimisers[player].lr, step) for player in (x, y))
        if eta_x > 0 and eta_y > 0:
            split, crossed = field.rows(field.v[x]).shape[1], _crossed(field, x, y)
            eta = torch.cat([field.rows(field.v[x]) * 0 + eta_x, field.rows(field.v[y]) * 0 + eta_y], 1)
            move = solve(
                lambda u: u + eta * crossed(u[:, :split], u[:, split:]),
                -eta * field.rows(field.whole), self.tolerance, self.most,
            )  # fmt: skip
            field.correct(field.shaped(-move / eta, field.weights))
        else:
            field.correct(field.whole)
        yield from land(moves, field.players, step, seen)


def _crossed(field: Field, x: str, y: str) -> Callable[[Tensor, Tensor], Tensor]:
    """(u_x, u_y) -> (D_xy f u_y, D_yx g u_x), in rows: the parts of J that tie one player to the other."""
    w = {player: [torch.zeros_like(g, requires_grad=True) for g in field.v[player]] for player in (x, y)}
    to_y = pulled(field.graphs[x], field.own[y], w[x], graph=True)  # (D_xy f)^T w_x
    to_x = pulled(field.graphs[y], field.own[x], w[y], graph=True)

    def product(u_x: Tensor, u_y: Tensor) -> Tensor:
        along_y = pulled(to_y, w[x], field.shaped(u_y, field.own[y]))
        along_x = pulled(to_x, w[y], field.shaped(u_x, field.own[x]))
        return torch.cat([field.rows(along_y), field.rows(along_x)], 1)

    return product


@torch.no_grad()
def solve(product: Callable[[Tensor], Tensor], b: Tensor, tolerance: float, most: int) -> Tensor:
    """u with product(u) = b, row by row (S, d), by GMRES (Saad and Schultz 1986, Algorithm 4) from 0.

    The product is linear and looks at each row alone. It ends when every row's residual is at most ``tolerance`` of
    its b, or after ``most`` products.
    """
    tiny = torch.finfo(b.dtype).tiny
    length = b.norm(dim=1, keepdim=True)
    basis = [b / length.clamp_min(tiny)]
    table = torch.zeros(len(b), most + 1, most, dtype=torch.float64)
    right = torch.zeros(len(b), most + 1, 1, dtype=torch.float64)
    right[:, 0] = length.double().cpu()
    for j in range(most):
        with torch.enable_grad():
            w = product(basis[j]).detach()
        for i, v in enumerate(basis):
            along = (w * v).sum(1, keepdim=True)
            table[:, i, j] = along[:, 0].double().cpu()
            w = w - along * v
        rest = w.norm(dim=1, keepdim=True)
        rest = torch.where(rest > 10 * torch.finfo(b.dtype).eps, rest, 0.0)  # nothing but rounding is left
        table[:, j + 1, j] = rest[:, 0].double().cpu()
        basis.append(torch.where(rest > 0, w / rest.clamp_min(tiny), 0.0))
        small, wanted = table[:, : j + 2, : j + 1], right[:, : j + 2]
        weights = torch.linalg.lstsq(small, wanted, driver="gelsy").solution
        if bool(((small @ weights - wanted).norm(dim=1) <= tolerance * right[:, 0]).all()):
            break
    parts = weights.to(b)[:, :, 0].unbind(1)
    return torch.stack([part[:, None] * v for part, v in zip(parts, basis, strict=False)]).sum(0)
