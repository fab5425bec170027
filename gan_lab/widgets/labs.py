"""Laboratories of whole runs: side by side, from many seeds, and to be diagnosed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gan_lab import optim
from gan_lab._errors import unknown, whole_number
from gan_lab.data import Distribution, from_spec
from gan_lab.gan import GAN, PLAYERS
from gan_lab.losses import LOSSES
from gan_lab.nets import MLP
from gan_lab.optim import OPTIMISERS
from gan_lab.penalties import PENALTIES
from gan_lab.widgets.element import Element
from gan_lab.widgets.spec import plane, spec

# games, illnesses and their treatments, and what runs may differ in: the page reads the same file
LESSONS: dict[str, Any] = json.loads((Path(__file__).parent / "lessons.json").read_text(encoding="utf8"))
LOOKS = {"runs": "D", "difference": "minus", "displacement": "move"}
MOST_RUNS, MOST_SEEDS, MOST_STEPS, MOST_SEED = 6, 24, 20_000, 4_000_000


def compare(
    vary: str | None = None,
    values: Sequence[str | float] | None = None,
    *,
    gan: GAN | None = None,
    target: Distribution | None = None,
    preset: str | None = None,
    seed: int = 0,
    batch: int = 128,
    steps: int | None = None,
    at: int = 0,
    look: str = "runs",
) -> Element:
    """Two to six runs of one game that differ in one thing only, from the same seed and in lockstep, in the page.

    vary: what they differ in, one of ``LESSONS["axes"]``: "loss", "penalty", "optimiser", "lr", "lrG", "lrD", "k",
    "batch", "noise", "unitsG", "unitsD"; values: of that thing, one a run, such as ``["none", "r1_1"]``; gan, target:
    what they all play (by default a ring of eight and two networks of 2 x 32 units). preset: an example instead, one of
    ``LESSONS["pairs"]``. steps: where Play stops first; at: where the runs stand when the page opens; look: "runs",
    "difference" (of each discriminator from the first) or "displacement" (where the same noise goes). Raises ValueError
    for anything that the page does not have, and lists the near names.
    """
    if look not in LOOKS:
        raise unknown("look", look, LOOKS)
    options = _shared(gan, target, preset, seed, batch, steps, at)
    _vary(options, vary, values)
    if values is not None and not 2 <= len(values) <= MOST_RUNS:
        raise ValueError(f"values holds {len(values)}: give one for each of two to {MOST_RUNS} runs.")
    if look != "runs":
        options["look"] = LOOKS[look]
    return Element("compare", options)


def seeds(
    n: int = 12,
    *,
    gan: GAN | None = None,
    target: Distribution | None = None,
    preset: str | None = None,
    vary: str | None = None,
    value: str | float | None = None,
    first: int = 0,
    batch: int = 128,
    steps: int | None = None,
    at: int = 0,
) -> Element:
    """One game from ``n`` seeds, small multiples and the distribution of their scores, trained in the page.

    n: 8, 12, 16 or 24; first: the first seed; preset, vary and value: as in :func:`compare`, for a single game.
    """
    if n not in (8, 12, 16, MOST_SEEDS):
        raise ValueError(f"n is {n!r}: take 8, 12, 16 or {MOST_SEEDS} seeds.")
    options = _shared(gan, target, preset, first, batch, steps, at)
    if value is not None and vary is None:
        raise ValueError(f"value is {value!r}: say with vary what that is the value of, such as vary='loss'.")
    _vary(options, vary, None if value is None else [value])
    return Element("compare", {**options, "mode": "seeds", "n": n}, words="One game from many seeds.")


def diagnose(seed: int = 0, *, case: int = 1) -> Element:
    """Sick runs, trained live: the reader names the illness, chooses a treatment, and sees both runs side by side.

    seed: shuffles the cases, and is the seed of their games; case: which comes first, 1 to 7.
    """
    cases = len(LESSONS["games"])
    if not 1 <= whole_number("case", case, 1) <= cases:
        raise ValueError(f"case is {case}: there are {cases}.")
    return Element("diagnose", {"seed": _seed("seed", seed), "at": case - 1})


class Lesson(NamedTuple):
    """A game of the page for PyTorch: ``gan_lab.train_many(x.gan, x.target, x.steps, batch=x.batch)``."""

    gan: GAN
    target: Distribution
    steps: int
    batch: int
    spec: dict[str, Any]


def lesson(name: str, treatment: str | None = None) -> Lesson:
    """The game that the page calls ``name``, such as "chase", and with a treatment of it, such as "beta0".

    Names: ``LESSONS["games"]`` and, for each, ``LESSONS["cures"][name]``. Raises ValueError for others.
    """
    if name not in LESSONS["games"]:
        raise unknown("game", name, LESSONS["games"])
    game = LESSONS["games"][name]
    made = merge(LESSONS["base"], game["spec"])
    if treatment is not None:
        if treatment not in LESSONS["cures"][name]:
            raise unknown(f"treatment of {name}", treatment, LESSONS["cures"][name])
        made = merge(made, LESSONS["cures"][name][treatment])
    return Lesson(gan_of(made), from_spec(made["target"]), game["steps"], made["batch"], made)


def gan_of(spec: Mapping[str, Any]) -> GAN:
    """The GAN that the JSON of the page's engine describes; the inverse of :func:`gan_lab.widgets.spec`."""
    sizes = {p: spec[p]["sizes"] for p in PLAYERS}
    nets = {p: MLP(n[0], n[-1], hidden=n[1:-1], activation=spec[p]["activation"]) for p, n in sizes.items()}
    penalties: Mapping[str, Any] = PENALTIES
    return GAN(
        nets["generator"],
        nets["discriminator"],
        loss=LOSSES[spec["loss"]](),
        penalties=[penalties[p["name"]](p["weight"]) for p in spec["penalties"]],
        prior=from_spec(spec["prior"]),
        optimisers={p: _optimiser(spec["optimisers"][p]) for p in PLAYERS},
        k=spec.get("k", 1),
        k_g=spec.get("k_g", 1),
        instance_noise=spec.get("instance_noise", 0.0),
    )


