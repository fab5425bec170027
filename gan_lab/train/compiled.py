"""The whole step as one function without side effects, for ``torch.compile``."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call, grad_and_value

from gan_lab.gan import GAN, Noise

_steps = itertools.count()

Step = Callable[[Tensor, Noise], tuple[Tensor, dict[str, Tensor], list[Tensor]]]


def compile_step(gan: GAN, player: str) -> Step:
    """A compiled (real, noise) -> (loss, what was seen, gradients of ``player``'s parameters).

    The *whole* step is compiled: a compiled module alone cannot be differentiated twice, as gradient penalties ask.
    Here the compiler sees a function that takes gradients inside itself (``torch.func``), the penalty's in the loss's.
    On a GPU it is also captured as a CUDA graph, which takes the launching of kernels off the CPU.
    """
    moving = {k: v for k, v in gan.named_parameters() if k.startswith(f"{player}.")}
    # detached views of the same memory: they follow every step and ask for no gradient
    still = {k: v.detach() for k, v in gan.named_parameters() if k not in moving} | dict(gan.named_buffers())
    weights = {k: v.detach() for k, v in moving.items()}

    def step(
        weights: dict[str, Tensor], still: dict[str, Tensor], real: Tensor, z: Tensor, mix: Tensor | None
    ) -> tuple[Tensor, dict[str, Tensor], list[Tensor]]:
        def loss_of(
            weights: dict[str, Tensor], still: dict[str, Tensor], real: Tensor, z: Tensor, mix: Tensor | None
        ) -> tuple[Tensor, dict[str, Tensor]]:
            seen: dict[str, Tensor] = {}
            loss = functional_call(gan, weights | still, (player, real, Noise(z, mix), seen))
            return loss, seen

        gradients, (loss, seen) = grad_and_value(loss_of, has_aux=True)(weights, still, real, z, mix)
        return loss, seen, [gradients[name] for name in weights]

    # the compiler counts recompilations by code object: without one of its own, the ninth GAN of a session is refused
    step.__code__ = step.__code__.replace(co_name=f"step_{next(_steps)}")
    on_gpu = gan.parameter.device.type == "cuda"
    options: dict[str, Any] = {"mode": "reduce-overhead"} if on_gpu else {}
    compiled = torch.compile(step, fullgraph=True, dynamic=False, **options)

    def call(real: Tensor, noise: Noise) -> tuple[Tensor, dict[str, Tensor], list[Tensor]]:
        if on_gpu:
            torch.compiler.cudagraph_mark_step_begin()
        loss, seen, gradients = compiled(weights, still, real, noise.z, noise.mix)
        if on_gpu:  # the graph's own memory is overwritten by its next replay
            loss, seen = loss.clone(), {k: v.clone() for k, v in seen.items()}
        return loss, seen, gradients

    return call
