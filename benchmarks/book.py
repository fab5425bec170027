"""From a fresh clone to a built book, everything installed anew; then a second `make book` with nothing changed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.result import ROOT, Result

FIRST_BAR = 6 * 60.0  # seconds, on two cores
SECOND_BAR = 60.0


def _timed(command: list[str], cwd: Path, environment: dict[str, str]) -> float:
    started = time.monotonic()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, cwd=cwd, env=environment, **pipes)
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed:\n{done.stdout[-4000:]}")
    return time.monotonic() - started


def _as_a_stranger(home: Path) -> dict[str, str]:
    """This environment less whatever a virtual environment or an earlier installation left in it."""
    kept = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")}
    kept["PATH"] = os.pathsep.join(p for p in kept["PATH"].split(os.pathsep) if not Path(p, "activate").is_file())
    return {**kept, "UV_CACHE_DIR": str(home / "uv"), "PIP_NO_CACHE_DIR": "1"}


def measure() -> Result:
    """Clones HEAD into a temporary folder and runs `make book` there twice, with empty download caches."""
    with tempfile.TemporaryDirectory(prefix="adversarial-game-") as folder:
        clone, environment = Path(folder) / "clone", _as_a_stranger(Path(folder))
        fetched = _timed(["git", "clone", "-q", str(ROOT), str(clone)], Path(folder), environment)
        installed = _timed(["make", ".venv/.book"], clone, environment)
        built = _timed(["make", "book"], clone, environment)
        again = _timed(["make", "book"], clone, environment)
        pages = len(list((clone / "_build" / "html").rglob("*.html")))
    first = fetched + installed + built
    return Result(
        figure=f"{first:.0f} s, then {again:.0f} s",
        bar=f"{FIRST_BAR:.0f} s, then {SECOND_BAR:.0f} s",
        passed=first < FIRST_BAR and again < SECOND_BAR,
        numbers={"install_s": installed, "build_s": built, "first_s": first, "second_s": again, "pages": pages},
        lines=(f"install {installed:.0f} s, build {built:.0f} s, {pages} pages; again {again:.1f} s",),
    )
