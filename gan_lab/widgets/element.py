"""One object for all widgets: a view's name and its options, shown in the way that the place allows."""

from __future__ import annotations

import base64
import html
import io
import json
import math
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gan_lab._errors import unknown
from gan_lab._say import sayable

STATIC = Path(__file__).parent / "static"

# The views that the page's script registers, and what each says where no script runs.
VIEWS = {
    "figure1": "Figure 1 of Goodfellow et al. 2014, alive: two small networks play the adversarial game in this page.",
    "value": "Two densities to drag, the best discriminator between them, and the value of the game.",
    "tree": "A game tree, solved by backward induction step by step.",
    "best-response": "Two players with two moves each: both best responses, and the equilibria where they cross.",
    "bilinear": "Two players on the game V = xy, and where each learning rule takes them.",
    "playground": "Two small networks play the adversarial game in the plane: samples, discriminator and gradients.",
    "saddle": "The saddle laboratory: small games, every way to play them, and what eigenvalues say of it.",
    "compare": "Runs of one game that differ in one thing only, side by side; or one game from many seeds.",
    "diagnose": "Sick runs: name the illness from its traces, choose a cure, and see the run trained again with it.",
    "run": "A recorded run, replayed: samples over time beside the losses.",
    "inventory": "The concept inventory: twenty questions whose wrong answers are known misconceptions.",
    "class": "A class's predictions on one screen, from a pasted table.",
    "latent": "A trained generator: its inputs as sliders, ways between two points, and the nearest training digit.",
}


def is_static() -> bool:
    """Is the book being built, so that pages have no kernel behind them?"""
    return os.environ.get("GAN_LAB_STATIC", "") not in ("", "0")


@cache
def _widget_class() -> type[Any]:
    """The anywidget behind every element; made on first use, so that scripts need no anywidget."""
    import anywidget
    import traitlets

    class View(anywidget.AnyWidget):
        _esm = STATIC / "gan-lab.mjs"
        view = traitlets.Unicode().tag(sync=True)
        options = traitlets.Dict().tag(sync=True)
        state = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)

    return View


class Element:
    """A widget: ``view`` is one of :data:`VIEWS`, ``options`` what the view is to start with (plain JSON).

    It shows by itself as the last line of a cell. ``words`` is what a reader without JavaScript gets; ``saved`` a state
    to open in, as :attr:`state` gives it; ``still`` makes a matplotlib figure of what it opens with. Raises ValueError
    for an unknown view and for what is not JSON (a NaN).
    """

    def __init__(
        self,
        view: str,
        options: dict[str, Any] | None = None,
        words: str | None = None,
        saved: dict[str, Any] | None = None,
        still: Callable[[], Any] | None = None,
    ) -> None:
        if view not in VIEWS:
            raise unknown("view", view, VIEWS)
        self.view = view
        self.options = {k: v for k, v in (options or {}).items() if v is not None}
        self.words = VIEWS[view] if words is None else words
        self.saved = saved
        self._still = still
        self._widget: Any = None
        try:
            json.dumps([self.options, saved], allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the options of the view {view!r} must be plain JSON: {error}.") from error

    def html(self) -> str:
        """The element as HTML, for a page that has the script ``gan-lab.js`` (and beside it those that it fetches)."""
        # "<" never appears inside the JSON, so that no text in it can end the script element
        given = self.options if self.saved is None else self.options | {"saved": self.saved}
        options = json.dumps(given, allow_nan=False).replace("<", "\\u003c")
        return (
            f'<gan-lab view="{html.escape(self.view)}"><script type="application/json">{options}</script>'
            f"<p>{html.escape(self.words)} It needs JavaScript.</p></gan-lab>"
        )

    @property
    def widget(self) -> Any:
        """The anywidget, one an element: its ``state`` follows what the reader does."""
        if self._widget is None:
            self._widget = _widget_class()(view=self.view, options=self.options, state=self.saved)
            self._connect(self._widget)
        return self._widget

    def _connect(self, widget: Any) -> None:
        """For elements that talk with the kernel."""

    @property
    def state(self) -> dict[str, Any]:
        """What the reader has changed so far, as in the page's address."""
        return dict(self.widget.state or {})

    def still(self) -> Any:
        """A matplotlib figure of what it opens with, for places without a browser; None where only words will do."""
        return None if self._still is None else self._still()

    @property
    def description(self) -> str:
        """What it is and how it stands, in words."""
        state = self._widget.state if self._widget is not None else self.saved
        facts = ", ".join(_facts(self._facts() | (state or {})))
        return f"{self.words} It stands at: {facts}." if facts else self.words

    def _facts(self) -> dict[str, Any]:
        """The options that its description may name; those of a game by the names that the reader's state has."""
        return self.options | self.options.get("spec", {})

    def _instead(self) -> dict[str, str]:
        """What a place shows that has no widgets: GitHub, nbviewer, an exported or a saved notebook."""
        words = self.description
        picture = _png(self.still, words)
        shown = {"text/html": f"<p>{html.escape(words)}</p>"} if picture is None else {"image/png": picture}
        return {"text/plain": words, **shown}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if is_static():
            return {"text/plain": repr(self), "text/html": self.html()}
        try:
            shown = self.widget._repr_mimebundle_()
        except ImportError:
            words = f"{self.description} Install anywidget to see it here: pip install anywidget."
            return {"text/plain": words, "text/html": f"<p>{html.escape(words)}</p>"}
        # anywidget's own text is "View object at 0x...", which is all that a saved notebook would show
        bundle, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**bundle, **self._instead()}, metadata

    def __repr__(self) -> str:
        return sayable(f"<gan-lab {self.view}: {self.words}>")


