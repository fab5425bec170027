"""Exercises that are answered in the page: beside each, what `gan_lab.classroom` knows of it, as JSON for the script.

The section "### 1.1 ..." of a chapter holds the statement, hints, the cell for the reader's own answer, the solution
and its hidden, executed cell. Where the page can judge the answer, a place for it comes before the reader's cell, and
that is for those who read without scripts or in a notebook; where only Python can (code), a line says how to open it.
"""

from __future__ import annotations

import html
import json
import re

from docutils import nodes
from sphinx.application import Sphinx

from gan_lab import classroom

from .address import repository

CALL = re.compile(r"""classroom\.check\(\s*["'](\d+\.\d+)["']""")


def place(number: str) -> str:
    """The HTML where the exercise is asked for; its script brings it to life."""
    data = json.dumps(classroom.exercises()[number].for_page(), ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<div class="gl-exercise" data-exercise="{number}">'
        f'<script type="application/json">{data}</script></div>'
    )


def ways_in(page: str) -> str:
    """How to open the chapter where its code runs: the buttons' links where the address is known, else on one's own."""
    here = f"book/{page}.ipynb"
    address, links = repository(), []
    if address is not None:
        colab = address.colab(page)
        links = [("Binder", address.binder(here))] + ([("Colab", colab)] if colab else [])
    there = "".join(f' or on <a href="{html.escape(url)}">{name}</a>' for name, url in links)
    return (
        '<p class="gl-ways">This one is answered in code and checked where code runs: open '
        f"<code>{html.escape(here)}</code> in Jupyter (<code>make lab</code>){there}, write your answer in the cell, "
        "and run it.</p>"
    )


def add_places(app: Sphinx, doctree: nodes.document) -> None:
    """Puts the places into the page, marks what they stand for, and takes away the outputs of unanswered cells."""
    if app.builder.format != "html":
        return
    page = app.env.docname
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code":
            continue
        numbers = CALL.findall(cell.astext())
        if not numbers or numbers[0] not in classroom.exercises():
            continue
        if "tag_hide-cell" in cell["classes"]:
            cell["classes"].append("gl-solved")
            continue
        task = classroom.exercises()[numbers[0]]
        for output in [part for part in cell if part.get("nb_element") == "cell_code_output"]:
            cell.remove(output)
        before = place(task.number)
        if task.kind == "code":
            before += ways_in(page)
        else:
            cell["classes"].append("gl-in-python")
        cell.parent.insert(cell.parent.index(cell), nodes.raw("", before, format="html"))


