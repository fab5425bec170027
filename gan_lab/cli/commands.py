"""The commands as dataclasses: their fields are the flags, their docstrings the help.

Nothing here imports PyTorch before a command runs: the help and the list are there at once, and `doctor` where PyTorch
is not. Only
`train` and `record` have flags that take it to know, those of the systems (:mod:`gan_lab.cli.systems`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Union

import tyro
from tyro.conf import Positional, arg, subcommand

from gan_lab.cli.arguments import Device, Json, RunFolder
from gan_lab.cli.processes import rank, tell
from gan_lab.cli.tables import table

if TYPE_CHECKING:
    from gan_lab.cli.scores import Estimate, Score


class Command(Protocol):
    def run(self) -> int: ...


@dataclass(frozen=True)
class List:
    """The systems of the zoo: name, title, paper, chapter."""

    json: Json = False

    def run(self) -> int:
        from gan_lab.cli.catalogue import lines

        systems = lines()
        if self.json:
            print(json.dumps([asdict(line) for line in systems], indent=1))
        else:
            rows = [(line.name, line.title, line.paper, line.chapter) for line in systems]
            print(table(("name", "title", "paper", "chapter"), rows))
        return 0


@dataclass(frozen=True)
class Resume:
    """Go on with a run that was stopped, or further with one that was not: equal to never having stopped."""

    folder: Positional[RunFolder]
    steps: Annotated[
        int | None,
        arg(metavar="INT", help="Go on up to so many steps in all.", help_behavior_hint="(default: the recipe's)"),
    ] = None
    device: Annotated[
        str | None,
        arg(metavar="DEVICE", help="On another device.", help_behavior_hint="(default: as it was begun)"),
    ] = None
    compile: Annotated[
        bool | None,
        arg(metavar="{True,False}", help="Compile the step.", help_behavior_hint="(default: as it was begun)"),
    ] = None

    def run(self) -> int:
        from gan_lab.cli import training
        from gan_lab.cli.folder import Folder

        given = {"device": self.device, "compile": self.compile}
        return training.resume(Folder(self.folder), self.steps, {k: v for k, v in given.items() if v is not None})


@dataclass(frozen=True)
class Sample:
    """Generate samples with a trained run: a picture, or the numbers."""

    folder: Positional[RunFolder]
    out: Annotated[Path, arg(metavar="FILE", help="Ends in .webp or .png (a picture), .npz or .csv (the numbers).")] = (
        Path("samples.webp")
    )
    n: Annotated[
        int | None,
        arg(
            metavar="INT", help="How many samples.",
            help_behavior_hint="(default: what a picture takes; 1000 in a table)",
        ),
    ] = None  # fmt: skip
    seed: Annotated[int, arg(help="Of the noise.")] = 0
    label: Annotated[
        int | None,
        arg(metavar="INT", help="Of a system with conditions.", help_behavior_hint="(default: all labels in turn)"),
    ] = None
    device: Device = "auto"

    def run(self) -> int:
        from gan_lab.cli import training
        from gan_lab.cli.folder import load
        from gan_lab.cli.pictures import write_samples

        if self.n is not None and self.n < 1:
            raise ValueError(f"--n is {self.n}: it must be at least 1.")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"--seed is {self.seed}: it must be a whole number from 0 to 2^32 - 1.")
        training.check_device(self.device)
        _, run = load(self.folder, self.device)
        data: Any = run.target
        more = {} if self.label is None else {"label": self.label}
        n = write_samples(self.out, self.n, lambda n: run.samples(n, seed=self.seed, **more), data)
        tell(f"{n:,} samples of step {run.step:,} -> {self.out}")
        return 0


@dataclass(frozen=True)
class Evaluate:
    """Score a trained run by every metric that fits its data, beside the floor: what other real data score."""

    folder: Positional[RunFolder]
    n: Annotated[int, arg(help="Samples per draw, as many real ones.")] = 2_000
    draws: Annotated[int, arg(help="Independent draws of samples; the standard error is over them.")] = 5
    json: Json = False
    device: Device = "auto"

    def run(self) -> int:
        from gan_lab.cli import training
        from gan_lab.cli.folder import load
        from gan_lab.cli.scores import evaluate

        training.check_device(self.device)
        made, run = load(self.folder, self.device)
        rows = evaluate(run, self.n, self.draws)
        if self.json:
            metrics = [
                {"name": s.name, "better": s.better, "generated": g.to_json(), "real": r.to_json()} for s, g, r in rows
            ]
            about = {"folder": str(self.folder), "recipe": made.to_json(), "step": run.step}
            print(json.dumps(about | {"n": self.n, "draws": self.draws, "metrics": metrics}, indent=1))
            return 0
        draws = f"{self.draws} draws" if self.draws > 1 else "one draw"
        print(f"{made.system} on {run.data!r}, step {run.step:,}: {draws} of {self.n:,} samples\n")
        print(table(("metric", "better", "generated", "real data (floor)"), [_row(*row) for row in rows]))
        if self.draws > 1:
            print(f"\n± one standard error over the {draws} from this one generator; other training seeds differ more.")
        return 0


def _row(score: Score, generated: Estimate, real: Estimate) -> tuple[str, ...]:
    def words(estimate: Estimate) -> str:
        error = "" if estimate.standard_error is None else f" ± {estimate.standard_error:.2g}"
        return f"{estimate.mean:.4g}{error}"

    return score.words, score.better, words(generated), words(real)


@dataclass(frozen=True)
class Doctor:
    """What this machine can do, and what is missing. Exit code 1 only where something required is broken."""

    json: Json = False

    def run(self) -> int:
        from gan_lab.cli import doctor

        return doctor.report(as_json=self.json)


# -- reading the command line -----------------------------------------------------------------------------------------


@functools.cache
def _commands(with_systems: bool) -> Any:
    """All commands as one type, which tyro reads; it grows with the zoo where the systems are asked for."""
    of_train: list[tuple[str, Any]] = []
    of_record: list[tuple[str, Any]] = []
    if with_systems:
        from gan_lab.cli import systems

        of_train.append(("of", systems.choices(systems.train, systems.KEPT)))
        of_record.append(("of", systems.choices(systems.record, systems.SHOWN)))
    train = make_dataclass("Train", of_train, namespace={"run": _inner})
    train.__doc__ = (
        "Train a system of the zoo: `gan-lab train SYSTEM --data NAME --out FOLDER`.\n\n"
        "What can be set, and what it means: `gan-lab train SYSTEM --help`. "
        "The folder gets a checkpoint (run.gan), recipe.json, history.csv and samples.webp. Ctrl-C saves and stops; "
        "`gan-lab resume FOLDER` goes on. On several processes: `torchrun --nproc-per-node N -m gan_lab train ...`; "
        "where one dies, all begin again from the checkpoint (torchrun --max-restarts)."
    )
    record = make_dataclass("Record", of_record, namespace={"run": _inner})
    record.__doc__ = (
        "Train a system and keep the run small, for a page to replay: samples over time, losses, and how it was made. "
        "Needs nothing but the recipe: `gan-lab record SYSTEM --data NAME --out FOLDER`."
    )
    from gan_lab.cli import classes

    of_class = make_dataclass("Class", [("of", classes.COMMANDS)], namespace={"run": _inner})
    of_class.__doc__ = (
        "For teachers: `class assign 2.1 4.3 --out hw1.ipynb` makes an assignment, `class collect FOLDER` puts the "
        "answers of what was handed in into a table, `class grade FOLDER` grades it, each notebook in a process of its "
        "own."
    )
    named = {
        "list": List, "train": train, "resume": Resume, "sample": Sample, "evaluate": Evaluate, "record": record,
        "doctor": Doctor, "class": of_class,
    }  # fmt: skip
    return Union[tuple(Annotated[kind, subcommand(name)] for name, kind in named.items())]  # noqa: UP007


def _inner(self: Any) -> int:
    code: int = self.of.run()
    return code


NAMES = ("list", "train", "resume", "sample", "evaluate", "record", "doctor", "class")
ABOUT = """Train, sample and score the GANs of The Adversarial Game.

