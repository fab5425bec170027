"""A PyTorch run, played in the notebook: the view asks for a frame, the kernel trains and answers in binary."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_lab.data import Distribution1D
from gan_lab.plots import show_run
from gan_lab.runs import Recorded
from gan_lab.train import NonFiniteLoss, Run, generator_gradient
from gan_lab.widgets.element import Element, finite_or_none, is_static
from gan_lab.widgets.player import player
from gan_lab.widgets.spec import law

# "as fast as it goes" trains about this long between two pictures
FRAME_SECONDS = 0.08
GRIDS = ("x", "z", "z_arrow", "z_sample")


class Live(Element):
    """Figure 1 played by ``run``, a :class:`gan_lab.Run` on the line, wherever its networks are (CPU or GPU).

    The view says which points it draws; each frame holds, as float32 in this order, G on the grid of z, the scores on
    the grid of x and at G(z), the samples, the arrows' heads, and minus the generator's gradient there.
    """

    def __init__(self, run: Run, speed: float = 100) -> None:
        if not isinstance(run, Run):
            raise TypeError(f"show expects what gan_lab.train returned, not {type(run).__name__}.")
        if not isinstance(run.data, Distribution1D):
            raise ValueError(
                f"the data are {run.data!r}: Figure 1 lives on the line; use run.show() for a still figure."
            )
        device = run.gan.parameter.device.type
        options = {
            "stream": f"PyTorch on {device}",
            "speed": speed,
            "spec": {
                "loss": run.gan.loss.name, "k": run.gan.k, "batch": run.batch, "seed": run.streams.seed,
                "target": law("data", run.data), "prior": law("prior", run.gan.prior),
            },
        }  # fmt: skip
        super().__init__("figure1", options, f"A run of {run.step} steps in PyTorch on {device}.")
        self.run = run
        self.grids: dict[str, Tensor] = {}
        self._seconds_a_step = 0.01

    def _connect(self, widget: Any) -> None:
        widget.on_msg(lambda _, content, __: self.receive(content))

    def receive(self, message: dict[str, Any]) -> None:
        """Answers one message of the view: "grids" (which points to draw) or "step" (train, then show)."""
        try:
            if message["type"] == "grids":
                like = self.run.gan.parameter
                points = zip(GRIDS, message["grids"], strict=True)
                self.grids = {name: torch.tensor(grid).to(like)[:, None] for name, grid in points}
            elif message["type"] == "step":
                self._train(int(message["n"]))
            header, frame = self.frame()
            self.widget.send(header, buffers=[frame.tobytes()])
        except NonFiniteLoss as error:
            self.widget.send({"type": "problem", "text": str(error)})

    def _train(self, n: int) -> None:
        steps = n or max(1, round(FRAME_SECONDS / self._seconds_a_step))
        begun = time.perf_counter()
        self.run.train(steps)
        self._seconds_a_step = max(1e-6, (time.perf_counter() - begun) / steps)

    def frame(self) -> tuple[dict[str, Any], np.ndarray]:
        """The present state: a header (step, losses) and the numbers of the picture."""
        gan, grids = self.run.gan, self.grids
        with torch.no_grad():
            made = gan.sample(z=grids["z"])
            parts = [made, gan.score(grids["x"]), gan.score(made), gan.sample(z=grids["z_sample"])]
        data = self.run.data
        assert isinstance(data, Distribution1D)
        real = data.sample(64, torch.Generator().manual_seed(0)) if gan.loss.needs_real else None
        head, gradient = generator_gradient(gan, grids["z_arrow"], real)
        parts += [head, -gradient]
        losses = {player: finite_or_none(self.run.latest(f"loss_{player}")) for player in gan.players}
        header = {"type": "frame", "step": self.run.step, "losses": losses}
        return header, torch.cat([part.detach().flatten().float().cpu() for part in parts]).numpy()

    def still(self) -> Any:
        """The run as a matplotlib figure."""
        return show_run(self.run)


def show(run: Run | Recorded, speed: float = 100) -> Any:
    """Plays a run: on the line as a live Figure 1 that goes on training in this kernel, on its GPU where it has one.

    Where no browser answers (the book being built) and for data off the line: a matplotlib figure of samples and
    losses. A recorded run is replayed (:func:`gan_lab.widgets.player`). Raises TypeError for anything that neither
    :func:`gan_lab.train` nor :func:`gan_lab.runs.read` returned.
    """
    if isinstance(run, Recorded):
        return player(run)
    if not isinstance(run, Run):
        raise TypeError(f"show expects what gan_lab.train returned, not {type(run).__name__}.")
    if is_static() or not isinstance(run.data, Distribution1D):
        return show_run(run)
    return Live(run, speed)
