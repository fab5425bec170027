"""One process of several that train one GAN; imported once, then forked."""

from __future__ import annotations

import signal
from typing import Any

import torch
from torch import distributed

import gan_lab
from gan_lab import zoo
from gan_lab.train.shard import is_split

torch.set_num_threads(1)

STEPS = 6


def play(name: str, dtype: torch.dtype, steps: int = STEPS, **options: Any) -> gan_lab.Run:
    gan, data, _ = zoo.get(name).experiment()
    return gan_lab.train(gan.to(dtype), data, steps, batch=16, seed=4, device="cpu", **options)


def told_to_end(run: gan_lab.Run) -> None:
    """A callback, which only the first process calls: the scheduler's signal reaches that one alone."""
    if run.step == 13:
        signal.raise_signal(signal.SIGTERM)


def report(run: gan_lab.Run) -> dict[str, torch.Tensor]:
    """What must agree: weights, buffers and optimisers' state of the run, and its history."""
    state = {k: v.clone() for k, v in run.gan.state_dict().items() if not is_split(v)}
    return state | {"history": torch.tensor(run.history.to_numpy()), "samples": run.samples(5)}


def work(rank: int, processes: int, folder: str, name: str, options: dict[str, Any]) -> None:
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=processes)
    try:
        run = play(name, torch.float64, **options)
        torch.save(report(run), f"{folder}/{rank}.pt")
        distributed.barrier()
    finally:
        distributed.destroy_process_group()


play("gan", torch.float64)
