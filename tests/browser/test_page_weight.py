"""What the first two pages of a reader fetch, that they move, and that nothing which was taken out is missed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.page_weight import BAR, HELD, MOVES, weigh
from benchmarks.sizes import NEEDS
from tests.page import at_rest, drawn

# what a style sheet writes before or after an element in letters that only an icon font can draw
PRIVATE = """() => [...document.querySelectorAll("body, body *")].flatMap(one => ["::before", "::after"].map(which => {
  const { content, display, visibility } = getComputedStyle(one, which)
  const seen = display !== "none" && visibility !== "hidden" && one.getClientRects().length
  return seen && /[\\ue000-\\uf8ff]/.test(content) ? `${one.className}${which}` : ""
})).filter(Boolean)"""
# how many formulas wait for being seen
WATCHED = """window.watched = 0; const observe = IntersectionObserver.prototype.observe;
IntersectionObserver.prototype.observe = function (one) { watched += one.matches(".math"); observe.call(this, one) }"""


@pytest.mark.parametrize("name", HELD)
def test_the_first_pages_are_light(browser: Browser, site: str, name: str) -> None:
    """Script and style with gzip; a file that a view needs and did not come would make it light too."""
    files = weigh(browser, f"{site}/{name}.html")
    assert sum(files.values()) <= BAR, dict(sorted(files.items(), key=lambda item: -item[1]))
    assert {f"gan-lab-{part}.js" for part in NEEDS["playground"]} < set(files)
    assert not {one for one in files if "fontawesome" in one or one in ("all.min.js", "tex-chtml.js", "plotly.min.js")}


@pytest.mark.parametrize("name", HELD)
def test_they_move_by_themselves_unless_asked_not_to(open_page, name: str) -> None:
    page = open_page(f"{name}.html")
    page.evaluate(MOVES)
    still = open_page(f"{name}.html", reduced_motion=True)
    still.get_by_role("button", name="Play").wait_for()
    step = "document.querySelector('gan-lab').view.engine().steps"
    still.wait_for_function(f"{step} === {400 if 'playground' in name else 0}")
    at_rest(still)
    assert still.evaluate(step) == (400 if "playground" in name else 0)


@pytest.mark.parametrize("name", ["intro", "laboratory/playground", "part2/06_training_loop", "search"])
def test_the_icons_are_drawn(open_page, name: str) -> None:
    """As pictures in the page; nothing is left that waits for an icon font."""
    page = open_page(f"{name}.html")
    assert page.locator("i[class*=fa-], span[class*=fa-]").count() == 0
    for button in (".theme-switch-button", ".sidebar-toggle.primary-toggle"):
        icon = page.locator(f"{button}:visible svg.gl-icon:visible").first.bounding_box()
        assert icon and icon["width"] > 8 and icon["height"] > 8, button
    assert page.evaluate(PRIVATE) == []


def test_a_formula_is_typeset_when_it_comes_near(open_page) -> None:
    page = open_page("laboratory/playground.html", script=WATCHED)
    page.wait_for_function("watched === document.querySelectorAll('.math').length")
    drawn(page)  # who is watched is told of at the next frame
    assert page.locator("mjx-container, script[src*=mathjax]").count() == 0
    page.locator(".math").first.scroll_into_view_if_needed()
    page.locator("mjx-container mjx-math").first.wait_for()


def test_formulas_are_set_before_anybody_prints(open_page) -> None:
    """All of them once the page is there and nobody has touched it: a browser that prints waits for no script."""
    page = open_page("laboratory/playground.html")
    assert page.locator(".math").count() >= 3
    page.wait_for_function("() => [...document.querySelectorAll('.math')].every(one => one.querySelector('mjx-math'))")


def test_a_page_says_what_it_is_where_it_is_linked(open_page) -> None:
    """The first page, and the one that the first leads to: words, a picture that is there, an icon."""
    for name in ("intro.html", "laboratory/playground.html"):
        page = open_page(name)
        told = page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('meta[name], meta[property]')]"
            ".map(one => [one.getAttribute('name') ?? one.getAttribute('property'), one.content]))"
        )
        assert 40 < len(told["description"]) <= 220 and told["og:description"] == told["description"]
        assert told["twitter:card"] == "summary_large_image" and len(told["og:image:alt"]) > 20
        for address in (told["og:image"], page.locator("link[rel=icon]").get_attribute("href")):
            assert page.request.get(page.evaluate("a => new URL(a, location.href).href", address)).ok, address
    assert "generative adversarial network" in open_page("intro.html").locator("meta[name=description]").get_attribute(
        "content"
    )
