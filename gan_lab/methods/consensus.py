"""Consensus optimisation (Mescheder, Nowozin and Geiger 2017): all players also make the field itself small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gan_lab._errors import positive
from gan_lab.methods.base import Method, at_once
from gan_lab.methods.first import land
from gan_lab.methods.second import Field
from gan_lab.random import Streams
from gan_lab.system import Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves


@dataclass(frozen=True)
class Consensus(Method):
    """v + gamma grad |v|^2 / 2 = v + gamma J^T v in place of the gradients v (Algorithm 2; the paper's gamma is 10).

    On V = xy with steps eta the squared radius goes with (1 - eta gamma)^2 + eta^2.
    """

    name = "consensus"
    second: ClassVar[bool] = True
    gamma: float = 10.0

    def __post_init__(self) -> None:
        positive("gamma of consensus", self.gamma)

    def check(self, system: System) -> None:
        at_once(self, system)

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        field = Field(moves, data, n, streams, step, seen)
        v = field.whole
        field.correct([a + self.gamma * b for a, b in zip(v, field.transposed(v), strict=True)])
        yield from land(moves, field.players, step, seen)
