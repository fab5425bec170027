"""Is a recorded run what it says? Its first steps are played again here, and every loss is compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from gan_lab.runs.machine import hardware, versions
from gan_lab.runs.read import Recorded

# |here - recorded| may be this much times max(1, |recorded|). Rounding differs between processors and versions of
# PyTorch, and training lets small differences grow.
SAME = 1e-3
OTHER_VERSION = 2e-2
BF16 = 5e-2
# Another kind of device draws other random numbers: only the averages over the steps can be compared.
OTHER_DEVICE = 0.25


class NotReproduced(RuntimeError):
    """The first steps came out differently here: ``column``, ``step``, ``recorded``, ``here``, ``tolerance``."""

    def __init__(self, message: str, column: str, step: int, recorded: float, here: float, tolerance: float) -> None:
        super().__init__(message)
        self.column, self.step, self.recorded, self.here, self.tolerance = column, step, recorded, here, tolerance


@dataclass(frozen=True)
class Verification:
    """What was compared, and how near it came: ``worst`` is the largest difference over max(1, |recorded|)."""

    steps: int
    columns: tuple[str, ...]
    worst: float
    tolerance: float
    how: str


def verify(recorded: Recorded, *, device: str | torch.device | None = None) -> Verification:
    """Play the first steps of a recorded run again, here, and compare the losses step by step.

    device: by default the kind of device it was recorded on where this machine has one, else the CPU. The losses may
    differ by ``tolerance * max(1, |recorded|)``: 1e-3 with the same PyTorch on the same kind of device, 2e-2 with
    another PyTorch, 5e-2 in bf16. On another kind of device the random numbers are others, and the averages over
    these steps are compared, to 0.25. Raises :class:`NotReproduced` with the column, the step and both numbers.
    """
    kind = recorded.hardware.get("device", "cpu")
    if device is None:
        device = kind if kind == "cpu" or torch.cuda.is_available() else "cpu"
    steps = recorded.verify_steps
    with _threads(recorded.hardware.get("threads")):
        run = recorded.recipe.train(device, steps=steps, snapshots=0)
    here = run.history
    there = recorded.history.iloc[:steps]
    columns = tuple(name for name in there.columns if name.startswith("loss_"))
    missing = [name for name in columns if name not in here.columns]
    if missing or not columns:
        wrong = f"no {missing[0]} any more" if missing else "no loss in its history"
        raise NotReproduced(f"{recorded!r} has {wrong}: record it again.", "", 0, np.nan, np.nan, np.nan)

    other = run.gan.parameter.device.type != kind
    tolerance, how = _tolerance(recorded, other)
    if other:
        here, there = (_averaged(table, columns, steps) for table in (here, there))
    worst = 0.0
    for row in range(len(there)):
        for name in columns:
            a, b = float(there[name].iloc[row]), float(here[name].iloc[row])
            difference = abs(a - b) / max(1.0, abs(a))
            if not difference <= tolerance:  # NaN is not <= anything
                step = int(there["step"].iloc[row])
                when = f"averaged over the first {steps} steps" if other else f"at step {step}"
                raise NotReproduced(
                    f"{name} {when} is {b:.9g} here, but {a:.9g} was recorded ({how}; tolerance {tolerance:g}): "
                    f"the run was changed, or was made by another gan_lab (recorded: {_made(recorded)}; "
                    f"here: torch {versions()['torch']}, {hardware(run.gan.parameter.device)['cpu']}).",
                    name, step, a, b, tolerance,
                )  # fmt: skip
            worst = max(worst, difference)
    return Verification(steps, columns, worst, tolerance, how)


def _tolerance(recorded: Recorded, other_device: bool) -> tuple[float, str]:
    if other_device:
        return OTHER_DEVICE, "averages, on another kind of device"
    same = _release(str(recorded.versions.get("torch"))) == _release(torch.__version__)
    how = "the same PyTorch and kind of device" if same else f"recorded with PyTorch {recorded.versions.get('torch')}"
    if recorded.recipe.precision != "float32":
        return BF16, f"{recorded.recipe.precision}, {how}"
    return (SAME if same else OTHER_VERSION), how


def _release(version: str) -> str:
    """2.15.0+cpu and 2.15.0+cu130 are the same PyTorch on the CPU."""
    return version.split("+")[0]


def _averaged(table: pd.DataFrame, columns: tuple[str, ...], steps: int) -> pd.DataFrame:
    return pd.DataFrame({"step": [steps], **{name: [table[name].mean()] for name in columns}})


def _made(recorded: Recorded) -> str:
    return ", ".join(f"{k} {v}" for k, v in recorded.versions.items() if v) + f", {recorded.hardware.get('cpu')}"


@contextmanager
def _threads(wanted: object) -> Iterator[None]:
    """As many threads as the run had: sums in another order round differently."""
    before = torch.get_num_threads()
    if isinstance(wanted, int) and 1 <= wanted <= 1024:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
