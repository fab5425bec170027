"""A new run, or one that goes on from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from gan_lab import methods
from gan_lab._errors import unknown, whole_number
from gan_lab._machine import warn_if_emulated
from gan_lab.data import as_data
from gan_lab.methods import Method
from gan_lab.random import make_streams
from gan_lab.schedules import Setting
from gan_lab.system import System
from gan_lab.train.checkpoint import plain
from gan_lab.train.run import Run
from gan_lab.train.settings import LOOKED_AT, Metric, Settings, check_players, fit_method, pick_device
from gan_lab.train.shard import world


def train(
    gan: System,
    data: Any,
    steps: int,
    *,
    batch: int = 64,
    seed: int = 0,
    device: str | torch.device = "auto",
    streams: str = "torch",
    init: str = "seed",
    snapshots: int = 0,
    metrics: Mapping[str, Metric] | None = None,
    every: int = 100,
    callback: Callable[[Run], Any] | None = None,
    precision: str = "float32",
    ema: Setting | None = None,
    method: Method | str | Mapping[str, Any] = "alternating",
    compile: bool = False,
    fsdp: bool = False,
    progress: bool = False,
    checkpoint: str | Path | None = None,
    save_every: int = 1_000,
    resume: bool = False,
    recipe: dict[str, Any] | None = None,
) -> Run:
    """Train ``gan`` on ``data`` for ``steps`` steps; one step is a move of every player in the system's schedule, for a
    :class:`~gan_lab.GAN` k of the discriminator and one of the generator.

    data: what :func:`gan_lab.data.as_data` takes, tensors, arrays and tables of numbers among them.

    This begins a *new* run: the networks get their weights from ``seed``, so that a cell run twice gives the same
    numbers twice. ``init="keep"`` starts from the weights they have. ``run.train(more)`` goes on with a run. Frozen
    parts (``requires_grad_(False)``) and networks that no player owns stay as they are.

    batch: samples per loss, of all processes together. streams: "torch", or "page" for the very numbers of the engine
    in the published page. snapshots: how many times, evenly, the samples of one fixed noise are kept in
    ``run.snapshots``, besides step 0. metrics: name -> function of the run, evaluated every ``every`` steps into
    ``run.history``; ``callback(run)`` is called at the same steps.

    precision: "float32" (whatever type the networks have), or "bf16": products in bfloat16 by autocast, weights and
    losses in float32. ema: decay a step of a moving average of the generator, ``run.ema``, which then makes the
    samples (0.999 halves an old weight's part in 693 steps); a number or a schedule. method: how the players' moves go
    together, by name or as a value of :mod:`gan_lab.methods`: "alternating", or "extragradient", say. compile: the
    whole step by ``torch.compile``, a CUDA graph on a GPU; worth it from some thousand steps on. progress: a bar.

    checkpoint: a file written every ``save_every`` steps and at the end; with ``resume`` the run goes on from it, up to
    ``steps`` in all, or begins where there is none. recipe: JSON kept in it, to say what the run was made from.

    Under ``torchrun`` (after :func:`gan_lab.train.join`) every process takes its share of each batch; N processes take
    the steps of one. fsdp: split the weights of the averaged networks over them, for one that is larger than a device;
    metrics and callbacks then run in every process.

    Raises ValueError or TypeError for bad arguments and for networks that do not fit the data,
    :class:`CheckpointError` for a checkpoint that cannot be used, and :class:`NonFiniteLoss` when a loss is NaN or
    infinite; a run stopped by Ctrl-C is returned as far as it got. It warns where samples or scores lie in another
    range than they should.
    """
    system = check_players(gan, "train")
    data = as_data(data)
    steps = whole_number("steps", steps, 0)
    settings = Settings(
        batch=batch, metrics=metrics or {}, every=every, snapshots=snapshots, callback=callback, precision=precision,
        ema=ema, method=methods.from_spec(method), compile=compile, fsdp=fsdp, progress=progress,
        save_every=save_every, recipe=recipe, checkpoint=None if checkpoint is None else Path(checkpoint),
    )  # fmt: skip
    _check_path(settings.checkpoint, resume)
    if recipe is not None:
        plain(recipe, "recipe")
    place = pick_device(device)
    warn_if_emulated(place, settings.precision)
    system.to(place)
    if place.type == "cuda":
        system.to(memory_format=torch.channels_last)  # only images' weights have a format: faster convolutions
    drawn = make_streams(streams, seed, place)
    if init == "seed":
        drawn.initialise(system)
    elif init != "keep":
        raise unknown("init", init, ("seed", "keep"))
    system.begin()
    here = data.to(place) if hasattr(data, "to") else data
    few = min(settings.batch // world()[1], LOOKED_AT)
    system.check(here, few, make_streams(streams, seed, place))
    fit_method(settings.method, system, here, few, make_streams(streams, seed, place))
    run = Run(system, here, drawn, settings)
    if resume and settings.checkpoint is not None and settings.checkpoint.exists():
        run.restore(settings.checkpoint)
    return run.train(max(0, steps - run.step))


def _check_path(path: Path | None, resume: bool) -> None:
    if path is None and resume:
        raise ValueError("resume=True needs checkpoint=PATH, the file to go on from.")
    if path is not None and path.exists() and not resume:
        raise ValueError(
            f"there is a checkpoint at {path} already: pass resume=True to go on from it, or choose another path."
        )
