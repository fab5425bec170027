"""Recorded runs: what is kept of a run, and reading what others wrote."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from gan_lab import data, runs
from gan_lab.metrics import energy_distance
from gan_lab.runs import machine, pictures, record, verify
from gan_lab.runs.record import thin
from tests.recorded_run import ROOT, TINY, change, contents

reading = sys.modules["gan_lab.runs.read"]


pytestmark = pytest.mark.usefixtures("one_thread")


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_a_recorded_run_says_how_it_was_made(folder: Path) -> None:
    run = runs.read(folder)
    assert run.recipe == TINY and run.kind == "line" and run.verify_steps == 10
    assert run.hardware == {"device": "cpu", "cpu": machine._processor(), "gpu": None, "threads": 1}
    assert run.versions["torch"] == torch.__version__ and run.versions["gan_lab"] == "0.1.0"
    assert len(run.versions["commit"].rstrip("+")) >= 12
    assert pd.Timestamp(run.date).tz is not None and run.date.endswith("Z")
    assert 0 < run.seconds < 60 and run.frames[-1].seconds == pytest.approx(run.seconds, abs=0.002)
    assert [f.step for f in run.frames] == [0, 10, 20, 30] and run.real is None
    assert sorted(contents(folder)) == ["run.json", *(f"step-{step:02}.webp" for step in (0, 10, 20, 30))]
    assert "Recorded(gan on gaussian, 30 steps" in repr(run)
    assert str(ROOT) not in (folder / "run.json").read_text() and str(Path.home()) not in run.command


def test_the_history_and_the_scores_are_those_of_the_run(folder: Path) -> None:
    run, again = runs.read(folder), TINY.train("cpu")
    pd.testing.assert_frame_equal(run.history.iloc[:10], again.history.iloc[:10], check_exact=True)
    pd.testing.assert_frame_equal(run.history, again.history, rtol=1e-5)
    real, other = (TINY.load_data().sample(1_000, torch.Generator().manual_seed(seed)) for seed in (0, 1))
    assert run.scores["score"].iloc[-1] == pytest.approx(energy_distance(again.samples(5_000)[:1_000], real), rel=1e-5)
    assert run.floor == pytest.approx(energy_distance(other, real), rel=1e-5)


def test_the_command_makes_the_run_again(tmp_path: Path) -> None:
    recipe = replace(TINY, options={"hidden": [4], "activation": "relu"}, steps=4, snapshots=1, ema=0.5)
    run = runs.record(recipe, tmp_path / "it's", device="cpu")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    there = tmp_path / "there"
    there.mkdir()
    command = run.command.replace("python", sys.executable, 1)
    subprocess.run(["bash", "-c", command], cwd=there, env=environment, check=True, timeout=120)
    again = runs.read(there / "it's")
    assert again.recipe == recipe and again.history.equals(run.history)
    assert runs.record(recipe, tmp_path / "b", device="cpu", command="gan-lab record").command == "gan-lab record"


def test_a_long_history_is_thinned_and_its_beginning_is_not() -> None:
    values = np.random.default_rng(0).normal(size=20_000)
    table = pd.DataFrame({"step": np.arange(1, 20_001), "loss_generator": values, "metric": np.nan})
    table.loc[99, "metric"] = 1.5
    kept = thin(table, 50)
    assert kept["step"][:50] == list(range(1, 51)) and kept["step"][-1] == 20_000 and 400 <= len(kept["step"]) <= 451
    assert kept["loss_generator"][:50] == values[:50].tolist()
    rows = np.array(kept["step"]) - 1
    np.testing.assert_allclose(kept["loss_generator"], values[rows], rtol=1e-5)
    assert kept["metric"][0] is None and len(json.dumps(kept)) < 30_000
    assert thin(table.iloc[:3], 50)["step"] == [1, 2, 3]


# -- the pictures -----------------------------------------------------------------------------------------------------


def opened(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "WEBP"
        return np.asarray(picture.convert("RGB")).astype(int)


def test_images_lie_in_rows() -> None:
    images = data.Images(torch.zeros(1, 1, 28, 28, dtype=torch.uint8), name="squares")
    paint = pictures.painter(images)
    assert (paint.kind, paint.n) == ("images", 64) and "8 rows of 8" in paint.words
    samples = torch.full((64, 1, 28, 28), -1.0)
    samples[8 * 2 + 5] = 1.0  # third row, sixth column
    samples[63] = 7.0  # beyond white is white
    sheet = opened(paint.paint(samples))
    assert sheet.shape == (224, 224, 3)
    tiles = sheet[..., 0].reshape(8, 28, 8, 28).mean((1, 3))
    assert [tuple(t) for t in np.argwhere(tiles > 250)] == [(2, 5), (7, 7)] and (tiles < 5).sum() == 62
    colour = pictures.painter(data.Images(torch.zeros(1, 3, 64, 64, dtype=torch.uint8)))
    assert colour.n == 16 and opened(colour.paint(torch.rand(16, 3, 64, 64) * 2 - 1)).shape == (256, 256, 3)


def near(picture: np.ndarray, colour: str) -> int:
    """How many pixels have about this colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(picture - wanted).max(-1) < 40).sum())


def test_points_are_drawn_over_the_data() -> None:
    ring = data.ring()
    paint = pictures.painter(ring)
    assert (paint.kind, paint.n) == ("plane", 1_000)
    far, covering = opened(paint.paint(torch.full((1_000, 2), 50.0))), opened(paint.paint(ring.sample(1_000)))
    assert near(far, pictures.REAL) > 200 > near(far, pictures.GENERATOR)
    assert near(covering, pictures.GENERATOR) > 200


