"""What the generator hears: the gradient of its loss at the samples it made."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lab._errors import finite
from gan_lab.gan import GAN, Batch
from gan_lab.initialise import untouched


def generator_gradient(gan: GAN, z: Tensor, real: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Samples x = G(z) and the gradient of the generator's loss at x, both (n, ...) for noise z (n, ...).

    The gradient is each sample's own (that of the mean over the batch, times n), of the loss in use; minus it is the
    direction in which the sample is asked to move. real: (m, ...) samples of the data, needed where the loss looks at
    them: every generated sample is paired with all of them, and the mean over the pairs is taken. No parameter, no
    buffer and no ``.grad`` changes. Raises ValueError without ``real`` where it is needed, for a game with conditions,
    and for a system whose generator's loss calls the generator more than once.
    """
    n = len(finite("z", z))
    if gan.classes is not None:
        raise ValueError("a game with conditions has a gradient for every label: fix one in networks without labels.")
    if gan.loss.needs_real and real is None:
        raise ValueError(f"the {gan.loss.name} loss compares with real samples: pass real, such as data.sample(64).")
    made: list[Tensor] = []

    def cut(_: nn.Module, __: tuple[Tensor, ...], x: Tensor) -> Tensor:
        made.append(x.detach().requires_grad_(True))
        return made[-1]

    partners = 1 if real is None else len(finite("real", real))
    # pairs in the order (z_1, real_1), (z_1, real_2), ...: the loss itself pairs row by row
    like = gan.parameter
    each_z = z.to(like).repeat_interleave(partners, dim=0)
    each_real = None if real is None else real.to(like).repeat(n, *[1] * (real.ndim - 1))
    hook = gan.generator.register_forward_hook(cut)
    try:
        with untouched(gan):
            loss = gan("generator", Batch(x=each_real, z=each_z))
    finally:
        hook.remove()
    if len(made) != 1:
        raise ValueError(f"this generator's loss calls the generator {len(made)} times: its gradient is not one arrow.")
    (gradient,) = torch.autograd.grad(loss, made[0])
    rows = (n, partners)
    return made[0].detach().unflatten(0, rows)[:, 0], n * gradient.unflatten(0, rows).sum(1)
