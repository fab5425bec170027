"""Settings that change as a run goes on: a learning rate, a penalty's weight, an average's decay, a fade.

A schedule is a value: it is compared, printed and stored like the number in whose place it stands, and gives a number
for every step, 0 for the first.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from gan_lab._errors import unknown, whole_number


@dataclass(frozen=True)
class Schedule(ABC):
    """A number for every step: ``schedule(step)``. It goes from ``start`` to ``end`` in ``steps`` steps and stays."""

    name: ClassVar[str]
    start: float
    end: float
    steps: int

    def __post_init__(self) -> None:
        for what, value in (("start", self.start), ("end", self.end)):
            if not math.isfinite(float(value)):
                raise ValueError(f"{what} of {type(self).__name__} is {value}: it must be a finite number.")
        whole_number(f"steps of {type(self).__name__}", self.steps, 1)

    @abstractmethod
    def __call__(self, step: int) -> float:
        """The number at a step, 0 for the first."""

    def spec(self) -> dict[str, Any]:
        """As JSON: the name and the fields; :func:`from_spec` gives it back."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True)
class Linear(Schedule):
    """``start`` for the first ``hold`` steps, then a straight line to ``end`` at step ``steps``."""

    name = "linear"
    hold: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if whole_number("hold of Linear", self.hold, 0) >= self.steps:
            raise ValueError(f"hold is {self.hold} of {self.steps} steps: it must be fewer.")

    def __call__(self, step: int) -> float:
        gone = (step - self.hold) / (self.steps - self.hold)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, gone))


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a period of a cosine from ``start`` to ``end`` (Loshchilov and Hutter 2017, eq. 5, without restarts)."""

    name = "cosine"

    def __call__(self, step: int) -> float:
        gone = min(1.0, max(0, step) / self.steps)
        return self.end + (self.start - self.end) * (1 + math.cos(math.pi * gone)) / 2


# lower-case names read as what they give: Adam(cosine(2e-4, 5e-5, steps=10_000))
linear, cosine = Linear, Cosine
SCHEDULES: dict[str, type[Schedule]] = {c.name: c for c in (Linear, Cosine)}

Setting = float | Schedule


def at(setting: Setting, step: int) -> float:
    """The number that a setting is at a step."""
    return setting(step) if isinstance(setting, Schedule) else setting


def every_value(setting: Setting) -> tuple[float, ...]:
    """The numbers between which a setting moves: what a check of its range has to look at."""
    return (setting.start, setting.end) if isinstance(setting, Schedule) else (setting,)


def as_json(setting: Setting) -> float | dict[str, Any]:
    """A number as it is, a schedule as its spec."""
    return setting.spec() if isinstance(setting, Schedule) else setting


def from_spec(spec: float | Mapping[str, Any]) -> Setting:
    """What :func:`as_json` gave: raises ValueError for a name that is unknown or fields that do not fit."""
    if not isinstance(spec, Mapping):
        return spec
    fields = dict(spec)
    name = fields.pop("name", None)
    if name not in SCHEDULES:
        raise unknown("schedule", name, SCHEDULES)
    try:
        return SCHEDULES[name](**fields)
    except TypeError as error:
        raise ValueError(f"the schedule {name} cannot be made from {fields}: {error}.") from error
