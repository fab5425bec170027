"""What the tests of Figure 1 share: a small figure, and ways to press, read and look into it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from playwright.sync_api import Page

from tests.page import drawn, written

OpenWidget = Callable[..., Page]

PLAYERS = ("generator", "discriminator")
VIEW = "document.querySelector('gan-lab').view"
# small and quick: what is tested here is the figure, not how long networks take
QUICK = {
    "generator": {"sizes": [1, 4, 4, 1]},
    "discriminator": {"sizes": [1, 8, 1]},
    "batch": 32,
}


def figure(**options: Any) -> str:
    options = {"spec": QUICK, **options}
    return f'<gan-lab view="figure1" id="f"><script type="application/json">{json.dumps(options)}</script></gan-lab>'


def parameters(page: Page) -> dict[str, np.ndarray]:
    return {who: np.array(page.evaluate(f"who => [...{VIEW}.engine().getParameters(who)]", who)) for who in PLAYERS}


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(a[who], b[who]) for who in PLAYERS)


def steps(page: Page) -> int:
    return int(page.evaluate(f"{VIEW}.engine().steps"))


def spec(page: Page) -> dict[str, Any]:
    told: dict[str, Any] = page.evaluate(f"{VIEW}.engine().spec")
    return told


def press(page: Page, name: str, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name=name, exact=True).click()
    drawn(page)


def open_all(page: Page) -> None:
    """Unfold every group of controls."""
    page.locator("gan-lab details").evaluate_all("all => all.forEach(one => { one.open = true })")


def address(page: Page) -> dict[str, Any]:
    """What the address says of the figure, once it has been written."""
    written(page)
    pairs = parse_qsl(page.evaluate("location.hash.slice(1)"))
    found: dict[str, Any] = {}
    for name, value in pairs:
        try:
            found[name.removeprefix("f.")] = json.loads(value)
        except ValueError:
            found[name.removeprefix("f.")] = value
    return found


def number(page: Page, name: str) -> float:
    """A number that the figure prints."""
    drawn(page)
    text = page.locator("gan-lab dl > div", has_text=name).locator("dd").inner_text()
    return float(text.replace("−", "-"))
