"""Symplectic gradient adjustment (Balduzzi et al. 2018): what turns is turned inwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch

from gan_lab._errors import positive
from gan_lab.methods.base import Method, at_once
from gan_lab.methods.first import land
from gan_lab.methods.second import Field
from gan_lab.random import Streams
from gan_lab.system import Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves


@dataclass(frozen=True)
class Symplectic(Method):
    """v + s gamma A^T v in place of the gradients v, A = (J - J^T) / 2 the antisymmetric part of J (Algorithm 1).

    gamma: the paper's lambda. align: whether s is the sign of <v, J^T v> <A^T v, J^T v> / d + 1/10, d the number of
    weights, so that v is drawn to stable points and away from others (the paper's alignment); else s = 1. In a game
    without potential, such as V = xy, it is :class:`~gan_lab.methods.Consensus`.
    """

    name = "symplectic"
    second: ClassVar[bool] = True
    gamma: float = 1.0
    align: bool = True

    def __post_init__(self) -> None:
        positive("gamma of symplectic", self.gamma)

    def check(self, system: System) -> None:
        at_once(self, system)

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        field = Field(moves, data, n, streams, step, seen)
        v, back, along = field.whole, field.transposed(field.whole), field.along(field.whole)
        turned = [(a - b) / 2 for a, b in zip(back, along, strict=True)]
        adjustment = self.gamma * field.rows(turned)
        if self.align:
            product = field.dot(v, back) * field.dot(turned, back) / adjustment.shape[1]
            adjustment = adjustment * torch.where(product + 0.1 >= 0, 1.0, -1.0)
        field.correct(field.shaped(field.rows(v) + adjustment, v))
        yield from land(moves, field.players, step, seen)
