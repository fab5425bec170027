"""A PyTorch run, played in the notebook: the view asks for a frame, the kernel trains and answers in binary."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from gan_lab.data import Distribution, Distribution1D
from gan_lab.data.plane import Centres, Curve
from gan_lab.gan import GAN
from gan_lab.plots import show_run
from gan_lab.runs import Recorded
from gan_lab.train import NonFiniteLoss, Run, generator_gradient
from gan_lab.widgets.element import Element, finite_or_none, is_static
from gan_lab.widgets.player import player
from gan_lab.widgets.spec import law

# "as fast as it goes" trains about this long between two pictures
FRAME_SECONDS = 0.08
PARTNERS = 64


class Live(Element, ABC):
    """A picture played by ``run``, a :class:`gan_lab.Run`, wherever its networks are (CPU or GPU).

    The view says at which points it wants to look (``GRIDS``, in this order, sample by sample); each frame is one block
    of float32 numbers, :meth:`parts` one after the other. Subclasses say for which view, and what it is shown.
    """

    PICTURE: ClassVar[str]
    GRIDS = ("x", "z", "z_arrow", "z_sample")

    def __init__(self, run: Run, speed: float = 100) -> None:
        if not isinstance(run, Run):
            raise TypeError(f"show expects what gan_lab.train returned, not {type(run).__name__}.")
        if not self.can_show(run) or not isinstance(run.gan, GAN):
            raise ValueError(
                f"this is a {type(run.gan).__name__} on {run.data!r}, which {self.PICTURE} cannot draw: use run.show()."
            )
        assert isinstance(run.data, Distribution)
        self.gan = run.gan
        device = self.gan.parameter.device.type
        options = {
            "stream": f"PyTorch on {device}",
            "speed": speed,
            "spec": {
                "loss": self.gan.loss.name, "k": self.gan.k, "k_g": self.gan.k_g,
                "batch": run.batch, "seed": run.streams.seed,
                "target": run.data.spec(), "prior": self.gan.prior.spec(),
            },
        }  # fmt: skip
        super().__init__(self.PICTURE, options, f"A run of {run.step} steps in PyTorch on {device}.")
        self.run = run
        self.grids: dict[str, Tensor] = {}
        self._seconds_a_step = 0.01

    @classmethod
    @abstractmethod
    def can_show(cls, run: Run) -> bool:
        """Does this picture show data such as the run's?"""

    @abstractmethod
    def parts(self) -> list[Tensor]:
        """The numbers of a frame, in the order in which the view reads them."""

    def _connect(self, widget: Any) -> None:
        widget.on_msg(lambda _, content, __: self.receive(content))

    def receive(self, message: dict[str, Any]) -> None:
        """Answers one message of the view: "grids" (which points to draw) or "step" (train, then show)."""
        try:
            if message["type"] == "grids":
                assert isinstance(self.run.data, Distribution)
                like, noise = self.gan.parameter, self.gan.prior.dim
                dims = (self.run.data.dim, noise, noise, noise)
                self.grids = {
                    name: torch.tensor(grid).to(like).reshape(len(grid) // dim, dim)
                    for name, grid, dim in zip(self.GRIDS, message["grids"], dims, strict=True)
                }
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
        losses = {player: finite_or_none(self.run.latest(f"loss_{player}")) for player in self.gan.players}
        header = {"type": "frame", "step": self.run.step, "losses": losses}
        return header, torch.cat([part.detach().flatten().float().cpu() for part in self.parts()]).numpy()

    @torch.no_grad()
    def _made(self, grid: str) -> Tensor:
        return self.gan.sample(z=self.grids[grid])

    @torch.no_grad()
    def _scores(self, x: Tensor) -> Tensor:
        return self.gan.score(x)

    def _arrows(self) -> list[Tensor]:
        """Where the arrows begin, and minus the gradient of the generator's loss there."""
        gan, data = self.gan, self.run.data
        assert isinstance(data, Distribution)
        real = data.sample(PARTNERS, torch.Generator().manual_seed(0)) if gan.loss.needs_real else None
        foot, gradient = generator_gradient(gan, self.grids["z_arrow"], real)
        return [foot, -gradient]

    def still(self) -> Any:
        """The run as a matplotlib figure."""
        return show_run(self.run)


class LiveLine(Live):
    """Figure 1, played by a run on the line."""

    PICTURE = "figure1"

    def __init__(self, run: Run, speed: float = 100) -> None:
        super().__init__(run, speed)
        law("prior", self.gan.prior)

    @classmethod
    def can_show(cls, run: Run) -> bool:
        return isinstance(run.data, Distribution1D)

    def parts(self) -> list[Tensor]:
        """G on the grid of z, the scores on the grid of x and at G(z), the samples, the arrows."""
        made = self._made("z")
        return [made, self._scores(self.grids["x"]), self._scores(made), self._made("z_sample"), *self._arrows()]


class LivePlane(Live):
    """The playground, played by a run in the plane."""

    PICTURE = "playground"

    @classmethod
    def can_show(cls, run: Run) -> bool:
        return isinstance(run.data, Centres | Curve)

    def parts(self) -> list[Tensor]:
        """The scores on the grid of x, G on the grid of noise (if it can be drawn), the arrows, the samples."""
        mesh = [self._made("z")] if len(self.grids["z"]) else []
        return [self._scores(self.grids["x"]), *mesh, *self._arrows(), self._made("z_sample")]


def show(run: Run | Recorded, speed: float = 100) -> Any:
    """Plays a run that goes on training in this kernel: Figure 1 (data on the line) or the playground (in the plane).

    It trains on the kernel's GPU where it has one. Where no browser answers (the book being built) and for other data:
    a matplotlib figure of samples and losses. A recorded run is replayed (:func:`gan_lab.widgets.player`). Raises
    TypeError for anything that neither :func:`gan_lab.train` nor :func:`gan_lab.runs.read` returned.
    """
    if isinstance(run, Recorded):
        return player(run)
    if not isinstance(run, Run):
        raise TypeError(f"show expects what gan_lab.train returned, not {type(run).__name__}.")
    played = type(run.gan) is GAN  # the views show a generator's and a discriminator's opinion of single points
    picture = next((live for live in (LiveLine, LivePlane) if played and live.can_show(run)), None)
    return show_run(run) if is_static() or picture is None else picture(run, speed)


def show_here(run: Run) -> Any:
    """What ``run.show()`` gives: :func:`show` in a notebook, a matplotlib figure in a script."""
    ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return show(run) if hasattr(ipython, "kernel") else show_run(run)
