"""What the tests of the playground share: a small one, and ways to look into it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page

from gan_lab.nets import MLP
from tests.figure1_page import PLAYERS, parameters, spec

RUN = "document.querySelector('gan-lab').view.run"
# small and quick: what is tested is the page, not how long networks take
QUICK: dict[str, Any] = {
    "generator": {"sizes": [2, 8, 2]},
    "discriminator": {"sizes": [2, 9, 1]},
    "batch": 32,
}


def playground(**options: Any) -> str:
    options = {"spec": QUICK, **options}
    return f'<gan-lab view="playground" id="f"><script type="application/json">{json.dumps(options)}</script></gan-lab>'


def array(page: Page, what: str) -> np.ndarray:
    """Numbers of the run, such as "picture.fake"."""
    return np.array(page.evaluate(f"[...{RUN}.{what}]"), dtype=np.float64)


def networks(page: Page) -> tuple[MLP, MLP]:
    """The page's networks, in PyTorch's float64."""
    said, values = spec(page), parameters(page)
    made = []
    for who in PLAYERS:
        sizes = said[who]["sizes"]
        network = MLP(sizes[0], sizes[-1], hidden=sizes[1:-1], activation=said[who]["activation"]).double()
        torch.nn.utils.vector_to_parameters(torch.tensor(values[who]), network.parameters())
        made.append(network)
    return made[0], made[1]


def points(page: Page) -> list[list[float]]:
    """The centres of the reader's own target."""
    found: list[list[float]] = spec(page)["target"]["centres"]
    return found
