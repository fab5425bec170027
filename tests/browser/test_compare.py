"""Runs side by side, and many seeds, in a real browser: every control, and every number beside gan_lab's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

import gan_lab
from gan_lab import data, metrics, widgets
from gan_lab.widgets.labs import LESSONS, gan_of, merge
from tests.page import drawn, finger, pace, reload
from tests.small_widgets import OpenWidget, element, go, numbers, state, tap, words

PLAYERS = ("generator", "discriminator")
COHORT = "document.querySelector('gan-lab').view.cohort"
# small and quick: what is tested is the page, not how long networks take
SMALL = {"generator": {"sizes": [2, 8, 2]}, "discriminator": {"sizes": [2, 9, 1]}, "batch": 16, "seed": 3}
BASE = merge(LESSONS["base"], SMALL)


def compare(**options: Any) -> str:
    return element("compare", **{"spec": SMALL, "steps": 120, **options})


def parameters(page: Page, i: int, player: str) -> np.ndarray:
    return np.array(page.evaluate(f"[...{COHORT}.all[{i}].run.engine.getParameters('{player}')]"))


def steps(page: Page) -> list[int]:
    """Where the cohort is, and every one of its runs."""
    found: list[int] = page.evaluate(f"[{COHORT}.step, ...{COHORT}.all.map(one => one.run.clock)]")
    return found


def samples(page: Page, i: int) -> torch.Tensor:
    return torch.tensor(page.evaluate(f"[...{COHORT}.all[{i}].run.picture.scored]")).reshape(-1, 2)


def play(page: Page) -> None:
    page.get_by_role("button", name="▶ Play").click()
    page.get_by_role("button", name="▶ Play").wait_for(timeout=180_000)
    drawn(page)


def sliced_wasserstein(x: torch.Tensor, y: torch.Tensor, directions: int = 64) -> float:
    """Along evenly spaced directions, as the page takes it; gan_lab's own takes random ones."""
    angle = torch.pi * (torch.arange(directions) + 0.5) / directions
    w = torch.stack([angle.cos(), angle.sin()]).double()
    return float(((x.double() @ w).sort(0).values - (y.double() @ w).sort(0).values).abs().mean())


def shown(page: Page, i: int) -> str:
    return page.locator("gan-lab .games > div").nth(i).locator("b, button").first.text_content() or ""


@pytest.mark.parametrize(
    ("axis", "runs", "changes"),
    [
        ("loss", "minimax,relativistic", [{"loss": "minimax"}, {"loss": "relativistic"}]),
        ("penalty", "r1_1,wgan_gp_10,clip_0.1", [{"penalties": [{"name": n, "weight": w}]} for n, w in
         (("r1", 1), ("wgan_gp", 10), ("clip", 0.1))]),
        ("optimiser", "adam_0,momentum,rmsprop", [{"optimisers": dict.fromkeys(PLAYERS, o)} for o in
         ({"betas": [0, 0.999]}, {"name": "momentum", "lr": 0.01}, {"name": "rmsprop"})]),
        ("lrD", "0.00001,0.1", [{"optimisers": {"discriminator": {"lr": lr}}} for lr in (1e-5, 0.1)]),
        ("k", "1,5", [{"k": 1}, {"k": 5}]),
        ("noise", "1,16", [
            {"prior": {"name": "gaussian", "mean": 0, "std": 1}, "generator": {"sizes": [1, 8, 2]}},
            {"prior": {"name": "standard_normal", "dim": 16}, "generator": {"sizes": [16, 8, 2]}}]),
        ("unitsG", "4,64", [{"generator": {"sizes": [2, n, 2]}} for n in (4, 64)]),
    ],
)  # fmt: skip
def test_runs_are_those_of_gan_lab(
    open_widget: OpenWidget, axis: str, runs: str, changes: list[dict[str, Any]]
) -> None:
    page = open_widget(compare(axis=axis, runs=runs))
    for _ in range(7):
        page.get_by_role("button", name="Step", exact=True).click()
    assert steps(page) == [7] * (1 + len(changes))
    for i, change in enumerate(changes):
        spec = merge(BASE, change)
        gan, target = gan_of(spec).double(), data.from_spec(spec["target"])
        run = gan_lab.train(gan, target, 7, batch=16, seed=3, streams="page")
        for player in PLAYERS:
            network = getattr(run.gan, player)
            expected = torch.nn.utils.parameters_to_vector(network.parameters()).detach().numpy()
            np.testing.assert_allclose(parameters(page, i, player), expected, atol=1e-4, err_msg=f"{change} {player}")


def test_one_thing_differs(open_widget: OpenWidget) -> None:
    page = open_widget(compare())
    specs = page.evaluate(f"{COHORT}.all.map(one => one.run.spec)")
    assert [s.pop("loss") for s in specs] == ["non_saturating", "minimax"]
    assert specs[0] == specs[1]
    start = parameters(page, 0, "generator")
    assert np.array_equal(start, parameters(page, 1, "generator"))
    page.get_by_role("button", name="50 steps").click()
    assert not np.array_equal(parameters(page, 0, "generator"), parameters(page, 1, "generator"))


