"""The playground as a stage: what is seen first, targets as pictures, full screen, and one plain sentence."""

from __future__ import annotations

import re

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.figure1_page import VIEW, OpenWidget, open_all, parameters, press, same, spec, steps
from tests.page import at_rest, drawn
from tests.playground_page import array, networks, playground

RADIO = "gan-lab .pictures input"


def chosen(page: Page) -> str:
    return str(page.locator(f"{RADIO}:checked").get_attribute("aria-label"))


def test_what_is_seen_first(open_page) -> None:
    """At 1440 x 900: a plane of 600 pixels, Play on it, the networks beside it, no code above, one drawer."""
    page = open_page("laboratory/playground.html")
    page.get_by_role("button", name="Slow motion: next").wait_for()
    plane = page.locator("gan-lab .stage canvas").first.bounding_box()
    play = page.get_by_role("button", name="Pause").bounding_box()
    network = page.get_by_role("img", name="Noise, the generator's layers").bounding_box()
    assert plane and play and network
    x0, x1, y0, y1 = page.evaluate(f"{VIEW}.run.picture.box")
    assert (x0, y0) < (x1, y1)
    # the plane itself, without its axes: 34 pixels on the left, 4 on the right
    assert plane["width"] - 38 >= 600 and plane["height"] >= 600
    assert plane["x"] < play["x"] < plane["x"] + plane["width"] and plane["y"] < play["y"] < 450
    assert network["x"] > plane["x"] + plane["width"] and network["y"] < 450
    code = page.locator(".tag_stage .cell_input")
    assert code.count() == 1 and not code.is_visible()
    expect(page.get_by_label("Batch", exact=True)).to_be_hidden()
    for name in ("Lesson", "Loss"):
        expect(page.get_by_label(name, exact=True)).to_be_visible()


@pytest.mark.parametrize("name", ["part2/07_losses", "laboratory/saddle"])
def test_a_chapter_begins_with_its_figure(open_page, name: str) -> None:
    """The code of the first cell is folded, below what it shows."""
    page = open_page(f"{name}.html")
    figure = page.locator("gan-lab canvas").first.bounding_box()
    fold = page.locator(".tag_stage details > summary").first
    assert figure and figure["y"] < 700
    assert (fold.bounding_box() or {"y": 0})["y"] > figure["y"] + figure["height"]
    fold.click()
    expect(page.locator(".tag_stage .cell_input").first).to_be_visible()


def test_a_target_is_chosen_by_its_picture(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    assert chosen(page) == "ring"
    dots = page.locator("gan-lab .pictures path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
    assert len(set(dots)) == len(dots) == 9 and all(d.count("M") > 100 for d in dots[:-1])
    page.locator(f"{RADIO}:checked").focus()
    page.keyboard.press("ArrowRight")
    drawn(page)
    assert chosen(page) == "grid" and spec(page)["target"]["name"] == "grid" and steps(page) == 0
    page.locator("gan-lab .pictures label", has_text="two moons").click()
    open_all(page)
    assert spec(page)["target"]["name"] == "moons"
    # the list in the drawer says the same, and the picture shows the target as it is
    target = page.get_by_label("Target", exact=True)
    assert target.input_value() == "moons"
    target.select_option("ring")
    page.get_by_label("modes", exact=True).fill("3")
    drawn(page)
    assert chosen(page) == "ring" and spec(page)["target"]["modes"] == 3
    now = page.locator("gan-lab .pictures path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
    assert now[2] != dots[2] and now[:2] == dots[:2]


def test_it_moves_on_from_where_its_page_says(open_widget: OpenWidget) -> None:
    """The state it opens with is the seed's own, and a link to a step stays there."""
    page = open_widget(playground(autoplay=True, step=30, speed=20, controls="few"))
    page.wait_for_function(f"{VIEW}.engine().steps > 34")
    press(page, "❚❚ Pause")
    there = open_widget(playground(step=steps(page)))
    there.wait_for_function(f"{VIEW}.engine().steps === {steps(page)}")
    expect(there.get_by_role("button", name="Play")).to_be_visible()
    assert same(parameters(page), parameters(there))
    linked = open_widget(playground(autoplay=True, step=30), query="#f.step=7")
    linked.wait_for_function(f"{VIEW}.engine().steps === 7")
    at_rest(linked)
    assert steps(linked) == 7


def test_full_screen(open_widget: OpenWidget) -> None:
    page = open_widget(playground(controls="few"), width=1280)
    one = page.get_by_role("button", name="Full screen")
    before = page.locator("gan-lab .stage canvas").first.bounding_box()
    one.press("Enter")
    page.wait_for_function("document.fullscreenElement?.localName === 'gan-lab'")
    expect(one).to_have_attribute("aria-pressed", "true")
    drawn(page)
    after = page.locator("gan-lab .stage canvas").first.bounding_box()
    assert before and after and after["height"] != before["height"]
    page.evaluate("document.exitFullscreen()")
    expect(one).to_have_attribute("aria-pressed", "false")


def test_the_plain_sentence_says_what_is_measured(open_widget: OpenWidget) -> None:
    page = open_widget(playground(controls="none", step=60))
    page.wait_for_function(f"{VIEW}.engine().steps === 60")
    expect(page.locator("gan-lab .plain")).to_contain_text("After 60 steps")
    assert page.locator("gan-lab :is(input, select, details)").count() == 0
    said = re.search(r", (\d+) of 100 made .* right in (\d+) of 100", page.locator("gan-lab .plain").inner_text())
    assert said
    inside, right = int(said[1]), int(said[2])
    _, discriminator = networks(page)
    real, made = (torch.tensor(array(page, f"picture.{name}")).reshape(-1, 2) for name in ("real", "scored"))
    with torch.no_grad():
        judged = torch.cat([discriminator(real)[:, 0] > 0, discriminator(made)[:, 0] <= 0])
    assert right == round(100 * judged.double().mean().item())
    centres = torch.tensor(page.evaluate(f"{VIEW}.run.picture.target.centres"), dtype=torch.float64)
    near = torch.cdist(made, centres).min(1).values <= 3 * page.evaluate(f"{VIEW}.run.picture.target.std")
    assert inside == round(100 * near.double().mean().item())
