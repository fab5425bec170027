"""A recipe: everything from which a run is made, as data that can be stored, compared and sent."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import torch

from gan_lab import data as datasets
from gan_lab import methods, optim, zoo
from gan_lab._asked import affordable, check_type, leaves, parse_json
from gan_lab._errors import unknown, whole_number
from gan_lab.random import stream_seed
from gan_lab.system import System
from gan_lab.train import train
from gan_lab.train.settings import PRECISIONS

if TYPE_CHECKING:
    from gan_lab.train import Run

Dataset = Any  # what a spec names: a gan_lab.data.Data
# of a setting that is a whole number: a size that is a slip, or meant to harm. What memory a recipe takes in all is
# seen where it is built
LARGEST = 10_000_000
MOST_NUMBERS = 100_000  # in the options, and in the data
ROW = 8_000  # bytes that each mode of some data takes where 1,000 samples are looked at
COPIES = 5  # of the weights: themselves, their gradients, two moments, an average


@dataclass(frozen=True)
class Recipe:
    """What a run is made of: the same recipe on the same machine gives the same numbers.

    system, options: a system of the zoo and the options of its builder (``{"outputs": 2}``; an optimiser as
    ``{"name": "adam", "lr": 1e-3}``, or one such for each player). data: a spec as :func:`gan_lab.data.from_spec` takes
    it. steps, batch: at least 1. precision: "float32" or "bf16". ema: the decay of the averaged generator, in [0, 1),
    or None. snapshots: how many times, evenly, the samples are looked at, besides step 0. method: how the players'
    moves go together, as :func:`gan_lab.methods.from_spec` takes it.

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
    method: dict[str, Any] = field(default_factory=lambda: {"name": "alternating"})

    def __post_init__(self) -> None:
        known = zoo.option_names(self.system)
        object.__setattr__(self, "options", _plain("options", self.options))
        object.__setattr__(self, "data", _plain("data", self.data))
        for option in self.options:
            if option not in known:
                raise unknown(f"option of {self.system}", option, known)
        _check_options(self.system, self.options)
        for name, least in (("steps", 1), ("batch", 1), ("seed", 0), ("snapshots", 0)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least))
        stream_seed(self.seed, "init")  # its own range
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        if self.ema is not None and not (_is_number(self.ema) and 0 <= self.ema < 1):
            raise ValueError(f"ema is {self.ema!r}: give a decay in [0, 1), such as 0.999, or None.")
        if self.ema is not None:
            object.__setattr__(self, "ema", float(self.ema))
        object.__setattr__(self, "method", methods.from_spec(_plain("method", self.method)).spec())
        check_sizes("data", self.data)
        datasets.check_spec(self.data)

    # -- the run ----------------------------------------------------------------------------------------------

    def build(self) -> tuple[System, Dataset]:
        """The GAN, with weights that :meth:`train` replaces by those of the seed, and the data.

        Raises ValueError for an option that the system's builder refuses and for networks that take more memory than
        :func:`gan_lab._asked.affordable` allows, before there are any; FileNotFoundError for data that are not here.
        """
        with suppress(RuntimeError), torch.device("meta"):  # shapes without numbers, as far as a builder can do without
            weights = sum(t.numel() * t.element_size() for t in self._system().state_dict().values())
            affordable(f"{self.system} with {_short(self.options)}", COPIES * weights)
        gan, data = self._system(), self.load_data()
        affordable(f"a batch of {self.batch:,}", 4 * self.batch * data.dim)
        return gan, data

    def _system(self) -> System:
        options = dict(self.options)
        if "optimiser" in options:
            options["optimiser"] = _optimiser(self.system, options["optimiser"])
        try:
            # weights that nobody will see must not shift the numbers of whoever asked
            with torch.random.fork_rng(devices=[]):
                return zoo.build(self.system, **options)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.system} cannot be built with {_short(self.options)}: {error}") from error

    def load_data(self) -> Dataset:
        """The data alone, read once."""
        if (loaded := self.__dict__.get("_data")) is None:
            object.__setattr__(self, "_data", loaded := datasets.from_spec(self.data))
        return loaded

    def target(self) -> Dataset:
        """The data that the system's samples should be like: of two domains, say, the second."""
        return self._system().target(self.load_data())

    def train(self, device: str | torch.device = "auto", *, steps: int | None = None, **more: Any) -> Run:
        """The run of this recipe, trained to its end (or for ``steps`` steps).

        ``more`` is handed to :func:`gan_lab.train`: metrics, callback, checkpoint, progress and the like.
        """
        gan, data = self.build()
        # more than one a step is one a step
        options = {"snapshots": min(self.snapshots, self.steps), "recipe": self.to_json(), **more}
        return train(
            gan, data, self.steps if steps is None else steps, batch=self.batch, seed=self.seed, device=device,
            precision=self.precision, ema=self.ema, method=self.method, **options,
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
                given = parse_json(given)
            except ValueError as error:
                raise ValueError(f"the recipe is not JSON ({error}): give what Recipe.to_json wrote.") from error
        if not isinstance(given, Mapping):
            raise ValueError(f"a recipe is a JSON object such as {{'system': 'gan'}}, not {type(given).__name__}.")
        names = [f.name for f in fields(cls)]
        for name in given:
            if name not in names:
                raise unknown("field of a recipe", name, names)
        return cls(**given)

    def difference(self, other: Recipe) -> str | None:
        """The first setting that differs in ``other``, as "data.modes is 9, not 8" (9 there, 8 here); None without."""
        return _difference("", self.to_json(), other.to_json())


def _difference(name: str, here: Any, there: Any) -> str | None:
    if isinstance(here, dict) and isinstance(there, dict):
        inner = f"{name}." if name else ""
        missing = object()
        pairs = ((f"{inner}{key}", here.get(key, missing), there.get(key, missing)) for key in {**here, **there})
        for key, ours, theirs in pairs:
            if ours is missing or theirs is missing:
                return f"{key} is {'not given' if theirs is missing else _short(theirs)}, not " + (
                    "left out" if ours is missing else _short(ours)
                )
            if found := _difference(key, ours, theirs):
                return found
        return None
    return None if here == there else f"{name} is {_short(there)}, not {_short(here)}"


def builder_options(system: str) -> dict[str, inspect.Parameter]:
    """What the builder of a system takes, by name, with types in place of their names."""
    return dict(inspect.signature(zoo.get(system).build).parameters)


def players_of(system: str) -> list[str]:
    """Who plays in a system of the zoo."""
    return list(getattr(inspect.signature(zoo.get(system).build).return_annotation, "players", ()))


def _check_options(system: str, options: Mapping[str, Any]) -> None:
    """Raise ValueError for an option of a type that the builder does not take, or of a size that nothing has."""
    hints = builder_options(system)
    for name, value in options.items():
        if name == "optimiser" and value is not None:
            _optimiser(system, value)
        else:
            check_type(f"{name} of {system}", value, hints[name].annotation)
    check_sizes(f"options of {system}", options)


def _optimiser(system: str, spec: object) -> Any:
    """The recipe of all players, or of each, from its spec."""
    return optim.players_from_spec(spec, players_of(system))


def check_sizes(what: str, spec: Mapping[str, Any]) -> None:
    """Raise ValueError for sizes in options or in data that would take up the machine."""
    if (n := sum(1 for _ in leaves(spec))) > MOST_NUMBERS:
        raise ValueError(f"the {what} hold {n:,} numbers and names: at most {MOST_NUMBERS:,} are read.")
    for name, value in spec.items():
        for number in leaves(value):
            if isinstance(number, int) and abs(number) > LARGEST:
                raise ValueError(f"{name} in the {what} is {number:.3g}: a whole number there is at most {LARGEST:,}.")
            if isinstance(number, int) and what == "data":
                affordable(f"data with {name}={number:,}", ROW * number ** (2 if name == "side" else 1))
        if isinstance(value, Mapping):
            check_sizes(what, value)


def _short(value: object, most: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}..."


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(name: str, value: object) -> dict[str, Any]:
    """A copy of the dict as JSON has it: tuples and arrays are lists. Raises TypeError or ValueError for the rest."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, not {value!r}.")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(value), allow_nan=False, default=_listed))
        for _ in leaves(copy):
            pass  # not too deep
    except RecursionError:
        raise ValueError(f"{name} must be plain JSON: it is nested too deeply.") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be plain JSON (numbers, text, lists, dicts): {error}.") from error
    return copy


def _listed(value: Any) -> Any:
    """Numbers and arrays of NumPy, and tensors, as Python has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of them")
