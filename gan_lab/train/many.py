"""Many seeds of one GAN at once: one run proves nothing, and sixty-four cost little more than eight."""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.func import stack_module_state
from torch.nn.modules.dropout import _DropoutNd

from gan_lab import methods
from gan_lab._errors import unknown, whole_number
from gan_lab.data import as_data
from gan_lab.methods import Method
from gan_lab.random import TorchStreams
from gan_lab.schedules import Setting
from gan_lab.system import Data, Seen, System
from gan_lab.train.average import StackedAverages
from gan_lab.train.interrupt import Interrupt
from gan_lab.train.log import Log
from gan_lab.train.progress import progress_bar
from gan_lab.train.settings import (
    LOOKED_AT,
    Metric,
    check_ema,
    check_method,
    check_metrics,
    check_players,
    fit_method,
    pick_device,
)
from gan_lab.train.step import Moves

if TYPE_CHECKING:
    import pandas as pd


class SeedStreams:
    """The streams of several seeds side by side: of n numbers, the first n / S are those of the first seed, ..."""

    def __init__(self, seeds: Iterable[int], device: torch.device | str = "cpu") -> None:
        self.members = [TorchStreams(seed, device) for seed in seeds]
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

    def __init__(self, gan: System, data: Data, seed: int, step: int, averages: StackedAverages, place: int) -> None:
        self.gan, self.data, self.seed, self.step = gan, data, seed, step
        self._averages, self.place = averages, place

    def samples(self, n: int, seed: int = 0, **more: Any) -> Tensor:
        """n samples of this seed's system as it is now (of its moving average, where one is kept), on the CPU."""
        with self._averages.in_place(self.gan, self.place):
            return self.gan.sample_on(self.data, n, seed=seed, **more).cpu()


class Many:
    """What :func:`train_many` returns: S seeds trained side by side. See ``history``, ``summary`` and ``member``.

    diverged: seed -> the step at which something it saw first was NaN or infinite.
    """

    def __init__(
        self,
        gan: System,
        data: Data,
        seeds: list[int],
        *,
        batch: int,
        metrics: Mapping[str, Metric],
        every: int,
        progress: bool,
        compile: bool,
        method: Method,
        ema: Setting | None,
    ) -> None:
        self.gan, self.data, self.batch, self.metrics, self.every = copy.deepcopy(gan), data, batch, metrics, every
        self.seeds, self.progress, self.method = seeds, progress, method
        self.streams = SeedStreams(self.seeds, self.gan.parameter.device)
        copies = []
        for streams in self.streams.members:
            streams.initialise(self.gan)
            self.gan.begin()
            copies.append(copy.deepcopy(self.gan))
        self.gan.ready()
        parameters, buffers = stack_module_state(copies)
        self._tensors = {name: p.detach().requires_grad_() for name, p in parameters.items()} | buffers
        trained = {name: self._tensors[name] for name in parameters}
        self._moves = Moves(self.gan, trained, buffers, seeds=len(seeds), compile=compile)
        self.averages = StackedAverages(self.gan, trained, ema)
        self.step = 0
        self._log = Log(len(seeds))
        self._measured: defaultdict[str, list[tuple[int, int, float]]] = defaultdict(list)
        self.diverged: dict[int, int] = {}

    def train(self, steps: int) -> Many:
        """Go on for ``steps`` steps; Ctrl-C ends it after the step under way. Returns itself.

        It warns where the losses of some seeds are no longer finite: which, and from which step on.
        """
        steps, before = whole_number("steps", steps, 0), self.step
        bar = progress_bar(steps, self.progress, f"{len(self.seeds)} seeds")
        with bar, Interrupt() as interrupt:
            try:
                while self.step < before + steps and not interrupt.asked:
                    seen: Seen = {}
                    for player in self.method.play(self._moves, self.data, self.batch, self.streams, self.step, seen):
                        self.averages.follow(player, self.step)
                    self.step += 1
                    self._log.append(seen)
                    bar.update()
                    if self.metrics and self.step % self.every == 0:
                        self._measure()
            except KeyboardInterrupt:  # a metric, or a step, was interrupted
                interrupt.asked = True
        if interrupt.asked:
            print(f"stopped by hand after {self.step} steps; what is there is kept")
        self._say_who_diverged(before)
        return self

    def _say_who_diverged(self, before: int) -> None:
        for step, _, members in self._log.not_finite(before):
            for i in members:
                self.diverged.setdefault(self.seeds[i], step)
        if self.diverged:
            which = ", ".join(f"{seed} from step {step}" for seed, step in sorted(self.diverged.items()))
            warnings.warn(
                f"{len(self.diverged)} of {len(self.seeds)} seeds are no longer finite (seed {which}): lower the "
                "learning rate or restrain the discriminator. summary() says nothing of steps at which not all are.",
                stacklevel=4,
            )

    def _measure(self) -> None:
        member = self.member(self.seeds[0])  # one copy for all seeds: copying costs more than most metrics
        for i, seed in enumerate(self.seeds):
            self._load(member.gan, i)
            member.seed, member.place = seed, i
            for name, metric in self.metrics.items():
                self._measured[name].append((seed, self.step, float(metric(member))))

    def _load(self, gan: System, i: int) -> None:
        gan.load_state_dict({k: v[i].detach() for k, v in self._tensors.items()})

    def member(self, seed: int) -> Member:
        """One seed as it is now: a copy of its GAN and the face of a run."""
        if seed not in self.seeds:
            raise ValueError(f"seed {seed} is not in this run: choose from {self.seeds}.")
        gan, i = copy.deepcopy(self.gan), self.seeds.index(seed)
        self._load(gan, i)
        return Member(gan, self.data, seed, self.step, self.averages, i)

    @property
    def history(self) -> pd.DataFrame:
        """One row a seed and step: the columns of :attr:`gan_lab.Run.history`, and ``seed``."""
        import pandas as pd

        seeds, steps = len(self.seeds), self.step
        table = pd.DataFrame({"seed": np.repeat(self.seeds, steps), "step": np.tile(np.arange(1, steps + 1), seeds)})
        for name in self._log.names:
            table[name] = self._log.column(name).T.double().cpu().numpy().reshape(-1)
        for name, rows in self._measured.items():
            measured = pd.DataFrame(rows, columns=["seed", "step", name])
            table = table.merge(measured, how="left", on=["seed", "step"])
        return table

    def summary(self, *names: str, finite: bool = False) -> pd.DataFrame:
        """Over the seeds: one row a step and column, with ``mean``, ``standard_error`` (s.d. / sqrt(S)) and ``seeds``.

        names: the columns wanted; all by default. Where a metric was not measured there is no row. Where some seed is
        not finite, mean and error are NaN: an average over those that survived is not one over the seeds.
        ``finite=True`` asks for that average all the same; ``seeds`` then says how many it is over.
        """
        table = self.history
        wanted = list(map(self._column, names)) or [*self._log.names, *self._measured]
        long = table.melt(["seed", "step"], wanted, "column")
        long = long[self._was_seen(long)]
        ok = np.isfinite(long["value"])
        long = long[ok] if finite else long.assign(value=long["value"].where(ok))
        groups = long.groupby(["column", "step"], sort=False)["value"]
        found = groups.agg(
            mean=lambda v: v.mean(skipna=False), standard_error=lambda v: v.sem(skipna=False), seeds="size"
        )
        return found.reset_index()

    def _was_seen(self, long: pd.DataFrame) -> Any:
        """Which rows of the long history were logged or measured: NaN there is a fault, elsewhere it is nothing."""
        seen = {name: self._log.seen_at(name) for name in self._log.names}
        seen |= {name: {step for _, step, _ in rows} for name, rows in self._measured.items()}
        return [step in seen[column] for column, step in zip(long["column"], long["step"], strict=True)]

    def _column(self, name: str) -> str:
        known = [*self._log.names, *self._measured]
        if name not in known:
            raise unknown("column of the history", name, known)
        return name

    def last(self, name: str, steps: int = 1) -> Tensor:
        """A column's mean over its last ``steps`` recorded values, one a seed (S,); NaN for one that diverged."""
        table = self.history.rename(columns={self._column(name): "value"}).assign(column=name)
        rows = table[self._was_seen(table)].groupby("seed", sort=False)["value"]
        return torch.tensor([float(values.tail(steps).mean(skipna=False)) for _, values in rows])

    def __repr__(self) -> str:
        return f"Many({len(self.seeds)} seeds of {type(self.gan).__name__}, data={self.data!r}, step={self.step})"


