# ruff: noqa: F811  (fixtures are imported, then taken as arguments of their names)
"""The command line: what it prints where not every sign can be written, or nobody reads."""

from __future__ import annotations

import io
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import gan_lab
from gan_lab import cli
from tests.cli_helpers import SMALL, Command, gan_lab_command, one_process_one_thread, trained  # noqa: F401


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_signs_that_cannot_be_written_are_written_in_others(
    encoding: str, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bytes_out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(bytes_out, encoding=encoding))
    for words in (["--help"], ["train", "r1_gan", "--help"], ["evaluate", str(trained), "--n", "50"], ["list"]):
        assert cli.main(words) == 0
    text = bytes_out.getvalue().decode(encoding)
    assert "usage: gan-lab" in text and "train r1_gan" in text and "the draws" not in text
    assert (" ± " if encoding == "cp1252" else " +/- ") in text and "?" not in text.replace("good it is?", "")


def test_a_reader_that_leaves_stops_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `gan-lab train ... | true`, under a locale that has no other signs than ASCII's."""
    reads, writes = os.pipe()
    os.close(reads)
    with io.TextIOWrapper(os.fdopen(writes, "wb"), encoding="ascii") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        assert cli.main(["train", "gan", "--steps", "5", "--out", str(tmp_path / "größe"), *SMALL]) == 0
        assert cli.main(["list"]) == 0
    left = {"run.gan", "history.csv", "samples.webp", "recipe.json", "settings.json"}
    assert left == {p.name for p in (tmp_path / "größe").iterdir()}


def test_the_version(gan_lab_command: Command) -> None:
    code, out, _ = gan_lab_command("--version")
    assert code == 0 and out.startswith(f"gan-lab {gan_lab.__version__} (PyTorch {version('torch')}, Python 3.")
