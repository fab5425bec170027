"""Train and record: a subcommand for each system of the zoo, as a dataclass whose fields are the flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, make_dataclass
from pathlib import Path
from typing import Annotated, Any, Union

from tyro.conf import Positional, arg, subcommand

from gan_lab import zoo
from gan_lab.cli import training
from gan_lab.cli.arguments import Device
from gan_lab.cli.folder import Folder, Settings, read_recipe
from gan_lab.cli.options import Learn, recipe, system_options
from gan_lab.runs import Recipe


@dataclass(frozen=True)
class Keep:
    """Where the run is kept, and what of it."""

    out: Annotated[Path, arg(metavar="FOLDER", help="The folder to make for the run.")]
    every: Annotated[int, arg(help="Score the samples every so many steps, into history.csv; 0 scores nothing.")] = (
        Settings.every
    )
    save_every: Annotated[int, arg(help="Write the checkpoint every so many steps.")] = Settings.save_every
    tensorboard: Annotated[bool, arg(help="Write TensorBoard event files too (needs the package tensorboard).")] = (
        Settings.tensorboard
    )


@dataclass(frozen=True)
class Machine:
    """What it runs on; changes how fast, not what."""

    device: Device = Settings.device
    compile: Annotated[bool, arg(help="Compile the whole step: pays from some thousand steps on.")] = Settings.compile


@dataclass(frozen=True)
class Show:
    """Where the recorded run goes."""

    out: Annotated[Path, arg(metavar="FOLDER", help="The folder to make: run.json and pictures, under 500 KB.")]
    verify_steps: Annotated[int, arg(help="Keep so many first steps in full, for gan_lab.runs.verify.")] = 50
    device: Device = "auto"


@dataclass(frozen=True)
class File:
    """A recipe that was stored: the recipe.json of a run, or what Recipe.to_json gave."""

    file: Annotated[Positional[Path], arg(metavar="FILE", help="A recipe as JSON.")]


def train(made: Recipe, command: Any) -> int:
    keep: Keep = command.folder
    settings = Settings(**asdict(command.machine), **{k: v for k, v in asdict(keep).items() if k != "out"})
    return training.train(made, Folder(keep.out), settings)


def record(made: Recipe, command: Any) -> int:
    show: Show = command.folder
    return training.record(made, show.out, show.device, show.verify_steps)


def _of_system(act: Any, name: str, parts: Sequence[tuple[str, type]]) -> type:
    """The command of one system: its own options, what is learned, and what ``act`` wants besides."""

    def run(self: Any) -> int:
        result: int = act(recipe(name, self.system, self.learn), self)
        return result

    entries = [("system", system_options(name)), ("learn", Learn)]
    return make_dataclass("OfSystem", _fields([*entries, *parts]), namespace={"run": run}, kw_only=True)


def _of_file(act: Any, parts: Sequence[tuple[str, type]]) -> type:
    """The command of a stored recipe."""

    def run(self: Any) -> int:
        result: int = act(read_recipe(self.recipe.file), self)
        return result

    return make_dataclass("OfFile", _fields([("recipe", File), *parts]), namespace={"run": run}, kw_only=True)


def _fields(parts: Sequence[tuple[str, type]]) -> list[Any]:
    needed = {Keep, Show, File}  # have no default
    return [(name, part) if part in needed else (name, part, field(default_factory=part)) for name, part in parts]


def choices(act: Any, parts: Sequence[tuple[str, type]]) -> Any:
    """One subcommand for each system of the zoo, and one for a stored recipe."""
    found = []
    for name in zoo.names():
        entry = zoo.get(name)
        text = (entry.build.__doc__ or "").split("\n\n")[0]
        about = f"{entry.title} ({entry.paper}, {entry.equation}; chapter {entry.chapter}). {' '.join(text.split())}"
        found.append(Annotated[_of_system(act, name, parts), subcommand(name, description=about)])
    from_file = "What a stored recipe.json says: gan-lab ... recipe FILE."
    found.append(Annotated[_of_file(act, parts), subcommand("recipe", description=from_file)])
    return Union[tuple(found)]  # noqa: UP007


KEPT: list[tuple[str, type]] = [("folder", Keep), ("machine", Machine)]
SHOWN: list[tuple[str, type]] = [("folder", Show)]
