"""What every test starts from."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _as_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make test` sets GAN_LAB_STATIC for the chapters; a test that wants the published page's form sets it itself."""
    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)
