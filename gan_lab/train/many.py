"""Many seeds of one GAN at once: one run proves nothing, and sixty-four cost little more than eight."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.modules.dropout import _DropoutNd
from tqdm.auto import tqdm

from gan_lab._errors import unknown, whole_number
from gan_lab.data import Images
from gan_lab.gan import GAN, Data, Noise
from gan_lab.random import TorchStreams
from gan_lab.train.compiled import Step, compile_step
from gan_lab.train.log import Log
from gan_lab.train.loop import pick_device


class SeedStreams:
    """The streams of several seeds side by side: of n numbers, the first n / S are those of the first seed, ..."""

    def __init__(self, seeds: Iterable[int], device: torch.device | str = "cpu") -> None:
        self.members = [TorchStreams(seed, device) for seed in seeds]
        if not self.members:
            raise ValueError("seeds is empty: give at least one, such as range(8).")
        self.seed = self.members[0].seed

    def _share(self, n: int) -> int:
        return n // len(self.members)

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        part = (self._share(shape[0]), *shape[1:])
        return torch.cat([m.uniform(stream, part, device) for m in self.members])

    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        part = (self._share(shape[0]), *shape[1:])
        return torch.cat([m.normal(stream, part, device) for m in self.members])

    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor:
        return torch.cat([m.index(stream, high, self._share(n), device) for m in self.members])

    def state_dict(self) -> dict[str, Tensor]:
        return {f"{i}.{name}": place for i, m in enumerate(self.members) for name, place in m.state_dict().items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        for i, m in enumerate(self.members):
            m.load_state_dict({name: state[f"{i}.{name}"] for name in m.state_dict()})


class Member:
    """One of many seeds, with the face of a run that a metric needs: gan, data, step, seed, samples(n)."""

    def __init__(self, gan: GAN, data: Data, seed: int, step: int) -> None:
        self.gan, self.data, self.seed, self.step = gan, data, seed, step

    def samples(self, n: int, seed: int = 0) -> Tensor:
        """n samples of this seed's generator as it is now, on the CPU."""
        return self.gan.sample(n, seed=seed).cpu()


Metric = Callable[[Any], float]


