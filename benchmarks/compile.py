"""The plain step against the compiled one, for a toy, a toy with a second derivative, and the digits' perceptron."""

from __future__ import annotations

import statistics
import time

import torch

import gan_lab
from benchmarks.result import Result
from gan_lab import data, zoo
from gan_lab.gan import GAN, Data

ROUNDS, SECONDS = 5, 2.0
AGREE_STEPS, AGREE = 10, 1e-3
BAR = 1.0  # compiling must not cost steps where it is offered; what it gains is what this measures


def systems() -> dict[str, tuple[GAN, Data, int]]:
    """Name -> (GAN, data, batch)."""
    return {
        "gan, 2 x 32 units": (zoo.gan(hidden=(32, 32)), data.gaussian(4.0, 1.25), 256),
        "wgan_gp, 2 x 32 units": (zoo.wgan_gp(hidden=(32, 32)), data.gaussian(4.0, 1.25), 256),
        "mlp_gan, digits": (zoo.mlp_gan(), data.digits("embedded"), 64),
    }


def steps_a_second(run: gan_lab.Run) -> float:
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + SECONDS:
        run.train(20)
        done += 20
    if run.gan.parameter.device.type == "cuda":
        torch.cuda.synchronize()
    return done / (time.perf_counter() - start)


def measure() -> Result:
    """The figure is the least ratio over the systems, compiled to plain; the seconds of compiling are told apart."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    numbers: dict[str, dict[str, float]] = {}
    for name in systems():
        runs = {}
        for kind in ("plain", "compiled"):
            gan, held, batch = systems()[name]
            start = time.perf_counter()
            runs[kind] = gan_lab.train(
                gan, held, AGREE_STEPS, batch=batch, device=device, compile=kind == "compiled"
            )
            if kind == "compiled":
                compiling = time.perf_counter() - start
        losses = ["loss_discriminator", "loss_generator"]
        apart = float((runs["plain"].history[losses] - runs["compiled"].history[losses]).abs().max().max())
        speeds: dict[str, list[float]] = {kind: [] for kind in runs}
        for _ in range(ROUNDS):
            for kind, run in runs.items():
                speeds[kind].append(steps_a_second(run))
        medians = {kind: statistics.median(values) for kind, values in speeds.items()}
        numbers[name] = {
            "ratio": medians["compiled"] / medians["plain"],
            "plain_steps_per_second": medians["plain"],
            "compiled_steps_per_second": medians["compiled"],
            "first_steps_seconds": compiling,
            "disagreement": apart,
        }
    least = min(row["ratio"] for row in numbers.values())
    return Result(
        figure=", ".join(f"{name} {row['ratio']:.2f}x" for name, row in numbers.items()),
        bar=f"at least {BAR:g}x each",
        passed=least >= BAR and all(row["disagreement"] < AGREE for row in numbers.values()),
        numbers={
            "systems": numbers,
            "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
            "threads": torch.get_num_threads(),
            "torch": str(torch.__version__),
        },
        lines=tuple(
            f"{name}: {row['plain_steps_per_second']:.0f} -> {row['compiled_steps_per_second']:.0f} steps/s, the first "
            f"{AGREE_STEPS} steps {row['first_steps_seconds']:.0f} s, losses within {row['disagreement']:.0e}"
            for name, row in numbers.items()
        ),
    )
