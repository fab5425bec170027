"""The table of GAN Lab's features on the playground's page: every row is tried in the widget."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from tests.figure1_page import OpenWidget, open_all, parameters, press, same, spec, steps
from tests.page import drawn
from tests.playground_page import RUN, array, playground

PAGE = Path(__file__).resolve().parents[2] / "book" / "laboratory" / "playground.ipynb"


def rows() -> list[tuple[str, str]]:
    """The table: what GAN Lab has, and where it is here."""
    cells = json.loads(PAGE.read_text(encoding="utf8"))["cells"]
    (source,) = ["".join(cell["source"]) for cell in cells if cell["id"] == "playground-ganlab"]
    lines = [line.strip("| ").split(" | ") for line in source.splitlines() if line.startswith("|")]
    return [(left, right) for left, right in lines[2:]]


def choose(page: Page, label: str, value: str, nth: int = 0) -> None:
    page.get_by_label(label, exact=True).nth(nth).select_option(value)


def slide(page: Page, label: str, key: str, nth: int = 0) -> None:
    page.get_by_label(label, exact=True).nth(nth).press(key)


def distributions(page: Page) -> None:
    for kind, name in (("segment", "segment"), ("gaussians", "points"), ("ring", "ring"), ("blobs", "points")):
        choose(page, "Target", kind)
        assert spec(page)["target"]["name"] == name
    for kind in ("grid", "spiral", "moons", "sine_curve"):
        choose(page, "Target", kind)
        assert spec(page)["target"]["name"] == kind


def drawing(page: Page) -> None:
    choose(page, "Target", "points")
    page.wait_for_function(f"{RUN}.spec.target.name === 'points'")
    before = len(spec(page)["target"]["centres"])
    box = page.locator("gan-lab canvas").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + 160, steps=8)
    page.mouse.up()
    assert len(spec(page)["target"]["centres"]) != before


def go_to(page: Page, step: int) -> None:
    page.get_by_label("Go to step").fill(str(step))
    page.get_by_label("Go to step").press("Enter")
    page.wait_for_function(f"{RUN}.engine.steps === {step}")


def pretrained(page: Page) -> None:
    go_to(page, 300)


def playing(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{RUN}.engine.steps > 3")
    page.get_by_role("button", name="Pause").click()
    press(page, "Reset")
    assert steps(page) == 0


def single_steps(page: Page) -> None:
    start = parameters(page)
    press(page, "D step")
    assert np.array_equal(parameters(page)["generator"], start["generator"])
    press(page, "G step")
    assert not np.array_equal(parameters(page)["generator"], start["generator"])
    press(page, "Step")
    assert steps(page) == 1


def slow_motion(page: Page) -> None:
    press(page, "Slow motion: next")
    said = page.locator("gan-lab details p[aria-live]")
    first = said.text_content()
    press(page, "Slow motion: next")
    assert said.text_content() != first and re.search(r"\d", said.text_content() or "")


def epochs(page: Page) -> None:
    press(page, "Step")
    expect(page.locator("gan-lab dl > div").first).to_have_text("step1")


def saving(page: Page) -> None:
    go_to(page, 10)
    with page.expect_download() as download:
        press(page, "Save run")
    assert download.value.suggested_filename.endswith("step10.json")
    for name in ("Copy link", "Copy as PyTorch", "Open a saved run"):
        expect(page.get_by_role("button", name=name)).to_be_visible()


def overview(page: Page) -> None:
    expect(page.get_by_role("img", name=re.compile("^Noise, the generator's layers, samples"))).to_be_visible()


def architecture(page: Page) -> None:
    for player, who in enumerate(("generator", "discriminator")):
        slide(page, "Hidden units", "ArrowRight", player)
        slide(page, "Hidden layers", "End", player)
        choose(page, "Activation", "relu", player)
        found = spec(page)[who]
        assert len(found["sizes"]) == 5 and found["activation"] == "relu"


def optimisers(page: Page) -> None:
    for player, who in enumerate(("generator", "discriminator")):
        before = spec(page)["optimisers"][who]["lr"]
        slide(page, "Learning rate", "ArrowLeft", player)
        for name in ("sgd", "momentum", "rmsprop", "adam"):
            choose(page, "Optimiser", name, player)
            assert spec(page)["optimisers"][who]["name"] == name
        assert spec(page)["optimisers"][who]["lr"] < before


def losses(page: Page) -> None:
    for name in ("minimax", "non_saturating", "least_squares", "wasserstein", "hinge", "relativistic"):
        choose(page, "Loss", name)
        assert spec(page)["loss"] == name
    for label in ("Clip weights, c", "WGAN-GP, λ", "R1, γ", "R2, γ"):
        slide(page, label, "ArrowRight")
    assert {p["name"] for p in spec(page)["penalties"]} == {"clip", "wgan_gp", "r1", "r2"}


def updates(page: Page) -> None:
    slide(page, "k, D steps a G step", "ArrowRight")
    slide(page, "G steps after them", "ArrowRight")
    slide(page, "G steps after them", "ArrowRight")
    assert (spec(page)["k"], spec(page)["k_g"]) == (2, 3)
    press(page, "Step")
    assert page.evaluate(f"[{RUN}.engine.stepsD, {RUN}.engine.stepsG]") == [2, 3]


def noise(page: Page) -> None:
    choose(page, "Noise", "uniform")
    assert spec(page)["prior"]["name"] == "uniform_cube"
    slide(page, "Noise dimension", "Home")
    assert spec(page)["prior"]["name"] == "uniform" and spec(page)["generator"]["sizes"][0] == 1
    slide(page, "Noise dimension", "End")
    assert spec(page)["prior"]["dim"] == 10


def pixels(page: Page) -> str:
    drawn(page)
    return page.locator("gan-lab canvas").first.evaluate("canvas => canvas.toDataURL()")


def switch(*names: str) -> Callable[[Page], None]:
    def toggled(page: Page) -> None:
        for name in names:
            before = pixels(page)
            press(page, name)
            assert pixels(page) != before

    return toggled


def heat_map(page: Page) -> None:
    seen = {pixels(page)}
    for option in page.get_by_label("Heat map", exact=True).locator("option").all()[1:]:
        page.get_by_label("Heat map", exact=True).select_option(option.get_attribute("value"))
        seen.add(pixels(page))
    assert len(seen) == 4


def gradients(page: Page) -> None:
    switch("Gradient", "Gradient of every loss")(page)
    assert page.evaluate(f"[...{RUN}.picture.pulls.keys()].length") >= 5


def charts(page: Page) -> None:
    go_to(page, 5)
    expect(page.get_by_role("img", name="The losses of both players over time")).to_be_visible()
    assert np.isfinite(array(page, "history.values.discriminator.slice(1, 2)")).all()


def scores(page: Page) -> None:
    for name in ("modes found", "high quality", "reverse KL", "sliced Wasserstein"):
        expect(page.get_by_role("img", name=f"{name} over time")).to_be_visible()
    said = page.locator("gan-lab dl").text_content() or ""
    assert said.count("perfect") == 3


TRIED: dict[str, Callable[[Page], None]] = {
    "Choose a distribution: line, Gaussians, ring, disjoint regions": distributions,
    "Draw your own": drawing,
    "Start from a pre-trained model": pretrained,
    "Play, pause, reset": playing,
    "Train D, G, or both for one step": single_steps,
    "Slow motion": slow_motion,
    "Count of epochs": epochs,
    "Save the model": saving,
    "Model overview graph with data flow": overview,
    "Layers and neurons of both networks": architecture,
    "Optimiser and learning rate of both": optimisers,
    "Loss: log loss, least squares": losses,
    "D and G updates an epoch": updates,
    "Noise: uniform or normal, one or two dimensions": noise,
    "Real and fake samples, switched on and off": switch("Real", "Generated"),
    "Heat map of the discriminator": heat_map,
    "Manifold of the generator": switch("Warped noise"),
    "Gradients": gradients,
    "Losses over time": charts,
    "KL and JS divergences on a grid": scores,
}


def test_the_table_has_a_test_for_every_row() -> None:
    assert [left for left, _ in rows()] == list(TRIED)
    assert all(right.strip() for _, right in rows())


def test_every_feature_of_gan_lab_is_here(open_widget: OpenWidget) -> None:
    """One page a feature, so that none depends on what another has left."""
    for feature, try_it in TRIED.items():
        page = open_widget(playground())
        open_all(page)
        try:
            try_it(page)
        except Exception as error:
            raise AssertionError(f"GAN Lab's “{feature}” is not here") from error
        page.close()


def test_what_the_link_says_every_reader_sees(open_widget: OpenWidget) -> None:
    """Two readers with one link: the same weights to the last bit."""
    seen = []
    for _ in range(2):
        page = open_widget(playground(), "#f.seed=5&f.loss=hinge&f.step=120")
        page.wait_for_function(f"{RUN}.engine.steps === 120")
        seen.append(parameters(page))
        page.close()
    assert same(*seen)
