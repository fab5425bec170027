"""A recorded run as one still figure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from gan_lab import plots

if TYPE_CHECKING:
    from gan_lab.runs.read import Recorded


def still(recorded: Recorded) -> Figure:
    """The last samples on the left, the kept losses on the right."""
    plots.style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    with Image.open(io.BytesIO(recorded.picture(recorded.frames[-1]))) as picture:
        left.imshow(np.asarray(picture.convert("RGB")), interpolation="nearest")
    left.set_axis_off()
    left.set_title(f"step {recorded.frames[-1].step:,}")
    plots.losses(recorded.history, right)
    right.set_title(f"recorded on {recorded.date[:10]}, {recorded.hardware['gpu'] or recorded.hardware['cpu']}")
    plt.close(figure)
    return figure
