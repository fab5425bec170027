"""The map of the concepts: one picture with links, and the same as a list, both drawn from `book/map.json`."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

WIDTH, ROW, BOX, HIGH, LEFT, COLUMNS = 820.0, 96.0, 180.0, 44.0, 192.0, 3
COLUMN = (WIDTH - LEFT) / COLUMNS
LANES = (-5.0, 5.0, 0.0)  # where arrows run in the gap between two columns, off its middle

Place = tuple[int, int]  # row and column of a box


def link(concept: dict[str, Any], chapters: dict[str, list[str]]) -> str:
    """The address of a concept's section, from the page that the map stands on."""
    page = chapters[concept["chapter"]][0] + ".html"
    return f"{page}#{nodes.make_id(concept['section'])}" if concept["section"] else page


def places(concepts: dict[str, Any], chapters: dict[str, list[str]]) -> dict[str, Place]:
    """Row and column of every concept's box: a chapter is a row, its concepts stand in it from left to right."""
    at: dict[str, Place] = {}
    for row, chapter in enumerate(chapters):
        mine = [name for name, c in concepts.items() if c["chapter"] == chapter]
        if len(mine) > COLUMNS:
            raise ValueError(f"chapter {chapter} has {len(mine)} concepts on the map: {COLUMNS} fit in a row.")
        at |= {name: (row, column) for column, name in enumerate(mine)}
    return at


def centre(place: Place) -> tuple[float, float]:
    """Where a box stands in the picture."""
    return LEFT + COLUMN * (place[1] + 0.5), 50 + place[0] * ROW


def arrow(start: Place, end: Place, taken: set[tuple[int, int, float]]) -> str:
    """The path of an arrow, clear of every other box: what passes other rows runs in the gap between two columns.

    ``taken`` holds (gap, row, lane) of the arrows drawn so far, and gets those of this one.
    """
    (x1, y1), (x2, y2) = centre(start), centre(end)
    foot, tip = y1 + HIGH / 2, y2 - HIGH / 2 - 5
    if start[0] == end[0]:
        if abs(start[1] - end[1]) == 1:
            side = 1 if x1 < x2 else -1
            return f"M{x1 + side * BOX / 2:.0f} {y1:.0f}H{x2 - side * (BOX / 2 + 5):.0f}"
        low = foot + 30  # around what stands between
        return f"M{x1 + 40:.0f} {foot:.0f}C{x1 + 60:.0f} {low:.0f} {x2 - 40:.0f} {low:.0f} {x2 - 20:.0f} {foot + 5:.0f}"
    if end[0] == start[0] + 1:
        middle = (foot + tip) / 2
        return f"M{x1:.0f} {foot:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {tip:.0f}"
    gap = start[1] if end[1] > start[1] or start[1] == 0 else start[1] - 1
    rows = range(start[0] + 1, end[0])
    lane = next((lane for lane in LANES if all((gap, row, lane) not in taken for row in rows)), 0.0)
    taken |= {(gap, row, lane) for row in rows}
    x, top, bottom = LEFT + COLUMN * (gap + 1) + lane, y1 + ROW - HIGH / 2, y2 - ROW + HIGH / 2
    return (
        f"M{x1:.0f} {foot:.0f}C{x1:.0f} {top - 14:.0f} {x:.0f} {foot + 14:.0f} {x:.0f} {top:.0f}V{bottom:.0f}"
        f"C{x:.0f} {tip - 14:.0f} {x2:.0f} {bottom + 14:.0f} {x2:.0f} {tip:.0f}"
    )


def draw(data: dict[str, Any]) -> str:
    """The map as SVG: boxes are links, an arrow leads from what is needed to what needs it."""
    chapters, concepts = data["chapters"], data["concepts"]
    at = places(concepts, chapters)
    lines, boxes, taken = [], [], set[tuple[int, int, float]]()
    for row, (number, (page, title)) in enumerate(chapters.items()):
        y = 50 + row * ROW
        boxes.append(
            f'<a href="{page}.html"><text class="gl-map-chapter" x="0" y="{y + 5:.0f}">'
            f"{number} · {html.escape(title)}</text></a>"
        )
    for name, concept in concepts.items():
        x, y = centre(at[name])
        boxes.append(
            f'<a href="{link(concept, chapters)}"><rect x="{x - BOX / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{BOX:.0f}" '
            f'height="{HIGH:.0f}" rx="8"/><text x="{x:.0f}" y="{y + 5:.0f}">{html.escape(concept["name"])}</text></a>'
        )
        for need in concept["needs"]:
            lines.append(f'<path d="{arrow(at[need], at[name], taken)}"/>')
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
