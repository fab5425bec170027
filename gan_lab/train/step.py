"""One move of one player, the same for one system and for many seeds of it: draw, loss, gradients, step, after it.

A method of :mod:`gan_lab.methods` puts these parts together in its own order.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.utils._pytree import tree_map_only

from gan_lab.random import Streams, layers_draw
from gan_lab.system import Batch, Data, Seen, System
from gan_lab.train import shard
from gan_lab.train.compiled import Gradients, compile_gradients

Tensors = dict[str, Tensor]


class Moves:
    """The moves of a system's players. ``moves(player, data, n, streams, step, seen)`` makes one.

    system: whose losses are played; parameters, buffers: by name, what is moved: the system's own tensors, or, for
    ``seeds`` systems at once, theirs stacked along a first axis. precision: "float32" or "bf16". compile: loss and
    gradients by ``torch.compile``. split: whether some networks are split over processes, and gather as they like.
    ``memory`` holds what a method keeps between steps, by name.
    """

    def __init__(
        self,
        system: System,
        parameters: Mapping[str, Tensor],
        buffers: Mapping[str, Tensor],
        *,
        seeds: int | None = None,
        precision: str = "float32",
        compile: bool = False,
        split: bool = False,
    ) -> None:
        self.system, self.parameters, self.buffers = system, dict(parameters), dict(buffers)
        self.seeds, self.precision, self.compile, self.split = seeds, precision, compile, split
        names = system.trained = {player: list(system.weights_of(player)) for player in system.players}
        for player, own in names.items():
            if not own:
                raise ValueError(f"the {player} has no parameter to move: all of them are frozen, or there are none.")
        self.own: dict[str, Tensors] = {p: {name: self.parameters[name] for name in own} for p, own in names.items()}
        asking = {name: tensor for name, tensor in self.parameters.items() if tensor.requires_grad}
        self._others = {p: [v for name, v in asking.items() if name not in own] for p, own in names.items()}
        self._asking = list(asking.values())
        self.optimisers = {p: self._build(p) for p in system.players}
        self.memory: Tensors = {}
        self.states = list(system.states)
        self._phase: Hashable = system.phase(0)
        self._compiled: dict[str, Gradients] = {}
        # the step, and how many moves it has had: each has randomness of its own for layers that draw
        self._at, self._moved = -1, 0

    def _build(self, player: str) -> torch.optim.Optimizer:
        # every optimiser of gan_lab.optim works number by number, so that stacked seeds do not see each other
        return self.system.optimisers[player].build(self.own[player].values())

    # -- one move ----------------------------------------------------------------------------------------------

    def __call__(self, player: str, data: Data, n: int, streams: Streams, step: int, seen: Seen) -> None:
        """One move of ``player`` on n rows a seed; what it saw is added to what the step has seen so far."""
        found = self.look(player, data, n, streams, step)
        self.advance(player, step)
        seen.update(found)
        self.settle(player, seen)

    def look(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Seen:
        """Draw a batch and put the gradient of a player's loss into the ``.grad`` of his weights: what was seen."""
        batch = self.draw(player, data, n, streams, step)
        with self.drawing(streams.seed, step), self.autocast():
            loss, found = self._gradients(player, batch)
        gradients = self.gradients(player)
        found = {f"loss_{player}": loss, **found}
        shard.join_up(gradients, found)
        found[f"gradient_{player}"] = self._norm(gradients)
        return found

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        """All that one move is drawn from, n rows a seed."""
        self._enter(step)
        batch = self.system.draw(player, data, n * (self.seeds or 1), streams, step)
        if self.seeds:
            batch = tree_map_only(Tensor, lambda t: t.unflatten(0, (self.seeds, n)), batch)
        return batch

    def gradients(self, player: str) -> list[Tensor]:
        """What lies in the ``.grad`` of a player's weights."""
        return [p.grad for p in self.own[player].values() if p.grad is not None]

    def advance(self, player: str, step: int) -> None:
        """A player's optimiser moves his weights along what lies in their ``.grad``, clipped where he asks for it."""
        recipe, stepper = self.system.optimisers[player], self.optimisers[player]
        if recipe.max_norm is not None:
            self._clip(self.gradients(player), recipe.max_norm)
        recipe.tune(stepper, step)
        stepper.step()

    def _clip(self, gradients: list[Tensor], most: float) -> None:
        scale = (most / (self._norm(gradients) + 1e-6)).clamp(max=1.0)  # as torch.nn.utils.clip_grad_norm_
        for gradient in gradients:
            gradient.mul_(scale if not self.seeds else scale.view(-1, *[1] * (gradient.ndim - 1)))

    def _enter(self, step: int) -> None:
        """Where the phase changes, optimisers and method begin anew, and what was compiled is compiled anew."""
        if (phase := self.system.phase(step)) != self._phase:
            self._phase = phase
            self._compiled.clear()
            self.memory.clear()
            self.optimisers = {player: self._build(player) for player in self.system.players}

    def resume_at(self, step: int) -> None:
        """Be where a run is that has played so many steps: in the phase of the last, before the next."""
        self._at, self._moved = -1, 0
        if (phase := self.system.phase(max(0, step - 1))) != self._phase:
            self._phase = phase
            self._compiled.clear()

    def drawing(self, seed: int, step: int) -> AbstractContextManager[None]:
        """Around a forward pass: layers that draw have randomness of this look's own."""
        if self.seeds:  # vmap refuses layers that draw
            return nullcontext()
        self._moved = self._moved + 1 if step == self._at else 0
        self._at = step
        return layers_draw(seed, step, self._moved, self.system.parameter.device, shard.world()[0])

    def autocast(self) -> AbstractContextManager[Any]:
        """Around a forward pass: the precision of the run."""
        if self.precision != "bf16":
            return nullcontext()
        return torch.autocast(self.system.parameter.device.type, torch.bfloat16)

    def _gradients(self, player: str, batch: Batch) -> tuple[Tensor, Seen]:
        """The loss of a player (one a seed), its gradients put into ``.grad``, and what was seen, without graphs."""
        own = self.own[player]
        if self.compile:
            loss, seen, gradients = self._compiled_gradients(player)(batch)
            for parameter, gradient in zip(own.values(), gradients, strict=True):
                parameter.grad = gradient
            return loss, seen
        self._freeze_but(player)
        loss, seen = self.loss(player, batch)
        self.optimisers[player].zero_grad()
        (loss.sum() if self.seeds else loss).backward()
        return loss.detach(), {name: value.detach() for name, value in seen.items()}

    def loss(self, player: str, batch: Batch) -> tuple[Tensor, Seen]:
        """The loss of a player (one a seed), and what it saw, with their graphs."""
        if self.seeds:
            return self._stacked(player, self.parameters | self.buffers, batch)
        seen: Seen = {}
        return self.system(player, batch, seen), seen

    def _freeze_but(self, player: str) -> None:
        """All else is frozen, so that gradients reach only the weights of the one who moves."""
        for parameter in self._others[player]:
            # split weights are gathered as they were when first split: another player's step is without gradients
            if not (self.split and shard.is_split(parameter)):
                parameter.requires_grad_(False)
        for parameter in self.own[player].values():
            if not parameter.requires_grad:
                parameter.requires_grad_(True)

    def thaw(self) -> None:
        """Every parameter that asked for a gradient asks again."""
        for parameter in self._asking:
            parameter.requires_grad_(True)

    def _stacked(self, player: str, tensors: Tensors, batch: Batch) -> tuple[Tensor, Seen]:
        """The loss of every seed (S,), and what each saw; tensors: all parameters and buffers, stacked."""

        def loss_of(tensors: Tensors, batch: Batch) -> tuple[Tensor, Seen]:
            seen: Seen = {}
            return functional_call(self.system, tensors, (player, batch, seen)), seen

        rows = tree_map_only(Tensor, lambda _: 0, batch)
        try:
            loss, seen = vmap(loss_of, in_dims=(0, rows))(tensors, batch)
        except RuntimeError as error:
            if not any(word in str(error) for word in ("vmap", "Batching rule", "batching rule", "functorch")):
                raise
            raise ValueError(
                "the networks cannot be stacked: a layer branches on values, draws random numbers, or writes where "
                "many seeds cannot. Train the seeds in turn with gan_lab.train. "
                f"(PyTorch: {str(error).splitlines()[0]})"
            ) from error
        return loss, seen

    def _compiled_gradients(self, player: str) -> Gradients:
        if player not in self._compiled:
            own = self.own[player]
            rest = {name: p for name, p in self.parameters.items() if name not in own}

            def losses(tensors: Tensors, batch: Batch) -> tuple[Tensor, Seen]:
                if self.seeds:
                    return self._stacked(player, tensors, batch)
                seen: Seen = {}
                return functional_call(self.system, tensors, (player, batch, seen)), seen

            self._compiled[player] = compile_gradients(own, rest, self.buffers, losses)
        return self._compiled[player]

    def _norm(self, gradients: list[Tensor]) -> Tensor:
        """The length of all gradients together, one a seed."""
        if not self.seeds:
            return shard.norm(gradients)
        return torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients]).sum(0).sqrt()

    @torch.no_grad()
    def settle(self, player: str, seen: Seen) -> None:
        """What happens after a move: projections, and what the system keeps between steps."""
        if not self.seeds:
            self.system.after_step(player, seen)
            return
        if not self.system.settles:
            return
        inner = _After(self.system)
        tensors = {f"system.{name}": t.detach() for name, t in (self.parameters | self.buffers).items()}
        seen |= vmap(lambda tensors, seen: functional_call(inner, tensors, (player, seen)))(tensors, seen)


class _After(nn.Module):
    """:meth:`System.after_step` as a module's forward, so that stacked tensors can stand in for the system's."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system = system

    def forward(self, player: str, seen: Seen) -> Seen:
        seen = dict(seen)
        self.system.after_step(player, seen)
        return seen
