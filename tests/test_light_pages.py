"""What is taken out of a page, and what a page says of itself (book/_ext/house/light.py and preview.py)."""

from __future__ import annotations

import numpy as np
import pytest
from bs4 import BeautifulSoup
from docutils.core import publish_doctree
from house import light, preview
from house.address import Address

HEAD = """<head><link href="../_static/vendor/fontawesome/6.5.2/css/all.min.css?digest=1" rel="stylesheet" />
<link rel="stylesheet" type="text/css" href="../_static/pygments.css?v=1" />
<link rel="stylesheet" type="text/css" href="../_static/gan-lab.css?v=1" />
<script src="../_static/vendor/fontawesome/6.5.2/js/all.min.js?digest=1"></script>
<script src="../_static/copybutton.js?v=1"></script>
<script defer="defer" src="../_static/mathjax/tex-chtml.js"></script></head>"""
ICON = '<i class="theme-switch fa-solid fa-sun fa-lg" data-mode="light"></i>'


def test_a_page_keeps_what_it_uses() -> None:
    plain = light.lighten(f"<html>{HEAD}<body><p>Words only.</p>{ICON}</body></html>")
    for gone in ("fontawesome/", "pygments.css", "copybutton.js", "<i "):
        assert gone not in plain, gone
    assert "gan-lab.css" in plain and '<meta name="gl-mathjax" content="../_static/mathjax/tex-chtml.js"/>' in plain
    with_code = light.lighten(f'<html>{HEAD}<body><div class="highlight-python"></div></body></html>')
    assert "pygments.css" in with_code and "copybutton.js" in with_code


def test_an_icon_becomes_its_drawing() -> None:
    html = light.lighten(f"<html><head></head><body>{ICON}</body></html>")
    assert '<svg class="gl-icon theme-switch fa-sun fa-lg"' in html and 'data-mode="light"' in html
    width, height, path = light.drawing("sun")
    assert (width, height) == (512, 512) and path in html and "CC BY 4.0" in html
    with pytest.raises(ValueError, match="has no solid icon 'unheard-of'"):
        light.drawing("unheard-of")


def test_a_description_ends_with_a_sentence() -> None:
    long = "Is it short? " + "It has a second sentence of no great interest. " * 9
    said = preview.description(publish_doctree(f"**Who?**\n\n{long}\n"))
    assert said.startswith("Who? Is it short?") and said.endswith(".") and 100 < len(said) <= preview.LONGEST + 1


def test_the_picture_is_the_recorded_run() -> None:
    """What one generator drew, pixel for pixel, at four moments; and no other size than what previews take."""
    picture = preview.draw_picture()
    assert picture.size == preview.SIZE == (1200, 630)
    for i, step in enumerate(preview.STEPS):
        with preview.Image.open(preview.RECORDED / "digits" / f"step-{step:05d}.webp") as made:
            drawn = np.array(made.convert("L"))[: 4 * 28, : 4 * 28]
        left = 60 + i * (256 + (1200 - 120 - 4 * 256) // 3)
        seen = np.array(picture.crop((left, 240, left + 256, 240 + 256)))
        # 112 pixels are shown as 256: each of those is the one that its middle lies in
        of = (np.arange(256) + 0.5) * 112 // 256
        assert np.array_equal(seen, drawn[of.astype(int)][:, of.astype(int), None].repeat(3, 2)), step


def test_previews_name_the_site_where_it_is_known() -> None:
    assert preview.site(None) == "" == preview.site(Address("https://git.example.org/a/b"))
    assert preview.site(Address("https://github.com/Some/book")) == "https://some.github.io/book/"


def test_titles_are_words_wherever_they_stand() -> None:
    """A sign that HTML means something by is only a sign in a title, in the page's head and on the first page."""
    assert preview.plain("p<sub>g</sub> &lt; 1 &amp; <em>so on</em>") == "pg < 1 & so on"
    title = """A "game" & <script>alert('x')</script>"""
    page = preview.first_page(title, title, "intro")
    assert "<script" not in page and '"game"' not in page
    read = BeautifulSoup(page, "html.parser")
    assert [read.title.text, read.body.a.text, read.find("meta", {"name": "description"})["content"]] == [title] * 3
