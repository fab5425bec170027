"""What every page shares: the palette, the widgets' scripts, MathJax and plotly, each one cached file of this site."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[3]
RECORDED = ROOT / "book" / "recorded"  # the pages name its pictures by the same paths as the chapters do
PALETTE = ROOT / "gan_lab" / "palette.json"
# A page loads the first; that one fetches the others from beside itself, those its widgets need.
WIDGETS = ROOT / "gan_lab" / "widgets" / "static" / "gan-lab.js"
WIDGETS_ON_DEMAND = "gan-lab-*.js"
# The parts of MathJax that a page can ask for: TeX in, CommonHTML out, its fonts, and TeX packages loaded on demand.
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")

logger = logging.getLogger(__name__)


def palette_css(palette: dict[str, dict[str, str]]) -> str:
    """The palette as CSS custom properties, `--gl-NAME`, for the light page and the dark one."""
    blocks = []
    for mode, selector in (("light", ":root"), ("dark", 'html[data-theme="dark"]')):
        lines = "".join(f"  --gl-{name}: {colour};\n" for name, colour in palette[mode].items())
        blocks.append(f"{selector} {{\n  color-scheme: {mode};\n{lines}}}\n")
    return "/* Made from gan_lab/palette.json, the one place where these colours are chosen. */\n" + "".join(blocks)


def _mathjax() -> Path:
    """Where the package sphinx-mathjax-offline keeps MathJax (its name has a hyphen, so it cannot be imported)."""
    for file in metadata.files("sphinx-mathjax-offline") or []:
        if file.name == "tex-chtml.js":
            return Path(str(file.locate())).parent
    raise FileNotFoundError("MathJax is not here: install requirements.txt (sphinx-mathjax-offline) again.")


def _plotly() -> Path:
    files = metadata.files("plotly") or []
    return next(Path(str(file.locate())) for file in files if file.name == "plotly.min.js")


def register(app: Sphinx) -> None:
    """Adds the shared style and scripts to the head of every page."""
    if app.builder.format != "html":
        return
    app.add_css_file("gl-palette.css", priority=400)
    if WIDGETS.is_file():
        app.add_js_file("gan-lab.js", loading_method="defer")
    else:
        logger.warning("%s is missing: run `npm run build` in frontend/.", WIDGETS.relative_to(ROOT))


def add_to_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Adds plotly to the pages that draw with it, and keeps the search page quiet where there is no server."""
    if "plotly-graph-div" in context.get("body", ""):
        app.add_js_file("plotly.min.js", priority=200)
    if page == "search":
        # Summaries are fetched page by page, which browsers refuse to a page opened as a file.
        app.add_js_file(
            None, body='if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'
        )


def copy(app: Sphinx, failure: Exception | None) -> None:
    """Lays the shared files beside the pages."""
    if failure is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / "gl-palette.css").write_text(palette_css(json.loads(PALETTE.read_text())))
    if WIDGETS.is_file():
        for script in (WIDGETS, *WIDGETS.parent.glob(WIDGETS_ON_DEMAND)):
            shutil.copyfile(script, static / script.name)
    if RECORDED.is_dir():
        shutil.copytree(RECORDED, Path(app.outdir) / "recorded", dirs_exist_ok=True)
    shutil.copyfile(_plotly(), static / "plotly.min.js")
    source = _mathjax()
    for part in MATHJAX_PARTS:
        target = static / "mathjax" / part
        if (source / part).is_dir():
            shutil.copytree(source / part, target, dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, target)
