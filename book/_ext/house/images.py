"""Figures as readers get them: lossless WebP, half the bytes, their size stated so that pages hold still."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img(?P<before>[^>]*?) src="(?P<source>[^"]*_images/(?P<name>[^"/]+))"(?P<after>[^>]*)>')


def lighten(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Makes each PNG of `folder` a lossless WebP where that is smaller; returns old name -> (name, width, height)."""
    found = {}
    for file in sorted(folder.glob("*.png")):
        with Image.open(file) as picture:
            width, height = picture.size
            lighter = file.with_suffix(".webp")
            picture.save(lighter, lossless=True, method=6)
        kept, other = (lighter, file) if lighter.stat().st_size < file.stat().st_size else (file, lighter)
        other.unlink()
        found[file.name] = (kept.name, width, height)
    return found


def state_sizes(html: str, pictures: dict[str, tuple[str, int, int]]) -> str:
    """The page with its pictures' new names and sizes; those after the first load when they come near the window."""
    seen = 0

    def restate(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        if match["name"] not in pictures:
            return match.group()
        name, width, height = pictures[match["name"]]
        source = match["source"].removesuffix(match["name"]) + name
        size = "" if " width=" in match.group() else f' width="{width}" height="{height}"'
        lazy = ' loading="lazy"' if seen > 1 and " loading=" not in match.group() else ""
        return f'<img{match["before"]} src="{source}"{size}{lazy}{match["after"]}>'

    html = PICTURE.sub(restate, html)
    for old, (new, _, _) in pictures.items():
        html = html.replace(f"_images/{old}", f"_images/{new}")
    return html


def lighten_pages(app: Sphinx, failure: Exception | None) -> None:
    """Does both for the whole built book."""
    if failure is None and app.builder.format == "html":
        pictures = lighten(Path(app.outdir) / "_images")
        for page in app.env.found_docs:
            file = Path(app.outdir) / f"{page}.html"
            file.write_text(state_sizes(file.read_text(encoding="utf8"), pictures), encoding="utf8")
