"""Labels and pairs of domains: the same numbers as without them, right labels, and specs that come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gan_lab import data
from gan_lab.random import PageStreams, TorchStreams

CPU = torch.device("cpu")
PIXELS = torch.arange(6 * 3 * 4 * 4, dtype=torch.uint8).reshape(6, 3, 4, 4)
Y = [0, 1, 2, 0, 1, 2]
MIXTURES = [
    data.mixture([-2, 3], [0.5, 0.7], [0.3, 0.7]),
    data.ring(),
    data.grid(3),
    data.points([[0, 0], [4, 1]], 0.1),
    data.moons(),
]


def drawn(d: Any, n: int = 200, streams: Any = TorchStreams) -> Any:
    return d.draw(n, streams(3), "data", CPU, torch.float32)


def near(d: data.Distribution, x: torch.Tensor) -> torch.Tensor:
    """The component each sample most likely comes from, by hand."""
    if isinstance(d, data.Moons):
        t = torch.linspace(0, 1, 4001, dtype=torch.float64)[:-1]
        return (torch.cdist(x.double(), d.curve(t)).argmin(1) >= 2000).long()
    centres = d.means[:, None] if isinstance(d, data.Mixture) else d.centres
    return torch.cdist(x.double(), centres).argmin(1)


@pytest.mark.parametrize("streams", [TorchStreams, PageStreams])
@pytest.mark.parametrize("d", MIXTURES, ids=lambda d: d.name)
def test_a_labelled_mixture_is_the_mixture_with_its_components(d: data.Distribution, streams: Any) -> None:
    both = data.labelled(d)
    x, y = batch = drawn(both, streams=streams)
    assert isinstance(batch, data.Labels) and torch.equal(x, drawn(d, streams=streams))
    assert y.dtype == torch.int64 and both.classes == d.components == len(y.unique()) and both.dim == d.dim
    assert float((near(d, x) == y).double().mean()) >= 0.98  # a few lie nearer to another component
    again = both.sample(50, torch.Generator().manual_seed(1))
    assert torch.equal(again.x, d.sample(50, torch.Generator().manual_seed(1)))


@pytest.mark.parametrize(
    "x",
    [PIXELS, PIXELS.numpy(), torch.linspace(-1, 0.5, 6 * 48).reshape(6, 3, 4, 4), torch.randn(6, 2),
     pd.DataFrame({"height": range(6), "width": range(6)})],
    ids=["bytes", "array", "float images", "points", "table"],
)  # fmt: skip
@pytest.mark.parametrize("y", [Y, np.array(Y, np.uint8), torch.tensor(Y), pd.Series(Y)], ids=lambda y: type(y).__name__)
def test_labelled_samples_keep_their_labels(x: Any, y: Any) -> None:
    plain, both = data.as_data(x), data.labelled(x, y)
    batch = drawn(both)
    assert torch.equal(batch.x, drawn(plain)) and batch.y.dtype == torch.int64 and both.classes == 3
    index = TorchStreams(3).index("data", 6, 200, CPU)
    assert torch.equal(batch.y, torch.tensor(Y)[index])
    assert both.dim == plain.dim and getattr(both, "shape", None) == getattr(plain, "shape", None)
    assert both.to("cpu").sample(3).y.shape == (3,)


def test_images_bring_their_own_labels() -> None:
    digits = data.digits("embedded")
    both = data.labelled(digits)
    x, y = drawn(both)
    assert both.classes == 10 and both.shape == (1, 28, 28) and torch.equal(x, drawn(digits))
    index = TorchStreams(3).index("data", 5_000, 200, CPU)
    assert torch.equal(y, digits.labels[index])


def test_streamed_images_are_read_ahead_under_labels_and_in_pairs(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", PIXELS.numpy())
    np.save(tmp_path / "b.npy", PIXELS.flip(0).numpy())
    held_a, held_b = data.Images(PIXELS), data.Images(PIXELS.flip(0))
    for make in (
        lambda a, b: data.labelled(a, Y), data.paired, data.unpaired, lambda a, b: data.unpaired(data.ring(), b)
    ):  # fmt: skip
        a, b = data.StreamedImages(tmp_path / "a.npy"), data.StreamedImages(tmp_path / "b.npy")
        one, two, first, second = make(a, b), make(held_a, held_b), TorchStreams(0), TorchStreams(0)
        for _ in range(3):
            batches = [d.draw(5, s, "data", CPU, torch.float32) for d, s in ((one, first), (two, second))]
            assert all(torch.equal(p, q) for p, q in zip(*batches, strict=True))
        assert max(a.foreseen, b.foreseen) == 2


def test_paired_samples_have_one_index_and_unpaired_their_own() -> None:
    a, b = data.Images(PIXELS), torch.arange(6.0)[:, None]
    pair = drawn(data.paired(a, b))
    assert isinstance(pair, data.Pair) and torch.equal(pair.a, a[pair.b[:, 0].long()])
    own = drawn(data.unpaired(a, b))
    streams = TorchStreams(3)
    assert torch.equal(own.a, a.draw(200, streams, "data", CPU, torch.float32))
    assert torch.equal(own.b, data.as_data(b).draw(200, streams, "data", CPU, torch.float32))
    assert not torch.equal(own.a, a[own.b[:, 0].long()])
    two = drawn(data.unpaired(data.ring(), data.moons()))
    assert two.a.shape == two.b.shape == (200, 2) and torch.equal(two.a, drawn(data.ring()))


@pytest.mark.parametrize(
    "d",
    [
        data.labelled(data.ring(5)),
        data.labelled(data.digits("embedded", classes=[0, 1])),
        data.unpaired(data.ring(), data.moons()),
        data.unpaired(data.digits("embedded"), data.gaussian()),
        data.paired(data.digits("embedded"), data.digits("embedded")),
    ],
    ids=repr,
)
def test_a_spec_is_json_and_gives_the_same_samples(d: Any) -> None:
    spec = json.loads(json.dumps(d.spec()))
    data.check_spec(spec)
    again = data.from_spec(spec)
    assert repr(again) == repr(d) and again.spec() == d.spec()
    assert all(torch.equal(p, q) for p, q in zip(drawn(d), drawn(again), strict=True))


def test_other_data_have_another_name() -> None:
    x = torch.randn(6, 2)
    names = [repr(data.as_data(t)) for t in (x, x + 1, x.double(), PIXELS, PIXELS.flip(0))]
    names += [repr(data.labelled(x, y)) for y in (Y, Y[::-1])] + [repr(data.paired(x, y)) for y in (x, x + 1)]
    assert len(set(names)) == len(names) and repr(data.as_data(x.clone())) == names[0]
    for d in (data.as_data(x), data.labelled(x, Y), data.labelled(data.digits("embedded"), [0, 1] * 2_500)):
        with pytest.raises(ValueError, match="has no recipe"):
            d.spec()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: data.labelled(PIXELS, [0, 1]), r"labels have shape \(2,\), but there are 6 samples"),
        (lambda: data.labelled(PIXELS, [0, 1, -1, 0, 1, 2]), "label -1 of sample 2 is negative"),
        (lambda: data.labelled(PIXELS, [0, 1, 4, 0, 1, 4]), "no sample has label 2, 3, while the largest is 4"),
        (lambda: data.labelled(PIXELS, [0, 10**12] * 3), "no sample has label 1, 2, 3, 4, 5, while"),
        (lambda: data.labelled(PIXELS, [0.0, 1.0] * 3), "labels are torch.float32: give whole numbers"),
        (lambda: data.labelled(PIXELS), "has no labels of its own: pass them"),
        (lambda: data.labelled(data.digits("embedded").of_class(3, 5)), "no sample has label 0, 1, 2, 4"),
        (lambda: data.labelled(data.gaussian()), "gaussian has no components to label by"),
        (lambda: data.labelled(data.ring(), Y), "samples without end"),
        (lambda: data.labelled(data.labelled(PIXELS, Y)), "takes images, points or a mixture"),
        (lambda: data.paired(PIXELS, PIXELS[1:]), "a has 6 samples and b has 5"),
        (lambda: data.paired(data.ring(), PIXELS), "use unpaired"),
        (lambda: data.unpaired(data.labelled(data.ring()), PIXELS), "takes images, points or distributions"),
        (lambda: data.from_spec({"name": "labelled"}), "the data labelled need of"),
        (lambda: data.from_spec({"name": "unpaired", "a": {"name": "ring"}}), "the data unpaired need b"),
        (lambda: data.from_spec({"name": "unpaired", "a": 1, "b": 2}), "data are 1: give a spec"),
        (lambda: data.check_spec({"name": "labelled", "of": {"name": "sine"}}), "sine has no components"),
        (lambda: data.check_spec({"name": "labelled", "of": {"name": "labelled"}}), "made of labelled data"),
        (lambda: data.check_spec({"name": "labelled", "off": {}}), "did you mean 'of'"),
        (lambda: data.check_spec({"name": "folder", "path": "x", "size": 2.5}), "size must be a whole number"),
        (lambda: data.check_spec({"name": "folder", "path": 3}), "path of the folder is 3: give it as text"),
        (lambda: data.check_spec({"name": "folder"}), "missing a required argument: 'path'"),
        (lambda: data.check_spec({"name": "ring", "modes": 10**9}), "modes of the data ring is 10.*at most 10,000,000"),
        (lambda: data.check_spec({"name": "labelled", "of": {"name": "grid", "side": 10**5}}), "at most 3,162; raise"),
        (lambda: data.check_spec({"name": "folder", "path": "x", "size": 10**6}), "size of the data folder is 10"),
        (lambda: data.check_spec({"name": "sine", "rate": 1}), "the data sine take no options"),
        (lambda: data.check_spec({"name": "digits", "classes": [10]}), r"classes of the digits is \[10\]"),
    ],
)
def test_what_cannot_be_is_one_sentence(make: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        make()
    assert "\n" not in str(caught.value)