def train_many(
    gan: System,
    data: Any,
    steps: int,
    *,
    seeds: Iterable[int] = range(8),
    batch: int = 64,
    metrics: Mapping[str, Metric] | None = None,
    every: int = 100,
    device: str | torch.device = "auto",
    progress: bool = False,
    compile: bool = False,
    method: Method | str | Mapping[str, Any] = "alternating",
    ema: Setting | None = None,
) -> Many:
    """Train ``gan`` from every seed at once: each seed as :func:`gan_lab.train` would train it, up to rounding.

    The seeds' networks are stacked and called together by ``vmap``, so that many small networks cost what one large
    one does; ``gan`` itself is not changed. metrics: name -> function of one seed's run (``gan``, ``data``, ``step``,
    ``seed``, ``samples(n)``), evaluated every ``every`` steps into ``history``. progress: a progress bar. compile: the
    whole step of all seeds by ``torch.compile``; it takes some seconds once, and pays from some hundred steps of many
    seeds on. method: how the players' moves go together; ema: decay of a moving average that then makes the samples:
    both as in :func:`gan_lab.train`.

    Raises ValueError or TypeError for bad arguments, and where a network cannot be stacked: one that draws its own
    random numbers (dropout), or branches on the values it sees. Warns, at the end, of seeds that are not finite.
    """
    system = check_players(gan, "train_many")
    if isinstance(seeds, int | np.integer) or not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is {seeds!r}: give several, such as range({seeds}).")
    chosen = [whole_number("a seed", seed, 0) for seed in seeds]
    if not chosen:
        raise ValueError("seeds is empty: give at least one, such as range(8).")
    if twice := sorted({seed for seed in chosen if chosen.count(seed) > 1}):
        raise ValueError(f"seeds has {twice[0]} twice: two runs of one seed are one run, and no error bar.")
    for name, module in system.named_modules():
        if isinstance(module, _DropoutNd) and module.p > 0:
            raise ValueError(
                f"{name} is a {type(module).__name__}: its random numbers would not be those of the single runs. "
                "Train the seeds in turn with gan_lab.train, or without dropout."
            )
    place, data = pick_device(device), as_data(data)
    here = data.to(place) if hasattr(data, "to") else data
    batch = whole_number("batch", batch, 1)
    system.to(place).check(here, min(batch, LOOKED_AT), TorchStreams(chosen[0], place))
    played = methods.from_spec(method)
    check_method(played, compile)
    fit_method(played, system, here, min(batch, LOOKED_AT), TorchStreams(chosen[0], place))
    run = Many(
        system, here, chosen, batch=batch, metrics=check_metrics(metrics),
        every=whole_number("every", every, 1), progress=progress, compile=compile,
        method=played, ema=check_ema(ema),
    )  # fmt: skip
    return run.train(steps)
