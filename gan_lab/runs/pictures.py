"""Samples as small pictures, one look for all moments of a run, so that they can be played one after the other."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_lab.data import Distribution, Distribution1D, Images, StreamedImages
from gan_lab.plots import COLOURS, GENERATOR, REAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDE = 4.2  # inches of a square plot, at 100 dots an inch
LOSSY = 80  # WebP's quality where a lossless picture would be larger


@dataclass(frozen=True)
class Painter:
    """How the samples of one kind of data are shown: ``paint(samples)`` gives a WebP; ``n`` samples go into it."""

    kind: str  # "images", "line" or "plane"
    n: int
    words: str  # what a picture shows, for those who do not see it
    paint: Callable[[Tensor], bytes]


def painter(data: Distribution | Images | StreamedImages) -> Painter:
    """The painter for these data; raises ValueError for data that are neither images nor points of a line or plane."""
    if isinstance(data, Images | StreamedImages) and data.shape[0] in (1, 3):
        columns = max(4, min(8, 256 // data.shape[2]))
        words = f"{columns**2} generated images of {data.name}, {columns} rows of {columns}"
        return Painter("images", columns**2, words, lambda samples: _sheet(samples, columns))
    if isinstance(data, Distribution1D):
        words = "histogram of 5,000 generated numbers; dotted, the exact density of the data"
        return Painter("line", 5_000, words, _line(data))
    if isinstance(data, Distribution) and data.dim == 2:
        words = "1,000 generated points over 1,000 points of the data"
        return Painter("plane", 1_000, words, _plane(data))
    raise ValueError(
        f"{data!r} cannot be shown in a recorded run: it takes images of 1 or 3 channels, or data of 1 or 2 dimensions."
    )


def encode(picture: Image.Image) -> bytes:
    """The picture as WebP: lossless where that is no larger than at quality ``LOSSY``."""
    files = []
    for options in ({"lossless": True}, {"quality": LOSSY}):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", method=6, **options)
        files.append(buffer.getvalue())
    return min(files, key=len)


def _sheet(images: Tensor, columns: int) -> bytes:
    """Images (n, c, h, w) in [-1, 1] as one sheet with ``columns`` columns."""
    n, c, h, w = images.shape
    rows = math.ceil(n / columns)
    tiles = torch.full((rows * columns, c, h, w), 255, dtype=torch.uint8)
    tiles[:n] = ((images.float().clamp(-1, 1) + 1) * 127.5).round().byte()
    sheet = tiles.reshape(rows, columns, c, h, w).permute(0, 3, 1, 4, 2).reshape(rows * h, columns * w, c).numpy()
    return encode(Image.fromarray(sheet[:, :, 0] if c == 1 else sheet))


def _plot(draw: Callable[[Axes], object]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(SIDE, SIDE), dpi=100, facecolor=COLOURS["paper"])
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0.1, 0.08, 0.87, 0.89))
    ax.set_facecolor(COLOURS["paper"])
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["bottom", "left"]].set_color(COLOURS["muted"])
    ax.tick_params(colors=COLOURS["muted"], labelsize=9)
    ax.grid(color=COLOURS["grid"], linewidth=0.6)
    ax.set_axisbelow(True)
    draw(ax)
    canvas.draw()
    return encode(Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3]))


def _line(data: Distribution1D) -> Callable[[Tensor], bytes]:
    low, high = data.support
    low, high = low - 0.25 * (high - low), high + 0.25 * (high - low)
    x = torch.linspace(low, high, 601, dtype=torch.float64)
    density = data.density(x[:, None]).numpy()
    top = 1.7 * density.max()
    bins = np.linspace(low, high, 81)

    def paint(samples: Tensor) -> bytes:
        def draw(ax: Axes) -> None:
            heights = np.histogram(samples[:, 0].numpy(), bins)[0] / (len(samples) * (bins[1] - bins[0]))
            ax.stairs(heights, bins, fill=True, color=GENERATOR, alpha=0.55, label="generated")
            ax.plot(x.numpy(), density, ":", color=REAL, lw=2.4, label="data, exact")
            ax.set(xlim=(low, high), ylim=(0, top))
            ax.legend(loc="upper right", frameon=False, fontsize=9, labelcolor=COLOURS["ink"])

        return _plot(draw)

    return paint


def _plane(data: Distribution) -> Callable[[Tensor], bytes]:
    real = data.sample(1_000, torch.Generator().manual_seed(0))
    (x, y), half = ((real.amax(0) + real.amin(0)) / 2).tolist(), 0.7 * float((real.amax(0) - real.amin(0)).max())

    def paint(samples: Tensor) -> bytes:
        def draw(ax: Axes) -> None:
            ax.plot(*real.T.numpy(), "o", ms=3.5, mfc="none", mec=REAL, mew=0.7, alpha=0.7, label="data")
            ax.plot(*samples.T.numpy(), ".", ms=4, mew=0, color=GENERATOR, alpha=0.6, label="generated")
            ax.set(xlim=(x - half, x + half), ylim=(y - half, y + half))
            ax.legend(loc="upper right", frameon=False, fontsize=9, labelcolor=COLOURS["ink"], markerscale=2)

        return _plot(draw)

    return paint
