"""Samples with labels, and samples of two domains. A batch of them is a named tuple with n rows in each part."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from gan_lab._numbers import as_tensor
from gan_lab.data.base import Chance, Data, Distribution
from gan_lab.data.inputs import as_data
from gan_lab.data.memory import Finite, digest


class Labels(NamedTuple):
    """A batch of labelled samples: x (n, ...) and y (n,), int64 in 0 .. classes - 1."""

    x: Tensor
    y: Tensor


class Pair(NamedTuple):
    """A batch of two domains: a (n, ...) and b (n, ...)."""

    a: Tensor
    b: Tensor


class _Labelled(Data):
    """What both kinds of labelled data have; ``x`` are the data without labels, ``classes`` how many labels there are.

    x is drawn with the very numbers that the data without labels are drawn with.
    """

    x: Any
    classes: int

    @property
    def dim(self) -> int:
        dim: int = self.x.dim
        return dim

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) where the samples are images; AttributeError where they are not."""
        shape: tuple[int, int, int] = self.x.shape
        return shape

    def place(self, generator: torch.Generator | None = None) -> torch.device:
        device: torch.device = self.x.place(generator)
        return device


class LabelledDistribution(_Labelled):
    """A mixture, each sample with the index of the component that it comes from."""

    def __init__(self, x: Distribution) -> None:
        if not x.components:
            x.component(torch.empty(0, x.uniforms))  # says which have components
        self.x, self.classes = x, x.components

    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> Tensor:
        return self.x.choose(n, chance, stream, device)

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Labels:
        return Labels(self.x.take(choice, device, dtype), self.x.component(choice))

    def spec(self) -> dict[str, Any]:
        return {"name": "labelled", "of": self.x.spec()}

    def __repr__(self) -> str:
        return f"labelled({self.x!r})"


class LabelledSamples(_Labelled, Finite):
    """Samples that can be counted, each with its label y."""

    def __init__(self, x: Finite, y: Tensor, *, own: bool) -> None:
        self.x, self.y, self.own = x, y, own
        self.classes, self.foresees = int(y.max()) + 1, x.foresees

    def __len__(self) -> int:
        return len(self.x)

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Labels:
        return Labels(self.x.take(choice, device, dtype), self.y[choice.to(self.y.device)].to(device))

    def expect(self, choice: Tensor, device: torch.device) -> None:
        self.x.expect(choice, device)

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.x.to(device), self.y.to(device), own=self.own)

    def spec(self) -> dict[str, Any]:
        if not self.own:
            raise ValueError(f"{self!r} has no recipe: its labels are in memory alone.")
        return {"name": "labelled", "of": self.x.spec()}

    def __repr__(self) -> str:
        return f"labelled({self.x!r}, {self.classes} classes, {digest(self.y)})"


def labelled(x: Any, y: Any = None) -> LabelledDistribution | LabelledSamples:
    """Samples with labels: a draw gives :class:`Labels`.

    x: images, a table, a tensor, an array or a DataFrame, with ``y`` (n,), whole numbers 0 .. K - 1, each of them at
    least once. Without ``y`` images have their own labels, and a mixture (``mixture``, ``ring``, ``grid``, ``points``,
    ``moons``) the index of the component that a sample comes from; x is then bit for bit what the mixture alone gives.

    Raises ValueError for another number of labels, holes among them or negative ones, and for data without labels;
    TypeError for labels that are no whole numbers.
    """
    x = as_data(x)
    if isinstance(x, Distribution):
        if y is not None:
            raise ValueError(f"{x!r} has samples without end, y has {len(y)}: leave y out, or draw x first.")
        return LabelledDistribution(x)
    if not isinstance(x, Finite) or isinstance(x, LabelledSamples | Paired):
        raise TypeError(f"labelled takes images, points or a mixture, not {x!r}.")
    own = y is None
    y = getattr(x, "labels", None) if own else y
    if y is None:
        raise ValueError(f"{x!r} has no labels of its own: pass them, labelled(x, y).")
    return LabelledSamples(x, _labels(y, len(x)).to(x.place()), own=own)


