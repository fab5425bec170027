"""A run: the players, their optimisers, their randomness, and all that happened, ready to go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from gan_lab._errors import whole_number
from gan_lab.gan import GAN, Data
from gan_lab.random import PageStreams, TorchStreams

Metric = Callable[["Run"], float]

# losses are looked at for NaN this often: looking waits for the device
CHECK_EVERY = 50


class NonFiniteLoss(RuntimeError):
    """A loss became NaN or infinite. ``run`` is the run up to there, with its history."""

    def __init__(self, message: str, run: Run) -> None:
        super().__init__(message)
        self.run = run


class Run:
    """What :func:`gan_lab.train` returns.

    ``gan`` is trained in place; ``step`` counts steps; ``history`` is a table; ``snapshots`` holds (step, samples).
    """

    def __init__(
        self,
        gan: GAN,
        data: Data,
        streams: TorchStreams | PageStreams,
        *,
        batch: int,
        metrics: dict[str, Metric] | None = None,
        every: int = 100,
        snapshots: int = 0,
        callback: Callable[[Run], Any] | None = None,
    ) -> None:
        self.gan, self.data, self.streams, self.batch = gan, data, streams, batch
        self.metrics, self.every, self.callback = metrics or {}, every, callback
        self.step = 0
        self.snapshots: list[tuple[int, Tensor]] = []
        self._keep = snapshots
        self._fixed_z: Tensor | None = None
        self._optimisers = {p: gan.optimisers[p].build(getattr(gan, p).parameters()) for p in gan.players}
        self._parameters = {p: list(getattr(gan, p).parameters()) for p in gan.players}
        self._log: defaultdict[str, list[Tensor]] = defaultdict(list)
        self._measured: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)

    # -- going on ---------------------------------------------------------------------------------------------

    def train(self, steps: int) -> Run:
        """Go on for ``steps`` steps: equal to never having stopped. Returns the run itself."""
        whole_number("steps", steps, 0)
        self.gan.train()
        due = {self.step + round(i * steps / self._keep) for i in range(1, self._keep + 1)} if self._keep else set()
        if self._keep and not self.snapshots:
            due.add(self.step)
        end = self.step + steps
        self._look(due)
        try:
            while self.step < end:
                seen: dict[str, Tensor] = {}
                for player in self.gan.schedule:
                    seen |= self._move(player)
                self.step += 1
                for name, value in seen.items():
                    self._log[name].append(value)
                if self.step % CHECK_EVERY == 0 or self.step == end:
                    self._check_finite()
                self._look(due)
        except KeyboardInterrupt:
            print(f"stopped by hand after {self.step} steps; the run so far is kept")
        finally:
            self._thaw()
        return self

    def _move(self, player: str) -> dict[str, Tensor]:
        """One optimiser step of one player; every other player is frozen, so that gradients reach only its weights."""
        for name, parameters in self._parameters.items():
            for parameter in parameters:
                parameter.requires_grad_(name == player)
        gan, like = self.gan, self.gan.parameter
        # only the discriminator always looks at data; a draw that nobody sees would shift the stream
        wants_real = player == "discriminator" or gan.loss.needs_real
        real = (
            self.data.draw(self.batch, self.streams, "data", like.device, like.dtype)
            if wants_real
            else torch.empty(0, device=like.device)
        )
        noise = gan.draw_noise(player, self.batch, self.streams)
        seen: dict[str, Tensor] = {}
        optimiser = self._optimisers[player]
        optimiser.zero_grad()
        loss = gan(player, real, noise, seen)
        loss.backward()
        gradients = [p.grad for p in self._parameters[player] if p.grad is not None]
        seen[f"gradient_{player}"] = torch.stack(torch._foreach_norm(gradients)).norm()
        optimiser.step()
        gan.after_step(player)
        return {f"loss_{player}": loss.detach(), **seen}

    def _thaw(self) -> None:
        for parameter in self.gan.parameters():
            parameter.requires_grad_(True)

    def _look(self, due: set[int]) -> None:
        if self.step in due:
            if self._fixed_z is None:
                # a generator of its own: looking must not shift what is learned
                like = self.gan.parameter
                generator = torch.Generator().manual_seed(self.streams.seed)
                self._fixed_z = self.gan.prior.sample(64, generator).to(like)
            self.snapshots.append((self.step, self.gan.sample(z=self._fixed_z).cpu()))
            due.discard(self.step)
        if self.step and self.step % self.every == 0:
            for name, metric in self.metrics.items():
                self._measured[name].append((self.step, float(metric(self))))
            if self.callback is not None:
                self.callback(self)

    def _check_finite(self) -> None:
        for name, values in self._log.items():
            recent = torch.stack(values[-CHECK_EVERY:])
            if not bool(torch.isfinite(recent).all()):
                first = self.step - len(recent) + int((~torch.isfinite(recent)).nonzero()[0, 0]) + 1
                raise NonFiniteLoss(
                    f"{name} is not finite from step {first} on: lower the learning rate or restrain the "
                    "discriminator; the run until there is in the error's .run.",
                    self,
                )

    # -- what happened ----------------------------------------------------------------------------------------

    @property
    def history(self) -> pd.DataFrame:
        """One row a step: losses, D_real and D_fake (means of D(x) over the batch), gradient norms, penalties, metrics.

        Where k > 1 the discriminator's columns are those of its last step. Metrics are NaN where not measured.
        """
        length = min((len(v) for v in self._log.values()), default=0)
        table = pd.DataFrame({"step": np.arange(1, length + 1)})
        for name, values in self._log.items():
            table[name] = torch.stack(values[:length]).double().cpu().numpy() if length else np.empty(0)
        for name, pairs in self._measured.items():
            table[name] = table["step"].map(dict(pairs)).astype(float)
        return table

    def latest(self, name: str) -> float | None:
        """The last recorded value of a column of :attr:`history`, without making the table; None before the first."""
        values = self._log.get(name)
        return float(values[-1]) if values else None

    def samples(self, n: int, seed: int = 0) -> Tensor:
        """n samples of the generator as it is now, on the CPU."""
        return self.gan.sample(n, seed=seed).cpu()

    def show(self) -> Any:
        """The run as a widget in a notebook, or a matplotlib figure where there is none."""
        from gan_lab.plots import show_run

        return show_run(self)

    def state_dict(self) -> dict[str, Any]:
        """All that going on needs: weights, optimisers, streams, step."""
        return {
            "gan": self.gan.state_dict(),
            "optimisers": {p: o.state_dict() for p, o in self._optimisers.items()},
            "streams": self.streams.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back (or forward) to a state that :meth:`state_dict` gave; the history stays that of this object."""
        self.gan.load_state_dict(state["gan"])
        for player, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][player])
        self.streams.load_state_dict(state["streams"])
        self.step = state["step"]

    def __repr__(self) -> str:
        played = f"{type(self.gan).__name__}, {self.gan.loss!r}, data={self.data!r}"
        return f"Run({played}, step={self.step}, seed={self.streams.seed})"
