"""The latent explorer in a real browser: what it computes beside PyTorch; every control by mouse, key, finger."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torch import Tensor

from benchmarks.browser import served
from benchmarks.node import build_engine
from gan_lab import explain, runs, widgets
from gan_lab.runs import RecordedGenerator
from gan_lab.runs.generator import small
from tests.page import at_rest, drawn, finger, reload, turns
from tests.small_widgets import OpenWidget, go, numbers, state, tap, words

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "book" / "recorded" / "latent" / "generator.js"
PALETTE = json.loads((ROOT / "gan_lab" / "palette.json").read_text())["light"]

Show = Callable[..., Page]


@pytest.fixture(scope="module")
def recorded() -> RecordedGenerator:
    return runs.read_generator(FILE)


@pytest.fixture
def show(open_widget: OpenWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Opens the explorer in a page with the generator's file beside it; `options` are those of widgets.latent."""

    def open_(query: str = "", wide: int = 1440, touch: bool = False, ready: bool = True, **options: Any) -> Page:
        monkeypatch.chdir(tmp_path)
        beside = runs.read_generator(shutil.copy(FILE, tmp_path / "generator.js"))
        more = {name: options.pop(name) for name in ("dark", "reduced_motion") if name in options}
        html = widgets.latent(beside, **{"embed": False, **options}).html()
        page = open_widget(html, query, width=wide, touch=touch, **more)
        if ready:
            page.locator("gan-lab canvas").first.wait_for()
            drawn(page)
        return page

    return open_


def sheet(seed: int) -> Tensor:
    return widgets.latent_samples(16, seed)


def measured(recorded: RecordedGenerator, z: Tensor) -> tuple[Tensor, float, int, Tensor]:
    """The image of z (float64), its distance to the nearest training digit, which, and the sensitivities."""
    network = recorded.network.double()
    try:
        image = network(z[None])
        every = explain.sensitivity(network, z[None])[0]
    finally:
        recorded.network.float()
    apart = (recorded.bank.double() - small(image)).flatten(1).norm(dim=1)
    return image[0, 0], 2 * float(apart.min()), int(apart.argmin()), every


def shown(page: Page, name: str) -> np.ndarray:
    """The pixels of a canvas, (rows, columns, 3)."""
    found = page.get_by_role("img", name=name, exact=True).evaluate(
        "one => [one.height, one.width, ...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
    )
    return np.reshape(found[2:], (found[0], found[1], 4))[:, :, :3]


def colour(actor: str) -> np.ndarray:
    return np.array([int(PALETTE[actor][i : i + 2], 16) for i in (1, 3, 5)])


def between(share: Any, actor: str) -> np.ndarray:
    """Pixels from paper (0) to an actor's colour (1)."""
    share = np.asarray(share)[..., None]
    return colour("paper") + (colour(actor) - colour("paper")) * share


def check(page: Page, recorded: RecordedGenerator, z: Tensor) -> None:
    """What the page shows is what PyTorch makes of z."""
    image, distance, index, every = measured(recorded, z)
    drawn(page)
    printed = numbers(page)
    np.testing.assert_allclose(printed[:2], [distance, float(z.norm())], rtol=1e-9)
    order = np.argsort(-np.array(recorded.scores["sensitivity"]), kind="stable")
    np.testing.assert_allclose(printed[2:], every.numpy()[order], rtol=1e-7)
    np.testing.assert_allclose(shown(page, "The generated digit"), between((image + 1) / 2, "generator"), atol=0.51)
    label = int(recorded.labels[index])
    known = shown(page, f"the nearest of 5000 training digits, label {label}")
    np.testing.assert_allclose(known, between((recorded.bank[index, 0] + 1) / 2, "real"), atol=0.51)
    assert f"has the label {label}, at distance {distance:.2f}" in words(page)
    assert f"Here z{int(every.argmax()) + 1} moves it most" in words(page)


# -- what it computes -------------------------------------------------------------------------------------------------


