"""The small widgets of chapters 2, 3 and 5 in a real browser: every control by mouse, keyboard and touch, and every
number beside the one that gan_lab computes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page

from gan_lab import data, game, metrics, widgets
from gan_lab.data.base import Distribution1D
from gan_lab.random import PageStreams

OpenWidget = Callable[..., Page]
VIEWS = ("tree", "best-response", "bilinear", "value")


def element(view: str, **options: Any) -> str:
    """The HTML of one widget; its options as JSON inside."""
    return f'<gan-lab view="{view}"><script type="application/json">{json.dumps(options)}</script></gan-lab>'


def drawn(page: Page) -> None:
    """Wait until what was changed has been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def address(view: str, **state: Any) -> str:
    return "#" + "&".join(f"{view}.{name}={json.dumps(value)}" for name, value in state.items())


def go(page: Page, view: str, **state: Any) -> None:
    """Give the widget a new state through the address, as a link in the text would."""
    page.evaluate("to => { location.hash = to }", address(view, **state))
    page.evaluate(
        "() => new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
    )


def numbers(page: Page) -> list[float]:
    """All figures that the widget prints, with all their digits."""
    texts = page.locator("gan-lab data").evaluate_all("all => all.map(one => one.value)")
    return [float(text.replace("Infinity", "inf")) for text in texts]


def words(page: Page) -> str:
    """What a screen reader is told."""
    drawn(page)
    return page.locator("gan-lab [aria-live]").text_content() or ""


def state(page: Page, view: str) -> dict[str, str]:
    """What the address says of the widget, once it has been written."""
    page.wait_for_timeout(500)
    pairs = page.evaluate("() => [...new URLSearchParams(location.hash.slice(1))]")
    return {name.removeprefix(view + "."): value for name, value in pairs}


def drag(page: Page, knob: Locator, dx: float, dy: float) -> None:
    box = knob.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    drawn(page)


def tap(page: Page, place: Locator, x: float, y: float) -> None:
    """A finger on a point of `place`, given as fractions of its width and height."""
    box = place.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    drawn(page)


# -- all of them -------------------------------------------------------
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


@pytest.mark.parametrize("view", VIEWS)
def test_every_control_has_a_name(open_widget: OpenWidget, view: str) -> None:
    page = open_widget(element(view))
    drawn(page)
    nameless = page.locator("gan-lab :is(button, input, select, canvas, [role=slider])").evaluate_all(
        "all => all.filter(one => !(one.getAttribute('aria-label') || one.textContent.trim()"
        " || one.labels?.[0]?.textContent.trim())).map(one => one.outerHTML)"
    )
    assert nameless == []


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


# -- the game tree -------------------------------------------------------
def random_tree(seed: int, zero_sum: bool = True) -> game.GameTree:
    """A tree of irregular shape with small whole payoffs, so that ties occur; chance included."""
    rng = np.random.default_rng(seed)

    def grow(depth: int, root: bool = False) -> game.Decision | game.Leaf | game.Chance:
        if depth == 0 or (not root and rng.random() < 0.2):
            u = int(rng.integers(-9, 10))
            return game.leaf(u, -u if zero_sum else int(rng.integers(-9, 10)))
        below = [grow(depth - 1) for _ in range(rng.integers(2, 4))]
        if not root and rng.random() < 0.2:
            return game.chance({f"m{i}": (1 / len(below), node) for i, node in enumerate(below)})
        return game.decision(int(rng.integers(2)), {f"m{i}": node for i, node in enumerate(below)})

    return game.GameTree(grow(3, root=True))


def said(value: float) -> str:
    return f"{float(np.round(value, 3)):g}".replace("-", "−")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("zero_sum", [True, False])
def test_backward_induction_equals_gan_lab(open_widget: OpenWidget, seed: int, zero_sum: bool) -> None:
    tree = random_tree(seed, zero_sum)
    found = tree.solve()
    page = open_widget(element("tree", tree=tree.to_dict()), query=address("tree", step=999))
    pays = said(found.value) if tree.zero_sum else ", ".join(map(said, found.payoffs))
    assert f"the value is {pays}, by the moves {' › '.join(found.path)}." in words(page)


