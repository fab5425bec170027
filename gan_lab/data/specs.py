"""Data by name: the JSON that says which data, checked without reading a file, and the data that it names."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gan_lab._errors import unknown, whole_number
from gan_lab.data.base import Distribution, StandardNormal, UniformCube
from gan_lab.data.digits import ENVIRONMENT, check_digits, digits
from gan_lab.data.line import Drawn, Exponential, Gaussian, Mixture, Sine, Uniform
from gan_lab.data.packed import folder
from gan_lab.data.pairs import labelled, paired, unpaired
from gan_lab.data.pictures import Look
from gan_lab.data.plane import Centres, Grid, Moons, Ring, Segment, SineCurve, Spiral

DISTRIBUTIONS: dict[str, Callable[..., Distribution]] = {
    c.name: c
    for c in (
        Gaussian, Mixture, Uniform, Exponential, Sine, Drawn, Ring, Grid, Spiral, Moons, Centres, SineCurve, Segment,
        StandardNormal, UniformCube,
    )
}  # fmt: skip


def _check_folder(path: Any, in_memory: Any = 0, cache: Any = None, **look: Any) -> None:
    for name, value in (("path", path), ("cache", cache)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} of the folder is {value!r}: give it as text.")
    whole_number("in_memory", in_memory, 0)
    Look(**look)


# what is read from files is checked without reading them
FILES: dict[str, tuple[Callable[..., Any], Callable[..., None]]] = {
    "digits": (digits, check_digits),
    "folder": (folder, _check_folder),
}
# made of other data, by the names of their fields
COMPOUND: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "labelled": (labelled, ("of",)),
    "paired": (paired, ("a", "b")),
    "unpaired": (unpaired, ("a", "b")),
}

# A spec may come from anywhere: what it may ask memory for, in numbers. Who means more raises it, or builds in Python.
MOST_NUMBERS = 10_000_000
SIZES = {"modes": 1, "dim": 1, "side": 2, "size": 2}  # option: the power of it that memory holds


def option_names(name: object) -> list[str]:
    """What the data of this name take in a spec; raises ValueError with the near names for a name that is unknown."""
    if not isinstance(name, str):
        raise unknown("data", name, [*DISTRIBUTIONS, *FILES, *COMPOUND])
    if name in COMPOUND:
        return list(COMPOUND[name][1])
    if name not in FILES and name not in DISTRIBUTIONS:
        raise unknown("data", name, [*DISTRIBUTIONS, *FILES, *COMPOUND])
    makes: Callable[..., Any] = FILES[name][0] if name in FILES else DISTRIBUTIONS[name]
    return [option for option in inspect.signature(makes).parameters if option != "download"]


def from_spec(spec: Mapping[str, Any]) -> Any:
    """The data that ``spec`` names, the JSON that the data's own ``spec()`` gives.

    ``{"name": "ring", "modes": 5}``, ``{"name": "digits", "source": "embedded"}``, ``{"name": "folder", "path": ...}``,
    ``{"name": "labelled", "of": {...}}``, ``{"name": "paired" or "unpaired", "a": {...}, "b": {...}}``. Raises
    ValueError or TypeError for a spec that cannot be, FileNotFoundError for files that are not here.
    """
    name, fields = _fields(spec)
    if name in COMPOUND:
        return COMPOUND[name][0](*(from_spec(_part(name, part)) for part in fields.values()))
    if name in FILES:
        _call(name, FILES[name][1], fields)
        return FILES[name][0](**fields)
    return _call(name, DISTRIBUTIONS[name], fields)


def check_spec(spec: Mapping[str, Any]) -> None:
    """Raise the ValueError or TypeError of :func:`from_spec`, without reading a file."""
    name, fields = _fields(spec)
    if name in COMPOUND:
        for part in fields.values():
            check_spec(_part(name, part))
        if not any(_of_files(part) for part in fields.values()):
            from_spec(spec)
    else:
        _call(name, FILES[name][1] if name in FILES else DISTRIBUTIONS[name], fields)


def point_dim(spec: Mapping[str, Any]) -> int | None:
    """The dimension of the points that ``spec`` names; None for images, and for two domains."""
    name, fields = _fields(spec)
    if name == "labelled":
        return point_dim(fields["of"])
    return DISTRIBUTIONS[name](**fields).dim if name in DISTRIBUTIONS else None


def settled(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with what depends on this machine spelled out: which digits "auto" are, and a folder's whole path."""
    name, fields = _fields(spec)
    if name in COMPOUND:
        return {"name": name, **{key: settled(part) for key, part in fields.items()}}
    if name == "digits" and fields.get("source", "auto") == "auto":
        fields["source"] = "mnist" if os.environ.get(ENVIRONMENT) else "embedded"
    if name == "folder":
        fields["path"] = str(Path(fields["path"]).expanduser().absolute())
    return {"name": name, **fields}


def _fields(spec: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the options of a spec; raises ValueError where one of them is unknown, or a part is missing."""
    if not isinstance(spec, Mapping):
        raise TypeError(f"data are {spec!r}: give a spec such as {{'name': 'ring'}}.")
    fields = dict(spec)
    name = fields.pop("name", None)
    known = option_names(name)
    for option in fields:
        if not known:
            raise ValueError(f"the data {name} take no options, but {option} is given.")
        if option not in known:
            raise unknown(f"option of the data {name}", option, known)
    for option, power in SIZES.items():
        if isinstance(size := fields.get(option), int) and size**power > MOST_NUMBERS:
            most = int(MOST_NUMBERS ** (1 / power))
            raise ValueError(
                f"{option} of the data {name} is {size}: a spec may ask for at most {most:,}; raise "
                "gan_lab.data.specs.MOST_NUMBERS where you mean it."
            )
    if name in COMPOUND and (missing := [part for part in known if part not in fields]):
        raise ValueError(f"the data {name} need {' and '.join(missing)}: give a spec such as {{'name': 'ring'}}.")
    return name, {option: fields[option] for option in known} if name in COMPOUND else fields


def _part(name: str, part: Any) -> Mapping[str, Any]:
    """A part of compound data, which is none itself."""
    if isinstance(part, Mapping) and part.get("name") in COMPOUND:
        raise ValueError(f"the data {name} are made of {part['name']} data: give plain data, without labels or pairs.")
    return part


def _of_files(spec: Mapping[str, Any]) -> bool:
    return spec["name"] in FILES


def _call(name: str, function: Callable[..., Any], fields: dict[str, Any]) -> Any:
    try:
        inspect.signature(function).bind(**fields)
    except TypeError as error:
        raise ValueError(f"the data {name} cannot be made from {fields}: {error}.") from error
    try:
        return function(**fields)
    except (RuntimeError, AttributeError) as error:  # a list where a number belongs, and the like
        raise ValueError(f"the data {name} cannot be made from {fields}: {error}.") from error
