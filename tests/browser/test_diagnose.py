"""Diagnose this run, in a real browser: naming, treating, the verdict, and the numbers it speaks of."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Page, expect

from gan_lab import data, metrics, widgets
from gan_lab.widgets.labs import LESSONS
from tests.page import drawn, finger, reload
from tests.small_widgets import OpenWidget, element, go, state, words

VIEW = "document.querySelector('gan-lab').view"
COHORT = f"{VIEW}.cohort"
ILLNESSES = {
    "healthy": "None:", "chase": "Mode collapse:", "dropped": "Modes dropped", "oscillation": "Oscillation:",
    "vanishing": "Vanishing gradient:", "weak": "D too weak:", "divergence": "Divergence:",
}  # fmt: skip


def order(page: Page) -> list[str]:
    found: list[str] = page.evaluate(f"{VIEW}.order")
    return found


def to_case(page: Page, name: str) -> int:
    """Goes to the case by its tab; returns its number."""
    number = order(page).index(name) + 1
    page.get_by_role("button", name=re.compile(rf"^Case {number}\b")).click()
    drawn(page)
    return number


def play(page: Page) -> None:
    page.get_by_role("button", name="▶ Play").click()
    ended(page)


def ended(page: Page) -> None:
    page.get_by_role("button", name="▶ Play").wait_for(timeout=180_000)
    drawn(page)


def answer(page: Page, name: str) -> Any:
    return page.locator("gan-lab .choices").get_by_role("button", name=ILLNESSES[name])


def traces(page: Page, i: int, name: str) -> np.ndarray:
    run = f"{COHORT}.all[{i}].run.history"
    return np.array(page.evaluate(f"[...{run}.values.{name}.slice(0, {run}.length)]"))


def late(values: np.ndarray) -> float:
    """The mean over the last third of the marks."""
    return float(values[min(len(values) - 1, -(-2 * len(values) // 3)) :].mean())


def test_naming_and_treating(open_widget: OpenWidget) -> None:
    page = open_widget(element("diagnose"))
    assert sorted(order(page)) == sorted(LESSONS["games"]) and "Press Play" in words(page)
    to_case(page, "oscillation")
    expect(answer(page, "weak")).to_be_disabled()
    play(page)
    assert page.evaluate(f"{COHORT}.step") == LESSONS["games"]["oscillation"]["steps"]
    # a wrong answer is explained by what is in the traces
    answer(page, "dropped").click()
    drawn(page)
    covered = late(traces(page, 0, "covered"))
    assert "No. Then some modes" in words(page) and f"Here the only mode is found {100 * covered:.0f} %" in words(page)
    expect(answer(page, "dropped")).to_be_disabled()
    answer(page, "oscillation").press("Enter")
    drawn(page)
    w = traces(page, 0, "slicedWasserstein")
    assert "Yes. The cloud holds together" in words(page) and "What would you do?" in words(page)
    assert "1 of 7 named, 0 at the first attempt" in words(page)
    assert page.locator("gan-lab .choices button").count() == len(LESSONS["cures"]["oscillation"])
    page.get_by_role("button", name="R1 penalty").click()
    ended(page)
    assert "Treated: R1 penalty, γ = 1." in words(page) and "Cured." in words(page)
    after = late(traces(page, 1, "slicedWasserstein"))
    assert np.array_equal(traces(page, 0, "slicedWasserstein"), w), "the patient is the same as before"
    assert f"W {late(w):.2f} → {after:.2f}" in words(page)
    # the treatment that is often advised, and does not help here
    page.get_by_role("button", name="Another treatment").click()
    page.get_by_role("button", name="WGAN-GP").press("Enter")
    ended(page)
    assert "No cure." in words(page)
    saved = state(page, "diagnose")
    before = words(page)
    reload(page)
    assert "Treated: WGAN-GP" in words(page) and saved["tried"].strip(".") == "0x1"
    play(page)
    assert words(page) == before, "a link brings the treated run back, and the same numbers"
    page.get_by_role("button", name="Next case").click()
    assert "What is wrong with this run?" in words(page)


def test_the_patient_is_gan_lab_s(open_widget: OpenWidget) -> None:
    """The last mark of the traces, by gan_lab's metrics from the page's samples; and the game by gan_lab's spec."""
    page = open_widget(element("diagnose", seed=1))  # in eight seeds of ten the loss cures; not in 0
    to_case(page, "vanishing")
    play(page)
    lesson = widgets.lesson("vanishing")
    spec = page.evaluate(f"{COHORT}.all[0].run.spec")
    assert {k: spec[k] for k in lesson.spec} == {**lesson.spec, "seed": 1}
    x = torch.tensor(page.evaluate(f"[...{COHORT}.all[0].run.picture.scored]")).reshape(-1, 2)
    report = metrics.modes(x, lesson.target)  # type: ignore[arg-type]
    assert traces(page, 0, "covered")[-1] == report.covered == 0
    np.testing.assert_allclose(traces(page, 0, "highQuality")[-1], report.high_quality)
    np.testing.assert_allclose(traces(page, 0, "reverseKl")[-1], report.reverse_kl)
    real = torch.tensor(page.evaluate(f"[...{COHORT}.all[0].run.picture.real]")).reshape(-1, 2)
    w = traces(page, 0, "slicedWasserstein")[-1]
    np.testing.assert_allclose(w, metrics.sliced_wasserstein(x, real, directions=512), rtol=0.05)
    answer(page, "vanishing").click()
    drawn(page)
    assert "1 at the first attempt" in words(page) and "it is sure" in words(page)
    page.get_by_role("button", name="The non-saturating loss").click()
    ended(page)
    assert "Cured." in words(page) and isinstance(lesson.target, data.Centres)


