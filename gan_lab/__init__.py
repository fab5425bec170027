"""gan_lab: the small library behind *The Adversarial Game*.

Every system of the family is the same short game with one thing changed.

Each module is loaded when it is first asked for: ``import gan_lab`` takes no time, and whoever trains a toy does not
wait for the packages that draw, tabulate or read images.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_lab import (
        classroom,
        data,
        explain,
        game,
        losses,
        methods,
        metrics,
        nets,
        optim,
        penalties,
        plots,
        random,
        runs,
        widgets,
        zoo,
    )
    from gan_lab.gan import GAN, Batch
    from gan_lab.system import System
    from gan_lab.train import CheckpointError, Many, NonFiniteLoss, Run, generator_gradient, train, train_many
    from gan_lab.train.best_response import BestResponse, best_response

from gan_lab._version import __version__ as __version__  # noqa: E402

__all__ = [
    "GAN", "Batch", "BestResponse", "CheckpointError", "Many", "NonFiniteLoss", "Run", "System", "best_response",
    "classroom", "data", "explain", "game", "generator_gradient", "losses", "methods", "metrics", "nets", "optim",
    "penalties", "plots", "random", "runs", "train", "train_many", "widgets", "zoo",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        from gan_lab._distribution import check

        check()
        if importlib.util.find_spec(f"{__name__}.{name}"):
            module = importlib.import_module(f"{__name__}.{name}")
            return globals().get(name, module)
        if name in __all__:
            for home in ("gan", "system", "train"):
                module = importlib.import_module(f"{__name__}.{home}")
                if hasattr(module, name):
                    return globals().setdefault(name, getattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, told by Python's import of each module that it has loaded."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "train" and isinstance(value, ModuleType):
            value.Run.viewer = staticmethod(_view)
            value = value.train  # `gan_lab.train` is the function
        super().__setattr__(name, value)


def _view(run: Run) -> Any:
    from gan_lab.widgets import show_here

    return show_here(run)


sys.modules[__name__].__class__ = _Package
