"""A run is never lost: checkpoints are whole or not there, resume is never having stopped, nobody's file runs code."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import pickle
import random
import signal
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import CheckpointError, data, zoo
from gan_lab.optim import Adam
from gan_lab.train import checkpoint
from tests.killed_worker import TARGET, begin, work

KILLS = 50


def weights(gan: gan_lab.GAN) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in gan.parameters()])


def whole(**options: Any) -> dict[str, Any]:
    return {"snapshots": 4, "metrics": {"mean": lambda run: float(run.samples(8).mean())}, "every": 5, **options}


@pytest.mark.parametrize("options", [{}, {"ema": 0.9}, {"precision": "bf16"}, {"streams": "page"}], ids=str)
def test_resumed_is_never_stopped(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "run.gan"
    unbroken = begin(40, **whole(**options))
    begin(20, **whole(**options), checkpoint=path)
    resumed = begin(40, **whole(**options), checkpoint=path, resume=True)
    assert resumed.step == 40 and torch.equal(weights(resumed.gan), weights(unbroken.gan))
    assert resumed.history.equals(unbroken.history)
    assert torch.equal(resumed.samples(16), unbroken.samples(16))
    if "ema" in options:
        assert resumed.ema is not None
        assert not torch.equal(resumed.samples(16), resumed.gan.sample(16))
    # the snapshots so far are kept, and asked for in equal parts of what is left
    assert [step for step, _ in resumed.snapshots] == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    for step, samples in unbroken.snapshots:
        assert torch.equal(samples, dict(resumed.snapshots)[step])


def test_the_digits_resume_with_batch_norm_bit_for_bit(tmp_path: Path) -> None:
    digits, path = data.digits("embedded"), tmp_path / "digits.gan"
    unbroken = gan_lab.train(zoo.mlp_gan(), digits, 6, batch=8, device="cpu", ema=0.9)
    gan_lab.train(zoo.mlp_gan(), digits, 3, batch=8, device="cpu", ema=0.9).save(path)
    resumed = gan_lab.train(zoo.mlp_gan(), digits, 6, batch=8, device="cpu", ema=0.9, checkpoint=path, resume=True)
    for name, value in unbroken.gan.state_dict().items():
        assert torch.equal(value, resumed.gan.state_dict()[name]), name
    assert torch.equal(unbroken.samples(4), resumed.samples(4))


def test_what_the_checkpoint_holds(tmp_path: Path) -> None:
    run = begin(3, recipe={"system": "r1_gan"})
    run.save(tmp_path / "deep" / "run.gan")
    state = checkpoint.read(tmp_path / "deep" / "run.gan")
    assert state["recipe"] == {"system": "r1_gan"} and state["step"] == 3
    assert state["versions"]["torch"] == torch.__version__ and state["versions"]["gan_lab"] == gan_lab.__version__
    assert os.listdir(tmp_path / "deep") == ["run.gan"]


def test_numbers_of_numpy_dates_and_paths_do_not_spoil_a_checkpoint(tmp_path: Path) -> None:
    def train(steps: int, **options: Any) -> gan_lab.Run:
        system = zoo.r1_gan(hidden=(8,), optimiser=Adam(np.float64(1e-3), betas=(np.float32(0.5), 0.9)))
        return gan_lab.train(system, TARGET, steps, batch=16, device="cpu", ema=np.float64(0.9), **options)

    recipe = {"made": datetime.date(2026, 11, 25), "at": tmp_path, "n": np.int64(3)}
    train(3, checkpoint=tmp_path / "run.gan", recipe=recipe)
    assert checkpoint.read(tmp_path / "run.gan")["recipe"] == {"made": "2026-11-25", "at": str(tmp_path), "n": 3}
    resumed = train(6, checkpoint=tmp_path / "run.gan", resume=True)
    assert torch.equal(weights(resumed.gan), weights(train(6).gan))


def test_a_second_run_does_not_overwrite_the_first(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"
    begin(3, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="pass resume=True"):
        begin(3, checkpoint=path)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="needs checkpoint=PATH"):
        begin(3, resume=True)


def test_another_run_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"
    begin(3, checkpoint=path)
    other = gan_lab.train(zoo.r1_gan(hidden=(9,)), TARGET, 0, batch=16, seed=2)
    before = weights(other.gan)
    with pytest.raises(CheckpointError, match="of another run: its generator"):
        other.restore(path)
    assert torch.equal(before, weights(other.gan))
    for changed, name in (({"seed": 3}, "seed"), ({"batch": 8}, "batch"), ({"ema": 0.5}, "ema")):
        options = {"batch": 16, "seed": 2} | changed
        with pytest.raises(CheckpointError, match=f"its {name} is"):
            gan_lab.train(zoo.r1_gan(hidden=(8,)), TARGET, 9, checkpoint=path, resume=True, **options)


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def test_every_damaged_file_is_said_so_and_none_runs_code(tmp_path: Path) -> None:
    good = tmp_path / "good.gan"
    begin(3).save(good)
    content = good.read_bytes()
    bad = tmp_path / "bad.gan"

    def refused(damaged: bytes, message: str) -> None:
        bad.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=message):
            checkpoint.read(bad)

    with pytest.raises(CheckpointError, match="no checkpoint at"):
        checkpoint.read(tmp_path / "none.gan")
    with pytest.raises(CheckpointError, match="could not be read"):
        checkpoint.read(tmp_path)
    refused(b"", "not a checkpoint")
    refused(b"PK\x03\x04 something else", "not a checkpoint")
    for cut in range(20, len(content), len(content) // 25):
        refused(content[:cut], "torn or damaged|not a checkpoint")
    rng = random.Random(0)
    for _ in range(25):
        at = rng.randrange(len(checkpoint.MAGIC), len(content))
        refused(content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :], "torn or damaged")
    # a file with the right sum, but made to run code when it is unpickled
    trap = tmp_path / "trap"
    for payload in (pickle.dumps({"format": 1, "x": Evil(trap)}), _saved({"format": 1, "x": Evil(trap)})):
        refused(_sealed(payload), "never loaded")
    assert not trap.exists()
    refused(_sealed(_saved({"format": 99, "versions": {"gan_lab": "9.9"}})), "format 99.*update gan_lab.*version 9.9")
    refused(_sealed(_saved([1, 2])), "no format number")


def _saved(thing: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def _sealed(payload: bytes) -> bytes:
    import hashlib

    return checkpoint.MAGIC + hashlib.sha256(payload).hexdigest().encode() + b"\n" + payload


def test_a_full_disk_costs_the_checkpoint_and_neither_the_run_nor_the_last_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.gan"
    begin(3).save(path)
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="No space left on device.*make room"):
        begin(5).save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run.gan"]
    with pytest.warns(UserWarning, match="No space left"):
        run = begin(12, checkpoint=path, resume=True, save_every=4)
    assert run.step == 12 and path.read_bytes() == before
    monkeypatch.undo()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        begin(12, checkpoint=path, resume=True)


def test_a_write_that_is_interrupted_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.gan"
    begin(3).save(path)
    before = path.read_bytes()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        begin(5).save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run.gan"]


def test_ctrl_c_ends_after_a_whole_step_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.gan"
    unbroken = begin(60)
    armed = begin(0)
    draw, moves = armed.gan.draw, []

    def interrupted(player: str, *rest: Any) -> Any:
        moves.append(player)
        if len(moves) == 25:  # in the middle of step 13, by a real signal
            os.kill(os.getpid(), signal.SIGINT)
        return draw(player, *rest)

    armed.gan.draw = interrupted  # type: ignore[method-assign]
    armed.settings.checkpoint = path
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores Ctrl-C
    try:
        armed.train(60)
        after = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert armed.step == 13 and "stopped by hand after 13 steps" in capsys.readouterr().out
    assert after is signal.default_int_handler
    resumed = begin(60, checkpoint=path, resume=True)
    assert torch.equal(weights(resumed.gan), weights(unbroken.gan))


def test_a_diverging_run_is_back_at_its_last_good_state(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"

    def poisoned(steps: int, **options: Any) -> gan_lab.Run:
        run = begin(0, **options)
        draw = run.gan.draw

        def poison(player: str, *rest: Any) -> Any:
            if run.step == 77 and player == "generator":
                with torch.no_grad():
                    next(run.gan.discriminator.parameters()).fill_(float("nan"))
            return draw(player, *rest)

        run.gan.draw = poison  # type: ignore[method-assign]
        return run.train(steps)

    message = "loss_generator is not finite from step 78 on.*back at step 70"
    with pytest.raises(gan_lab.NonFiniteLoss, match=message) as caught:
        poisoned(200, checkpoint=path, save_every=10)
    run = caught.value.run
    assert run.step == 70  # what is saved is looked at first
    good = begin(run.step)
    assert torch.equal(weights(run.gan), weights(good.gan)) and run.history.equals(good.history)
    assert len(caught.value.history) == 80 and caught.value.history["loss_generator"].isna().any()
    assert checkpoint.read(path)["step"] == 70
    del run.gan.draw  # type: ignore[misc]
    assert torch.equal(weights(run.train(30).gan), weights(begin(100).gan))


@pytest.mark.slow
def test_fifty_random_kills_and_fifty_resumes_equal_the_unbroken_run(tmp_path: Path) -> None:
    """kill -9 at random moments, most of them around a write; the run goes on each time and ends as if undisturbed."""
    steps, path = 3_000, tmp_path / "run.gan"
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([work.__module__])
    rng, at, places = random.Random(0), 0, set()
    for _ in range(KILLS):
        process = processes.Process(target=work, args=(str(path), steps))
        process.start()
        before, deadline = path.stat().st_mtime_ns if path.exists() else None, time.monotonic() + 60
        while (path.stat().st_mtime_ns if path.exists() else None) == before and process.is_alive():
            assert time.monotonic() < deadline, "the worker wrote no checkpoint in a minute"
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "the run ended before it was killed: make it longer"
        state = checkpoint.read(path)  # whole at any moment
        assert state["step"] >= at
        at = state["step"]
        places.add(at)
    assert len(places) > KILLS * 0.6, "the kills fell on the same few steps"
    resumed = begin(at + 10, checkpoint=path, resume=True, save_every=3, ema=0.99)
    unbroken = begin(at + 10, ema=0.99)
    for name, value in unbroken.gan.state_dict().items():
        assert torch.equal(value, resumed.gan.state_dict()[name]), name
    assert unbroken.history.equals(resumed.history) and torch.equal(unbroken.samples(8), resumed.samples(8))
