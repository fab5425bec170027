"""A network that maps samples to codes and back."""

from __future__ import annotations

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """x (n, ...) -> decoder(encoder(x)), of the shape of x; encoder: samples -> codes (n, ...); decoder: back again."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.decoder(self.encoder(x))
        return made.reshape(x.shape)
