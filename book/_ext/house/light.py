"""A page loads what it uses: icons as small pictures in the page, not 1.6 MB of an icon font's script, MathJax where
a formula comes into view, the scripts of code cells, tabs and foldings where there are any."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

from .tidy import rewrite_pages

#: an icon as the theme writes it, for the script of Font Awesome to find
ICON = re.compile(r'<(?P<tag>i|span) class="(?P<classes>(?:[^"]* )?(?:fas|fa-solid) [^"]*)"(?P<rest>[^>]*)></(?P=tag)>')
FONT_AWESOME = re.compile(r'\s*<(?:link|script)\b[^>]*vendor/fontawesome/[^>]*>(?:</script>)?')
MATHJAX = re.compile(r'<script defer="defer" src="(?P<source>[^"]*mathjax/tex-chtml\.js)"></script>')
#: files of `_static` that the theme's extensions name on every page, and what a page must hold for them to be of use
USES: tuple[tuple[str, str], ...] = (
    (r"togglebutton\.(?:js|css)", r'class="(?:[^"]* )?toggle[ "]|class="[^"]*\badmonition [^"]*\bdropdown\b'),
    (r"(?:clipboard\.min|copybutton)\.(?:js|css)", r'class="highlight'),
    (r"(?:design-tabs\.js|sphinx-design\.min\.css)", r'class="[^"]*\bsd-'),
    (r"mystnb\.\w+\.css", r'class="[^"]*\bcell\b'),
    (r"concept-map\.css", r'class="gl-map'),
    (r"pygments\.css", r'class="highlight'),
)
NOTE = "<!-- Icons: Font Awesome Free 6.5.2 by @fontawesome, https://fontawesome.com, CC BY 4.0 -->"


@cache
def _drawings() -> str:
    """Font Awesome's own script, as the theme brings it: the drawings are data in it."""
    theme = find_spec("pydata_sphinx_theme")
    if theme is None or theme.origin is None:
        raise FileNotFoundError("pydata_sphinx_theme is not here: install requirements.txt again.")
    (file,) = Path(theme.origin).parent.rglob("fontawesome/*/js/all.min.js")
    return file.read_text(encoding="utf8")


@cache
def drawing(name: str) -> tuple[int, int, str]:
    """Width, height and path of a solid icon, such as "arrow-up". ValueError for a name that there is not."""
    wanted = rf'[{{,]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]*)"'
    found = re.findall(wanted, _drawings())
    if not found:
        raise ValueError(f"Font Awesome Free has no solid icon {name!r}: the page that asks for it needs another.")
    width, height, path = found[-1]  # the regular style comes before the solid one
    return int(width), int(height), path


def draw(classes: str, rest: str) -> str:
    """The picture in place of the element with these classes; what else the theme says of it stays on it."""
    names = [c.removeprefix("fa-") for c in classes.split() if c.startswith("fa-") and c not in ("fa-solid", "fa-lg")]
    width, height, path = drawing(names[0])
    kept = " ".join(c for c in classes.split() if not re.fullmatch(r"fas|fa-solid", c))
    return (
        f'<svg class="gl-icon {kept}" viewBox="0 0 {width} {height}" aria-hidden="true"{rest}>'
        f'<path fill="currentColor" d="{path}"/></svg>'
    )


def lighten(html: str) -> str:
    """The page without what it does not use."""
    body = html[html.find("<body") :]
    for files, used in USES:
        if not re.search(used, body):
            html = re.sub(rf'\s*<(?:link|script)\b[^>]*_static/{files}[^>]*>(?:</script>)?', "", html)
    html = FONT_AWESOME.sub("", html)
    html = ICON.sub(lambda match: draw(match["classes"], match["rest"]), html)
    html = MATHJAX.sub(r'<meta name="gl-mathjax" content="\g<source>"/>', html)  # book.js fetches it
    return html.replace("</head>", f"{NOTE}\n</head>", 1)


def lighten_pages(app: Sphinx, failure: Exception | None) -> None:
    """Does so for the whole built book."""
    rewrite_pages(app, failure, lighten)
