"""Every published page, as a reader meets it: wide and narrow, light and dark, served and from a folder, offline."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml
from house.address import repository
from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WEIGHT = 300_000  # bytes a page may add to what the browser has already
TEXT = {".html", ".svg", ".js", ".css", ".json"}


def _toc() -> dict:
    return yaml.safe_load((ROOT / "_toc.yml").read_text())


CHAPTERS = [c["file"] for part in _toc()["parts"] for c in part["chapters"]]
PAGES = [f"{name}.html" for name in [_toc()["root"], *CHAPTERS, "search", "genindex"]]


class _Links(HTMLParser):
    """Collects what a page refers to, its ids, and the sources it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.lazy: set[str] = set()  # of the sources, those that are fetched when they are shown
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.ids |= {value for name, value in attributes if name in ("id", "name") and value}
        if tag == "a" and named.get("href"):
            self.links.append(named["href"] or "")
        loads = tag != "link" or named.get("rel") in ("stylesheet", "preload", "icon")
        source = loads and (named.get("href") if tag == "link" else named.get("src"))
        if source:
            self.sources.append(source)
            self.lazy |= {source} if named.get("loading") == "lazy" else set()


def _read(file: Path) -> _Links:
    parser = _Links()
    parser.feed(file.read_text(encoding="utf8"))
    return parser


def _local(file: Path, references: list[str]) -> Iterator[tuple[Path, str]]:
    """The references of a page that stay on this site, as (file, fragment)."""
    for reference in references:
        plain, fragment = urldefrag(reference)
        if not urlsplit(reference).scheme and not reference.startswith("//"):
            path = unquote(urlsplit(plain).path)
            yield ((file.parent / path).resolve() if path else file), unquote(fragment)


def _settle(page: Page) -> None:
    """Waits until the page has typeset its formulas and loaded its lazy images."""
    page.evaluate("() => document.querySelectorAll('img[loading=lazy]').forEach(i => { i.loading = 'eager' })")
    page.wait_for_function("() => [...document.images].every(i => i.complete)")
    page.evaluate("() => window.typeset()")


def test_all_pages_are_listed(built_book: Path) -> None:
    hidden = ("_static", "_sources", "colab")
    built = {p.relative_to(built_book).as_posix() for p in built_book.rglob("*.html")}
    assert {p for p in built if not p.startswith(hidden)} == {*PAGES, "index.html"}


def _is_whole(page: Page, width: int) -> None:
    """Nothing sticks out at this width, and no figure is mute or missing."""
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert page.locator("h1").count() >= 1
    pictures = page.evaluate(
        """() => [...document.querySelectorAll('.bd-article img')].map(image =>
             ({ src: image.currentSrc, alt: image.alt, width: image.naturalWidth }))"""
    )
    for picture in pictures:
        assert picture["width"] > 0, f"{picture['src']} did not load"
        assert picture["alt"].strip() and not picture["alt"].startswith(("../", "_images")), f"no alt text: {picture}"
    for element in page.locator("gan-lab").all():
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box and box["height"] > 100 and box["width"] <= width, f"a widget of size {box}"
    assert page.locator("text=/Unknown mime|text\\/plain object/i").count() == 0
    if page.locator(".bd-article .math").count():
        assert page.locator("mjx-container").count() >= page.locator(".bd-article .math").count()


def _is_accessible(page: Page) -> None:
    """axe finds nothing serious or critical, in the theme that is shown, with every answer opened."""
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true })")
    # the theme fades opened answers in: half faded, a letter's contrast is too low
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    page.add_script_tag(content=AXE.read_text())
    # axe asks for the style sheets once more, to look for a locked orientation: from a folder a browser refuses that
    served = not page.url.startswith("file:")
    found = page.evaluate("preload => axe.run({ resultTypes: ['violations'], preload })", served)
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, "\n".join(
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in grave
        for node in violation["nodes"][:6]
    )


