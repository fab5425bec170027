"""The one list of systems: name -> zoo file, paper and equation, chapter, exact test, minimal experiment."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from gan_lab._errors import unknown
from gan_lab.system import Data, System
from gan_lab.zoo.recipe import toy

Build = Callable[..., System]
B = TypeVar("B", bound=Build)


@dataclass(frozen=True)
class Entry:
    """One system of the zoo.

    build: returns the :class:`~gan_lab.System`, networks included; its signature are the options of the system, with
    the paper's or the chapter's defaults. experiment: (system, data, steps) small enough for a trial. exact: the name
    of the test function that holds the system to a result known in closed form.
    """

    name: str
    title: str
    build: Build
    paper: str  # BibTeX key in the book's bibliography
    equation: str
    chapter: str  # the chapter's file name without its ending
    exact: str
    experiment: Callable[[], tuple[System, Data, int]]
    recorded: str | None = None  # a recorded run or generator of it: its folder under book/recorded

    @property
    def file(self) -> str:
        """The file that defines the system."""
        return inspect.getsourcefile(self.build) or ""


REGISTRY: dict[str, Entry] = {}


def register(
    *,
    title: str,
    paper: str,
    equation: str,
    chapter: str,
    exact: str,
    experiment: Callable[[B], tuple[System, Data, int]],
    recorded: str | None = None,
) -> Callable[[B], B]:
    """Enter the decorated builder in the registry under its own name.

    What the builder hands on to the toy (``**sizes``) is written out in its signature.
    """

    def enter(build: B) -> B:
        build.__signature__ = _written_out(build)  # type: ignore[attr-defined]
        name = build.__name__
        if name in REGISTRY:
            raise ValueError(f"the zoo has two systems named {name}: rename one.")
        trial = lambda: experiment(build)  # noqa: E731
        REGISTRY[name] = Entry(name, title, build, paper, equation, chapter, exact, trial, recorded)
        return build

    return enter


def names() -> list[str]:
    """The names of all systems."""
    return list(REGISTRY)


def get(name: str) -> Entry:
    """The entry of a system; raises ValueError with the near names for one that is not there."""
    if name not in REGISTRY:
        raise unknown("system", name, REGISTRY)
    return REGISTRY[name]


def option_names(name: str) -> list[str]:
    """What the builder of a system takes: ``zoo.build(name, option=...)``."""
    return list(inspect.signature(get(name).build).parameters)


def _written_out(build: Build) -> inspect.Signature:
    found: dict[str, inspect.Parameter] = {}
    for function in (build, toy):
        hints = get_type_hints(function)
        parameters = inspect.signature(function).parameters.values()
        wanted = parameters if function is build else [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        for parameter in wanted:
            found.setdefault(parameter.name, parameter.replace(annotation=hints.get(parameter.name, Any)))
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    named = [p for p in found.values() if p.kind is not p.VAR_KEYWORD]
    named.sort(key=lambda p: p.kind)
    return inspect.Signature(named, return_annotation=get_type_hints(build).get("return", System))


def build(name: str, **options: Any) -> System:
    """A system by name: ``zoo.build("wgan_gp", inputs=2, outputs=2)``."""
    known = option_names(name)
    for option in options:
        if option not in known:
            raise unknown(f"option of {name}", option, known)
    return get(name).build(**options)
