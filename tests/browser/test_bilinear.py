"""The bilinear game of chapter 3 in a real browser: every control, and every number beside gan_lab's."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from gan_lab import game
from tests.page import at_rest, drawn, finger, reload
from tests.small_widgets import OpenWidget, drag, element, go, numbers, state, tap, words

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
    reload(page)
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
    at_rest(page)
    assert words(page) == before


def test_a_finger_chooses_the_start(open_widget: OpenWidget) -> None:
    page = open_widget(element("bilinear"), width=390, touch=True)
    drawn(page)
    tap(page, page.locator("gan-lab canvas").first, 0.3, 0.7)
    x, y = json.loads(state(page, "bilinear")["start"])
    assert x < -0.3 and y < -0.3
    finger(page.get_by_label("proximal"))
    finger(page.get_by_role("button", name="Step", exact=True))
    assert "proximal: comes closer" in words(page)
