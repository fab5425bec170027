"""A run as data: its state, its identity, and its checkpoint, whole even where its weights are split."""

from __future__ import annotations

import copy
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lab.methods import Alternating
from gan_lab.random import StreamsError
from gan_lab.train import checkpoint

if TYPE_CHECKING:
    from gan_lab.train.run import Run

# what a checkpoint of a run holds, and of which kind
WRITTEN = {
    "identity": dict, "gan": dict, "averages": dict, "optimisers": dict, "streams": dict, "step": int, "log": dict,
    "measured": dict, "snapshots": list,
}  # fmt: skip


def state(run: Run) -> dict[str, Any]:
    """All that going on needs: weights and state, averages, optimisers, streams, step."""
    return {
        "gan": run.gan.state_dict(),
        "averages": run.averages.state_dict(),
        "optimisers": {player: o.state_dict() for player, o in run.moves.optimisers.items()},
        "streams": run.streams.state_dict(),
        "step": run.step,
        "memory": dict(run.moves.memory),
    }


def load(run: Run, given: dict[str, Any]) -> None:
    """Put a run into a state that :func:`state` gave; its history, too, then ends at the step of that state.

    Where the random streams cannot be taken up here, the run can be looked at, but not gone on with.
    """
    run.moves.resume_at(given["step"])
    run.gan.load_state_dict(given["gan"])
    if run.averages.networks:
        run.averages.load_state_dict(given["averages"])
    for player, optimiser in run.moves.optimisers.items():
        optimiser.load_state_dict(copy.deepcopy(given["optimisers"][player]))
    run.moves.memory = {name: value.clone() for name, value in given.get("memory", {}).items()}
    try:
        run.streams.load_state_dict({name: place.cpu() for name, place in given["streams"].items()})
        run.cannot_go_on = None
    except StreamsError as error:
        run.cannot_go_on = error
    run.step = given["step"]
    run.log.go_to(run.step)
    for rows in run.measured.values():
        rows[:] = [row for row in rows if row[0] <= run.step]
    run.snapshots[:] = [(step, samples) for step, samples in run.snapshots if step <= run.step]


def identity(run: Run) -> dict[str, str]:
    """What must agree for a checkpoint to go on with the same numbers, by name."""
    trained = {name for own in run.moves.own.values() for name in own}
    frozen = ", ".join(name for name, _ in run.gan.named_parameters() if name not in trained)
    return {
        **run.played, "frozen": frozen,
        "data": repr(run.data), "batch": repr(run.batch), "seed": repr(run.streams.seed),
        "precision": run.settings.precision, "ema": repr(run.settings.ema),
        **({} if run.settings.method == Alternating() else {"method": repr(run.settings.method)}),
    }  # fmt: skip


def save(run: Run, path: str | Path) -> None:
    """Write a checkpoint: all that going on needs, the history, the snapshots, the recipe and the versions."""
    content = _whole(run) if run.settings.fsdp else state(run)
    if run.rank == 0:
        more = {
            "identity": identity(run), "recipe": run.settings.recipe, "log": run.log.state_dict(),
            "measured": dict(run.measured), "snapshots": run.snapshots,
        }  # fmt: skip
        checkpoint.write(path, content | more)


def restore(run: Run, path: str | Path) -> None:
    """Put a run where a checkpoint of the same run stands; one of another run leaves it as it is."""
    content = checkpoint.read(path, run.gan.parameter.device)
    for name, kind in WRITTEN.items():
        if not isinstance(content.get(name), kind):
            raise checkpoint.CheckpointError(f"{path} is no checkpoint of a run: it has no {name!r}.")
    there, here = content["identity"], identity(run)
    for name in {**here, **there}:
        if there.get(name) != here.get(name):
            raise checkpoint.CheckpointError(
                f"{path} is of another run: its {name} is {_short(there.get(name), here.get(name))}, here it is "
                f"{_short(here.get(name), there.get(name))}. Build the run as it was begun, or begin a new one at "
                "another path."
            )
    if run.settings.fsdp:
        _load_whole(run, content)
    else:
        _check(run, content)
        load(run, content)
    run.log.load_state_dict(content["log"], run.gan.parameter)
    run.measured = defaultdict(list, {name: list(rows) for name, rows in content["measured"].items()})
    run.snapshots = list(content["snapshots"])


def _check(run: Run, content: dict[str, Any]) -> None:
    """Raise :class:`CheckpointError` before anything is loaded that does not fit: on some PyTorch would crash."""
    checkpoint.check_state(content["gan"], run.gan.state_dict(), "the networks")
    checkpoint.check_state(content["averages"], run.averages.state_dict(), "the averages")
    expected = run.settings.method.kept(run.moves, content["step"])
    checkpoint.check_state(content.get("memory", {}), expected, f"what {run.settings.method} keeps")
    for player, optimiser in run.moves.optimisers.items():
        checkpoint.check_optimiser(content["optimisers"].get(player), optimiser, f"the optimiser of the {player}")


def _short(value: str | None, other: str | None, most: int = 160) -> str:
    """A setting in words: where it is long, from where it differs from the other."""
    if value is None:
        return "missing"
    text, against = " ".join(value.split()), " ".join((other or "").split())
    if len(text) <= most:
        return text
    first = next((i for i, (a, b) in enumerate(zip(text, against, strict=False)) if a != b), 0)
    begin = max(0, first - 40)
    return ("... " if begin else "") + text[begin : begin + most] + (" ..." if begin + most < len(text) else "")


# -- weights that are split over processes -----------------------------------------------------------------------------


def _whole(run: Run) -> dict[str, Any]:
    """:func:`state` with split weights put together, as a run without splitting has it."""
    from gan_lab.train.split import whole_state

    content = state(run)
    for player, names in run.split_of().items():
        for name in names:
            network, optimiser = whole_state(getattr(run.gan, name), run.moves.optimisers[player])
            others = {key: value for key, value in content["gan"].items() if not key.startswith(f"{name}.")}
            content["gan"] = {f"{name}.{key}": value for key, value in network.items()} | others
            content["optimisers"][player] = optimiser
            if name in run.averages.networks:
                content["averages"][name], _ = whole_state(run.averages.networks[name], None)
    return content


def _load_whole(run: Run, content: dict[str, Any]) -> None:
    from gan_lab.train.split import load_whole_state

    for player, names in run.split_of().items():
        for name in names:
            network = {k.removeprefix(f"{name}."): v for k, v in content["gan"].items() if k.startswith(f"{name}.")}
            optimiser = run.moves.optimisers[player]
            load_whole_state(getattr(run.gan, name), optimiser, (network, content["optimisers"][player]))
            if name in run.averages.networks:
                load_whole_state(run.averages.networks[name], None, (content["averages"][name], {}))
    mine = state(run)
    split = [name for names in run.split_of().values() for name in names]
    others = {k: v for k, v in content["gan"].items() if k.partition(".")[0] not in split}
    whole = content | {"gan": mine["gan"] | others, "averages": mine["averages"]}
    whole["optimisers"] = content["optimisers"] | {p: mine["optimisers"][p] for p in run.split_of()}
    load(run, whole)
