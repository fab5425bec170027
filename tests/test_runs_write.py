"""Recorded runs are written whole or not at all, and never over something else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gan_lab import NonFiniteLoss, runs
from gan_lab._files import write_folder as write
from gan_lab.runs import pictures
from tests.recorded_run import TINY, contents, lay

record_module = sys.modules["gan_lab.runs.record"]
NEW = ("a.webp", "b.webp", "run.json")


pytestmark = pytest.mark.usefixtures("one_thread")


def leftovers(folder: Path) -> list[str]:
    return [file.name for file in folder.parent.iterdir() if file != folder]


def test_an_older_run_is_replaced_when_the_new_one_is_complete(folder: Path) -> None:
    new = runs.record(replace(TINY, steps=12, snapshots=1), folder, device="cpu")
    assert new.recipe.steps == 12 and sorted(contents(folder)) == ["run.json", "step-00.webp", "step-12.webp"]
    assert leftovers(folder) == []


def test_a_folder_with_something_else_is_left_alone(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    before = contents(folder)
    with pytest.raises(runs.RecordError, match="holds notes.txt besides a recorded run"):
        runs.record(TINY, folder, device="cpu")
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter1.tex").write_text("years of work")
    with pytest.raises(runs.RecordError, match="could be replaced"):
        runs.record(TINY, other, device="cpu")
    with pytest.raises(runs.RecordError, match="is a file"):
        runs.record(TINY, other / "chapter1.tex", device="cpu")
    assert contents(folder) == before and contents(other) == {"chapter1.tex": b"years of work"}


@pytest.mark.parametrize("place", [".", "..", "here/.."])
def test_a_folder_that_somebody_works_in_is_refused_before_the_training(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(runs.Recipe, "train", lambda *a, **k: pytest.fail("it trained"))
    with pytest.raises(runs.RecordError, match="give a new folder in it"):
        runs.record(TINY, place, device="cpu")
    assert [f.name for f in tmp_path.iterdir()] == ["here"]


def test_a_run_stopped_by_hand_writes_nothing(folder: Path) -> None:
    before = contents(folder)

    def stop(step: int) -> None:
        if step >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.record(TINY, folder, device="cpu", progress=stop)
    assert contents(folder) == before and leftovers(folder) == []


def test_ctrl_c_in_the_middle_of_training_writes_nothing(tmp_path: Path) -> None:
    """The training loop ends quietly at Ctrl-C; a record of half a run would not be what its recipe says."""
    folder = tmp_path / "long"

    def interrupt(step: int) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.05)

    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            runs.record(replace(TINY, steps=100_000), folder, device="cpu", progress=interrupt)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not folder.exists() and leftovers(folder) == []


def test_a_run_that_diverges_writes_nothing(folder: Path) -> None:
    before = contents(folder)
    wild = replace(TINY, system="lsgan", options={"optimiser": {"name": "sgd", "lr": 1e30}, "activation": "relu"})
    with pytest.raises(NonFiniteLoss):
        runs.record(wild, folder, device="cpu")
    assert contents(folder) == before and leftovers(folder) == []


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_full_disk_leaves_the_older_run(folder: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    before = contents(folder)
    if call == "fsync":
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    else:
        rename = Path.rename

        def fails(self: Path, target: Path) -> Path:
            if target == folder and not self.name.endswith("-old"):
                raise OSError(28, "No space left on device")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="No space"):
        write(folder, {"run.json": b"{}"})
    assert contents(folder) == before and leftovers(folder) == []


def write_and_die(folder: Path, calls: int) -> bool:
    """A process of its own writes a new run and is killed (SIGKILL) before a call to the disk; True if it was not."""
    if (child := os.fork()) == 0:
        left = [calls]

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def once(*given: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*given, **named)

            return once

        os.fsync, Path.rename, Path.open = map(counted, (os.fsync, Path.rename, Path.open))  # type: ignore[assignment]
        try:
            write(folder, dict.fromkeys(NEW, b"new"))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status == 0


def test_a_process_killed_while_writing_leaves_one_whole_run(folder: Path, tmp_path: Path) -> None:
    """Killed before every call that touches the disk in turn: the old run or the new one, never a half of either."""
    before, seen = contents(folder), []
    for calls in range(99):
        place = lay(tmp_path / f"place-{calls}" / "tiny")
        done = write_and_die(place, calls)
        if place.exists():
            now = contents(place)
            seen.append("old" if now == before else "new")
            assert now == before or now == dict.fromkeys(NEW, b"new")
        else:  # between the two renames: beside its place, and reading says where
            (old,) = place.parent.glob(".tiny-*-old")
            seen.append("beside")
            assert contents(old) == before
            with pytest.raises(runs.RecordError, match="rename it back"):
                runs.read(place)
        if done:
            break
    assert seen == ["old"] * 8 + ["beside", "new", "new"]


def test_a_process_killed_while_writing_a_first_run_leaves_no_half(tmp_path: Path) -> None:
    seen = []
    for calls in range(99):
        place = tmp_path / f"place-{calls}" / "fresh"
        place.parent.mkdir()
        done = write_and_die(place, calls)
        seen.append(place.exists())
        if place.exists():
            assert contents(place) == dict.fromkeys(NEW, b"new")
        else:
            with pytest.raises(runs.RecordError, match="holds no recorded run"):
                runs.read(place)
        if done:
            break
    assert seen == [False] * 8 + [True, True]


def test_too_many_snapshots_are_refused_before_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.Recipe, "train", lambda *a, **k: pytest.fail("it trained"))
    with pytest.raises(runs.RecordError, match="500 KB: use fewer snapshots, such as") as caught:
        runs.record(replace(TINY, steps=1_000, snapshots=200), tmp_path / "big", device="cpu")
    words = str(caught.value)
    fewer = int(words.split("such as ")[1].split()[0])
    assert 30 < fewer < 200 and not (tmp_path / "big").exists()


def test_pictures_that_grow_too_large_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    painter = pictures.painter(TINY.load_data())
    sizes = iter([1_000] + [300_000] * 9)
    monkeypatch.setattr(record_module, "painter", lambda _: replace(painter, paint=lambda _: bytes(next(sizes))))
    with pytest.raises(runs.RecordError, match="use fewer snapshots"):
        runs.record(TINY, tmp_path / "big", device="cpu")
    assert list(tmp_path.iterdir()) == []


def test_bad_arguments_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match=r"expects a gan_lab\.runs\.Recipe, not dict"):
        runs.record({}, tmp_path / "a")  # type: ignore[arg-type]
    monkeypatch.setattr(record_module, "world", lambda: (0, 2))
    with pytest.raises(ValueError, match="by one process, not by 2"):
        runs.record(TINY, tmp_path / "a")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="verify_steps is 0"):
        runs.record(TINY, tmp_path / "a", verify_steps=0)


def test_the_source_of_the_digits_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = runs.Recipe("mlp_gan", data={"name": "digits"})
    monkeypatch.delenv("GAN_LAB_DATA", raising=False)
    assert recipe.settled().data["source"] == "embedded"
    monkeypatch.setenv("GAN_LAB_DATA", "somewhere")
    assert recipe.settled().data["source"] == "mnist"
