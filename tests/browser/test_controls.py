"""Every control of every view, found in the page and not listed here: it has a name, and does something by mouse, by
keyboard and by touch. A new view, or a new control of an old one, is tested without a word of its own.

By keyboard every control is used. A browser gives a button, a list or a slider of its own the same event whatever it is
pressed with: what a pointer adds is whether it gets there, which is asked of every control, and one of each kind is
pressed. Handles, whose gestures are the book's own, are all moved by all three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from gan_lab import runs, widgets
from gan_lab.widgets import VIEWS
from tests.small_widgets import OpenWidget, drag, element

RECORDED = Path(__file__).resolve().parents[2] / "book" / "recorded"

# What a control can be, in any view: what is no control by itself (a fold's contents, a link) is not walked.
FIND = "button, select, input, textarea, summary, [role=slider]:not(input)"
COPY = "navigator.clipboard.writeText = async () => {}; Element.prototype.requestFullscreen = async () => {}"
# A number for all that a control may change, two frames after it; a canvas is looked at through 24 x 24 of its points.
PICTURE = """async () => {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  window.writeNow();
  const root = document.querySelector('gan-lab').shadowRoot, small = new OffscreenCanvas(24, 24);
  const pen = small.getContext('2d', { willReadFrequently: true });
  let sum = 0;
  const add = (text) => { for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0; };
  for (const canvas of root.querySelectorAll('canvas')) {
    if (!canvas.width || !canvas.height) continue;
    pen.clearRect(0, 0, 24, 24); pen.drawImage(canvas, 0, 0, 24, 24);
    for (const value of pen.getImageData(0, 0, 24, 24).data) sum = (Math.imul(sum, 31) + value) | 0;
  }
  for (const one of root.querySelectorAll('*')) {
    add([one.value, one.checked, one.open, one.disabled, one.src, ...[...one.attributes].map((a) => a.value)].join());
  }
  add(location.hash + root.textContent);
  return sum;
}"""
# The names of the controls that a pointer does not reach: something else lies over their middle.
MISSED = """find => [...document.querySelector('gan-lab').shadowRoot.querySelectorAll(find)].filter((one) => {
  if (one.offsetParent === null || one.disabled || one.matches('[role=slider]')) return false;
  one.scrollIntoView({ block: 'center', behavior: 'instant' });
  const box = one.getBoundingClientRect();
  const there = one.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !there || !(one.contains(there) || [...(one.labels ?? [])].some((label) => label.contains(there)));
}).map((one) => one.outerHTML.slice(0, 120))"""
BESIDE = "one => (one.nextElementSibling ?? one.previousElementSibling)?.click?.()"
FOCUSED = "one => one.getRootNode().activeElement === one"
LISTED = """find => [...document.querySelector('gan-lab').shadowRoot.querySelectorAll(find)].map((one, index) => ({
  index, kind: one.getAttribute('role') ?? (one.tagName === 'INPUT' ? one.type : one.tagName.toLowerCase()),
  name: one.getAttribute('aria-label') || one.labels?.[0]?.textContent.trim() || one.textContent.trim() || one.title,
  // a slider over a past that is not there yet has nowhere to go
  shown: one.offsetParent !== null && !one.disabled && getComputedStyle(one).visibility !== 'hidden' &&
    !(one.type === 'range' && one.min === one.max),
}))"""

# a view whose options bring other controls
MORE: list[tuple[str, dict[str, Any]]] = [("saddle", {"game": "dirac"}), ("saddle", {"game": "matrix"})]


def html(view: str, options: dict[str, Any]) -> str:
    """A widget of the view, with the book's own recording or items where it needs some."""
    if view == "run":
        return widgets.player(runs.read(RECORDED / "digits"), embed=True).html()
    if view == "latent":
        return widgets.latent(runs.read_generator(RECORDED / "latent" / "generator.js"), embed=True).html()
    if view == "inventory":
        asked = json.loads((RECORDED.parent / "reference" / "inventory.json").read_text(encoding="utf8"))
        options = {"items": asked["items"], "misconceptions": asked["misconceptions"]}
    return element(view, **options)