class Many:
    """What :func:`train_many` returns: S seeds trained side by side. See ``history``, ``summary`` and ``member``."""

    def __init__(
        self,
        gan: GAN,
        data: Data,
        seeds: Iterable[int],
        *,
        batch: int,
        metrics: Mapping[str, Metric],
        every: int,
        progress: bool,
        compile: bool,
    ) -> None:
        self.gan, self.data, self.batch, self.metrics, self.every = gan, data, batch, dict(metrics), every
        self.progress, self.compile = progress, compile
        self.seeds = list(seeds)
        device = gan.parameter.device
        self.streams = SeedStreams(self.seeds, device)
        copies = []
        for streams in self.streams.members:
            streams.initialise(gan)
            copies.append(copy.deepcopy(gan).train())
        parameters, self._buffers = stack_module_state(copies)
        self._parameters = {k: v.detach().requires_grad_() for k, v in parameters.items()}
        self._of = {
            player: [v for k, v in self._parameters.items() if k.startswith(f"{player}.")] for player in gan.players
        }
        # every optimiser of gan_lab.optim works number by number, so that stacked seeds do not see each other
        self._optimisers = {p: gan.optimisers[p].build(self._of[p]) for p in gan.players}
        self._base = copies[0]
        self._compiled: dict[str, Step] = {}
        self.step = 0
        self._log = Log()
        self._measured: defaultdict[str, list[tuple[int, int, float]]] = defaultdict(list)

    def train(self, steps: int) -> Many:
        """Go on for ``steps`` steps. Returns itself."""
        whole_number("steps", steps, 0)
        for _ in tqdm(range(steps), unit="step", desc=f"{len(self.seeds)} seeds", disable=not self.progress):
            seen: dict[str, Tensor] = {}
            for player in self.gan.schedule:
                seen |= self._move(player)
            self.step += 1
            self._log.append(seen)
            if self.metrics and self.step % self.every == 0:
                self._measure()
        return self

    def _move(self, player: str) -> dict[str, Tensor]:
        """One optimiser step of one player in every seed; the sum of the losses gives each seed its own gradient."""
        for name, parameters in self._of.items():
            for parameter in parameters:
                parameter.requires_grad_(name == player)
        gan, seeds = self.gan, len(self.seeds)
        real = gan.draw_real(player, self.data, seeds * self.batch, self.streams).unflatten(0, (seeds, self.batch))
        noise = gan.draw_noise(player, self.data, seeds * self.batch, self.streams)
        z, *more = (part if part is None else part.unflatten(0, (seeds, self.batch)) for part in noise)
        assert z is not None
        if self.compile:
            loss, seen = self._compiled_step(player, real, Noise(z, *more))
        else:
            loss, seen = self._losses(self._parameters | self._buffers, player, real, z, *more)
            self._optimisers[player].zero_grad()
            loss.sum().backward()
        squares = [p.grad.flatten(1).square().sum(1) for p in self._of[player] if p.grad is not None]
        seen[f"gradient_{player}"] = torch.stack(squares).sum(0).sqrt()
        self._optimisers[player].step()
        if player == "discriminator":
            self._project()
        return {f"loss_{player}": loss.detach(), **{k: v.detach() for k, v in seen.items()}}

    def _losses(
        self, tensors: dict[str, Tensor], player: str, real: Tensor, z: Tensor, *more: Tensor | None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of every seed (S,), and what each saw; tensors: all parameters and buffers, stacked."""

        def loss_of(
            tensors: dict[str, Tensor], real: Tensor, z: Tensor, *more: Tensor | None
        ) -> tuple[Tensor, dict[str, Tensor]]:
            seen: dict[str, Tensor] = {}
            return functional_call(self._base, tensors, (player, real, Noise(z, *more), seen)), seen

        try:
            stacked = vmap(loss_of, in_dims=(0, 0, 0, *(None if part is None else 0 for part in more)))
            loss, seen = stacked(tensors, real, z, *more)
        except RuntimeError as error:
            if "vmap" not in str(error):
                raise
            raise ValueError(
                "the networks cannot be stacked: a layer branches on values or draws random numbers. Train the seeds "
                f"in turn with gan_lab.train. (PyTorch: {str(error).splitlines()[0]})"
            ) from error
        return loss, seen

    def _compiled_step(self, player: str, real: Tensor, noise: Noise) -> tuple[Tensor, dict[str, Tensor]]:
        if player not in self._compiled:
            own = {k: v for k, v in self._parameters.items() if k.startswith(f"{player}.")}
            rest = {k: v for k, v in self._parameters.items() if k not in own} | self._buffers

            def losses(
                tensors: dict[str, Tensor], real: Tensor, z: Tensor, *more: Tensor | None
            ) -> tuple[Tensor, dict[str, Tensor]]:
                return self._losses(tensors, player, real, z, *more)

            self._compiled[player] = compile_step(own, rest, losses)
        loss, seen, gradients = self._compiled[player](real, noise)
        for parameter, gradient in zip(self._of[player], gradients, strict=True):
            parameter.grad = gradient
        return loss, seen

    def _project(self) -> None:
        # a projection such as clipping works number by number too: it may see all the seeds in one stand-in module
        if self.gan.penalties:
            holder = nn.Module()
            for i, parameter in enumerate(self._of["discriminator"]):
                holder.register_parameter(str(i), nn.Parameter(parameter.data, requires_grad=False))
            for penalty in self.gan.penalties:
                penalty.project(holder)

    def _measure(self) -> None:
        member = self.member(self.seeds[0])  # one copy for all seeds: copying costs more than most metrics
        for i, seed in enumerate(self.seeds):
            self._load(member.gan, i)
            member.seed = seed
            for name, metric in self.metrics.items():
                self._measured[name].append((seed, self.step, float(metric(member))))

    def _load(self, gan: GAN, i: int) -> None:
        gan.load_state_dict({k: v[i].detach() for k, v in {**self._parameters, **self._buffers}.items()})

    def member(self, seed: int) -> Member:
        """One seed as it is now: a copy of its GAN and the face of a run."""
        if seed not in self.seeds:
            raise ValueError(f"seed {seed} is not in this run: choose from {self.seeds}.")
        gan = copy.deepcopy(self.gan)
        self._load(gan, self.seeds.index(seed))
        return Member(gan, self.data, seed, self.step)

    @property
    def history(self) -> pd.DataFrame:
        """One row a seed and step: the columns of :attr:`gan_lab.Run.history`, and ``seed``."""
        seeds, steps = len(self.seeds), self.step
        table = pd.DataFrame({"seed": np.repeat(self.seeds, steps), "step": np.tile(np.arange(1, steps + 1), seeds)})
        for name in self._log.names:
            table[name] = self._log.column(name).T.double().cpu().numpy().reshape(-1)
        for name, rows in self._measured.items():
            measured = pd.DataFrame(rows, columns=["seed", "step", name])
            table = table.merge(measured, how="left", on=["seed", "step"])
        return table

    def summary(self, *names: str) -> pd.DataFrame:
        """Over the seeds: one row a step and column, with ``mean``, ``standard_error`` (s.d. / sqrt(S)) and ``seeds``.

        names: the columns wanted; all by default. Where a metric was not measured there is no row.
        """
        long = self.history.melt(["seed", "step"], list(map(self._column, names)) or None, "column").dropna()
        groups = long.groupby(["column", "step"], sort=False)["value"]
        table = groups.agg(mean="mean", standard_error="sem", seeds="size")
        return table.reset_index()

    def _column(self, name: str) -> str:
        known = [*self._log.names, *self._measured]
        if name not in known:
            raise unknown("column of the history", name, known)
        return name

    def last(self, name: str, steps: int = 1) -> Tensor:
        """A column's mean over its last ``steps`` recorded values, one number a seed (S,)."""
        table = self.history
        rows = table.dropna(subset=[self._column(name)]).groupby("seed", sort=False)[name]
        return torch.tensor([float(values.tail(steps).mean()) for _, values in rows])

    def __repr__(self) -> str:
        return f"Many({len(self.seeds)} seeds of {type(self.gan).__name__}, data={self.data!r}, step={self.step})"


def train_many(
    gan: GAN,
    data: Data,
    steps: int,
    *,
    seeds: Iterable[int] = range(8),
    batch: int = 64,
    metrics: Mapping[str, Metric] | None = None,
    every: int = 100,
    device: str | torch.device = "auto",
    progress: bool = False,
    compile: bool = False,
) -> Many:
    """Train ``gan`` from every seed at once: each seed as :func:`gan_lab.train` would train it, up to rounding.

    The seeds' networks are stacked and called together by ``vmap``, so that many small networks cost what one large
    one does. metrics: name -> function of one seed's run (``gan``, ``data``, ``step``, ``seed``, ``samples(n)``),
    evaluated every ``every`` steps into ``history``. progress: a progress bar. compile: the whole step of all seeds
    by ``torch.compile``; it takes some seconds once, and pays from some hundred steps of many seeds on.

    Raises ValueError for bad arguments, and where a network cannot be stacked: one that draws its own random numbers
    (dropout), or branches on the values it sees.
    """
    if not isinstance(gan, GAN):
        raise TypeError(f"train_many expects a gan_lab.GAN first, not {type(gan).__name__}.")
    for name, module in gan.named_modules():
        if isinstance(module, _DropoutNd) and module.p > 0:
            raise ValueError(
                f"{name} is a {type(module).__name__}: its random numbers would not be those of the single runs. "
                "Train the seeds in turn with gan_lab.train, or without dropout."
            )
    place = pick_device(device)
    run = Many(
        gan.to(place), data.to(place) if isinstance(data, Images) else data, seeds,
        batch=whole_number("batch", batch, 1),
        metrics=metrics or {},
        every=whole_number("every", every, 1),
        progress=progress,
        compile=compile,
    )  # fmt: skip
    return run.train(steps)
