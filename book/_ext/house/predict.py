"""Predictions that commit: what follows a "Predict" box in its section is marked, for the script to close it.

What follows is everything up to the next such box or the end of the section: the cells' outputs and the prose that says
what is seen. Code stays readable. Where no script runs nothing is closed.

An option's own reply stands behind it as a comment, `* Neither <!-- Each has a place for ... -->`: no notebook shows
it, and the page says it to whoever has chosen that option. The right one has none.
"""

from __future__ import annotations

import re
import zlib

from docutils import nodes
from sphinx.application import Sphinx

BOX = re.compile(r'<div class="gl-box gl-predict"')
REPLY = re.compile(r"<!--.*?-->", re.DOTALL)
# before anything is painted; undone where the page's script does not come (load.ts undoes it where a part is missing)
CLOSE = (
    'document.documentElement.classList.add("gl-asks");'
    'addEventListener("load",()=>globalThis.ganLab||document.documentElement.classList.remove("gl-asks"));'
)


def _is_box(node: nodes.Node) -> bool:
    return isinstance(node, nodes.raw) and bool(BOX.search(node.astext()))


def name_of(page: str, question: str) -> str:
    """The name under which a prediction is remembered: the page, and the words of the question."""
    return f"{page}:{zlib.crc32(' '.join(REPLY.sub('', question).split()).encode()):08x}"


def mark_spoilers(app: Sphinx, doctree: nodes.document) -> None:
    """Names every box of the page, and wraps what follows it."""
    if app.builder.format != "html":
        return
    for section in list(doctree.findall(nodes.section)):
        children = list(section.children)
        if any(map(_is_box, children)):
            section.children = []
            section.extend(_marked(app.env.docname, children))


def _marked(page: str, children: list[nodes.Node]) -> list[nodes.Node]:
    """The children of a section, with a wrapper around what follows each box, to the next one or the next section."""
    made: list[nodes.Node] = []
    name, closed = "", False  # of the box that we are in; and whether a wrapper is open
    for i, child in enumerate(children):
        if closed and (_is_box(child) or isinstance(child, nodes.section)):
            made.append(nodes.raw("", "</div>", format="html"))
            closed = False
        if _is_box(child):
            end = next(j for j in range(i + 1, len(children)) if "</div>" in children[j].astext())
            name = name_of(page, " ".join(part.astext() for part in children[i + 1 : end]))
            child = nodes.raw("", BOX.sub(rf'\g<0> data-predict="{name}"', child.astext()), format="html")
        made.append(child)
        if name and isinstance(child, nodes.raw) and child.astext().strip() == "</div>":
            made.append(nodes.raw("", f'<div class="gl-spoiler" data-of="{name}">', format="html"))
            name, closed = "", True
    return made + ([nodes.raw("", "</div>", format="html")] if closed else [])
