"""Figure 1 in a real browser: every control by mouse, keyboard and touch, and every number beside gan_lab's."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.figure1_page import (
    PLAYERS,
    QUICK,
    VIEW,
    OpenWidget,
    address,
    figure,
    number,
    open_all,
    parameters,
    press,
    same,
    steps,
)
from tests.page import at_rest, drawn, follow

torch.set_num_threads(1)

# ---- the run ---------------------------------------------------------------------------------------------------------


def test_play_and_pause(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    expect(page.get_by_text("trains in this page (WebAssembly)")).to_be_visible()
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 5")
    press(page, "❚❚ Pause")
    at = steps(page)
    at_rest(page)
    assert steps(page) == at
    assert number(page, "step") == at
    play = page.get_by_role("button", name="Play")
    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{VIEW}.engine().steps > {at}")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_single_steps_move_one_player_each(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    start = parameters(page)
    press(page, "D step")
    after_d = parameters(page)
    assert np.array_equal(start["generator"], after_d["generator"])
    assert not np.array_equal(start["discriminator"], after_d["discriminator"])
    press(page, "G step")
    after_g = parameters(page)
    assert np.array_equal(after_d["discriminator"], after_g["discriminator"])
    assert not np.array_equal(after_d["generator"], after_g["generator"])
    press(page, "Reset")
    assert same(parameters(page), start) and steps(page) == 0
    press(page, "Step")
    # one D step, then one G step: with k = 1 that is a whole step
    assert same(parameters(page), after_g) and steps(page) == 1


def test_scrubbing_back_and_going_on_repeats_the_run(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    press(page, "Step", 12)
    end = parameters(page)
    scrub = page.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    drawn(page)
    assert steps(page) == 5 and scrub.get_attribute("aria-valuetext") == "step 5"
    assert not same(parameters(page), end)
    press(page, "Step", 7)
    assert steps(page) == 12 and same(parameters(page), end)
    # with the mouse, on the chart of V over time: its left edge is the beginning
    box = page.locator("gan-lab .time canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 36, box["y"] + box["height"] / 2)
    drawn(page)
    assert steps(page) == 0


def test_a_long_run_keeps_its_beginning(open_widget: OpenWidget) -> None:
    page = open_widget(figure(speed=1e9))
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 3000", timeout=180_000)
    press(page, "❚❚ Pause")
    scrub = page.get_by_role("slider", name="Scrub through the run")
    assert int(scrub.get_attribute("max") or 0) < 480
    scrub.focus()
    page.keyboard.press("Home")
    drawn(page)
    assert steps(page) == 0


def test_training_d_alone_brings_it_to_its_best(open_widget: OpenWidget) -> None:
    start = {"discriminator": {"sizes": [1, 16, 16, 1]}, "target": {"name": "gaussian", "mean": 0.5, "std": 1}}
    page = open_widget(figure(spec={**QUICK, **start, "batch": 128}, step=3))
    page.wait_for_function(f"{VIEW}.engine().steps === 3")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    before, gap = parameters(page), number(page, "2 JSD") - number(page, "V(G, D)")
    press(page, "Train D to optimality")
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=180_000)
    after = parameters(page)
    assert np.array_equal(before["generator"], after["generator"])
    # no D can do better than D*, and a trained one comes close
    best = number(page, "2 JSD") - number(page, "V(G, D)")
    assert gap > 0.2 and -0.0011 < best < 0.35 * gap


# every place that the buttons below the caption have had, in pixels from the top of the widget
PLACES = """() => {
  const root = document.querySelector("gan-lab").shadowRoot, play = root.querySelector(".caption").nextElementSibling
  globalThis.places = new Set()
  const look = () => {
    places.add(play.offsetTop)
    requestAnimationFrame(look)
  }
  look()
}"""


def test_the_figure_walks_through_its_four_stages(open_widget: OpenWidget) -> None:
    """While the caption says now more and now less, nothing below it moves."""
    page = open_widget(figure(spec={}, speed=1e9), width=620)
    stages = page.locator("gan-lab .stage")
    expect(stages.nth(0)).to_have_class(re.compile("now"))
    page.evaluate(PLACES)
    press(page, "▶ Play")
    expect(stages.nth(3)).to_have_class(re.compile("reached"), timeout=180_000)
    press(page, "❚❚ Pause")
    for i in range(4):
        expect(stages.nth(i)).to_have_class(re.compile("reached"))
    assert page.evaluate("places.size") == 1


def test_a_run_that_leaves_the_numbers_says_so_and_comes_back(open_widget: OpenWidget) -> None:
    wild = {"name": "sgd", "lr": 1e18}
    reckless = {**QUICK, "loss": "wasserstein", "optimisers": {"discriminator": wild, "generator": wild}}
    page = open_widget(figure(spec=reckless, speed=1e9))
    press(page, "▶ Play")
    alert = page.locator("gan-lab .problem")
    expect(alert).to_be_visible()
    assert len(alert.inner_text()) > 30
    page.get_by_role("button", name=re.compile("Back to step")).click()
    expect(alert).to_have_count(0)
    assert all(np.isfinite(values).all() for values in parameters(page).values())
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_nothing_trains_out_of_sight(open_widget: OpenWidget) -> None:
    page = open_widget(figure() + '<p style="height:4000px">far below</p>')
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 3")
    page.evaluate("scrollTo(0, 4000)")
    at_rest(page)
    at = steps(page)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"{VIEW}.engine().steps > {at}")


# ---- where it runs ---------------------------------------------------------------------------------------------------


def test_a_link_brings_back_the_very_run(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    open_all(page)
    page.get_by_label("Loss", exact=True).select_option("least_squares")
    page.get_by_label("Seed", exact=True).fill("3")
    page.keyboard.press("Tab")
    press(page, "Step", 9)
    press(page, "Gradient arrows")
    said = address(page)
    assert said["step"] == 9 and said["gradients"] is True
    there = open_widget(figure(), query="#" + page.url.split("#")[1])
    there.wait_for_function(f"{VIEW}.engine().steps === 9")
    assert same(parameters(page), parameters(there))
    assert there.get_by_role("button", name="Gradient arrows").get_attribute("aria-pressed") == "true"
    # a link inside the page: the same without loading it again
    follow(there, "f.k=4&f.step=2")
    there.wait_for_function(f"{VIEW}.engine().spec.k === 4 && {VIEW}.engine().steps === 2")


def test_a_spoilt_link_is_said(open_widget: OpenWidget, errors: list[str]) -> None:
    page = open_widget(figure(), query="#f.loss=hing&f.nonsense=3")
    expect(page.get_by_role("alert")).to_contain_text("hinge")
    page = open_widget(figure(), query="#f.nonsense=3&f.target=7&f.step=lots")
    expect(page.locator("gan-lab")).to_be_visible()
    errors.clear()


def test_without_webassembly_it_says_so_and_trains(open_widget: OpenWidget) -> None:
    page = open_widget(figure(), script="delete window.WebAssembly")
    expect(page.get_by_text("trains in this page (JavaScript; WebAssembly was refused")).to_be_visible()
    press(page, "Step", 3)
    slow = parameters(page)
    other = open_widget(figure())
    press(other, "Step", 3)
    for who in PLAYERS:
        assert np.abs(slow[who] - parameters(other)[who]).max() < 1e-5


def test_reduced_motion_waits_for_the_reader(open_widget: OpenWidget) -> None:
    page = open_widget(figure(autoplay=True), reduced_motion=True)
    at_rest(page)
    assert steps(page) == 0
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 0")
    page = open_widget(figure(autoplay=True))
    page.wait_for_function(f"{VIEW}.engine().steps > 0")


@pytest.mark.parametrize("how", ["system", "page", "jupyter"])
def test_dark(open_widget: OpenWidget, how: str) -> None:
    page = open_widget(figure(), dark=how == "system")
    if how == "page":
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
    if how == "jupyter":
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    drawn(page)
    paper = page.locator("gan-lab .root").evaluate("one => getComputedStyle(one).backgroundColor")
    assert all(int(v) < 60 for v in re.findall(r"\d+", paper)), paper


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("controls", ["all", "few"])
def test_nothing_overflows(open_widget: OpenWidget, width: int, controls: str) -> None:
    page = open_widget(figure(controls=controls), width=width, touch=width < 500)
    if controls == "few":
        expect(page.get_by_label("Loss", exact=True)).to_be_hidden()
        press(page, "All controls")
    open_all(page)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    controls_ = page.locator("gan-lab :is(button, input, select, summary):visible")
    assert controls_.count() > 30
    for box in controls_.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())"):
        assert box["left"] >= 0 and box["right"] <= width, box


def test_targets_of_touch_are_large(open_widget: OpenWidget) -> None:
    page = open_widget(figure(), width=390, touch=True)
    if not page.evaluate("matchMedia('(pointer: coarse)').matches"):
        pytest.skip("this Chromium does not emulate a coarse pointer")
    open_all(page)
    for box in page.locator("gan-lab :is(button, select, input, summary):visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    ):
        assert box["height"] >= 40, box


def test_the_state_is_told_in_words(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    told = page.locator("gan-lab [aria-live=polite]")
    expect(told).to_contain_text("Step 0:")
    press(page, "Step")
    expect(told).to_contain_text("Step 1:")
    assert re.search(r"2 JSD minus log 4 is −?\d", told.text_content() or "")
    assert page.locator("gan-lab canvas").first.get_attribute("aria-label")


def test_samples_are_counted_beside_p_g_and_change_no_number(open_widget: OpenWidget) -> None:
    page = open_widget(figure())
    alone = number(page, "2 JSD")
    press(page, "Histogram of samples")
    expect(page.get_by_text("pg, and 4096 samples counted")).to_be_visible()
    assert number(page, "2 JSD") == alone


def test_two_figures_of_a_page_do_not_mix(open_widget: OpenWidget) -> None:
    one = '<gan-lab view="figure1"></gan-lab>'
    page = open_widget(one + one, query="#figure12.k=3")
    found = page.evaluate("[...document.querySelectorAll('gan-lab')].map(one => one.view.engine().spec.k)")
    assert found == [1, 3]


def test_a_wrong_view_says_which_there_are(open_widget: OpenWidget, errors: list[str]) -> None:
    page = open_widget('<gan-lab view="figure7">still here</gan-lab>')
    expect(page.get_by_role("alert")).to_contain_text("figure1")
    expect(page.get_by_text("still here")).to_be_visible()
    errors.clear()
