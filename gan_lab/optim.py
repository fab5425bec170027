"""Recipes of optimisers: what a player is stepped with, as data that can be compared, printed and stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, get_type_hints

import torch
from torch import Tensor, optim

from gan_lab import schedules
from gan_lab._asked import check_type
from gan_lab._eager import eager
from gan_lab._errors import positive, unknown
from gan_lab._steppers import HeavyBall, OptimisticDescent, OptimisticMoments
from gan_lab.schedules import Schedule, Setting, as_json, at, every_value


def _fraction(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}: it must be in [0, 1).")


@dataclass(frozen=True, repr=False)
class Optimiser:
    """A recipe: ``build(parameters)`` gives the torch optimiser.

    lr: the learning rate, > 0, or a :class:`~gan_lab.schedules.Schedule` of it, such as ``cosine(2e-4, 5e-5, 10_000)``.
    max_norm: gradient clipping: a gradient of all the player's weights that is longer is scaled to this length before
    it is used (Pascanu et al. 2013, Algorithm 1); None for none.
    """

    name: ClassVar[str]
    lr: Setting
    max_norm: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.max_norm is not None:
            positive(f"max_norm of {type(self).__name__}", self.max_norm)
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
        """As JSON: the name and the fields; ``max_norm`` only where there is one."""
        given = {"name": self.name, **asdict(self), "lr": as_json(self.lr)}
        return {name: value for name, value in given.items() if name != "max_norm" or value is not None}

    def __repr__(self) -> str:
        given = ((f.name, getattr(self, f.name)) for f in fields(self))
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in given if (k, v) != ('max_norm', None))})"


@dataclass(frozen=True, repr=False)
class SGD(Optimiser):
    """Gradient descent: theta <- theta - lr * gradient."""

    name = "sgd"

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        return eager(optim.SGD)(parameters, lr=at(self.lr, 0))


@dataclass(frozen=True, repr=False)
class Momentum(Optimiser):
    """Heavy-ball momentum (Polyak 1964): v <- momentum * v + gradient; theta <- theta - lr * v.

    ``momentum`` is in (-1, 1): in a game a *negative* one helps (Gidel et al. 2019, "Negative momentum", section 4).
    """

    name = "momentum"
    momentum: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        if not -1 < self.momentum < 1:
            raise ValueError(f"momentum is {self.momentum}: it must be between -1 and 1.")

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        kind = optim.SGD if self.momentum >= 0 else HeavyBall  # torch's takes none below 0
        return eager(kind)(parameters, lr=at(self.lr, 0), momentum=self.momentum)


@dataclass(frozen=True, repr=False)
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


@dataclass(frozen=True, repr=False)
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


@dataclass(frozen=True, repr=False)
class OMD(Optimiser):
    """Optimistic mirror descent (Daskalakis et al. 2018): theta <- theta - 2 lr * gradient + lr * the last one.

    It is what the paper's rates are for where both players move at once (:class:`gan_lab.methods.Simultaneous`). The
    first step is a plain one.
    """

    name = "omd"

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        return eager(OptimisticDescent)(parameters, lr=at(self.lr, 0))


@dataclass(frozen=True, repr=False)
class OptimisticAdam(Adam):
    """Optimistic Adam (Daskalakis et al. 2018, Algorithm 1): twice Adam's present move, less its last one.

    The first step, for which the paper has no last one, is Adam's.
    """

    name = "optimistic_adam"

    def build(self, parameters: Iterable[Tensor]) -> optim.Optimizer:
        betas = (float(self.betas[0]), float(self.betas[1]))
        return eager(OptimisticMoments)(parameters, lr=at(self.lr, 0), betas=betas, eps=self.eps)


OPTIMISERS: dict[str, type[Optimiser]] = {c.name: c for c in (SGD, Momentum, RMSProp, Adam, OMD, OptimisticAdam)}


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


def players_from_spec(spec: object, players: Sequence[str]) -> Optimiser | dict[str, Optimiser]:
    """One recipe for all players from the spec of one; from a dict of specs, one for each player: two time scales
    (Heusel et al. 2017) are ``{"discriminator": {"lr": 4e-4}, "generator": {"lr": 1e-4}}``. Raises as :func:`from_spec`
    does, and ValueError for a player who is not there or has none.
    """
    if not isinstance(spec, Mapping) or "lr" in spec or "name" in spec or not spec:
        return from_spec(spec)
    for player in spec:
        if player not in players:
            raise unknown("player with an optimiser", player, players)
    if missing := [player for player in players if player not in spec]:
        raise ValueError(f"no optimiser for the {' and the '.join(missing)}: give each player one, or one for all.")
    return {player: from_spec(spec[player]) for player in players}
