"""Scores against closed forms, and their floors."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import rice

from gan_lab import data, metrics
from gan_lab.nets import MLP

X = torch.linspace(-12, 14, 40_001, dtype=torch.float64)
DX = float(X[1] - X[0])


def pair(m=1.0, a=1.0, b=1.5):
    return data.gaussian(0, a).density(X), data.gaussian(m, b).density(X)


def test_kl_of_gaussians():
    p, q = pair()
    exact = math.log(1.5) + (1 + 1) / (2 * 1.5**2) - 0.5
    assert metrics.kl(p, q, DX) == pytest.approx(exact, abs=1e-9)
    assert metrics.kl(p, p, DX) == pytest.approx(0, abs=1e-12)


def test_jsd_is_bounded_symmetric_and_log_2_on_disjoint_supports():
    p, q = pair()
    assert metrics.jensen_shannon(p, q, DX) == pytest.approx(metrics.jensen_shannon(q, p, DX), abs=1e-12)
    apart = data.uniform(-5, -4).density(X), data.uniform(4, 5).density(X)
    assert metrics.jensen_shannon(*apart, DX) == pytest.approx(math.log(2), abs=2e-3)


def test_divergences_survive_a_grid_so_wide_that_the_densities_underflow():
    wide = torch.linspace(-60, 60, 120_001, dtype=torch.float64)
    dx = float(wide[1] - wide[0])
    p, q = data.gaussian(-30, 1).density(wide), data.gaussian(30, 1).density(wide)
    assert ((p > 0) & (p < torch.finfo(torch.float64).tiny)).any()  # the case in question
    assert metrics.jensen_shannon(p, q, dx) == pytest.approx(math.log(2), abs=1e-9)
    near = data.gaussian(-29, 1).density(wide)
    best = metrics.optimal_discriminator(data.gaussian(-30, 1).density, data.gaussian(-29, 1).density)(wide)
    value = metrics.value_function(p, near, best.clamp(1e-300, 1 - 1e-16), dx)
    assert value == pytest.approx(2 * metrics.jensen_shannon(p, near, dx) - math.log(4), abs=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("distance", "std"), [(1.5, 1.0), (2.0, 0.5), (4.0, 0.1), (0.1, 0.1)])
def test_the_value_of_the_best_discriminator_survives_densities_that_underflow(distance, std, dtype):
    """Far out p / (p + q) rounds to 1 where q is not 0 (log 0), and is 0 / 0 where both are."""
    x = torch.linspace(-14, 14, 40_001, dtype=dtype)
    dx = 28 / 40_000
    p, q = data.gaussian(0, std).density(x), data.gaussian(distance, std).density(x)
    exact = 2 * metrics.jensen_shannon(p, q, dx) - math.log(4)
    best = metrics.optimal_discriminator(data.gaussian(0, std).density, data.gaussian(distance, std).density)(x)
    for d in (best, p / (p + q)):
        assert metrics.value_function(p, q, d, dx) == pytest.approx(exact, abs=1e-9 if dtype == torch.float64 else 1e-5)


def test_a_discriminator_that_is_sure_and_wrong_has_no_finite_value():
    p, q = pair()
    assert metrics.value_function(p, q, torch.ones_like(p), DX) == -math.inf
    assert metrics.value_function(p, q, torch.zeros_like(p), DX) == -math.inf
    assert metrics.kl(p, torch.zeros_like(p), DX) == math.inf


def test_chi2_is_infinite_and_not_nan_where_squares_underflow():
    assert metrics.chi2([1e-160, 1.0], [0.0, 1.0], 1.0) == math.inf
    assert metrics.chi2([1e-200, 1.0], [1e-250, 1.0], 1.0) == pytest.approx(1e-150 / 2)
    assert metrics.least_squares_value([1e-310, 1.0], [0.0, 1.0], 1.0) == pytest.approx(0, abs=1e-300)


def test_total_variation_of_shifted_gaussians():
    p, q = data.gaussian(0, 1).density(X), data.gaussian(2, 1).density(X)
    assert metrics.total_variation(p, q, DX) == pytest.approx(math.erf(1 / math.sqrt(2)), abs=1e-6)


def test_chi2_of_shifted_gaussians():
    p, q = data.gaussian(0.5, 1).density(X), data.gaussian(0, 1).density(X)
    assert metrics.chi2(p, q, DX) == pytest.approx(math.exp(0.25) - 1, rel=1e-6)


def test_value_of_the_best_discriminator_is_2_jsd_minus_log_4_and_no_other_beats_it():
    p, q = pair()
    best = p / (p + q)
    value = metrics.value_function(p, q, best, DX)
    assert value == pytest.approx(2 * metrics.jensen_shannon(p, q, DX) - math.log(4), abs=1e-9)
    for shift in (0.9, 0.99, 1.01):
        assert metrics.value_function(p, q, (best * shift).clamp(0, 1), DX) < value
    assert metrics.value_function(p, p, torch.full_like(p, 0.5), DX) == pytest.approx(-math.log(4), abs=1e-9)


def test_optimal_discriminator_is_half_where_there_is_nothing():
    best = metrics.optimal_discriminator(data.uniform(0, 1).density, data.uniform(2, 3).density)
    assert best(torch.tensor([0.5, 1.5, 2.5])).tolist() == [1.0, 0.5, 0.0]


def test_pushforward_of_an_affine_generator_is_exact():
    net = MLP(1, 1, ()).double()
    torch.nn.init.constant_(net[0].weight, -2.0)
    torch.nn.init.constant_(net[0].bias, 3.0)
    x, q = metrics.pushforward_density(net, data.gaussian())
    # the first and the last cell hold what lies beyond one in a million
    assert torch.allclose(q[1:-1], data.gaussian(3, 2).density(x)[1:-1], atol=1e-6) and bool((x[1:] > x[:-1]).all())
    assert float(q.sum() * (x[1] - x[0])) == pytest.approx(1, abs=1e-12)


def test_pushforward_sums_the_branches_of_a_folded_generator():
    """z^2 of a normal z is chi square with one degree of freedom, infinite at 0."""
    edges = torch.tensor([0, 1e-3, 0.1, 1, 4, 9], dtype=torch.float64)
    mass = metrics.pushforward_mass(torch.square, data.gaussian(), edges)
    exact = torch.special.gammainc(torch.tensor(0.5, dtype=torch.float64), edges / 2).diff()
    assert torch.allclose(mass, exact, atol=3e-4)
    x, q = metrics.pushforward_density(torch.square, data.gaussian())
    assert float(q.sum() * (x[1] - x[0])) == pytest.approx(1, abs=1e-12) and torch.isfinite(q).all()


def test_kernel_density_of_many_samples():
    d = data.gaussian(1, 2)
    q = metrics.kernel_density(d.sample(20_000, torch.Generator().manual_seed(0)), X[::20])
    assert float((q - d.density(X[::20])).abs().max()) < 0.01
    assert float(torch.trapezoid(q, X[::20])) == pytest.approx(1, abs=2e-3)
    assert torch.isfinite(metrics.kernel_density(torch.ones(5), X[::500])).all()


def test_wasserstein_of_a_shift_is_the_shift():
    x = torch.randn(1_000, generator=torch.Generator().manual_seed(0))
    assert metrics.wasserstein1(x, x[torch.randperm(1_000)] - 0.7) == pytest.approx(0.7, abs=1e-6)
    assert metrics.wasserstein1(x, x) == 0


def test_sliced_wasserstein_of_a_shift():
    # E |<w, m>| over the circle is 2 |m| / pi
    x = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    shifted = metrics.sliced_wasserstein(x, x + torch.tensor([3.0, 0.0]), directions=4_000)
    assert shifted == pytest.approx(6 / math.pi, rel=0.03)


def test_energy_distance_of_shifted_gaussians_and_its_floor():
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(3_000, 1, generator=g), torch.randn(3_000, 1, generator=g)
    assert abs(metrics.energy_distance(x, y)) < 0.01
    folded = lambda m: 2 * math.exp(-(m**2) / 4) / math.sqrt(math.pi) + m * math.erf(m / 2)  # noqa: E731  E|N(m, 2)|
    assert metrics.energy_distance(x, y + 2) == pytest.approx(2 * folded(2) - 2 * folded(0), rel=0.05)


@pytest.mark.parametrize("dim", [1, 2, 40])
@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_distances_do_not_depend_on_where_the_samples_lie(dim, offset):
    g = torch.Generator().manual_seed(0)
    x, y = (torch.randn(n, dim, generator=g, dtype=torch.float64) for n in (301, 202))
    y = 2 * y + 1
    by_hand = 2 * torch.cdist(x, y).mean() - torch.pdist(x).mean() - torch.pdist(y).mean()
    assert metrics.energy_distance(x + offset, y + offset) == pytest.approx(float(by_hand), abs=1e-7)
    sliced = [metrics.sliced_wasserstein(x[:202] + shift, y + shift) for shift in (0, offset)]
    assert sliced[1] == pytest.approx(sliced[0], abs=1e-7)


def test_energy_distance_is_computed_in_blocks(monkeypatch):
    held = []
    cdist = torch.cdist
    monkeypatch.setattr(torch, "cdist", lambda a, b, **how: held.append(len(a) * len(b)) or cdist(a, b, **how))
    x = torch.randn(9_000, 2, generator=torch.Generator().manual_seed(0))
    exact = 2 * rice.mean(3 / math.sqrt(2), scale=math.sqrt(2)) - 2 * math.sqrt(math.pi)
    assert metrics.energy_distance(x, x + torch.tensor([3.0, 0])) == pytest.approx(exact, rel=0.01)
    assert max(held) <= 2**22 < 9_000**2  # at n = 50,000 a whole table would be 20 GB


def test_every_metric_takes_arrays_lists_and_whole_numbers():
    assert metrics.wasserstein1(np.array([3, 1, 2]), [2.1, 3.1, 1.1]) == pytest.approx(0.1, abs=1e-12)
    assert metrics.energy_distance(np.arange(4.0)[::-1], torch.arange(4)) == pytest.approx(-5 / 6)  # 2 (5/4) - 2 (5/3)
    assert metrics.sliced_wasserstein([[0, 0], [1, 1]], np.array([[1, 1], [0, 0]]), directions=np.int64(8)) == 0
    assert metrics.total_variation([1, 0, 0], np.array([0, 0, 1]), torch.tensor(1.0)) == 0.5
    assert metrics.kernel_density(torch.tensor([0]), [0]) == pytest.approx((2 * math.pi) ** -0.5 / 0.9)
    assert metrics.modes(data.ring().centres.numpy(), data.ring()).covered == 8
    assert metrics.perfect_modes(data.ring(), np.int64(100)).n == 100


GREYS = torch.arange(48, dtype=torch.uint8).reshape(3, 1, 4, 4)


@pytest.mark.parametrize("greys", [GREYS, GREYS.float(), GREYS.numpy()], ids=["bytes", "whole floats", "array"])
@pytest.mark.parametrize("metric", [metrics.energy_distance, metrics.sliced_wasserstein])
def test_bytes_are_not_scored_against_floats(metric, greys):
    floats = GREYS.float() / 127.5 - 1
    for x, y in ((greys, floats), (floats, greys)):
        with pytest.raises(ValueError, match=r"holds bytes 0..255 and . floats: put both on one scale"):
            metric(x, y)
    assert metric(greys, greys) == metric(GREYS, GREYS)


@pytest.mark.parametrize(("target", "n"), [(data.ring(), 512), (data.grid(), 2_500), (data.grid(8), 512)], ids=str)
def test_the_floor_of_the_modes_is_what_true_samples_score(target, n):
    floor = metrics.perfect_modes(target, n)
    g = torch.Generator().manual_seed(0)
    drawn = [metrics.modes(target.sample(n, g), target) for _ in range(100)]
    for name in ("covered", "high_quality", "reverse_kl"):
        mean, std = getattr(floor, name).mean, getattr(floor, name).std
        values = np.array([getattr(report, name) for report in drawn])
        assert values.mean() == pytest.approx(mean, abs=3.5 * std / 10 + 1e-9), name
        assert values.std() == pytest.approx(std, rel=0.3, abs=1e-9) or name == "covered"
    assert floor.high_quality.mean == pytest.approx(1 - math.exp(-4.5), abs=1e-12)


def test_a_shapeless_cloud_finds_no_mode():
    """Each of eight modes has a sample of high quality, 9 % of all are; with one sample enough it was 8 of 8."""
    ring = data.ring(std=0.05)
    cloud = 2.8 * torch.rand(512, 2, generator=torch.Generator().manual_seed(0)) - 1.4
    report = metrics.modes(cloud, ring)
    assert min(report.counts) > 0 and report.high_quality < 0.1
    assert report.covered == 0
    # a mode of a quarter of its share of the samples is found, with one fewer it is not
    for few, covered in ((16, 2), (15, 1)):
        x = torch.cat([ring.centres[:1].expand(512 - few, 2), ring.centres[1:2].expand(few, 2)])
        assert metrics.modes(x, ring).covered == covered


def test_modes_of_a_collapsed_generator():
    ring = data.ring()
    report = metrics.modes(ring.centres[:1].repeat(100, 1), ring)
    assert (report.covered, report.high_quality) == (1, 1.0) and report.reverse_kl == pytest.approx(math.log(8))
    assert metrics.modes(torch.zeros(10, 2), ring).covered == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.kl(torch.ones(3), torch.ones(4), 0.1), "same points"),
        (lambda: metrics.kl(-torch.ones(3), torch.ones(3), 0.1), "not negative"),
        (lambda: metrics.kl(torch.ones(3), torch.ones(3), 0), "dx is 0"),
        (lambda: metrics.value_function(torch.ones(3), torch.ones(3), 2 * torch.ones(3), 1), "probability"),
        (lambda: metrics.wasserstein1(torch.ones(3), torch.ones(4)), "as many of each"),
        (lambda: metrics.wasserstein1(torch.tensor([math.nan]), torch.ones(1)), "1 NaN or infinite"),
        (lambda: metrics.wasserstein1(torch.empty(0), torch.empty(0)), "empty"),
        (lambda: metrics.wasserstein1(torch.ones(5, 2), torch.ones(5, 2)), r"shape \(5, 2\): .* sliced_wasserstein"),
        (lambda: metrics.kernel_density(torch.ones(5, 2), X), r"shape \(5, 2\)"),
        (lambda: metrics.modes(torch.ones(3, 2).byte(), data.ring()), "bytes"),
        (lambda: metrics.pushforward_density(MLP(1, 2), data.gaussian()), "for the line only"),
        (lambda: metrics.energy_distance(torch.tensor(1.0), torch.ones(5, 2)), "one number"),
        (lambda: metrics.energy_distance(torch.ones(1, 2), torch.ones(5, 2)), "two samples or more"),
        (lambda: metrics.kernel_density(torch.ones(3), X, bandwidth=-1), "bandwidth is -1"),
        (lambda: metrics.modes(torch.ones(3, 3), data.ring()), r"shape \(n, 2\)"),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
