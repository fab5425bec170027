"""The gradients of all players at one point, as one field, and how it changes from there: what corrections are made of.

v is the field of the *losses'* gradients, (grad_1 L_1, grad_2 L_2, ...): the players go against it. J is its Jacobian.
Each player's loss is taken on a batch of its own. With S seeds at once every vector has a row a seed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.autograd import grad

from gan_lab.methods.base import Method, at_once
from gan_lab.random import Streams, layers_draw
from gan_lab.system import Batch, Data, Seen, System

if TYPE_CHECKING:
    from gan_lab.train.step import Moves

Vectors = list[Tensor]  # one a weight, of its shape


class Field:
    """v at the present point, on new batches: ``v`` by player, without graphs; what was seen is added to ``seen``."""

    def __init__(self, moves: Moves, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> None:
        self.moves, self.players = moves, list(moves.system.schedule)
        batches = {player: moves.draw(player, data, n, streams, step) for player in self.players}
        moves.thaw()
        self.own: dict[str, Vectors] = {player: list(moves.own[player].values()) for player in self.players}
        self.graphs: dict[str, Vectors] = {}
        for player in self.players:
            with moves.system.entire(), moves.drawing(streams.seed, step), moves.autocast():
                loss, found = moves.loss(player, batches[player])
            own = self.own[player]
            self.graphs[player] = list(grad(loss.sum(), own, create_graph=True, materialize_grads=True))
            seen |= {f"loss_{player}": loss.detach(), **{name: value.detach() for name, value in found.items()}}
        self.v = {player: [g.detach() for g in graphs] for player, graphs in self.graphs.items()}
        for player, v in self.v.items():
            seen[f"gradient_{player}"] = (
                self.dot(v, v).sqrt().squeeze(1) if moves.seeds else self.dot(v, v).sqrt()[0, 0]
            )

    # -- vectors -----------------------------------------------------------------------------------------------

    def rows(self, vectors: Sequence[Tensor]) -> Tensor:
        """Vectors as (S, numbers), S = 1 for a single run."""
        return torch.cat([v.reshape(self.moves.seeds or 1, -1) for v in vectors], 1)

    def shaped(self, rows: Tensor, like: Sequence[Tensor]) -> Vectors:
        """What :meth:`rows` made, with the shapes of ``like``."""
        sizes = [v.numel() // (self.moves.seeds or 1) for v in like]
        return [part.reshape(v.shape) for part, v in zip(rows.split(sizes, 1), like, strict=True)]

    def dot(self, a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
        """The products of two lists of vectors, one a seed, (S, 1)."""
        return (self.rows(a) * self.rows(b)).sum(1, keepdim=True)

    @property
    def weights(self) -> Vectors:
        """All weights, player after player."""
        return [w for own in self.own.values() for w in own]

    @property
    def whole(self) -> Vectors:
        """v of all players in a row."""
        return [g for v in self.v.values() for g in v]

    # -- derivatives -------------------------------------------------------------------------------------------

    def transposed(self, u: Sequence[Tensor]) -> Vectors:
        """J^T u."""
        return pulled([g for graphs in self.graphs.values() for g in graphs], self.weights, u)

    def along(self, u: Sequence[Tensor]) -> Vectors:
        """J u: the derivative of J^T w by w, in the direction of u."""
        graphs = [g for graphs in self.graphs.values() for g in graphs]
        w = [torch.zeros_like(g, requires_grad=True) for g in graphs]
        return pulled(pulled(graphs, self.weights, w, graph=True), w, u)

    def correct(self, corrected: Sequence[Tensor]) -> None:
        """Put ``corrected``, one a weight, where the optimisers look for gradients."""
        for weight, gradient in zip(self.weights, corrected, strict=True):
            weight.grad = gradient.detach().contiguous()


def pulled(outputs: Sequence[Tensor], inputs: Sequence[Tensor], u: Sequence[Tensor], graph: bool = False) -> Vectors:
    """The gradient of <outputs, u> by the inputs; 0 where nothing depends on them."""
    pairs = [(o, v) for o, v in zip(outputs, u, strict=True) if o.requires_grad]
    if not pairs:
        return [torch.zeros_like(i) for i in inputs]
    at, along = zip(*pairs, strict=True)
    return list(
        grad(at, inputs, along, retain_graph=True, create_graph=graph, allow_unused=True, materialize_grads=True)
    )


def check_entire(method: Method, system: System, data: Data, n: int, streams: Streams) -> None:
    """Raise ValueError unless autograd sees how each loss changes as the *other* players move.

    Losses are written so that it does not, where it is not needed (``detach``, ``no_grad``, :meth:`System.outside`). A
    copy in float64 is asked along a direction drawn at random, and compared with the difference of two losses.
    """
    game = copy.deepcopy(system).double()
    chance = torch.Generator().manual_seed(0)
    for player in at_once(method, game):
        batch = game.draw(player, data, n, streams, 0)
        others: Vectors = [p for other in game.players if other != player for p in game.weights_of(other).values()]
        way = [torch.randn(p.shape, generator=chance, dtype=p.dtype).to(p) for p in others]
        way = [d * (1e-3 + p.detach().std(correction=0)) for d, p in zip(way, others, strict=True)]
        here = _loss(game, player, batch, streams)
        slopes = grad(here, others, materialize_grads=True) if here.requires_grad else [0 * d for d in way]
        asked = float(sum((g * d).sum() for g, d in zip(slopes, way, strict=True)))
        seen = []
        with torch.no_grad():
            for h in (1e-5, -2e-5):
                torch._foreach_add_(others, way, alpha=h)
                seen.append(float(_loss(game, player, batch, streams)))
            torch._foreach_add_(others, way, alpha=1e-5)
        change = (seen[0] - seen[1]) / 2e-5
        if abs(asked - change) > 1e-3 * abs(change) + 1e-7 * (1 + abs(seen[0])):
            raise ValueError(
                f"{method} asks how the {player}'s gradient changes as the others move, and the loss of this "
                f"{type(system).__name__} is cut off from them (by a detach, a no_grad, or a penalty at generated "
                "samples): choose extragradient or lookahead, which ask for no such thing."
            )


def _loss(game: System, player: str, batch: Batch, streams: Streams) -> Tensor:
    with game.entire(), layers_draw(streams.seed, 0, 0, game.parameter.device):
        loss: Tensor = game(player, batch, {})
        return loss
