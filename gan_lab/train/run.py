"""A run: the players, their optimisers, their randomness, and all that happened, ready to go on."""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.func import functional_call
from tqdm.auto import tqdm

from gan_lab._errors import whole_number
from gan_lab.gan import GAN, Data, Noise
from gan_lab.random import PageStreams, TorchStreams
from gan_lab.train import checkpoint, shard
from gan_lab.train.compiled import Step, compile_step
from gan_lab.train.interrupt import Interrupt
from gan_lab.train.log import Log

Metric = Callable[["Run"], float]

# losses are looked at for NaN this often, and the good state kept: looking waits for the device
CHECK_EVERY = 50


class NonFiniteLoss(RuntimeError):
    """A loss became NaN or infinite. ``run`` is back at its last good state; ``history`` goes on to the bad step."""

    def __init__(self, message: str, run: Run, history: pd.DataFrame) -> None:
        super().__init__(message)
        self.run, self.history = run, history


@dataclass
class Settings:
    """How a run goes on, besides what it trains: the arguments of :func:`gan_lab.train` of the same names."""

    batch: int = 64
    metrics: dict[str, Metric] = field(default_factory=dict)
    every: int = 100
    snapshots: int = 0
    callback: Callable[[Run], Any] | None = None
    precision: str = "float32"
    ema: float | None = None
    compile: bool = False
    fsdp: bool = False
    progress: bool = False
    checkpoint: Path | None = None
    save_every: int = 1_000
    recipe: dict[str, Any] | None = None


def _figure(run: Run) -> Any:
    from gan_lab.plots import show_run  # matplotlib takes a second to import

    return show_run(run)


