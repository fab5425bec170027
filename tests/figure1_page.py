"""What the tests of Figure 1 share: a small figure, and ways to press, read and look into it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from playwright.sync_api import Page

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


def drawn(page: Page) -> None:
    """Wait until what was changed has been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def frames(page: Page, n: int = 12) -> None:
    """Wait for as many frames, however long a busy machine takes for them: what still moves has moved."""
    page.evaluate(
        "n => new Promise(done => { const one = () => n-- > 0 ? requestAnimationFrame(one) : done(); one() })", n
    )


def film(page: Page, step: str, moved: int) -> list[tuple[float, float]]:
    """(seconds, step) at every frame from the first change of ``step``, an expression, until it has moved so far.

    By the clock that films run by: a frame that comes late counts 0.1 s, as in frontend/src/ui/element.ts, so that what
    is found does not depend on how busy the machine is.
    """
    found: list[tuple[float, float]] = page.evaluate(
        f"""moved => new Promise(done => {{
          const start = {step}, seen = []; let before, clock = 0;
          const look = now => {{
            const at = {step}; clock += Math.min(100, now - (before ?? now)) / 1000; before = now;
            if (seen.length || at !== start) seen.push([clock, at]);
            seen.length && Math.abs(at - seen[0][1]) >= moved ? done(seen) : requestAnimationFrame(look);
          }};
          requestAnimationFrame(look);
        }})""",
        moved,
    )
    return found


def pace(page: Page, step: str, moved: int) -> float:
    """Steps a second while ``step`` moves so far, by that clock; each end may be off by a frame."""
    (began, first), *_, (ended, last) = film(page, step, moved)
    return (last - first) / (ended - began)


def written(page: Page) -> None:
    """See to it that the address says what was changed; a reader's is written 0.4 s later."""
    drawn(page)
    page.evaluate("window.writeNow()")


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
