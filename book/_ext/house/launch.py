"""Buttons and a list that open a chapter on Binder or Colab; none while the project's address is not known."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .address import Address, repository


def add_buttons(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Adds the buttons to the header of a page that was made from a notebook."""
    address = repository()
    if address is None or doctree is None or Path(app.env.doc2path(page)).suffix != ".ipynb":
        return
    links = {"Binder": (address.binder(f"book/{page}.ipynb"), "logo_binder.svg")}
    colab = address.colab(page)
    if colab:
        links["Colab"] = (colab, "logo_colab.png")
    context["header_buttons"].append(
        {
            "type": "group",
            "tooltip": "Run this chapter",
            "icon": "fas fa-rocket",
            "label": "launch-buttons",
            "buttons": [
                {
                    "type": "link",
                    "text": name,
                    "tooltip": f"Open on {name}",
                    "icon": f"_static/images/{icon}",
                    "url": url,
                }
                for name, (url, icon) in links.items()
            ],
        }
    )


class OpenOnline(SphinxDirective):
    """`{open-online}`: a link to each chapter on Binder and Colab, or why there is none."""

    def run(self) -> list[nodes.Node]:
        chapters = sorted(page for page in self.env.found_docs if self.env.doc2path(page).endswith(".ipynb"))
        return [nodes.raw("", listing(repository(), chapters), format="html")]


def listing(address: Address | None, chapters: list[str]) -> str:
    """The links as HTML; without an address, where to write it."""
    if address is None:
        return (
            "<p>This copy of the book does not know the address that it is kept at, so there is nothing that Binder or "
            "Colab could open. Where it is known (<code>Repository</code> under <code>[project.urls]</code> in "
            "<code>pyproject.toml</code>), this page lists a link for each chapter, and each chapter has a button.</p>"
        )
    lines = []
    for page in chapters:
        links = {"Binder": address.binder(f"book/{page}.ipynb"), "Colab": address.colab(page)}
        named = " · ".join(f'<a href="{html.escape(url)}">{name}</a>' for name, url in links.items() if url)
        lines.append(f"<li><code>{html.escape(page)}</code>: {named}</li>")
    return f"<ul>{''.join(lines)}</ul>"
