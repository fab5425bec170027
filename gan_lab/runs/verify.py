"""Is a recorded run what it says? Its first steps are played again here, and every loss is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from gan_lab.runs.generator import RecordedGenerator
from gan_lab.runs.machine import hardware, versions
from gan_lab.runs.read import Recorded

if TYPE_CHECKING:
    import pandas as pd

# |here - recorded| / max(1, |recorded|) may be start * 10^(step / 10), and at most the second number. Processors and
# versions of PyTorch round differently, and training lets differences grow: with other vector instructions on the same
# processor, the digits' losses part by 1e-7 at step 5, 2e-6 at 10, 2e-4 at 24 and 5e-3 at 49.
SAME = (1e-5, 2e-2)
OTHER_VERSION = (1e-4, 5e-2)
BF16 = (1e-2, 1e-1)
# Another kind of device draws other random numbers: only the averages over the steps can be compared.
OTHER_DEVICE = (0.25, 0.25)


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
    tolerance: float  # at the last of the steps
    how: str


def verify(recorded: Recorded | RecordedGenerator, *, device: str | torch.device | None = None) -> Verification:
    """Play the first steps of a recorded run, or of a generator's, again, here, and compare the losses step by step.

    device: by default the kind of device it was recorded on where this machine has one, else the CPU. At step t the
    losses may differ by ``tolerance(t) * max(1, |recorded|)``: 1e-5 at the first step, ten times as much every ten
    steps, at most 2e-2. With another version of PyTorch it is 1e-4 and at most 5e-2, in bf16 1e-2 and at most 0.1.
    Another kind of device draws other random numbers: there the averages over these steps are compared, to 0.25.
    Raises :class:`NotReproduced`, which says and holds the column, the step and both numbers.
    """
    kind = recorded.hardware.get("device", "cpu")
    if device is None:
        device = kind if kind == "cpu" or torch.cuda.is_available() else "cpu"
    steps = recorded.verify_steps
    with _threads(recorded.hardware.get("threads")):
        run = recorded.recipe.train(device, steps=steps, snapshots=0)
    here, there = run.history, recorded.history.iloc[:steps]
    columns = tuple(name for name in there.columns if name.startswith("loss_"))
    if not columns or (missing := [name for name in columns if name not in here.columns]):
        wrong = f"{missing[0]} is in its history, but not in ours" if columns else "it holds no losses"
        raise NotReproduced(f"{recorded!r}: {wrong}; record it again.", "", 0, np.nan, np.nan, np.nan)
    other = run.gan.parameter.device.type != kind
    (start, most), how = _tolerance(recorded, other)
    if other:
        here, there = (_averaged(table, columns, steps) for table in (here, there))

    worst = 0.0
    for row in range(len(there)):
        step = int(there["step"].iloc[row])
        tolerance = min(most, start * 10 ** ((step - 1) / 10))
        for name in columns:
            a, b = float(there[name].iloc[row]), float(here[name].iloc[row])
            difference = abs(a - b) / max(1.0, abs(a))
            if not difference <= tolerance:  # NaN is not <= anything
                when = f"averaged over the first {steps} steps" if other else f"at step {step}"
                raise NotReproduced(
                    f"{name} {when} is {b:.9g} here, but {a:.9g} was recorded (tolerance {tolerance:.1e}; {how}). "
                    f"Recorded with {_made(recorded.versions, recorded.hardware)}; "
                    f"here: {_made(versions(), hardware(run.gan.parameter.device))}.",
                    name, step, a, b, tolerance,
                )  # fmt: skip
            worst = max(worst, difference)
    return Verification(steps, columns, worst, tolerance, how)


def _tolerance(recorded: Recorded | RecordedGenerator, other_device: bool) -> tuple[tuple[float, float], str]:
    if other_device:
        return OTHER_DEVICE, "averages, on another kind of device"
    made = recorded.versions.get("torch")
    same = _release(str(made)) == _release(torch.__version__)
    how = "the same PyTorch and kind of device" if same else f"recorded with PyTorch {made}"
    if recorded.recipe.precision != "float32":
        return BF16, f"{recorded.recipe.precision}, {how}"
    return (SAME if same else OTHER_VERSION), how


def _release(version: str) -> str:
    """2.15.0+cpu and 2.15.0+cu130 are the same PyTorch on the CPU."""
    return version.split("+")[0]


def _averaged(table: pd.DataFrame, columns: tuple[str, ...], steps: int) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"step": [steps], **{name: [table[name].mean()] for name in columns}})


def _made(versions: Mapping[str, object], hardware: Mapping[str, object]) -> str:
    named = [f"{name} {version}" for name, version in versions.items() if version]
    return ", ".join([*named, str(hardware.get("gpu") or hardware.get("cpu"))])


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
