"""Buttons that open a chapter on Binder or Colab; none while the project's address is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .address import repository


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
