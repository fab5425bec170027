"""The whole move as one function without side effects, for ``torch.compile``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.func import grad_and_value

from gan_lab.system import Batch, Seen

Tensors = dict[str, Tensor]
# parameters and buffers by name, a batch -> the loss (or one a seed), and what was seen
Losses = Callable[[Tensors, Batch], tuple[Tensor, Seen]]
Gradients = Callable[[Batch], tuple[Tensor, Seen, list[Tensor]]]

_steps = itertools.count()


def compile_gradients(
    own: Mapping[str, Tensor], rest: Mapping[str, Tensor], buffers: Mapping[str, Tensor], losses: Losses
) -> Gradients:
    """A compiled batch -> (loss, what was seen, gradients of ``own``, in its order).

    own: the moving player's parameters by name; rest: all other parameters; buffers: what the networks may write. The
    *whole* of loss and gradients is compiled: a compiled module alone cannot be differentiated twice, as gradient
    penalties ask. Here the compiler sees a function that takes gradients inside itself (``torch.func``), the penalty's
    in the loss's. On a GPU it is also captured as a CUDA graph, which takes the launching of kernels off the CPU.
    """
    # detached views of the same memory: they follow every step and ask for no gradient
    weights = {name: tensor.detach() for name, tensor in own.items()}
    still = {name: tensor.detach() for name, tensor in rest.items()}
    written = {name: tensor.detach() for name, tensor in buffers.items()}

    def step(weights: Tensors, still: Tensors, written: Tensors, batch: Batch) -> tuple[Any, ...]:
        def total(weights: Tensors) -> tuple[Tensor, tuple[Tensor, Seen, Tensors]]:
            copies = {name: buffer.clone() for name, buffer in written.items()}
            loss, seen = losses(weights | still | copies, batch)
            return loss.sum(), (loss, seen, copies)  # of many seeds: the sum gives each its own gradient

        gradients, (_, (loss, seen, copies)) = grad_and_value(total, has_aux=True)(weights)
        # in the weights' layout: the fused optimiser on a CPU reads both from the first number to the last
        return loss, seen, [gradients[name].contiguous() for name in weights], copies

    # the compiler counts recompilations by code object: without one of its own, the ninth GAN of a session is refused
    step.__code__ = step.__code__.replace(co_name=f"step_{next(_steps)}")
    on_gpu = any(tensor.device.type == "cuda" for tensor in weights.values())
    options: dict[str, Any] = {"mode": "reduce-overhead"} if on_gpu else {}
    compiled = torch.compile(step, fullgraph=True, dynamic=False, **options)

    def call(batch: Batch) -> tuple[Tensor, Seen, list[Tensor]]:
        if on_gpu:
            torch.compiler.cudagraph_mark_step_begin()
        loss, seen, gradients, after = compiled(weights, still, written, batch)
        for name, buffer in written.items():
            buffer.copy_(after[name])
        if on_gpu:  # the graph's own memory is overwritten by its next replay
            loss, seen = loss.clone(), {name: value.clone() for name, value in seen.items()}
        return loss, seen, gradients

    return call
