"""The book's own Sphinx extension: its palette, its shared scripts, its launch buttons. No page asks another host.

* `assets`: the palette as CSS, the widgets' script, MathJax, plotly and recorded runs, from files that are
  already here.
* `launch`: Binder and Colab buttons, where the project's address is known.
* `colab`: a copy of each chapter that installs what it needs, for the Colab button to open.
* `concept_map`: the directive that draws the map of the concepts.
* `inventory`: the directive that asks the concept inventory, and the line that says which items a page moves.
* `images`: figures as lossless WebP, with their sizes stated.
* `light`: a page loads what it uses, and no more.
* `preview`: what a page says of itself where it is linked.
* `stage`: a cell that shows a figure first, and its code folded below.
* `exercises`: places in the page where answers are given and judged.
* `predict`: what a prediction closes until it is made.
* `tidy`: small faults of the theme's HTML, mended after it is written.
"""

from __future__ import annotations

import os
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from . import assets, colab, concept_map, exercises, images, inventory, launch, light, predict, preview, stage, tidy


def _name_hidden_code(app: Sphinx, doctree: nodes.document) -> None:
    """A whole hidden cell is a solution; a cell whose input alone is hidden only spares the reader its plumbing."""
    for cell in doctree.findall(nodes.container):
        if cell.get("hide_mode") == "input" and cell["prompt_show"] == app.config.nb_code_prompt_show:
            cell["prompt_show"], cell["prompt_hide"] = "Show the code", "Hide the code"


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the extension."""
    os.environ.setdefault("GAN_LAB_STATIC", "1")  # chapters executed by Sphinx itself show elements, not anywidgets
    app.add_directive("concept-map", concept_map.ConceptMap)
    app.add_directive("concept-inventory", inventory.ConceptInventory)
    app.add_directive("open-online", launch.OpenOnline)
    app.connect("builder-inited", assets.register)
    app.connect("html-page-context", assets.add_to_page)
    app.connect("html-page-context", inventory.say_on_pages)
    app.connect("build-finished", assets.copy)
    app.connect("html-page-context", launch.add_buttons, priority=502)
    app.connect("build-finished", colab.write_copies)
    app.connect("doctree-read", _name_hidden_code)
    app.connect("doctree-read", exercises.add_places)
    app.connect("doctree-read", predict.mark_spoilers)
    app.add_js_file(None, body=predict.CLOSE, priority=1)
    app.connect("build-finished", images.lighten_pages, priority=800)
    app.add_post_transform(stage.FigureFirst)
    app.connect("html-page-context", preview.add_to_page, priority=600)
    app.connect("build-finished", tidy.tidy_pages, priority=900)
    app.connect("build-finished", light.lighten_pages, priority=910)
    app.connect("build-finished", preview.write, priority=920)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
