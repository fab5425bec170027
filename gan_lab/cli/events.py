"""TensorBoard event files, on request."""

from __future__ import annotations

import io
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from gan_lab.cli.folder import EVENTS, Folder
from gan_lab.cli.pictures import picture
from gan_lab.cli.scores import Watch

if TYPE_CHECKING:
    from gan_lab.train import Run


class NoTensorBoard(RuntimeError):
    """The package tensorboard is not installed."""


def need_tensorboard() -> None:
    """Raise :class:`NoTensorBoard` with the remedy where event files cannot be written."""
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError:
        raise NoTensorBoard(
            "--tensorboard needs the package tensorboard, which is not installed here: python -m pip install "
            "tensorboard."
        ) from None


class Events:
    """A callback for :func:`gan_lab.train`: scalars whenever it is called, pictures every ``pictures_every`` steps."""

    def __init__(self, folder: Folder, step: int, watch: Watch | None, pictures_every: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # what an earlier process wrote after its last checkpoint did not happen; its last step is written again
        writer: Any = SummaryWriter
        self.writer = writer(str(folder / EVENTS), purge_step=step or None)
        self.watch, self.pictures_every = watch, pictures_every
        self.next_picture = step
        self.names: list[str] = []

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.writer.close()

    def __call__(self, run: Run) -> None:
        if not self.names:
            self.names = [str(name) for name in run.history.columns if name != "step"]
        scores = self.watch.latest if self.watch is not None else {}
        for name in self.names:
            value = scores.get(name, run.latest(name))
            if value is not None:
                self.writer.add_scalar(_tag(name), value, run.step)
        if run.step >= self.next_picture:
            self.picture(run)

    def picture(self, run: Run) -> None:
        """The samples as they are now."""
        self.next_picture = run.step + self.pictures_every
        drawn = picture(run.target, run.samples)  # type: ignore[arg-type]
        if drawn is not None:
            with Image.open(io.BytesIO(drawn)) as image:
                self.writer.add_image("samples", np.asarray(image.convert("RGB")), run.step, dataformats="HWC")


def _tag(name: str) -> str:
    """TensorBoard groups by what stands before the slash."""
    group, _, rest = name.partition("_")
    return f"{group}/{rest}" if group in ("loss", "gradient") and rest else name