def test_the_network_of_the_page_is_pytorchs_to_the_last_digits(
    show: Show, recorded: RecordedGenerator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("scripts")
    build_engine(out)
    page = show()
    page.add_script_tag(path=out / "latent-network.js")
    z = torch.cat([sheet(0), 1.5 * sheet(1), torch.zeros(1, 16, dtype=torch.float64)])
    images, columns = page.evaluate(
        "async zs => { const G = await Latent.Generator.open(Object.values(ganLabGenerators)[0]);"
        " return [zs.map(z => [...G.image(z)]), zs.slice(0, 5).map(z => [...G.jacobian(z)])] }",
        z.tolist(),
    )
    single = recorded.network(sheet(0).float())  # PyTorch's own rounding is all that separates the two
    assert float((torch.tensor(images[:20]) - single.flatten(1)).abs().max()) < 1e-5
    double, jacobian = recorded.network.double()(z), explain.jacobian(recorded.network, z[:5])
    recorded.network.float()
    np.testing.assert_allclose(images, double.flatten(1), atol=1e-12)
    np.testing.assert_allclose(columns, jacobian.flatten(1), atol=1e-10)
    ends = sheet(2)[:2]
    for how in ("straight", "great_circle"):
        way = page.evaluate("([a, b, how]) => [...Array(7).keys()].map(i => Latent.between(a, b, i / 6, how))",
                            [*ends.tolist(), how])  # fmt: skip
        np.testing.assert_allclose(way, explain.interpolate(*ends, 7, how), atol=1e-14)
    assert page.evaluate("Latent.between([1, 2], [2, 4], 0.5, 'great_circle')") == [1.5, 3]


def test_every_number_and_picture_is_pytorchs(show: Show, recorded: RecordedGenerator) -> None:
    page = show(seed=3, picks=(4, 1, 1))
    check(page, recorded, sheet(3)[3])
    a, b, c = sheet(7)[[1, 4, 9]]
    go(page, "latent", mode="walk", seed=7, picks=[1, 4, 9], at=0.3, way="straight")
    check(page, recorded, a * 0.7 + b * 0.3)
    go(page, "latent", mode="walk", seed=7, picks=[1, 4, 9], at=0.25, way="great_circle")
    check(page, recorded, explain.interpolate(a, b, 5, "great_circle")[1])
    go(page, "latent", mode="sum", seed=7, picks=[1, 4, 9])
    check(page, recorded, a - b + c)
    own = [round(0.1 * j - 0.8, 2) for j in range(16)]
    go(page, "latent", z=own, shrink=0.5)
    check(page, recorded, 0.5 * torch.tensor(own, dtype=torch.float64))


def test_the_sheet_is_that_of_the_page_streams(show: Show, recorded: RecordedGenerator) -> None:
    page = show(seed=11)
    with torch.no_grad():
        images = recorded.network(sheet(11).float())
    labels = recorded.labels[recorded.neighbours(images).indices[:, 0]].tolist()
    names = page.get_by_role("group", name="Samples to pick").get_by_role("button")
    said = [one.get_attribute("aria-label") for one in names.all()]
    assert said == [f"Sample {i + 1}, like a {label}" for i, label in enumerate(labels)]


def test_where_it_moves(show: Show, recorded: RecordedGenerator) -> None:
    page = show(seed=5)
    J = explain.jacobian(recorded.network, sheet(5)[:1].float())[0, 0]
    every = J.norm(dim=2) / J.norm(dim=2).max()
    np.testing.assert_allclose(shown(page, "Where the pixels move most"), between(every, "gradient"), atol=0.6)
    page.get_by_label("Where the picture moves with").select_option("z7")
    drawn(page)
    one = J[:, :, 6] / J[:, :, 6].abs().max()
    seen = shown(page, "Where z7 adds ink, and in violet where it takes ink away")
    expected = np.where((one > 0)[..., None], between(one, "gradient"), between(-one, "violet"))
    np.testing.assert_allclose(seen, expected, atol=0.6)
    assert state(page, "latent")["input"] == "7"


def test_both_strips_say_how_long_z_is(show: Show, recorded: RecordedGenerator) -> None:
    page = show(mode="walk", seed=4, picks=(1, 5, 1))
    a, b = sheet(4)[[0, 4]]
    for how, name in (("straight", "straight line"), ("great_circle", "great circle")):
        way = explain.interpolate(a, b, 9, how)
        long = [f"{float(v):.1f}" for v in way.norm(dim=1)[[0, 4, 8]]]
        text = f"{name}: length of z {long[0]}, halfway {long[1]}, at the end {long[2]}"
        expect(page.get_by_text(text)).to_be_visible()
        strip = shown(page, f"Nine pictures from A to B: {text}").reshape(28, 9, 28, 3).transpose(1, 0, 2, 3)
        with torch.no_grad():
            images = recorded.network(way.float())[:, 0]
        np.testing.assert_allclose(strip, between((images + 1) / 2, "generator"), atol=0.6)


def test_what_is_said_of_copies(show: Show, recorded: RecordedGenerator) -> None:
    page = show(seed=4)
    _, distance, _, _ = measured(recorded, sheet(4)[0])
    quantiles = recorded.scores["real"]
    percent = float(np.interp(distance, quantiles, np.linspace(0, 100, len(quantiles))))
    expect(page.get_by_text(f"No copy: {percent:.0f} % of the real digits")).to_be_visible()
    page.get_by_text("Does it copy?").click()
    expect(page.get_by_role("img", name="The share of digits nearer")).to_be_visible()
    closeness = round(100 * recorded.scores["closeness"])
    expect(page.get_by_text(f"In {closeness} % of all pairs")).to_be_visible()
    page.get_by_text("How it was recorded").click()
    expect(page.get_by_text("runs.record_generator(")).to_be_visible()
    expect(page.get_by_text("30000 steps with batches of 64, seed 0")).to_be_visible()


# -- controls ---------------------------------------------------------------------------------------------------------


def test_controls_by_mouse(show: Show, recorded: RecordedGenerator) -> None:
    page = show()
    pick = page.get_by_role("group", name="Samples to pick").get_by_role("button")
    pick.nth(6).click()
    check(page, recorded, sheet(0)[6])
    expect(pick.nth(6)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="New samples").click()
    check(page, recorded, sheet(1)[6])
    page.get_by_label("Explore").select_option("walk from A to B")
    pick.nth(2).click()
    pick.nth(8).click()
    expect(page.get_by_role("button", name="A is sample 3")).to_have_attribute("aria-pressed", "true")
    check(page, recorded, (sheet(1)[2] + sheet(1)[8]) / 2)
    page.get_by_role("button", name="B is sample 9").click()
    pick.nth(9).click()
    check(page, recorded, (sheet(1)[2] + sheet(1)[9]) / 2)
    circle = page.get_by_role("img", name=re.compile("great circle"))
    box = circle.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.95, box["y"] + 5)
    assert "by the great circle, at 1.00" in words(page)
    check(page, recorded, sheet(1)[9])
    page.get_by_label("Explore").select_option("A − B + C")
    pick.nth(0).click()
    pick.nth(1).click()
    pick.nth(2).click()
    check(page, recorded, sheet(1)[0] - sheet(1)[1] + sheet(1)[2])
    assert state(page, "latent")["mode"] == "sum"
    page.get_by_label("Explore").select_option("one point")
    assert "One point." in words(page)
    check(page, recorded, (sheet(1)[0] - sheet(1)[1] + sheet(1)[2]).clamp(-4, 4))


