"""Recorded runs are played again, here: what agrees, what does not, and the runs of the book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_lab import runs, zoo
from tests.recorded_run import ROOT, TINY, change

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_first_steps_come_out_the_same(folder: Path) -> None:
    before = torch.get_num_threads()
    seen = runs.verify(runs.read(folder))
    assert seen.steps == 10 and seen.columns == ("loss_discriminator", "loss_generator") and seen.worst <= 1e-6
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("step", "by"), [(1, 3e-5), (10, 3e-4), (10, float("inf"))])
def test_a_changed_loss_is_found(folder: Path, step: int, by: float) -> None:
    def forge(content: dict[str, Any]) -> None:
        losses = content["history"]["loss_generator"]
        losses[step - 1] = None if by == float("inf") else losses[step - 1] + by

    true = runs.read(folder).history["loss_generator"].iloc[step - 1]
    change(folder, forge)
    with pytest.raises(runs.NotReproduced, match=f"loss_generator at step {step} is {true:.9g} here") as caught:
        runs.verify(runs.read(folder))
    error = caught.value
    assert (error.column, error.step) == ("loss_generator", step)
    assert error.here == pytest.approx(true) and (by == float("inf") or error.recorded == pytest.approx(true + by))
    assert error.tolerance == pytest.approx(1e-5 * 10 ** ((step - 1) / 10))


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 1},
        {"batch": 17},
        {"options": {"hidden": [9]}},
        {"data": {"name": "gaussian", "mean": 4.01, "std": 1.25}},
        {"system": "minimax_gan"},
        {"options": {"hidden": [8], "optimiser": {"lr": 1.1e-3, "betas": [0.5, 0.999]}}},
    ],
    ids=lambda c: next(iter(c)),
)
def test_a_changed_recipe_is_found(folder: Path, changed: dict[str, Any]) -> None:
    change(folder, lambda c: c["recipe"].update(changed))
    with pytest.raises(runs.NotReproduced, match="at step"):
        runs.verify(runs.read(folder))


def test_tolerances_are_looser_where_they_must_be(folder: Path) -> None:
    def nudge(content: dict[str, Any]) -> None:
        content["history"]["loss_generator"][0] += 5e-5

    change(folder, nudge)
    run = runs.read(folder)
    with pytest.raises(runs.NotReproduced, match="the same PyTorch and kind of device"):
        runs.verify(run)
    other = replace(run, versions={**run.versions, "torch": "2.11.0"})
    assert "recorded with PyTorch 2.11.0" in runs.verify(other).how
    build = replace(run, versions={**run.versions, "torch": torch.__version__.split("+")[0] + "+elsewhere"})
    with pytest.raises(runs.NotReproduced):  # another build of the same PyTorch
        runs.verify(build)


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
def test_a_run_of_a_gpu_is_compared_on_average(folder: Path) -> None:
    """The stated limit: another kind of device draws other numbers."""
    run = runs.read(folder)
    gpu = replace(run, hardware={**run.hardware, "device": "cuda", "gpu": "a GPU"})
    seen = runs.verify(gpu)
    assert seen.how == "averages, on another kind of device" and seen.tolerance == 0.25
    wrong = {**gpu.columns, "loss_generator": [9.0] * len(gpu.columns["step"])}
    with pytest.raises(runs.NotReproduced, match="averaged over the first 10 steps"):
        runs.verify(replace(gpu, columns=wrong))


def test_bf16_has_a_tolerance_of_its_own(tmp_path: Path) -> None:
    run = runs.record(replace(TINY, precision="bf16", steps=5, snapshots=0), tmp_path / "half", device="cpu")
    assert [f.step for f in run.frames] == [0, 5]
    seen = runs.verify(run)
    assert seen.how.startswith("bf16") and seen.worst <= 1e-6


def test_a_run_without_losses_is_not_verified(folder: Path) -> None:
    run = runs.read(folder)
    with pytest.raises(runs.NotReproduced, match="it holds no losses"):
        runs.verify(replace(run, columns={"step": run.columns["step"]}))
    other = {"loss_encoder": run.columns["loss_generator"], "step": run.columns["step"]}
    with pytest.raises(runs.NotReproduced, match="loss_encoder is in its history, but not in ours"):
        runs.verify(replace(run, columns=other))


# -- the book's -------------------------------------------------------------------------------------------------------

RECORDED = sorted(folder.parent for folder in (ROOT / "book" / "recorded").glob("*/run.json"))
GENERATORS = sorted((ROOT / "book" / "recorded").glob("*/generator.js"))  # verified in test_runs_generator.py


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_every_run_of_the_book_is_what_it_says(folder: Path) -> None:
    run = runs.read(folder)
    seen = runs.verify(run)
    assert seen.steps >= 50 and len(seen.columns) >= 2
    assert run.versions["commit"] and not run.versions["commit"].endswith("+"), "recorded from sources nobody else has"
    assert {f.name for f in folder.iterdir()} == {
        "run.json", *(f.file for f in run.frames), *([run.real.file] if run.real else [])
    }  # fmt: skip


def test_the_register_names_the_runs_of_the_book() -> None:
    named = {entry.recorded: entry.name for entry in zoo.REGISTRY.values() if entry.recorded}
    made = {folder.name: runs.read(folder).recipe.system for folder in RECORDED}
    made |= {file.parent.name: runs.read_generator(file).recipe.system for file in GENERATORS}
    assert made == named, "zoo.register(recorded=...) names each once"
    folders = {f.name for f in (ROOT / "book" / "recorded").iterdir()}
    assert folders == set(named), "something else lies in book/recorded"
