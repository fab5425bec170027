"""What a page says of itself where it is linked: a description, a picture, an icon for the tab."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from PIL import Image, ImageDraw, ImageFont
from sphinx.application import Sphinx

from .address import Address, repository
from .assets import PALETTE, RECORDED

PICTURE, ICON = "_static/preview.png", "_static/favicon.svg"
SIZE = (1200, 630)  # what the sites that draw previews ask for
STEPS = (0, 500, 2000, 10_000)  # of the recorded run of the digits
SIDE, DIGIT, PER_ROW = 28, 64, 4
ALT = "Four sheets of digits by one generator, at steps 0, 500, 2,000 and 10,000: noise, smears, strokes, digits."
LONGEST = 200


def site(address: Address | None) -> str:
    """Where the pages are published, with a final slash; empty where that is not known."""
    if address is None or not address.on_github:
        return ""
    owner, name = urlsplit(address.url).path.strip("/").split("/")[:2]
    return f"https://{owner.lower()}.github.io/{name}/"


def description(doctree: nodes.document) -> str:
    """The first sentences of a page, as plain text: its question, and what stands under it."""
    words = ""
    for paragraph in doctree.findall(nodes.paragraph):
        text = re.sub(r"\s+", " ", paragraph.astext()).strip()
        if len(words) + len(text) > LONGEST:
            sentences = re.split(r"(?<=[.?!]) ", text)
            while sentences and len(words) + len(" ".join(sentences)) > LONGEST:
                sentences.pop()
            text = " ".join(sentences)
        words = f"{words} {text}".strip()
        if len(words) > LONGEST / 2 or not text:
            break
    return words


def tags(title: str, words: str, page: str, root: str) -> str:
    """The tags of a page's head; `root` leads to the book's folder where the site's address is not known."""
    home = site(repository())
    rows = [("name", "description", words), ("property", "og:title", title), ("property", "og:description", words)]
    rows += [("property", "og:type", "article"), ("property", "og:site_name", "The Adversarial Game")]
    rows += [("property", "og:url", f"{home}{page}.html")] if home else []
    rows += [("property", "og:image", (home or root) + PICTURE), ("property", "og:image:alt", ALT)]
    rows += [("property", "og:image:width", str(SIZE[0])), ("property", "og:image:height", str(SIZE[1]))]
    rows += [("name", "twitter:card", "summary_large_image")]
    lines = [f'<meta {kind}="{name}" content="{html.escape(said)}"/>' for kind, name, said in rows]
    return "\n".join([*lines, icon(root)])


def icon(root: str) -> str:
    """The tag of the tab's icon."""
    return f'<link rel="icon" type="image/svg+xml" href="{html.escape(root + ICON)}"/>\n'


def plain(markup: str) -> str:
    """What a title in HTML says: its tags are none of it, and a `&lt;` in it is no tag."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def add_to_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Puts the tags into the head; a page without text of its own (the search) gets the icon only."""
    root = "../" * page.count("/")
    if doctree is None:
        made = icon(root)
    else:
        made = tags(plain(context.get("title", "")), description(doctree), page, root)
    context["metatags"] = context.get("metatags", "") + made


def _palette() -> dict[str, str]:
    return dict(json.loads(PALETTE.read_text())["light"])


def draw_picture(recorded: Path = RECORDED / "digits") -> Image.Image:
    """What one generator drew at four moments of the recorded run: 16 digits each, as they lie in the repository."""
    ink = _palette()
    picture = Image.new("RGB", SIZE, ink["paper"])
    pen = ImageDraw.Draw(picture)
    pen.text((60, 44), "The Adversarial Game", ink["ink"], ImageFont.load_default(64))
    pen.text((62, 134), "generative adversarial networks, live in the page", ink["muted"], ImageFont.load_default(34))
    sheet = PER_ROW * DIGIT
    gap = (SIZE[0] - 2 * 60 - len(STEPS) * sheet) // (len(STEPS) - 1)
    for i, step in enumerate(STEPS):
        with Image.open(recorded / f"step-{step:05d}.webp") as made:
            corner = made.convert("L").crop((0, 0, PER_ROW * SIDE, PER_ROW * SIDE))
        left = 60 + i * (sheet + gap)
        picture.paste(corner.resize((sheet, sheet), Image.Resampling.NEAREST), (left, 240))
        pen.rectangle((left - 1, 239, left + sheet, 240 + sheet), outline=ink["grid"])
        pen.text((left, 240 + sheet + 18), f"step {step:,}", ink["generator"], ImageFont.load_default(32))
    return picture


def draw_icon() -> str:
    """Two players, overlapping."""
    ink = _palette()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<circle cx="12" cy="16" r="10" fill="{ink["generator"]}"/>'
        f'<circle cx="20" cy="16" r="10" fill="{ink["discriminator"]}" fill-opacity=".82"/></svg>\n'
    )


def write(app: Sphinx, failure: Exception | None) -> None:
    """Lays picture and icon beside the pages, and the tags into the first page, which only leads to another."""
    if failure is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    draw_picture().save(folder / PICTURE, optimize=True)
    (folder / ICON).write_text(draw_icon(), encoding="utf8")
    words = description(app.env.get_doctree(app.config.root_doc))
    (folder / "index.html").write_text(first_page(app.config.html_title, words, app.config.root_doc), encoding="utf8")


def first_page(title: str, words: str, first: str) -> str:
    """A page that leads on to the page ``first``, with what is to be said of the book where it is linked."""
    said, to = html.escape(title), html.escape(f"{first}.html")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/><title>{said}</title>\n'
        f'{tags(title, words, first, "")}<meta http-equiv="refresh" content="0; url={to}"/></head>\n'
        f'<body><p><a href="{to}">{said}</a></p></body></html>\n'
    )
