"""How the players play: the loop, and the run it leaves behind."""

from gan_lab.train.begin import train
from gan_lab.train.best_response import BestResponse, best_response
from gan_lab.train.checkpoint import CheckpointError
from gan_lab.train.gradient import generator_gradient
from gan_lab.train.many import Many, train_many
from gan_lab.train.run import Run
from gan_lab.train.shard import join
from gan_lab.train.watch import NonFiniteLoss

__all__ = [
    "BestResponse", "CheckpointError", "Many", "NonFiniteLoss", "Run", "best_response", "generator_gradient", "join",
    "train", "train_many",
]  # fmt: skip
