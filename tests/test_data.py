"""Distributions: densities integrate to one, samples follow them, specs come back; images and their errors."""

import gzip
import json
import math

import numpy as np
import pytest
import torch

from gan_lab import data
from gan_lab.optim import Adam
from gan_lab.random import PageStreams, TorchStreams

CPU = torch.device("cpu")
LINE = [
    data.gaussian(1.0, 0.5),
    data.mixture([-2, 2], [0.5, 0.7], [0.3, 0.7]),
    data.uniform(-1, 3),
    data.exponential(2.0),
    data.sine(),
    data.drawn([0, 1, 3, 0, 2], -2, 3),
]
PLANE = [
    data.ring(std=0.2),
    data.grid(3, 2.0, 0.3),
    data.spiral(std=0.1),
    data.moons(std=0.1),
    data.points([[0, 0], [1, 0.5]], std=0.2),
    data.sine_curve(std=0.1),
    data.segment(2.0, std=0.1),
    data.standard_normal(2),
]


@pytest.mark.parametrize("d", LINE, ids=lambda d: d.name)
def test_density_cdf_quantile_and_samples_agree(d):
    low, high = d.support
    width = high - low
    x = torch.linspace(low - width, high + width, 300_001, dtype=torch.float64)
    p = d.density(x)
    assert float(torch.trapezoid(p, x)) == pytest.approx(1, abs=2e-4)
    cdf = torch.cumulative_trapezoid(p, x)
    assert float((cdf - (d.cdf(x)[1:] - d.cdf(x[:1]))).abs().max()) < 2e-4
    u = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    assert float((d.cdf(d.quantile(u)) - u).abs().max()) < 1e-12
    # Kolmogorov-Smirnov at the 1e-6 level: sqrt(n) D < 2.7
    s = d.sample(20_000, torch.Generator().manual_seed(1)).double().flatten().sort().values
    gap = (d.cdf(s) - (torch.arange(20_000) + 0.5) / 20_000).abs().max()
    assert float(gap) * math.sqrt(20_000) < 2.7


@pytest.mark.parametrize("d", PLANE, ids=lambda d: d.name)
def test_planar_density_integrates_to_one_and_matches_its_samples(d):
    s = d.sample(5_000, torch.Generator().manual_seed(0)).double()
    half = float(s.abs().max()) + 1.0
    n = 201
    line = torch.linspace(-half, half, n, dtype=torch.float64)
    area = (2 * half / (n - 1)) ** 2
    grid = torch.cartesian_prod(line, line)
    p = torch.cat([d.density(block) for block in grid.split(20_000)])
    assert float(p.sum()) * area == pytest.approx(1, abs=2e-3)
    # E p(X) from samples equals the integral of p^2
    drawn = float(d.density(s[:2_000]).mean())
    assert drawn == pytest.approx(float((p**2).sum()) * area, rel=0.06)


def test_uniform_cube_is_flat_and_bounded():
    cube = data.uniform_cube(3, -1, 1)
    s = cube.sample(20_000, torch.Generator().manual_seed(0)).double()
    assert float(s.abs().max()) <= 1 and float(s.mean(0).abs().max()) < 0.02
    assert s.var(0).tolist() == pytest.approx([1 / 3] * 3, rel=0.03)
    assert cube.density(torch.zeros(1, 3)).item() == pytest.approx(1 / 8)
    assert cube.density(torch.tensor([[0.0, 0.0, 1.5]])).item() == 0
    with pytest.raises(ValueError, match="low must be below high"):
        data.uniform_cube(2, 1, 1)


@pytest.mark.parametrize("d", [*LINE, *PLANE, data.uniform_cube(3, -1, 2)], ids=lambda d: d.name)
def test_spec_is_json_and_gives_the_same_samples(d):
    again = data.from_spec(json.loads(json.dumps(d.spec())))
    u = torch.rand(100, d.uniforms, dtype=torch.float64)
    assert torch.equal(d.from_uniform(u), again.from_uniform(u))


@pytest.mark.parametrize("streams", [TorchStreams(0), PageStreams(0)], ids=["torch", "page"])
@pytest.mark.parametrize("d", LINE + PLANE, ids=lambda d: d.name)
def test_draws_from_streams(d, streams):
    x = d.draw(100, streams, "data", CPU, torch.float64)
    assert x.shape == (100, d.dim) and x.dtype == torch.float64 and torch.isfinite(x).all()


