"""How the players play: the loop, and the run it leaves behind."""

from gan_lab.train.best_response import BestResponse, best_response
from gan_lab.train.ensemble import Ensemble, ensemble
from gan_lab.train.gradient import generator_gradient
from gan_lab.train.loop import train
from gan_lab.train.run import NonFiniteLoss, Run

__all__ = [
    "BestResponse", "Ensemble", "NonFiniteLoss", "Run", "best_response", "ensemble", "generator_gradient", "train",
]  # fmt: skip
