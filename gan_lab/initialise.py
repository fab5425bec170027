"""Whose weights are whose: what is trained, what stays frozen, and new weights for what is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


def is_frozen(module: nn.Module) -> bool:
    """Whether a module has parameters and none of them asks for a gradient: such a part is left as it is."""
    parameters = list(module.parameters())
    return bool(parameters) and not any(p.requires_grad for p in parameters)


def awake(module: nn.Module) -> Iterator[nn.Module]:
    """A module and its parts but the frozen ones, those inside before those around them, as they were constructed."""
    if not is_frozen(module):
        for child in module.children():
            yield from awake(child)
        yield module


def reset(network: nn.Module) -> None:
    """New weights from PyTorch's global generator for all that is trainable, by each module's own ``reset_parameters``.

    What a module contains is reset before the module itself, so that a container's own law has the last word. Frozen
    parameters keep their values. Raises ValueError that names a trainable parameter which no module resets.
    """
    before = {name: (p, p._version) for name, p in network.named_parameters() if p.requires_grad}
    for module in awake(network):
        if parametrize.is_parametrized(module):
            _reset_parametrized(module)
        elif (reset := _reset_of(module)) is not None:
            frozen = [(p, p.detach().clone()) for p in module.parameters() if not p.requires_grad]
            reset()
            with torch.no_grad():
                for parameter, value in frozen:
                    parameter.copy_(value)
    for name, (parameter, version) in before.items():
        if parameter._version == version:
            raise ValueError(
                f"the parameter {name} of {type(network).__name__} has no initial value from the seed: give the module "
                "that owns it a method reset_parameters(), freeze it by requires_grad_(False), or pass init='keep'."
            )


def _reset_of(module: nn.Module) -> Callable[[], None] | None:
    # nn.MultiheadAttention and nn.Transformer have theirs under a private name
    for name in ("reset_parameters", "_reset_parameters"):
        if callable(found := getattr(module, name, None)):
            return cast(Callable[[], None], found)
    return None


@torch.no_grad()
def _reset_parametrized(module: nn.Module) -> None:
    """New weights for a module under spectral norm, weight norm and the like: the plain law, parametrized."""
    plain = type(module).__bases__[0]  # what torch.nn.utils.parametrize made a subclass of
    shadow: Any = object.__new__(plain)
    shadow.__dict__.update({k: v for k, v in module.__dict__.items() if k not in ("_parameters", "_modules")})
    shadow._parameters = dict(module._parameters)
    shadow._modules = {k: v for k, v in module._modules.items() if k != "parametrizations"}
    lists = dict(module.parametrizations.items())  # type: ignore[union-attr, operator]
    for name in lists:
        shadow._parameters[name] = nn.Parameter(torch.empty_like(getattr(module, name)))
    reset = _reset_of(shadow)
    if reset is None:
        return
    reset()
    for name, chain in lists.items():
        value = shadow._parameters[name]
        for part in reversed(list(chain)):
            value = part.right_inverse(value) if hasattr(part, "right_inverse") else value
        values = [value] if isinstance(value, Tensor) else value
        for original, its in zip(chain.parameters(recurse=False), values, strict=True):
            original.copy_(its)
        for part in chain:
            _reset_power_iteration(part, shadow._parameters[name])


def _reset_power_iteration(part: nn.Module, weight: Tensor) -> None:
    # spectral norm keeps two vectors that begin at random: they come from the seed too
    if hasattr(part, "_u") and hasattr(part, "_power_method"):
        matrix = part._reshape_weight_to_matrix(weight)  # type: ignore[operator]
        for vector in (part._u, part._v):
            vector.normal_()  # type: ignore[operator]
            vector.div_(vector.norm())  # type: ignore[operator]
        part._power_method(matrix, 15)  # type: ignore[operator]


def train_mode(network: nn.Module) -> None:
    """Training mode for all of a network but its frozen parts, whose mode stays."""
    for module in awake(network):
        module.training = True


@contextmanager
def evaluating(network: nn.Module) -> Iterator[nn.Module]:
    """Within it a network is in evaluation mode; after it every part has the mode it had."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield network
    finally:
        for module, mode in modes:
            module.training = mode


@contextmanager
def untouched(network: nn.Module) -> Iterator[nn.Module]:
    """After it, every buffer holds what it held: running statistics do not learn from a look."""
    kept = [(buffer, buffer.clone()) for buffer in network.buffers()]
    try:
        yield network
    finally:
        with torch.no_grad():
            for buffer, value in kept:
                buffer.copy_(value)
