"""The process that test_checkpoint kills. Importing it warms PyTorch up, once for all the processes forked off it."""

from __future__ import annotations

from typing import Any

import torch

import gan_lab
from gan_lab import data, zoo

TARGET = data.gaussian(2.0, 0.5)


def begin(steps: int, **options: Any) -> gan_lab.Run:
    return gan_lab.train(zoo.r1_gan(hidden=(8,)), TARGET, steps, batch=16, seed=2, device="cpu", **options)


def work(path: str, steps: int) -> None:
    begin(steps, checkpoint=path, resume=True, save_every=3, ema=0.99)


torch.set_num_threads(1)
begin(1)
