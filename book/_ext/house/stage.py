"""A cell tagged `stage` shows its figure first: the code that only sets it up is folded below."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class FigureFirst(SphinxPostTransform):
    """Lays the output of such a cell above its (hidden) code, after MyST-NB has wrapped the code."""

    default_priority = 205  # MyST-NB hides cells at 199
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for cell in self.document.findall(nodes.container):
            if "tag_stage" in cell["classes"] and len(cell.children) > 1:
                cell.children.append(cell.children.pop(0))
