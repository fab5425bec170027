"""What a method is: a value that plays one step with the parts of a move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from gan_lab.random import Streams
from gan_lab.system import Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves


@dataclass(frozen=True)
class Method:
    """One step of a game. ``second``: whether it asks how a player's gradient changes as the others move."""

    name: ClassVar[str]
    second: ClassVar[bool] = False

    def play(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> Iterator[str]:
        """One step on n rows a seed: every player in turn, as soon as he has moved; ``seen`` takes what was seen."""
        raise NotImplementedError(f"{type(self).__name__} does not say what a step is: write its play.")

    def check(self, system: System) -> None:
        """Raise ValueError, in one sentence, for a system that the method cannot play."""

    def kept(self, moves: Moves, step: int) -> dict[str, Tensor]:
        """What ``moves.memory`` holds after so many steps, by name: tensors of the same shapes."""
        return {}

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the settings."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"name": self.name, **{k: v.spec() if isinstance(v, Method) else v for k, v in values.items()}}

    def __str__(self) -> str:
        return self.name


def at_once(method: Method, system: System) -> list[str]:
    """The players in the order of their moves, each once; ValueError where one of them moves several times a step."""
    players = list(system.schedule)
    for player in players:
        if (times := players.count(player)) > 1:
            raise ValueError(
                f"{method} moves all players at once, and in one step of this {type(system).__name__} the {player} "
                f"moves {times} times: let each move once (k=1, k_g=1), or play alternating."
            )
    return players
