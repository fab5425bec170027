"""Recipes of optimisers: what a player is stepped with, as data that can be compared, printed and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, get_type_hints

import torch
from torch import Tensor, optim

from gan_lab import schedules
from gan_lab._asked import check_type
from gan_lab._eager import eager
from gan_lab._errors import positive, unknown
from gan_lab.schedules import Schedule, Setting, as_json, at, every_value


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}: it must be in [0, 1).")


@dataclass(frozen=True)
class Optimiser:
    """A recipe: ``build(parameters)`` gives the torch optimiser.

    lr: the learning rate, > 0, or a :class:`~gan_lab.schedules.Schedule` of it, such as ``cosine(2e-4, 5e-5, 10_000)``.
    """

    name: ClassVar[str]
    lr: Setting

    def __post_init__(self) -> None:
        first, *rest = every_value(self.lr)
        positive(f"lr of {type(self).__name__}", first)
        for value in rest:
            positive(f"lr of {type(self).__name__}", value, or_zero=True)

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        raise NotImplementedError

    def tune(self, stepper: optim.Optimizer, step: int) -> None:
        """Give what :meth:`build` made the learning rate of a step, where that changes."""
        if isinstance(self.lr, Schedule):
            for group in stepper.param_groups:
                group["lr"] = self.lr(step)

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the fields."""
        return {"name": self.name, **asdict(self), "lr": as_json(self.lr)}


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent: theta <- theta - lr * gradient."""

    name = "sgd"

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        return eager(optim.SGD)(parameters, lr=at(self.lr, 0))


@dataclass(frozen=True)
class Momentum(Optimiser):
    """Heavy-ball momentum (Polyak 1964): v <- momentum * v + gradient; theta <- theta - lr * v."""

    name = "momentum"
    momentum: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        _fraction("momentum", self.momentum)

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        return eager(optim.SGD)(parameters, lr=at(self.lr, 0), momentum=self.momentum)


@dataclass(frozen=True)
class RMSProp(Optimiser):
    """Gradient divided by the root of its running mean square (Tieleman and Hinton 2012)."""

    name = "rmsprop"
    alpha: float = 0.99
    eps: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        _fraction("alpha", self.alpha)

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        return eager(optim.RMSprop)(parameters, lr=at(self.lr, 0), alpha=self.alpha, eps=self.eps)


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adam (Kingma and Ba 2015, Algorithm 1). ``betas``: decay of the mean and of the mean square."""

    name = "adam"
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.betas) != 2:
            raise ValueError(f"betas is {self.betas}: give two numbers, such as (0.5, 0.999).")
        for name, beta in zip(("beta1", "beta2"), self.betas, strict=True):
            _fraction(name, beta)

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        parameters = list(parameters)
        # the fused kernel does all tensors in one call; it wants every parameter in floating point on one device
        fused = all(p.is_floating_point() and p.device.type in ("cpu", "cuda") for p in parameters)
        # torch takes no whole number for a beta, and 0 is a usual one
        betas = (float(self.betas[0]), float(self.betas[1]))
        return eager(optim.Adam)(parameters, lr=at(self.lr, 0), betas=betas, eps=self.eps, fused=fused)


def clip_gradient(parameters: Iterable[Tensor], norm: float) -> Tensor:
    """Scale the gradients so that their joint norm is at most ``norm``; returns the norm before."""
    return torch.nn.utils.clip_grad_norm_(parameters, positive("norm", norm))


OPTIMISERS: dict[str, type[Optimiser]] = {c.name: c for c in (SGD, Momentum, RMSProp, Adam)}


def from_spec(spec: object) -> Optimiser:
    """The optimiser that ``spec`` names: a dict such as ``{"name": "adam", "lr": 1e-3, "betas": [0.5, 0.999]}``, which
    :meth:`Optimiser.spec` gives. ``lr`` is needed, ``name`` is Adam's where it is left out.

    The one reader of recipes, checkpoints and command lines. Raises ValueError for another form, for a name or a
    setting that is not known (with the near ones), and for a value of the wrong type or out of range.
    """
    if not isinstance(spec, Mapping) or "lr" not in spec:
        raise ValueError(f"the optimiser is {spec!r:.200}: give a dict such as {{'name': 'adam', 'lr': 0.001}}.")
    given = dict(spec)
    name = given.pop("name", "adam")
    if name not in OPTIMISERS:
        raise unknown("optimiser", name, OPTIMISERS)
    kind = OPTIMISERS[name]
    hints = {f.name: get_type_hints(kind)[f.name] for f in fields(kind)}
    for setting, value in list(given.items()):
        if setting not in hints:
            raise unknown(f"setting of the optimiser {name}", setting, hints)
        if setting == "lr" and isinstance(value, Mapping):
            given["lr"] = schedules.from_spec(value)
        else:
            check_type(f"{setting} of the optimiser {name}", value, float if setting == "lr" else hints[setting])
    values: dict[str, Any] = {setting: tuple(v) if isinstance(v, list) else v for setting, v in given.items()}
    made = kind(**values)
    try:
        made.build([torch.zeros(1)])
    except ValueError as error:  # what PyTorch itself refuses, such as a negative eps
        raise ValueError(f"the optimiser {spec!r:.200} cannot be made: {error}.") from error
    return made
