"""Sixty-four toy GANs at once against sixty-four in turn: the cost of a step of all of them.

Two hidden layers of 32 tanh units, batch 256, the non-saturating loss, Adam. In turn means `gan_lab.train`, seed after
seed, with as many threads as torch likes or with one, whichever is faster. At once means `gan_lab.train_many`, eager
and compiled; a seed of it must end where its own single run does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

import gan_lab
from benchmarks.floor import bandwidth, matmul_peak
from benchmarks.result import Result
from gan_lab import data, zoo

BAR, AIM = 5.0, 10.0
SEEDS, UNITS, BATCH = 64, 32, 256
ROUNDS, SECONDS = 7, 1.5
AGREE_STEPS, AGREE = 20, 1e-3

# multiply-adds of one forward pass of a network for one sample; a step takes 12 of them (D: 1 of G, 2 of D, 4 back;
# G: 1 of G, 1 of D, 1 and 2 back)
PASS = UNITS + UNITS * UNITS + UNITS
STEP_FLOPS = 2 * 12 * PASS * BATCH


def game() -> tuple[gan_lab.GAN, data.Distribution]:
    return zoo.gan(hidden=(UNITS, UNITS)), data.mixture([-1.0, 2.0], [0.3, 0.5])


def seconds_a_step(train: Callable[[int], Any], piece: int, threads: int) -> float:
    torch.set_num_threads(threads)
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + SECONDS:
        train(piece)
        done += piece
    return (time.perf_counter() - start) / done


def disagreement(device: str, compile: bool) -> float:
    """The largest difference of a loss between a seed of many and its own single run."""
    many = gan_lab.train_many(
        *game(), AGREE_STEPS, seeds=range(SEEDS), batch=BATCH, device=device, compile=compile
    ).history
    worst = 0.0
    for seed in (0, SEEDS - 1):
        alone = gan_lab.train(*game(), AGREE_STEPS, seed=seed, batch=BATCH, device=device).history
        gap = many[many["seed"] == seed].reset_index(drop=True)[list(alone)] - alone
        worst = max(worst, float(gap.abs().max().max()))
    return worst


def measure() -> Result:
    """The figure is the ratio of the medians: 64 single steps to one step of all, eager; and compiled."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    likes = torch.get_num_threads()
    apart = max(disagreement(device, compile) for compile in (False, True))
    one = gan_lab.train(*game(), 10, batch=BATCH, device=device)
    at_once = {
        name: gan_lab.train_many(*game(), 5, seeds=range(SEEDS), batch=BATCH, device=device, compile=compile)
        for name, compile in (("at once, eager", False), ("at once, compiled", True))
    }
    sides: dict[str, tuple[Callable[[int], Any], int, int]] = {
        f"in turn, {threads} thread{'s' if threads > 1 else ''}": (one.train, 50, threads) for threads in {1, likes}
    } | {name: (many.train, 5, likes) for name, many in at_once.items()}
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            seeds = SEEDS if name.startswith("in turn") else 1
            taken[name].append(seeds * seconds_a_step(*side))
    torch.set_num_threads(likes)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    turn = min(value for name, value in medians.items() if name.startswith("in turn"))
    ratios = {name: turn / medians[name] for name in at_once}
    place = torch.device(device)
    peak, traffic = matmul_peak(place, torch.float32), bandwidth(place)
    floor = SEEDS * STEP_FLOPS / peak
    return Result(
        figure=f"{ratios['at once, eager']:.1f}x eager, {ratios['at once, compiled']:.1f}x compiled",
        bar=f"at least {BAR:g}x, aim {AIM:g}x",
        passed=max(ratios.values()) >= BAR and apart < AGREE,
        numbers={
            "ratio": ratios,
            "milliseconds_a_step_of_all": {name: round(1e3 * value, 2) for name, value in medians.items()},
            "disagreement": apart,
            "floor_milliseconds": round(1e3 * floor, 2),
            "matmul_peak_flops": round(peak),
            "bandwidth_bytes_per_second": round(traffic),
            "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
            "threads": likes,
            "torch": str(torch.__version__),
        },
        lines=(
            f"losses of {AGREE_STEPS} steps agree with the single runs within {apart:.0e}",
            *(f"{name}: {1e3 * value:.1f} ms a step of all {SEEDS}" for name, value in medians.items()),
            f"floor by arithmetic alone: {1e3 * floor:.1f} ms",
        ),
    )
