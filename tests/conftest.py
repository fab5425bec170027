"""What every test starts from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.recorded_run import lay


@pytest.fixture(autouse=True)
def _as_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make test` sets GAN_LAB_STATIC for the chapters; a test that wants the published page's form sets it itself."""
    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)


@pytest.fixture
def one_thread() -> None:
    """Sums in one order: the numbers of a recorded run do not depend on how many threads torch likes."""
    torch.set_num_threads(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recorded run to do harm to."""
    return lay(tmp_path / "tiny")
