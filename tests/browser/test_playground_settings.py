"""The playground's controls: each reaches the engine and the address, by mouse, keyboard and touch; own points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from gan_lab.random import PageStreams
from tests.figure1_page import OpenWidget, address, open_all, parameters, press, same, spec, steps
from tests.page import drawn, follow, heard
from tests.playground_page import RUN, playground, points

SELECTS: list[tuple[str, str, Any, Any]] = [
    ("Loss", "hinge", lambda s: s["loss"], "hinge"),
    ("Optimiser", "rmsprop", lambda s: s["optimisers"]["generator"]["name"], "rmsprop"),
    ("Activation", "relu", lambda s: s["generator"]["activation"], "relu"),
    ("Noise", "uniform", lambda s: s["prior"], {"name": "uniform_cube", "dim": 2, "low": -1, "high": 1}),
]
SLIDERS: list[tuple[str, str, Any, Any]] = [
    ("k, D steps a G step", "ArrowRight", lambda s: s["k"], 2),
    ("Learning rate", "End", lambda s: s["optimisers"]["generator"]["lr"], 1),
    ("Hidden units", "End", lambda s: s["generator"]["sizes"], [2, 128, 2]),
    ("Hidden units", "Home", lambda s: s["generator"]["sizes"], [2, 2, 2]),
    ("Hidden layers", "End", lambda s: s["generator"]["sizes"], [2, 2, 2, 2, 2]),
    ("Clip weights, c", "ArrowRight", lambda s: s["penalties"], [{"name": "clip", "weight": 0.01}]),
    ("WGAN-GP, λ", "End", lambda s: s["penalties"], [{"name": "wgan_gp", "weight": 20}]),
    ("R1, γ", "ArrowRight", lambda s: s["penalties"], [{"name": "r1", "weight": 0.1}]),
    ("R2, γ", "ArrowRight", lambda s: s["penalties"], [{"name": "r2", "weight": 0.1}]),
    ("Instance noise, σ", "ArrowRight", lambda s: s["instance_noise"], 0.02),
    ("G steps after them", "ArrowRight", lambda s: s["k_g"], 2),
    ("Noise dimension", "ArrowLeft", lambda s: s["prior"], {"name": "gaussian", "mean": 0, "std": 1}),
    ("Noise dimension", "End", lambda s: s["prior"], {"name": "standard_normal", "dim": 10}),
    ("modes", "ArrowLeft", lambda s: s["target"]["modes"], 7),
    ("radius", "ArrowRight", lambda s: s["target"]["radius"], 1.1),
    ("width (s.d.)", "End", lambda s: s["target"]["std"], 0.5),
]


@pytest.mark.parametrize("running", [False, True], ids=["at rest", "while training"])
def test_every_setting_reaches_the_engine_and_the_address(open_widget: OpenWidget, running: bool) -> None:
    page = open_widget(playground())
    open_all(page)
    for label, value, read, expected in SELECTS:
        if running:
            press(page, "Step")
        page.get_by_label(label, exact=True).first.select_option(value)
        assert read(spec(page)) == expected, label
    said = address(page)
    assert said["loss"] == "hinge" and said["optimisers.generator.name"] == "rmsprop" and said["prior"]["dim"] == 2
    follow(page, "f.loss=minimax")
    for label, key, read, expected in SLIDERS:
        if running:
            press(page, "Step")
        page.get_by_label(label, exact=True).first.press(key)
        assert read(spec(page)) == expected, label
        if label in ("Clip weights, c", "WGAN-GP, λ", "R1, γ", "R2, γ"):
            page.get_by_label(label, exact=True).first.press("Home")
    for label, value, read in (
        ("Batch", "48", lambda s: s["batch"]), ("Seed", "9", lambda s: s["seed"]),
        ("β₁", "0.2", lambda s: s["optimisers"]["generator"]["betas"][0]),
        ("β₂", "0.75", lambda s: s["optimisers"]["generator"]["betas"][1]),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).first.fill(value)
        page.keyboard.press("Tab")
        assert read(spec(page)) == float(value), label
    said = address(page)
    assert said["seed"] == 9 and said["optimisers.generator.betas"] == [0.2, 0.75]
    assert spec(page)["generator"]["sizes"][0] == 10
    press(page, "Step")
    page.get_by_label("Optimiser").first.select_option("sgd")
    expect(page.get_by_label("β₁").first).to_be_disabled()


def test_every_target_can_be_chosen_and_learned(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    open_all(page)
    target = page.get_by_label("Target", exact=True)
    names = target.locator("option").evaluate_all("all => all.map(one => one.value)")
    assert len(names) == 9
    for name in names:
        target.select_option(name)
        press(page, "Step")
        made = spec(page)["target"]["name"]
        assert made == ("points" if name in ("gaussians", "blobs", "points") else name)
        assert target.input_value() == name
        # every number of the target has its slider, and each still gives a target
        for label in page.locator("gan-lab .wide").first.locator("input[type=range]").all():
            label.press("ArrowRight")
            label.press("End")
            drawn(page)
        expect(page.locator("gan-lab .problem")).to_have_count(0)
        box = page.evaluate(f"{RUN}.picture.box")
        assert box[1] - box[0] == pytest.approx(box[3] - box[2])


# ---- points of one's own ---------------------------------------------------------------------------------------------


def own(open_widget: OpenWidget, **options: Any) -> Page:
    page = open_widget(playground(), **options)
    open_all(page)
    page.get_by_label("Target", exact=True).select_option("points")
    drawn(page)
    return page


def picture(page: Page) -> tuple[Any, Any]:
    """From points of the plane to pixels of the page, and the size of the square."""
    canvas = page.locator("gan-lab canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x0, x1, y0, y1 = page.evaluate(f"{RUN}.picture.box")
    pad = {"left": 34, "top": 4, "right": 4, "bottom": 20}
    wide, tall = box["width"] - pad["left"] - pad["right"], box["height"] - pad["top"] - pad["bottom"]
    scale = min(wide, tall) / (x1 - x0)
    cx, cy = box["x"] + pad["left"] + wide / 2, box["y"] + pad["top"] + tall / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return cx + scale * (x - (x0 + x1) / 2), cy - scale * (y - (y0 + y1) / 2)

    return at, x1 - x0


def test_points_drawn_by_mouse_join_those_that_are_there(open_widget: OpenWidget) -> None:
    page = own(open_widget)
    before = points(page)
    assert len(before) == 60
    at, _ = picture(page)
    page.mouse.move(*at(-0.5, 0.5))
    page.mouse.down()
    for i in range(1, 11):
        page.mouse.move(*at(-0.5 + i / 10, 0.5))
    page.mouse.up()
    drawn(page)
    after = points(page)
    assert after[:60] == before and len(after) > 65
    drawn_ = np.array(after[60:])
    assert np.abs(drawn_[:, 1] - 0.5).max() < 0.02 and drawn_[:, 0].min() < -0.45 and drawn_[:, 0].max() > 0.4
    press(page, "Remove last")
    assert points(page) == after[:-1]
    press(page, "Start afresh")
    at, _ = picture(page)
    page.mouse.click(*at(0.25, -0.25))
    drawn(page)
    assert np.abs(np.array(points(page)) - [[0.25, -0.25]]).max() < 0.02


def test_the_points_of_a_lesson_can_be_edited(open_widget: OpenWidget) -> None:
    page = open_widget(playground(spec={}), query="#f.preset=vanishing")
    open_all(page)
    assert len(points(page)) == 4
    # where G begins is in the picture
    x0, x1, y0, y1 = page.evaluate(f"{RUN}.picture.box")
    assert x0 < 0 < 3 < x1 and y0 < 0 < 3 < y1
    press(page, "Edit these points")
    at, _ = picture(page)
    page.mouse.click(*at(0.5, 2.5))
    drawn(page)
    assert len(points(page)) == 5 and np.abs(np.array(points(page)[4]) - [0.5, 2.5]).max() < 0.03


def test_points_drawn_by_a_finger_and_by_keys(open_widget: OpenWidget) -> None:
    page = own(open_widget, width=390, touch=True)
    press(page, "Start afresh")
    at, _ = picture(page)
    heard(page, lambda: page.touchscreen.tap(*at(0.4, 0.3)))
    assert np.abs(np.array(points(page)) - [[0.4, 0.3]]).max() < 0.03
    knob = page.get_by_role("slider", name="Pen: Enter puts a point")
    before = knob.get_attribute("aria-valuetext")
    for _ in range(3):
        knob.press("ArrowRight")
    knob.press("Shift+ArrowUp")
    assert knob.get_attribute("aria-valuetext") != before
    knob.press("Enter")
    said = [float(v) for v in (knob.get_attribute("aria-valuetext") or "").split(", ")]
    assert len(points(page)) == 2 and np.abs(np.array(points(page)[1]) - said).max() < 0.02


def test_drawn_points_travel_in_a_link(open_widget: OpenWidget) -> None:
    page = own(open_widget)
    page.get_by_label("Points as CSV").fill("0.1, 0.2\n-1.25, 0.75\n0.333, -0.9")
    press(page, "Use this table")
    assert np.abs(np.array(points(page)) - [[0.1, 0.2], [-1.25, 0.75], [0.333, -0.9]]).max() < 0.006
    press(page, "Step", 3)
    said = address(page)
    assert "target" not in said and len(said["points"]) < 60
    there = open_widget(playground(), query="#" + page.url.split("#")[1])
    there.wait_for_function("document.querySelector('gan-lab').view.engine().steps === 3")
    assert points(there) == points(page) and same(parameters(page), parameters(there))
    assert address(there) == said


TABLES: list[tuple[str, list[list[float]]]] = [
    ("1,2\n3,4", [[1, 2], [3, 4]]),
    ("x,y\r\n1,2\r\n\r\n-1.5,0.25\r\n", [[1, 2], [-1.5, 0.25]]),
    ("0,5;1,5\n-0,5;1", [[0.5, 1.5], [-0.5, 1]]),
    ("1\t2\n0 -1", [[1, 2], [0, -1]]),
    ('"1","1e-1"\n"-2.0","2"', [[1, 0.1], [-2, 2]]),
]


@pytest.mark.parametrize(("table", "expected"), TABLES)
def test_tables_as_programs_write_them(open_widget: OpenWidget, table: str, expected: list[list[float]]) -> None:
    page = own(open_widget)
    page.get_by_label("Points as CSV").fill(table)
    press(page, "Use this table")
    assert np.abs(np.array(points(page)) - expected).max() < 0.006
    expect(page.get_by_text(f"{len(expected)} points.")).to_be_visible()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("1,2\n3,a", "Line 2 is “3,a”: write two numbers"),
        ("a,b\nc,d", "Line 2 is “c,d”"),
        ("1,2\n3", "Line 2 is “3”"),
        ("1,2,3", "Line 1 is “1,2,3”"),
        ("1,2\n\n1,", "Line 3 is “1,”"),
        ("1,inf", "Line 1 is “1,inf”"),
        ("x,y\n", "no points in this table"),
        ("", "no points in this table"),
        ("1,2\n" + "z" * 500, "Line 2 is “" + "z" * 40 + "”"),
    ],
)
def test_a_malformed_table_names_the_line_and_changes_nothing(open_widget: OpenWidget, table: str, words: str) -> None:
    page = own(open_widget)
    press(page, "Step", 2)
    before = points(page)
    page.get_by_label("Points as CSV").fill(table)
    press(page, "Use this table")
    expect(page.get_by_text(words)).to_contain_text("The target is still the old one.")
    assert points(page) == before and steps(page) == 2


def test_a_large_table_far_away_is_thinned_and_scaled_and_that_is_said(open_widget: OpenWidget, tmp_path: Path) -> None:
    page = own(open_widget)
    file = tmp_path / "heights.csv"
    rows = [(150 + i / 100, 60 + (i % 50)) for i in range(2000)]
    file.write_text("height,weight\n" + "\n".join(f"{x},{y}" for x, y in rows))
    page.get_by_label("Upload a CSV file").set_input_files(file)
    expect(page.get_by_text("2000 points.")).to_contain_text("500 of them, picked by chance")
    expect(page.get_by_text("2000 points.")).to_contain_text("scaled to lie between −1.2 and 1.2")
    found = np.array(points(page))
    assert len(found) == 500 and np.abs(found).max() == pytest.approx(1.2, abs=0.01)
    # chosen by chance: no stride of the table can be seen in what is left
    u = PageStreams(0).uniform("data", (2000,), torch.device("cpu")).numpy()
    kept = np.array(rows)[np.sort(np.argsort(u)[:500])]
    middle, reach = (kept.max(0) + kept.min(0)) / 2, np.ptp(kept, axis=0).max()
    assert np.abs(found - 2.4 * (kept - middle) / reach).max() < 0.006
    press(page, "Step", 2)
    assert len(json.dumps(address(page))) < 2300
    huge = tmp_path / "huge.csv"
    huge.write_bytes(b"1,2\n" * 1_500_000)
    page.get_by_label("Upload a CSV file").set_input_files(huge)
    expect(page.get_by_text("This file has 6 MB")).to_be_visible()


def test_go_to_step_goes_there_again_after_a_reset_and_without_leaving_the_field(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    field = page.get_by_label("Go to step")
    for _ in range(2):
        field.fill("7")
        field.press("Enter")
        page.wait_for_function(f"{RUN}.engine.steps === 7")
        press(page, "Reset")
        page.wait_for_function(f"{RUN}.engine.steps === 0")
        expect(field).to_have_value("0")
    field.fill("7")
    field.press("Enter")
    page.wait_for_function(f"{RUN}.engine.steps === 7")
    # a finger presses Reset without taking the focus from the field
    page.evaluate(f"{RUN.removesuffix('.run')}.restore({{}})")
    field.press("Enter")
    page.wait_for_function(f"{RUN}.engine.steps === 7")
