"""One seed, named streams: initial weights, data and noise never share random numbers.

Two kinds of streams have the same face. :class:`TorchStreams` (the default) draws with PyTorch's generators.
:class:`PageStreams` draws exactly the numbers of the engine in the published page (Philox4x32-10), so that a run seen
there can be reproduced here.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gan_lab._errors import unknown, whole_number
from gan_lab.initialise import awake, reset

STREAMS = ("init", "data", "noise", "mix", "augmentation")
MAX_SEED = 4_000_000  # 1000 * seed + index stays below 2^32, the range of the Mersenne Twister's seed


class Streams(Protocol):
    """What a run draws from: uniforms, normals and indices by stream name, and the place of every stream."""

    seed: int

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor: ...
    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor: ...
    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor: ...
    def state_dict(self) -> dict[str, Tensor]: ...
    def load_state_dict(self, state: dict[str, Tensor]) -> None: ...


def stream_seed(seed: int, stream: str) -> int:
    """The seed of one named stream: ``1000 * seed + index`` with init = 0, data = 1, noise = 2, mix = 3,
    augmentation = 4.

    Plain on purpose: a loop written out by hand gets the same numbers from ``torch.manual_seed(1000 * seed)`` and
    ``torch.Generator().manual_seed(1000 * seed + 1)``.
    """
    if stream not in STREAMS:
        raise unknown("stream", stream, STREAMS)
    seed = whole_number("seed", seed, 0)
    if seed > MAX_SEED:
        raise ValueError(f"seed is {seed}: it must be at most {MAX_SEED}.")
    return 1000 * seed + STREAMS.index(stream)


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU that begins at a seed, a whole number >= 0."""
    return torch.Generator().manual_seed(whole_number("seed", seed, 0))


@contextmanager
def layers_draw(seed: int, step: int, move: int, device: torch.device, rank: int = 0) -> Iterator[None]:
    """Within it, layers that draw for themselves (dropout) draw from a stream of their own; PyTorch's stays as it was.

    The stream begins anew at every move of every step, from the run's seed, the step, the number of the move in it and
    the process: so a checkpoint, which knows the step, knows the stream too.
    """
    generators = [torch.default_generator]
    if device.type == "cuda":
        torch.cuda.init()
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    before = [generator.get_state() for generator in generators]
    # the Mersenne Twister's seed has 32 bits
    key = zlib.crc32(f"layers {seed} {step} {move} {rank}".encode())
    try:
        for generator in generators:
            generator.manual_seed(key)
        yield
    finally:
        for generator, state in zip(generators, before, strict=True):
            generator.set_state(state)


def _owned(network: nn.Module) -> list[nn.Module]:
    """The networks that the players of a system own; of any other module, the module."""
    return list(getattr(network, "owned", [network]))


class StreamsError(ValueError):
    """The places of random streams that cannot be taken up here: of another kind, or of another device."""


class TorchStreams:
    """Named streams from :class:`torch.Generator`; numbers depend on the device they are drawn on."""

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.seed = whole_number("seed", seed, 0)
        self.device = torch.device(device)
        self._generators = {
            s: torch.Generator(self.device).manual_seed(stream_seed(self.seed, s)) for s in STREAMS if s != "init"
        }

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return torch.rand(shape, generator=self._generators[stream], device=device)

    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return torch.randn(shape, generator=self._generators[stream], device=device)

    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor:
        return torch.randint(high, (n,), generator=self._generators[stream], device=device)

    def initialise(self, network: nn.Module) -> None:
        """New weights for all that is trainable, module by module (:func:`gan_lab.initialise.reset`).

        Of a :class:`~gan_lab.System` only the networks that a player owns get any; its state begins anew.
        """
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(stream_seed(self.seed, "init"))
            for part in _owned(network):
                reset(part)

    def state_dict(self) -> dict[str, Tensor]:
        """The position of every stream, for a checkpoint."""
        return {name: g.get_state() for name, g in self._generators.items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Put every stream back to a position that :meth:`state_dict` gave.

        Raises :class:`StreamsError` for positions of another kind of streams, or of another kind of device.
        """
        for name, generator in self._generators.items():
            if name in state:  # a checkpoint may be older than a stream: then nothing has been drawn from it
                here = generator.get_state()
                if state[name].dtype != here.dtype or state[name].shape != here.shape:
                    raise StreamsError(
                        f"the random stream {name!r} stands at a place of another kind of streams or device: go on "
                        f"with the streams and on the kind of device ({self.device.type} here) that the run began with."
                    )
                generator.set_state(state[name])


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

    counter: (n, 4) of 32-bit words; key: two 32-bit words. Returns (n, 4) words as uint64 below 2^32.
    """
    c0, c1, c2, c3 = (counter[:, i].astype(np.uint64) for i in range(4))
    k0, k1 = key
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (p1 >> shift) ^ c1 ^ np.uint64(k0),
            p1 & low,
            (p0 >> shift) ^ c3 ^ np.uint64(k1),
            p0 & low,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1)


