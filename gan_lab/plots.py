"""Still figures in the colours of the actors; used by every chapter, so that no page styles its own.

matplotlib takes a second to import: it is loaded by the first figure. Where a chapter becomes a page of the book
(GAN_LAB_STATIC), each figure is kept in both themes: see `both_themes`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

PALETTE: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "palette.json").read_text())
COLOURS = PALETTE["light"]
REAL, GENERATOR, DISCRIMINATOR, GRADIENT = (COLOURS[k] for k in ("real", "generator", "discriminator", "gradient"))


def style() -> None:
    """Set matplotlib up for the book: white paper, quiet axes, the actors' colours first in the cycle."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(
        {
            "figure.figsize": (7.2, 3.4),
            "figure.dpi": 110,
            "savefig.bbox": "tight",
            "figure.facecolor": COLOURS["paper"],
            "axes.facecolor": COLOURS["paper"],
            "axes.edgecolor": COLOURS["muted"],
            "axes.labelcolor": COLOURS["ink"],
            "text.color": COLOURS["ink"],
            "xtick.color": COLOURS["muted"],
            "ytick.color": COLOURS["muted"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": COLOURS["grid"],
            "grid.linewidth": 0.6,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(
                color=[DISCRIMINATOR, GENERATOR, GRADIENT, REAL, COLOURS["violet"], COLOURS["ochre"]]
            ),
            "lines.linewidth": 1.8,
            "legend.frameon": False,
            "font.size": 10,
            "axes.titlesize": 10.5,
            "axes.titleweight": "bold",
        }
    )
    asked = getattr(sys.modules.get("IPython"), "get_ipython", None)
    if os.environ.get("GAN_LAB_STATIC") and asked and (shell := asked()):
        import matplotlib.pyplot as plt
        from matplotlib.figure import Figure

        plt.switch_backend(mpl.get_backend())  # the notebook's backend brings a formatter of its own: ours comes after
        shell.display_formatter.formatters["image/png"].for_type(Figure, both_themes)


def both_themes(figure: Figure) -> bytes:
    """``figure`` as a PNG on clear ground in the light page's colours.

    Its text holds "dark", the same for the dark page (base64 of a PNG), and "letters", the height of its smallest
    letters in pixels: `house/images.py` shows the one that fits, and no smaller than can be read.
    """
    from matplotlib.text import Text
    from PIL import Image, PngImagePlugin

    def drawn() -> bytes:
        out = io.BytesIO()
        figure.canvas.print_figure(out, format="png", dpi=figure.dpi, bbox_inches="tight", facecolor="none")
        return out.getvalue()

    with _recoloured(figure, dark=False):
        light = drawn()
    with _recoloured(figure, dark=True):
        dark = drawn()
    off = {id(tick) for ax in figure.axes if not ax.axison for tick in (*ax.get_xticklabels(), *ax.get_yticklabels())}
    letters = [
        float(t.get_fontsize()) for t in figure.findobj(Text) if t.get_visible() and t.get_text() and id(t) not in off
    ]
    said = PngImagePlugin.PngInfo()
    said.add_text("dark", base64.b64encode(dark).decode())
    said.add_text("letters", f"{min(letters, default=0) * figure.dpi / 72:.2f}")
    out = io.BytesIO()
    with Image.open(io.BytesIO(light)) as picture:
        picture.save(out, "png", pnginfo=said)
    return out.getvalue()


@contextmanager
def _recoloured(figure: Figure, dark: bool) -> Iterator[None]:
    """The figure without its paper, and where it is to be ``dark``, in the dark page's colours, for a while."""
    undo: list[Callable[[], Any]] = []
    night = _night()
    found: list[tuple[Callable[[Any], Any], Any]] = []
    try:
        for patch in [figure.patch, *(ax.patch for ax in figure.axes), *(part.patch for part in _parts(figure))]:
            undo.append(partial(patch.set_facecolor, patch.get_facecolor()))
            patch.set_facecolor("none")
        for artist in figure.findobj() if dark else []:
            boxed = [getattr(artist, "arrow_patch", None), getattr(artist, "get_bbox_patch", lambda: None)()]
            for one in (artist, *boxed):
                if one is None or getattr(one, "get_array", lambda: None)() is not None:
                    continue  # what a colour map paints is a picture of numbers, the same by day and by night
                for name in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
                    if not hasattr(one, f"set_{name}") or not hasattr(one, f"get_{name}"):
                        continue
                    was = getattr(one, f"get_{name}")()
                    if not _clear(was):  # an alpha of the artist's own would make it seen
                        found.append((partial(_put, getattr(one, f"set_{name}")), was))
        # all are read before the first is written: a marker may have its line's colour
        for put, was in found:
            undo.append(partial(put, was))
            put(night(was))
        yield
    finally:
        for step in reversed(undo):
            step()


