"""The controls of Figure 1: each reaches the engine and the address, by mouse, keyboard and touch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.figure1_page import OpenWidget, address, figure, open_all, parameters, press, same, spec, steps
from tests.page import drawn, follow, heard

SELECTS: list[tuple[str, str, Any, Any]] = [
    ("Loss", "hinge", lambda s: s["loss"], "hinge"),
    ("Optimiser", "rmsprop", lambda s: s["optimisers"]["generator"]["name"], "rmsprop"),
    ("Activation", "relu", lambda s: s["generator"]["activation"], "relu"),
    ("Target", "exponential", lambda s: s["target"]["name"], "exponential"),
    ("Noise", "uniform", lambda s: s["prior"]["name"], "uniform"),
]
SLIDERS: list[tuple[str, str, Any, Any]] = [
    ("k, D steps a G step", "ArrowRight", lambda s: s["k"], 2),
    ("Learning rate", "End", lambda s: s["optimisers"]["generator"]["lr"], 1),
    ("Hidden units", "End", lambda s: s["generator"]["sizes"], [1, 64, 64, 1]),
    ("Hidden layers", "Home", lambda s: s["generator"]["sizes"], [1, 64, 1]),
    ("Clip weights, c", "ArrowRight", lambda s: s["penalties"], [{"name": "clip", "weight": 0.01}]),
    ("WGAN-GP, λ", "End", lambda s: s["penalties"], [{"name": "wgan_gp", "weight": 20}]),
    ("R1, γ", "ArrowRight", lambda s: s["penalties"], [{"name": "r1", "weight": 0.1}]),
    ("R2, γ", "ArrowRight", lambda s: s["penalties"], [{"name": "r2", "weight": 0.1}]),
    ("mean", "Home", lambda s: s["target"]["mean"], -4),
]


@pytest.mark.parametrize("running", [False, True], ids=["at rest", "while training"])
def test_every_setting_reaches_the_engine_and_the_address(open_widget: OpenWidget, running: bool) -> None:
    page = open_widget(figure())
    open_all(page)
    said: dict[str, Any] = {}
    for label, value, read, expected in SELECTS:
        if running:
            press(page, "Step")
        page.get_by_label(label, exact=True).first.select_option(value)
        assert read(spec(page)) == expected, label
        said = address(page)
        press(page, "Reset")
    assert said["prior"] == {"name": "uniform", "low": -1, "high": 1} and said["loss"] == "hinge"
    follow(page, "f.loss=minimax")
    assert spec(page)["target"]["name"] == "gaussian"
    open_all(page)
    for label, key, read, expected in SLIDERS:
        if running:
            press(page, "Step")
        page.get_by_label(label, exact=True).first.focus()
        page.keyboard.press(key)
        assert read(spec(page)) == expected, label
        if label in ("Clip weights, c", "WGAN-GP, λ", "R1, γ", "R2, γ"):
            page.get_by_label(label, exact=True).first.press("Home")
    for label, value in (("Batch", "48"), ("Seed", "9")):
        page.get_by_label(label, exact=True).fill(value)
        page.keyboard.press("Tab")
        assert spec(page)[label.lower()] == int(value)
    assert steps(page) == 0
    said = address(page)
    assert said["seed"] == 9 and said["batch"] == 48 and said["k"] == 2


def test_settings_changed_while_training_do_not_restart_it(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    press(page, "Step", 3)
    before = parameters(page)
    page.get_by_label("Loss", exact=True).select_option("hinge")
    assert steps(page) == 3 and same(parameters(page), before)
    scrub = page.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    page.keyboard.press("Home")
    drawn(page)
    # the past was played with another loss, and the control says so
    assert page.get_by_label("Loss", exact=True).input_value() == "non_saturating"


def test_an_absurd_number_is_pulled_in(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    for typed, kept in (("0", 1), ("99999", 1024), ("", 1024), ("12.7", 13)):
        page.get_by_label("Batch", exact=True).fill(typed)
        page.keyboard.press("Tab")
        assert spec(page)["batch"] == kept


def test_a_mixture_can_be_made_to_order(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    page.get_by_label("Target", exact=True).select_option("mixture")
    page.get_by_label("modes").focus()
    page.keyboard.press("ArrowRight")
    assert len(spec(page)["target"]["means"]) == 3
    page.get_by_label("weight 1").focus()
    page.keyboard.press("End")
    # the reader's numbers stay as they are; the engine makes shares of 1 of them
    expect(page.get_by_label("weight 1")).to_have_value("1")
    assert spec(page)["target"]["weights"] == pytest.approx([1 / 1.66, 0.33 / 1.66, 0.33 / 1.66])
    assert page.get_by_label("mean 4").count() == 0


def heights(page: Page) -> list[float]:
    found: list[float] = spec(page)["target"]["heights"]
    return found


@pytest.mark.parametrize("where", ["figure", "editor"])
def test_a_target_drawn_by_mouse(open_widget: OpenWidget, where: str) -> None:
    page = open_widget(figure())
    open_all(page)
    page.get_by_label("Target", exact=True).select_option("drawn")
    before = heights(page)
    canvas = page.locator("gan-lab canvas.draw").nth(0 if where == "figure" else 1)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.25, steps=6)
    page.mouse.up()
    after = heights(page)
    assert after != before and np.argmax(after) < 16 and sum(a != b for a, b in zip(after, before, strict=True)) >= 4
    assert address(page)["target"]["name"] == "drawn"
    press(page, "Step", 2)


def test_a_target_drawn_by_keyboard_and_by_touch(open_widget: OpenWidget) -> None:
    page = open_widget(figure(), touch=True)
    open_all(page)
    page.get_by_label("Target", exact=True).select_option("drawn")
    pen = page.get_by_role("slider", name="Pen: Target").first
    pen.focus()
    before = heights(page)
    page.keyboard.press("ArrowLeft")
    assert heights(page) == before
    page.keyboard.press("Shift+ArrowUp")
    raised = [i for i, (a, b) in enumerate(zip(heights(page), before, strict=True)) if a > b]
    assert raised == [15]
    assert "density" in (pen.get_attribute("aria-valuetext") or "")
    box = page.locator("gan-lab canvas.draw").first.bounding_box()
    assert box is not None
    before = heights(page)
    heard(page, lambda: page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3))
    assert heights(page) != before


def test_noise_drawn_by_hand(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    page.get_by_label("Noise", exact=True).select_option("drawn")
    pen = page.get_by_role("slider", name="Pen: Noise")
    pen.focus()
    page.keyboard.press("Shift+ArrowUp")
    assert spec(page)["prior"]["name"] == "drawn"
    press(page, "Step", 2)
    assert steps(page) == 2


def test_a_kind_chosen_again_has_the_numbers_it_began_with(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    began = {name: spec(page)[name] for name in ("target", "prior")}
    for label in ("Target", "Noise"):
        choice = page.get_by_label(label, exact=True)
        choice.select_option("uniform")
        choice.select_option("gaussian")
    assert {name: spec(page)[name] for name in began} == began


def test_copying_twice_at_once_leaves_the_button_its_name(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    link = page.get_by_role("button", name="Copy link").element_handle()
    assert link is not None
    for _ in range(2):
        link.click()
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
