"""The widgets in JupyterLab: one trains in the page, one plays PyTorch training streamed from the kernel, one replays
a recorded run that it carries in itself."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
CELLS = [
    "import torch; torch.set_num_threads(1)\n"
    "import gan_lab\nfrom gan_lab import data, widgets\nfrom gan_lab.nets import MLP\n"
    "figure = widgets.figure1(seed=1, steps=20)\nfigure",
    "gan = gan_lab.GAN(MLP(1, 1, hidden=(8,)), MLP(1, 1, hidden=(8,)))\n"
    "run = gan_lab.train(gan, data.gaussian(2, 0.8), 20, batch=32, device='cpu')\n"
    "live = widgets.show(run)\nlive",
    "plane = gan_lab.GAN(MLP(2, 2, hidden=(8,)), MLP(2, 1, hidden=(8,)))\n"
    "gan_lab.train(plane, data.ring(std=0.1), 20, batch=32, device='cpu').show()",
    "widgets.from_link('#playground.loss=hinge&playground.step=15')",
    f"recorded = gan_lab.runs.read({str(ROOT / 'book' / 'recorded' / 'digits')!r})\nwidgets.show(recorded)",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a notebook in a JupyterLab of its own, with a configuration of its own."""
    pytest.importorskip("jupyterlab", reason="the notebooks' extra is not installed")
    home = tmp_path_factory.mktemp("lab")
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for i, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (home / "figure.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k != "GAN_LAB_STATIC"}
    environment |= {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(ROOT),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0",
        "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={home}",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=2).close()
                    break
                except OSError:
                    assert server.poll() is None, (home / "log").read_text()[-2000:]
                    time.sleep(0.5)
            yield f"{address}/lab/tree/figure.ipynb"
        finally:
            server.terminate()
            server.wait(30)


@pytest.mark.slow
def test_all_kinds_of_figure_play(lab: str, new_page: Callable[..., Page], errors: list[str]) -> None:
    page = new_page(width=1300, height=1400)
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").nth(1).wait_for(timeout=180_000)
    # what is run before the kernel has said that it is there is lost
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=180_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    figures = page.locator("gan-lab")
    expect(figures).to_have_count(5, timeout=180_000)
    expect(figures.nth(0).get_by_text("trains in this page (WebAssembly)")).to_be_visible()
    expect(figures.nth(0).locator("[aria-live]")).to_contain_text("Step 20:")
    live = figures.nth(1)
    expect(live.get_by_text("PyTorch on cpu")).to_be_visible()
    live.scroll_into_view_if_needed()
    step = live.locator("dl > div", has_text="step").locator("dd")
    expect(step).to_have_text("20")
    live.get_by_role("button", name="Step", exact=True).click()
    expect(step).to_have_text("21")
    live.get_by_role("button", name="Play").click()
    expect(step).to_have_text(re.compile(r"^[1-9]\d\d$"), timeout=180_000)
    live.get_by_role("button", name="Pause").click()
    # frames are kept: the reader can look back
    scrub = live.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    page.keyboard.press("Home")
    expect(step).to_have_text("20")
    plane = figures.nth(2)
    plane.scroll_into_view_if_needed()
    expect(plane.get_by_text("PyTorch on cpu")).to_be_visible()
    expect(plane.locator("[aria-live]")).to_contain_text("Step 20.")
    plane.get_by_role("button", name="Step", exact=True).click()
    expect(plane.locator("dl > div", has_text="step").locator("dd")).to_have_text("21")
    linked = figures.nth(3)
    linked.scroll_into_view_if_needed()
    expect(linked.get_by_label("Loss", exact=True)).to_have_value("hinge")
    expect(linked.locator("dl > div", has_text="step").locator("dd")).to_have_text("15")
    recorded = figures.nth(4)
    recorded.scroll_into_view_if_needed()
    expect(recorded.locator(".badge")).to_have_text("recorded")
    recorded.get_by_role("slider", name="Scrub through the run").focus()
    page.keyboard.press("Home")
    expect(recorded.get_by_text("samples at step 0,")).to_be_visible()
    recorded.get_by_role("button", name="Next", exact=True).click()
    expect(recorded.get_by_text("samples at step 500,")).to_be_visible()
    assert recorded.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 224
    # JupyterLab's own pages may complain; the widgets must not
    theirs = [error for error in errors if "gan-lab" not in error]
    assert len(theirs) == len(errors), errors
    errors.clear()