LONG = 40  # letters: a longer option is a picture or a page of text


def _facts(options: Mapping[str, Any]) -> Iterator[str]:
    """The short options as words; of a law its name. ("key" is the fingerprint of a file.)"""
    for key, value in options.items():
        if value is True:
            yield key
        elif isinstance(value, Mapping):
            if isinstance(name := value.get("name"), str):
                yield f"{key} {name}"
        elif isinstance(value, str | int | float) and key != "key" and value is not False:
            if 0 < len(text := str(value)) <= LONG:
                yield f"{key} {text}"


def _png(still: Callable[[], Any], words: str) -> str | None:
    """The still figure under its words as a PNG, in base64, in the book's style; None where there is none."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from gan_lab.plots import style

    with mpl.rc_context():
        style()
        figure = still()
        if figure is None:
            return None
        width = int(16 * figure.get_size_inches()[0])
        figure.text(0.5, 1.02, textwrap.fill(words, width), ha="center", va="bottom", fontsize=8)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=80, bbox_inches="tight")
        plt.close(figure)  # or a notebook would show it once more
    return base64.b64encode(buffer.getvalue()).decode()


def from_link(link: str, name: str | None = None) -> Element:
    """The widget of a link that "Copy link" gave, in the state that the link describes.

    name: which of several widgets in the link (the part before the point in ``#playground.loss=...``). The element
    starts from its view's own defaults: what the page's author had set beside them is not in a link. Raises ValueError
    for a link that holds no widget's state, or several where none is named.
    """
    states: dict[str, dict[str, Any]] = {}
    for key, value in parse_qsl(urlsplit(link).fragment, keep_blank_values=True):
        widget, dot, field = key.partition(".")
        if dot:
            states.setdefault(widget, {})[field] = _said(value)
    if not states:
        raise ValueError("the link holds the state of no widget: copy one with a widget's button “Copy link”.")
    if name is None and len(states) > 1:
        raise ValueError(f"the link holds the states of {len(states)} widgets: name one of {', '.join(states)}.")
    name = next(iter(states)) if name is None else name
    if name not in states:
        raise unknown("widget of this link", name, states)
    # the second widget of a view on a page is called figure12
    view = next((v for v in VIEWS if re.fullmatch(re.escape(v) + r"\d*", name)), name)
    return Element(view, saved=states[name])


def _said(value: str) -> Any:
    """What the address says of one field: JSON, else a word."""
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def finite_or_none(value: float | None) -> float | None:
    """JSON has no NaN."""
    return value if value is not None and math.isfinite(value) else None
