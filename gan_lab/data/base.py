"""What all data can do, and every toy distribution: a push-forward of uniform numbers, as a generator is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, Self

import torch
from torch import Tensor

from gan_lab._errors import finite, whole_number
from gan_lab._numbers import as_floats
from gan_lab.random import Streams

LOG_2PI = math.log(2 * math.pi)


class Chance(Protocol):
    """Where data take their random numbers from: the named streams of a run, or one generator."""

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor: ...
    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor: ...
    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor: ...


class _OneGenerator:
    """A generator with the face of streams, all of them the same."""

    def __init__(self, generator: torch.Generator | None) -> None:
        self.generator = generator

    def uniform(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        # float64: the inverse CDF of a float32 uniform has visible steps in the tails and can be infinite at 0
        return torch.rand(shape, generator=self.generator, device=device, dtype=torch.float64)

    def normal(self, stream: str, shape: tuple[int, ...], device: torch.device) -> Tensor:
        return torch.special.ndtri(inside(self.uniform(stream, shape, device)))

    def index(self, stream: str, high: int, n: int, device: torch.device) -> Tensor:
        return torch.randint(high, (n,), generator=self.generator, device=device)


class Data(ABC):
    """What can be learned: it gives batches of n samples, each a tensor (n, ...) or a pytree of such tensors.

    A draw has two halves: :meth:`choose` takes the random numbers, :meth:`take` makes the batch of them. So labels and
    pairs share the numbers of what they are made from, and data on a disk can be told what they will be asked for.
    ``dim`` is the number of numbers in one sample.
    """

    foresees: bool = False  # whether `expect` is worth a call

    @property
    @abstractmethod
    def dim(self) -> int: ...

    @abstractmethod
    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> Any:
        """The random numbers of n samples, from a named stream."""

    @abstractmethod
    def take(self, choice: Any, device: torch.device, dtype: torch.dtype) -> Any:
        """The batch that a choice means, on ``device``; its floats have type ``dtype``."""

    def expect(self, choice: Any, device: torch.device) -> None:
        """Hear what is likely to be taken next; only data that :attr:`foresees` prepare for it."""
        return None

    @abstractmethod
    def spec(self) -> dict[str, Any]:
        """The data as JSON, which :func:`gan_lab.data.from_spec` reads; ValueError for what is in memory alone."""

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Any:
        """n samples from a named stream of a run."""
        batch = self.take(self.choose(n, streams, stream, device), device, dtype)
        if self.foresees:
            # choose what comes next and put the stream back: nobody can tell, and a wrong guess costs a reading
            before = streams.state_dict()
            self.expect(self.choose(n, streams, stream, device), device)
            streams.load_state_dict(before)
        return batch

    def sample(self, n: int, generator: torch.Generator | None = None) -> Any:
        """n independent samples, of PyTorch's default float type, where the data lie or else on the generator's device.

        Raises TypeError or ValueError for an n that is no whole number >= 1.
        """
        n, device = whole_number("n", n, 1), self.place(generator)
        return self.take(self.choose(n, _OneGenerator(generator), "data", device), device, torch.get_default_dtype())

    def place(self, generator: torch.Generator | None = None) -> torch.device:
        """Where samples are made: on the generator's device, or where the data lie."""
        return torch.device("cpu") if generator is None else generator.device

    def to(self, device: torch.device | str) -> Self:
        """The same data on a device; what is nowhere in memory goes where it is drawn."""
        return self


