"""Mends what the theme and its extensions write that would trip a reader offline, or one with a screen reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx

REPAIRS: tuple[tuple[re.Pattern[str], str], ...] = (
    # The icons are pictures in the page (`light`): no font is used, and a page opened as a file may not preload one.
    (re.compile(r'<link rel="preload" as="font"[^>]*>\n?'), ""),
    # An accessible name must contain the text that is seen (WCAG 2.5.3): here the text is the better name.
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>"),
    (re.compile(r'(<button class="btn search-button-field[^"]*" title="Search") aria-label="Search"'), r"\1"),
    # A list whose entries are not list items is announced as an empty list.
    (re.compile(r'<div role="list" class="citation-list">'), '<div class="citation-list">'),
)


def tidy(html: str) -> str:
    """The page with every repair made."""
    for pattern, replacement in REPAIRS:
        html = pattern.sub(replacement, html)
    return html


def rewrite_pages(app: Sphinx, failure: Exception | None, change: Callable[[str], str]) -> None:
    """Every page of the built book as `change` makes it."""
    if failure is None and app.builder.format == "html":
        for page in app.env.found_docs | {"search", "genindex"}:
            file = Path(app.outdir) / f"{page}.html"
            if file.is_file():
                file.write_text(change(file.read_text(encoding="utf8")), encoding="utf8")


def tidy_pages(app: Sphinx, failure: Exception | None) -> None:
    """Repairs every page of the built book."""
    rewrite_pages(app, failure, tidy)
