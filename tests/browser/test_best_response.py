"""Best responses of chapter 3 in a real browser: every control, and every number beside gan_lab's."""

from __future__ import annotations

import json
import re

import numpy as np
from playwright.sync_api import Page

from gan_lab import game
from tests.page import drawn
from tests.small_widgets import OpenWidget, drag, element, go, numbers, state, tap


def payoff_tables() -> list[tuple[list[float], list[float]]]:
    rng = np.random.default_rng(0)
    tables = [(rng.integers(-2, 3, 4).tolist(), rng.integers(-2, 3, 4).tolist()) for _ in range(40)]  # many degenerate
    tables += [(rng.normal(size=4).round(3).tolist(), rng.normal(size=4).round(3).tolist()) for _ in range(20)]
    return tables


def test_payoffs_and_gains_equal_gan_lab(open_widget: OpenWidget) -> None:
    page = open_widget(element("best-response"))
    rng = np.random.default_rng(1)
    for A, B in payoff_tables():
        p, q = rng.random(2).round(6).tolist()
        go(page, "best-response", A=A, B=B, at=[p, q])
        matrix = game.MatrixGame(np.reshape(A, (2, 2)), np.reshape(B, (2, 2)))
        x, y = [p, 1 - p], [q, 1 - q]
        pays, gains = matrix.payoffs(x, y), matrix.gains(x, y)
        np.testing.assert_allclose(numbers(page), [pays[0], gains[0], pays[1], gains[1]], atol=1e-12)


def equilibria_of(page: Page) -> list[tuple[float, float, float, float]]:
    """The equilibria that the widget lists, each as (p from, p to, q from, q to)."""
    boxes = []
    for text in page.locator("gan-lab .equilibria button").all_text_contents():
        n = [float(v.replace("−", "-")) for v in re.findall(r"−?\d+(?:\.\d+)?", text)]
        if text.startswith("mixed"):
            boxes.append((n[0], n[0], n[1], n[1]))
        elif line := re.fullmatch(r"a line: p ([\d.]+)(?: to ([\d.]+))?, q ([\d.]+)(?: to ([\d.]+))?", text):
            a, b, c, d = line.groups()
            boxes.append((float(a), float(b or a), float(c), float(d or c)))
        elif text.startswith("every"):
            boxes.append((0, 1, 0, 1))
        else:
            row, column = re.match(r"pure: (\w+), (\w+);", text).groups()  # type: ignore[union-attr]
            p, q = float(row == "cooperate"), float(column == "cooperate")
            boxes.append((p, p, q, q))
    return boxes


def test_equilibria_equal_gan_lab(open_widget: OpenWidget) -> None:
    """gan_lab lists the extreme equilibria: exactly the corners of the widget's points, lines and squares."""
    page = open_widget(element("best-response"))
    lines = 0
    for A, B in payoff_tables():
        go(page, "best-response", A=A, B=B)
        matrix = game.MatrixGame(np.reshape(A, (2, 2)), np.reshape(B, (2, 2)))
        expected = {(round(float(e.row[0]), 2), round(float(e.column[0]), 2)) for e in matrix.equilibria()}
        boxes = equilibria_of(page)
        shown = {(round(p, 2), round(q, 2)) for a, b, c, d in boxes for p in (a, b) for q in (c, d)}
        near = all(any(abs(p - u) + abs(q - v) < 0.011 for u, v in shown) for p, q in expected)
        assert near and len(shown) == len(expected), (A, B, expected, shown)
        lines += any(a < b or c < d for a, b, c, d in boxes)
        for button in page.locator("gan-lab .equilibria button").all():
            button.click()
            drawn(page)
            _, gain_row, _, gain_column = numbers(page)
            assert max(gain_row, gain_column) < 1e-9
    assert lines > 3, "no degenerate game was among them"


def test_presets_are_the_games_of_gan_lab(open_widget: OpenWidget) -> None:
    page = open_widget(element("best-response"))
    names = {
        "dilemma": "prisoners_dilemma",
        "pennies": "matching_pennies",
        "sexes": "battle_of_the_sexes",
        "stag": "stag_hunt",
    }
    for key, name in names.items():
        page.get_by_label("Game").select_option(key)
        drawn(page)
        matrix = game.named(name)
        cells = page.locator("gan-lab td input").evaluate_all("all => all.map(one => +one.value)")
        assert cells == np.stack([matrix.A.ravel(), matrix.B.ravel()], 1).ravel().tolist()
        assert page.locator("gan-lab .equilibria button").count() == len(matrix.equilibria())
        assert matrix.rows[1] in (page.locator("gan-lab table").first.text_content() or "")
        page = open_widget(element("best-response", **matrix.to_dict()))
        assert page.locator("gan-lab option").count() == 4, "the game from Python stands in the list once"
        page = open_widget(element("best-response"))


def test_the_point_moves(open_widget: OpenWidget) -> None:
    page = open_widget(element("best-response"))
    knob = page.get_by_role("slider", name="The strategies p and q")
    assert knob.get_attribute("aria-valuetext") == "p 0.40, q 0.70"
    drag(page, knob, 100, 60)
    after = knob.get_attribute("aria-valuetext") or ""
    p, q = map(float, re.findall(r"\d\.\d+", after))
    assert p > 0.5 and q < 0.65
    for key, expected in (("ArrowRight", (0.01, 0)), ("ArrowUp", (0, 0.01)), ("Shift+ArrowLeft", (-0.1, 0))):
        before = json.loads(state(page, "best-response")["at"])
        knob.press(key)
        now = json.loads(state(page, "best-response")["at"])
        np.testing.assert_allclose(np.subtract(now, before), expected, atol=1e-9)
    # matching pennies: the best responses run in a circle
    page.get_by_label("Game").select_option("pennies")
    places = []
    for who in ("Row", "Column") * 3:
        page.get_by_role("button", name=f"{who} answers").press("Enter")
        places.append(tuple(json.loads(state(page, "best-response")["at"])))
    assert places[1] == places[5] and len(set(places[1:])) == 4


def test_a_finger_moves_the_point_and_payoffs_are_typed(open_widget: OpenWidget) -> None:
    page = open_widget(element("best-response"), width=390, touch=True)
    drawn(page)
    tap(page, page.locator("gan-lab canvas"), 0.5, 0.5)
    p, q = json.loads(state(page, "best-response")["at"])
    assert abs(p - 0.5) < 0.1 and abs(q - 0.5) < 0.1
    cell = page.get_by_label("Row's payoff at defect, cooperate")
    cell.fill("2.5")
    cell.press("Tab")
    drawn(page)
    assert json.loads(state(page, "best-response")["A"]) == [3, 0, 2.5, 1]
    assert page.locator("gan-lab .equilibria button").count() == 1
    cell.fill("")
    cell.press("Tab")
    drawn(page)
    assert cell.input_value() == "2.5", "what is no number is ignored"