def _optimiser(recipe: Mapping[str, Any]) -> Any:
    # the page's has settings of every kind of optimiser in it
    takes = {"name", *OPTIMISERS[recipe["name"]].__dataclass_fields__}
    return optim.from_spec({name: value for name, value in recipe.items() if name in takes})


def merge(base: Any, over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` laid over ``base``, as the page does it: laws and lists travel whole."""
    out = dict(base)
    for key, value in over.items():
        deep = isinstance(value, Mapping) and isinstance(out.get(key), Mapping) and key not in ("target", "prior")
        out[key] = merge(out[key], value) if deep else value
    return out


def _seed(name: str, seed: int) -> int:
    if whole_number(name, seed, 0) > MOST_SEED:
        raise ValueError(f"{name} is {seed}: it must be at most {MOST_SEED}.")
    return seed


def _shared(
    gan: GAN | None, target: Distribution | None, preset: str | None, seed: int, batch: int, steps: int | None, at: int
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if preset is not None:
        if preset not in LESSONS["pairs"]:
            raise unknown("preset", preset, LESSONS["pairs"])
        if gan is not None or target is not None:
            raise ValueError("a preset brings its own game: pass a preset, or a GAN and its target.")
        options = {"preset": preset, "spec": {"seed": _seed("seed", seed)}}
    elif gan is not None:
        if target is None:
            raise ValueError("a GAN needs something to learn: pass target, such as data.ring().")
        plane(target)
        options["spec"] = spec(gan, target, batch=batch, seed=_seed("seed", seed))
    else:
        options["spec"] = {"seed": _seed("seed", seed), "batch": whole_number("batch", batch, 1)}
        if target is not None:
            options["spec"]["target"] = plane(target)
    if steps is not None:
        options["steps"] = _steps("steps", steps, 10)
    if at:
        options["at"] = _steps("at", at, 0)
    return options


def _steps(name: str, steps: int, least: int) -> int:
    if whole_number(name, steps, least) > MOST_STEPS:
        raise ValueError(f"{name} is {steps}: at most {MOST_STEPS}, or a reader waits for minutes.")
    return steps


def _vary(options: dict[str, Any], vary: str | None, values: Sequence[str | float] | None) -> None:
    """Adds what runs differ in, by the keys that the page knows: 0.001 and "0.001" are the same."""
    axes = LESSONS["axes"]
    if vary is None:
        if values is not None:
            raise ValueError("values were given: say with vary what they are values of, such as vary='loss'.")
        return
    if vary not in axes:
        raise unknown("thing to vary", vary, axes)
    options["axis"] = vary
    if values is not None:
        if isinstance(values, str):
            raise TypeError(f"values is the text {values!r}: give a list, such as [{values!r}].")
        keys = [v if isinstance(v, str) else f"{v:.8f}".rstrip("0").rstrip(".") for v in values]
        for key in keys:
            if key not in axes[vary]:
                raise unknown(f"value of {vary}", key, axes[vary])
        options["runs"] = ",".join(keys)
