"""The run player in a real browser: it shows what was recorded, can be scrubbed, and fetches little at first."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.browser import served
from gan_lab import runs, widgets
from gan_lab.runs import Recorded
from gan_lab.widgets.player import ROWS
from tests.figure1_page import frames
from tests.recorded_run import lay
from tests.small_widgets import OpenWidget, drawn, element, go, numbers, state, words

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "gan_lab" / "widgets" / "static"


@pytest.fixture(scope="module")
def digits() -> Recorded:
    return runs.read(ROOT / "book" / "recorded" / "digits")


@pytest.fixture(scope="module")
def carried(digits: Recorded) -> str:
    """The player as notebooks have it: every picture inside."""
    return widgets.player(digits, embed=True).html()


def picture(page: Page) -> Locator:
    return page.locator("gan-lab .root img")


def settled(page: Page) -> None:
    """Wait until the picture that is wanted has come."""
    drawn(page)
    for _ in range(100):
        if not page.evaluate("document.querySelector('gan-lab').view.waiting"):
            return
        frames(page, 3)
    pytest.fail("the picture has not come")


def shown(page: Page, recorded: Recorded) -> int:
    """The step whose picture the reader sees, by its bytes."""
    settled(page)
    source = picture(page).get_attribute("src") or ""
    content = page.evaluate("async src => [...new Uint8Array(await (await fetch(src)).arrayBuffer())]", source)
    digest = hashlib.sha256(bytes(content)).hexdigest()
    (step,) = (f.step for f in recorded.frames if f.sha256 == digest)
    return step


STEP = (  # what the page says it is at
    "+[...document.querySelector('gan-lab').shadowRoot.querySelectorAll('dl > div')]"
    ".find(one => one.textContent.includes('step')).querySelector('dd').textContent.replace(',', '')"
)


def at(page: Page) -> int:
    drawn(page)
    text = page.locator("gan-lab dl > div", has_text="step").first.locator("dd").text_content() or ""
    return int(text.replace(",", ""))


def test_it_opens_at_the_end_and_says_how_it_was_made(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried)
    assert at(page) == shown(page, digits) == 10_000
    expect(page.locator("gan-lab .badge")).to_have_text("recorded")
    said = words(page)
    minutes, seconds = divmod(int(digits.frames[-1].seconds), 60)
    assert said.startswith(f"Recorded run, step 10,000 of 10,000, {minutes} min {seconds} s into the training. ")
    assert "Samples of step 10,000: " in said
    assert "64 generated images" in said and "Energy distance to real data 0.26" in said
    page.get_by_text("How it was recorded").click()
    made = page.locator("gan-lab .made").inner_text()
    for fact in (digits.date[:10], digits.versions["commit"], digits.hardware["cpu"], digits.command):
        assert fact in made
    assert "mlp_gan on digits, embedded: 10,000 steps, batch 64, seed 0" in page.locator("gan-lab .root").inner_text()


def test_every_number_is_the_recorded_one(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried)
    drawn(page)
    history = digits.history.set_index("step")
    for frame in (digits.frames[0], digits.frames[1], digits.frames[7]):
        go(page, "run", step=frame.step)
        discriminator, generator, score = numbers(page)
        assert score == frame.score and shown(page, digits) == frame.step
        seconds = round(frame.seconds, 1 if frame.seconds < 9.95 else 0)
        time = f"{seconds:g} s" if seconds < 99.5 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
        assert f", {time} into" in words(page).replace("0.0 s", "0 s")
        if frame.step == 0:
            assert np.isnan([discriminator, generator]).all()
            continue
        near = history.loc[:frame.step].iloc[-3 * len(history) // ROWS :]
        for name, value in (("discriminator", discriminator), ("generator", generator)):
            assert np.isclose(near[f"loss_{name}"], value, rtol=1e-3).any()


def test_between_two_pictures_the_earlier_one_is_shown(
    open_widget: OpenWidget, digits: Recorded, carried: str
) -> None:
    page = open_widget(carried, query="#run.step=1499")
    assert at(page) == 1_499 and shown(page, digits) == 1_000
    assert "samples at step 1,000" in page.locator("gan-lab .root").inner_text()
    before, after = digits.frames[2].seconds, digits.frames[3].seconds
    assert f"{before + (after - before) * 0.998:.0f} s into" in words(page)
    assert picture(page).get_attribute("alt") == f"{digits.words}, samples at step 1,000, from the same noise"


def test_keyboard_and_address(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried)
    scrub = page.get_by_role("slider", name="Scrub through the run")
    scrub.focus()
    page.keyboard.press("Home")
    assert at(page) == shown(page, digits) == 0 and scrub.get_attribute("aria-valuetext") == "step 0 of 10,000"
    page.keyboard.press("ArrowRight")
    assert at(page) == 100 and shown(page, digits) == 0
    page.keyboard.press("PageUp")
    assert at(page) == 1_100 and shown(page, digits) == 1_000
    assert state(page, "run") == {"step": "1100"}
    # the way back: a link, and the browser's own buttons
    address = page.evaluate("location.href")
    page.get_by_role("button", name="Next", exact=True).click()
    assert at(page) == 1_500
    page.get_by_role("button", name="Previous", exact=True).click()
    assert at(page) == 1_000
    page.get_by_role("button", name="Previous", exact=True).click()
    assert at(page) == 500
    assert state(page, "run") == {"step": "500"}
    page.evaluate("address => { location.href = address }", address)
    frames(page, 2)
    assert at(page) == 1_100
    go(page, "run", step=10_000)
    assert state(page, "run") == {"step": "10000"} and at(page) == 10_000


def test_link_and_command_are_copied(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    old = "Object.defineProperty(navigator, 'clipboard', { value: null }); document.execCommand = () => true"
    page = open_widget(carried, script=old)
    go(page, "run", step=700)
    page.evaluate("() => { HTMLTextAreaElement.prototype.select = function () { window.taken = this.value } }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("window.taken").endswith("widget.html#run.step=700")
    page.get_by_text("How it was recorded").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.wait_for_function("text => window.taken === text", arg=digits.command)


@pytest.mark.parametrize("nonsense", ["-7e300", "[[", "1e999", '"end"', "99999"])
def test_a_broken_address_is_passed_over(open_widget: OpenWidget, carried: str, nonsense: str) -> None:
    page = open_widget(carried, query=f"#run.step={nonsense}")
    assert at(page) in (0, 10_000) and page.locator("gan-lab [role=alert]").count() == 0


def test_dragging_over_the_curves(open_widget: OpenWidget, carried: str) -> None:
    page = open_widget(carried)
    drawn(page)
    for plot in page.locator("gan-lab canvas").all():
        box = plot.bounding_box()
        assert box
        left, right = box["x"] + 34, box["x"] + box["width"] - 20
        y = box["y"] + box["height"] / 2
        page.mouse.move(left, y)
        page.mouse.down()
        assert at(page) == 0
        page.mouse.move((left + right) / 2, y)
        assert at(page) == pytest.approx(5_000, abs=40)
        page.mouse.move(right + 200, y)  # beyond the edge
        assert at(page) == 10_000
        page.mouse.up()


def test_touch(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried, width=390, touch=True)
    drawn(page)
    box = page.locator("gan-lab canvas").first.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 34 + (box["width"] - 54) / 4, box["y"] + 60)
    assert at(page) == pytest.approx(2_500, abs=60)
    page.get_by_role("button", name="Show real data").tap()
    settled(page)
    assert digits.real and "real data" in (picture(page).get_attribute("alt") or "")
    page.get_by_role("button", name="Show real data").tap()
    assert shown(page, digits) in (2_000, 2_500)


def test_it_plays_from_the_beginning_to_the_end(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried)
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{STEP} > 100 && {STEP} < 10000")
    early = at(page)
    page.get_by_role("button", name="Pause").click()
    stood = at(page)
    assert stood < 10_000
    frames(page)
    assert at(page) == stood >= early
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=30_000)
    assert at(page) == shown(page, digits) == 10_000
    assert state(page, "run") == {}  # where it opens needs no word in the address


def test_reduced_motion_turns_pictures_one_by_one(open_widget: OpenWidget, digits: Recorded, carried: str) -> None:
    page = open_widget(carried, reduced_motion=True)
    assert at(page) == 10_000
    page.get_by_role("button", name="Play").click()
    page.evaluate(f"() => {{ window.seen = []; setInterval(() => seen.at(-1) === {STEP} || seen.push({STEP}), 5) }}")
    page.wait_for_function("seen.length > 3")
    page.get_by_role("button", name="Pause").click()
    step, first = at(page), page.evaluate("seen.slice(-3)")
    recorded = [f.step for f in digits.frames]
    where = recorded.index(first[0])
    assert first == recorded[where : where + 3] and shown(page, digits) == step >= first[-1]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_fits_a_phone(open_widget: OpenWidget, carried: str, dark: bool) -> None:
    page = open_widget(carried, width=390, dark=dark, touch=True)
    page.get_by_text("How it was recorded").tap()
    drawn(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    ink = page.locator("gan-lab .root").evaluate("root => getComputedStyle(root).color")
    assert (sum(map(int, re.findall(r"\d+", ink)[:3])) > 382) == dark
    small = page.locator("gan-lab :is(button:visible, select, input)").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 40).length"
    )
    assert small == 0, "too small for a finger"
    nameless = page.locator("gan-lab :is(button, input, select, canvas, img)").evaluate_all(
        "all => all.filter(one => !(one.getAttribute('aria-label') || one.alt || one.textContent.trim()"
        " || one.labels?.[0]?.textContent.trim())).map(one => one.outerHTML)"
    )
    assert nameless == []
    for canvas in page.locator("gan-lab canvas").all():
        colours = canvas.evaluate(
            "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
        )
        assert colours > 10, "the picture is blank"


def test_the_cursor_stands_at_the_step(open_widget: OpenWidget, carried: str) -> None:
    """The column of the canvas with the most ink of the cursor's colour is the one of the step."""
    page = open_widget(carried, query="#run.step=2500")
    drawn(page)
    for canvas in page.locator("gan-lab canvas").all():
        dark, width = canvas.evaluate(
            """c => { const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
               const ink = Array(c.width).fill(0)
               for (let i = 0; i < data.length; i += 4)
                 if (data[i] < 60 && data[i + 1] < 70 && data[i + 2] < 80 && data[i + 3] > 200) ink[(i / 4) % c.width]++
               return [ink, c.width] }"""
        )
        assert np.argmax(dark) == pytest.approx(34 + (width - 54) / 4, abs=2)


