"""The game tree of chapter 2 in a real browser: every control, and every number beside gan_lab's."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch

from gan_lab import game
from gan_lab.random import PageStreams
from tests.page import at_rest, drawn, reload
from tests.small_widgets import OpenWidget, address, element, random_tree, state, tap, words


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
    for typed, wrong in {
        "1 2 3": "There are 9 leaves, and you gave 3.",
        "3 12 8 2 4 x 14 5 2": "Leaf 6 reads “x”: write one number",
        "3 12 8 2 4,5 6 14 5 2": "Leaf 5 reads “4,5”: write one number",
    }.items():
        field.fill(typed)
        field.press("Enter")
        drawn(page)
        assert wrong in words(page) and "Solved" not in words(page)
        assert field.get_attribute("aria-invalid") == "true" and field.input_value() == typed
    page.get_by_role("button", name="Step").click()  # whoever goes on has the leaves of the tree again
    drawn(page)
    assert field.input_value() == "3 12 8 2 4 6 14 5 2"
    assert field.get_attribute("aria-invalid") == "false"
    field.fill("3, 12, 8, 2, 4, 6, 14, 5, 2")
    field.press("Enter")
    assert "Leaf" not in words(page)
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
    reload(page)
    assert [float(v) for v in field.input_value().split()] == order


def test_a_tree_plays_by_itself(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree"), reduced_motion=True)
    page.get_by_label("Watch").select_option("alpha-beta")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Leaf a › a: 3.").first.wait_for()
    page.get_by_role("button", name="Pause").click()
    before = words(page)
    at_rest(page)
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


def test_the_moves_to_choose_from_are_those_of_the_tree_that_is_there(open_widget: OpenWidget) -> None:
    page = open_widget(element("tree"))
    seed = page.get_by_label("seed", exact=True)
    for number in range(1, 12):  # among them are neighbours whose first question has the same place and value
        seed.fill(str(number))
        seed.press("Enter")
        drawn(page)
        leaves = page.get_by_label("Leaf values, left to right").input_value().split()
        moves = page.get_by_role("button", name=re.compile("^[abc]: ")).all_inner_texts()
        assert moves == [f"{name}: {value}" for name, value in zip("abc", leaves[:3], strict=True)]