def test_a_histogram_stands_against_the_exact_density() -> None:
    paint = pictures.painter(data.gaussian(2.0, 0.5))
    samples = (data.gaussian(2.0, 0.5).sample(5_000), torch.zeros(5_000, 1))
    right, empty = (opened(paint.paint(made)) for made in samples)
    for picture in (right, empty):
        assert near(picture, pictures.REAL) > 200
    green = (right[..., 1] - right[..., 0] > 30).sum(0)  # the histogram's height at each column of pixels
    assert 200 < green.argmax() < 270 and green.max() > 100


def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(ValueError, match="images of 1 or 3 channels, or data of 1 or 2 dimensions"):
        pictures.painter(data.StandardNormal(5))
    with pytest.raises(ValueError, match="images of 1 or 3 channels"):
        pictures.painter(data.Images(torch.zeros(2, 2, 8, 8, dtype=torch.uint8)))


def test_show_is_a_figure(folder: Path) -> None:
    left, right = runs.read(folder).show().axes
    assert left.get_title() == "step 30" and "recorded on" in right.get_title() and len(right.lines) == 2


# -- reading what others wrote ----------------------------------------------------------------------------------------


def drop(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(name)


def put(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update({name: value})


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (put("version", 2), "written by a newer gan_lab (version 2 of the format, here 1): update gan_lab"),
        (put("version", "1"), "has the version '1'"),
        (put("version", True), "has the version True"),
        (put("format", "something else"), "is no recorded run"),
        (put("comand", "x"), "unknown field 'comand': did you mean 'command'"),
        (drop("history"), "lacks history"),
        (drop("frames"), "lacks frames"),
        (lambda c: c["recipe"].update(stepps=1), "unknown field of a recipe 'stepps': did you mean 'steps'"),
        (lambda c: c["recipe"].update(steps=29), "the history ends at step 30, the recipe at 29"),
        (put("frames", []), "the pictures do not go from step 0"),
        (put("frames", "none"), "frames is 'none', but should be list"),
        (lambda c: c["frames"].pop(), "the pictures do not go from step 0 to the last"),
        (lambda c: c["frames"][1].update(step="10"), "step is '10', but should be int"),
        (lambda c: c["frames"][1].update(file="../../secrets.webp"), "is not a name such as"),
        (lambda c: c["frames"][1].update(file="/etc/passwd"), "is not a name such as"),
        (lambda c: c["frames"][1].update(more=1), "a frame has the fields"),
        (lambda c: c["history"].pop("step"), "no column step"),
        (lambda c: c["history"]["loss_generator"].pop(), "has 29 rows, step has 30"),
        (lambda c: c["history"]["loss_generator"].__setitem__(3, "low"), "'low', but should be a number"),
        (lambda c: c["history"]["step"].__setitem__(3, 3), "do not rise one by one"),
        (lambda c: c["history"]["step"].__setitem__(3, None), "should be a number"),
        (put("verify_steps", 0), "the first 0 steps"),
        (put("verify_steps", 31), "the first 31 steps"),
        (put("seconds", "long"), "seconds is 'long'"),
        (put("command", 7), "command is 7"),
        (put("hardware", None), "hardware is None"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, how: Any, words: str) -> None:
    change(folder, how)
    with pytest.raises(runs.RecordError) as caught:
        runs.read(folder)
    assert words in str(caught.value) and str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_a_torn_file_is_said(folder: Path) -> None:
    whole = (folder / "run.json").read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 3):
        (folder / "run.json").write_bytes(whole[:length])
        with pytest.raises(runs.RecordError, match="is torn or damaged"):
            runs.read(folder)
    for odd in (b"\xff\xfe", b"[" * 100_000, b"[1, 2]", b"null"):
        (folder / "run.json").write_bytes(odd)
        with pytest.raises(runs.RecordError, match=r"is torn or damaged|is no recorded run"):
            runs.read(folder)


def test_a_changed_or_missing_picture_is_said(folder: Path) -> None:
    picture = folder / "step-10.webp"
    content = bytearray(picture.read_bytes())
    content[len(content) // 2] ^= 1
    picture.write_bytes(content)
    with pytest.raises(runs.RecordError, match="step-10.webp is not the one that was recorded"):
        runs.read(folder)
    picture.unlink()
    with pytest.raises(runs.RecordError, match="step-10.webp is missing"):
        runs.read(folder)


@pytest.mark.parametrize("name", ["run.json", "step-30.webp"])
def test_a_named_pipe_keeps_nobody_waiting(name: str, folder: Path) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(runs.RecordError, match="named pipe"):
        runs.read(folder)
    if name == "run.json":
        os.mkfifo(folder / "g.js")
        with pytest.raises(runs.RecordError, match="named pipe"):
            runs.read_generator(folder / "g.js")


def test_nothing_there_and_too_much_there_are_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(runs.RecordError, match="holds no recorded run: there is no run.json"):
        runs.read(tmp_path / "nowhere")
    large = (folder / "step-30.webp").read_bytes() + bytes(reading.LIMIT)
    (folder / "step-30.webp").write_bytes(large)
    change(folder, lambda c: c["frames"][-1].update(sha256=hashlib.sha256(large).hexdigest()))
    with pytest.raises(runs.RecordError, match="at most 500,000"):
        runs.read(folder)
    with (folder / "run.json").open("a") as file:
        file.write(" " * reading.LIMIT)
    with pytest.raises(runs.RecordError, match="at most 500,000"):
        runs.read(folder)


def test_names_are_public() -> None:
    assert runs.record is record and runs.verify is verify and set(runs.__all__) <= set(vars(runs))
