"""The folder of a run: what lies in it, who may write to it, and the run read back from it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from gan_lab._asked import check_type, parse_json
from gan_lab._errors import unknown
from gan_lab._files import read_bytes, write_whole
from gan_lab.runs import Recipe
from gan_lab.train import CheckpointError, Run, checkpoint

CHECKPOINT, RECIPE, SETTINGS, HISTORY, PICTURE, EVENTS = (
    "run.gan", "recipe.json", "settings.json", "history.csv", "samples.webp", "tensorboard",
)  # fmt: skip


class InUse(RuntimeError):
    """Another process trains in the folder."""


@dataclass(frozen=True)
class Settings:
    """How a run is carried out, besides its recipe: kept in ``settings.json``, so that `resume` needs no flags."""

    device: str = "auto"
    compile: bool = False
    every: int = 100
    save_every: int = 1_000
    tensorboard: bool = False
    job: str = ""  # the torchrun that began it


@dataclass(frozen=True)
class Folder:
    """The folder of one run."""

    path: Path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def checkpoint(self) -> Path:
        return self.path / CHECKPOINT

    # -- beginning --------------------------------------------------------------------------------------------

    def refuse_what_is_there(self) -> None:
        """Raise ValueError where a new run would go over files that are there."""
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"--out {self.path} is a file: give a folder, which is made where there is none.")
        if self.checkpoint.exists() or (self / RECIPE).exists():
            raise ValueError(
                f"{self.path} holds a run: go on with it by `gan-lab resume {self.path}`, or give another --out."
            )
        for name in (SETTINGS, HISTORY, PICTURE, EVENTS):
            if (self / name).exists():
                raise ValueError(f"{self / name} is there already and would be written over: give another --out.")

    def make(self) -> None:
        """Make the folder where there is none; raises OSError where no file can be written to it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            reason = error.strerror or error
            raise OSError(f"no run can be written to {self.path} ({reason}): give another --out.") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other commands from training in the folder meanwhile; raises :class:`InUse` where one already does.

        The system lets go by itself when the process ends, however it ends.
        """
        try:
            import fcntl
        except ImportError:  # Windows: nothing holds a folder there
            yield
            return
        handle = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(f"another gan-lab trains in {self.path}: wait for it, or give another folder.") from None
            except OSError:
                pass  # a file system without locks
            yield
        finally:
            os.close(handle)

    def write(self, name: str, content: str | bytes) -> None:
        """Put a file into the folder, whole or not at all."""
        write_whole(self / name, content)

    def write_recipe(self, recipe: Recipe, settings: Settings) -> None:
        self.write(SETTINGS, json.dumps(asdict(settings), indent=1) + "\n")
        self.write(RECIPE, json.dumps(recipe.to_json(), indent=1) + "\n")

    def clear(self, made: bool) -> None:
        """Take away what :meth:`write_recipe` wrote, where no run came of it; and the folder, where it was ``made``."""
        if not self.checkpoint.exists():
            for name in (SETTINGS, RECIPE):
                (self / name).unlink(missing_ok=True)
            if made:
                with suppress(OSError):  # something else was put into it
                    self.path.rmdir()

    # -- reading ----------------------------------------------------------------------------------------------

    def agrees(self, recipe: Recipe, whose: str) -> None:
        """Raise ValueError where the run in the folder is another than ``recipe`` but for its number of steps.

        ``whose``: where that recipe is from, in words.
        """
        stored = read_recipe(self / RECIPE) if (self / RECIPE).exists() else recipe
        for there in (stored, self.recipe()[0]):
            if other := recipe.difference(replace(there, steps=recipe.steps)):
                raise ValueError(
                    f"{self / RECIPE} is not the recipe of {whose}: {other} as there. Put it back as it was, or begin "
                    f"a new run: gan-lab train recipe {self / RECIPE} --out FOLDER."
                )

    def recipe(self) -> tuple[Recipe, int]:
        """The recipe in the checkpoint, and its step; 0 and ``recipe.json`` where the run never came to a checkpoint.

        Raises ValueError where there is no run, :class:`~gan_lab.CheckpointError` where it cannot be read.
        """
        if self.checkpoint.exists():
            return recipe_of(self.checkpoint)
        if not self.path.is_dir():
            raise ValueError(f"there is no folder {self.path}: give the --out of a `gan-lab train`.")
        if not (self / RECIPE).exists():
            raise ValueError(f"{self.path} holds no run: there is neither {CHECKPOINT} nor {RECIPE} in it.")
        return read_recipe(self / RECIPE), 0

    def settings(self) -> Settings:
        """What ``settings.json`` says; the defaults where it is missing."""
        file = self / SETTINGS
        if not file.exists():
            return Settings()
        given, hints = _json(file), get_type_hints(Settings)
        try:
            for name, value in given.items():
                if name not in hints:
                    raise unknown("setting", name, hints)
                check_type(name, value, hints[name])
        except ValueError as error:
            raise CheckpointError(f"{file}: {error}") from error
        return Settings(**given)


def recipe_of(file: Path) -> tuple[Recipe, int]:
    """The recipe in a checkpoint, and its step."""
    state = checkpoint.read(file)
    if type(step := state.get("step")) is not int or step < 0:
        raise CheckpointError(f"{file} does not say at which step it was written: take another checkpoint.")
    if state.get("recipe") is None:
        raise CheckpointError(
            f"{file} does not say what it was made from: pass recipe=recipe.to_json() to gan_lab.train, or use "
            "`gan-lab train`."
        )
    try:
        return Recipe.from_json(state["recipe"]), step
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the recipe in {file} cannot be used: {error}") from error


def read_recipe(file: Path) -> Recipe:
    """The recipe in a JSON file."""
    try:
        return Recipe.from_json(read_bytes(file))
    except FileNotFoundError:
        raise ValueError(f"there is no recipe at {file}: check the path.") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def load(path: Path, device: str = "auto") -> tuple[Recipe, Run]:
    """The trained run in a folder, or in a checkpoint file, ready to sample from.

    Raises ValueError where there is none, :class:`~gan_lab.CheckpointError` where it cannot be used.
    """
    file = path if path.is_file() else Folder(path).checkpoint
    if not file.exists():
        Folder(path).recipe()  # says what is missing
        raise ValueError(f"the run in {path} has no checkpoint yet: `gan-lab resume {path}` trains it.")
    recipe, _ = recipe_of(file)
    return recipe, recipe.train(device, steps=0, snapshots=0, checkpoint=file, resume=True)


def _json(file: Path) -> dict[str, Any]:
    try:
        content = parse_json(read_bytes(file))
    except ValueError as error:
        raise CheckpointError(f"{file} is torn or damaged ({error}): remove it to use the defaults.") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{file} holds no JSON object: remove it to use the defaults.")
    return content