@pytest.mark.parametrize("files", [False, True], ids=["served-light", "folder-dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_visit(open_page, path: str, files: bool) -> None:
    """One visit of a page checks all of it: from a server in the light theme, from a folder in the dark one; wide, axe,
    then narrow. No error and no other host: the fixtures see to both."""
    assert AXE.is_file(), "axe-core is missing: run `npm ci` in frontend/."
    page = open_page(path, files=files, dark=files)
    assert page.locator("html").get_attribute("data-theme") == ("dark" if files else "light")
    _settle(page)
    _is_whole(page, 1440)
    _is_accessible(page)
    _is_whole(page, 390)


def test_what_is_wrong_with_a_page_is_found(open_page) -> None:
    page = open_page("genindex.html", files=True, dark=True)
    page.evaluate("""() => document.querySelector('.bd-article').insertAdjacentHTML('beforeend',
      '<p style="color: #222; background: #111">dark on dark</p><div style="width: 600px">wide</div>')""")
    with pytest.raises(AssertionError, match="color-contrast.*dark on dark"):
        _is_accessible(page)
    with pytest.raises(AssertionError, match="scrolls sideways"):
        _is_whole(page, 390)


def test_no_picture_is_of_one_colour(built_book: Path) -> None:
    """In neither theme, on the paper of that theme."""
    shown = {one for path in PAGES for one in _pictures(built_book / path)}
    night = {one for one in shown if one.stem.endswith("-dark")}
    assert len(night) > 20 and len(shown) > 40 and {one.suffix for one in shown} <= {".webp", ".png"}
    for one in shown:
        with Image.open(one) as picture:
            paper = Image.new("RGBA", picture.size, "#121212" if one in night else "white")
            seen = Image.alpha_composite(paper, picture.convert("RGBA"))
        assert max(high - low for low, high in seen.getextrema()) > 60, one.name
    assert {one.with_stem(one.stem.removesuffix("-dark")) for one in night} <= shown


def _pictures(file: Path, theme: str = "") -> set[Path]:
    """The pictures that a page names, or those that it fetches in a theme: a lazy one of the other lies hidden."""
    read = _read(file)
    named = {target: source in read.lazy for source in read.sources for target, _ in _local(file, [source])}
    named = {target: lazy for target, lazy in named.items() if target.parent.name == "_images"}
    night = {target for target in named if target.stem.endswith("-dark")}
    day = {target.with_stem(target.stem.removesuffix("-dark")) for target in night}
    other = {"light": night, "dark": day, "": set()}[theme]
    return {target for target, lazy in named.items() if not (lazy and target in other)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_fetches_the_pictures_of_one_theme(open_page, built_book: Path, theme: str) -> None:
    path = "part2/07_losses.html"
    page = open_page(path, dark=theme == "dark")
    for picture in page.locator(".bd-article img:visible").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode()")
    names = page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")
    fetched = {built_book / name.strip("/") for name in names if "/_images/" in name}
    assert fetched == _pictures(built_book / path, theme) and len(fetched) > 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_weight(built_book: Path, path: str, theme: str) -> None:
    """What a page adds to the shared, cached files: its HTML (compressed, as servers send it) and what it fetches."""
    file = built_book / path
    hidden = _pictures(file) - _pictures(file, theme)
    own = {file, *(target for target, _ in _local(file, _read(file).sources))} - hidden
    sizes = {
        f.name: len(gzip.compress(f.read_bytes(), 6)) if f.suffix in TEXT else f.stat().st_size
        for f in own
        if "_static" not in f.parts and f.name != "searchindex.js"
    }
    assert sum(sizes.values()) < WEIGHT, f"{sum(sizes.values()):,} bytes: {sizes}"


@pytest.mark.parametrize("path", PAGES)
def test_links_resolve(built_book: Path, path: str) -> None:
    """Every link and source that stays on this site leads somewhere, fragment included."""
    file, ids = built_book / path, {}
    page = _read(file)
    missing = []
    for target, fragment in [*_local(file, page.links), *_local(file, page.sources)]:
        if not target.is_file():
            missing.append(str(target))
        elif fragment and "=" not in fragment and target.suffix == ".html":  # with "=" it is a widget's state
            if target not in ids:
                ids[target] = _read(target).ids
            if fragment not in ids[target]:
                missing.append(f"{target}#{fragment}")
    assert not missing, missing


@pytest.mark.parametrize("path", PAGES)
def test_nothing_comes_from_another_host(built_book: Path, path: str) -> None:
    """No script, style, picture, font or frame is named at another host, not even one a browser would skip."""
    abroad = [s for s in _read(built_book / path).sources if urlsplit(s).netloc or s.startswith("//")]
    assert not abroad, abroad


def test_first_page_is_the_landing_page(new_page, site) -> None:
    page = new_page()
    page.goto(f"{site}/index.html")
    page.wait_for_url("**/intro.html")
    assert "The Adversarial Game" in page.title()


@pytest.mark.parametrize("files", [False, True], ids=["served", "from a folder"])
def test_search_finds(open_page, files: bool) -> None:
    page = open_page("search.html?q=discriminator", files=files)
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li a").count() >= 3


def test_formulas_are_typeset(open_page) -> None:
    page = open_page("part2/05_value_function.html")
    _settle(page)
    assert page.locator("mjx-container mjx-math").count() > 5
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_dark_and_light_can_be_chosen(open_page) -> None:
    page = open_page("intro.html")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        if page.locator("html").get_attribute("data-theme") == "dark":
            break
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


@pytest.mark.parametrize("path", [f"{name}.html" for name in CHAPTERS if name.startswith("part")])
def test_launch_buttons_only_where_the_address_is_known(built_book: Path, path: str) -> None:
    address = repository()
    links = [one for one in _read(built_book / path).links if "mybinder.org" in one or "colab.research" in one]
    if address is None:
        assert links == []
    else:
        assert links[0] == address.binder(f"book/{path.removesuffix('.html')}.ipynb")
