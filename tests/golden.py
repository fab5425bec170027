"""The losses of every system's minimal experiment, kept. `python -m tests.golden` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path

import gan_lab
from gan_lab import zoo

FILE = Path(__file__).with_suffix(".json")
STEPS, SEED = 20, 0


def curves(entry: zoo.Entry) -> dict[str, list[float]]:
    """All losses of the entry's experiment over STEPS steps, in float64."""
    gan, data, _ = entry.experiment()
    history = gan_lab.train(gan.double(), data, STEPS, batch=16, seed=SEED, device="cpu").history
    losses = [column for column in history if column.startswith("loss_")]
    return {column: [float(f"{value:.10g}") for value in history[column]] for column in losses}


def main() -> None:
    """Writes the file."""
    kept = {entry.name: curves(entry) for entry in zoo.REGISTRY.values()}
    FILE.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
