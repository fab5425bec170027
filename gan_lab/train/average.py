"""The moving average of networks: a second opinion that wobbles less than the players do."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

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
        names = () if decay is None else system.averaged
        if decay is not None and not names:
            raise ValueError(f"ema is {decay}, but {type(system).__name__} has no network to average: leave it out.")
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
