"""The engine in the page against PyTorch eager on the same processor: D + G steps a second, taken in turns.

Both play the same game: networks of two hidden layers of 32 tanh units, batch 256, the non-saturating loss, Adam. The
engine runs in headless Chromium. PyTorch runs gan_lab's own loop and a plain one, each with as many threads as torch
likes and with one; the best of the four is what the engine is held to.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import softplus

import gan_lab
from benchmarks.browser import chromium
from benchmarks.node import build_engine
from benchmarks.result import Result
from gan_lab import data
from gan_lab.nets import MLP
from gan_lab.optim import Adam

BAR = 4.0
ROUNDS = 7
SECONDS = 1.0  # each side, each round
UNITS, BATCH, RATE = 32, 256, 1e-3

SPEC = {
    "generator": {"sizes": [1, UNITS, UNITS, 1], "activation": "tanh"},
    "discriminator": {"sizes": [1, UNITS, UNITS, 1], "activation": "tanh"},
    "loss": "non_saturating",
    "optimisers": {p: {"name": "adam", "lr": RATE} for p in ("generator", "discriminator")},
    "batch": BATCH,
    "target": {"name": "gaussian", "mean": 4.0, "std": 1.25},
    "prior": {"name": "gaussian"},
}

# steps for the given time, in pieces; gives steps a second
PAGE = """
(seconds) => {
  const start = performance.now();
  let steps = 0;
  do { engine.step(20); steps += 20; } while (performance.now() < start + 1000 * seconds);
  return 1000 * steps / (performance.now() - start);
}
"""

Steps = Callable[[int], None]


def own_loop() -> Steps:
    """gan_lab.train, going on with one run."""
    gan = gan_lab.GAN(MLP(1, 1, hidden=(UNITS, UNITS)), MLP(1, 1, hidden=(UNITS, UNITS)), optimisers=Adam(RATE))
    run = gan_lab.train(gan, data.gaussian(4.0, 1.25), steps=0, batch=BATCH, device="cpu")

    def steps(n: int) -> None:
        run.train(n)

    return steps


def plain_loop() -> Steps:
    """As little as PyTorch needs: one call of D on real and generated samples together, fused Adam."""

    def net() -> nn.Module:
        return nn.Sequential(nn.Linear(1, UNITS), nn.Tanh(), nn.Linear(UNITS, UNITS), nn.Tanh(), nn.Linear(UNITS, 1))

    g, d = net(), net()
    adam_g, adam_d = (torch.optim.Adam(n.parameters(), RATE, fused=True) for n in (g, d))

    def steps(n: int) -> None:
        for _ in range(n):
            with torch.no_grad():
                fake = g(torch.randn(BATCH, 1))
            score = d(torch.cat([4 + 1.25 * torch.randn(BATCH, 1), fake]))
            loss = softplus(-score[:BATCH]).mean() + softplus(score[BATCH:]).mean()
            adam_d.zero_grad()
            loss.backward()
            adam_d.step()
            d.requires_grad_(False)
            loss = softplus(-d(g(torch.randn(BATCH, 1)))).mean()
            adam_g.zero_grad()
            loss.backward()
            adam_g.step()
            d.requires_grad_(True)

    return steps


def speed(steps: Steps, threads: int) -> float:
    """Steps a second, over about SECONDS."""
    torch.set_num_threads(threads)
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + SECONDS:
        steps(5)
        done += 5
    return done / (time.perf_counter() - start)


def measure() -> Result:
    """Every side in turn, ROUNDS times; the figure is the ratio of the medians, engine to the best of PyTorch."""
    likes = torch.get_num_threads()
    sides = {
        f"{name}, {threads} thread{'s' if threads > 1 else ''}": (loop(), threads)
        for name, loop in (("gan_lab.train", own_loop), ("plain PyTorch", plain_loop))
        for threads in sorted({1, likes})
    }
    engine = "engine in Chromium"
    speeds: dict[str, list[float]] = {side: [] for side in (engine, *sides)}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        build_engine(Path(folder))
        page = browser.new_page()
        page.add_script_tag(path=str(Path(folder) / "engine.js"))
        backend = page.evaluate("(spec) => (window.engine = GanLabEngine.createEngine(spec)).backend", SPEC)
        version = browser.version
        page.evaluate(PAGE, SECONDS)  # warm up: the compilers of both sides
        for loop, threads in sides.values():
            speed(loop, threads)
        for _ in range(ROUNDS):
            speeds[engine].append(page.evaluate(PAGE, SECONDS))
            for side, (loop, threads) in sides.items():
                speeds[side].append(speed(loop, threads))
    torch.set_num_threads(likes)
    medians = {side: statistics.median(values) for side, values in speeds.items()}
    best = max(sides, key=lambda side: medians[side])
    ratio = medians[engine] / medians[best]
    lines = [f"{side}: {median:,.0f} steps/s" for side, median in medians.items()]
    return Result(
        figure=f"{ratio:.1f}x",
        bar=f"at least {BAR:g}x",
        passed=ratio >= BAR and backend == "wasm",
        numbers={
            "ratio": ratio,
            "steps_per_second": {side: round(median) for side, median in medians.items()},
            "fastest_round": {side: round(max(values)) for side, values in speeds.items()},
            "backend": backend,
            "chromium": version,
            "torch": torch.__version__,
        },
        lines=(f"Chromium {version}, backend {backend}; the best of PyTorch: {best}", *lines),
    )


def main() -> None:
    """Prints the measurement and stores nothing."""
    result = measure()
    print(*result.lines, f"engine: {result.figure} (bar {result.bar})", sep="\n")


if __name__ == "__main__":
    main()
