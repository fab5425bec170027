"""Serves the built book on this machine and opens it in the reader's browser: `make serve` ends here."""

from __future__ import annotations

import functools
import http.server
import webbrowser
from pathlib import Path

HTML = Path(__file__).resolve().parents[2] / "_build" / "html"


def main() -> None:
    """Serves until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(HTML))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        print(f"The book is at {address} (Ctrl-C stops)", flush=True)
        webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
