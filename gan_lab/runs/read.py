"""Recorded runs, read: whole, undamaged, of a version we know, or one sentence that says what is wrong."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lab._asked import parse_json
from gan_lab._errors import unknown
from gan_lab._files import read_bytes
from gan_lab.runs.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "gan_lab recorded run"
VERSION = 1
LIMIT = 500_000  # bytes of a recorded run, all files together
FILE = "run.json"
FIELDS = (
    "format", "version", "recipe", "kind", "words", "hardware", "versions", "date", "command", "seconds",
    "verify_steps", "history", "frames", "floor", "real",
)  # fmt: skip
SAFE = re.compile(r"[a-z0-9-]+\.webp")


class RecordError(ValueError):
    """A recorded run is missing, damaged, or of a version that is not known here."""


@dataclass(frozen=True)
class Frame:
    """One picture: its file, the step and the seconds of training it was made after, the score, and its SHA-256.

    The score is the energy distance between 1,000 generated and 1,000 real samples (for real data: the floor).
    """

    file: str
    step: int
    seconds: float
    score: float
    sha256: str


@dataclass(frozen=True)
class Recorded:
    """A recorded run: how it was made, what happened, and its samples over time.

    kind: "images", "line" or "plane"; words: what a picture shows; hardware: device, cpu, gpu, threads; versions:
    python, torch, gan_lab, commit; date: UTC, ISO 8601; command: what makes it again; seconds: spent in training;
    columns: the history, all rows of the first ``verify_steps`` steps and about 400 in all; frames: the pictures in
    order; floor: the score of real samples against others; real: a picture of real data, for images.
    """

    folder: Path
    recipe: Recipe
    kind: str
    words: str
    hardware: dict[str, Any]
    versions: dict[str, Any]
    date: str
    command: str
    seconds: float
    verify_steps: int
    columns: dict[str, list[float | None]]
    frames: tuple[Frame, ...]
    floor: float
    real: Frame | None = None

    @cached_property
    def history(self) -> pd.DataFrame:
        """The kept rows of the run's history, one a step; NaN where nothing was measured."""
        import pandas as pd

        return pd.DataFrame(self.columns).astype({"step": int}).astype({n: float for n in self.columns if n != "step"})

    @property
    def scores(self) -> pd.DataFrame:
        """Step and score at each picture: the energy distance to real data, which is 0 for equal distributions."""
        import pandas as pd

        return pd.DataFrame({"step": [f.step for f in self.frames], "score": [f.score for f in self.frames]})

    def picture(self, frame: Frame) -> bytes:
        """The WebP of a frame; raises :class:`RecordError` where it is not the one that was recorded."""
        try:
            content = read_bytes(self.folder / frame.file, LIMIT)
        except FileNotFoundError:
            raise RecordError(f"{self.folder}: the picture {frame.file} is missing: record the run again.") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise RecordError(f"{self.folder}: the picture {frame.file} cannot be read ({why}).") from None
        if hashlib.sha256(content).hexdigest() != frame.sha256:
            raise RecordError(
                f"{self.folder}: the picture {frame.file} is not the one that was recorded: record the run again."
            )
        return content

    def show(self) -> Any:
        """A matplotlib figure: the last samples beside the losses. ``gan_lab.widgets.player`` plays the whole run."""
        from gan_lab.runs.still import still

        return still(self)

    def __repr__(self) -> str:
        data = self.recipe.data["name"]
        return f"Recorded({self.recipe.system} on {data}, {self.recipe.steps:,} steps, {self.date[:10]})"


def read(folder: str | Path) -> Recorded:
    """The recorded run in ``folder``, every picture compared with its SHA-256.

    Raises :class:`RecordError`, a ValueError: no run there, torn or damaged files, an unknown field, a newer version.
    """
    folder = Path(folder)
    run = parse(_load(folder), folder)
    total = (folder / FILE).stat().st_size
    for frame in [*run.frames, *([run.real] if run.real else [])]:
        total += len(run.picture(frame))
    if total > LIMIT:
        raise RecordError(f"{folder} has {total:,} bytes: a recorded run has at most {LIMIT:,}.")
    return run