def test_controls_by_keyboard_and_a_link(show: Show, recorded: RecordedGenerator) -> None:
    page = show()
    page.get_by_text("The other inputs").press("Enter")
    z = sheet(0)[0].clone()
    for j in (9, 1):
        slider = page.get_by_label(f"z{j + 1}", exact=True)
        before = float(z[j])
        slider.press("ArrowRight")
        z[j] = float(slider.input_value())
        assert 0 < float(z[j]) - before < 0.061
    drawn(page)
    check(page, recorded, z)
    page.get_by_label("z3", exact=True).press("End")
    z[2] = 4
    page.get_by_label("shrink z by ψ").press("Home")
    page.get_by_label("shrink z by ψ").press("ArrowRight")
    drawn(page)
    np.testing.assert_allclose(numbers(page)[1], 0.05 * float(z.norm()), rtol=1e-9)
    page.get_by_label("shrink z by ψ").press("End")
    seed = page.get_by_label("Seed")
    seed.fill("12")
    page.get_by_label("shrink z by ψ").dispatch_event("input")
    drawn(page)  # a frame does not write over what is half typed
    seed.press("Enter")
    page.get_by_label("Explore").select_option("walk from A to B")
    pick = page.get_by_role("group", name="Samples to pick").get_by_role("button")
    pick.nth(4).focus()
    page.keyboard.press("b")
    pick.nth(5).focus()
    page.keyboard.press("A")
    page.get_by_role("slider", name="from A to B").press("ArrowRight")
    page.get_by_label("Way", exact=True).select_option("great circle")
    assert "From sample 6 to sample 5 by the great circle, at 0.51." in words(page)
    kept = state(page, "latent")
    assert kept["mode"] == "walk" and kept["picks"] == "[5,4,2]" and kept["seed"] == "12" and kept["shrink"] == "1.5"
    before, figures = words(page), numbers(page)
    reload(page)
    page.locator("gan-lab canvas").first.wait_for()
    assert words(page) == before and numbers(page) == figures