class Run:
    """What :func:`gan_lab.train` returns.

    ``gan`` is trained in place; ``step`` counts steps; ``history`` is a table; ``snapshots`` holds (step, samples);
    ``ema`` is the moving average of the generator, where one is kept.
    """

    viewer: ClassVar[Callable[[Run], Any]] = staticmethod(_figure)  # gan_lab puts the widgets here, a floor above

    def __init__(self, gan: GAN, data: Data, streams: TorchStreams | PageStreams, settings: Settings) -> None:
        self.gan, self.data, self.settings = gan, data, settings
        self.rank, processes = shard.world()
        self.batch, self._rows = settings.batch, settings.batch // processes
        if processes > 1:
            shard.share_batch_norm(gan)
            shard.same_everywhere(gan)
        self.ema: nn.Module | None = None
        if settings.ema is not None:
            self.ema = copy.deepcopy(gan.generator).requires_grad_(False).eval()
        if settings.fsdp:
            from gan_lab.train.split import split

            for network in (gan.generator, self.ema):
                if network is not None:
                    split(network)
        self.streams = shard.share(streams)
        self.step = 0
        self.snapshots: list[tuple[int, Tensor]] = []
        self._fixed_z: Tensor | None = None
        self._parameters = {p: list(getattr(gan, p).parameters()) for p in gan.players}
        self._optimisers = {p: gan.optimisers[p].build(self._parameters[p]) for p in gan.players}
        self._compiled: dict[str, Step] = {}
        self._log = Log()
        self._measured: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)

    # -- going on ---------------------------------------------------------------------------------------------

    def train(self, steps: int) -> Run:
        """Go on for ``steps`` steps: equal to never having stopped. Returns the run itself.

        Ctrl-C ends it after the step under way. Raises :class:`NonFiniteLoss`, with the last good state restored.
        """
        whole_number("steps", steps, 0)
        self.gan.train()
        end, due = self.step + steps, self._due(steps)
        self._look(due)
        self._good = self._copy_state()
        bar = tqdm(total=steps, unit="step", disable=not self.settings.progress or self.rank > 0)
        with bar, Interrupt() as interrupt:
            try:
                while self.step < end and not interrupt.asked:
                    seen: dict[str, Tensor] = {}
                    for player in self.gan.schedule:
                        seen |= self._move(player)
                    self.step += 1
                    self._log.append(seen)
                    save = self._saves_at(self.step) or self.step == end
                    if self.step % CHECK_EVERY == 0 or save:
                        self._check_finite()
                        bar.update(self.step - (end - steps) - bar.n)
                    self._look(due)
                    if save:
                        self._save()
            except KeyboardInterrupt:  # a metric or a callback was interrupted
                interrupt.asked = True
            finally:
                self._thaw()
        if interrupt.asked:
            print(f"stopped by hand after {self.step} steps; the run so far is kept")
            self._save()
        return self

    def _move(self, player: str) -> dict[str, Tensor]:
        """One optimiser step of one player; every other player is frozen, so that gradients reach only its weights."""
        for name, parameters in self._parameters.items():
            # split weights are gathered as they were when first split: the generator's step of D is without gradients
            if not (self.settings.fsdp and name == "generator"):
                for parameter in parameters:
                    parameter.requires_grad_(name == player)
        gan = self.gan
        real = gan.draw_real(player, self.data, self._rows, self.streams)
        noise = gan.draw_noise(player, self.data, self._rows, self.streams)
        optimiser = self._optimisers[player]
        loss, seen = self._gradients(player, real, noise)
        gradients = [p.grad for p in self._parameters[player] if p.grad is not None]
        seen = {f"loss_{player}": loss, **seen}
        shard.average([*gradients, *seen.values()])
        seen[f"gradient_{player}"] = shard.norm(gradients)
        optimiser.step()
        gan.after_step(player)
        if player == "generator" and self.ema is not None:
            self._follow(self.ema)
        return seen

    def _gradients(self, player: str, real: Tensor, noise: Noise) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a player, its gradients put into ``.grad``."""
        seen: dict[str, Tensor] = {}
        with torch.autocast(real.device.type, torch.bfloat16, enabled=self.settings.precision == "bf16"):
            if self.settings.compile:
                loss, seen, gradients = self._compiled_step(player)(real, noise)
                for parameter, gradient in zip(self._parameters[player], gradients, strict=True):
                    parameter.grad = gradient
                return loss, seen
            loss = self.gan(player, real, noise, seen)
        self._optimisers[player].zero_grad()
        loss.backward()
        return loss.detach(), seen

    def _compiled_step(self, player: str) -> Step:
        if player not in self._compiled:
            gan = self.gan
            own = {k: v for k, v in gan.named_parameters() if k.startswith(f"{player}.")}
            rest = {k: v for k, v in gan.named_parameters() if k not in own} | dict(gan.named_buffers())

            def losses(
                tensors: dict[str, Tensor], real: Tensor, z: Tensor, *more: Tensor | None
            ) -> tuple[Tensor, dict[str, Tensor]]:
                seen: dict[str, Tensor] = {}
                return functional_call(gan, tensors, (player, real, Noise(z, *more), seen)), seen

            self._compiled[player] = compile_step(own, rest, losses)
        return self._compiled[player]

    @torch.no_grad()
    def _follow(self, average: nn.Module) -> None:
        decay = self.settings.ema
        assert decay is not None
        generator = self.gan.generator
        torch._foreach_lerp_(list(average.parameters()), list(generator.parameters()), 1 - decay)
        for old, new in zip(average.buffers(), generator.buffers(), strict=True):
            old.copy_(new)

    def _thaw(self) -> None:
        for parameter in self.gan.parameters():
            parameter.requires_grad_(True)

    def _due(self, steps: int) -> set[int]:
        keep = self.settings.snapshots
        due = {self.step + round(i * steps / keep) for i in range(1, keep + 1)} if keep else set()
        return due | {self.step} if keep and not self.snapshots else due

    def _look(self, due: set[int]) -> None:
        if self.step in due:
            if self._fixed_z is None:
                # a generator of its own: looking must not shift what is learned
                like = self.gan.parameter
                generator = torch.Generator().manual_seed(self.streams.seed)
                self._fixed_z = self.gan.prior.sample(64, generator).to(like)
            self.snapshots.append((self.step, self.gan.sample(z=self._fixed_z, generator=self.ema).cpu()))
            due.discard(self.step)
        # split weights are gathered by all processes together, so that all of them must look
        looks = self.rank == 0 or self.settings.fsdp
        if self.step and self.step % self.settings.every == 0 and looks:
            for name, metric in self.settings.metrics.items():
                self._measured[name].append((self.step, float(metric(self))))
            if self.settings.callback is not None:
                self.settings.callback(self)

    def _check_finite(self) -> None:
        good = self._good["step"]
        recent = self._log.rows(good)
        bad = (~torch.isfinite(recent)).nonzero()
        if len(bad) == 0:
            self._good = self._copy_state()
            return
        row, column = bad[0].tolist()
        history = self.history
        self.load_state_dict(self._good)
        self._log.truncate(good)
        raise NonFiniteLoss(
            f"{self._log.names[column]} is not finite from step {good + row + 1} on: lower the learning rate or "
            f"restrain the discriminator. The error's .run is back at step {good}, where all was well; its .history "
            "goes on to the bad step.",
            self,
            history,
        )

    # -- what happened ----------------------------------------------------------------------------------------

    @property
    def history(self) -> pd.DataFrame:
        """One row a step: losses, D_real and D_fake (means of D(x) over the batch), gradient norms, penalties, metrics.

        Where k > 1 the discriminator's columns are those of its last step. Metrics are NaN where not measured.
        """
        table = pd.DataFrame({"step": np.arange(1, self._log.length + 1)})
        for name in self._log.names:
            table[name] = self._log.column(name).double().cpu().numpy()
        for name, pairs in self._measured.items():
            table[name] = table["step"].map(dict(pairs)).astype(float)
        return table

    def latest(self, name: str) -> float | None:
        """The last recorded value of a column of :attr:`history`, without making the table; None before the first."""
        return float(self._log.column(name)[-1]) if name in self._log.names and self._log.length else None

    def samples(self, n: int, seed: int = 0) -> Tensor:
        """n samples of the generator as it is now (of its moving average, where one is kept), on the CPU."""
        return self.gan.sample(n, seed=seed, generator=self.ema).cpu()

    def show(self) -> Any:
        """The run as a widget that goes on training, in a notebook; a matplotlib figure where there is none."""
        return type(self).viewer(self)

    # -- keeping it -------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that going on needs: weights, their average, optimisers, streams, step."""
        return {
            "gan": self.gan.state_dict(),
            "ema": None if self.ema is None else self.ema.state_dict(),
            "optimisers": {p: o.state_dict() for p, o in self._optimisers.items()},
            "streams": self.streams.state_dict(),
            "step": self.step,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back (or forward) to a state that :meth:`state_dict` gave; the history stays that of this object."""
        self.gan.load_state_dict(state["gan"])
        if self.ema is not None and state["ema"] is not None:
            self.ema.load_state_dict(state["ema"])
        for player, optimiser in self._optimisers.items():
            optimiser.load_state_dict(copy.deepcopy(state["optimisers"][player]))
        self.streams.load_state_dict({name: place.cpu() for name, place in state["streams"].items()})
        self.step = state["step"]

    def _copy_state(self) -> dict[str, Any]:
        return copy.deepcopy(self.state_dict())

    def save(self, path: str | Path) -> None:
        """Write a checkpoint: all that going on needs, the history, the snapshots, the recipe and the versions.

        Of several processes the first writes; with split weights all must call it. Raises
        :class:`~gan_lab.CheckpointError` where it cannot be written; what was at ``path`` is then untouched.
        """
        state = self._whole_state() if self.settings.fsdp else self.state_dict()
        if self.rank == 0:
            checkpoint.write(
                path,
                state
                | {
                    "identity": self._identity(),
                    "recipe": self.settings.recipe,
                    "log": self._log.state_dict(),
                    "measured": dict(self._measured),
                    "snapshots": self.snapshots,
                },
            )

    def restore(self, path: str | Path) -> Run:
        """Go on from a checkpoint of the same run: bit for bit the unbroken one on a CPU. Returns the run itself.

        Raises :class:`~gan_lab.CheckpointError` for a file that cannot be read, or is of another run: the run then
        stays as it is.
        """
        state = checkpoint.read(path, self.gan.parameter.device)
        here = self._identity()
        for name, value in here.items():
            if state["identity"].get(name) != value:
                raise checkpoint.CheckpointError(
                    f"{path} is of another run: its {name} is {state['identity'].get(name)!r}, here it is {value!r}. "
                    "Build the run as it was begun, or begin a new one at another path."
                )
        if self.settings.fsdp:
            self._load_whole_state(state)
        else:
            self.load_state_dict(state)
        self._log.load_state_dict(state["log"], self.gan.parameter)
        self._measured = defaultdict(list, state["measured"])
        self.snapshots = list(state["snapshots"])
        return self

    def _whole_state(self) -> dict[str, Any]:
        """:meth:`state_dict` with split weights put together, as a run without splitting has it."""
        from gan_lab.train.split import whole_state

        generator, optimiser = whole_state(self.gan.generator, self._optimisers["generator"])
        state = self.state_dict()
        others = {name: value for name, value in state["gan"].items() if not name.startswith("generator.")}
        state["gan"] = {f"generator.{name}": value for name, value in generator.items()} | others
        state["optimisers"]["generator"] = optimiser
        if self.ema is not None:
            state["ema"], _ = whole_state(self.ema, None)
        return state

    def _load_whole_state(self, state: dict[str, Any]) -> None:
        from gan_lab.train.split import load_whole_state

        generator = {k.removeprefix("generator."): v for k, v in state["gan"].items() if k.startswith("generator.")}
        optimiser = self._optimisers["generator"]
        load_whole_state(self.gan.generator, optimiser, (generator, state["optimisers"]["generator"]))
        if self.ema is not None:
            load_whole_state(self.ema, None, (state["ema"], {}))
        mine = self.state_dict()
        others = {name: value for name, value in state["gan"].items() if not name.startswith("generator.")}
        self.load_state_dict(
            state
            | {
                "gan": {k: v for k, v in mine["gan"].items() if k not in others} | others,
                "ema": mine["ema"],
                "optimisers": state["optimisers"] | {"generator": mine["optimisers"]["generator"]},
            }
        )

    def _identity(self) -> dict[str, Any]:
        """What must agree for a checkpoint to go on with the same numbers."""
        gan = self.gan
        return {
            "system": f"{type(gan).__name__} with {gan.loss!r}, {list(gan.penalties)!r}, k={gan.k}"
            + (f", k_g={gan.k_g}" if gan.k_g > 1 else ""),
            "parameters": {name: list(p.shape) for name, p in gan.named_parameters()},
            "optimisers": {player: repr(gan.optimisers[player]) for player in gan.players},
            "data": repr(self.data),
            "batch": self.batch,
            "seed": self.streams.seed,
            "precision": self.settings.precision,
            "ema": self.settings.ema,
        }

    def _saves_at(self, step: int) -> bool:
        return self.settings.checkpoint is not None and step % self.settings.save_every == 0

    def _save(self) -> None:
        if self.settings.checkpoint is None:
            return
        try:
            self.save(self.settings.checkpoint)
        except checkpoint.CheckpointError as error:  # a full disk costs the checkpoint, not the run
            warnings.warn(str(error), stacklevel=4)

    def __repr__(self) -> str:
        played = f"{type(self.gan).__name__}, {self.gan.loss!r}, data={self.data!r}"
        return f"Run({played}, step={self.step}, seed={self.streams.seed})"
