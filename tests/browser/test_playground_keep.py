"""A run of the playground as a file: saved, opened where it stood, refused where the file is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.figure1_page import VIEW, OpenWidget, parameters, press, same, steps
from tests.playground_page import RUN, playground


def go_to(page: Page, step: int) -> None:
    page.get_by_label("Go to step").fill(str(step))
    page.get_by_label("Go to step").press("Enter")
    page.wait_for_function(f"({RUN}.engine.steps === {step}) && !document.querySelector('gan-lab').view.host?.running")


def saved(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save run").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def open_file(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a saved run").click()
    chooser.value.set_files(file)


def test_a_saved_run_goes_on_as_if_never_left(open_widget: OpenWidget, tmp_path: Path) -> None:
    page = open_widget(playground())
    go_to(page, 60)
    press(page, "D step")  # a step by hand, which a link could not repeat
    file = saved(page, tmp_path)
    assert file.name == "gan-ring-seed0-step60.json"
    press(page, "G step")
    press(page, "Step")
    expected = parameters(page)
    other = open_widget(playground(spec={"seed": 9, "loss": "hinge"}))
    open_file(other, file)
    other.wait_for_function(f"{RUN}.engine.steps === 60")
    assert other.evaluate(f"{VIEW}.engine().stepsD") == 61
    assert other.get_by_label("Loss", exact=True).input_value() == "non_saturating"
    press(other, "G step")
    press(other, "Step")
    assert same(parameters(other), expected)
    # the file may be opened once more, and the run before it can still be reached
    open_file(other, file)
    other.wait_for_function(f"{RUN}.engine.stepsG === 60")


def test_going_to_a_step_back_and_forth(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    go_to(page, 40)
    at_40 = parameters(page)
    go_to(page, 80)
    assert steps(page) == 80
    go_to(page, 40)  # from the beginning again
    assert same(parameters(page), at_40)
    go_to(page, 0)
    assert steps(page) == 0


HALF = '{"format": "gan-lab-run-1", "deeds": [], "snapshot": {"state": "AA=="}}'


@pytest.mark.parametrize("text", ["", "no json", "{}", HALF])
def test_a_file_that_is_no_run_is_refused(open_widget: OpenWidget, tmp_path: Path, text: str) -> None:
    page = open_widget(playground())
    go_to(page, 20)
    before = parameters(page)
    file = tmp_path / "run.json"
    file.write_text(text)
    open_file(page, file)
    said = page.locator("gan-lab .problem")
    expect(said).to_contain_text("This file is no saved run, or only part of one")
    assert steps(page) == 20 and same(parameters(page), before)
    said.locator("xpath=..").get_by_role("button", name="Back to step 20").click()
    expect(said).to_have_count(0)


def test_a_run_that_does_not_fit_its_own_spec_is_refused(open_widget: OpenWidget, tmp_path: Path) -> None:
    page = open_widget(playground())
    go_to(page, 20)
    content = json.loads(saved(page, tmp_path).read_text())
    before = parameters(page)
    for change in ({"generator": {"sizes": [2, 9, 2], "activation": "tanh"}}, {"batch": 0}, {"loss": "hing"}):
        broken = json.loads(json.dumps(content))
        broken["snapshot"]["spec"] |= change
        file = tmp_path / "broken.json"
        file.write_text(json.dumps(broken))
        open_file(page, file)
        expect(page.locator("gan-lab .problem")).to_be_visible()
        assert steps(page) == 20 and same(parameters(page), before)
        press(page, "Back to step 20")
