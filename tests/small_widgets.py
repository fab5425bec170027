"""How the tests of the small widgets open one, read it, and lay hands on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from gan_lab import game
from tests.page import drawn, follow, heard, written

OpenWidget = Callable[..., Page]
VIEWS = ("tree", "best-response", "bilinear", "value")


def element(view: str, **options: Any) -> str:
    """The HTML of one widget; its options as JSON inside."""
    return f'<gan-lab view="{view}"><script type="application/json">{json.dumps(options)}</script></gan-lab>'


def address(view: str, **state: Any) -> str:
    return "#" + "&".join(f"{view}.{name}={json.dumps(value)}" for name, value in state.items())


def go(page: Page, view: str, **state: Any) -> None:
    """Give the widget a new state through the address, as a link in the text would."""
    follow(page, address(view, **state).removeprefix("#"))


def numbers(page: Page) -> list[float]:
    """All figures that the widget prints, with all their digits."""
    texts = page.locator("gan-lab data").evaluate_all("all => all.map(one => one.value)")
    return [float(text.replace("Infinity", "inf")) for text in texts]


def words(page: Page) -> str:
    """What a screen reader is told."""
    drawn(page)
    return page.locator("gan-lab .off[aria-live]").text_content() or ""


def state(page: Page, view: str) -> dict[str, str]:
    """What the address says of the widget, once it has been written."""
    written(page)
    pairs = page.evaluate("() => [...new URLSearchParams(location.hash.slice(1))]")
    return {name.removeprefix(view + "."): value for name, value in pairs}


def drag(page: Page, knob: Locator, dx: float, dy: float) -> None:
    box = knob.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    drawn(page)


def tap(page: Page, place: Locator, x: float, y: float, event: str = "click") -> None:
    """A finger on a point of `place`, given as fractions of its width and height."""
    box = place.bounding_box()
    assert box
    heard(page, lambda: page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"]), event)


def random_tree(seed: int, zero_sum: bool = True) -> game.GameTree:
    """A tree of irregular shape with small whole payoffs, so that ties occur; chance included."""
    rng = np.random.default_rng(seed)

    def grow(depth: int, root: bool = False) -> game.Decision | game.Leaf | game.Chance:
        if depth == 0 or (not root and rng.random() < 0.2):
            u = int(rng.integers(-9, 10))
            return game.leaf(u, -u if zero_sum else int(rng.integers(-9, 10)))
        below = [grow(depth - 1) for _ in range(rng.integers(2, 4))]
        if not root and rng.random() < 0.2:
            return game.chance({f"m{i}": (1 / len(below), node) for i, node in enumerate(below)})
        return game.decision(int(rng.integers(2)), {f"m{i}": node for i, node in enumerate(below)})

    return game.GameTree(grow(3, root=True))
