"""Games of two numbers as systems that are trained: training must do with them what algebra says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import data, game
from gan_lab.system import Batch, Seen, System

START = (1.0, 0.6)


class Number(nn.Module):
    """One parameter, which every seed begins at ``start``; as a network, z -> that point, whatever z."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.start, self.value = start, nn.Parameter(torch.tensor([start], dtype=torch.float64))

    def reset_parameters(self) -> None:
        nn.init.constant_(self.value, self.start)

    def forward(self, z: Tensor) -> Tensor:
        return self.value + 0 * z


class Line(Number):
    """x -> psi x."""

    def forward(self, x: Tensor) -> Tensor:
        return self.value * x


class Bilinear(System):
    """V = xy: x minimises it, y maximises."""

    players: Mapping[str, Sequence[str]] = {"x": ("X",), "y": ("Y",)}

    def __init__(self, optimisers: Any, start: Sequence[float] = START) -> None:
        super().__init__(optimisers, X=Number(start[0]), Y=Number(start[1]))

    def draw(self, player: str, data: Any, n: int, streams: Any, step: int) -> Batch:
        return torch.zeros(n, 1, dtype=torch.float64)

    def x_loss(self, batch: Batch, seen: Seen) -> Tensor:
        return (self.X.value * self.Y.value).sum()

    def y_loss(self, batch: Batch, seen: Seen) -> Tensor:
        return -(self.X.value * self.Y.value).sum()


def dirac(loss: Any, penalties: Any = (), optimisers: Any = None) -> gan_lab.GAN:
    """The Dirac-GAN: the generator's point against the straight line. The discriminator moves first."""
    psi, theta = START
    return gan_lab.GAN(Number(theta), Line(psi), loss, penalties, prior=data.gaussian(), optimisers=optimisers)


ORIGIN = data.as_data(torch.zeros(2, 1, dtype=torch.float64))


class Swapped(game.SmoothGame):
    """A game with the players in the other order: in the Dirac-GAN as trained, psi moves before theta."""

    def __init__(self, inner: game.SmoothGame) -> None:
        super().__init__((1, 1))
        self.inner = inner

    def field(self, z: np.ndarray) -> np.ndarray:
        return self.inner.field(z[::-1])[::-1]

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        return self.inner.jacobian(z[::-1])[::-1, ::-1]

    def project(self, z: np.ndarray) -> np.ndarray:
        return self.inner.project(z[::-1])[::-1]


def numbers(system: System) -> list[float]:
    """Where the players are, in the order of their moves."""
    return [float(w.detach()) for player in dict.fromkeys(system.schedule) for w in system.moved(player)]


def walk(system: System, method: Any, steps: int, target: Any = ORIGIN, **more: Any) -> np.ndarray:
    """The states of a run, (steps + 1, 2)."""
    points = [list(START)]
    options = {"device": "cpu", "batch": 2, "every": 1, **more}
    gan_lab.train(system, target, steps, method=method, callback=lambda run: points.append(numbers(run.gan)), **options)
    return np.array(points)
