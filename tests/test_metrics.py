"""Scores against closed forms, and their floors."""

import math

import pytest
import torch

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
    assert torch.allclose(q, data.gaussian(3, 2).density(x), atol=1e-12) and bool((x[1:] > x[:-1]).all())


def test_pushforward_says_where_the_generator_folds():
    assert metrics.pushforward_density(lambda z: z**2, data.gaussian()) is None


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


@pytest.mark.parametrize(("target", "floor"), [(data.ring(), 0.0015), (data.grid(), 0.0050)], ids=["ring", "grid"])
def test_modes_of_true_data_are_at_the_ceiling(target, floor):
    reports = [metrics.perfect_modes(target, seed=s) for s in range(40)]
    assert all(r.covered == r.total for r in reports)
    assert sum(r.high_quality for r in reports) / 40 == pytest.approx(1 - math.exp(-4.5), abs=0.0015)
    assert sum(r.reverse_kl for r in reports) / 40 == pytest.approx(floor, rel=0.25)


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
        (lambda: metrics.energy_distance(torch.ones(1, 2), torch.ones(5, 2)), "two samples or more"),
        (lambda: metrics.kernel_density(torch.ones(3), X, bandwidth=-1), "bandwidth is -1"),
        (lambda: metrics.modes(torch.ones(3, 3), data.ring()), r"shape \(n, 2\)"),
    ],
)
def test_bad_input_says_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
