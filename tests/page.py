"""What tests in a browser wait for: the page's own state and never a time, so that a busy machine changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

# a widget's scripts have come and it stands, or says why it does not
STANDS = "[...document.querySelectorAll('gan-lab')].every(e => e.view || e.shadowRoot?.querySelector('[role=alert]'))"
PATIENCE = 30_000  # milliseconds, for what takes some on a machine that does other things


def stands(page: Page, frames: int = 0) -> None:
    """Wait until every widget stands, and so many frames more."""
    page.evaluate(
        f"""async ([frames, most]) => {{
          const frame = () => new Promise(requestAnimationFrame), end = performance.now() + most;
          while (!{STANDS}) {{
            if (performance.now() > end) throw new Error("a widget does not stand");
            await frame();
          }}
          while (frames--) await frame();
        }}""",
        [frames, PATIENCE],
    )


def drawn(page: Page) -> None:
    """Wait until every widget stands, and what was changed has been drawn."""
    stands(page, frames=2)


def at_rest(page: Page, frames: int = 12) -> None:
    """Wait until the page has asked for none of so many frames: whatever moved has stopped, and will not go on."""
    page.evaluate(
        """([n, most]) => new Promise((done, fail) => {
          const ask = window.requestAnimationFrame, end = performance.now() + most;
          let quiet = 0;
          window.requestAnimationFrame = (draw) => { quiet = -1; return ask.call(window, draw); };
          const look = () => {
            if (++quiet < n && performance.now() < end) return ask.call(window, look);
            window.requestAnimationFrame = ask;
            quiet < n ? fail(new Error("the page does not come to rest")) : done();
          };
          ask.call(window, look);
        })""",
        [frames, PATIENCE],
    )


def follow(page: Page, link: str) -> None:
    """Give the page another address (what stands after the #), as a link in the text would; it has been drawn."""
    page.evaluate(
        """to => new Promise(done => {
          const from = location.href;
          location.hash = to;
          location.href === from ? done() : addEventListener("hashchange", () => done(), { once: true });
        })""",
        link,
    )
    drawn(page)


def reload(page: Page) -> None:
    page.reload()
    drawn(page)


def heard(page: Page, touch: Callable[[], Any], event: str = "click") -> None:
    """Lay a finger on the page, and wait until it is heard: a browser makes an event of a tap in its own time.

    event: "click"; a native slider says "input" instead.
    """
    page.evaluate(
        "event => { window.heard = false;"
        " addEventListener(event, () => { window.heard = true }, { once: true, capture: true }) }",
        event,
    )
    touch()
    page.wait_for_function("window.heard")
    drawn(page)


def finger(place: Locator) -> None:
    """Tap a control."""
    heard(place.page, place.tap)


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


def turns(page: Page, step: str, times: int) -> list[tuple[float, float]]:
    """(seconds, step) where ``step``, an expression, changes, so many times; by the clock of the frames, in full."""
    found: list[tuple[float, float]] = page.evaluate(
        f"""times => new Promise(done => {{
          const seen = []; let last = {step};
          const look = now => {{
            const at = {step};
            if (at !== last) seen.push([now / 1000, last = at]);
            seen.length < times ? requestAnimationFrame(look) : done(seen);
          }};
          requestAnimationFrame(look);
        }})""",
        times,
    )
    return found


def written(page: Page) -> None:
    """See to it that the address says what was changed; a reader's is written 0.4 s later."""
    drawn(page)
    page.evaluate("window.writeNow()")
