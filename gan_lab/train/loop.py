"""The loop of Goodfellow et al. 2014, Algorithm 1: for every step, each player in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from gan_lab._errors import unknown, whole_number
from gan_lab.data import Images
from gan_lab.gan import GAN, Data
from gan_lab.random import make_streams
from gan_lab.train.run import Metric, Run


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
) -> Run:
    """Train ``gan`` on ``data`` for ``steps`` steps; one step is k of the discriminator and one of the generator.

    This begins a *new* run: the networks get their weights from ``seed``, so that a cell run twice gives the same
    numbers twice. ``init="keep"`` starts from the weights they have. ``run.train(more)`` goes on with a run.

    batch: samples per loss. streams: "torch", or "page" for the very numbers of the engine in the published page.
    snapshots: how many times, evenly, the samples of one fixed noise are kept in ``run.snapshots``, besides step 0.
    metrics: name -> function of the run, evaluated every ``every`` steps into ``run.history``; ``callback(run)`` is
    called at the same steps. Raises ValueError for bad arguments and :class:`NonFiniteLoss` when a loss is NaN or
    infinite; a run stopped by Ctrl-C is returned as far as it got.
    """
    if not isinstance(gan, GAN):
        raise TypeError(f"train expects a gan_lab.GAN first, not {type(gan).__name__}.")
    if not hasattr(data, "draw"):
        raise TypeError(f"train expects data such as gan_lab.data.ring() or data.digits(), not {type(data).__name__}.")
    whole_number("steps", steps, 0)
    place = pick_device(device)
    gan.to(place)
    drawn = make_streams(streams, seed, place)
    if init == "seed":
        drawn.initialise(gan)
    elif init != "keep":
        raise unknown("init", init, ("seed", "keep"))
    held = data.to(place) if isinstance(data, Images) else data
    run = Run(
        gan, held, drawn,
        batch=whole_number("batch", batch, 1),
        metrics=dict(metrics or {}),
        every=whole_number("every", every, 1),
        snapshots=whole_number("snapshots", snapshots, 0),
        callback=callback,
    )  # fmt: skip
    return run.train(steps)