def _put(setter: Callable[[Any], Any], colour: Any) -> None:
    """A line compares its marker's colour with the next, and an array of three numbers is never beside one of four."""
    setter("none")
    setter(colour)


def _clear(colour: Any) -> bool:
    """Whether ``colour``, of any form that matplotlib gives, is one colour that nobody sees."""
    from matplotlib.colors import is_color_like, to_rgba

    return is_color_like(colour) and to_rgba(colour)[3] == 0


def _parts(figure: Any) -> Iterator[Any]:
    """The figures within a figure."""
    for part in figure.subfigs:
        yield part
        yield from _parts(part)


def _night() -> Callable[[Any], Any]:
    """A function from colours of the light page (one, or rows of RGBA) to those of the dark page.

    The palette's go to the palette's, greys to what lies as far between ink and paper; any other stays.
    """
    from matplotlib.colors import is_color_like, to_hex, to_rgba

    twin = {PALETTE["light"][name]: PALETTE["dark"][name] for name in PALETTE["light"]}
    paper, ink = (np.array(to_rgba(PALETTE["dark"][name])[:3]) for name in ("paper", "ink"))

    def one(colour: Any) -> Any:
        red, green, blue, alpha = to_rgba(colour)
        if (found := twin.get(to_hex((red, green, blue)))) is not None:
            return to_rgba(found, alpha)
        if max(red, green, blue) - min(red, green, blue) < 0.02:
            return (*(paper + (1 - red) * (ink - paper)), alpha)
        return red, green, blue, alpha

    def night(colour: Any) -> Any:
        if isinstance(colour, str) and colour.lower() in ("none", "auto", "face"):
            return colour
        # an artist gives back what it was given: "#2b6", (red, green, blue), ("red", 0.5), or an array of one or many
        return one(colour) if is_color_like(colour) else [one(row) for row in colour]

    return night


