"""What a file or a command line asks for: looked at before it is done, whoever wrote it."""

from __future__ import annotations

import json
import math
import os
import types
from collections.abc import Iterator, Mapping, Sequence
from reprlib import Repr
from typing import Any, Literal, Union, get_args, get_origin

MEMORY = "GAN_LAB_MAX_GB"  # the environment variable by which a user allows more
USUAL = 4.0  # GB, 10^9 bytes
DEEPEST = 50  # lists in lists
WORDS = {float: "a number", int: "a whole number", bool: "true or false", str: "a name", type(None): "null"}

_short = Repr()
_short.maxstring = _short.maxother = 60


def affordable(what: str, size: float) -> None:
    """Raise ValueError where ``what`` takes, with its ``size`` in bytes, more memory than anybody may ask for.

    That is 4 GB, or as many as the environment variable GAN_LAB_MAX_GB says.
    """
    given = os.environ.get(MEMORY) or USUAL
    try:
        most = float(given)
    except ValueError:
        most = math.nan
    if not most > 0:
        raise ValueError(f"{MEMORY} is {given!r}: give a number of gigabytes, such as {2 * USUAL:g}.")
    if (gigabytes := size / 1e9) > most:
        words = f"{gigabytes:,.{0 if gigabytes >= 10 else 1}f}"
        raise ValueError(
            f"{what} takes about {words} GB of memory, more than {most:g} GB: ask for less, or set {MEMORY} "
            "to allow more."
        )


def parse_json(text: str | bytes) -> Any:
    """The value that JSON text stands for; raises ValueError for what is none, or is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def leaves(value: object) -> Iterator[object]:
    """The numbers, names and the like in a structure of lists and dicts; raises ValueError for one of many floors."""
    floors = [(value, 0)]
    while floors:
        part, depth = floors.pop()
        if depth > DEEPEST:
            raise ValueError("it is nested too deeply")
        if isinstance(part, Mapping):
            floors += [(inner, depth + 1) for inner in part.values()]
        elif isinstance(part, list | tuple):
            floors += [(inner, depth + 1) for inner in part]
        else:
            yield part


def check_type(what: str, value: object, hint: Any) -> None:
    """Raise ValueError unless ``value``, as JSON has it, fits the type hint of a parameter: ``what`` says which."""
    if not _fits(value, hint):
        raise ValueError(f"{what} is {_short.repr(value)}: it must be {_words(hint)}.")


def _fits(value: object, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in inner)
    if origin is Literal:
        return value in inner
    if origin in (Sequence, list, tuple):
        if not isinstance(value, list | tuple):
            return False
        if origin is tuple and inner[-1:] != (...,):
            return len(value) == len(inner) and all(map(_fits, value, inner))
        return all(_fits(part, inner[0]) for part in value)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(hint, type):
        return isinstance(value, hint) or (hint not in WORDS and isinstance(value, Mapping))  # or the spec of one
    return True


def _words(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        kinds = [_words(part) for part in inner if part in WORDS or get_origin(part) is not None]
        return " or ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin in (Sequence, list, tuple):
        many = f"{len(inner)} " if origin is tuple and inner[-1:] != (...,) else ""
        return f"a list of {many}{_plural(inner[0])}"
    return WORDS.get(hint, getattr(hint, "__name__", str(hint)))


def _plural(hint: Any) -> str:
    words = _words(hint)
    return {"true or false": "true and false"}.get(words, f"{words.removeprefix('a ').replace('list of', 'lists of')}s")
