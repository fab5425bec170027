"""Methods that take gradients at well-chosen points, and need no second derivative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab.methods.base import Method, at_once
from gan_lab.random import Streams
from gan_lab.system import Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves


@dataclass(frozen=True)
class Alternating(Method):
    """In turns, as the schedule has it (Goodfellow et al. 2014, Algorithm 1): each sees where the others now are."""

    name = "alternating"

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        for player in moves.system.schedule:
            moves(player, data, n, streams, step, seen)
            yield player


@dataclass(frozen=True)
class Simultaneous(Method):
    """All at once: every gradient is taken at the old point (Mescheder et al. 2017, Algorithm 1)."""

    name = "simultaneous"

    def check(self, system: System) -> None:
        at_once(self, system)

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        players = at_once(self, moves.system)
        for player in players:
            seen |= moves.look(player, data, n, streams, step)
        yield from land(moves, players, step, seen)


@dataclass(frozen=True)
class Extragradient(Method):
    """A step, to look from there; then the real step, from where all were, along what was seen there.

    Korpelevich 1976; for GANs Gidel et al. 2019 (ICLR), Algorithm 2, and with Adam Algorithm 4 (ExtraAdam): both looks
    have batches of their own, and an optimiser with moments takes both gradients into them. Projections hold at the
    point ahead too; the system's state moves once a step.
    """

    name = "extragradient"

    def check(self, system: System) -> None:
        at_once(self, system)

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        players = at_once(self, moves.system)
        ahead: Seen = {}
        for player in players:
            ahead |= moves.look(player, data, n, streams, step)
        here = weights(moves)  # after the first look: it is there that a phase may have begun
        states = {name: moves.buffers[name].clone() for name in moves.states}
        for _ in land(moves, players, step, ahead):
            pass
        with torch.no_grad():
            for name, value in states.items():
                moves.buffers[name].copy_(value)
        for player in players:
            seen |= moves.look(player, data, n, streams, step)
        put(moves, here)
        yield from land(moves, players, step, seen)


@dataclass(frozen=True)
class Lookahead(Method):
    """After every k steps of ``inner`` all go back a part of the way: w <- w~ + alpha (w - w~), w~ where the k began.

    Lookahead-minmax (Chavdarova et al. 2021, Algorithm 1): all players together, after the same step. Moments stay.
    """

    name = "lookahead"
    k: int = 5
    alpha: float = 0.5
    inner: Method = field(default_factory=Alternating)

    def __post_init__(self) -> None:
        whole_number("k of lookahead", self.k, 1)
        if not 0 < self.alpha <= 1:
            raise ValueError(f"alpha of lookahead is {self.alpha}: it must be in (0, 1].")
        if not isinstance(self.inner, Method) or isinstance(self.inner, Lookahead):
            raise ValueError(f"inner of lookahead is {self.inner!r}: give another method, such as Simultaneous().")

    @property
    def second(self) -> bool:  # type: ignore[override]
        return self.inner.second

    def check(self, system: System) -> None:
        self.inner.check(system)

    def kept(self, moves: Moves, step: int) -> dict[str, Tensor]:
        return weights(moves) if step % self.k else {}

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        if step % self.k == 0:
            moves.memory = weights(moves)
        moved = list(self.inner.play(moves, data, n, streams, step, seen))
        if not moves.memory:  # a phase has begun: from here on
            moves.memory = weights(moves)
        if (step + 1) % self.k == 0:
            slow, moves.memory = moves.memory, {}
            put(moves, {name: torch.lerp(slow[name], now, self.alpha) for name, now in weights(moves).items()})
        yield from moved


def land(moves: Moves, players: list[str], step: int, seen: Seen) -> Iterator[str]:
    """All move along the gradients that are there, and only then is anything projected or settled."""
    for player in players:
        moves.advance(player, step)
    for player in players:
        moves.settle(player, seen)
        yield player


def weights(moves: Moves) -> dict[str, Tensor]:
    """A copy of all weights that some player moves, by name."""
    return {name: w.detach().clone() for own in moves.own.values() for name, w in own.items()}


@torch.no_grad()
def put(moves: Moves, values: dict[str, Tensor]) -> None:
    """Put all weights where ``values`` has them."""
    for own in moves.own.values():
        for name, weight in own.items():
            weight.copy_(values[name])