class Distribution(Data):
    """A distribution with exact sampling and an exact density.

    ``dim`` is the dimension of one sample, ``uniforms`` the number of uniform numbers that one sample is made of:
    :meth:`from_uniform` maps u of shape (n, uniforms), values in (0, 1), to samples (n, dim). ``components``: of how
    many parts it is a mixture; 0 where it is none.
    """

    name: ClassVar[str]
    dim: int = 1
    uniforms: int = 1
    components: int = 0

    @abstractmethod
    def from_uniform(self, u: Tensor) -> Tensor:
        """Samples (n, dim) as a fixed function of uniforms (n, uniforms)."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Natural logarithm of the density at x (n, dim) -> (n,); -inf outside the support."""

    def component(self, u: Tensor) -> Tensor:
        """Which part of the mixture the sample of u (n, uniforms) comes from: (n,) int64, 0 .. components - 1."""
        raise ValueError(
            f"{self.name} has no components to label by: take a mixture, ring, grid, points or moons, or give labels y."
        )

    def density(self, x: Tensor) -> Tensor:
        """Density at x (n, dim) -> (n,), in 1 / (unit of x)^dim."""
        return self.log_prob(x).exp()

    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> Tensor:
        return inside(chance.uniform(stream, (n, self.uniforms), device).double())

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
        return self.from_uniform(choice).to(dtype)

    def _points(self, x: Tensor) -> Tensor:
        x = as_floats(x)
        if x.ndim <= 1 and self.dim == 1:
            x = x.reshape(-1, 1)
        if x.ndim != 2 or x.shape[1] != self.dim:
            raise ValueError(f"{self.name} expects points of shape (n, {self.dim}), not {tuple(x.shape)}.")
        return x

    def __repr__(self) -> str:
        fields = ", ".join(f"{k}={v}" for k, v in self.spec().items() if k != "name")
        return f"{self.name}({fields})"


class Distribution1D(Distribution):
    """A distribution on the line: it also has a CDF, a quantile function, and a range worth drawing."""

    @abstractmethod
    def cdf(self, x: Tensor) -> Tensor:
        """P(X <= x), same shape as x."""

    @abstractmethod
    def quantile(self, u: Tensor) -> Tensor:
        """The inverse of the CDF at u in (0, 1), same shape as u."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """A finite interval that holds all but about 1e-3 of the mass: what a plot should show."""

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.quantile(u[:, :1])


class StandardNormal(Distribution):
    """N(0, I) in ``dim`` dimensions: the usual prior p_z of the noise."""

    name = "standard_normal"

    def __init__(self, dim: int) -> None:
        self.dim = self.uniforms = whole_number("dim", dim, 1)

    def from_uniform(self, u: Tensor) -> Tensor:
        return torch.special.ndtri(u)

    def log_prob(self, x: Tensor) -> Tensor:
        return -0.5 * (self._points(x) ** 2).sum(1) - 0.5 * self.dim * LOG_2PI

    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> Tensor:
        return chance.normal(stream, (n, self.dim), device)

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
        return choice.to(dtype)

    def spec(self) -> dict[str, Any]:
        # on the line it is the page's gaussian
        return {"name": "gaussian", "mean": 0.0, "std": 1.0} if self.dim == 1 else {"name": self.name, "dim": self.dim}


class UniformCube(Distribution):
    """Uniform on [low, high] in each of ``dim`` coordinates, independently: the other usual prior of the noise."""

    name = "uniform_cube"

    def __init__(self, dim: int, low: float = -1.0, high: float = 1.0) -> None:
        self.dim = self.uniforms = whole_number("dim", dim, 1)
        self.low, self.high = number("low", low), number("high", high)
        if self.low >= self.high:
            raise ValueError(f"low is {low} and high is {high}: low must be below high.")

    def from_uniform(self, u: Tensor) -> Tensor:
        return self.low + (self.high - self.low) * u

    def log_prob(self, x: Tensor) -> Tensor:
        x = self._points(x)
        inside = ((x >= self.low) & (x <= self.high)).all(1)
        return torch.where(inside, x.new_tensor(-self.dim * math.log(self.high - self.low)), -torch.inf)

    def spec(self) -> dict[str, Any]:
        return {"name": self.name, "dim": self.dim, "low": self.low, "high": self.high}


def numbers(name: str, values: Any) -> Tensor:
    """Numbers, a list or an array of them as a float64 tensor (n,), n >= 1, all finite.

    Raises TypeError for what is no number and ValueError for none, NaN or infinity, with ``name`` in it.
    """
    try:
        given = torch.as_tensor(values, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} is {values!r}: give numbers.") from error
    return finite(name, given.detach().reshape(-1))


def number(name: str, value: Any) -> float:
    """One finite number; raises as :func:`numbers` does, and ValueError for several."""
    found = numbers(name, value)
    if len(found) != 1:
        raise ValueError(f"{name} has {len(found)} values: give one number.")
    return float(found)


def inside(u: Tensor) -> Tensor:
    """Uniforms moved, in place, off the ends of (0, 1), where a quantile may be infinite."""
    return u.clamp_(1e-12, 1 - 1e-12)