def _load(folder: Path) -> dict[str, Any]:
    """The JSON object in run.json."""
    file = folder / FILE
    try:
        content = parse_json(read_bytes(file, LIMIT))
    except FileNotFoundError:
        if old := sorted(folder.parent.glob(f".{folder.name}-*-old")):
            raise RecordError(
                f"{folder} is not there: replacing it was interrupted. The older run is in {old[0]}: rename it back."
            ) from None
        raise RecordError(f"{folder} holds no recorded run: there is no {FILE} in it.") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{file} is torn or damaged ({error}): record the run again.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RecordError(f"{file} is no recorded run: its format is not {FORMAT!r}.")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise RecordError(f"{file} has the version {version!r}: record the run again.")
    if version > VERSION:
        raise RecordError(
            f"{file} was written by a newer gan_lab (version {version} of the format, here {VERSION}): update gan_lab."
        )
    return content


def parse(content: Mapping[str, Any], folder: Path) -> Recorded:
    """The run that ``content``, the object in run.json, describes; raises :class:`RecordError` where it is not one."""
    for name in content:
        if name not in FIELDS:
            raise RecordError(f"{folder / FILE}: {unknown('field', name, FIELDS)}")
    if missing := [name for name in FIELDS if name not in content]:
        raise RecordError(f"{folder / FILE} lacks {', '.join(missing)}: record the run again.")
    try:
        recipe = Recipe.from_json(content["recipe"])
        frames = tuple(_frame(f) for f in _typed(content["frames"], list, "frames"))
        run = Recorded(
            folder=folder,
            recipe=recipe,
            hardware=dict(_typed(content["hardware"], dict, "hardware")),
            versions=dict(_typed(content["versions"], dict, "versions")),
            seconds=_number(content["seconds"], "seconds"),
            verify_steps=_typed(content["verify_steps"], int, "verify_steps"),
            columns=_columns(_typed(content["history"], dict, "history")),
            frames=frames,
            floor=_number(content["floor"], "floor"),
            real=None if content["real"] is None else _frame(content["real"]),
            **{name: _typed(content[name], str, name) for name in ("kind", "words", "date", "command")},
        )
        _consistent(run)
    except (TypeError, ValueError) as error:
        raise RecordError(f"{folder / FILE} is damaged: {error}") from error
    return run


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, but should be {kind.__name__}.")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{name} is {value!r}, but should be a number.")
    return float(value)


def _frame(content: Any) -> Frame:
    fields = _typed(content, dict, "a frame")
    if set(fields) != {"file", "step", "seconds", "score", "sha256"}:
        raise ValueError(f"a frame has the fields {', '.join(sorted(fields))}.")
    frame = Frame(
        _typed(fields["file"], str, "file"), _typed(fields["step"], int, "step"),
        _number(fields["seconds"], "seconds"), _number(fields["score"], "score"),
        _typed(fields["sha256"], str, "sha256"),
    )  # fmt: skip
    if not SAFE.fullmatch(frame.file):  # nothing outside the folder, whatever the file says
        raise ValueError(f"the picture {frame.file!r} is not a name such as step-0100.webp.")
    return frame


def _columns(history: dict[str, Any]) -> dict[str, list[float | None]]:
    if "step" not in history:
        raise ValueError("the history has no column step.")
    for name, values in history.items():
        if len(_typed(values, list, f"the column {name}")) != len(history["step"]):
            raise ValueError(f"the column {name} has {len(values)} rows, step has {len(history['step'])}.")
        for value in values:
            if value is not None or name == "step":
                _number(value, f"an entry of {name}")
    return history


def _consistent(run: Recorded) -> None:
    steps = run.columns["step"]
    if steps != sorted({s for s in steps if s is not None and float(s).is_integer()}) or not steps or steps[0] != 1:
        raise ValueError("the steps of the history do not rise one by one from 1.")
    if steps[-1] != run.recipe.steps:
        raise ValueError(f"the history ends at step {steps[-1]}, the recipe at {run.recipe.steps}.")
    first = range(1, min(run.verify_steps, len(steps) + 1) + 1)  # not as many as a file may ask for
    if run.verify_steps < 1 or steps[: run.verify_steps] != list(first):
        raise ValueError(f"the first {run.verify_steps} steps are not all in the history.")
    at = [frame.step for frame in run.frames]
    if at != sorted(set(at)) or at[:1] != [0] or at[-1] != run.recipe.steps:
        raise ValueError("the pictures do not go from step 0 to the last.")
