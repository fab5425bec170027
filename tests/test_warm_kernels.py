"""Kernels forked off one warm process are fresh: their own numbers, folder, environment, signals and end."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from warm import ADDRESS, PRELOADED, warm_kernels

LIGHT = ("ipykernel.kernelapp", "numpy", "colorsys")
LOOK = """
import json, os, random, sys
warm = "colorsys" in sys.modules
import numpy
own = [os.getpid(), numpy.random.rand(), random.random()]
environment = {k: v for k, v in os.environ.items() if k not in ("JUPYTER_PATH", "GAN_LAB_WARM_KERNELS")}
program = [os.path.basename(sys.argv[0]), __name__, list(sys.flags), sys.executable, sys.path]
like_any = [os.getcwd(), environment, *program]
print(json.dumps([warm, own, like_any]))
"""


def look(folder: Path) -> Any:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOOK)])
    NotebookClient(notebook).execute(cwd=str(folder))
    return json.loads(notebook.cells[0].outputs[0].text)


def test_a_warm_kernel_is_like_a_cold_one_and_unlike_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTER_PATH", "GAN_LAB_WARM_KERNELS"):  # the tests themselves may be run from a warm process
        monkeypatch.delenv(name, raising=False)
    with warm_kernels(LIGHT):
        monkeypatch.setenv("HELD", "since the server began")
        warm, first, seen = look(tmp_path)
        _, second, _ = look(tmp_path)
    cold, _, expected = look(tmp_path)
    assert warm and not cold and seen == expected and seen[1]["HELD"]
    assert all(a != b for a, b in zip(first, second, strict=True))
    # what looks for a notebook when it is imported must be imported in one
    assert not any(name.startswith(("gan_lab", "plotly", "ipywidgets", "anywidget", "tqdm")) for name in PRELOADED)


def test_a_kernel_is_interrupted_and_ends_with_the_process_that_stands_for_it() -> None:
    with warm_kernels(LIGHT):
        manager, client = start_new_kernel()
        try:
            client.execute("import os, time; print(os.getpid()); time.sleep(600)")
            while (message := client.get_iopub_msg(timeout=60))["msg_type"] != "stream":
                pass
            kernel = Path("/proc") / message["content"]["text"].strip()
            manager.interrupt_kernel()
            while (reply := client.get_shell_msg(timeout=60))["msg_type"] != "execute_reply":
                pass
            assert reply["content"]["ename"] == "KeyboardInterrupt" and kernel.exists()
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)  # kill -9
        deadline = time.monotonic() + 60
        while kernel.exists():
            assert time.monotonic() < deadline, "the kernel outlived its notebook"
            time.sleep(0.02)


def test_a_client_that_goes_away_leaves_nobody_at_work() -> None:
    """Before it has said what it wants: what the server forked for it ends, it does not wait at full speed."""

    def children(process: int | str) -> list[str]:
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()

    before = set(children(os.getpid()))
    with warm_kernels(()):
        (server,) = set(children(os.getpid())) - before
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(os.environ[ADDRESS])
            client.sendall(b'{"argv": [')
            while not (forked := children(server)):
                time.sleep(0.01)
        deadline = time.monotonic() + 20
        try:
            # the server buries its dead when the next client comes
            while any(Path(f"/proc/{one}/stat").read_text().rsplit(")")[1].split()[0] != "Z" for one in forked):
                assert time.monotonic() < deadline, "it is still there"
                time.sleep(0.02)
        finally:
            for one in forked:
                os.kill(int(one), signal.SIGKILL)
