"""Optimisers that torch.optim lacks: momentum below 0, and optimistic steps. Each works number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, optim


class HeavyBall(optim.SGD):
    """:class:`torch.optim.SGD`, which refuses momentum below 0, with any momentum."""

    def __init__(self, params: Iterable[Tensor], lr: float = 1e-3, momentum: float = 0.0, **more: Any) -> None:
        super().__init__(params, lr=lr, **more)
        self.defaults["momentum"] = momentum
        for group in self.param_groups:
            group["momentum"] = momentum


class _Optimistic(optim.Optimizer):
    """theta <- theta - 2 lr * move + lr * the last move; the first step has no last one, and takes one move."""

    def move(self, gradient: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        """Where a plain step of length 1 would go (against its sign)."""
        raise NotImplementedError

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                move = self.move(parameter.grad, state, group)
                parameter.add_(2 * move - state.get("last", move), alpha=-group["lr"])
                state["last"] = move
        return None


class OptimisticDescent(_Optimistic):
    """Optimistic mirror descent: the move is the gradient."""

    def __init__(self, params: Iterable[Tensor], lr: float = 1e-3) -> None:
        super().__init__(params, {"lr": lr})

    def move(self, gradient: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        return gradient.clone()


class OptimisticMoments(_Optimistic):
    """Optimistic Adam: the move is Adam's."""

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        if not eps >= 0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def move(self, gradient: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> Tensor:
        if "step" not in state:
            state["step"] = torch.zeros(())
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(gradient), torch.zeros_like(gradient)
        state["step"] += 1
        b1, b2 = group["betas"]
        state["exp_avg"].lerp_(gradient, 1 - b1)
        state["exp_avg_sq"].mul_(b2).addcmul_(gradient, gradient, value=1 - b2)
        t = float(state["step"])
        return state["exp_avg"] / (1 - b1**t) / ((state["exp_avg_sq"] / (1 - b2**t)).sqrt() + group["eps"])
