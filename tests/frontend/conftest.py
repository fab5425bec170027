"""The page's engine, run in Node on the calls that a test writes down."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def answering(script: Path) -> Iterator[Callable[[Any], Any]]:
    """A Node process that answers a line of JSON with a line of JSON."""
    node = subprocess.Popen([tool("node"), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert node.stdin is not None and node.stdout is not None
    pipe_in, pipe_out = node.stdin, node.stdout

    def ask(job: Any) -> Any:
        pipe_in.write(json.dumps(job) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        assert line, "the process ended: its message is above"
        return json.loads(line)

    yield ask
    pipe_in.close()
    node.wait(timeout=10)


@pytest.fixture(scope="session")
def engine(engine_script: Path) -> Iterator[Callable[[Jobs], Jobs]]:
    """Runs jobs (see frontend/tests/run-engine.ts) in a Node process and returns their answers."""
    with answering(engine_script) as ask:
        yield ask


@pytest.fixture(scope="session")
def views(engine_script: Path) -> Iterator[Callable[[dict[str, Any]], Any]]:
    """Plays the runs of views in a Node process (see frontend/tests/run-views.ts)."""
    with answering(engine_script.with_name("run-views.mjs")) as ask:
        yield ask
