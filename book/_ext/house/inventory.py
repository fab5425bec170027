"""The concept inventory: its page asks the items of a JSON file, and every page says which of them its widgets move."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FILE = Path(__file__).resolve().parents[2] / "reference" / "inventory.json"
PAGE = "reference/inventory"


class ConceptInventory(SphinxDirective):
    """`{concept-inventory} FILE`: the widget that asks the items of the JSON file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        return [nodes.raw("", element(json.loads(Path(path).read_text(encoding="utf8"))), format="html")]


def element(data: dict[str, Any]) -> str:
    """The widget with its items, and for those without scripts the questions as a list."""
    asked = {key: data[key] for key in ("misconceptions", "items")}
    inside = json.dumps(asked, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    listed = "".join(
        f"<li>{_symbols(item['en']['ask'])}<ul>"
        + "".join(f"<li>{_symbols(option)}</li>" for option in item["en"]["options"])
        + "</ul></li>"
        for item in data["items"]
    )
    return f'<gan-lab view="inventory"><script type="application/json">{inside}</script><ol>{listed}</ol></gan-lab>'


def _symbols(words: str) -> str:
    """The words for a page, p_g and p_z set as symbols (as the widget does: ui/dom.ts)."""
    return re.sub(r"\bp_(data|g|z)\b", r"<i>p</i><sub>\1</sub>", html.escape(words))


def moved_on(page: str, data: dict[str, Any]) -> list[int]:
    """The numbers of the items that the widgets of a page should move, from 1."""
    wanted = {name for names in data["moves"].get(page, {}).values() for name in names}
    return [i for i, item in enumerate(data["items"], 1) if item["id"] in wanted]


def say_on_pages(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Adds a line at the end of a page whose widgets should move items of the inventory."""
    if doctree is None or "body" not in context:
        return
    if numbers := moved_on(page, json.loads(FILE.read_text(encoding="utf8"))):
        said = ", ".join(map(str, numbers[:-1])) + (" and " if numbers[1:] else "") + str(numbers[-1])
        link = f'<a href="{context["pathto"](PAGE)}">concept inventory</a>'
        context["body"] += (
            f'<p class="gl-moves">The widgets of this page should move item{"s" if numbers[1:] else ""} '
            f"{said} of the {link}.</p>"
        )
