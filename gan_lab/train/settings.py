"""How a run goes on, besides what it trains: the arguments of :func:`gan_lab.train`, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from gan_lab._errors import unknown, whole_number
from gan_lab.methods import Alternating, Method
from gan_lab.methods.second import check_entire
from gan_lab.probe import fits
from gan_lab.random import Streams
from gan_lab.schedules import Setting, every_value
from gan_lab.system import Data, System
from gan_lab.train.shard import world

if TYPE_CHECKING:
    from gan_lab.train.run import Run

Metric = Callable[[Any], float]
PRECISIONS = ("float32", "bf16")
LOOKED_AT = 16  # samples, before anything is learned
TAKEN = ("step", "seed")  # columns of every history


@dataclass
class Settings:
    """How a run goes on: the arguments of :func:`gan_lab.train` of the same names. Raises ValueError for bad ones."""

    batch: int = 64
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    every: int = 100
    snapshots: int = 0
    callback: Callable[[Run], Any] | None = None
    precision: str = "float32"
    ema: Setting | None = None
    method: Method = field(default_factory=Alternating)
    compile: bool = False
    fsdp: bool = False
    progress: bool = False
    checkpoint: Path | None = None
    save_every: int = 1_000
    recipe: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        for name, least in (("batch", 1), ("every", 1), ("snapshots", 0), ("save_every", 1)):
            setattr(self, name, whole_number(name, getattr(self, name), least))
        self.metrics = check_metrics(self.metrics)
        self.checkpoint = None if self.checkpoint is None else Path(self.checkpoint)
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        check_ema(self.ema)
        if self.batch % (processes := world()[1]):
            raise ValueError(
                f"batch is {self.batch}, which {processes} processes cannot share equally: choose a multiple."
            )
        if self.fsdp and self.compile:
            raise ValueError("fsdp=True gathers weights layer by layer, which compile=True cannot capture: choose one.")
        if self.fsdp and self.method != Alternating():
            raise ValueError(
                f"fsdp=True is for players who move in turns, not for {self.method}: leave one of them out."
            )
        check_method(self.method, self.compile)


def check_ema(ema: Setting | None) -> Setting | None:
    """The decay of a moving average as it is; ValueError for one out of range."""
    if ema is not None and not all(0 <= decay < 1 for decay in every_value(ema)):
        raise ValueError(f"ema is {ema}: a decay a step must be in [0, 1), such as 0.999.")
    return ema


def check_method(method: Method, compile: bool) -> None:
    """Raise ValueError where a method cannot be played the way that is asked for."""
    if method.second and compile:
        raise ValueError(f"{method} takes second derivatives outside of what compile=True compiles: choose one.")
    if method.second and world()[1] > 1:
        raise ValueError(f"{method} needs the whole batch's gradient in one process, and there are {world()[1]}.")


def fit_method(method: Method, system: System, data: Data, n: int, streams: Streams) -> None:
    """Raise ValueError where a method cannot play a system: every method's own reasons, and losses that are cut off."""
    method.check(system)
    if method.second:
        with fits(f"what {method} asks for"):
            check_entire(method, system, data, n, streams)


def check_metrics(metrics: Mapping[str, Metric] | None) -> dict[str, Metric]:
    """Name -> function of a run; raises TypeError or ValueError for what is none."""
    if metrics is None:
        return {}
    if not isinstance(metrics, Mapping) or not all(map(callable, metrics.values())):
        raise TypeError(f"metrics is {metrics!r}: give a dict of functions of the run, such as {{'spread': spread}}.")
    for name in metrics:
        if name in TAKEN or str(name).startswith(("loss_", "gradient_", "D_")):
            raise ValueError(f"a metric is called {name!r}, as a column of the history is: give it another name.")
    return dict(metrics)


def check_players(system: object, function: str) -> System:
    """A system to train; raises TypeError for anything else."""
    if not isinstance(system, System):
        raise TypeError(f"{function} expects a gan_lab.GAN first, or another System, not {type(system).__name__}.")
    return system


def pick_device(device: str | torch.device) -> torch.device:
    """The device by name; "auto" is the GPU where there is one. Raises ValueError for one that is not here."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
    except RuntimeError:  # PyTorch's words list every backend there ever was
        raise ValueError(f"there is no device {device!r}: use auto, cpu, cuda, or cuda:1 and so on.") from None
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {str(device)!r}, but PyTorch sees no GPU here: use device='cpu' or 'auto'.")
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"there is no device {str(device)!r}: this machine has {torch.cuda.device_count()} GPUs.")
    try:
        torch.zeros((), device=chosen).item()
    except Exception as error:  # each kind of device that PyTorch has a name for, and no parts, has an error of its own
        raise ValueError(f"nothing can be computed on the device {str(device)!r} here: use cpu, or cuda.") from error
    return chosen
