"""The latent explorer: a recorded generator that the page plays itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import torch
from torch import Tensor

from gan_lab._errors import unknown, whole_number
from gan_lab.data import StandardNormal
from gan_lab.explain.latent import WAYS
from gan_lab.plots import image_grid
from gan_lab.random import PageStreams
from gan_lab.runs import RecordedGenerator
from gan_lab.widgets.element import Element, is_static

MODES = {"point": "point", "walk": "walk", "arithmetic": "sum"}
SAMPLES = 20  # on the page's sheet


def latent_samples(inputs: int, seed: int = 0) -> Tensor:
    """The 20 points of the explorer's sheet, (20, inputs), rounded to two digits as the page has them."""
    z = StandardNormal(inputs).draw(SAMPLES, PageStreams(seed), "noise", torch.device("cpu"), torch.float64)
    return (z * 100).round() / 100


def latent(
    generator: RecordedGenerator,
    *,
    mode: str = "point",
    picks: Sequence[int] = (1, 2, 3),
    seed: int = 0,
    way: str = "straight",
    at: float = 0.5,
    shrink: float = 1.0,
    embed: bool | None = None,
) -> Element:
    """The space of z, explored: sliders, ways between two points, A - B + C, and the nearest training digit.

    generator: what :func:`gan_lab.runs.read_generator` returned. mode: "point", "walk" or "arithmetic"; picks: which
    samples of the sheet are A, B and C, from 1 to 20; seed: of the sheet; way: "straight" or "great_circle"; at: how
    far from A to B, 0 to 1; shrink: what z is multiplied with, 0 to 1.5. embed: carry the generator inside the widget
    (so in notebooks), or name its file beside the page (so in the book, where it must lie under ``book/recorded``).
    Raises TypeError for another generator, ValueError for what is out of range.
    """
    if not isinstance(generator, RecordedGenerator):
        raise TypeError(f"latent expects what gan_lab.runs.read_generator returned, not {type(generator).__name__}.")
    if mode not in MODES:
        raise unknown("mode", mode, MODES)
    if way not in WAYS:
        raise unknown("way", way, WAYS)
    chosen = [whole_number("a pick", pick, 1) - 1 for pick in picks]
    if len(chosen) != 3 or max(chosen) >= SAMPLES:
        raise ValueError(
            f"picks is {tuple(picks)}: give three samples of the sheet, for A, B and C, from 1 to {SAMPLES}."
        )
    for name, value, most in (("at", at, 1.0), ("shrink", shrink, 1.5)):
        if not 0 <= value <= most:
            raise ValueError(f"{name} is {value}: it must be between 0 and {most:g}.")
    options = {
        "mode": MODES[mode], "picks": chosen, "seed": whole_number("seed", seed, 0), "way": way, "at": float(at),
        "shrink": float(shrink), "key": generator.key,
    }  # fmt: skip
    if embed if embed is not None else not is_static():
        options["generator"] = generator.content
    else:
        # a chapter is executed in its own folder, and the site is laid out as the book is
        options["src"] = f"{quote(Path(os.path.relpath(generator.file)).as_posix())}?v={generator.key[:8]}"
    words = f"A generator of {generator.inputs} inputs, recorded on {generator.date[:10]}, to be explored."

    def still() -> Any:
        with torch.no_grad():
            images = generator.network(latent_samples(generator.inputs, seed).float())
        return image_grid(images, SAMPLES // 2).figure

    return Element("latent", options, words, still=still)
