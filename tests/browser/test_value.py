"""The value function of chapter 5 in a real browser: every control, and every number beside gan_lab's."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch

from gan_lab import data, metrics
from gan_lab.data.base import Distribution1D
from tests.page import drawn, finger, reload
from tests.small_widgets import OpenWidget, address, drag, element, go, numbers, state, tap, words


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
    drawn(page)
    assert compare.is_disabled()
    knobs[2].press("Shift+ArrowDown")
    drawn(page)
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
    reload(page)
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
    finger(page.get_by_role("button", name="Compare with D*"))
    assert "V(G, D*) = " in words(page)
