"""Frames a second of Figure 1 while it trains as fast as it can, at two widths, and what pages with widgets load."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import sizes
from benchmarks.browser import chromium
from benchmarks.result import Result
from benchmarks.sizes import STATIC

FPS_BAR = 55.0
SECONDS = 5
WIDTHS = (1440, 390)

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A widget</title>
<meta name="viewport" content="width=device-width"><script defer src="{script}"></script></head>
<body style="max-width:860px;margin:0 auto">{widget}</body></html>"""
WIDGET = '<gan-lab view="figure1" speed="1e9" gradients></gan-lab>'

# counts the frames that the browser really made, after the run has warmed up
COUNT = """seconds => new Promise(done => {
  const engine = document.querySelector("gan-lab").view.engine();
  const gaps = [], begun = performance.now(), steps = engine.steps;
  let last = begun;
  const tick = now => {
    gaps.push(now - last);
    last = now;
    if (now - begun < seconds * 1000) return requestAnimationFrame(tick);
    gaps.shift();
    gaps.sort((a, b) => a - b);
    const time = (now - begun) / 1000;
    done({ fps: gaps.length / time, steps: (engine.steps - steps) / time, slow: gaps[Math.floor(gaps.length * 0.99)] });
  };
  requestAnimationFrame(tick);
})"""


def played(widget: str, width: int, alone: str | None = None) -> tuple[dict[str, Any], set[str]]:
    """Frames and steps a second, the 99th percentile of the gaps in ms, and the names of the scripts that were loaded.

    widget: the element, which has a button "Play"; alone: JavaScript that, once it pauses, measures what it returns.
    """
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "widget.html"
        file.write_text(PAGE.format(script=(STATIC / "gan-lab.js").as_uri(), widget=widget))
        page = browser.new_page(viewport={"width": width, "height": 900})
        loaded: set[str] = set()
        page.on("request", lambda request: loaded.add(urlsplit(request.url).path.rsplit("/", 1)[-1]))
        page.goto(file.as_uri())
        page.get_by_role("button", name="Play").click()
        page.wait_for_timeout(1500)
        found: dict[str, Any] = page.evaluate(COUNT, SECONDS)
        if alone is not None:
            page.get_by_role("button", name="Pause").click()
            found["alone"] = page.evaluate(alone, 3)
        return found, {name for name in loaded if name.endswith(".js")}


def measure() -> Result:
    """Both widths in one run; passes when each is at its bar, and every page and view under the bar of its size."""
    found: dict[int, dict[str, Any]] = {}
    for width in WIDTHS:
        found[width], on_page = played(WIDGET, width)
    loaded = sum((STATIC / name).stat().st_size for name in on_page)
    expected, bar = sizes.size(sizes.needed(["figure1"])), sizes.VIEW_BARS["figure1"]
    over = sizes.over()
    if loaded != expected:
        over.append(f"a page with Figure 1 loaded {loaded} bytes, not the {expected} that views.json says.")
    slowest = min(each["fps"] for each in found.values())
    numbers = {f"{key}_{width}": round(value, 1) for width, each in found.items() for key, value in each.items()}
    pages = {page: sizes.size(sizes.needed(views)) for page, views in sizes.pages().items()}
    largest = max(pages, key=lambda page: pages[page])
    lines = [
        f"{width} px: {each['fps']:.1f} frames/s, {each['steps']:.0f} steps/s, 1 gap in 100 over {each['slow']:.0f} ms"
        for width, each in found.items()
    ]
    return Result(
        figure=f"{slowest:.1f} frames/s, {loaded / 1000:.1f} KB of scripts; {len(over)} pages or views over their bars",
        bar=f"at least {FPS_BAR:.0f} frames/s, {bar / 1000:.1f} KB, none",
        passed=slowest >= FPS_BAR and not over,
        numbers={"fps": round(slowest, 1), "figure1_bytes": loaded, "largest_page_bytes": pages[largest], **numbers},
        lines=(
            *lines,
            *(f"{page}: {size} bytes of scripts, not compressed" for page, size in pages.items()),
            *over,
        ),
    )