def test_play_step_scrub_reset(open_widget: OpenWidget) -> None:
    page = open_widget(compare())
    play(page)
    assert steps(page) == [120] * 3 and words(page).startswith("Step 120. non-saturating: ")
    end = parameters(page, 1, "generator")
    report = metrics.modes(samples(page, 1), data.ring(std=0.05))
    real = torch.tensor(page.evaluate(f"[...{COHORT}.all[1].run.picture.real]")).reshape(-1, 2)
    w = sliced_wasserstein(samples(page, 1), real)
    assert shown(page, 1) == f"minimax: {report.covered} of 8 modes, W {w:.2f}"
    time = page.get_by_role("slider", name="Back in time")
    time.focus()
    page.keyboard.press("Home")
    drawn(page)
    assert steps(page) == [0] * 3 and time.get_attribute("aria-valuetext") == "step 0"
    time.press("ArrowRight")
    drawn(page)
    at = steps(page)
    assert at == [2] * 3, "sixty moments on the way to the goal"
    play(page)
    assert steps(page) == [120] * 3 and np.array_equal(parameters(page, 1, "generator"), end), "the same run again"
    page.get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    assert steps(page) == [0] * 3
    page.get_by_label("Speed").select_option("20")
    page.get_by_role("button", name="▶ Play").press("Space")
    assert pace(page, f"{COHORT}.step", 12) == pytest.approx(20, rel=0.25)
    page.get_by_role("button", name="❚❚ Pause").click()
    assert 12 < steps(page)[0] < 120 and len(set(steps(page))) == 1, "in lockstep when it stops"


def test_a_link_brings_the_very_runs_back(open_widget: OpenWidget) -> None:
    page = open_widget(compare())
    page.get_by_label("They differ in").select_option("k")
    page.get_by_role("button", name="One more run").click()
    page.get_by_label("Run 1").select_option(" 10")
    page.get_by_label("Look at").select_option("minus")
    page.get_by_role("button", name="50 steps").press("Enter")
    page.get_by_role("button", name="Step", exact=True).click()
    end, said = parameters(page, 0, "discriminator"), words(page)
    saved = state(page, "compare")
    assert saved == {"axis": "k", "runs": "10,2,5", "look": "minus", "at": "51"}
    reload(page)
    page.wait_for_function(f"{COHORT}.step === 51 && {COHORT}.all.every(one => one.run.clock === 51)")
    page.get_by_role("button", name="▶ Play").wait_for()
    assert np.array_equal(parameters(page, 0, "discriminator"), end) and words(page) == said
    page.get_by_role("button", name="One run less").click()
    assert len(steps(page)) == 3
    go(page, "compare", axis="nothing", runs="a,b", look="?", n=1e9, steps="x", at=-5)
    assert len(steps(page)) == 3 and "non-saturating" in words(page)


def test_what_they_share_can_be_changed(open_widget: OpenWidget) -> None:
    page = open_widget(compare())
    page.locator("gan-lab details").evaluate_all("all => all.forEach(one => { one.open = true })")
    page.get_by_label("Seed", exact=True).fill("8")
    page.get_by_label("Seed", exact=True).press("Enter")
    page.get_by_label("Target").select_option("moons")
    drawn(page)
    specs = page.evaluate(f"{COHORT}.all.map(one => [one.run.spec.seed, one.run.spec.target.name])")
    assert specs == [[8, "moons"]] * 2
    assert state(page, "compare")["seed"] == "8"
    play(page)
    assert "modes" not in words(page) and "W 0." in words(page)


def test_pictures_of_the_difference(open_widget: OpenWidget) -> None:
    """The second picture shows D_2 − D_1, or arrows: nothing where both are the same run."""
    page = open_widget(compare(runs="hinge,hinge,minimax", steps=400))
    assert len(steps(page)) == 4, "the same loss twice is allowed: a check of the picture"
    play(page)
    ink = """i => { const c = document.querySelector('gan-lab').shadowRoot.querySelectorAll('.games canvas')[i];
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      return data.filter((v, j) => j % 4 === 3 && v > 2).length }"""
    page.get_by_label("Look at").select_option("minus")
    drawn(page)
    assert page.evaluate(ink, 1) == 0 and page.evaluate(ink, 2) > 1000
    readings = page.evaluate(
        f"{COHORT}.all.map(({{run: {{picture, spec}}}}) => [...picture.s].map(picture.reading(spec.loss)))"
    )
    assert np.array_equal(readings[0], readings[1]) and np.abs(np.subtract(readings[2], readings[0])).max() > 0.05
    page.get_by_label("Look at").select_option("move")
    drawn(page)
    assert page.evaluate(ink, 2) > page.evaluate(ink, 1), "arrows where the same noise goes elsewhere"


