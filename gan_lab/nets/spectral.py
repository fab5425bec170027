"""Layers under spectral normalisation (Miyato et al. 2018): each is divided by how much it can stretch its input."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize


class SpectralNorm(nn.Module):
    """A layer with W / sigma(W) in the place of its weight W (section 2.1), sigma by power iteration (Algorithm 1).

    W is read as a matrix (outputs, all the rest). u (outputs,) and v (the rest,) are the layer's state: running
    estimates of the first singular vectors, constants for every gradient, so that that of sigma = u^T W v is u v^T
    (eq. 10-12). A call changes nothing: :meth:`iterate` does, which a :class:`~gan_lab.System` calls once after each
    step of the player who owns the layer. So real and generated samples of a step meet the same function.
    """

    weight: Tensor
    u: Tensor
    v: Tensor

    def __init__(self, *sizes: Any, **more: Any) -> None:
        super().__init__(*sizes, **more)
        rows, columns = self.matrix.shape
        self.register_buffer("u", torch.zeros(rows))
        self.register_buffer("v", torch.zeros(columns))
        self._begin()

    def reset_parameters(self) -> None:
        """New weights by the layer's own law, u at random, and one iteration."""
        super().reset_parameters()  # type: ignore[misc]
        if "u" in self._buffers:  # the layer below asks while it is made
            self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        self.u.copy_(normalize(torch.randn_like(self.u), dim=0))
        self.iterate()

    @property
    def matrix(self) -> Tensor:
        """W as a matrix: (outputs, inputs), or (channels out, channels in * height * width)."""
        return self.weight.flatten(1)

    @torch.no_grad()
    def iterate(self) -> None:
        """One power iteration: v = W^T u / |W^T u|, u = W v / |W v| (eq. 9)."""
        v = normalize(self.matrix.T @ self.u, dim=0)
        self.u.copy_(normalize(self.matrix @ v, dim=0))
        self.v.copy_(v)

    @property
    def sigma(self) -> Tensor:
        """The estimate of the largest singular value, a scalar: never above it."""
        return (self.u[:, None] * self.matrix * self.v).sum()  # no product: autocast would take it in bfloat16


class SpectralLinear(SpectralNorm, nn.Linear):
    """:class:`torch.nn.Linear` under spectral normalisation: with u and v exact it is 1-Lipschitz."""

    def forward(self, input: Tensor) -> Tensor:
        return nn.functional.linear(input, self.weight / self.sigma, self.bias)


class SpectralConv2d(SpectralNorm, nn.Conv2d):
    """:class:`torch.nn.Conv2d` likewise. The norm of its matrix is 1; as a map of images it may stretch more, at most
    by sqrt(height * width) of the kernel.
    """

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight / self.sigma, self.bias)
