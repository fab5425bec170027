"""What the controls of the saddle laboratory do; that each answers mouse, key and finger is test_controls's."""

from __future__ import annotations

import json
import math
import re

import pytest
from playwright.sync_api import Locator, expect

from gan_lab import game
from gan_lab.widgets.saddles import LETTERS
from tests.page import at_rest, drawn, reload
from tests.saddle_page import COPY, figures
from tests.small_widgets import OpenWidget, drag, element, state, tap, words

SLIDERS = {
    "quadratic": dict.fromkeys(("a, strength of xy", "p, curvature of x", "q, curvature of y"), "quadratic"),
    "dirac": dict.fromkeys(
        ("γ of R1", "γ of R2", "λ of WGAN-GP", "clip |ψ| at (0: no)", "σ of the noise"), "penalties"
    ),
    "matrix": {},
}
SHARED = {
    "step size η": "eta",
    "η of the second : η of the first": "ratio",
    "β of momentum": "beta",
    "α of RMSProp": "alpha",
    "β₁ of Adam": "betas",
    "β₂ of Adam": "betas",
}


@pytest.mark.parametrize("kind", SLIDERS)
def test_every_slider(open_widget: OpenWidget, kind: str) -> None:
    page = open_widget(element("saddle", game=kind, methods="SMRD"), width=390)
    drawn(page)
    for label, key in (SLIDERS[kind] | SHARED).items():
        slider = page.get_by_label(label, exact=True)
        slider.scroll_into_view_if_needed()
        before = slider.input_value()
        if before == slider.get_attribute("min"):
            slider.press("End")  # so that there is somewhere to go
            before = slider.input_value()
        slider.press("ArrowLeft")
        if slider.input_value() == slider.get_attribute("min"):
            slider.press("ArrowRight")
        assert slider.input_value() != before, label
        assert key in state(page, "saddle"), label
    for label in set().union(*SLIDERS.values()) - set(SLIDERS[kind]):
        expect(page.get_by_label(label, exact=True)).to_be_hidden()
    before_reload = words(page)
    reload(page)
    assert words(page) == before_reload


def test_every_box_and_button(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle", game="matrix", steps=5), width=390, script=COPY)
    drawn(page)

    def press(place: Locator) -> None:
        place.press("Space")
        drawn(page)

    for name, letter in LETTERS.items():
        box = page.get_by_role("checkbox", name=re.compile(f"^{letter} "))
        if box.is_checked():
            press(box)
            assert math.isnan(figures(page)[letter][0]), name
        press(box)
        assert box.is_checked() and not math.isnan(figures(page)[letter][0]), name
    assert state(page, "saddle")["methods"] == "SAEOPKMRDFL"
    press(page.get_by_role("button", name="Step", exact=True))
    assert "step 6." in words(page)
    press(page.get_by_role("button", name="Reset"))
    assert "step 0." in words(page)
    press(page.get_by_role("button", name="Mark the means"))
    press(page.get_by_role("button", name="M, R, D move in turns"))
    kept = state(page, "saddle")
    assert kept["averages"] == "true" and kept["turns"] == "false"
    press(page.get_by_role("button", name="Copy link"))
    page.wait_for_function("window.copied.includes('#saddle.')")
    assert "saddle.averages=true" in page.evaluate("window.copied")
    press(page.get_by_role("button", name="Copy as Python"))
    page.wait_for_function("window.copied.includes('from gan_lab import game')")


def test_the_film_and_the_choices(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle", preset="leave", steps=0))
    drawn(page)
    page.get_by_label("Speed").select_option("200")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => /Step \\d{3,}/.test(document.querySelector('gan-lab').shadowRoot.textContent)")
    page.get_by_role("button", name="Pause").press("Enter")
    before = words(page)
    at_rest(page)
    assert words(page) == before
    page.get_by_label("Game", exact=True).select_option("dirac")
    page.get_by_label("Loss").select_option("hinge")
    assert "Dirac-GAN. At the equilibrium λ = ± 1.00i" in words(page)
    page.get_by_label("Game", exact=True).select_option("matrix")
    page.get_by_label("Payoffs").select_option("stag")
    assert "λ = 4.00, −4.00" in words(page)
    field = page.get_by_label("Row's payoff at stag, stag")
    field.fill("6")
    field.press("Tab")
    kept = state(page, "saddle")
    assert json.loads(kept["A"]) == [6, 0, 3, 3] and kept["matrix"] == "stag"
    field.fill("")
    field.press("Tab")
    assert json.loads(state(page, "saddle")["A"]) == [6, 0, 3, 3]


@pytest.mark.parametrize("how", ["mouse", "keyboard", "touch"])
def test_the_start_is_moved(open_widget: OpenWidget, how: str) -> None:
    page = open_widget(element("saddle", steps=20), touch=how == "touch")
    drawn(page)
    knob = page.get_by_role("slider", name="Where both start")
    before = figures(page)["S"][0]
    if how == "mouse":
        drag(page, knob, -40, 30)
    elif how == "touch":
        tap(page, page.locator("gan-lab canvas").first, 0.3, 0.7)
    else:
        for key in ("ArrowLeft", "ArrowDown"):
            knob.press(key)
            drawn(page)
    x, y = json.loads(state(page, "saddle")["start"])
    assert x < 1 and y < 0.6
    walk = game.trajectory(game.Bilinear(), "simultaneous", (x, y), 0.2, 20)
    assert figures(page)["S"][0] == pytest.approx(walk.distance[-1], rel=1e-9) != before
    assert f"start ({x:.2f}, {y:.2f})".replace("-", "−") in words(page)


def test_a_start_stays_in_the_square_of_a_matrix_game(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle", game="matrix"))
    drawn(page)
    drag(page, page.get_by_role("slider", name="Where both start"), 400, -400)
    assert json.loads(state(page, "saddle")["start"]) == [1, 1]


def test_a_clock_that_lags_takes_no_step_back(open_widget: OpenWidget) -> None:
    """A frame's time may lie before that of the press that asked for it."""
    lag = "const raf = requestAnimationFrame.bind(window); window.requestAnimationFrame = f => raf(t => f(t - 50))"
    page = open_widget(element("saddle", preset="leave", steps=0), script=lag)
    drawn(page)
    page.get_by_label("Speed").select_option("200")
    page.get_by_role("button", name="Play").press("Enter")
    page.wait_for_function("() => /Step \\d{2,}/.test(document.querySelector('gan-lab').shadowRoot.textContent)")
