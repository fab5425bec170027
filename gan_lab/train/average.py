"""The moving average of networks: a second opinion that wobbles less than the players do."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from gan_lab.schedules import Setting, at
from gan_lab.system import System
from gan_lab.train.shard import world


class Averages:
    """The moving averages of a system's ``averaged`` networks; none where no decay is given.

    average <- decay * average + (1 - decay) * weights, after every move of whoever owns the network; decay may be a
    schedule of the step. An average has the running statistics of the network it follows, until it is looked at: then
    they are estimated anew for *it* (:meth:`System.refresh`).
    """

    def __init__(self, system: System, decay: Setting | None) -> None:
        self.system, self.decay = system, decay
        names = averaged(system, decay)
        self.networks = {name: copy.deepcopy(getattr(system, name)).requires_grad_(False).eval() for name in names}
        self._refreshed = -1

    @torch.no_grad()
    def follow(self, player: str, step: int) -> None:
        """Take one step towards what ``player`` has just moved, at a step of the run."""
        for name, average in self.networks.items():
            if name not in self.system.players[player]:
                continue
            assert self.decay is not None
            network = getattr(self.system, name)
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - at(self.decay, step))
            for old, new in zip(average.buffers(), network.buffers(), strict=True):
                old.copy_(new)

    @contextmanager
    def in_place(self, step: int) -> Iterator[None]:
        """Within it the averages stand where the networks do, with running statistics of their own."""
        live = {name: getattr(self.system, name) for name in self.networks}
        self._put(self.networks)
        try:
            if self._refreshed != step:
                for name in self.networks:
                    self.system.refresh(name, world())
                self._refreshed = step
            yield
        finally:
            self._put(live)

    def _put(self, networks: dict[str, nn.Module]) -> None:
        for name, network in networks.items():
            self.system._modules[name] = network

    def state_dict(self) -> dict[str, dict[str, torch.Tensor]]:
        """The state of every average, by network."""
        return {name: network.state_dict() for name, network in self.networks.items()}

    def load_state_dict(self, state: dict[str, dict[str, torch.Tensor]]) -> None:
        """Take what :meth:`state_dict` gave."""
        for name, network in self.networks.items():
            network.load_state_dict(state[name])
        self._refreshed = -1


def averaged(system: System, decay: Setting | None) -> tuple[str, ...]:
    """The names of the networks of which an average is kept; ValueError where it is asked for and there are none."""
    if decay is not None and not system.averaged:
        raise ValueError(f"ema is {decay}, but {type(system).__name__} has no network to average: leave it out.")
    return () if decay is None else tuple(system.averaged)


class StackedAverages:
    """The same for many seeds at once: weights, by name, are theirs stacked along a first axis."""

    def __init__(self, system: System, weights: Mapping[str, Tensor], decay: Setting | None) -> None:
        self.system, self.decay, self.names = system, decay, averaged(system, decay)
        self._live = {name: w.detach() for name, w in weights.items() if name.partition(".")[0] in self.names}
        self._kept = {name: w.clone() for name, w in self._live.items()}

    def follow(self, player: str, step: int) -> None:
        """Take one step towards what ``player`` has just moved, at a step of the run."""
        own = [name for name in self._kept if name.partition(".")[0] in self.system.players[player]]
        if own and self.decay is not None:
            kept, live = [self._kept[name] for name in own], [self._live[name] for name in own]
            torch._foreach_lerp_(kept, live, 1 - at(self.decay, step))

    @contextmanager
    def in_place(self, system: System, i: int) -> Iterator[None]:
        """Within it the averages of the i-th seed stand in ``system``, which holds that seed's weights."""
        state = {name: value.clone() for name, value in system.state_dict().items()}
        if self.names:
            system.load_state_dict(state | {name: w[i] for name, w in self._kept.items()})
            for name in self.names:
                system.refresh(name)
        try:
            yield
        finally:
            if self.names:
                system.load_state_dict(state)
