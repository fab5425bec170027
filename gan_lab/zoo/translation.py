"""What all systems have that translate samples of one domain into another."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gan_lab.initialise import evaluating
from gan_lab.random import seeded
from gan_lab.system import Data, System


class Translation(System):
    """A system on two domains, X and Y, whose network ``G`` maps the first to the second.

    The data give pairs (a, b), of X and of Y: :func:`gan_lab.data.unpaired` or :func:`gan_lab.data.paired`.
    """

    G: nn.Module

    def two_domains(self, drawn: Any) -> tuple[Tensor, Tensor]:
        """What was drawn, of X and of Y; raises ValueError for data of one domain."""
        if not (hasattr(drawn, "a") and hasattr(drawn, "b")):
            raise ValueError(
                f"a {type(self).__name__} learns from two domains: give data.unpaired(a, b) or data.paired(a, b)."
            )
        return drawn.a, drawn.b

    @torch.no_grad()
    def sample(self, n: int | None = None, *, x: Tensor | None = None, seed: int = 0) -> Tensor:
        """The translation G(x) of samples x (n, ...) of the first domain. Raises ValueError without them."""
        if x is None:
            raise ValueError(f"a {type(self).__name__} translates: give x, samples of its first domain.")
        with evaluating(self.G):
            made: Tensor = self.G(torch.as_tensor(x).to(self.parameter))
        return made

    def sample_on(self, data: Data, n: int, *, seed: int = 0, x: Tensor | None = None, **_: Any) -> Tensor:
        """The translation of x, or of n samples of the data's first domain."""
        return self.sample(x=data.sample(n, seeded(seed)).a if x is None else x)

    def target(self, data: Data) -> Data:
        """The second domain: what translations should be like."""
        second: Data = getattr(data, "b", data)
        return second
