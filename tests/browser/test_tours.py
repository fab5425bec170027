"""The guided tours, played to their end in a real browser: by keyboard, on a phone, left and taken up again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.result import ROOT
from tests.browser.conftest import OpenPage as OpenWidget
from tests.page import finger, reload

TOURS = json.loads((ROOT / "gan_lab" / "widgets" / "tours.json").read_text(encoding="utf8"))
FAST = {"figure1": "speed=1000", "playground": "speed=1000000000"}


def opened(open_widget: OpenWidget, view: str, **options: Any) -> tuple[Page, Locator]:
    page = open_widget(f'<gan-lab view="{view}" {FAST[view]}></gan-lab>', **options)
    page.get_by_role("button", name="Guided tour").click()
    panel = page.get_by_role("region", name="Guided tour")
    expect(panel).to_be_visible()
    return page, panel


def do(page: Page, panel: Locator, step: dict[str, Any]) -> None:
    """What the step asks of its reader."""
    play = page.get_by_role("button", name="Play", exact=False)
    if "choices" in step:
        expect(play).to_be_visible()  # behind a question nothing runs
        wrong = (step["right"] + 1) % 3
        for i in (wrong, step["right"]):
            panel.get_by_role("button", name=step["choices"][i]["title"]).press("Enter")
            expect(panel.get_by_text(step["choices"][i]["words"])).to_be_visible()
    if "act" not in step:
        panel.get_by_role("button", name="Go on" if step["at"] != "scrub" else "Done").press("Enter")
        if "choices" in step:
            expect(play).to_have_count(0)  # and with its answer the run goes on
    elif step["at"] == "play":
        page.get_by_role("button", name="Play").press("Enter")
    elif step["at"] == "optimal":
        page.get_by_role("button", name="Train D to optimality").press("Enter")
    elif step["at"] == "scrub":
        page.get_by_label("Scrub through the run").press("ArrowLeft")
    elif step["at"] == "lesson":
        page.get_by_label("Lesson").select_option("chase")


@pytest.mark.parametrize("view", TOURS)
def test_a_tour_is_played_to_its_end(open_widget: OpenWidget, view: str) -> None:
    page, panel = opened(open_widget, view)
    for i, step in enumerate(TOURS[view]):
        if "until" in step:
            continue  # the game may be through with it before anyone can look; the next step says so
        expect(panel.get_by_text(f"{i + 1} of {len(TOURS[view])}")).to_be_visible(timeout=180_000)
        expect(panel.get_by_text(step["words"])).to_be_visible()
        do(page, panel, step)
    if view == "playground":  # its last step opens a lesson, and that is a tour too
        expect(panel.get_by_text("1 of 2")).to_be_visible()
        page.wait_for_function("location.hash.includes('playground.preset=chase')")
    else:
        expect(panel).to_have_count(0)
        expect(page.get_by_role("button", name="Guided tour")).to_be_focused()


def test_it_can_be_left_and_taken_up_again_on_a_phone(open_widget: OpenWidget) -> None:
    page, panel = opened(open_widget, "figure1", width=390, height=844, touch=True, reduced_motion=True)
    finger(panel.get_by_role("button", name="Go on"))
    expect(panel.get_by_text("2 of 9")).to_be_visible()
    assert panel.evaluate("(e) => e.scrollWidth <= e.clientWidth") and panel.bounding_box()["width"] <= 390  # type: ignore[index]
    page.wait_for_function("location.hash.includes('figure1.tour=2')")
    panel.get_by_role("button", name="Skip").press("Escape")
    expect(panel).to_have_count(0)
    finger(page.get_by_role("button", name="Resume the tour"))
    expect(panel.get_by_text("2 of 9")).to_be_visible()
    reload(page)
    expect(panel.get_by_text("2 of 9")).to_be_visible()
    finger(panel.get_by_role("button", name="Back"))
    expect(panel.get_by_text("1 of 9")).to_be_visible()


def test_a_run_is_not_thrown_away_unasked(open_widget: OpenWidget) -> None:
    page = open_widget('<gan-lab view="figure1" speed="1000"></gan-lab>')
    page.get_by_role("button", name="Step", exact=True).click(click_count=3)
    page.get_by_role("button", name="Guided tour").press("Enter")
    panel, step = page.get_by_role("region", name="Guided tour"), page.locator("gan-lab dd").first
    expect(panel.get_by_text("Yours, now at step 3, is lost.")).to_be_visible()
    panel.get_by_role("button", name="Keep my run").press("Enter")
    expect(panel).to_have_count(0)
    expect(step).to_have_text("3")
    page.get_by_role("button", name="Guided tour").press("Enter")
    panel.get_by_role("button", name="Begin the tour").press("Enter")
    expect(panel.get_by_text("1 of 9")).to_be_visible()
    expect(step).to_have_text("0")
