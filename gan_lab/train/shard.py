"""Several processes, one run: each takes its share of every batch, and all take the same step.

``torchrun`` starts the processes; :func:`join` makes a group of them. Every process draws the *whole* batch's random
numbers from the same streams and keeps its own rows, so that N processes with a share each see exactly the batch that
one process would: drawing is cheap, and nothing has to be sent but gradients.
"""

from __future__ import annotations

import os
from typing import Any, cast

import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lab.random import PageStreams, Streams, TorchStreams


def world() -> tuple[int, int]:
    """(rank, number of processes); (0, 1) where this process is alone."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


def join() -> tuple[int, int]:
    """Join the group that ``torchrun`` started, if it did: NCCL where every process has a GPU of its own, else gloo.

    Returns (rank, number of processes).
    """
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ and not distributed.is_initialized():
        store, rank, processes = next(distributed.rendezvous("env://"))
        # after a restart the store in which processes look each other up still holds the addresses of those that died
        # (PyTorch 2.15 keeps one for all attempts), and who reads one of them waits in vain: each attempt has its own
        attempt = distributed.PrefixStore(f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}", store)
        options: dict[str, Any] = {"store": attempt, "rank": rank, "world_size": processes}
        local, here = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
        if torch.cuda.is_available() and torch.cuda.device_count() >= here:
            torch.cuda.set_device(local)
            distributed.init_process_group("nccl", device_id=torch.device("cuda", local), **options)
        else:
            distributed.init_process_group("gloo", **options)
    return world()


class Share:
    """The rows of one process: draws what the whole batch needs, n times the number of processes, and keeps n."""

    def __init__(self, whole: TorchStreams | PageStreams, rank: int, processes: int) -> None:
        self.whole, self.rank, self.processes, self.seed = whole, rank, processes, whole.seed

    def _mine(self, x: Tensor) -> Tensor:
        return x.chunk(self.processes)[self.rank]

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return self._mine(self.whole.uniform(stream, (shape[0] * self.processes, *shape[1:]), device))

    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return self._mine(self.whole.normal(stream, (shape[0] * self.processes, *shape[1:]), device))

    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor:
        return self._mine(self.whole.index(stream, high, n * self.processes, device))

    def state_dict(self) -> dict[str, Tensor]:
        return self.whole.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.whole.load_state_dict(state)


def share(streams: TorchStreams | PageStreams) -> Streams:
    """The streams of this process: all of them where it is alone, else its :class:`Share`."""
    rank, processes = world()
    return Share(streams, rank, processes) if processes > 1 else streams


@torch.no_grad()
def average(tensors: list[Tensor]) -> None:
    """Replace each tensor by its mean over all processes, in one message; the parts of split ones are means already."""
    _, processes = world()
    tensors = [t for t in tensors if not is_split(t)]
    if processes > 1 and tensors:
        flat = torch.cat([t.flatten() for t in tensors])
        distributed.all_reduce(flat)
        flat /= processes
        parts = flat.split([t.numel() for t in tensors])
        torch._foreach_copy_(tensors, [part.view_as(t) for part, t in zip(parts, tensors, strict=True)])


def join_up(gradients: list[Tensor], seen: dict[str, Tensor]) -> None:
    """Make of what each process found what one with the whole batch would have found.

    Gradients and the scalars in ``seen`` become their means; tensors with rows are put together in the order of ranks.
    """
    _, processes = world()
    if processes == 1:
        return
    average([*gradients, *(value for value in seen.values() if value.ndim == 0)])
    for name, value in seen.items():
        if value.ndim:
            parts = [torch.empty_like(value) for _ in range(processes)]
            distributed.all_gather(parts, value.contiguous())
            seen[name] = torch.cat(parts)


def is_split(tensor: Any) -> bool:
    """Whether a tensor is a DTensor, its parts in several processes. (The class itself takes seconds to import.)"""
    return hasattr(tensor, "full_tensor")


def norm(gradients: list[Tensor]) -> Tensor:
    """The length of all gradients together, a scalar, wherever their parts lie."""
    parts = torch._foreach_norm(gradients)
    return torch.stack([cast(Any, part).full_tensor() if is_split(part) else part for part in parts]).norm()


def any_process(this: bool, device: torch.device) -> bool:
    """Whether ``this`` holds in any of the processes; each of them must ask."""
    told = torch.tensor(float(this), device=device)
    average([told])
    return bool(told)


def same_everywhere(network: nn.Module) -> None:
    """Give every process the weights and buffers of the first."""
    if world()[1] > 1:
        for tensor in [*network.parameters(), *network.buffers()]:
            distributed.broadcast(tensor.detach(), src=0)


class _MeanOverProcesses(torch.autograd.Function):
    """The mean of a tensor over the processes. Each process's copy feeds all losses, so gradients are averaged too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        mean = x.detach().clone()
        average([mean])
        return mean

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        mean = gradients[0].clone()
        average([mean])
        # the mean over N processes of the sum over N losses: N cancels against the 1/N of the forward mean
        return mean