@pytest.mark.parametrize("seed", range(4))
def test_alpha_beta_goes_the_way_of_gan_lab(open_widget: OpenWidget, seed: int) -> None:
    tree = random_tree(seed)
    search = game.alpha_beta(tree)
    page = open_widget(element("tree", tree=tree.to_dict()), query=address("tree", mode="alpha-beta"))
    step = page.get_by_role("button", name="Step")
    entered: dict[tuple[str, ...], tuple[str, str]] = {}
    for _ in range(300):
        step.click()
        text = words(page)
        if window := re.search(r" at (.+): entered with α = (.+), β = (.+)\.", text):
            place = () if window[1] == "the root" else tuple(window[1].split(" › "))
            entered[place] = (window[2], window[3])
        if "Solved" in text:
            break
    assert f"the value is {said(search.value)}" in text
    leaves = tree.leaves()
    assert entered == {
        path: tuple("∞" if x == math.inf else "−∞" if x == -math.inf else said(x) for x in window)
        for path, window in search.windows.items()
        if path not in leaves
    }
    tally = page.get_by_text("Leaves looked at").text_content() or ""
    assert [int(n) for n in re.findall(r"\d+", tally)] == [len(search.visited), len(leaves), search.pruned_leaves]


def test_the_reader_predicts(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree", tree=[[3, 12, 8], [2, 4, 6], [14, 5, 2]]))
    page.get_by_role("button", name="b: 12").click()
    assert "No: for Min, a (3) is better than b (12)." in words(page)
    # by keyboard: the focus stays with the question
    page.get_by_role("button", name="a: 2").press("Enter")
    assert "Right: Min takes a." in words(page)
    focus = "() => document.querySelector('gan-lab').shadowRoot.activeElement?.textContent"
    assert page.evaluate(focus) == "a: 14"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "Right: Min takes c." in words(page)
    assert page.get_by_text("Predicted: 2 of 3 right.").is_visible()
    page.get_by_role("button", name="a: 3").click()
    assert "the value is 3, by the moves a › a" in words(page)
    assert state(page, "tree") == {"step": "4"}
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="b: 12").wait_for()


