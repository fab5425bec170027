"""The loop of Goodfellow et al. 2014, Algorithm 1: for every step, each player in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from gan_lab._errors import unknown, whole_number
from gan_lab.data import Images
from gan_lab.gan import GAN, Data
from gan_lab.random import make_streams
from gan_lab.train.run import Metric, Run, Settings
from gan_lab.train.shard import world

PRECISIONS = ("float32", "bf16")


def pick_device(device: str | torch.device) -> torch.device:
    """The device by name; "auto" is the GPU where there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = torch.device(device)
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device is {device!r}, but PyTorch sees no GPU here: use device='cpu' or 'auto'.")
    return chosen


def train(
    gan: GAN,
    data: Data,
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
    ema: float | None = None,
    compile: bool = False,
    fsdp: bool = False,
    progress: bool = False,
    checkpoint: str | Path | None = None,
    save_every: int = 1_000,
    resume: bool = False,
    recipe: dict[str, Any] | None = None,
) -> Run:
    """Train ``gan`` on ``data`` for ``steps`` steps; one step is k of the discriminator and one of the generator.

    This begins a *new* run: the networks get their weights from ``seed``, so that a cell run twice gives the same
    numbers twice. ``init="keep"`` starts from the weights they have. ``run.train(more)`` goes on with a run.

    batch: samples per loss, of all processes together. streams: "torch", or "page" for the very numbers of the engine
    in the published page. snapshots: how many times, evenly, the samples of one fixed noise are kept in
    ``run.snapshots``, besides step 0. metrics: name -> function of the run, evaluated every ``every`` steps into
    ``run.history``; ``callback(run)`` is called at the same steps.

    precision: "float32" (whatever type the networks have), or "bf16": products in bfloat16 by autocast, weights and
    losses in float32. ema: decay a step of a moving average of the generator, ``run.ema``, which then makes the
    samples (0.999 halves an old weight's part in 693 steps). compile: the whole step by ``torch.compile``, a CUDA
    graph on a GPU; worth it from some thousand steps on. progress: a progress bar.

    checkpoint: a file written every ``save_every`` steps and at the end; with ``resume`` the run goes on from it, up to
    ``steps`` in all, or begins where there is none. recipe: JSON kept in it, to say what the run was made from.

    Under ``torchrun`` (after :func:`gan_lab.train.join`) every process takes its share of each batch; N processes take
    the steps of one. fsdp: split the generator's weights over them, for one that is larger than a device; metrics and
    callbacks then run in every process. Raises ValueError for bad arguments, :class:`CheckpointError` for a checkpoint
    that cannot be used, and :class:`NonFiniteLoss` when a loss is NaN or infinite; a run stopped by Ctrl-C is returned
    as far as it got.
    """
    if not isinstance(gan, GAN):
        raise TypeError(f"train expects a gan_lab.GAN first, not {type(gan).__name__}.")
    if not hasattr(data, "draw"):
        raise TypeError(f"train expects data such as gan_lab.data.ring() or data.digits(), not {type(data).__name__}.")
    whole_number("steps", steps, 0)
    settings = Settings(
        batch=whole_number("batch", batch, 1),
        metrics=dict(metrics or {}),
        every=whole_number("every", every, 1),
        snapshots=whole_number("snapshots", snapshots, 0),
        callback=callback,
        precision=precision,
        ema=ema,
        compile=compile,
        fsdp=fsdp,
        progress=progress,
        checkpoint=None if checkpoint is None else Path(checkpoint),
        save_every=whole_number("save_every", save_every, 1),
        recipe=recipe,
    )
    _check(settings, resume)
    place = pick_device(device)
    gan.to(place)
    if place.type == "cuda":
        gan.to(memory_format=torch.channels_last)  # only images' weights have a format: convolutions are faster in it
    drawn = make_streams(streams, seed, place)
    if init == "seed":
        drawn.initialise(gan)
    elif init != "keep":
        raise unknown("init", init, ("seed", "keep"))
    run = Run(gan, data.to(place) if isinstance(data, Images) else data, drawn, settings)
    if resume and settings.checkpoint is not None and settings.checkpoint.exists():
        run.restore(settings.checkpoint)
    return run.train(max(0, steps - run.step))


def _check(settings: Settings, resume: bool) -> None:
    if settings.precision not in PRECISIONS:
        raise unknown("precision", settings.precision, PRECISIONS)
    if settings.ema is not None and not 0 <= settings.ema < 1:
        raise ValueError(f"ema is {settings.ema}: a decay a step must be in [0, 1), such as 0.999.")
    if settings.batch % (processes := world()[1]):
        raise ValueError(
            f"batch is {settings.batch}, which {processes} processes cannot share equally: choose a multiple."
        )
    if settings.fsdp and settings.compile:
        raise ValueError("fsdp=True gathers weights layer by layer, which compile=True cannot capture: choose one.")
    path = settings.checkpoint
    if path is None and resume:
        raise ValueError("resume=True needs checkpoint=PATH, the file to go on from.")
    if path is not None and path.exists() and not resume:
        raise ValueError(
            f"there is a checkpoint at {path} already: pass resume=True to go on from it, or choose another path."
        )
