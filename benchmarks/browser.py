"""A real browser and a local web server, shared by the benchmarks and by `tests/browser`."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.result import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, PlaywrightContextManager

ROOT = Path(__file__).resolve().parents[1]
BUILT_BOOK = ROOT / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class NoBrowser(Missing):
    """No Chromium was found on this machine."""


def _playwright() -> PlaywrightContextManager:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise NoBrowser("playwright is not installed: `make chromium` installs what the tests need.") from error
    return sync_playwright()


def find_chromium() -> str | None:
    """The Chromium to drive: `$CHROMIUM`, one on the PATH, or None for the one Playwright brought.

    Raises NoBrowser when there is none of the three.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise NoBrowser(f"$CHROMIUM is {named!r}, where no file is; unset it or name a Chromium.")
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    with _playwright() as playwright:
        if Path(playwright.chromium.executable_path).is_file():
            return None
    raise NoBrowser("No Chromium here: run `make chromium`, or set CHROMIUM to the path of one.")


def install_chromium() -> None:
    """Brings a Chromium to this machine: Debian's package where that can be installed, else Playwright's own."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        attempts.insert(0, [*root, "apt-get", "install", "-y", "-q", "chromium"])
        attempts.insert(0, [*root, "apt-get", "update", "-q"])
    for command in attempts:
        print("Looking for a Chromium:", " ".join(command), flush=True)
        with contextlib.suppress(OSError):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        with contextlib.suppress(NoBrowser):
            find_chromium()
            return
    raise NoBrowser("No Chromium could be installed here: install one and set CHROMIUM to its path.")


@contextlib.contextmanager
def chromium(*extra: str) -> Iterator[Browser]:
    """A headless Chromium for the length of a `with` block; `extra` are command-line flags."""
    executable = find_chromium()
    with _playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", *extra])
        try:
            yield browser
        finally:
            browser.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line of log for each; the types some systems get wrong are stated here."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves `folder` on a free local port for the length of a `with` block; yields its address (no final slash)."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """`make chromium`: finds a Chromium, or installs one, and starts it once."""
    try:
        find_chromium()
    except NoBrowser:
        install_chromium()
    with chromium() as browser:
        print(f"Chromium {browser.version}")


if __name__ == "__main__":
    main()
