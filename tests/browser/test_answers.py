"""Exercises and predictions in the published page: answered, checked, closed, remembered; no kernel behind it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from gan_lab import classroom

ONE, TREE, HUNT = (f"part1/{name}.html" for name in ("01_why_generate", "02_minimax", "03_nash_equilibrium"))
PARABOLAS = "part2/04_two_players.html"
BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked') } })"
TWO = (0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 3)  # heights that pass exercise 4.4, from the left


def exercise(page: Page, number: str) -> Locator:
    section = page.locator(f'section:has(> .gl-exercise[data-exercise="{number}"])')
    section.locator("form").wait_for()
    return section


def verdict(section: Locator) -> Locator:
    return section.locator(".gl-answer .gl-verdict")


def test_numbers_are_checked_with_the_words_of_python(open_page) -> None:
    """By keyboard alone: hints one by one, the solution after a try, all of it there when the page is opened again."""
    page = open_page(ONE, asks=True)
    task, solution = exercise(page, "1.1"), exercise(page, "1.1").locator("details.gl-solution")
    hints = task.locator("details.gl-hint")
    expect(verdict(task)).to_have_text("")
    expect(solution).to_be_hidden()
    expect(task.locator(".gl-in-python")).to_be_hidden()
    expect(hints.nth(1)).to_be_hidden()
    hints.nth(0).locator("summary").press("Enter")
    expect(hints.nth(1)).to_be_visible()
    fields = task.get_by_role("textbox")
    fields.nth(0).focus()
    page.keyboard.type("1/2")
    page.keyboard.press("Tab")
    page.keyboard.type("2/3")
    page.keyboard.press("Enter")
    expect(verdict(task)).to_contain_text("○ still to answer: the judge is right, eight pixels")
    expect(solution).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.type("0,996")
    page.keyboard.press("Enter")
    expect(verdict(task)).to_have_text(repr(classroom.check("1.1", 0.5, 2 / 3, 0.996)))
    expect(solution).to_be_visible()
    page.reload()  # the verdict stands by its answer
    expect(verdict(task)).to_have_text(repr(classroom.check("1.1", 0.5, 2 / 3, 0.996)))
    fields.nth(1).fill("0.75")
    expect(verdict(task)).to_have_text("")  # what was said was said of another answer
    page.keyboard.press("Enter")
    expect(verdict(task)).to_have_text(repr(classroom.check("1.1", 0.5, 0.75, 0.996)))
    assert verdict(task).get_attribute("role") == "status"
    page.reload()
    task = exercise(page, "1.1")
    assert [field.input_value() for field in task.get_by_role("textbox").all()] == ["1/2", "0.75", "0,996"]
    expect(verdict(task)).to_contain_text("✓ Right")
    expect(task.locator("details.gl-solution")).to_be_visible()
    page.get_by_role("button", name="Forget those of this page").click()
    page.wait_for_load_state()
    expect(exercise(page, "1.1").get_by_role("textbox").first).to_have_value("")


@pytest.mark.parametrize("script", [None, BLOCKED], ids=["kept", "storage blocked"])
def test_the_solution_can_be_asked_for(open_page, errors: list[str], script: str | None) -> None:
    page = open_page(HUNT, asks=True, width=390, script=script)
    task = exercise(page, "3.1")
    for name in ("stag, stag", "stag, hare"):
        task.get_by_label(name).check()
    task.get_by_role("textbox").fill("0.5")
    task.get_by_role("button", name="Check").click()
    expect(verdict(task)).to_have_text(repr(classroom.check("3.1", [("stag", "stag"), ("stag", "hare")], 0.5)))
    other = exercise(page, "3.4")
    other.get_by_role("button", name="Show it now").press("Enter")
    expect(other.locator("details.gl-solution p").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # the theme's own script does complain where nothing can be kept
    assert not script or all("blocked" in error or "theme mode" in error for error in errors)
    errors.clear()


def test_widgets_are_read(open_page) -> None:
    """A figure that stands on the page fills the fields: its leaves, its step size, where its arrows end."""
    page = open_page(TREE, asks=True)
    task, figure = exercise(page, "2.2"), page.locator('gan-lab[view="tree"]').first
    expect(task.get_by_role("textbox")).to_have_value("3 12 8 2 4 6 14 5 2")
    task.get_by_role("button", name="Check").click()
    expect(verdict(task)).to_contain_text("○ still to answer")
    leaves = figure.get_by_label("Leaf values")
    leaves.fill("3 12 8 2 4 6 2 14 5")
    leaves.press("Enter")
    task.get_by_role("button", name="Read it off the figure").click()
    expect(task.get_by_role("textbox")).to_have_value("3 12 8 2 4 6 2 14 5")
    task.get_by_role("button", name="Check").click()
    expect(verdict(task)).to_have_text(repr(classroom.check("2.2", "3 12 8 2 4 6 2 14 5")))

    page.goto(page.url.split("#")[0].replace(TREE, ONE))
    task = exercise(page, "1.2")
    page.locator('gan-lab[view="figure1"]').first.get_by_role("button", name="Play").wait_for()
    task.get_by_role("button", name="Read it off the figure").click()
    at = [float(field.input_value()) for field in task.get_by_role("textbox").all()]
    generated = page.evaluate("document.querySelector('gan-lab[view=figure1]').view.engine().generate([0, 1])")
    assert at == pytest.approx(list(generated.values()) if isinstance(generated, dict) else generated, abs=6e-4)


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_a_distribution_is_drawn(open_page, how: str) -> None:
    page = open_page(PARABOLAS, asks=True, dark=how == "mouse", reduced_motion=True)
    task = exercise(page, "4.4")
    pen, bars = task.locator(".gl-bars"), task.get_by_role("slider")
    pen.scroll_into_view_if_needed()
    if how == "keyboard":
        bars.first.focus()
        for height in TWO:
            for _ in range(height):
                page.keyboard.press("ArrowUp")
            page.keyboard.press("ArrowRight")
    else:
        box = pen.bounding_box()
        assert box
        for i, height in enumerate(TWO):
            if height:
                page.mouse.click(box["x"] + (i + 0.5) / 20 * box["width"], box["y"] + (1 - height / 10) * box["height"])
    assert [int(bar.get_attribute("aria-valuenow") or "") for bar in bars.all()] == [*TWO, 0, 0, 0, 0]
    expect(task.locator(".gl-shown")).to_have_text("mean of x: 0.00 · mean of x²: 6.15")
    task.get_by_role("button", name="Check").click()
    expect(verdict(task)).to_have_text(repr(classroom.check("4.4", [*TWO, 0, 0, 0, 0])))


def test_code_exercises_say_where_they_are_answered(open_page) -> None:
    page = open_page(ONE, asks=True)
    section = page.locator('section:has(> .gl-exercise[data-exercise="1.3"])')
    expect(section.locator(".gl-ways")).to_contain_text("book/part1/01_why_generate.ipynb in Jupyter (make lab)")
    expect(section.locator("div.cell").first).to_be_visible()
    expect(section.locator("details.gl-solution")).to_be_visible()
    assert "✗" not in page.locator(".bd-article").inner_text()


def test_a_prediction_opens_what_it_closes(open_page) -> None:
    page = open_page(ONE, asks=True)
    box, closed = page.locator(".gl-predict").nth(1), page.locator(".gl-spoiler").nth(1)
    box.get_by_role("button").first.wait_for()
    expect(closed.locator(".cell_output").first).to_be_hidden()
    expect(closed.locator("p:has-text('What to see')").first).to_be_hidden()
    expect(closed.locator(".cell_input").first).to_be_visible()
    box.get_by_role("button", name="Blurred digits").press("Enter")
    expect(closed.locator(".cell_output").first).to_be_visible()
    expect(box.get_by_role("status")).to_contain_text("You said: Blurred digits.")
    page.reload()
    expect(box.get_by_role("status")).to_contain_text("You said: Blurred digits.")
    expect(closed.locator(".cell_output").first).to_be_visible()
    box.get_by_role("button", name="Guess again").click()
    expect(closed.locator(".cell_output").first).to_be_hidden()
    box.get_by_role("button", name="Show it without a guess").click()
    expect(closed.locator(".cell_output").first).to_be_visible()
    kept = json.loads(page.evaluate("localStorage.getItem('gan-lab-answers')"))
    assert [name for name in kept if re.fullmatch(r"part1/01_why_generate:[0-9a-f]{8}", name)] == list(kept)


def test_a_wrong_guess_is_spoken_to(open_page) -> None:
    box = open_page(PARABOLAS, asks=True).locator(".gl-predict").first
    box.get_by_role("button", name="Neither").click()
    expect(box.get_by_role("status")).to_contain_text("You said: Neither. One of the two averages over the real notes")
    box.get_by_role("button", name="Guess again").click()
    box.get_by_role("button", name="Only the detective").click()
    expect(box.get_by_role("status")).to_contain_text(re.compile("Only the detective.s. So it is. Now read on."))


def test_a_prediction_can_be_drawn(open_page) -> None:
    page = open_page(PARABOLAS, asks=True, width=390, touch=True)
    box = page.locator(".gl-predict:has(.gl-draw)")
    box.get_by_role("slider").first.focus()
    expect(box.get_by_role("button", name="This is my guess")).to_be_disabled()
    page.keyboard.press("PageUp")
    box.get_by_role("button", name="This is my guess").click()
    expect(box.get_by_role("status")).to_contain_text("Your drawing stands.")
    expect(box.get_by_role("slider").first).to_have_attribute("aria-valuenow", "10")


def test_without_a_script_and_on_paper_everything_is_shown(browser, site, new_page) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{ONE}")
    for shown in (".gl-spoiler .cell_output", ".gl-in-python", "details.gl-solution"):
        assert page.locator(shown).first.is_visible(), shown
    context.close()
    page = new_page()
    page.goto(f"{site}/{ONE}")
    page.locator(".gl-answer").first.wait_for()
    page.emulate_media(media="print")
    assert page.locator(".gl-spoiler .cell_output").first.is_visible()


def test_a_link_opens_what_it_points_at(open_page) -> None:
    page = open_page(f"{ONE}#fig-ch01-dust", asks=True)
    expect(page.locator("#fig-ch01-dust")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_asks_is_accessible(open_page, dark: bool) -> None:
    from tests.browser.test_pages import AXE

    page = open_page(PARABOLAS, asks=True, dark=dark, reduced_motion=True)
    task = exercise(page, "4.1")
    task.get_by_role("textbox").first.fill("1")
    task.get_by_role("textbox").last.fill("1")
    task.get_by_role("button", name="Check").click()
    page.locator(".gl-predict").first.get_by_role("button").first.click()
    page.add_script_tag(content=AXE.read_text())
    found = page.evaluate("() => axe.run('.bd-article', { resultTypes: ['violations'] })")
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not grave, [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in grave]


def test_a_written_guess_is_asked_for_and_not_lost(open_page) -> None:
    page = open_page("laboratory/playground.html", asks=True)
    box = page.locator(".gl-predict:not(:has(ul, .gl-draw))").first
    box.get_by_role("button", name="This is my guess").click()
    expect(box.get_by_role("status")).to_have_text("Write your guess into the field, or show it without one.")
    box.get_by_role("textbox").fill("hinge first")
    page.keyboard.press("Enter")
    expect(box.get_by_role("status")).to_contain_text("You said: hinge first.")
    box.get_by_role("button", name="Guess again").click()
    expect(box.get_by_role("textbox")).to_have_value("hinge first")
