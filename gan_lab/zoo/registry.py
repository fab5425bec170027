"""The one list of systems: name -> zoo file, paper and equation, chapter, exact test, minimal experiment."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gan_lab._errors import unknown
from gan_lab.gan import GAN
from gan_lab.system import Data
from gan_lab.zoo.recipe import toy

Build = Callable[..., GAN]


@dataclass(frozen=True)
class Entry:
    """One system of the zoo.

    build: returns the :class:`~gan_lab.GAN`, networks included, all sizes as keyword arguments with the paper's or the
    chapter's defaults. experiment: (GAN, data, steps) small enough for a trial. exact: the name of the test function
    that holds the system to a result known in closed form.
    """

    name: str
    title: str
    build: Build
    paper: str  # BibTeX key in the book's bibliography
    equation: str
    chapter: str  # the chapter's file name without its ending
    exact: str
    experiment: Callable[[], tuple[GAN, Data, int]]
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
    experiment: Callable[[Build], tuple[GAN, Data, int]],
    recorded: str | None = None,
) -> Callable[[Build], Build]:
    """Enter the decorated builder in the registry under its own name."""  # fmt: skip

    def enter(build: Build) -> Build:
        name = build.__name__
        if name in REGISTRY:
            raise ValueError(f"the zoo has two systems named {name}: rename one.")
        REGISTRY[name] = Entry(
            name, title, build, paper, equation, chapter, exact, lambda: experiment(build), recorded
        )  # fmt: skip
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
    parameters = inspect.signature(get(name).build).parameters.values()
    known = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    if len(known) < len(parameters):  # what a builder does not name itself it hands to the toy
        known += [p.name for p in inspect.signature(toy).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return list(dict.fromkeys(known))


def build(name: str, **options: Any) -> GAN:
    """A system by name: ``zoo.build("wgan_gp", inputs=2, outputs=2)``."""
    known = option_names(name)
    for option in options:
        if option not in known:
            raise unknown(f"option of {name}", option, known)
    return get(name).build(**options)
