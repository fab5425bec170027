"""The whole step as one function without side effects, for ``torch.compile``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.func import grad_and_value

from gan_lab.gan import Noise

Seen = dict[str, Tensor]
# all parameters and buffers by name, real, the parts of the noise -> the loss (or one a seed), and what was seen
Losses = Callable[..., tuple[Tensor, Seen]]
Step = Callable[[Tensor, Noise], tuple[Tensor, Seen, list[Tensor]]]

_steps = itertools.count()


def compile_step(own: Mapping[str, Tensor], rest: Mapping[str, Tensor], losses: Losses) -> Step:
    """A compiled (real, noise) -> (loss, what was seen, gradients of ``own``, in its order).

    own: the moving player's parameters by name; rest: all other parameters and the buffers. The *whole* step is
    compiled: a compiled module alone cannot be differentiated twice, as gradient penalties ask. Here the compiler sees
    a function that takes gradients inside itself (``torch.func``), the penalty's in the loss's. On a GPU it is also
    captured as a CUDA graph, which takes the launching of kernels off the CPU.
    """
    # detached views of the same memory: they follow every step and ask for no gradient
    weights = {name: tensor.detach() for name, tensor in own.items()}
    still = {name: tensor.detach() for name, tensor in rest.items()}

    def step(
        weights: dict[str, Tensor], still: dict[str, Tensor], real: Tensor, z: Tensor, *more: Tensor | None
    ) -> tuple[Tensor, Seen, list[Tensor]]:
        def total(
            weights: dict[str, Tensor], still: dict[str, Tensor], real: Tensor, z: Tensor, *more: Tensor | None
        ) -> tuple[Tensor, tuple[Tensor, Seen]]:
            loss, seen = losses(weights | still, real, z, *more)
            return loss.sum(), (loss, seen)  # of many seeds: the sum gives each its own gradient

        gradients, (_, (loss, seen)) = grad_and_value(total, has_aux=True)(weights, still, real, z, *more)
        # in the weights' layout: the fused optimiser on a CPU reads both from the first number to the last
        return loss, seen, [gradients[name].contiguous() for name in weights]

    # the compiler counts recompilations by code object: without one of its own, the ninth GAN of a session is refused
    step.__code__ = step.__code__.replace(co_name=f"step_{next(_steps)}")
    on_gpu = any(tensor.device.type == "cuda" for tensor in weights.values())
    options: dict[str, Any] = {"mode": "reduce-overhead"} if on_gpu else {}
    compiled = torch.compile(step, fullgraph=True, dynamic=False, **options)

    def call(real: Tensor, noise: Noise) -> tuple[Tensor, Seen, list[Tensor]]:
        if on_gpu:
            torch.compiler.cudagraph_mark_step_begin()
        loss, seen, gradients = compiled(weights, still, real, *noise)
        if on_gpu:  # the graph's own memory is overwritten by its next replay
            loss, seen = loss.clone(), {name: value.clone() for name, value in seen.items()}
        return loss, seen, gradients

    return call
