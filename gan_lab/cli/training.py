"""Train, resume, record: what happens around the loop."""

from __future__ import annotations

import os
import shlex
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from gan_lab import runs
from gan_lab._errors import whole_number
from gan_lab.cli import processes
from gan_lab.cli.events import Events, need_tensorboard
from gan_lab.cli.folder import HISTORY, PICTURE, SETTINGS, Folder, Settings
from gan_lab.cli.options import words_of
from gan_lab.cli.pictures import picture
from gan_lab.cli.processes import tell
from gan_lab.cli.scores import Watch
from gan_lab.runs import Recipe
from gan_lab.train import NonFiniteLoss, Run, join
from gan_lab.train.interrupt import Interrupt
from gan_lab.train.settings import pick_device

UNSAVED = "the checkpoint .* could not be written"


class Broken(RuntimeError):
    """The run ended in a loss that is not finite."""


def train(recipe: Recipe, folder: Folder, settings: Settings) -> int:
    """A new run in a new folder; where ``torchrun`` began again after a worker died, the run that is there."""
    join()
    recipe, settings = recipe.settled(), replace(settings, job=processes.job())
    check(settings)
    check_fits(recipe)
    rehearse(recipe, settings)
    made = not folder.path.exists()

    def ours() -> bool:
        """torchrun began again, and it is the torchrun that began the run in the folder."""
        return processes.restarted() and (folder / SETTINGS).exists() and folder.settings().job == settings.job

    with ExitStack() as stack:

        def prepare() -> None:
            if not ours():
                folder.refuse_what_is_there()
            folder.make()
            stack.enter_context(folder.held())
            if not ours():
                folder.refuse_what_is_there()  # nobody came in between
            else:
                folder.agrees(recipe, "the command line")
            folder.write_recipe(recipe, settings)

        processes.first_for_all(prepare)
        try:
            step = folder.recipe()[1] if processes.restarted() and processes.all_see(folder.checkpoint) else 0
            _play(recipe, step, folder, settings)
        except Exception:
            if processes.rank() == 0:  # the same words, corrected, must find their place free
                folder.clear(made)
            raise
    processes.leave()
    return 0


def resume(folder: Folder, steps: int | None, changed: dict[str, Any]) -> int:
    """Go on with the run in a folder up to ``steps`` steps in all, by default the recipe's."""
    join()
    settings = replace(folder.settings(), **changed)
    check(settings)
    with ExitStack() as stack:
        recipe, _ = folder.recipe()  # says where there is no run
        processes.first_for_all(lambda: stack.enter_context(folder.held()))
        processes.all_see(folder.checkpoint)
        recipe, step = folder.recipe()
        processes.first_for_all(lambda: folder.agrees(recipe, "the checkpoint"))
        recipe = recipe if steps is None else replace(recipe, steps=steps)
        if recipe.steps < step:
            raise ValueError(f"--steps is {recipe.steps:,}, but the run in {folder.path} is at step {step:,} already.")
        _play(recipe, step, folder, settings)
    processes.leave()
    return 0


def record(recipe: Recipe, out: Path, device: str, verify_steps: int) -> int:
    """Record a run, for a page to replay."""
    if "RANK" in os.environ:
        raise ValueError("record trains in one process: start it without torchrun.")
    recipe = recipe.settled()
    check_device(device)
    command = shlex.join(["gan-lab", "record", *words_of(recipe), "--out", out.name])
    with tqdm(total=recipe.steps, unit="step", disable=not processes.terminal()) as bar:
        made = runs.record(
            recipe, out, device=device, verify_steps=verify_steps, command=command,
            progress=lambda step: bar.update(step - bar.n),
        )  # fmt: skip
    size = sum(file.stat().st_size for file in out.iterdir())
    tell(f"{made!r}: {len(made.frames)} pictures, {size / 1000:.0f} KB, trained in {made.seconds:.1f} s -> {out}")
    return 0


# -- checks -----------------------------------------------------------------------------------------------------------


def check_device(device: str) -> None:
    """Raise ValueError for a device that is not here."""
    pick_device(device)


def check_fits(recipe: Recipe) -> None:
    """Build the system once and look at one of its samples; raises ValueError where it does not fit the data."""
    with _spoken_warnings():  # of pictures in a folder that cannot be read
        gan, data = recipe.build()
    made, real = gan.sample_on(data, 1).shape[1:], gan.target(data).sample(1).shape[1:]
    if made != real:
        raise ValueError(
            f"{recipe.system} makes samples of shape {tuple(made)}, but {data!r} has {tuple(real)}: choose other data "
            "or other options of the system."
        )
    if recipe.batch % (together := processes.world()[1]):
        raise ValueError(f"--batch {recipe.batch} cannot be shared equally by {together} processes: give a multiple.")


