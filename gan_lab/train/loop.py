"""The loop of Goodfellow et al. 2014, Algorithm 1: in every step each player in turn, or as the method has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_lab.system import Seen
from gan_lab.train.watch import Watch

if TYPE_CHECKING:
    from gan_lab.train.run import Run


def play(run: Run, steps: int) -> None:
    """Go on with a run for ``steps`` steps, or until it is interrupted."""
    end = run.step + steps
    with Watch(run, end) as watch:
        while run.step < end and not watch.asked:
            seen: Seen = {}
            with watch.one_step():
                for player in run.settings.method.play(run.moves, run.data, run.rows, run.streams, run.step, seen):
                    run.averages.follow(player, run.step)
                run.step += 1
                run.log.append(seen)
            watch.look()