def mean_over_processes(x: Tensor) -> Tensor:
    """The mean of a tensor over all processes, with its graph: what one process with all rows would have found."""
    return x if world()[1] == 1 else cast(Tensor, cast(Any, _MeanOverProcesses.apply)(x))


class _RowsOfAll(torch.autograd.Function):
    """The rows of all processes, in the order of ranks. Each process's rows feed all losses: gradients are summed."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        parts = [torch.empty_like(x) for _ in range(world()[1])]
        distributed.all_gather(parts, x.detach().contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        whole = gradients[0].contiguous().clone()
        distributed.all_reduce(whole)
        rank, processes = world()
        return whole.chunk(processes)[rank]


def rows_of_all(x: Tensor) -> Tensor:
    """The rows (n, ...) of this process's and all others' batch together, with their graph: for terms in pairs of rows.

    Every process must have as many rows.
    """
    return x if world()[1] == 1 else cast(Tensor, cast(Any, _RowsOfAll.apply)(x))


class SharedBatchNorm(_BatchNorm):
    """Batch norm over the batch of all processes, on any device (Ioffe and Szegedy 2015, Algorithm 1)."""

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        axes = [0, *range(2, input.ndim)]
        shape = [1, -1, *[1] * (input.ndim - 2)]
        # the deviations from the common mean: E x^2 - (E x)^2 would lose digits
        mean = mean_over_processes(input.mean(axes))
        away = input - mean.view(shape)
        variance = mean_over_processes(away.square().mean(axes))
        if self.track_running_stats:
            n = world()[1] * input.numel() // input.shape[1]
            with torch.no_grad():
                assert self.running_mean is not None and self.running_var is not None
                assert self.num_batches_tracked is not None
                self.num_batches_tracked.add_(1)
                rate = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
                self.running_mean.lerp_(mean, rate)
                self.running_var.lerp_(variance * n / (n - 1), rate)
        y = away * (variance.view(shape) + self.eps).rsqrt()
        return y * self.weight.view(shape) + self.bias.view(shape) if self.affine else y


def share_batch_norm(network: nn.Module) -> None:
    """Replace every batch norm of ``network`` by one that sees the batch of all processes. Weights stay the same."""
    if any(p.device.type == "cuda" for p in network.parameters()):
        for name, child in network.named_children():
            setattr(network, name, nn.SyncBatchNorm.convert_sync_batchnorm(child))
        return
    for module in network.modules():
        for name, child in module.named_children():
            if isinstance(child, _BatchNorm) and not isinstance(child, SharedBatchNorm):
                shared = SharedBatchNorm(
                    child.num_features, child.eps, child.momentum, child.affine, child.track_running_stats
                )
                shared.weight, shared.bias = child.weight, child.bias
                shared.running_mean, shared.running_var = child.running_mean, child.running_var
                shared.num_batches_tracked = child.num_batches_tracked
                shared.train(child.training)
                setattr(module, name, shared)
