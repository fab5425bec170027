"""Figures as readers get them: lossless WebP, sizes stated so that pages hold still, one for each theme, readable.

A figure of `gan_lab.plots` brings its twin for the dark page and the size of its letters in its PNG's text. Both are
put into the page, the theme shows one; where the column is narrower than its letters allow, the figure scrolls.
"""

from __future__ import annotations

import base64
import io
import math
import re
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from sphinx.application import Sphinx

from .tidy import rewrite_pages

PICTURE = re.compile(r'<img(?P<before>[^>]*?) src="(?P<source>[^"]*_images/(?P<name>[^"/]+))"(?P<after>[^>]*)>')
SMALLEST = 11  # pixels that letters are high, at least, on any screen


class Lightened(NamedTuple):
    """A figure's file name, its size in pixels, the least width that it is shown with, and its twin for the dark."""

    name: str
    width: int
    height: int
    least: int = 0
    dark: str = ""


def _smaller(picture: Image.Image, file: Path) -> str:
    """Keeps the picture as WebP or as the PNG ``file``, whichever is smaller; the name of what it became."""
    lighter = file.with_suffix(".webp")
    picture.save(lighter, lossless=True, method=6)
    if not file.is_file():
        picture.save(file)
    kept, other = (lighter, file) if lighter.stat().st_size < file.stat().st_size else (file, lighter)
    other.unlink()
    return kept.name


def lighten(folder: Path) -> dict[str, Lightened]:
    """Makes each PNG of `folder` a lossless WebP where that is smaller; returns old name -> what it became."""
    found = {}
    for file in sorted(folder.glob("*.png")):
        with Image.open(file) as picture:
            picture.load()
            width, height = picture.size
            said = {key: value for key, value in picture.info.items() if key in ("dark", "letters")}
            name = _smaller(picture, file)
        letters, twin = float(said.get("letters") or 0), ""
        if "dark" in said:
            with Image.open(io.BytesIO(base64.b64decode(said["dark"]))) as night:
                twin = _smaller(night, file.with_name(f"{file.stem}-dark.png"))
        least = math.ceil(width * SMALLEST / letters) if letters else 0
        found[file.name] = Lightened(name, width, height, least, twin)
    return found


def state_sizes(html: str, pictures: dict[str, Lightened]) -> str:
    """The page with its pictures' new names and sizes; those after the first load when they come near the window."""
    seen = 0

    def restate(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        if match["name"] not in pictures:
            return match.group()
        name, width, height, least, dark = pictures[match["name"]]
        folder = match["source"].removesuffix(match["name"])
        size = "" if " width=" in match.group() else f' width="{width}" height="{height}"'
        lazy = ' loading="lazy"' if " loading=" not in match.group() else ""
        if not dark:
            first = "" if seen == 1 else lazy
            return f'<img{match["before"]} src="{folder}{name}"{size}{first}{match["after"]}>'
        rest, least_wide = match["before"] + match["after"].rstrip("/ "), f' style="--gl-least: {least}px"'
        return (
            f'<span class="gl-figure"{least_wide}><span class="gl-day"><img{rest} src="{folder}{name}"{size}'
            f'{"" if seen == 1 else lazy}></span><span class="gl-night">'
            f'<img{rest} src="{folder}{dark}"{size}{lazy}></span></span>'
        )

    html = PICTURE.sub(restate, html)
    for old, picture in pictures.items():
        html = html.replace(f"_images/{old}", f"_images/{picture.name}")
    return html


def lighten_pages(app: Sphinx, failure: Exception | None) -> None:
    """Does both for the whole built book."""
    if failure is None and app.builder.format == "html":
        pictures = lighten(Path(app.outdir) / "_images")
        rewrite_pages(app, failure, lambda html: state_sizes(html, pictures))
