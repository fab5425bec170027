"""gan_lab: the small library behind *The Adversarial Game*.

Every system of the family is the same short game with one thing changed.
"""

from gan_lab import _start as _start  # first: Ctrl-C while PyTorch is imported  # noqa: I001
from gan_lab import classroom, data, explain, game, losses, metrics, nets, optim, penalties, plots, random, runs, zoo
from gan_lab._version import __version__ as __version__
from gan_lab.gan import GAN, Batch
from gan_lab.system import System
from gan_lab.train import (
    BestResponse,
    CheckpointError,
    Many,
    NonFiniteLoss,
    Run,
    best_response,
    generator_gradient,
    train,
    train_many,
)
from gan_lab.widgets import show_here

Run.viewer = staticmethod(show_here)

__all__ = [
    "GAN", "Batch", "BestResponse", "CheckpointError", "Many", "NonFiniteLoss", "Run", "System", "best_response",
    "classroom", "data", "explain", "game", "generator_gradient", "losses", "metrics", "nets", "optim", "penalties",
    "plots", "random", "runs", "train", "train_many", "zoo",
]  # fmt: skip