class Walk:
    """A walk through all controls of the page's widget, in one way of laying hands on them."""

    def __init__(self, page: Page, how: str) -> None:
        self.page, self.how, self.heard, self.patience = page, how, 0, 1
        self.places = page.locator(f"gan-lab :is({FIND})")
        page.on("filechooser", self.hear)
        page.on("download", self.hear)

    def hear(self, _: object) -> None:
        self.heard += 1

    def picture(self) -> tuple[int, int]:
        return self.page.evaluate(PICTURE), self.heard

    def listed(self) -> dict[tuple[str, str], int]:
        """kind and name of each control that is shown now -> its place; every fold is open."""
        self.page.locator("gan-lab details").evaluate_all("all => all.forEach(one => { one.open = true })")
        return {(c["kind"], c["name"]): c["index"] for c in self.page.evaluate(LISTED, FIND) if c["shown"]}

    def dead(self) -> list[tuple[str, str]]:
        """The controls that did nothing, whenever they were tried: some (Reset) have nothing to do at first."""
        tried: dict[tuple[str, str], bool] = {}
        for again, self.patience in ((False, 1), (True, 1), (True, 60)):  # the last time, a busy browser has its time
            # a button that says so for a moment has its own name again
            expect(self.page.locator("gan-lab button", has_text=re.compile("^Copied"))).to_have_count(0)
            step = self.page.get_by_role("button", name="Step", exact=True)
            if again and step.count():  # there must be a past to go back to
                step.first.click()
            for control in [c for c in self.listed() if not tried.get(c)]:
                kind = control[0]
                if self.how != "keyboard" and kind != "slider" and any(tried[c] for c in tried if c[0] == kind):
                    continue
                where = self.listed().get(control)
                if where is None:  # another control has taken it away
                    continue
                if again:  # a tab that was chosen already: what stands beside it is chosen first
                    self.places.nth(where).evaluate(BESIDE)
                tried[control] = self.answers(kind, self.places.nth(where))
                self.stop()
        if self.how == "keyboard":
            return [control for control, answered in tried.items() if not answered]
        answered = {kind for (kind, _), yes in tried.items() if yes}
        return [c for c, yes in tried.items() if not yes and (c[0] == "slider" or c[0] not in answered)]

    def missed(self) -> list[str]:
        """The controls that a pointer does not reach."""
        self.listed()
        return self.page.evaluate(MISSED, FIND)

    def answers(self, kind: str, place: Locator) -> bool:
        place.scroll_into_view_if_needed()
        before = self.picture()
        for act in getattr(self, self.how)(kind, place):
            act()
            if any(self.picture() != before for _ in range(self.patience)):
                return True
        return kind in ("number", "text", "textarea") and self.how != "keyboard" and place.evaluate(FOCUSED)

    def stop(self) -> None:
        pause = self.page.locator("gan-lab button:visible", has_text="❚❚")
        if pause.count():
            pause.first.click()

    def keyboard(self, kind: str, place: Locator) -> Iterator[Any]:
        arrows = ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown")
        if kind in ("range", "slider", "select", "select-one"):
            yield from (lambda key=key: place.press(key) for key in arrows)
        elif kind in ("number", "text", "textarea"):
            old = place.input_value()
            for new in ("2", "0.5", old + " 1", "3,4"):
                yield lambda new=new: self.write(place, kind, new)
        else:
            yield lambda: place.press("Space")

    def write(self, place: Locator, kind: str, text: str) -> None:
        if kind != "number" or text.replace(".", "").isdigit():
            place.fill(text)
            place.press("Tab")

    def mouse(self, kind: str, place: Locator) -> Iterator[Any]:
        if kind == "select":
            yield from self.choose(place)
        elif kind == "range":
            yield from (lambda part=part: self.at(place, part, self.page.mouse.click) for part in (0.3, 0.7))
        elif kind == "slider":
            yield from (lambda by=by: drag(self.page, place, *by) for by in ((-30, -20), (30, 20)))
        else:  # a radio button may lie under the picture that its label is
            yield lambda: place.click(force=kind == "radio")

    def touch(self, kind: str, place: Locator) -> Iterator[Any]:
        if kind == "select":
            yield from self.choose(place)
        elif kind == "range":
            yield from (lambda part=part: self.at(place, part, self.page.touchscreen.tap) for part in (0.3, 0.7))
        elif kind == "slider":
            yield from (lambda by=by: self.finger(place, *by) for by in ((-30, -20), (30, 20)))
        else:
            yield lambda: place.tap(force=kind == "radio")

    def choose(self, place: Locator) -> Iterator[Any]:
        """The list that opens is the browser's own, outside the page."""
        others = place.evaluate("one => [...one.options].filter(o => !o.selected && !o.disabled).map(o => o.value)")
        yield from (lambda value=value: place.select_option(value) for value in others[:2])

    def at(self, place: Locator, part: float, act: Any) -> None:
        box = place.bounding_box()
        assert box
        act(box["x"] + part * box["width"], box["y"] + box["height"] / 2)

    def finger(self, place: Locator, dx: float, dy: float) -> None:
        """A finger that goes down on the handle, moves and lifts."""
        box = place.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        client = self.page.context.new_cdp_session(self.page)
        for kind, part in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0), ("touchEnd", None)):
            points = [] if part is None else [{"x": x + part * dx, "y": y + part * dy}]
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        client.detach()


@pytest.mark.parametrize("how", ["mouse", "keyboard", "touch"])
@pytest.mark.parametrize(("view", "options"), [*((view, {}) for view in VIEWS), *MORE], ids=lambda one: str(one)[:24])
def test_every_control_does_something(open_widget: OpenWidget, view: str, options: dict[str, Any], how: str) -> None:
    page = open_widget(html(view, options), width=390 if how == "touch" else 1440, touch=how == "touch", script=COPY)
    page.locator("gan-lab .root :is(canvas, button)").first.wait_for()
    nameless = [c["kind"] for c in page.evaluate(LISTED, FIND) if not c["name"]]
    assert nameless == []
    walk = Walk(page, how)
    assert walk.missed() == []
    assert walk.dead() == []


def test_a_dead_control_is_found(open_widget: OpenWidget) -> None:
    page = open_widget(element("bilinear"), script=COPY)
    page.locator("gan-lab canvas").first.wait_for()
    page.evaluate("""() => {
      const dead = Object.assign(document.createElement('button'), { textContent: 'Dead' });
      document.querySelector('gan-lab').shadowRoot.querySelector('.root').append(dead);
    }""")
    assert Walk(page, "keyboard").dead() == [("button", "Dead")]
