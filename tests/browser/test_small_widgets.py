"""All small widgets alike: they fit a phone, say what they show, and say what is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from gan_lab import data, game, widgets
from tests.small_widgets import VIEWS, OpenWidget, drawn, element, random_tree, words


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