# -- in the page: files beside it, fetched when they are wanted -------------------------------------------------------


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page in a folder, the recorded run in the folder next to it, as in the built book."""
    recorded = runs.read(lay(tmp_path / "recorded" / "tiny"))
    pages = tmp_path / "part2"
    pages.mkdir()
    for script in STATIC.glob("gan-lab*.js"):
        (pages / script.name).write_bytes(script.read_bytes())
    monkeypatch.chdir(pages)
    body = widgets.player(recorded, embed=False).html()
    head = '<meta charset="utf-8"><title>A run</title><script defer src="gan-lab.js"></script>'
    page = pages / "page.html"
    page.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>')
    return page


def loaded(page: Page) -> int:
    """The width of the picture, once it has come: an address is written before its picture is fetched."""
    picture(page).evaluate("image => image.decode()")
    return int(picture(page).evaluate("image => image.naturalWidth"))


def watched(page: Page) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(re.sub(r".*/|\?.*", "", request.url)))
    return seen


@pytest.mark.parametrize("where", ["folder", "server"])
def test_a_page_fetches_one_picture_until_the_reader_plays(new_page: Any, beside: Path, where: str) -> None:
    page = new_page()
    seen = watched(page)

    def look(address: str) -> None:
        page.goto(address)
        expect(page.locator("gan-lab canvas").first).to_be_visible()
        drawn(page)
        loaded(page)
        assert [s for s in seen if s.endswith(".js")] == ["gan-lab.js", "gan-lab-run.js"]
        assert {s for s in seen if s.endswith(".webp")} == {"step-30.webp"}
        page.get_by_role("button", name="Previous", exact=True).click()
        for _ in range(50):
            if sum(s.endswith(".webp") for s in seen) >= 4:
                break
            frames(page, 6)
        assert {s for s in seen if s.endswith(".webp")} == {f"step-{step:02}.webp" for step in (0, 10, 20, 30)}
        settled(page)
        assert "step-20.webp?v=" in (picture(page).get_attribute("src") or "")
        assert loaded(page) > 100

    if where == "folder":
        look(beside.as_uri())
    else:
        policy = "default-src 'none'; script-src 'self'; img-src 'self'"
        strict = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">'
        beside.write_text(beside.read_text().replace("<head>", strict))
        with served(beside.parents[1]) as site:
            look(f"{site}/part2/page.html")


def test_a_picture_stays_until_the_next_has_come(new_page: Any, beside: Path) -> None:
    """Its words too: a slow network shows what was there, and never an empty frame."""
    page, held = new_page(), []
    page.route("**/step-20.webp*", lambda route: held.append(route))
    with served(beside.parents[1]) as site:
        page.goto(f"{site}/part2/page.html")
        loaded(page)
        page.get_by_role("button", name="Previous", exact=True).click()
        drawn(page)
        assert at(page) == 20 and "step-30.webp" in (picture(page).get_attribute("src") or "") and loaded(page) > 100
        expect(page.get_by_text("samples at step 30,")).to_be_visible()
        page.wait_for_function("document.querySelector('gan-lab').view.waiting")
        for route in held:
            route.continue_()
        expect(page.get_by_text("samples at step 20,")).to_be_visible()
        assert "step-20.webp" in (picture(page).get_attribute("src") or "")
        assert picture(page).evaluate("i => i.complete")


def test_a_missing_picture_is_said(new_page: Any, beside: Path, errors: list[str]) -> None:
    (beside.parents[1] / "recorded" / "tiny" / "step-20.webp").unlink()
    page = new_page()
    page.goto(beside.as_uri())
    drawn(page)
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(page.get_by_text("This picture could not be loaded")).to_be_visible()
    page.get_by_role("button", name="Previous", exact=True).click()
    expect(page.get_by_text("samples at step 10,")).to_be_visible()
    errors.clear()


def test_without_a_script_the_last_picture_stands_in(new_page: Any, beside: Path) -> None:
    (beside.parent / "gan-lab.js").write_text("")
    page = new_page()
    page.goto(beside.as_uri())
    image = page.locator("gan-lab > img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") > 100
    assert "after step 30" in (image.get_attribute("alt") or "")
    expect(page.get_by_text("It needs JavaScript to be played.")).to_be_visible()


def test_the_script_is_small() -> None:
    assert (STATIC / "gan-lab-run.js").stat().st_size < 8_000


def test_a_player_without_a_run_says_so(open_widget: OpenWidget) -> None:
    page = open_widget(element("run"))
    expect(page.locator("gan-lab [role=alert]")).to_contain_text("was given no run: write widgets.player(recorded)")


def test_hostile_words_stay_words(open_widget: OpenWidget, carried: str) -> None:
    options = json.loads(re.findall(r"<script[^>]*>(.*?)</script>", carried)[0])
    hostile = "</script><img src=x onerror=alert(1)>"
    named = dict.fromkeys(("system", "data", "words", "hardware", "versions", "command"), hostile)
    body = json.dumps({**options, **named}).replace("<", "\\u003c")
    html = f'<gan-lab view="run"><script type="application/json">{body}</script></gan-lab>'
    page = open_widget(html)
    drawn(page)
    assert page.locator("gan-lab .root img").count() == 1
    page.get_by_text("How it was recorded").click()
    assert hostile in page.locator("gan-lab .made").inner_text()


# -- in Python --------------------------------------------------------------------------------------------------------


def test_python_says_what_is_wrong(digits: Recorded) -> None:
    with pytest.raises(TypeError, match=r"expects what gan_lab\.runs\.read returned, not str"):
        widgets.player("digits")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the run has 10000 steps"):
        widgets.player(digits, step=10_001)
    assert widgets.player(digits, step=500, embed=False).options["step"] == 500
    assert len(widgets.player(digits).still().axes) == 2


def test_the_place_decides_what_is_carried(digits: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "book" / "part2")
    monkeypatch.setenv("GAN_LAB_STATIC", "1")
    page = widgets.player(digits)
    assert page.options["frames"][0][3].startswith("../recorded/digits/step-00000.webp?v=")
    assert len(page.html()) < 12_000
    monkeypatch.delenv("GAN_LAB_STATIC")
    assert widgets.player(digits).options["frames"][0][3].startswith("data:image/webp;base64,")
    history = page.options["history"]
    assert 200 < len(history["step"]) <= ROWS + 1 and history["step"][-1] == 10_000