def rehearse(recipe: Recipe, settings: Settings) -> None:
    """One step and one score of the run, thrown away: what will be refused is refused before anything is written."""
    Interrupt.last = None
    watch = Watch(recipe.target()) if settings.every and processes.rank() == 0 else None
    # the run itself will warn, and will say where its losses are not finite
    with warnings.catch_warnings(action="ignore"), suppress(NonFiniteLoss), torch.random.fork_rng(devices=[]):
        recipe.train(settings.device, steps=1, snapshots=0, every=1, metrics=watch and watch.metrics())
    if Interrupt.last is not None:
        raise KeyboardInterrupt("stopped before the first step; nothing was written.")


def check(settings: Settings) -> None:
    """Raise what would only come up after some training, before it."""
    check_device(settings.device)
    whole_number("--every", settings.every, 0)
    whole_number("--save-every", settings.save_every, 1)
    if settings.tensorboard:
        if not settings.every:
            raise ValueError("--tensorboard writes at the steps that --every names: give one of at least 1.")
        need_tensorboard()


# -- the run ----------------------------------------------------------------------------------------------------------


def _play(recipe: Recipe, step: int, folder: Folder, settings: Settings) -> None:
    """Train in the folder, from its checkpoint at ``step`` where it has one, and leave there what a run leaves."""
    me, _ = processes.world()
    if me == 0:
        _announce(recipe, step, folder)
    with ExitStack() as stack:
        unsaved = stack.enter_context(_spoken_warnings())
        watch = Watch(recipe.target()) if settings.every and me == 0 else None
        events = None
        if settings.tensorboard and me == 0:
            events = stack.enter_context(Events(folder, step, watch, settings.save_every))
        begun = time.perf_counter()
        try:
            run = recipe.train(
                settings.device, checkpoint=folder.checkpoint, resume=True, save_every=settings.save_every,
                compile=settings.compile, every=settings.every or 1, metrics=watch and watch.metrics(),
                callback=events, progress=processes.terminal(),
            )  # fmt: skip
        except NonFiniteLoss as broken:
            raise _kept(broken, folder) from broken
        seconds = time.perf_counter() - begun
        if me == 0:
            if unsaved:  # perhaps there is room again
                run.save(folder.checkpoint)
            folder.write_recipe(recipe, settings)
            _leave_behind(run, folder)
            if events is not None:
                events.picture(run)
            if run.step == recipe.steps:
                _report(run, folder, watch, run.step - step, seconds)
    if run.step < recipe.steps:
        raise KeyboardInterrupt(
            f"stopped at step {run.step:,} of {recipe.steps:,}, all of it saved. Go on by: "
            f"gan-lab resume {shlex.quote(str(folder.path))}"
        )


def _announce(recipe: Recipe, step: int, folder: Folder) -> None:
    processes_here = processes.world()[1]
    many = f" in {processes_here} processes" if processes_here > 1 else ""
    begun = f", from step {step:,} on" if step else ""
    data = recipe.load_data()
    tell(f"{recipe.system} on {data!r}: {recipe.steps:,} steps of {recipe.batch}{many}{begun} -> {folder.path}")


def _leave_behind(run: Run, folder: Folder) -> None:
    folder.write(HISTORY, run.history.to_csv(index=False))
    drawn = picture(run.target, run.samples)  # type: ignore[arg-type]
    if drawn is not None:
        folder.write(PICTURE, drawn)


def _report(run: Run, folder: Folder, watch: Watch | None, steps: int, seconds: float) -> None:
    if steps:
        tell(f"{steps:,} steps in {seconds:.1f} s")
    else:
        tell(f"all {run.step:,} steps were done already; --steps N goes on up to N")
    if watch is not None and watch.latest:
        tell(", ".join(f"{score.words} {watch.latest[score.name]:.4g}" for score in watch.scores))
    tell(f"{folder.path} holds {', '.join(sorted(p.name for p in folder.path.iterdir()))}")
    tell(f"how good is it? gan-lab evaluate {shlex.quote(str(folder.path))}")


def _kept(broken: NonFiniteLoss, folder: Folder) -> RuntimeError:
    """Keep the last good state and the history up to the bad step; the error that says so."""
    if processes.rank() > 0:
        return processes.Elsewhere("as the first process says")
    broken.run.save(folder.checkpoint)
    folder.write(HISTORY, broken.history.to_csv(index=False))
    what = str(broken).partition(":")[0]
    return Broken(
        f"{what}: lower the learning rate (--optimiser) or restrain the discriminator. {folder.checkpoint} is the last "
        f"good state, at step {broken.run.step:,}; {folder / HISTORY} goes on to the bad step."
    )


@contextmanager
def _spoken_warnings() -> Iterator[list[str]]:
    """Warnings as one line each; the list is filled with those of checkpoints that could not be written."""
    unsaved: list[str] = []

    def speak(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        words = str(message)
        if "could not be written" in words:
            unsaved.append(words)
        if processes.rank() == 0:
            tell(f"gan-lab: warning: {' '.join(words.split())}", sys.stderr)

    with warnings.catch_warnings():
        warnings.filterwarnings("always", message=UNSAVED)
        warnings.showwarning = speak
        yield unsaved
