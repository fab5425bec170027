"""Fixtures that open the published pages in a real Chromium.

    def test_play(open_page):
        page = open_page("intro.html")                    # a page of the built book, 1440 px wide
        phone = open_page("intro.html", width=390, dark=True)
        page.locator("gan-lab").first.wait_for()

    def test_my_widget(open_widget):                      # no book needed: only the built gan-lab*.js
        page = open_widget('<gan-lab view="figure1"></gan-lab>')

* `site` is the address of the built book on a local server (`make book` builds it; a missing book is a failure).
* Pages are Playwright's (`playwright.sync_api.Page`) and close by themselves at the end of the test.
* Every request to another host is blocked, and **fails the test at its end**, as does every console error and every
  uncaught exception. A test that provokes an error on purpose takes it off the list: `errors.clear()`
  (the `errors` fixture is that list).
* `open_page(..., files=True)` opens the page as a file, without a server. `reduced_motion=True`, `touch=True`,
  `dark=True`, `width=`, `height=` do what they say; `script=` is JavaScript run before the page's own.
* `open_page` opens what predictions close, as for a reader who has made them all; with `asks=True` it does not.
* Tests of speed belong in `benchmarks/`: two workers share this machine's cores here. What is waited for is the page's
  own state (`tests/page.py`), never a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from benchmarks.browser import BUILT_BOOK, NoBrowser, chromium, served
from tests.page import PATIENCE, stands

STATIC = Path(__file__).resolve().parents[2] / "gan_lab" / "widgets" / "static"
LOCAL = ("http://127.0.0.1:", "http://localhost:", "file:", "data:", "blob:", "about:")

# no other host is found; asking each request's leave would cost more time than the requests
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"

OpenPage = Callable[..., Page]

expect.set_options(timeout=PATIENCE)  # five seconds are short on a machine that does other things

# A widget writes its state into the address 0.4 s after the last change. `tests.page.written` need not wait for
# that: what is due is done at once.
WRITE_NOW = """(() => {
  const set = window.setTimeout.bind(window), clear = window.clearTimeout.bind(window), due = new Map();
  window.setTimeout = (act, after, ...rest) => {
    const id = set((...all) => { due.delete(id); act(...all); }, after, ...rest);
    if (after === 400) due.set(id, act);
    return id;
  };
  window.clearTimeout = (id) => { due.delete(id); clear(id); };
  window.writeNow = () => { for (const [id, act] of [...due]) { window.clearTimeout(id); act(); } };
})()"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    try:
        with chromium(OFFLINE) as running:
            yield running
    except NoBrowser as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def built_book() -> Path:
    """The folder of the built book."""
    if not (BUILT_BOOK / "index.html").is_file():
        pytest.fail(
            "The book is not built: run `make book` first (or `make test`, which does it).", pytrace=False
        )
    return BUILT_BOOK


@pytest.fixture(scope="session")
def site(built_book: Path) -> Iterator[str]:
    """The address of the built book, without a final slash."""
    with served(built_book) as address:
        yield address


@pytest.fixture
def errors() -> list[str]:
    """What the pages of this test complained about: console errors, exceptions, requests to other hosts."""
    return []


@pytest.fixture
def new_page(browser: Browser, errors: list[str]) -> Iterator[OpenPage]:
    """A function that makes an empty, watched page; see the module's docstring for its options."""
    contexts: list[BrowserContext] = []

    def guard(request: Request) -> None:
        if not request.url.startswith(LOCAL):
            errors.append(f"request to another host: {request.url}")

    def heard(message: ConsoleMessage) -> None:
        where = message.location["url"]
        # a browser asks for this by itself, of a page that names no icon (every page of the book names one)
        if message.type == "error" and not where.endswith("/favicon.ico"):
            errors.append(f"console error: {message.text} ({where})")

    def make(
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        touch: bool = False,
        reduced_motion: bool = False,
        script: str | None = None,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            reduced_motion="reduce" if reduced_motion else "no-preference",
        )
        contexts.append(context)
        context.set_default_timeout(2 * PATIENCE)
        context.on("request", guard)
        context.add_init_script(WRITE_NOW)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"exception on {page.url}: {error}"))
        page.on("console", heard)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def open_page(new_page: OpenPage, request: pytest.FixtureRequest) -> OpenPage:
    """A function that opens one page of the built book and waits until it has loaded, widgets and all."""

    def open_(path: str, files: bool = False, asks: bool = False, **options: object) -> Page:
        page = new_page(**options)
        root = request.getfixturevalue("built_book").as_uri() if files else request.getfixturevalue("site")
        page.goto(f"{root}/{path}", wait_until="load")
        if not asks:
            page.evaluate("document.documentElement.classList.remove('gl-asks')")
        stands(page)
        return page

    return open_


@pytest.fixture
def open_widget(new_page: OpenPage, tmp_path: Path) -> OpenPage:
    """A function that opens a bare page with the built `gan-lab.js` and the given HTML in its body."""

    def open_(html: str, query: str = "", **options: object) -> Page:
        script = STATIC / "gan-lab.js"
        assert script.is_file(), (
            "gan_lab/widgets/static/gan-lab.js is missing: run `npm run build` in frontend/."
        )
        head = f'<meta charset="utf-8"><title>A widget</title><script defer src="{script.as_uri()}"></script>'
        file = tmp_path / "widget.html"
        file.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{html}</body></html>')
        page = new_page(**options)
        page.goto(file.as_uri() + query, wait_until="load")
        stands(page)
        return page

    return open_


# one busy second is forgiven (the Makefile plays a failed test once more); a habit of it is a failure
MOST_RERUNS = 5


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    again = reporter.stats.get("rerun", []) if reporter else []
    if len(again) > MOST_RERUNS and session.exitstatus == 0:
        reporter.write_line(f"{len(again)} page tests passed at the second time only: at most {MOST_RERUNS} may.")
        session.exitstatus = 1
