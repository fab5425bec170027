"""The map of the concepts: one picture with links, and the same as a list, both drawn from `book/map.json`."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

WIDTH, ROW, BOX, HIGH, LEFT = 820.0, 96.0, 184.0, 44.0, 192.0


def link(concept: dict[str, Any], chapters: dict[str, list[str]]) -> str:
    """The address of a concept's section, from the page that the map stands on."""
    page = chapters[concept["chapter"]][0] + ".html"
    return f"{page}#{nodes.make_id(concept['section'])}" if concept["section"] else page


def places(concepts: dict[str, Any], chapters: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
    """The centre of every concept's box: a chapter is a row, its concepts stand evenly in it."""
    at = {}
    for row, chapter in enumerate(chapters):
        mine = [name for name, c in concepts.items() if c["chapter"] == chapter]
        free = WIDTH - LEFT
        for i, name in enumerate(mine):
            at[name] = (LEFT + free * (i + 0.5) / len(mine), 50 + row * ROW)
    return at


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """The path of an arrow between two boxes: from side to side within a chapter, from foot to head otherwise."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        side = 1 if x1 < x2 else -1
        return f"M{x1 + side * BOX / 2:.0f} {y1:.0f}H{x2 - side * (BOX / 2 + 5):.0f}"
    top, foot = y1 + HIGH / 2, y2 - HIGH / 2 - 5
    middle = (top + foot) / 2
    return f"M{x1:.0f} {top:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {foot:.0f}"


def draw(data: dict[str, Any]) -> str:
    """The map as SVG: boxes are links, an arrow leads from what is needed to what needs it."""
    chapters, concepts = data["chapters"], data["concepts"]
    at = places(concepts, chapters)
    lines, boxes = [], []
    for row, (number, (page, title)) in enumerate(chapters.items()):
        y = 50 + row * ROW
        boxes.append(
            f'<a href="{page}.html"><text class="gl-map-chapter" x="0" y="{y + 5:.0f}">'
            f"{number} · {html.escape(title)}</text></a>"
        )
    for name, concept in concepts.items():
        x, y = at[name]
        boxes.append(
            f'<a href="{link(concept, chapters)}"><rect x="{x - BOX / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{BOX:.0f}" '
            f'height="{HIGH:.0f}" rx="8"/><text x="{x:.0f}" y="{y + 5:.0f}">{html.escape(concept["name"])}</text></a>'
        )
        for need in concept["needs"]:
            lines.append(f'<path d="{arrow(at[need], (x, y))}"/>')
    height = 50 + len(chapters) * ROW - HIGH
    return (
        f'<svg class="gl-map" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="group" aria-labelledby="gl-map-title">'
        '<title id="gl-map-title">Map of the concepts: each box links to its section; arrows lead from what is needed '
        "to what needs it. The same map follows as a list.</title>"
        '<defs><marker id="gl-map-tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f'<g class="gl-map-needs" aria-hidden="true">{"".join(lines)}</g>{"".join(boxes)}</svg>'
    )


def listing(data: dict[str, Any]) -> str:
    """The map as a list, for phones and for those who do not see the picture."""
    chapters, concepts = data["chapters"], data["concepts"]
    out = []
    for number, (page, title) in chapters.items():
        out.append(f'<li><a href="{page}.html"><strong>{number} · {html.escape(title)}</strong></a><ul>')
        for concept in concepts.values():
            if concept["chapter"] == number:
                needs = ", ".join(concepts[n]["name"] for n in concept["needs"])
                after = f" <span>after {html.escape(needs)}</span>" if needs else ""
                out.append(f'<li><a href="{link(concept, chapters)}">{html.escape(concept["name"])}</a>{after}</li>')
        out.append("</ul></li>")
    return f'<ul class="gl-map-list">{"".join(out)}</ul>'


class ConceptMap(SphinxDirective):
    """`{concept-map} FILE`: draws the map that the JSON file describes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        data = json.loads(Path(path).read_text())
        return [nodes.raw("", draw(data) + listing(data), format="html")]
