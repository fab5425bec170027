"""All small widgets alike: they fit a phone, say what they show, and say what is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from gan_lab import data, game, widgets
from tests.page import drawn, follow
from tests.small_widgets import VIEWS, OpenWidget, element, random_tree, tap, words


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dark", [False, True])
def test_fits_a_phone_and_says_what_it_shows(open_widget: OpenWidget, view: str, dark: bool) -> None:
    page = open_widget(element(view), width=390, dark=dark, touch=True)
    assert len(words(page)) > 20
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    ink = page.locator("gan-lab .root").evaluate("root => getComputedStyle(root).color")
    assert (sum(map(int, re.findall(r"\d+", ink)[:3])) > 382) == dark
    colours = page.locator("gan-lab canvas").first.evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert colours > 10, "the picture is blank"
    small = page.locator("gan-lab button:visible, gan-lab select").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 40).length"
    )
    assert small == 0, "too small for a finger"


@pytest.mark.parametrize(
    ("view", "options", "complaint"),
    [
        ("tree", {"tree": [[1, "x"]]}, "needs 2 payoffs"),
        ("tree", {"tree": [[0] * 60]}, "60 leaves"),
        ("best-response", {"game": "chess"}, "no game “chess”"),
        ("best-response", {"A": [[1, 2, 3], [4, 5, 6]]}, "something like"),
        ("bilinear", {"eta": "fast"}, "something like"),
        ("value", {"p": {"name": "gauss"}}, 'did you mean "gaussian"'),
    ],
)
def test_a_mistake_of_the_author_is_said(
    open_widget: OpenWidget, view: str, options: dict[str, Any], complaint: str
) -> None:
    page = open_widget(element(view, **options))
    assert complaint in (page.locator("gan-lab [role=alert]").text_content() or "")


@pytest.mark.parametrize("view", VIEWS)
def test_a_broken_address_is_passed_over(open_widget: OpenWidget, view: str) -> None:
    nonsense = "&".join(
        f"{view}.{name}={value}"
        for name in ("step", "steps", "seed", "eta", "start", "A", "at", "p", "guesses", "preset", "game", "mode")
        for value in ("[[", "-7e300")
    )
    page = open_widget(element(view), query="#" + nonsense)
    assert len(words(page)) > 20
    assert page.locator("gan-lab [role=alert]").count() == 0


def test_the_factories_of_python(open_widget: OpenWidget) -> None:
    """What a chapter writes is what the page shows."""
    tree = random_tree(1, zero_sum=False)
    page = open_widget(widgets.game_tree(tree).html())
    assert page.get_by_label("Leaf values").input_value().count(" ") == len(tree.leaves()) - 1
    page = open_widget(widgets.game_tree([[3, 12], [2, 4]], alpha_beta=True).html())
    assert page.get_by_label("Watch").input_value() == "alpha-beta"
    page = open_widget(widgets.best_response(game.stag_hunt()).html())
    drawn(page)
    assert page.locator("gan-lab .equilibria button").count() == 3
    page = open_widget(widgets.bilinear(0.5, ["optimistic"], 12, curvature=0.1, start=(-1, 0.5)).html())
    assert "V = xy + 0.10(x² − y²)/2, step size 0.50, start (−1.00, 0.50), step 12. optimistic" in words(page)
    page = open_widget(widgets.value(data.sine(), data.gaussian(1, 0.5), shown=True).html())
    assert f"p has mean {math.pi / 2:.2f}" in words(page)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: widgets.game_tree([list(range(49))]), "49 leaves"),
        (lambda: widgets.game_tree(game.haggle([1, 2], rounds=1), alpha_beta=True), "sum to zero"),
        (lambda: widgets.bilinear(curvature=2), "between 0 and 1"),
        (lambda: widgets.bilinear(start=(0, 3)), "between -2 and 2"),
        (lambda: widgets.bilinear(methods=["optimist"]), "optimistic"),
    ],
)
def test_a_mistake_is_said_in_python_already(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make()


def swipe(page: Page, place: Locator, dx: int, dy: int) -> None:
    """A finger put on the middle of ``place``, moved and lifted."""
    box = place.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"]
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for i in range(1, 11):
        at = {"x": x + dx * i / 10, "y": y + dy * i / 10}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        drawn(page)  # a finger takes its time
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize(("view", "key"), [("best-response", "at"), ("bilinear", "start"), ("saddle", "start")])
def test_a_swipe_scrolls_and_a_tap_or_a_drag_moves_the_point(open_widget: OpenWidget, view: str, key: str) -> None:
    page = open_widget(f"{element(view)}<p style='height:3000px'></p>", width=390, touch=True)
    drawn(page)
    canvas = page.locator("gan-lab canvas").first
    state = "() => document.querySelector('gan-lab').view.state()"
    swipe(page, canvas, 0, -150)
    page.wait_for_function("scrollY > 50")
    assert key not in page.evaluate(state)
    page.evaluate("scrollTo(0, 0)")
    swipe(page, canvas, 60, 4)
    page.wait_for_function(f"key => key in ({state})()", arg=key)
    dragged = page.evaluate(state)[key]
    assert page.evaluate("scrollY") == 0
    tap(page, canvas, 0.7, 0.3)
    assert page.evaluate(state)[key] != dragged


@pytest.mark.parametrize(("view", "name"), [("best-response", "The strategies p and q"), ("value", "your D, place 2")])
def test_home_and_end_take_a_handle_to_its_ends(open_widget: OpenWidget, view: str, name: str) -> None:
    page = open_widget(element(view))
    knob = page.get_by_role("slider", name=name)
    low, high = (float(knob.get_attribute(f"aria-value{end}") or "nan") for end in ("min", "max"))
    found = []
    for key in ("End", "Home", "ArrowUp", "PageDown"):
        knob.press(key)
        found.append(float(knob.get_attribute("aria-valuenow") or "nan"))
    assert found[:2] == pytest.approx([high, low], abs=0.011)  # D itself stops short of 0 and 1
    assert (found[2] > found[1]) == (view == "value")  # the other one moves sideways with Home, and up with the arrow


def test_no_number_on_an_axis_is_cut_off(open_widget: OpenWidget) -> None:
    watch = """
        window.cut = [];
        const say = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {
          const wide = this.measureText(words).width, before = { right: wide, center: wide / 2 }[this.textAlign] ?? 0;
          const end = x - before + wide, all = this.canvas.width / this.getTransform().a;
          if (x - before < -0.5 || end > all + 0.5) window.cut.push([words, x - before, end, all]);
          return say.call(this, words, x, y);
        };"""
    for view, more in (("saddle", {"steps": 2000, "preset": "adam"}), ("tree", {}), ("value", {})):
        page = open_widget(element(view, **more), width=390, script=watch)
        drawn(page)
        assert page.evaluate("window.cut") == [], view


def test_a_picture_laid_out_anew_is_drawn_anew(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle"))
    drawn(page)
    canvas = page.locator("gan-lab canvas").first
    canvas.evaluate("c => { c.parentElement.style.width = '217px' }")
    page.wait_for_function("() => document.querySelector('gan-lab').shadowRoot.querySelector('canvas').width === 217")


def test_paper_is_white_whatever_the_theme(open_widget: OpenWidget) -> None:
    page = open_widget(element("best-response"), dark=True)
    drawn(page)
    ink = "() => getComputedStyle(document.querySelector('gan-lab').shadowRoot.querySelector('.root')).color"
    picture = "() => document.querySelector('gan-lab').shadowRoot.querySelector('canvas').toDataURL()"
    dark, before = page.evaluate(ink), page.evaluate(picture)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # at once: what is printed is what is there now
    assert page.evaluate(ink) != dark and page.evaluate(picture) != before
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(ink) == dark and page.evaluate(picture) == before
    page.emulate_media(media="print")
    assert page.locator("gan-lab button:visible, gan-lab select:visible").count() == 0


def test_a_link_opens_at_its_widget(open_widget: OpenWidget) -> None:
    long = "<p style='height:3000px'></p>"
    page = open_widget(
        f"{long}{element('bilinear')}{long}{element('value')}{long}",
        query="#value.preset=disjoint&bilinear.eta=0.5",
    )
    top = "view => document.querySelector(`[view=${view}]`).getBoundingClientRect().top"
    there = f"view => {{ const top = ({top})(view); return top >= 0 && top < 200 }}"
    page.wait_for_function(there, arg="bilinear")
    follow(page, "bilinear.eta=0.5&value.preset=same")
    page.wait_for_function(there, arg="value")
    drawn(page)
    assert 0 <= page.evaluate(top, "value") < 200


NONSENSE = ("constructor=1", "__proto__=1", "step=-5", "steps=-7", "at=-3", "seed=-3", "speed=-1", "step=1e400")
NAMED = ("preset", "game", "map", "mode", "look", "axis", "runs", "matrix", "loss", "target", "prior", "optimisers")


@pytest.mark.parametrize(
    "view",
    ["figure1", "playground", "tree", "best-response", "bilinear", "saddle", "value", "compare", "diagnose"],
)
def test_an_address_of_nonsense_leaves_a_widget_that_works(open_widget: OpenWidget, view: str) -> None:
    page = open_widget(element(view))
    named = [f"{name}={word}" for name in NAMED for word in ("constructor", "__proto__")]
    # each by itself as the page opens would take a minute: one opens the page with all, the rest come after it
    for said in ("&".join(f"{view}.{one}" for one in NONSENSE), *(f"{view}.{one}" for one in named)):
        follow(page, said)
    follow(page, f"{view}.nothing=1")
    assert "undefined" not in words(page) and page.locator("gan-lab canvas").first.is_visible()