class PageStreams:
    """The random numbers of the engine in the page, in float64: ``u = (word + 1/2) / 2^32``, one Philox word a number.

    Stream ``s`` has the key (seed, index of s); its words are those of the counters (0,0,0,0), (1,0,0,0), ... in
    order. Normals are the normal quantile of a uniform, so every draw costs one word.
    """

    def __init__(self, seed: int) -> None:
        stream_seed(seed, "init")  # the same range as everywhere
        self.seed = whole_number("seed", seed, 0)
        self._used = dict.fromkeys(STREAMS, 0)

    def _words(self, stream: str, n: int) -> np.ndarray:
        first = self._used[stream]
        self._used[stream] = first + n
        blocks = np.arange(first // 4, (first + n - 1) // 4 + 1, dtype=np.uint64)
        counter = np.zeros((len(blocks), 4), dtype=np.uint64)
        counter[:, 0] = blocks
        return philox(counter, (self.seed, STREAMS.index(stream))).reshape(-1)[first % 4 : first % 4 + n]

    def _uniform64(self, stream: str, shape: tuple[int, ...]) -> Tensor:
        words = self._words(stream, math.prod(shape)) if math.prod(shape) else np.empty(0, np.uint64)
        return torch.from_numpy((words.astype(np.float64) + 0.5) / 2**32).reshape(shape)

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        # float64 whatever the networks' type: a quantile taken in float32 would differ from the page's
        return self._uniform64(stream, shape).to(device)

    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return torch.special.ndtri(self._uniform64(stream, shape)).to(device)

    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor:
        return (self._uniform64(stream, (n,)) * high).long().to(device)

    def initialise(self, network: nn.Module) -> None:
        """PyTorch's default law for linear layers, U(-1/sqrt(fan_in), 1/sqrt(fan_in)), from the init stream."""
        for part in _owned(network):
            for module in awake(part):
                if type(module) is nn.Linear:
                    for parameter in (p for p in module.parameters() if p.requires_grad):
                        u = self._uniform64("init", tuple(parameter.shape))
                        with torch.no_grad():
                            parameter.copy_((2 * u - 1) / math.sqrt(module.in_features))
                elif any(True for _ in module.parameters(recurse=False)) or hasattr(module, "reset_parameters"):
                    raise ValueError(
                        f"the page's engine has no {type(module).__name__}: use streams='torch' for a network with one."
                    )

    def state_dict(self) -> dict[str, Tensor]:
        """How many words of every stream are used, for a checkpoint."""
        return {name: torch.tensor(used) for name, used in self._used.items()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Put every stream back to a position that :meth:`state_dict` gave; raises :class:`StreamsError` for others."""
        if any(place.numel() != 1 for place in state.values()):
            raise StreamsError("the random streams stand at places of streams='torch': go on with those.")
        self._used = {name: int(state.get(name, 0)) for name in STREAMS}


def make_streams(kind: str, seed: int, device: torch.device) -> TorchStreams | PageStreams:
    """Streams of a kind: ``"torch"`` or ``"page"``."""
    if kind == "torch":
        return TorchStreams(seed, device)
    if kind == "page":
        return PageStreams(seed)
    raise unknown("kind of random streams", kind, ("torch", "page"))
