"""Frames a second of Figure 1 while it trains as fast as it can, at two widths, and the size of the page's scripts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.browser import chromium
from benchmarks.result import ROOT, Result

FPS_BAR = 55.0
SIZE_BAR = 40_000  # bytes of one script, as the file lies there
SECONDS = 5
WIDTHS = (1440, 390)
STATIC = ROOT / "gan_lab" / "widgets" / "static"

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
    """Both widths in one run; passes when every one is at its bar and every script is under its size."""
    found: dict[int, dict[str, Any]] = {}
    for width in WIDTHS:
        found[width], on_page = played(WIDGET, width)
    # those of the other widgets must be small too
    scripts = {script.name: script.stat().st_size for script in sorted(STATIC.glob("gan-lab*.js"))}
    largest = max(scripts, key=lambda name: scripts[name])
    total = sum(scripts[name] for name in on_page)
    slowest = min(each["fps"] for each in found.values())
    numbers = {f"{key}_{width}": round(value, 1) for width, each in found.items() for key, value in each.items()}
    lines = [
        f"{width} px: {each['fps']:.1f} frames/s, {each['steps']:.0f} steps/s, 1 gap in 100 over {each['slow']:.0f} ms"
        for width, each in found.items()
    ]
    return Result(
        figure=f"{slowest:.1f} frames/s, largest script {scripts[largest] / 1000:.1f} KB, "
        f"the {len(on_page)} scripts of Figure 1 together {total / 1000:.1f} KB",
        bar=f"at least {FPS_BAR:.0f} frames/s, each script under {SIZE_BAR / 1000:.0f} KB",
        passed=slowest >= FPS_BAR and scripts[largest] < SIZE_BAR,
        numbers={"fps": round(slowest, 1), "largest_bytes": scripts[largest], "figure1_bytes": total, **numbers},
        lines=(
            *lines,
            *(f"{name}: {size} bytes, not compressed" for name, size in scripts.items()),
            f"the largest is {largest}; a page with Figure 1 loads {' + '.join(sorted(on_page))} = {total} bytes: "
            "the bar is for each script, not for their sum",
        ),
    )
