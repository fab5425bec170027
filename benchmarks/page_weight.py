"""What a reader's browser fetches to show a page: script and style of the built book, gzip, and when the page moves.

A page is opened as a reader opens it, at 1440 x 900, and left alone until it asks for nothing more: what comes only
when one scrolls or presses something is not in its first weight. Every file is counted as a server sends it, gzip at
level 6.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from benchmarks.browser import BUILT_BOOK, chromium, served
from benchmarks.result import Missing, Result

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: bytes of script and style, gzip, that a page may fetch before it is touched
BAR = 250_000
#: those pages; the rest of the book is measured and shown beside them
HELD = ("intro", "laboratory/playground")
MOVING_BAR = 1000.0  # milliseconds

# when the first step of training was drawn, in milliseconds since the page was asked for
MOVES = """() => new Promise(done => {
  const look = () => {
    const engine = document.querySelector("gan-lab")?.view?.engine?.();
    if (engine?.steps > 0) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""


def weigh(browser: Browser, address: str) -> dict[str, int]:
    """What the page at this address fetches by itself: names of scripts and styles, and their bytes with gzip."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    found: dict[str, int] = {}
    answers = []
    page.on("response", lambda r: answers.append(r) if r.request.resource_type in ("script", "stylesheet") else None)
    page.goto(address, wait_until="networkidle")  # half a second in which nothing more was asked for
    for answer in answers:
        found[answer.url.split("?")[0].rsplit("/", 1)[1]] = len(gzip.compress(answer.body(), 6))
    page.close()
    return found


def moving(browser: Browser, address: str) -> float:
    """Milliseconds from asking for the page to the first frame after a step of training."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address, wait_until="commit")
    found = float(page.evaluate(MOVES))
    page.close()
    return found


def pages() -> list[str]:
    """Every page of the built book, without its suffix. Raises Missing where no book is built."""
    if not (BUILT_BOOK / "intro.html").is_file():
        raise Missing("The book is not built: run `make book` first.")
    names = (file.relative_to(BUILT_BOOK).with_suffix("").as_posix() for file in BUILT_BOOK.rglob("*.html"))
    return sorted(name for name in names if not name.startswith(("_", "colab/")) and name != "index")


def measure() -> Result:
    """Passes when the landing page and the playground are under the bar and move within a second (best of three)."""
    with chromium() as browser, served(BUILT_BOOK) as site:
        weights = {name: weigh(browser, f"{site}/{name}.html") for name in pages()}
        moves = {name: min(moving(browser, f"{site}/{name}.html") for _ in range(3)) for name in HELD}
    total = {name: sum(files.values()) for name, files in weights.items()}
    worst, slowest = max(total[name] for name in HELD), max(moves.values())
    largest = sorted(weights[HELD[1]].items(), key=lambda item: -item[1])[:8]
    return Result(
        figure=f"{worst / 1000:.0f} KB, moving after {slowest:.0f} ms",
        bar=f"at most {BAR / 1000:.0f} KB and {MOVING_BAR:.0f} ms",
        passed=worst <= BAR and slowest <= MOVING_BAR,
        numbers={"moving_ms": round(slowest), "bytes": total},
        lines=(
            *(f"{name}: {size:,} bytes of script and style with gzip" for name, size in total.items()),
            f"the playground's largest: {', '.join(f'{file} {size:,}' for file, size in largest)}",
        ),
    )