def image_grid(images: Tensor, columns: int = 8, ax: Axes | None = None, title: str = "") -> Axes:
    """Images (n, channels, height, width) in [-1, 1] as one picture of ``columns`` columns."""
    import matplotlib.pyplot as plt

    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"images must have shape (n, 1 or 3, height, width), not {tuple(images.shape)}.")
    n, c, h, w = images.shape
    rows = -(-n // columns)
    tiles = torch.full((rows * columns, c, h, w), 1.0)
    tiles[:n] = images.detach().float().cpu().clamp(-1, 1)
    sheet = tiles.reshape(rows, columns, c, h, w).permute(0, 3, 1, 4, 2).reshape(rows * h, columns * w, c)
    if ax is None:
        _, ax = plt.subplots(figsize=(columns * 0.6, rows * 0.6))
    ax.imshow(np.squeeze((sheet.numpy() + 1) / 2), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(title)
    return ax


def sample_strip(snapshots: Sequence[tuple[int, Tensor]], count: int = 16, columns: int = 4) -> Figure:
    """The same noise over time: one panel a snapshot (step, images (n, c, h, w)) with ``count`` images each."""
    import matplotlib.pyplot as plt

    if not snapshots:
        raise ValueError("there are no snapshots: train with snapshots=6, say.")
    figure, axes = plt.subplots(1, len(snapshots), figsize=(1.9 * len(snapshots), 2.2), squeeze=False)
    for ax, (step, images) in zip(axes[0], snapshots, strict=True):
        image_grid(images[:count], columns, ax, f"step {step:,}")
    return figure


def losses(history: Any, ax: Axes | None = None, smooth: int = 1) -> Axes:
    """The players' losses over the steps of a run's history; ``smooth`` averages that many steps."""
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots()
    for column in sorted(name for name in history if name.startswith("loss_")):
        player = column.removeprefix("loss_")
        judges = player.startswith("discriminator")
        colour = DISCRIMINATOR if judges else GENERATOR if player.startswith("generator") else None
        curve = history[column].rolling(smooth, min_periods=1).mean()
        whose = f"{player}'" if player.endswith("s") else f"{player}'s"
        ax.plot(history["step"], curve, color=colour, label=f"{whose} loss", lw=1.2)
    ax.set_xlabel("step")
    ax.set_ylabel("loss (nats where it is a cross-entropy)")
    ax.legend()
    return ax


MOST_DIMENSIONS = 4  # of points, for a picture of every pair of coordinates


def show_run(run: Any) -> Figure:
    """A run as a still figure: samples on the left, losses on the right.

    Images are a sheet, numbers a histogram, points of 2 to 4 dimensions a panel for each pair of coordinates; other
    samples are told of in words.
    """
    import matplotlib.pyplot as plt

    style()
    samples = run.samples(64)
    if samples.ndim == 2:
        samples = run.samples(2_000)
    many = samples.ndim == 2 and 2 < samples.shape[1] <= MOST_DIMENSIONS
    figure = plt.figure(figsize=(10, 4.6) if many else (9, 3.4))
    halves: Any = figure.subfigures(1, 2)
    left, right = halves
    _samples(run, samples, left)
    if len(history := run.history):
        losses(history, right.subplots(), smooth=max(1, len(history) // 200))
    plt.close(figure)
    return figure


def _samples(run: Any, samples: Tensor, figure: SubFigure) -> None:
    """The samples of a run on their half of its figure."""
    if samples.ndim == 4 and samples.shape[1] in (1, 3):
        image_grid(samples, 8, figure.subplots(), f"{len(samples)} samples at step {run.step:,}")
    elif samples.ndim == 2 and samples.shape[1] <= MOST_DIMENSIONS:
        real = run.target.sample(2_000, torch.Generator().manual_seed(0))
        _points((real if isinstance(real, Tensor) else real[0]).cpu(), samples, figure)
    else:
        shape = " x ".join(map(str, samples.shape[1:]))
        words = f"A sample is {shape} numbers:\nthere is no picture of that.\nrun.samples(n) gives them."
        figure.text(0.5, 0.5, words, ha="center", va="center")


def _points(real: Tensor, made: Tensor, figure: SubFigure) -> None:
    """Real and generated points (n, d): a histogram on the line, else one panel for each pair of coordinates."""
    d = made.shape[1]
    if d == 1:
        axis = figure.subplots()
        x, y = real[:, 0].numpy(), made[:, 0].numpy()
        bins = np.histogram_bin_edges(np.r_[x, y], 59).tolist()
        axis.hist(x, bins, density=True, histtype="step", ls=":", lw=2, color=REAL, label="real")
        axis.hist(y, bins, density=True, alpha=0.6, color=GENERATOR, label="generated")
        axis.legend()
        return
    panels: Any = figure.subplots(d - 1, d - 1, squeeze=False)
    for row, column in np.ndindex(panels.shape):
        ax: Any = panels[row, column]
        if column > row:
            ax.set_axis_off()
            continue
        pair = [column, row + 1]
        ax.plot(*real[:, pair].T, ".", ms=2, color=REAL, label="real")
        ax.plot(*made[:, pair].T, ".", ms=2, color=GENERATOR, alpha=0.6, label="generated")
        ax.set_aspect("equal", "datalim")
        if d > 2 and column == 0:
            ax.set_ylabel(f"coordinate {pair[1] + 1}")
        if d > 2 and row == d - 2:
            ax.set_xlabel(f"coordinate {pair[0] + 1}")
    # in the empty corner above the panels, where there is one
    panels[0, 0].legend(**({} if d == 2 else {"loc": "upper left", "bbox_to_anchor": (1.1, 1.0), "markerscale": 4}))