def test_moving_a_slider_on_the_way_makes_the_point_ones_own(show: Show, recorded: RecordedGenerator) -> None:
    page = show(mode="walk", at=0.5)
    middle = ((sheet(0)[0] + sheet(0)[1]) / 2 * 100).round() / 100
    page.get_by_label("Where the picture moves with").select_option("z1")
    page.get_by_label("z10", exact=True).press("Home")
    assert "One point." in words(page)
    expect(page.get_by_label("Where the picture moves with")).to_have_value("10")
    shown_z = json.loads(state(page, "latent")["z"])
    assert shown_z[9] == -4
    np.testing.assert_allclose(np.delete(shown_z, 9), np.delete(middle.numpy(), 9), atol=0.0101)


def test_controls_by_touch_on_a_phone(show: Show, recorded: RecordedGenerator) -> None:
    page = show(wide=390, touch=True, mode="walk")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pick = page.get_by_role("group", name="Samples to pick").get_by_role("button")
    finger(pick.nth(10))
    finger(pick.nth(11))
    tap(page, page.get_by_role("img", name=re.compile("B: straight line")), 0.02, 0.5)
    check(page, recorded, sheet(0)[10])
    for fold in ("The other inputs", "Does it copy?", "How it was recorded"):
        finger(page.get_by_text(fold))
    finger(page.get_by_role("button", name="New samples"))
    slider = page.get_by_label("z10", exact=True)
    slider.scroll_into_view_if_needed()
    tap(page, slider, 0.98, 0.5, event="input")
    assert float(slider.input_value()) > 3.5 and "One point." in words(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small_targets = page.locator("gan-lab").evaluate(
        "one => [...one.shadowRoot.querySelectorAll('button, select, input')].filter(e => e.offsetParent"
        " && e.getBoundingClientRect().height < 40).map(e => e.outerHTML)"
    )
    assert small_targets == []


def test_the_walk_plays_there_and_back(show: Show) -> None:
    page = show(mode="walk", at=0.9)
    page.get_by_role("button", name="Play").click()
    at = page.get_by_role("slider", name="from A to B")
    page.wait_for_function(
        "() => +document.querySelector('gan-lab').shadowRoot.querySelector('input[max=\"1\"]').value > 0.97"
    )
    page.wait_for_function(
        "() => +document.querySelector('gan-lab').shadowRoot.querySelector('input[max=\"1\"]').value < 0.9"
    )
    page.get_by_role("button", name="Pause").click()
    here = at.input_value()
    at_rest(page)
    assert at.input_value() == here
    assert 0 < float(state(page, "latent")["at"]) < 0.95


def test_with_reduced_motion_it_moves_in_few_frames(show: Show) -> None:
    page = show(mode="walk", at=0.0, reduced_motion=True)
    page.get_by_role("button", name="Play").click()
    at = "+document.querySelector('gan-lab').shadowRoot.querySelector('input[max=\"1\"]').value"
    (first, _), (second, _), (third, _) = turns(page, at, 3)
    assert second - first > 0.69 and third - second > 0.69, "one frame in 0.7 s"


def test_an_address_that_does_not_fit_is_passed_over(show: Show, recorded: RecordedGenerator) -> None:
    query = (
        "#latent.mode=fly&latent.seed=-3&latent.picks=[99,-1,2]&latent.z=[1]&latent.at=7&latent.input=40&latent.way=up"
    )
    page = show(query)
    check(page, recorded, sheet(0)[0])
    go(page, "latent", mode="walk", picks=[99, -1, 2], at=7, seed=1e9)
    assert "From sample 20 to sample 1 by the straight line, at 1.00." in words(page)
    check(page, recorded, sheet(1_000_000)[0])
    for typed in ("1e9", "", "-5"):
        page.get_by_label("Seed").fill(typed)
        page.get_by_label("Seed").press("Enter")
    expect(page.get_by_label("Seed")).to_have_value("0")


# -- where the generator comes from -----------------------------------------------------------------------------------


def test_it_can_be_carried_inside(show: Show, recorded: RecordedGenerator) -> None:
    page = show(embed=True, seed=2)
    check(page, recorded, sheet(2)[0])
    assert page.locator("script[src*=generator]").count() == 0


def test_two_explorers_share_one_file_under_a_strict_policy(
    new_page: Callable[..., Page], tmp_path: Path, recorded: RecordedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for script in (ROOT / "gan_lab" / "widgets" / "static").glob("gan-lab*.js"):
        shutil.copy(script, tmp_path)
    monkeypatch.chdir(tmp_path)
    one = widgets.latent(runs.read_generator(shutil.copy(FILE, tmp_path / "generator.js")), embed=False).html()
    strict = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; script-src 'self'\">"
    head = f'<meta charset="utf-8"><title>Two</title>{strict}<script defer src="gan-lab.js"></script>'
    (tmp_path / "two.html").write_text(
        f'<!doctype html><html lang="en"><head>{head}</head><body>{one}{one}</body></html>'
    )
    page = new_page()
    with served(tmp_path) as address:
        page.goto(f"{address}/two.html")
        expect(page.locator("gan-lab .badge")).to_have_count(2)
        expect(page.locator("gan-lab .problem")).to_have_count(0)


def test_a_missing_or_damaged_file_is_said(
    show: Show, open_widget: OpenWidget, tmp_path: Path, errors: list[str]
) -> None:
    page = show()
    file = tmp_path / "generator.js"
    file.write_text(re.sub('"bytes":"(.{4000}).*"', '"bytes":"\\1"', file.read_text()))
    page.reload()
    expect(page.locator("gan-lab [role=alert]")).to_contain_text("damaged")
    file.unlink()
    page.reload()
    expect(page.locator("gan-lab [role=alert]")).to_contain_text("the folder recorded/ must lie beside the pages")
    page = open_widget('<gan-lab view="latent"></gan-lab>')
    expect(page.locator("gan-lab [role=alert]")).to_contain_text(
        "was given no generator: write widgets.latent(generator)"
    )
    errors.clear()
