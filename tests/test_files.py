"""Files are written whole or not at all, by however many at once, and nothing but files is read."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from PIL import Image

from gan_lab import CheckpointError, _files, data
from gan_lab._files import read_bytes, whole, write_folder, write_whole
from gan_lab.cli.folder import Folder
from gan_lab.cli.pictures import WRITERS, write_samples
from gan_lab.train import checkpoint

SIZE, ROUNDS = 300_000, 60


def write_one_letter(path: str, letter: str) -> None:
    for _ in range(ROUNDS):
        write_whole(path, letter * SIZE)


def test_two_processes_on_one_path_leave_whole_files(tmp_path: Path) -> None:
    path, processes = tmp_path / "deep" / "run.gan", multiprocessing.get_context("fork")
    write_whole(path, "a" * SIZE)
    writers = [processes.Process(target=write_one_letter, args=(str(path), letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        content = path.read_text()
        assert len(content) == SIZE and len(set(content)) == 1, "a torn file"
        seen.add(content[0])
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen == {"a", "b"} and [p.name for p in path.parent.iterdir()] == ["run.gan"]


@contextmanager
def little_room(size: int) -> Iterator[None]:
    """The system itself refuses to let any file grow beyond ``size`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)


def a_sample(file: Path) -> None:
    write_samples(file, 500, lambda n: torch.randn(n, 2), data.ring())


WHO: dict[str, Callable[[Path], object]] = {
    "run.gan": lambda file: checkpoint.write(file, {"weights": torch.randn(500)}),
    "history.csv": lambda file: Folder(file.parent).write(file.name, "1,2\n" * 500),
    **{f"samples{ending}": a_sample for ending in WRITERS},
}


@pytest.mark.parametrize("name", WHO)
def test_a_full_disk_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    WHO[name](file)
    before = file.read_bytes()
    assert len(before) > 1_000
    if name == "samples.png":
        with Image.open(file) as picture:
            assert picture.format == "PNG"
    with little_room(1_000), pytest.raises((OSError, CheckpointError), match=f"(?i){os.strerror(errno.EFBIG)}"):
        WHO[name](file)
    assert file.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [name]


def test_what_killed_processes_left_is_swept_and_what_others_write_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = tmp_path / ".a.bin.0123.part", tmp_path / ".ab.bin.0123.part"
    for file in (dead, other):
        file.write_text("half")
        os.utime(file, (time.time() - 100, time.time() - 100))
    with whole(tmp_path / "a.bin") as mine:
        assert not dead.exists() and other.exists()
        monkeypatch.setattr(_files, "ABANDONED", -1.0)
        write_whole(tmp_path / "a.bin", b"theirs")  # finishes first, and leaves ours alone
        mine.write(b"mine")
    assert (tmp_path / "a.bin").read_bytes() == b"mine" and other.exists()


def test_a_link_is_followed_and_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.bin").symlink_to(tmp_path / "real" / "file.bin")
    write_whole(tmp_path / "link.bin", b"x")
    assert (tmp_path / "link.bin").is_symlink() and (tmp_path / "real" / "file.bin").read_bytes() == b"x"
    with pytest.raises(OSError, match="is a folder"):
        write_whole(tmp_path / "real", b"x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no file"):
        write_whole(tmp_path / "pipe", b"x")


def test_a_pipe_a_device_and_a_file_that_is_too_large_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="named pipe or a device"):
            read_bytes(place)
    with pytest.raises(OSError, match="is a folder"):
        read_bytes(tmp_path)
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(10**12)
    with pytest.raises(ValueError, match="at most 9 are"):
        read_bytes(tmp_path / "sparse", 9)
    with pytest.raises(ValueError, match="takes about 1,000 GB of memory"):
        read_bytes(tmp_path / "sparse")


def test_a_folder_keeps_its_place(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", {"a": b"1", "b": b"2"})
    write_folder(tmp_path / "run", {"c": b"3"})
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["c"] and len(list(tmp_path.iterdir())) == 1