def test_a_finger_on_a_branch_predicts(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree"), width=390, touch=True)
    drawn(page)
    canvas = page.locator("gan-lab canvas")
    box = canvas.bounding_box()
    assert box
    at = (box["height"] - 29) / box["height"]  # where the leaves are, in nine equal places
    tap(page, canvas, (6 + (box["width"] - 12) * 0.5 / 9) / box["width"], at)
    assert "Right: Min takes a." in words(page)
    # a leaf that is no answer is chosen for editing
    tap(page, canvas, (6 + (box["width"] - 12) * 1.5 / 9) / box["width"], at)
    selected = "() => { const i = document.querySelector('gan-lab').shadowRoot.activeElement;"
    assert page.evaluate(selected + " return i.value.slice(i.selectionStart, i.selectionEnd) }") == "12"


def test_leaves_are_edited_and_shuffled(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree"))
    field = page.get_by_label("Leaf values, left to right")
    field.fill("1 2 3")
    field.press("Enter")
    assert "There are 9 leaves" in words(page)
    assert field.get_attribute("aria-invalid") == "true"
    values = [5, -1, 7, 0, 0.5, 9, 4, 4, 8]
    field.fill(" ".join(map(str, values)))
    field.press("Enter")
    for _ in range(4):
        page.get_by_role("button", name="Step").click()
    assert "the value is 4, by the moves c › a" in words(page)
    # Fisher and Yates with the page's own stream
    page.get_by_role("button", name="Shuffle").click()
    seed = page.get_by_label("seed")
    seed.fill("7")
    seed.press("Enter")
    drawn(page)
    u = PageStreams(7).uniform("data", (9,), torch.device("cpu")).double()
    order = list(values)
    for i in range(8, 0, -1):
        j = int(u[i] * (i + 1))
        order[i], order[j] = order[j], order[i]
    assert [float(v) for v in field.input_value().split()] == order
    assert state(page, "tree")["seed"] == "7"
    page.reload()
    drawn(page)
    assert [float(v) for v in field.input_value().split()] == order


def test_a_tree_plays_by_itself(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree"), reduced_motion=True)
    page.get_by_label("Watch").select_option("alpha-beta")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Leaf a › a: 3.").first.wait_for()
    page.get_by_role("button", name="Pause").click()
    before = words(page)
    page.wait_for_timeout(1500)
    assert words(page) == before
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Pause").wait_for()


def test_bargaining_is_no_zero_sum_game(open_widget: OpenWidget) -> None:
    tree = game.haggle([50, 70, 90], rounds=2)
    page = open_widget(element("tree", tree=tree.to_dict()), width=390, query=address("tree", step=999))
    assert page.get_by_label("Watch").count() == 0, "alpha-beta is for zero-sum games"
    found = tree.solve()
    assert f"the value is {', '.join(map(said, found.payoffs))}, by the moves {' › '.join(found.path)}" in words(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


# -- best responses -------------------------------------------------------
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
        cells = page.locator("gan-lab input[type=number]").evaluate_all("all => all.map(one => +one.value)")
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


# -- the bilinear game -------------------------------------------------------
METHODS = ("simultaneous", "alternating", "extragradient", "optimistic", "proximal")


@pytest.mark.parametrize("curvature", [0, 0.25, 1])
def test_walks_and_rates_equal_gan_lab(open_widget: OpenWidget, curvature: float) -> None:
    page = open_widget(element("bilinear", methods="SAEOP"))
    smooth = game.Quadratic(1.0, curvature, curvature)
    for eta, steps in ((0.05, 400), (0.2, 37), (0.5, 100), (0.57, 50), (0.58, 51), (0.71, 60), (1, 30)):
        start = [0.7, -0.4]
        go(page, "bilinear", eta=eta, curvature=curvature, start=start, steps=steps)
        shown = np.reshape(numbers(page), (5, 3))
        for row, method in zip(shown, METHODS, strict=True):
            walk = game.trajectory(smooth, method, start, eta, steps)
            exact = game.exact_rate(method, eta) if curvature == 0 else game.spectral_rate(smooth, method, eta)
            np.testing.assert_allclose(row[0], walk.distance[-1], rtol=1e-9, err_msg=f"{method} {eta}")
            if walk.distance[-1] > 1e-12:  # below, rounding is all there is to measure
                np.testing.assert_allclose(row[1], walk.rate(), rtol=1e-6, err_msg=f"{method} {eta}")
            np.testing.assert_allclose(row[2], exact, rtol=1e-7, err_msg=f"{method} {eta}")


def test_bilinear_controls(open_widget: OpenWidget) -> None:
    page = open_widget(element("bilinear"))
    step = page.get_by_role("button", name="Step", exact=True)
    step.click()
    step.press("Enter")
    assert "step 2." in words(page)
    np.testing.assert_allclose(numbers(page)[0], math.hypot(1, 0.6) * 1.04, rtol=1e-12)
    eta = page.get_by_label("step size η")
    eta.press("ArrowRight")
    assert "step size 0.21" in words(page)
    eta.press("End")
    assert "step size 1.00" in words(page)
    page.get_by_label("curvature c").press("End")
    assert "V = xy + 1.00" in words(page)
    page.get_by_label("optimistic").check()
    page.get_by_label("simultaneous").uncheck()
    assert "optimistic: " in words(page) and "simultaneous" not in words(page)
    knob = page.get_by_role("slider", name="Where both start")
    drag(page, knob, -30, 20)
    assert "start (1.00, 0.60)" not in words(page)
    knob.press("ArrowLeft")
    saved = state(page, "bilinear")
    assert saved["methods"] == "AEO" and saved["eta"] == "1" and saved["steps"] == "2"
    before = words(page)
    page.reload()
    assert words(page) == before
    page.get_by_role("button", name="Reset").click()
    assert "step 0." in words(page)


def test_bilinear_plays(open_widget: OpenWidget) -> None:
    page = open_widget(element("bilinear"))
    page.get_by_label("Speed").select_option("40")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => /Step [2-9]\\d/.test(document.querySelector('gan-lab').shadowRoot.textContent)")
    page.get_by_role("button", name="Pause").click()
    before = words(page)
    page.wait_for_timeout(300)
    assert words(page) == before


def test_a_finger_chooses_the_start(open_widget: OpenWidget) -> None:
    page = open_widget(element("bilinear"), width=390, touch=True)
    drawn(page)
    tap(page, page.locator("gan-lab canvas").first, 0.3, 0.7)
    x, y = json.loads(state(page, "bilinear")["start"])
    assert x < -0.3 and y < -0.3
    page.get_by_label("proximal").tap()
    page.get_by_role("button", name="Step", exact=True).tap()
    assert "proximal: comes closer" in words(page)


# -- the value function -------------------------------------------------------
def reveal(**more: Any) -> dict[str, Any]:
    return {"shown": True, **more}


def truth(p: Distribution1D, q: Distribution1D) -> list[float]:
    """V(G, D*), 2 JSD - log 4 and JSD from gan_lab.metrics on a very fine grid."""
    x = torch.linspace(-16, 16, 1_600_001, dtype=torch.float64)
    dx = float(x[1] - x[0])
    a, b = (torch.where(d < 1e-300, 0.0, d) for d in (p.density(x), q.density(x)))  # no half of it rounds to 0
    jsd = metrics.jensen_shannon(a, b, dx)
    best = metrics.optimal_discriminator(p.density, q.density)(x)
    b = torch.where(best == 1, 0.0, b)  # where D* rounds to 1 there is 1e-16 of b, and log(1 - D*) is no number
    return [metrics.value_function(a, b, best, dx), 2 * jsd - math.log(4), jsd]


@pytest.mark.parametrize(
    ("p", "q"), [([0, 1], [1.5, 0.7]), ([0, 1], [0, 1]), ([-2, 0.2], [2, 2.5]), ([0.3, 0.25], [-4, 0.2])]
)
def test_values_of_gaussians_equal_gan_lab(open_widget: OpenWidget, p: list[float], q: list[float]) -> None:
    page = open_widget(element("value"), query=address("value", p=p, q=q, **reveal()))
    drawn(page)
    expected = truth(data.gaussian(*p), data.gaussian(*q))
    np.testing.assert_allclose(numbers(page)[:3], expected, atol=1e-6)


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "mixture", "means": [-1.5, 1.5], "stds": [0.3, 0.6], "weights": [1, 3]},
        {"name": "sine"},
        {"name": "drawn", "low": -3, "high": 2, "heights": [1, 0, 3, 2]},
        {"name": "exponential", "rate": 0.8},
    ],
)
def test_values_of_any_distribution_equal_gan_lab(open_widget: OpenWidget, spec: dict[str, Any]) -> None:
    page = open_widget(element("value", p=spec, q={"name": "gaussian", "mean": 0.5, "std": 1.2}, shown=True))
    drawn(page)
    law = data.from_spec(spec)
    assert isinstance(law, Distribution1D)
    expected = truth(law, data.gaussian(0.5, 1.2))
    jumps = spec["name"] in ("drawn", "exponential")  # the trapezoid rule of the reference is off by dx there
    np.testing.assert_allclose(numbers(page)[:3], expected, atol=3e-5 if jumps else 1e-6)


def test_uniform_densities_in_closed_form(open_widget: OpenWidget) -> None:
    page = open_widget(element("value", shown=True), query=address("value", preset="disjoint"))
    drawn(page)
    np.testing.assert_allclose(numbers(page)[:3], [0, 0, math.log(2)], atol=1e-9)
    assert "D*(0.00) = anything" in words(page)
    # overlapping by a share s: JSD = (1 - s) log 2, whatever the widths
    width = 0.7 * math.sqrt(12)
    share = (width - 1.1) / width
    go(page, "value", preset="overlap", shown=True)
    np.testing.assert_allclose(numbers(page)[2], (1 - share) * math.log(2), atol=1e-9)


def test_no_guess_beats_the_best(open_widget: OpenWidget) -> None:
    page = open_widget(element("value"))
    rng = np.random.default_rng(3)
    x = torch.linspace(-16, 16, 400_001, dtype=torch.float64)
    p, q = data.gaussian(0, 1).density(x), data.gaussian(1.5, 0.7).density(x)
    for preset in ("gaussians", "disjoint", "overlap", "missing", "same"):
        for _ in range(4):
            guesses = rng.uniform(0.01, 0.99, 3).round(2).tolist()
            go(page, "value", preset=preset, guesses=guesses, shown=True)
            best, _, _, yours = numbers(page)
            assert yours < best
            if preset == "gaussians":  # the reader's D: straight in logits between the handles, level outside
                where = [float(v.replace("−", "-")) for v in re.findall(r"D\*\((.+?)\)", words(page))]
                logits = np.interp(x.numpy(), where, np.log(guesses) - np.log1p(-np.array(guesses)))
                value = metrics.value_function(p, q, torch.tensor(logits).sigmoid(), float(x[1] - x[0]))
                np.testing.assert_allclose(yours, value, atol=1e-6)
    go(page, "value", preset="same", guesses=[0.5, 0.5, 0.5], shown=True)
    best, _, jsd, yours = numbers(page)
    np.testing.assert_allclose([best, yours, jsd], [-math.log(4), -math.log(4), 0], atol=1e-9)


def test_the_best_answer_waits_for_three_guesses(open_widget: OpenWidget) -> None:
    page = open_widget(element("value"))
    compare = page.get_by_role("button", name="Compare with D*")
    table = page.locator("gan-lab table")
    assert compare.is_disabled() and not table.is_visible()
    assert "D*(" not in words(page)
    knobs = [page.get_by_role("slider", name=f"your D, place {i}") for i in (1, 2, 3)]
    drag(page, knobs[0], 0, -40)  # with the mouse
    assert "2 handles to set" in words(page)
    knobs[1].press("Enter")  # one half, as it stands
    assert compare.is_disabled()
    knobs[2].press("Shift+ArrowDown")
    assert compare.is_enabled() and not table.is_visible()
    compare.click()
    table.wait_for()
    assert "D*(0.72) = 0.50, you said 0.50" in words(page)
    assert "you said 0.40" in words(page)
    _, _, _, yours = numbers(page)
    knobs[2].press("Shift+ArrowDown")
    drawn(page)
    assert numbers(page)[3] > yours, "a better guess is worth more"
    before = words(page)
    state(page, "value")
    page.reload()
    assert words(page) == before
    page.get_by_role("button", name="Guess again").click()
    drawn(page)
    assert compare.is_disabled() and not table.is_visible()
    page.get_by_role("button", name="Show me").press("Enter")
    drawn(page)
    assert table.is_visible() and "you said" not in words(page)


def test_the_densities_are_dragged(open_widget: OpenWidget) -> None:
    page = open_widget(element("value", shown=True))
    drawn(page)
    for name in ("mean of p", "standard deviation of p", "mean of q", "standard deviation of q"):
        knob = page.get_by_role("slider", name=name)
        before, jsd = float((knob.get_attribute("aria-valuetext") or "").replace("−", "-")), numbers(page)[2]
        drag(page, knob, 25, 0)
        moved = float((knob.get_attribute("aria-valuetext") or "").replace("−", "-"))
        assert moved > before
        assert numbers(page)[2] != jsd
        knob.press("ArrowLeft")
        now = float((knob.get_attribute("aria-valuetext") or "").replace("−", "-"))
        np.testing.assert_allclose(now, moved - 0.05, atol=1e-9)
    page.get_by_label("Example").select_option("missing")
    assert "p has mean 0.00 and width 1.60" in words(page)


def test_a_finger_guesses(open_widget: OpenWidget) -> None:
    page = open_widget(element("value"), width=390, touch=True)
    drawn(page)
    for i in (1, 2, 3):
        tap(page, page.get_by_role("slider", name=f"your D, place {i}"), 0.5, 0.5)
    assert "All three are set" in words(page)
    page.get_by_role("button", name="Compare with D*").tap()
    assert "V(G, D*) = " in words(page)