def test_a_healthy_run_is_one_of_the_answers(open_widget: OpenWidget) -> None:
    page = open_widget(element("diagnose", seed=1))
    to_case(page, "healthy")
    play(page)
    answer(page, "vanishing").click()
    drawn(page)
    gradient = page.evaluate(f"{COHORT}.all[0].run.history.state(60).losses.gradientGenerator")
    assert "No. Then D would be sure" in words(page) and gradient > 0.01
    answer(page, "healthy").click()
    page.get_by_role("button", name="Change nothing").click()
    ended(page)
    assert "It stays healthy." in words(page)


def test_progress_is_in_the_address(open_widget: OpenWidget) -> None:
    page = open_widget(element("diagnose"))
    first = order(page)
    letter = "abcdefg"[list(LESSONS["games"]).index(first[2])]
    wrong = "abcdefg"[list(LESSONS["games"]).index(first[4])]
    go(page, "diagnose", at=3, named=f"..{letter}.{wrong}...")
    assert "Case 4 of 7" in words(page) and "1 of 7 named, 1 at the first attempt" in words(page)
    expect(page.get_by_role("button", name="Case 3, named")).to_have_text("3 ✓")
    page.get_by_label("Shuffle (seed)").fill("5")
    page.get_by_label("Shuffle (seed)").press("Enter")
    drawn(page)
    assert order(page) != first and "0 of 7 named" in words(page)
    assert page.evaluate(f"{COHORT}.all[0].run.spec.seed") == 5
    assert state(page, "diagnose") == {"seed": "5"}
    go(page, "diagnose", seed=-3, at=99, named="zzz", tried="9.9.9.9.9.9.9")
    assert "Case 7 of 7" in words(page) and "0 of 7 named" in words(page)


def test_a_finger_on_a_phone(open_widget: OpenWidget) -> None:
    page = open_widget(element("diagnose"), width=390, touch=True, dark=True)
    to = to_case(page, "oscillation")
    finger(page.get_by_role("button", name="▶ Play"))
    ended(page)
    finger(answer(page, "oscillation"))
    assert f"Case {to} of 7. What would you do?" in words(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    small = page.locator("gan-lab button:visible, gan-lab select:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 40).length"
    )
    assert small == 0, "too small for a finger"
    nameless = page.locator("gan-lab :is(button, input, select, canvas)").evaluate_all(
        "all => all.filter(one => !(one.getAttribute('aria-label') || one.textContent.trim()"
        " || one.labels?.[0]?.textContent.trim())).map(one => one.outerHTML)"
    )
    assert nameless == []
