"""The widgets' scripts: a page loads what its widgets need and no more, from a folder and from a server, and says so
when one is missing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import served
from gan_lab.widgets import VIEWS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "gan_lab" / "widgets" / "static"
NEEDS: dict[str, list[str]] = json.loads((ROOT / "frontend" / "src" / "views.json").read_text())
PARTS: list[str] = json.loads((ROOT / "frontend" / "src" / "parts.json").read_text())  # fetched when a reader asks

OpenPage = Callable[..., Page]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the scripts; `page.html` is written into it by `write`."""
    for script in STATIC.glob("gan-lab*.js"):
        shutil.copy(script, tmp_path)
    return tmp_path


def write(folder: Path, *views: str, head: str = "", words: str = "<p>What it shows.</p>") -> Path:
    body = "".join(f'<gan-lab view="{view}">{words}</gan-lab>' for view in views)
    head = f'<meta charset="utf-8"><title>Widgets</title>{head}<script defer src="gan-lab.js"></script>'
    page = folder / "page.html"
    page.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>')
    return page


def loaded(page: Page) -> list[str]:
    """The scripts of the page in their order, without their versions."""
    found = page.evaluate("[...document.scripts].map(one => one.src).filter(Boolean)")
    return [re.sub(r".*/|\?.*", "", src) for src in found]


def test_the_list_of_views_is_that_of_gan_lab_and_every_script_is_small() -> None:
    assert set(NEEDS) == set(VIEWS)
    names = {"gan-lab.js", *(f"gan-lab-{name}.js" for names in [*NEEDS.values(), PARTS] for name in names)}
    # a translation is for those who read it: a page in English fetches none
    assert {file.name for file in STATIC.iterdir()} == names | {"gan-lab.mjs", "gan-lab-zh.js"}
    assert {name for name in names if (STATIC / name).stat().st_size >= 40_000} == set()


@pytest.mark.parametrize("where", ["folder", "server"])
# these need a recording, or items to ask
@pytest.mark.parametrize("view", [v for v in NEEDS if v not in ("run", "latent", "inventory")])
def test_a_page_loads_what_its_widget_needs(new_page: OpenPage, folder: Path, view: str, where: str) -> None:
    file = write(folder, view)
    # no script in the page, no fetch, no module: what a strict site allows
    strict = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; script-src 'self'\">"
    page = new_page()
    if where == "folder":
        page.goto(file.as_uri())
    else:
        write(folder, view, head=strict)
        with served(folder) as address:
            page.goto(f"{address}/page.html")
    # the class on one screen is a table of bars; all others show a picture
    expect(page.locator(f"gan-lab .root {'button' if view == 'class' else 'canvas'}").first).to_be_visible()
    expect(page.locator("gan-lab .problem")).to_have_count(0)
    # where there is room the playground's networks are open from the start
    inside = ["overview"] if view == "playground" else []
    page.wait_for_function("n => document.scripts.length >= n", arg=1 + len(NEEDS[view]) + len(inside))
    assert loaded(page) == ["gan-lab.js", *(f"gan-lab-{name}.js" for name in [*NEEDS[view], *inside])]
    if view == "figure1" and where == "server":
        # such a site refuses WebAssembly too
        expect(page.get_by_text("trains in this page (JavaScript; WebAssembly was refused")).to_be_visible()


def test_a_request_to_another_host_is_noticed_and_goes_nowhere(open_widget: OpenPage, errors: list[str]) -> None:
    """The net of all these tests holds: hosts by name and by number."""
    page = open_widget("<img src='https://example.org/a.png' alt=''><img src='http://192.0.2.1/b.png' alt=''>")
    assert "Failed" in page.evaluate("fetch('https://example.org/').then(() => 'came', error => error.message)")
    asked = [error for error in errors if error.startswith("request to another host")]
    assert {error.split("/")[2] for error in asked} == {"example.org", "192.0.2.1"}
    errors.clear()


def test_what_widgets_share_is_loaded_once(new_page: OpenPage, folder: Path) -> None:
    page = new_page()
    page.goto(write(folder, "value", "tree", "value").as_uri())
    expect(page.locator("gan-lab .root")).to_have_count(3)
    assert loaded(page) == ["gan-lab.js", "gan-lab-engine.js", "gan-lab-value.js", "gan-lab-tree.js"]
    # a second copy of the page's script changes nothing, and views that come later still find theirs
    page.add_script_tag(url=(folder / "gan-lab.js").as_uri())
    page.evaluate("document.body.append(Object.assign(document.createElement('gan-lab'), { id: 'late' }))")
    expect(page.locator("#late .problem")).to_contain_text("There is no view")
    page.evaluate(
        "() => { const one = document.createElement('gan-lab'); one.setAttribute('view', 'bilinear');"
        " document.body.append(one); one.remove(); document.body.append(one) }"
    )
    expect(page.locator("gan-lab[view=bilinear] .root")).to_have_count(1)


def test_a_missing_script_is_said(new_page: OpenPage, folder: Path, errors: list[str]) -> None:
    (folder / "gan-lab-engine.js").unlink()
    page = new_page()
    page.goto(write(folder, "figure1", "bilinear").as_uri())
    said = page.locator("gan-lab[view=figure1] .problem")
    expect(said).to_contain_text("gan-lab-engine.js could not be loaded: it must lie beside gan-lab.js")
    expect(page.get_by_text("What it shows.").first).to_be_visible()
    expect(page.locator("gan-lab[view=bilinear] canvas").first).to_be_visible()
    # the file comes back, and so does the widget
    shutil.copy(STATIC / "gan-lab-engine.js", folder)
    page.evaluate("() => { const [one, next] = document.querySelectorAll('gan-lab'); one.remove(); next.before(one) }")
    expect(page.locator("gan-lab[view=figure1] canvas").first).to_be_visible()
    errors.clear()


def test_an_unknown_view_is_said(new_page: OpenPage, folder: Path) -> None:
    page = new_page()
    page.goto(write(folder, "toString").as_uri())
    expect(page.locator("gan-lab .problem")).to_have_text(f"There is no view “toString”; there are {', '.join(NEEDS)}.")