def test_ring_has_eight_different_modes():
    centres = data.ring().centres
    assert torch.pdist(centres).min() == pytest.approx(2 * math.sin(math.pi / 8), abs=1e-12)


def test_mixture_picks_components_by_weight():
    d = data.mixture([-5, 5], 0.1, [0.25, 0.75])
    assert float((d.sample(40_000, torch.Generator().manual_seed(0)) > 0).float().mean()) == pytest.approx(
        0.75, abs=0.01
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: data.gaussian(0, 0), "std is 0"),
        (lambda: data.gaussian(float("nan"), 1), "NaN"),
        (lambda: data.uniform(2, 1), "low must be below high"),
        (lambda: data.exponential(-1), "rate is -1"),
        (lambda: data.mixture([]), "empty"),
        (lambda: data.mixture([0, 1], [1.0]), "give 2 each"),
        (lambda: data.drawn([0, 0]), "not all zero"),
        (lambda: data.ring(modes=0), "at least 1"),
        (lambda: data.points([[1, 2, 3]], 1), r"shape \(k, 2\)"),
        (lambda: data.spiral(std=1e-6), "must be at least"),
        (lambda: data.from_spec({"name": "gausian"}), "did you mean 'gaussian'"),
        (lambda: data.from_spec({"name": "gaussian", "sd": 1}), "option of the data gaussian 'sd': did you mean 'std'"),
        (lambda: data.gaussian().sample(0), "at least 1"),
        (lambda: data.ring().density(torch.zeros(3)), r"shape \(n, 2\)"),
    ],
)
def test_bad_input_says_what_to_do(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_embedded_digits_are_the_five_thousand():
    digits = data.digits("embedded")
    assert len(digits) == 5_000 and digits.shape == (1, 28, 28) and digits.dim == 784
    assert digits.labels.bincount().tolist() == [500] * 10
    batch = digits.sample(32, torch.Generator().manual_seed(0))
    assert batch.shape == (32, 1, 28, 28) and batch.min() == -1 and batch.max() <= 1
    assert digits.of_class(3).labels.unique().tolist() == [3]
    with pytest.raises(ValueError, match="no image labelled"):
        digits.of_class(11)


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """A folder MNIST/raw of two training digits."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    pixels = np.arange(2 * 28 * 28, dtype=np.uint8).tobytes()
    (raw / "train-images-idx3-ubyte").write_bytes(
        b"\x00\x00\x08\x03" + np.array([2, 28, 28], ">i4").tobytes() + pixels
    )
    (raw / "train-labels-idx1-ubyte").write_bytes(b"\x00\x00\x08\x01" + np.array([2], ">i4").tobytes() + b"\x04\x07")
    monkeypatch.setenv("GAN_LAB_DATA", str(tmp_path))
    return raw


@pytest.mark.parametrize("compressed", [False, True])
def test_full_mnist_comes_from_a_folder(raw, compressed):
    for file in list(raw.iterdir()) if compressed else ():
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    digits = data.digits()
    assert len(digits) == 2 and digits.labels.tolist() == [4, 7] and int(digits.pixels[0, 0, 0, 5]) == 5
    assert data.from_spec(digits.spec()).pixels.equal(digits.pixels)
    assert data.from_spec({"name": "digits", "classes": 7}).labels.tolist() == [7]


def test_damaged_and_missing_files_of_mnist_are_told_apart_by_name(raw):
    labels = raw / "train-labels-idx1-ubyte"
    whole = labels.read_bytes()
    for content in (b"", whole[:-1], whole + b"\0", b"<html>not found</html>"):
        labels.write_bytes(content)
        with pytest.raises(ValueError, match="train-labels-idx1-ubyte is damaged.*fetch it again"):
            data.digits()
    labels.unlink()
    with pytest.raises(FileNotFoundError, match="has no train-labels-idx1-ubyte, with or without .gz"):
        data.digits()
    packed = labels.with_name(f"{labels.name}.gz")
    for content in (whole, gzip.compress(whole)[:-3], gzip.compress(whole[:-1])):
        packed.write_bytes(content)
        with pytest.raises(ValueError, match="train-labels-idx1-ubyte.gz is damaged"):
            data.digits()
    packed.write_bytes(gzip.compress(whole[:4] + np.array([1], ">i4").tobytes() + b"\x04"))
    with pytest.raises(ValueError, match="has 2 digits and .*gz 1 labels"):
        data.digits()
    with pytest.raises(FileNotFoundError, match="no t10k-images-idx3-ubyte and no t10k-labels-idx1-ubyte"):
        data.digits(train=False)


def test_missing_data_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_LAB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="no folder: correct it or unset it"):
        data.digits()
    monkeypatch.setenv("GAN_LAB_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="source='embedded'"):
        data.digits("mnist")
    with pytest.raises(ValueError, match="did you mean 'embedded'"):
        data.digits("embeded")


def test_no_network_says_what_to_do(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setenv("GAN_LAB_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no network"):
        data.digits(download=True)


def test_images_refuse_what_is_not_bytes():
    with pytest.raises(TypeError, match="uint8"):
        data.Images(torch.zeros(2, 1, 4, 4, dtype=torch.int64))
    with pytest.raises(ValueError, match="channels, height, width"):
        data.Images(torch.zeros(2, 4, dtype=torch.uint8))
    with pytest.raises(ValueError, match="labels must have shape"):
        data.Images(torch.zeros(2, 1, 4, 4, dtype=torch.uint8), torch.zeros(3))


@pytest.mark.parametrize("d", [*LINE, *PLANE, data.uniform_cube(3, -1, 2)], ids=lambda d: d.name)
def test_whole_numbers_and_arrays_are_points_like_others(d):
    """Integers made integers of weights and nodes once, and so wrong densities."""
    x = torch.tensor([[-2], [0], [1], [2]]).expand(4, d.dim)
    expected = d.density(x.double())
    assert torch.allclose(d.density(x).double(), expected, rtol=1e-5, atol=1e-7)
    assert torch.equal(d.density(x.double().numpy()), expected)
    if isinstance(d, data.Distribution1D):
        assert torch.allclose(d.cdf(x).double(), d.cdf(x.double()), atol=1e-6)
        assert torch.equal(d.quantile(np.array([0.25, 0.5])), d.quantile(torch.tensor([0.25, 0.5]).double()))


def test_the_density_of_a_mixture_at_whole_numbers_is_right():
    d = data.mixture([0.0, 1.0], 0.5)
    expected = 0.5 * (1 + math.exp(-2)) / (0.5 * math.sqrt(2 * math.pi))
    assert d.density(torch.tensor([0, 1])).tolist() == pytest.approx([expected] * 2)


def test_numbers_of_numpy_and_tensors_are_numbers():
    assert repr(data.ring(np.int64(5), np.float32(2.0), torch.tensor(0.25))) == repr(data.ring(5, 2.0, 0.25))
    assert repr(data.grid(torch.tensor(3), np.float64(2))) == repr(data.grid(3, 2.0))
    assert repr(data.gaussian(torch.tensor(3), np.float64(2))) == repr(data.gaussian(3.0, 2.0))
    by_hand = data.mixture([0.0, 1.0], [0.5, 0.5], [0.25, 0.75])
    assert repr(data.mixture(np.array([0, 1]), np.float32(0.5), torch.tensor([1, 3]))) == repr(by_hand)
    assert len(data.ring().sample(np.int32(7))) == 7
    for wrong, message in (
        (lambda: data.ring(True), "modes must be a whole number, not True"),
        (lambda: data.ring(np.bool_(True)), "modes must be a whole number"),
        (lambda: data.ring(torch.tensor(True)), "modes must be a whole number"),
        (lambda: data.ring(2.5), "modes must be a whole number, not 2.5"),
        (lambda: data.ring(np.float64(2)), "modes must be a whole number"),
        (lambda: data.ring("3"), "modes must be a whole number, not '3'"),
        (lambda: data.gaussian(0, "0.1"), "std is '0.1': give one number, without quotes"),
        (lambda: data.gaussian(0, None), "std is None: give one number"),
        (lambda: data.gaussian(0, True), "std is True: give one number"),
        (lambda: data.gaussian(0, [1, 2]), "std is .*: give one number"),
        (lambda: data.gaussian("a"), "mean is 'a': give numbers"),
        (lambda: Adam("0.001"), "lr of Adam is '0.001': give one number, without quotes"),
    ):
        with pytest.raises(TypeError, match=message):
            wrong()