def _labels(y: Any, n: int) -> Tensor:
    """The labels (n,) as int64, checked."""
    y = as_tensor(y)
    if y.is_floating_point() or y.is_complex() or y.dtype == torch.bool:
        raise TypeError(f"labels are {y.dtype}: give whole numbers 0 .. K - 1, such as y.long().")
    if y.shape != (n,):
        raise ValueError(f"the labels have shape {tuple(y.shape)}, but there are {n} samples: give one each, ({n},).")
    y = y.long()
    if bool((y < 0).any()):
        row = int((y < 0).nonzero()[0])
        raise ValueError(f"label {int(y[row])} of sample {row} is negative: number the classes from 0.")
    there = y.unique()
    if len(there) != int(there[-1]) + 1:
        gaps = sorted(set(range(min(int(there[-1]), len(there) + 10))) - set(there.tolist()))[:5]
        raise ValueError(
            f"no sample has label {', '.join(map(str, gaps))}, while the largest is {int(there[-1])}: number the "
            "classes 0, 1, ... without holes, such as by torch.unique(y, return_inverse=True)[1]."
        )
    return y


class Paired(Finite):
    """Samples of two domains that belong together: the same index of both."""

    def __init__(self, a: Finite, b: Finite) -> None:
        self.a, self.b, self.foresees = a, b, a.foresees or b.foresees

    def __len__(self) -> int:
        return len(self.a)

    @property
    def dim(self) -> int:
        """Numbers in one sample of a."""
        return self.a.dim

    def place(self, generator: torch.Generator | None = None) -> torch.device:
        return self.a.place(generator)

    def take(self, choice: Tensor, device: torch.device, dtype: torch.dtype) -> Pair:
        return Pair(self.a.take(choice, device, dtype), self.b.take(choice, device, dtype))

    def expect(self, choice: Tensor, device: torch.device) -> None:
        self.a.expect(choice, device)
        self.b.expect(choice, device)

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.a.to(device), self.b.to(device))

    def spec(self) -> dict[str, Any]:
        return {"name": "paired", "a": self.a.spec(), "b": self.b.spec()}

    def __repr__(self) -> str:
        return f"paired({self.a!r}, {self.b!r})"


class Unpaired(Data):
    """Samples of two domains, each drawn on its own: first a, then b, from the same stream."""

    def __init__(self, a: Data, b: Data) -> None:
        self.a, self.b, self.foresees = a, b, a.foresees or b.foresees

    @property
    def dim(self) -> int:
        """Numbers in one sample of a."""
        return self.a.dim

    def place(self, generator: torch.Generator | None = None) -> torch.device:
        return self.a.place(generator)

    def choose(self, n: int, chance: Chance, stream: str, device: torch.device) -> tuple[Any, Any]:
        return self.a.choose(n, chance, stream, device), self.b.choose(n, chance, stream, device)

    def take(self, choice: tuple[Any, Any], device: torch.device, dtype: torch.dtype) -> Pair:
        return Pair(self.a.take(choice[0], device, dtype), self.b.take(choice[1], device, dtype))

    def expect(self, choice: tuple[Any, Any], device: torch.device) -> None:
        self.a.expect(choice[0], device)
        self.b.expect(choice[1], device)

    def to(self, device: torch.device | str) -> Self:
        return type(self)(self.a.to(device), self.b.to(device))

    def spec(self) -> dict[str, Any]:
        return {"name": "unpaired", "a": self.a.spec(), "b": self.b.spec()}

    def __repr__(self) -> str:
        return f"unpaired({self.a!r}, {self.b!r})"


def paired(a: Any, b: Any) -> Paired:
    """Samples that belong together, such as a drawing and its photograph: a draw gives a :class:`Pair` of one index.

    a and b: images, a table, a tensor, an array or a DataFrame, as many of one as of the other. Raises ValueError for
    two sizes, TypeError for data that cannot be counted.
    """
    a, b = _domain("paired", a), _domain("paired", b)
    for part in (a, b):
        if not isinstance(part, Finite):
            raise TypeError(f"{part!r} has no samples to count, so that none belongs to another: use unpaired(a, b).")
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} samples and b has {len(b)}: paired ones belong together, one to one.")
    return Paired(a, b)


def unpaired(a: Any, b: Any) -> Unpaired:
    """Samples of two domains that do not belong together: a draw gives a :class:`Pair`, a first, then b.

    a and b: anything :func:`~gan_lab.data.as_data` takes, distributions too. Raises TypeError for other things.
    """
    return Unpaired(_domain("unpaired", a), _domain("unpaired", b))


def _domain(name: str, part: Any) -> Any:
    part = as_data(part)
    if not isinstance(part, Data) or isinstance(part, _Labelled | Paired | Unpaired):
        raise TypeError(f"{name} takes images, points or distributions, not {part!r}.")
    return part
