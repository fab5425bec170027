"""The playground in a real browser: the run, its past, its links, and what goes wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from gan_lab.widgets import playground as python_playground
from gan_lab.widgets.labs import LESSONS, merge
from gan_lab.widgets.views import PRESETS
from tests.figure1_page import VIEW, OpenWidget, address, open_all, parameters, press, same, spec, steps
from tests.page import at_rest, drawn, follow, pace
from tests.playground_page import QUICK, RUN, array, playground


def told(page: Page) -> str:
    drawn(page)
    return page.locator("gan-lab [aria-live=polite].off").text_content() or ""


def test_play_pause_and_single_steps(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    expect(page.get_by_text("trains in this page (WebAssembly)")).to_be_visible()
    start = parameters(page)
    press(page, "D step")
    after_d = parameters(page)
    assert np.array_equal(start["generator"], after_d["generator"])
    assert not np.array_equal(start["discriminator"], after_d["discriminator"])
    page.get_by_role("button", name="G step", exact=True).press("Enter")
    after_g = parameters(page)
    assert np.array_equal(after_d["discriminator"], after_g["discriminator"])
    assert not np.array_equal(after_d["generator"], after_g["generator"])
    press(page, "Reset")
    assert same(parameters(page), start)
    press(page, "Step")
    assert same(parameters(page), after_g) and steps(page) == 1
    page.get_by_role("button", name="Play").press("Space")
    page.wait_for_function(f"{VIEW}.engine().steps > 5")
    press(page, "❚❚ Pause")
    at = steps(page)
    at_rest(page)
    assert steps(page) == at
    assert told(page).startswith(f"Step {at}.")


def test_speed(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    page.get_by_label("Speed").select_option("2")
    press(page, "▶ Play")
    assert pace(page, f"{VIEW}.engine().steps", 2) == pytest.approx(2, rel=0.25)
    slow = steps(page)
    page.get_by_label("Speed").select_option("1000000000")
    page.wait_for_function(f"{VIEW}.engine().steps > {slow + 200}")
    assert address(page)["speed"] == 1e9


def test_scrubbing_back_and_going_on_repeats_the_run(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    press(page, "Step", 9)
    end, scores = parameters(page), array(page, "picture.fake")
    scrub = page.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    drawn(page)
    assert steps(page) == 4 and scrub.get_attribute("aria-valuetext") == "step 4"
    assert told(page).startswith("Step 4.")
    press(page, "Step", 5)
    assert steps(page) == 9 and same(parameters(page), end)
    assert np.array_equal(array(page, "picture.fake"), scores)
    # on the chart of the losses: its left edge is the beginning
    box = page.get_by_role("img", name="The losses of both players over time").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 36, box["y"] + box["height"] / 2)
    drawn(page)
    assert steps(page) == 0


def test_a_long_run_keeps_its_beginning_and_its_scores(open_widget: OpenWidget) -> None:
    page = open_widget(playground(speed=1e9))
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 4000", timeout=180_000)
    press(page, "❚❚ Pause")
    assert page.evaluate(f"{RUN}.history.length") <= 480
    kept = page.evaluate(f"[...{RUN}.history.values.slicedWasserstein.slice(0, {RUN}.history.length)]")
    # scored at the same steps on every machine: each up to 100, every tenth up to 1,000, then every 50th
    taken = page.evaluate(f"[...{RUN}.history.step.slice(0, {RUN}.history.length)]")
    due = [*range(100), *range(100, 1_000, 10), *range(1_000, int(taken[-1]) + 1, 50)]
    assert taken[:-1] == [step for step in due if step < taken[-1]]
    assert all(v is not None and v == v for v in kept)
    scrub = page.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    page.keyboard.press("Home")
    drawn(page)
    assert steps(page) == 0


def test_a_link_brings_back_the_very_run(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    open_all(page)
    page.get_by_label("Loss", exact=True).select_option("least_squares")
    page.get_by_label("Target", exact=True).select_option("moons")
    page.get_by_label("Noise dimension").press("ArrowRight")
    page.get_by_label("Seed", exact=True).fill("3")
    page.keyboard.press("Tab")
    page.get_by_label("Heat map", exact=True).select_option("best")
    press(page, "Gradient")
    press(page, "Real")
    press(page, "Step", 7)
    said = address(page)
    assert said["step"] == 7 and said["map"] == "best" and said["arrows"] is True and said["real"] is False
    assert said["target"]["name"] == "moons" and said["prior"] == {"name": "standard_normal", "dim": 3}
    there = open_widget(playground(), query="#" + page.url.split("#")[1])
    there.wait_for_function(f"{VIEW}.engine().steps === 7")
    expect(there.get_by_role("button", name="Play")).to_be_visible()
    assert same(parameters(page), parameters(there))
    assert np.array_equal(array(page, "picture.s"), array(there, "picture.s"))
    assert there.get_by_label("Heat map", exact=True).input_value() == "best"
    for name, on in (("Gradient", "true"), ("Real", "false"), ("Generated", "true")):
        assert there.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") == on
    assert address(there) == said
    # a link inside the page
    follow(there, "f.k=4&f.step=2")
    there.wait_for_function(f"{VIEW}.engine().spec.k === 4 && {VIEW}.engine().steps === 2")


def within(part: Any, whole: Any) -> bool:
    """Does `whole` say all that `part` says?"""
    if isinstance(part, dict):
        return all(key in whole and within(value, whole[key]) for key, value in part.items())
    return bool(part == whole)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_lesson_opens_says_what_to_try_and_travels(open_widget: OpenWidget, name: str) -> None:
    lesson = PRESETS[name]
    page = open_widget(playground(spec={}))
    page.get_by_label("Lesson").select_option(name)
    expect(page.get_by_text(lesson["words"])).to_be_visible()
    press(page, "Skip")  # not waiting for the last step that the lesson needs
    expect(page.get_by_text(lesson["try"])).to_be_visible()
    press(page, "Step", 3)
    played = spec(page)
    game = merge(LESSONS["games"][lesson["game"]]["spec"], {"batch": LESSONS["base"]["batch"]})
    treatment = LESSONS["cures"][lesson["game"]][lesson["cure"]] if "cure" in lesson else {}
    for key, value in merge(game, treatment).items():
        assert within(value, played[key]), key
    said = address(page)
    assert said == {"preset": name, "step": 3}
    html = python_playground(preset=name, steps=3).html()
    there = open_widget(html)
    there.wait_for_function(f"{VIEW}.engine().steps === 3")
    assert same(parameters(page), parameters(there))


def test_the_pictures_switch_on_and_off(open_widget: OpenWidget) -> None:
    page = open_widget(playground(step=4))
    page.wait_for_function(f"{VIEW}.engine().steps === 4")
    picture = "[...document.querySelector('gan-lab').shadowRoot.querySelectorAll('canvas')][0].toDataURL()"
    seen = {page.evaluate(picture)}
    for name in ("Real", "Generated", "Warped noise", "Gradient", "Gradient of every loss"):
        one = page.get_by_role("button", name=name, exact=True)
        was = one.get_attribute("aria-pressed")
        one.press("Enter")
        drawn(page)
        assert one.get_attribute("aria-pressed") != was
        seen.add(page.evaluate(picture))
    for map_ in ("best", "density", "none"):
        page.get_by_label("Heat map", exact=True).select_option(map_)
        drawn(page)
        seen.add(page.evaluate(picture))
    assert len(seen) == 9
    # every loss is labelled, Wasserstein and hinge ask the same
    assert page.locator("gan-lab .legend .key").all_inner_texts()[-1].startswith("−∂L/∂x of relativistic")
    assert page.locator("gan-lab .legend .key").count() == 5


# ---- what goes wrong -------------------------------------------------------------------------------------------------

WILD = {"name": "sgd", "lr": 1e9}


def test_a_diverging_run_says_so_and_comes_back(open_widget: OpenWidget) -> None:
    wild = {"generator": WILD, "discriminator": WILD}
    page = open_widget(playground(spec={**QUICK, "loss": "wasserstein", "optimisers": wild}, speed=1e9))
    press(page, "▶ Play")
    alert = page.locator("gan-lab .problem")
    expect(alert).to_be_visible()
    assert re.search(r"step \d+ of the (generator|discriminator).*lower the learning rates", alert.inner_text())
    page.get_by_role("button", name=re.compile("Back to step")).click()
    expect(alert).to_have_count(0)
    assert all(np.isfinite(values).all() for values in parameters(page).values())
    press(page, "▶ Play")
    expect(alert).to_be_visible()
    page.get_by_role("button", name="Reset").last.click()
    expect(alert).to_have_count(0)
    assert steps(page) == 0


@pytest.mark.parametrize(
    ("hash_", "words"),
    [
        ("f.generator.sizes=[2,10000,2]", "size 1 is 10000: it must be a whole number from 1 to 1024"),
        ("f.optimisers.generator.lr=-1", "must be a number > 0"),
        ("f.loss=hing", "hinge"),
        ("f.discriminator.sizes=[2,1024,1024,1]&f.batch=4096", "million multiplications"),
        ('f.target={"name":"gaussian"}', "it must map"),
        ('f.target={"name":"rin"}', "ring"),
        ('f.target={"name":"points","centres":[[0,null]],"std":0.1}', "a centre is"),
        ("f.points=nonsense", "copy the link once more"),
        ("f.points=0.01,0,0,0.1,00ff0", "copy the link once more"),
        ("f.target=7", "distribution"),
    ],
)
def test_a_game_that_is_refused_is_said_and_the_page_stays(
    open_widget: OpenWidget, errors: list[str], hash_: str, words: str
) -> None:
    page = open_widget(playground(), query="#" + hash_)
    expect(page.get_by_role("alert")).to_contain_text(words)
    # the way back
    page.get_by_role("button", name="All as at the beginning").click()
    expect(page.locator("gan-lab .problem")).to_have_count(0)
    press(page, "Step", 2)
    assert steps(page) == 2
    # the same from inside the page leaves the run that is there
    assert address(page) == {"step": 2}
    follow(page, hash_)
    expect(page.get_by_role("alert")).to_contain_text(words)
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 2")
    assert within({"generator": QUICK["generator"], "loss": "non_saturating", "k": 1}, spec(page))


def test_a_costly_change_is_refused_and_the_run_goes_on(open_widget: OpenWidget) -> None:
    big = {"generator": {"sizes": [2, 128, 128, 128, 2]}, "discriminator": {"sizes": [2, 128, 128, 128, 1]}}
    page = open_widget(playground(spec={**big, "batch": 512}))
    open_all(page)
    press(page, "Step", 2)
    page.get_by_label("k, D steps a G step").press("End")
    expect(page.get_by_role("alert")).to_contain_text("leave this page responsive")
    assert spec(page)["k"] == 1 and steps(page) == 2
    assert page.get_by_label("k, D steps a G step").input_value() == "1"


def test_a_spoilt_link_leaves_the_rest(open_widget: OpenWidget) -> None:
    page = open_widget(playground(), query="#f.nonsense=3&f.step=lots&f.map=sky&f.preset=none&f.k=2")
    press(page, "Step")
    assert steps(page) == 1 and spec(page)["k"] == 2


def test_without_webassembly_it_says_so_and_trains(open_widget: OpenWidget) -> None:
    page = open_widget(playground(), script="delete window.WebAssembly")
    expect(page.get_by_text("trains in this page (JavaScript; WebAssembly was refused")).to_be_visible()
    press(page, "Step", 2)
    assert steps(page) == 2


# ---- where it is shown -----------------------------------------------------------------------------------------------


def test_reduced_motion_waits_for_the_reader(open_widget: OpenWidget) -> None:
    page = open_widget(playground(autoplay=True), reduced_motion=True)
    at_rest(page)
    assert steps(page) == 0
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 0")
    page = open_widget(playground(autoplay=True))
    page.wait_for_function(f"{VIEW}.engine().steps > 0")


def test_nothing_trains_out_of_sight(open_widget: OpenWidget) -> None:
    page = open_widget(playground() + '<p style="height:6000px">far below</p>')
    press(page, "▶ Play")
    page.wait_for_function(f"{VIEW}.engine().steps > 3")
    page.evaluate("scrollTo(0, 6000)")
    at_rest(page)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("controls", ["all", "few"])
def test_nothing_overflows(open_widget: OpenWidget, width: int, controls: str) -> None:
    page = open_widget(playground(controls=controls), width=width, touch=width < 500)
    if controls == "few":
        expect(page.get_by_label("Loss", exact=True)).to_be_visible()
        expect(page.get_by_label("Batch", exact=True)).to_be_hidden()
    open_all(page)
    page.get_by_label("Target", exact=True).select_option("points")
    page.get_by_role("button", name="Slow motion: next").wait_for()
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # a picture to choose from is its label: the radio button itself lies out of sight
    controls_ = page.locator("gan-lab :is(button, input:not(.off), .pictures label, select, summary, textarea):visible")
    assert controls_.count() > 45
    boxes = controls_.evaluate_all(
        "all => all.map(one => ({ ...one.getBoundingClientRect().toJSON(), strip: !!one.closest('.pictures') }))"
    )
    strip = page.locator("gan-lab .pictures").bounding_box()
    assert strip and strip["x"] >= 0 and strip["x"] + strip["width"] <= width
    for box in boxes:  # the strip of pictures scrolls sideways
        assert box["left"] >= 0 and (box["right"] <= width or box["strip"]), box
        assert width > 500 or box["height"] >= 20, box


def test_dark_and_light_differ(open_widget: OpenWidget) -> None:
    inks = []
    for dark in (False, True):
        page = open_widget(playground(), dark=dark)
        drawn(page)
        inks.append(page.locator("gan-lab .root").evaluate("one => getComputedStyle(one).backgroundColor"))
    assert inks[0] != inks[1]


def test_messages_of_a_kernel_fill_the_picture(open_widget: OpenWidget) -> None:
    page = open_widget("<p>kernel</p>")
    sent: list[dict[str, Any]] = page.evaluate(
        """async () => {
          const sent = [], one = document.createElement("gan-lab");
          one.setAttribute("view", "playground");
          const spec = { prior: { name: "uniform", low: -1, high: 1 }, generator: { sizes: [1, 4, 2] } };
          one.options = { stream: "PyTorch on cpu", spec };
          one.send = message => sent.push(message);
          one.keep = () => {};
          document.body.append(one);
          const drawn = () => new Promise(requestAnimationFrame);
          while (!one.view || !sent.length) await drawn();
          const [x, z, arrow, sample] = sent[0].grids.map(grid => grid.length);
          const n = [x / 2, 2 * z, 2 * arrow, 2 * arrow, 2 * sample];
          const frame = Float32Array.from({ length: n.reduce((a, b) => a + b) }, (_, i) => (i % 7) / 7);
          const message = { type: "frame", step: 12, losses: { discriminator: 1.25, generator: 0.5 } };
          one.view.receive(message, [new DataView(frame.buffer)]);
          const first = frame[n[0] + n[1] + n[2] + n[3]];
          await drawn(); await drawn();
          return [...sent, one.view.describe(), n, [...one.view.run.picture.fake], first];
        }"""
    )
    grids, words, n, fake, first = sent
    assert grids["type"] == "grids" and len(grids["grids"]) == 4
    assert words.startswith("Step 12. Loss of D 1.25, of G 0.50.")  # type: ignore[attr-defined]
    assert n[0] == 48 * 48 and fake[0] == pytest.approx(first)  # type: ignore[index]
    expect(page.get_by_text("PyTorch on cpu")).to_be_visible()
    expect(page.get_by_role("button", name="D step")).to_have_count(0)