A first run: gan-lab train r1_gan --data ring --out runs/ring; how good it is: gan-lab evaluate runs/ring; what
can be set: gan-lab train r1_gan --help

Exit codes: 0 all is well, 1 the run or the machine failed, 2 the command line asks for what cannot be, 130 stopped by
Ctrl-C, 143 and 129 by SIGTERM and SIGHUP, after saving. --traceback shows where an error came from; --version says
what is installed."""


def parse(words: Sequence[str]) -> Command:
    """The command that the words describe.

    Raises ValueError, with the near names, for a command or a system that is not there, SystemExit where tyro has
    printed help (code 0) or an error (code 2).
    """
    words = list(words) or ["--help"]
    if not words[0].startswith("-") and words[0] not in NAMES:
        from gan_lab._errors import unknown

        raise unknown("command", words[0], NAMES)
    with_systems = words[0] in ("train", "record")
    if with_systems and len(words) > 1 and not words[1].startswith("-"):
        from gan_lab import zoo
        from gan_lab._errors import unknown

        known = [*zoo.names(), "recipe"]
        words[1] = words[1].replace("-", "_")
        if words[1] not in known:
            raise unknown("system", words[1], known)
    command: Command = tyro.cli(
        _commands(with_systems),
        prog="gan-lab",
        description=ABOUT,
        args=words,
        config=(tyro.conf.OmitArgPrefixes, tyro.conf.OmitSubcommandPrefixes, tyro.conf.FlagCreatePairsOff),
        console_outputs=rank() == 0,
    )
    return command
