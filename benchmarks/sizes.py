"""What readers load: the bytes of the built scripts, a view and a page, as the files lie there (not compressed).

A page loads `gan-lab.js`, and for each view on it the scripts that `frontend/src/views.json` names; two views share
what both need. What a reader may ask for later (`frontend/src/parts.json`), the table of a language, and the notebooks'
module have bars of their own. The bars are what was measured on the day they were set, and at most 5 % more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from benchmarks.result import ROOT

STATIC = ROOT / "gan_lab" / "widgets" / "static"
SOURCE = ROOT / "frontend" / "src"
NEEDS: dict[str, list[str]] = json.loads((SOURCE / "views.json").read_text(encoding="utf8"))
PARTS: list[str] = json.loads((SOURCE / "parts.json").read_text(encoding="utf8"))

#: bytes of all that a page with this view alone loads
VIEW_BARS = {
    "figure1": 103_500,
    "tree": 80_000,
    "best-response": 34_000,
    "bilinear": 36_500,
    "saddle": 54_500,
    "value": 75_000,
    "run": 34_500,
    "latent": 82_000,
    "playground": 108_000,
    "compare": 107_000,
    "diagnose": 108_000,
    "inventory": 32_500,
    "class": 33_000,
}
#: bytes of all that a page of the book loads for its widgets
PAGE_BARS = {
    "laboratory/diagnose.ipynb": 144_500,
    "laboratory/latent.ipynb": 82_000,
    "laboratory/playground.ipynb": 108_000,
    "laboratory/saddle.ipynb": 54_500,
    "part1/01_why_generate.ipynb": 103_500,
    "part1/02_minimax.ipynb": 80_000,
    "part1/03_nash_equilibrium.ipynb": 70_000,
    "part2/04_two_players.ipynb": 103_500,
    "part2/05_value_function.ipynb": 75_000,
    "part2/06_training_loop.ipynb": 110_500,
    "part2/07_losses.ipynb": 143_000,
    "part2/08_dynamics.ipynb": 136_000,
    "intro.md": 108_000,
    "teaching/lessons.md": 33_000,
}
#: bytes of one file
PART_BAR = 10_600  # the exercises: their rules, their fields and their pen
LANGUAGE_BAR = 71_000
MODULE_BAR = 281_500

#: the functions of gan_lab.widgets that chapters call, and the view that each shows
WIDGETS = {
    "best_response": "best-response", "bilinear": "bilinear", "compare": "compare", "diagnose": "diagnose",
    "figure1": "figure1", "game_tree": "tree", "latent": "latent", "lesson": "playground", "player": "run",
    "playground": "playground", "saddle": "saddle", "seeds": "compare", "value": "value",
}  # fmt: skip
#: those that show no view of their own
OTHERS = {"from_link", "latent_samples", "show", "show_here", "spec"}


def size(names: Iterable[str]) -> int:
    """Bytes of scripts by their short names: `"engine"` is `gan-lab-engine.js`, `""` is `gan-lab.js`."""
    return sum((STATIC / (f"gan-lab-{name}.js" if name else "gan-lab.js")).stat().st_size for name in names)


def needed(views: Iterable[str]) -> set[str]:
    """The scripts that a page with these views loads, by their short names. Empty for no view."""
    found = {name for view in views for name in NEEDS[view]}
    return found | {""} if found else found


def pages() -> dict[str, set[str]]:
    """The views of every page of the book that has one, by the page's place under `book/`.

    Raises KeyError for a function of `gan_lab.widgets` that neither WIDGETS nor OTHERS knows.
    """
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "book").rglob("*.ipynb")) + sorted((ROOT / "book").rglob("*.md")):
        text = file.read_text(encoding="utf8")
        views = set(re.findall(r'<gan-lab view=\\?"([a-z0-9-]+)\\?"', text))
        if file.suffix == ".ipynb":
            views |= {WIDGETS[name] for name in re.findall(r"\bwidgets\.([a-z]\w*)\(", text) if name not in OTHERS}
        if views:
            found[file.relative_to(ROOT / "book").as_posix()] = views
    return found


def over() -> list[str]:
    """Everything that is over its bar or has none, a sentence each."""
    rows = [
        *((f"the view {view}", size(needed([view])), VIEW_BARS.get(view)) for view in NEEDS),
        *((f"the page {page}", size(needed(views)), PAGE_BARS.get(page)) for page, views in pages().items()),
        *((f"the part {part}", size([part]), PART_BAR) for part in PARTS),
        ("the Chinese sentences", size(["zh"]), LANGUAGE_BAR),
        ("the notebooks' module", (STATIC / "gan-lab.mjs").stat().st_size, MODULE_BAR),
    ]
    return [
        f"{what} loads {got} bytes: " + ("give it a bar." if bar is None else f"its bar is {bar}.")
        for what, got, bar in rows
        if bar is None or got > bar
    ]
