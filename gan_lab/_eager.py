"""PyTorch's optimisers without PyTorch's compiler.

``torch.optim`` keeps ``torch.compile`` out of an optimiser's bookkeeping, and gives every step a place where a compiled
graph may break: decorators around ``add_param_group``, ``zero_grad``, ``state_dict``, ``load_state_dict`` and ``step``,
which import the compiler on their first call (PyTorch 2.15: ``torch/_compile.py``, ``_use_grad_for_differentiable`` in
``torch/optim/optimizer.py``). Nobody compiles these calls here: what is compiled is the loss and its gradients, and the
step is taken outside. The import takes four seconds and 881 modules, SymPy and Triton among them.
"""

from __future__ import annotations

import functools
import inspect
from typing import TypeVar

import torch
from torch.optim import Optimizer

O = TypeVar("O", bound=Optimizer)  # noqa: E741

BOOKKEEPING = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


@functools.cache
def eager(kind: type[O]) -> type[O]:
    """``kind``, an optimiser of ``torch.optim``, with the functions that PyTorch wrapped in place of the wrappers.

    The same numbers, state and hooks. Its steps are never differentiated through (``differentiable=True`` is ignored).
    """
    plain = {name: inspect.unwrap(getattr(kind, name)) for name in BOOKKEEPING}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), {**plain, "step": step, "__doc__": kind.__doc__})
