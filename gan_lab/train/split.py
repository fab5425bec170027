"""A network larger than one device: its weights split over the processes (FSDP2). Imported only where asked for."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_state_dict,
    set_model_state_dict,
    set_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from gan_lab.train.shard import world

WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


def split(network: nn.Module) -> None:
    """Split the weights of a network, and so their gradients and optimiser states, over the processes (FSDP2).

    A layer's weights are gathered when it is called and let go after: a process holds 1/N of the network and one whole
    layer at a time (Zhao et al. 2023). Raises ValueError where there is one process alone.
    """
    _, processes = world()
    if processes == 1:
        raise ValueError("fsdp=True splits the generator over several processes: start them with torchrun.")
    place = next(network.parameters()).device.type
    mesh = init_device_mesh(place, (processes,))
    for layer in list(network.modules())[1:]:
        if any(True for _ in layer.parameters(recurse=False)):
            fully_shard(layer, mesh=mesh)
    fully_shard(network, mesh=mesh)


def whole_state(network: nn.Module, optimiser: torch.optim.Optimizer | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The state of a network and its optimiser, all parts gathered on the CPU of the first process.

    Every process must call it.
    """
    if optimiser is None:
        return get_model_state_dict(network, options=WHOLE), {}
    model, state = get_state_dict(network, optimiser, options=WHOLE)
    numbers = {name: i for i, (name, _) in enumerate(network.named_parameters())}
    return model, _renamed(cast(dict[str, Any], state), numbers)


def _renamed(state: dict[str, Any], new: dict[Any, Any]) -> dict[str, Any]:
    if not state:  # only the first process gets the whole
        return {}
    # an optimiser knows its parameters by number, this part of PyTorch by name: checkpoints have the numbers
    return {
        "state": {new[key]: moments for key, moments in state["state"].items()},
        "param_groups": [group | {"params": [new[key] for key in group["params"]]} for group in state["param_groups"]],
    }


def load_whole_state(
    network: nn.Module, optimiser: torch.optim.Optimizer | None, state: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """Put back what :func:`whole_state` gave: every process takes its part."""
    model, moments = state
    if optimiser is None:
        set_model_state_dict(network, model, options=WHOLE)
    else:
        names = dict(enumerate(name for name, _ in network.named_parameters()))
        moments = _renamed(moments, names)
        set_state_dict(network, optimiser, model_state_dict=model, optim_state_dict=cast(Any, moments), options=WHOLE)
