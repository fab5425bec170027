"""A look before anything is learned: do networks and data fit, are samples and scores in the range they should be?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lab.initialise import evaluating
from gan_lab.losses import LeastSquares, Loss

# how the graph of gradients calls them
BOUNDED = ("Sigmoid", "Softmax", "LogSoftmax", "LogSigmoid", "Hardsigmoid")
SHAPES = ("Select", "View", "UnsafeView", "Squeeze", "Reshape", "ToCopy", "Slice", "Mean")


@contextmanager
def fits(what: str, given: object = None) -> Iterator[None]:
    """Within it PyTorch's errors about shapes come out as one sentence, a ValueError, that names what does not fit.

    what: the network or the loss at work; given: the tensor that it was given, where there is one.
    """
    shape = f" of shape {tuple(given.shape)}" if isinstance(given, Tensor) else ""
    try:
        yield
    except NotImplementedError:
        raise
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise ValueError(
            f"{what} has batch norm, which needs at least 2 samples a process: give batch a larger number."
        ) from error
    except (RuntimeError, IndexError, TypeError) as error:
        first = str(error).strip().split("\n")[0]
        raise ValueError(
            f"{what} cannot work on what it is given{shape}: {first}. Change {what}, or the shape of the data "
            "(see data.sample(1))."
        ) from error


def rows_are_alone(score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor) -> bool:
    """Whether the scores (n,) of samples do not depend on the others in the call: not so with minibatch statistics."""
    together, alone = score(torch.cat([real, fake])), torch.cat([score(real), score(fake)])
    return torch.allclose(together, alone, rtol=1e-3, atol=1e-4 * float(alone.abs().max().clamp(min=1e-6)))


def ranges(real: Tensor, fake: Tensor, score: Callable[[Tensor], Tensor], loss: Loss) -> None:
    """Warn where images are made in another range than the data's, or scores are probabilities and not logits."""
    if real.ndim == 4 and float(real.min()) < -0.5 and float(fake.min()) >= 0:
        warnings.warn(
            f"the generator makes images in [{float(fake.min()):.2g}, {float(fake.max()):.2g}], the data lie in "
            f"[{float(real.min()):.2g}, {float(real.max()):.2g}]: let it end in tanh, not in a sigmoid.",
            stacklevel=2,
        )
    with torch.enable_grad():
        last = _last_operation(score(real))
    # the scores of least squares are no logits: a probability is as good
    if last.startswith(BOUNDED) and not isinstance(loss, LeastSquares):
        warnings.warn(
            f"the discriminator ends in {last.removesuffix('Backward0').lower()}, but the loss {loss.name} works on "
            "logits, which it squeezes itself: take it away.",
            stacklevel=2,
        )


def _last_operation(scores: Tensor) -> str:
    """The name of the last operation that computed something, past those that only change a shape or a type."""
    node = scores.grad_fn
    while node is not None and node.name().startswith(SHAPES):
        node = node.next_functions[0][0]
    return "" if node is None else node.name()


@torch.no_grad()
def refresh(
    network: nn.Module, inputs: tuple[Tensor, ...], batches: int, share: tuple[int, int] = (0, 1)
) -> None:
    """Estimate a network's running statistics anew: the plain average over ``batches`` parts of its inputs (n, ...).

    share: (rank, processes), where batch norm is shared by processes: each takes its rows of every part.

    What a moving average of weights inherits are the statistics of *other* weights, those of the network it follows.
    """
    layers = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    momenta = [layer.momentum for layer in layers]
    with evaluating(network):
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum, layer.training = None, True  # None: every batch counts alike
        try:
            for part in zip(*(tensor.chunk(batches) for tensor in inputs), strict=True):
                network(*(tensor.chunk(share[1])[share[0]] for tensor in part))
        finally:
            for layer, momentum in zip(layers, momenta, strict=True):
                layer.momentum = momentum