def test_a_run_that_leaves_the_finite_numbers_leaves_the_others_alone(open_widget: OpenWidget) -> None:
    optimisers = {p: {"name": "sgd", "lr": 1e9} for p in PLAYERS}
    nets = {p: {"activation": "relu", **SMALL[p]} for p in PLAYERS}  # type: ignore[dict-item]
    page = open_widget(compare(spec={**SMALL, **nets, "optimisers": optimisers}, axis="optimiser", runs="sgd,rmsprop"))
    play(page)
    assert "RMSProp: left the finite numbers" in words(page) and "SGD, lr 0.05: left" not in words(page)
    assert steps(page)[1] == 120 > steps(page)[2]
    time = page.get_by_role("slider", name="Back in time")
    time.press("Home")
    drawn(page)
    assert "finite" not in words(page), "back to where all was well"
    page.get_by_label("Run 2").select_option(" adam_0")
    play(page)
    assert steps(page)[0] == 120


def test_seeds_and_their_distribution(open_widget: OpenWidget) -> None:
    page = open_widget(compare(mode="seeds", n=8))
    page.get_by_label("the loss").select_option(" hinge")
    play(page)
    assert steps(page) == [120] * 9
    specs = page.evaluate(f"{COHORT}.all.map(one => one.run.spec)")
    assert [s["seed"] for s in specs] == list(range(3, 11)) and {s["loss"] for s in specs} == {"hinge"}
    real = torch.tensor(page.evaluate(f"[...{COHORT}.all[0].run.picture.real]")).reshape(-1, 2)
    reports = [metrics.modes(samples(page, i), data.ring(std=0.05)) for i in range(8)]
    table = np.reshape(numbers(page), (3, 4))
    values = [
        [r.covered for r in reports], [r.high_quality for r in reports],
        [sliced_wasserstein(samples(page, i), real) for i in range(8)],
    ]  # fmt: skip
    for row, found in zip(table, values, strict=True):
        np.testing.assert_allclose(row[:2], [np.mean(found), np.std(found, ddof=1) / np.sqrt(8)], atol=1e-6)
    assert abs(table[0, 2] - 8) < 1e-6 and abs(table[1, 2] - 0.98889) < 0.01, "the perfect sampler, as gan_lab counts"
    assert 0.01 < table[2, 2] < 0.06
    tile = page.get_by_role("button", name="seed 5", exact=True)
    tile.press("Enter")
    assert tile.get_attribute("aria-pressed") == "true" and state(page, "compare")["picked"] == "2"
    page.locator("gan-lab .games canvas").nth(6).click()
    assert state(page, "compare")["picked"] == "6"
    page.get_by_label("Seeds").select_option("12")
    assert len(steps(page)) == 13
    page.get_by_label("Show").select_option("side")
    assert len(steps(page)) == 3


def test_examples(open_widget: OpenWidget) -> None:
    page = open_widget(element("compare"))
    for name, pair in LESSONS["pairs"].items():
        page.get_by_label("Example").select_option(name)
        drawn(page)
        expect(page.get_by_text(pair["words"])).to_be_visible()
        specs = page.evaluate(f"{COHORT}.all.map(one => one.run.spec)")
        assert len(specs) == len(pair["runs"].split(","))
        assert specs[0]["target"] == widgets.lesson(pair["game"]).spec["target"]
    assert state(page, "compare")["preset"] == name


def test_a_finger_on_a_phone(open_widget: OpenWidget) -> None:
    page = open_widget(compare(mode="seeds", n=12), width=390, touch=True)
    drawn(page)
    finger(page.get_by_role("button", name="50 steps"))
    assert steps(page)[0] == 50
    tap(page, page.locator("gan-lab .games canvas").nth(4), 0.5, 0.5)
    assert page.get_by_role("button", name="seed 7", exact=True).get_attribute("aria-pressed") == "true"
    for mode in ("seeds", "side"):
        page.get_by_label("Show").select_option(mode)
        drawn(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    small = page.locator("gan-lab button:visible, gan-lab select:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 40).length"
    )
    assert small == 0, "too small for a finger"


def test_reduced_motion_still_trains(open_widget: OpenWidget) -> None:
    page = open_widget(compare(), reduced_motion=True)
    play(page)
    assert steps(page) == [120] * 3


@pytest.mark.parametrize(
    ("options", "words"),
    [({"n": "many"}, "something like"), ({"spec": {"target": {"name": "rings"}}}, "ring")],
)
def test_mistakes_of_the_author_are_said(open_widget: OpenWidget, options: dict[str, Any], words: str) -> None:
    page = open_widget(element("compare", **options))
    drawn(page)
    said = page.locator("gan-lab :is([role=alert], [role=status])").first.text_content() or ""
    assert words in said, json.dumps(options)
