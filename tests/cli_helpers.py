"""What the tests of the command line share: the command in this process, and a small trained run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gan_lab import cli
from gan_lab.train import checkpoint

Command = Callable[..., tuple[int, str, str]]
SMALL = ("--hidden", "8", "--batch", "16", "--every", "10", "--snapshots", "2")


@pytest.fixture(autouse=True)
def one_process_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    for name in ("RANK", "WORLD_SIZE", "TORCHELASTIC_RESTART_COUNT", "TORCHELASTIC_RUN_ID", "GAN_LAB_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def gan_lab_command(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command ``gan-lab``: words -> (exit code, standard output, standard error)."""

    def command(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return command


@pytest.fixture
def trained(tmp_path: Path, gan_lab_command: Command) -> Path:
    """The folder of a small run on the ring."""
    assert gan_lab_command("train", "gan", "--data", "ring", "--steps", 30, "--out", tmp_path / "ring", *SMALL)[0] == 0
    return tmp_path / "ring"


def weights(folder: Path) -> torch.Tensor:
    return torch.cat([p.flatten() for p in checkpoint.read(folder / "run.gan")["gan"].values()])
