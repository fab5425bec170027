"""A recipe: everything from which a run is made, as data that can be stored, compared and sent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import torch

from gan_lab import data as datasets
from gan_lab import zoo
from gan_lab._errors import unknown, whole_number
from gan_lab.optim import OPTIMISERS, Optimiser
from gan_lab.random import stream_seed
from gan_lab.system import System
from gan_lab.train import train
from gan_lab.train.settings import PRECISIONS

if TYPE_CHECKING:
    from gan_lab.train import Run

Dataset = Any  # what a spec names: a gan_lab.data.Data


@dataclass(frozen=True)
class Recipe:
    """What a run is made of: the same recipe on the same machine gives the same numbers.

    system, options: a system of the zoo and the options of its builder (``{"outputs": 2}``; an optimiser as
    ``{"name": "adam", "lr": 1e-3}``). data: a spec as :func:`gan_lab.data.from_spec` takes it. steps, batch: at least
    1. precision: "float32" or "bf16". ema: the decay of the averaged generator, in [0, 1), or None. snapshots: how
    many times, evenly, the samples are looked at, besides step 0.

    Everything is checked when the recipe is made: a ValueError or TypeError says what is wrong, and lists the near
    names for one that is unknown.
    """

    system: str = "gan"
    options: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=lambda: {"name": "gaussian", "mean": 4.0, "std": 1.25})
    steps: int = 5_000
    batch: int = 64
    seed: int = 0
    precision: str = "float32"
    ema: float | None = None
    snapshots: int = 20

    def __post_init__(self) -> None:
        known = zoo.option_names(self.system)
        object.__setattr__(self, "options", _plain("options", self.options))
        object.__setattr__(self, "data", _plain("data", self.data))
        for option in self.options:
            if option not in known:
                raise unknown(f"option of {self.system}", option, known)
        _optimiser(self.options.get("optimiser"))
        for name, least in (("steps", 1), ("batch", 1), ("seed", 0), ("snapshots", 0)):
            whole_number(name, getattr(self, name), least)
        stream_seed(self.seed, "init")  # its own range
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        if self.ema is not None and not (_is_number(self.ema) and 0 <= self.ema < 1):
            raise ValueError(f"ema is {self.ema!r}: give a decay in [0, 1), such as 0.999, or None.")
        datasets.check_spec(self.data)

    # -- the run ----------------------------------------------------------------------------------------------

    def build(self) -> tuple[System, Dataset]:
        """The GAN, with weights that :meth:`train` replaces by those of the seed, and the data.

        Raises ValueError for an option that the system's builder refuses, FileNotFoundError for data that are not here.
        """
        options = {name: _optimiser(v) if name == "optimiser" else v for name, v in self.options.items()}
        try:
            # weights that nobody will see must not shift the numbers of whoever asked
            with torch.random.fork_rng(devices=[]):
                gan = zoo.build(self.system, **options)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.system} cannot be built with {self.options}: {error}") from error
        return gan, self.load_data()

    def load_data(self) -> Dataset:
        """The data alone."""
        return datasets.from_spec(self.data)

    def train(self, device: str | torch.device = "auto", *, steps: int | None = None, **more: Any) -> Run:
        """The run of this recipe, trained to its end (or for ``steps`` steps).

        ``more`` is handed to :func:`gan_lab.train`: metrics, callback, checkpoint, progress and the like.
        """
        gan, data = self.build()
        options = {"snapshots": self.snapshots, "recipe": self.to_json(), **more}
        return train(
            gan, data, self.steps if steps is None else steps, batch=self.batch, seed=self.seed, device=device,
            precision=self.precision, ema=self.ema, **options,
        )  # fmt: skip

    def settled(self) -> Recipe:
        """The recipe with what depends on this machine spelled out: which digits "auto" are, a folder's whole path."""
        return replace(self, data=datasets.settled(self.data))

    # -- as data ----------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """The recipe as a dict of plain JSON, every field in it."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any] | str | bytes) -> Recipe:
        """The recipe that :meth:`to_json` gave, as a dict or as text; fields that are left out have their defaults.

        Raises ValueError for text that is no JSON object and for a field that is unknown, naming the near ones.
        """
        if isinstance(given, str | bytes):
            try:
                given = json.loads(given)
            except ValueError as error:
                raise ValueError(f"the recipe is not JSON ({error}): give what Recipe.to_json wrote.") from error
        if not isinstance(given, Mapping):
            raise ValueError(f"a recipe is a JSON object such as {{'system': 'gan'}}, not {type(given).__name__}.")
        names = [f.name for f in fields(cls)]
        for name in given:
            if name not in names:
                raise unknown("field of a recipe", name, names)
        return cls(**given)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(name: str, value: object) -> dict[str, Any]:
    """A copy of the dict as JSON has it: tuples become lists. Raises TypeError or ValueError for what JSON lacks."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, not {value!r}.")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be plain JSON (numbers, text, lists, dicts): {error}.") from error
    return copy


def _optimiser(value: object) -> Optimiser | None:
    """The optimiser of a dict such as {"name": "adam", "lr": 1e-3}."""
    if value is None:
        return None
    if not isinstance(value, dict) or "lr" not in value:
        raise ValueError(f"the optimiser is {value!r}: give a dict such as {{'name': 'adam', 'lr': 0.001}}.")
    given = dict(value)
    name = given.pop("name", "adam")
    if name not in OPTIMISERS:
        raise unknown("optimiser", name, OPTIMISERS)
    if "betas" in given:
        given["betas"] = tuple(given["betas"])
    try:
        return OPTIMISERS[name](**given)
    except TypeError as error:
        raise ValueError(f"the optimiser {value} cannot be made: {error}.") from error
