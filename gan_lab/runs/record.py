"""Record a run: train, and keep little enough to show it on a page and enough to check it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab._files import write_folder
from gan_lab.metrics import energy_distance
from gan_lab.runs.machine import hardware, versions
from gan_lab.runs.pictures import painter
from gan_lab.runs.read import FILE, FORMAT, LIMIT, VERSION, Frame, Recorded, RecordError, parse, read
from gan_lab.runs.recipe import Recipe
from gan_lab.train import Run
from gan_lab.train.shard import world

if TYPE_CHECKING:
    import pandas as pd

ROWS = 400  # of the history, about
ROOM = 60_000  # bytes that run.json may need
SCORED = 1_000  # samples for a score


def record(
    recipe: Recipe,
    folder: str | Path,
    *,
    device: str | torch.device = "auto",
    verify_steps: int = 50,
    command: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> Recorded:
    """Train the recipe and keep the run in ``folder``: samples over time, history, and how it was made.

    ``folder`` gets ``run.json`` and one WebP for step 0 and each of ``recipe.snapshots`` moments, always of the same
    noise, each with its energy distance to real data. The history is thinned to about 400 rows; the first
    ``verify_steps`` steps are kept in full, for :func:`verify`. command: what a reader types to make the run again (by
    default a line of Python). progress: called with the step at each picture.

    All of it has at most 500 KB: a picture of real data is measured before the training begins, so that too many
    snapshots are refused at once. The folder appears when it is complete; one that holds an older recorded run is
    replaced then, one that holds anything else is refused. Raises ValueError for these, KeyboardInterrupt when
    stopped by hand, and :class:`gan_lab.NonFiniteLoss`; then nothing is written and an older run stays as it was.
    """
    if (processes := world()[1]) > 1:
        raise ValueError(f"a run is recorded by one process, not by {processes}: start it without torchrun.")
    if not isinstance(recipe, Recipe):
        raise TypeError(f"record expects a gan_lab.runs.Recipe, not {type(recipe).__name__}.")
    folder, recipe = _place(Path(folder)), recipe.settled()
    verify_steps = min(whole_number("verify_steps", verify_steps, 1), recipe.steps)
    camera = _Camera(recipe)
    run, seconds = camera.film(device, progress)
    content = {
        "format": FORMAT, "version": VERSION, "recipe": recipe.to_json(),
        "kind": camera.paint.kind, "words": camera.paint.words,
        "hardware": hardware(run.gan.parameter.device), "versions": versions(),
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "command": command or command_for("record", recipe, folder.name),
        "seconds": round(seconds, 3), "verify_steps": verify_steps,
        "history": thin(run.history, verify_steps), "frames": [asdict(f) for f in camera.frames],
        "floor": float(f"{camera.floor:.6g}"), "real": asdict(camera.real) if camera.real else None,
    }  # fmt: skip
    parse(content, folder)  # what is written can be read
    camera.files[FILE] = (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()
    camera.check_size(sum(map(len, camera.files.values())))
    write_folder(folder, camera.files)
    return read(folder)


class _Camera:
    """Trains a recipe and keeps its pictures: ``frames``, their ``files`` by name, of real data ``real`` and ``floor``.

    Raises :class:`RecordError`, before anything is trained, where so many pictures have no room.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        data = recipe.target()
        self.paint = painter(data)
        self.scored, others = (data.sample(SCORED, torch.Generator().manual_seed(seed)) for seed in (0, 1))
        self.floor = energy_distance(others, self.scored)
        self.files: dict[str, bytes] = {}
        self.frames: list[Frame] = []
        last, n = recipe.steps, min(recipe.snapshots, recipe.steps)  # more than one a step is one a step
        self.moments = sorted({0, last} | {round(i * last / n) for i in range(n)})
        name, real = "real.webp", data.sample(self.paint.n, torch.Generator().manual_seed(2))
        self.real: Frame | None = self._keep(name, 0, 0.0, self.floor, real)
        self.check_size(len(self.moments) * len(self.files[name]) + ROOM)
        if self.paint.kind != "images":  # elsewhere the data are in every picture
            del self.files[name]
            self.real = None

    def film(self, device: str | torch.device, progress: Callable[[int], object] | None) -> tuple[Run, float]:
        """Train to the end, with a picture at every moment: the run, and the seconds that it took."""
        run, seconds, width = self.recipe.train(device, steps=0, snapshots=0), 0.0, len(str(self.recipe.steps))
        for step in self.moments:
            begun = time.perf_counter()
            run.train(step - run.step)
            if run.step < step:  # Ctrl-C: a run stops quietly, but half a run is not what the recipe says
                raise KeyboardInterrupt
            samples = run.samples(max(self.paint.n, SCORED))
            seconds += time.perf_counter() - begun
            score = energy_distance(samples[:SCORED], self.scored)
            self.frames.append(self._keep(f"step-{step:0{width}}.webp", step, seconds, score, samples[: self.paint.n]))
            self.check_size(sum(map(len, self.files.values())))
            if progress is not None:
                progress(step)
        return run, seconds

    def _keep(self, name: str, step: int, seconds: float, score: float, samples: Tensor) -> Frame:
        self.files[name] = content = self.paint.paint(samples)
        return Frame(name, step, round(seconds, 3), float(f"{score:.6g}"), hashlib.sha256(content).hexdigest())

    def check_size(self, size: int) -> None:
        """Raise :class:`RecordError` where so many bytes are too many, with a number of snapshots that fits."""
        if size > LIMIT:
            pictures = len(self.moments)
            fewer = max(1, int(pictures * LIMIT / size * 0.9) - 1)
            raise RecordError(
                f"{pictures} pictures make a recorded run of about {size // 1000} KB, more than {LIMIT // 1000} KB: "
                f"use fewer snapshots, such as {fewer} in place of {self.recipe.snapshots}."
            )


