"""What happens beside the loop: looking, measuring, saving, and losing nothing where something goes wrong."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from gan_lab.train import checkpoint
from gan_lab.train.interrupt import Interrupt
from gan_lab.train.progress import progress_bar
from gan_lab.train.shard import any_process, world

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.train.run import Run

# losses are looked at for NaN this often, and the good state kept: looking waits for the device
CHECK_EVERY = 50
# several processes ask each other this often whether one was told to end: an answer, too, waits for the device
AGREE_EVERY = 10
FIXED = 64  # samples in a snapshot


class NonFiniteLoss(RuntimeError):
    """A loss became NaN or infinite. ``run`` is back at its last good state; ``history`` goes on to the bad step."""

    def __init__(self, message: str, run: Run, history: pd.DataFrame) -> None:
        super().__init__(message)
        self.run, self.history = run, history


class Watch:
    """Looks after a run from its present step to ``end``.

    Ctrl-C, or a signal that asks the process to end, lets the step under way finish; where several processes share a
    run, the signal of one ends all of them after the same step. Whatever else ends the loop - a
    second Ctrl-C, an error in a metric, no memory left - the run is left at a whole and finite step, saved where it has
    a checkpoint, and errors carry it as ``.run``.
    """

    def __init__(self, run: Run, end: int) -> None:
        self.run, self.begun, self.end = run, run.step, end
        self._interrupt = Interrupt()
        self._torn = self._agreed = False
        self._agreed_at = -1
        keep = run.settings.snapshots
        due = {run.step + round(i * (end - run.step) / keep) for i in range(1, keep + 1)} if keep else set()
        self._due = due | {run.step} if keep and not run.snapshots else due
        hidden = not run.settings.progress or run.rank > 0
        self._bar = progress_bar(end - run.step, not hidden)

    @property
    def asked(self) -> bool:
        """Whether an end was asked for, of this process or of one it shares the run with."""
        if world()[1] == 1:
            return self._interrupt.asked
        if self.run.step % AGREE_EVERY == 0 and self.run.step != self._agreed_at:
            self._agreed_at = self.run.step
            self._agreed = any_process(self._interrupt.asked, self.run.gan.parameter.device)
        return self._agreed

    def __enter__(self) -> Watch:
        self.run.gan.ready()
        self._good = copy.deepcopy(self.run.state_dict())
        self._interrupt.__enter__()
        try:
            self._see()
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """Around all moves of a step: what breaks off in between leaves a torn one."""
        self._torn = True
        yield
        self._torn = False

    def look(self) -> None:
        """After a step: is all finite, is anything to be seen, measured or saved?"""
        run = self.run
        every = run.settings.save_every
        save = run.settings.checkpoint is not None and (run.step % every == 0 or run.step == self.end)
        if run.step % CHECK_EVERY == 0 or save or run.step == self.end:
            self._check_finite()
            self._bar.update(run.step - self.begun - self._bar.n)
        self._see()
        if save:
            self._save()

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        self._interrupt.__exit__()
        self.run.moves.thaw()
        try:
            return self._leave(error)
        finally:
            self._bar.close()  # last: the terminal may be gone, and what is good is saved before that is noticed

    def _leave(self, error: BaseException | None) -> bool:
        stopped = isinstance(error, KeyboardInterrupt) or (error is None and self.asked)
        if isinstance(error, NonFiniteLoss) or not (stopped or error):
            return False
        if self._torn:
            self._go_back()
        else:
            self._check_finite()
        run, saved = self.run, self.run.settings.checkpoint is not None
        if saved:
            self._save()
        if stopped:
            print(f"stopped by hand after {run.step} steps; the run so far is kept")
            return True
        if isinstance(error, Exception):
            error.run = run  # type: ignore[attr-defined]
            where = f", and saved at {run.settings.checkpoint}" if saved else ""
            error.add_note(f"The run is whole at step {run.step}: it is the error's .run{where}.")
        return False

    # -- looking -----------------------------------------------------------------------------------------------

    def _see(self) -> None:
        run = self.run
        if run.step in self._due:
            # one fixed noise, of a generator of its own: looking must not shift what is learned
            run.snapshots.append((run.step, run.samples(FIXED, seed=run.streams.seed)))
            self._due.discard(run.step)
        # split weights are gathered by all processes together, so that all of them must look
        looks = run.rank == 0 or run.settings.fsdp
        if run.step and run.step % run.settings.every == 0 and looks:
            for name, metric in run.settings.metrics.items():
                if name in run.log.names:
                    raise ValueError(f"a metric is called {name!r}, as a column of the history is: rename it.")
                if run.measured[name] and run.measured[name][-1][0] == run.step:
                    run.measured[name].pop()  # a run that goes on looks where it stands once more
                run.measured[name].append((run.step, float(metric(run))))
            if run.settings.callback is not None:
                run.settings.callback(run)

    def _check_finite(self) -> None:
        good, bad = self._good["step"], self.run.log.not_finite(self._good["step"])
        if not bad:
            if self.run.step != self.end:  # who goes on from the end keeps a state then
                self._good = copy.deepcopy(self.run.state_dict())
            return
        step, column, _ = bad[0]
        history = self.run.history
        self._go_back()
        raise NonFiniteLoss(
            f"{column} is not finite from step {step} on: lower the learning rate or restrain the discriminator. The "
            f"error's .run is back at step {good}, where all was well; its .history goes on to the bad step.",
            self.run,
            history,
        )

    def _go_back(self) -> None:
        self._torn = False
        self.run.load_state_dict(self._good)

    def _save(self) -> None:
        path = self.run.settings.checkpoint
        assert path is not None
        try:
            self.run.save(path)
        except checkpoint.CheckpointError as error:  # a full disk costs the checkpoint, not the run
            warnings.warn(str(error), stacklevel=4)
