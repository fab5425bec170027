"""A tiny recorded run for the tests that do harm to one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch

from gan_lab import runs

ROOT = Path(__file__).parent.parent
TINY = runs.Recipe(options={"hidden": [8]}, steps=30, batch=16, snapshots=3)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@cache
def _files() -> dict[str, bytes]:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tiny"
        runs.record(TINY, folder, device="cpu", verify_steps=10)
        return contents(folder)


def lay(folder: Path) -> Path:
    """A fresh copy of the run of TINY in `folder`."""
    folder.mkdir(parents=True)
    for name, content in _files().items():
        (folder / name).write_bytes(content)
    return folder


def change(folder: Path, how: Callable[[dict[str, Any]], object]) -> None:
    """Does something to the object in run.json."""
    file = folder / "run.json"
    content = json.loads(file.read_text())
    how(content)
    file.write_text(json.dumps(content))