def thin(history: pd.DataFrame, first: int) -> dict[str, list[float | None]]:
    """About 400 rows as columns of JSON: the first ``first`` with all their digits, others with six; None for NaN."""
    even = np.linspace(0, len(history) - 1, min(ROWS, len(history))).round().astype(int)
    rows = sorted({*range(min(first, len(history))), *even.tolist()})

    def entry(value: float, row: int) -> float | None:
        return None if not np.isfinite(value) else value if row < first else float(f"{value:.6g}")

    columns: dict[str, list[float | None]] = {"step": [int(history["step"].iloc[row]) for row in rows]}
    for name in history.columns.drop("step"):
        values = history[name].to_numpy(float)
        columns[name] = [entry(float(values[row]), row) for row in rows]
    return columns


def command_for(function: str, recipe: Recipe, name: str) -> str:
    """A line for the shell that records the recipe again, with ``runs.record`` or another function of this room."""

    def literal(value: Any) -> str:  # with double quotes, so that the shell's single quotes go around it
        if isinstance(value, dict):
            return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(literal, value)) + "]"
        return json.dumps(value) if isinstance(value, str) else repr(value)

    plain, given = Recipe(), {f.name: getattr(recipe, f.name) for f in fields(Recipe)}
    named = ", ".join(f"{k}={literal(v)}" for k, v in given.items() if v != getattr(plain, k))
    code = f"from gan_lab import runs; runs.{function}(runs.Recipe({named}), {literal(name)})"
    return "python -c '" + code.replace("'", "'\"'\"'") + "'"


# -- writing ----------------------------------------------------------------------------------------------------------


def _place(folder: Path) -> Path:
    """The folder in full, links followed; before hours of training: may it be written, or replaced?"""
    folder = folder.resolve()
    if folder == folder.parent or Path.cwd().is_relative_to(folder) or os.path.ismount(folder):
        raise RecordError(f"{folder} cannot be replaced, as somebody works in it: give a new folder in it.")
    if folder.is_dir() and any(folder.iterdir()):
        known = {FILE}
        try:
            old = read(folder)
            known |= {f.file for f in [*old.frames, *([old.real] if old.real else [])]}
        except RecordError as error:
            raise RecordError(f"{folder} holds no recorded run that could be replaced: {error} Move it away.") from None
        if others := sorted(f.name for f in folder.iterdir() if f.name not in known):
            raise RecordError(f"{folder} holds {others[0]} besides a recorded run: move it away.")
    elif folder.exists() and not folder.is_dir():
        raise RecordError(f"{folder} is a file: give a folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-"):
        pass  # it can be written to
    return folder
