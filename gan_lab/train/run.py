"""A run: a system at play, its randomness, and all that happened, ready to go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor, nn

from gan_lab._errors import whole_number
from gan_lab.random import PageStreams, StreamsError, TorchStreams
from gan_lab.system import Data, System
from gan_lab.train import keep, shard
from gan_lab.train.average import Averages
from gan_lab.train.log import Log
from gan_lab.train.loop import play
from gan_lab.train.settings import Settings
from gan_lab.train.step import Moves

if TYPE_CHECKING:
    import pandas as pd


def _figure(run: Run) -> Any:
    from gan_lab.plots import show_run  # matplotlib takes a second to import

    return show_run(run)


class Run:
    """What :func:`gan_lab.train` returns.

    ``gan`` is the system, trained in place; ``step`` counts steps; ``history`` is a table; ``snapshots`` holds (step,
    samples); ``ema`` is the moving average of the generator, where one is kept.

    A system is trained by one run at a time: one that begins later on the same object takes over, and the earlier run
    then says so instead of giving samples that are not its own.
    """

    viewer: ClassVar[Callable[[Run], Any]] = staticmethod(_figure)  # gan_lab puts the widgets here, a floor above

    def __init__(self, gan: System, data: Data, streams: TorchStreams | PageStreams, settings: Settings) -> None:
        self.gan, self.data, self.settings = gan, data, settings
        self.played = gan.identity()  # before layers are replaced by such as many processes share
        self.rank, processes = shard.world()
        self.batch, self.rows = settings.batch, settings.batch // processes
        if processes > 1:
            shard.share_batch_norm(gan)
            shard.same_everywhere(gan)
        self.averages = Averages(gan, settings.ema)
        if settings.fsdp:
            from gan_lab.train.split import split

            for names in self.split_of().values():
                for name in names:
                    split(getattr(gan, name))
                    if name in self.averages.networks:
                        split(self.averages.networks[name])
        self.streams = shard.share(streams)
        self.step = 0
        self.snapshots: list[tuple[int, Tensor]] = []
        self.moves = Moves(
            gan, dict(gan.named_parameters()), dict(gan.named_buffers()),
            precision=settings.precision, compile=settings.compile, split=settings.fsdp,
        )  # fmt: skip
        self.log = Log()
        self.measured: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self.cannot_go_on: StreamsError | None = None
        self._turn = gan.take_over()

    def split_of(self) -> dict[str, list[str]]:
        """The networks whose weights are split over processes under ``fsdp``, by the player who owns them."""
        owned = {p: [n for n in self.gan.averaged if n in names] for p, names in self.gan.players.items()}
        return {player: names for player, names in owned.items() if names}

    def _mine(self) -> None:
        if self._turn != self.gan.turn:
            raise RuntimeError(
                f"the networks of this run (step {self.step}) have since been trained by another: a system is trained "
                "by one run at a time. Build one for each run, or keep what you need before the next begins."
            )

    # -- going on ---------------------------------------------------------------------------------------------

    def train(self, steps: int) -> Run:
        """Go on for ``steps`` steps: equal to never having stopped. Returns the run itself.

        Ctrl-C ends it after the step under way. Raises :class:`NonFiniteLoss`, with the last good state restored; an
        error in a metric or a callback, or for want of memory, leaves the run whole and is raised with it as ``.run``.
        """
        steps = whole_number("steps", steps, 0)
        self._mine()
        if steps and self.cannot_go_on is not None:
            raise self.cannot_go_on
        play(self, steps)
        return self

    # -- what happened ----------------------------------------------------------------------------------------

    @property
    def history(self) -> pd.DataFrame:
        """One row a step: losses, D_real and D_fake (means of D(x) over the batch), gradient norms, penalties, metrics.

        Where k > 1 the discriminator's columns are those of its last move. What a step did not see or measure is NaN.
        """
        import pandas as pd

        table = pd.DataFrame({"step": self.log.steps()})
        for name in self.log.names:
            table[name] = self.log.column(name).double().cpu().numpy()
        for name, pairs in self.measured.items():
            table[name] = table["step"].map(dict(pairs)).astype(float)
        return table

    def latest(self, name: str) -> float | None:
        """The last recorded value of a column of :attr:`history`, without making the table; None before the first."""
        return float(self.log.column(name)[-1]) if name in self.log.names and self.log.length else None

    @property
    def ema(self) -> nn.Module | None:
        """The moving average of the first of the averaged networks, with running statistics of its own."""
        for average in self.averages.networks.values():
            with self.averages.in_place(self.step):
                return average
        return None

    def samples(self, n: int, seed: int = 0, **more: Any) -> Tensor:
        """n samples of the system as it is now (of its moving average, where one is kept), on the CPU.

        more: what the system's ``sample`` takes besides, such as ``label``.
        """
        self._mine()
        with self.averages.in_place(self.step):
            return self.gan.sample_on(self.data, n, seed=seed, **more).cpu()

    @property
    def target(self) -> Data:
        """The data that samples should be like: of labelled samples the samples, of two domains the second."""
        return self.gan.target(self.data)

    def show(self) -> Any:
        """The run as a widget that goes on training, in a notebook; a matplotlib figure where there is none."""
        self._mine()
        return type(self).viewer(self)

    # -- keeping it -------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that going on needs: weights and state, averages, optimisers, streams, step."""
        self._mine()
        return keep.state(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back (or forward) to a state that :meth:`state_dict` gave. The history goes back with it; where it does
        not reach as far as the state, it begins anew behind it.
        """
        keep.load(self, state)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint: all that going on needs, the history, the snapshots, the recipe and the versions.

        Of several processes the first writes; with split weights all must call it. Raises
        :class:`~gan_lab.CheckpointError` where it cannot be written; what was at ``path`` is then untouched.
        """
        self._mine()
        keep.save(self, path)

    def restore(self, path: str | Path) -> Run:
        """Go on from a checkpoint of the same run: bit for bit the unbroken one on a CPU. Returns the run itself.

        Raises :class:`~gan_lab.CheckpointError` for a file that cannot be read, or is of another run: the run then
        stays as it is. One begun on another kind of device can be looked at, not gone on with.
        """
        keep.restore(self, path)
        return self

    def __repr__(self) -> str:
        played = f"{type(self.gan).__name__}, {getattr(self.gan, 'loss', None)!r}, data={self.data!r}"
        return f"Run({played}, step={self.step}, seed={self.streams.seed})"
