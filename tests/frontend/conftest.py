"""The page's engine, run in Node on the calls that a test writes down."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.node import build_engine, tool

Jobs = list[dict[str, Any]]


@pytest.fixture(scope="session")
def engine_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine, built from its sources into a script that reads jobs and answers them."""
    out = tmp_path_factory.mktemp("engine")
    build_engine(out)
    return out / "run-engine.mjs"


@pytest.fixture(scope="session")
def engine(engine_script: Path) -> Iterator[Callable[[Jobs], Jobs]]:
    """Runs jobs (see frontend/tests/run-engine.ts) in a Node process and returns their answers."""
    node = subprocess.Popen(
        [tool("node"), str(engine_script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
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
