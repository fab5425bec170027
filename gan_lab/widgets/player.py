"""A recorded run, replayed: in the book's pages from files beside them, in a notebook from what the widget carries."""

from __future__ import annotations

import base64
import html
import io
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from gan_lab._errors import whole_number
from gan_lab.runs import Frame, Recorded
from gan_lab.widgets.element import Element, is_static

ROWS = 240  # of the history: as many as a curve in a page can show


class Player(Element):
    """A recorded run that the reader plays, scrubs and links to. ``still()`` is its matplotlib figure."""

    def __init__(self, recorded: Recorded, step: int | None = None, embed: bool | None = None) -> None:
        if not isinstance(recorded, Recorded):
            raise TypeError(f"player expects what gan_lab.runs.read returned, not {type(recorded).__name__}.")
        recipe, steps = recorded.recipe, recorded.recipe.steps
        if step is not None and whole_number("step", step, 0) > steps:
            raise ValueError(f"step is {step}: the run has {steps} steps.")
        self.recorded = recorded
        self.embed = not is_static() if embed is None else embed
        with Image.open(io.BytesIO(recorded.picture(recorded.frames[0]))) as picture:
            self.size = picture.size
        data = ", ".join(str(recipe.data[key]) for key in ("name", "source") if key in recipe.data)
        options = {
            "system": recipe.system, "data": data, "steps": steps, "batch": recipe.batch, "seed": recipe.seed,
            "kind": recorded.kind, "words": recorded.words, "size": list(self.size),
            "frames": [[f.step, f.seconds, f.score, self._address(f)] for f in recorded.frames],
            "floor": recorded.floor, "real": self._address(recorded.real) if recorded.real else None,
            "history": _curves(recorded),
            "date": recorded.date, "seconds": recorded.seconds, "command": recorded.command,
            "hardware": _hardware(recorded.hardware), "versions": _versions(recorded.versions), "step": step,
        }  # fmt: skip
        words = f"A recorded run: {recipe.system} on {data}, {steps:,} steps, recorded on {recorded.date[:10]}."
        super().__init__("run", options, words)

    def _address(self, frame: Frame) -> str:
        """Where a page finds the picture: inside the address itself, or beside the page with the picture's version."""
        if self.embed:
            return "data:image/webp;base64," + base64.b64encode(self.recorded.picture(frame)).decode()
        # a chapter is executed in its own folder, and the site is laid out as the book is
        path = Path(os.path.relpath(self.recorded.folder)).as_posix()
        return f"{quote(path)}/{frame.file}?v={frame.sha256[:8]}"

    def html(self) -> str:
        """The element as HTML. Where no script runs, its last picture stands in for it."""
        options = json.dumps(self.options, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
        last, (width, height) = self.recorded.frames[-1], self.size
        alt = html.escape(f"{self.recorded.words}, after step {last.step:,}")
        picture = f'<img src="{html.escape(self._address(last))}" alt="{alt}" width="{width}" height="{height}"'
        return (
            f'<gan-lab view="run"><script type="application/json">{options}</script>'
            f'{picture} loading="lazy"><p>{html.escape(self.words)} It needs JavaScript to be played.</p></gan-lab>'
        )

    def _facts(self) -> dict[str, Any]:
        return {"step": self.options.get("step", self.recorded.recipe.steps)}

    def still(self) -> Any:
        """The last samples beside the losses, as a matplotlib figure."""
        return self.recorded.show()


def player(recorded: Recorded, *, step: int | None = None, embed: bool | None = None) -> Player:
    """Replays a recorded run: ``widgets.player(runs.read("../recorded/digits"))``.

    step: where it stands when it opens, by default at its end. embed: carry the pictures inside the widget (so in
    notebooks), or name the files beside the page, which then fetches each when it is wanted (so in the book, where
    the folder must lie under ``book/recorded``). Raises ValueError for a step that the run has not.
    """
    return Player(recorded, step, embed)


def _curves(recorded: Recorded) -> dict[str, Any]:
    """The players' losses at about ``ROWS`` steps, even in time, with four digits."""
    history, steps = recorded.history, recorded.recipe.steps
    # the first steps are kept in full for the check; drawn, they would outweigh all others
    bins = ((history["step"] - 1) * ROWS // steps).drop_duplicates()
    rows = history.loc[sorted({*bins.index, len(history) - 1})]
    losses = {name.removeprefix("loss_"): rows[name] for name in rows.columns if name.startswith("loss_")}
    return {
        "step": rows["step"].tolist(),
        "losses": {name: [float(f"{v:.4g}") if v == v else None for v in column] for name, column in losses.items()},
    }


def _hardware(hardware: dict[str, Any]) -> str:
    threads = hardware.get("threads")
    cpu = f"{hardware.get('cpu')}, {threads} thread{'s' if threads != 1 else ''}"
    return f"{hardware['gpu']} ({cpu})" if hardware.get("gpu") else cpu


def _versions(versions: dict[str, Any]) -> str:
    names = {"python": "Python", "torch": "PyTorch"}
    return ", ".join(f"{names.get(name, name)} {version}" for name, version in versions.items() if version)
