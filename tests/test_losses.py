"""What each loss is worth against the best discriminator, and that its gradients live where they should.

The exact results are checked by quadrature through the losses themselves: they take means over samples, and a loss is
linear in the law of its samples, so the loss of a density is the integral of the loss of single points.
"""

import math

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from gan_lab import GAN, Batch, data, metrics
from gan_lab.losses import LOSSES, Hinge, LeastSquares, Loss, Minimax, NonSaturating, Relativistic, Wasserstein
from gan_lab.nets import MLP
from gan_lab.optim import SGD
from gan_lab.penalties import R1, R2, WGANGP, Asked

F64 = torch.float64
EVERY_LOSS = [pytest.param(cls(), id=name) for name, cls in LOSSES.items()]
LOGISTIC_PAIRS = [(data.gaussian(0, 1), data.gaussian(1.5, 0.7)), (data.gaussian(-1, 0.8), data.mixture([-2, 2], 0.6))]


def grid(n: int = 20_001, half: float = 14.0) -> tuple[Tensor, float]:
    """Equally spaced points that hold all the mass of the distributions above, and their distance."""
    x = torch.linspace(-half, half, n, dtype=F64)
    return x, float(x[1] - x[0])


def expected_discriminator_loss(loss: Loss, p: Tensor, q: Tensor, score: Tensor, dx: float) -> float:
    """E_p and E_q of the discriminator's loss when it answers ``score`` at each point of the grid."""
    nought = torch.zeros(1, dtype=F64)
    at_real = torch.vmap(lambda s: loss.discriminator(s[None], nought))(score)
    at_fake = torch.vmap(lambda s: loss.discriminator(nought, s[None]))(score)
    both = loss.discriminator(nought, nought)  # counted once in each of the two lines above
    return float(torch.trapezoid(p * (at_real - both) + q * (at_fake - both), dx=dx) + both)


def expected_generator_loss(loss: Loss, q: Tensor, score: Tensor, dx: float) -> Tensor:
    """E_q of the generator's loss when the discriminator answers ``score`` at each point of the grid."""
    return torch.trapezoid(q * torch.vmap(lambda s: loss.generator(s[None]))(score), dx=dx)


# -- exact results ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "q"), LOGISTIC_PAIRS)
def test_minimax_best_value_is_jsd(p, q):
    """V(D*, G) = -log 4 + 2 JSD(p, q), and the discriminator minimises -V (Goodfellow et al. 2014, Theorem 1)."""
    x, dx = grid(4_001)
    density_p, density_q = p.density(x), q.density(x)
    loss = Minimax()
    best = p.log_prob(x) - q.log_prob(x)
    value = -expected_discriminator_loss(loss, density_p, density_q, best, dx)
    assert value == pytest.approx(2 * metrics.jensen_shannon(density_p, density_q, dx) - math.log(4), abs=1e-9)
    # the generator's own loss differs from V by E_p log D, which it cannot move
    real_part = float(torch.trapezoid(density_p * torch.nn.functional.logsigmoid(best), dx=dx))
    fake_part = float(expected_generator_loss(loss, density_q, best, dx))
    assert real_part + fake_part == pytest.approx(value, abs=1e-9)


def test_non_saturating_gradient_at_logit_minus_40():
    """Value 40, gradient -1; a sigmoid followed by log(. + 1e-8) gives 18.4 and -4e-10."""
    for dtype in (torch.float32, F64):
        f = torch.tensor([-40.0], dtype=dtype, requires_grad=True)
        loss = NonSaturating().generator(f)
        (gradient,) = torch.autograd.grad(loss, f)
        assert loss.item() == 40.0
        assert gradient.item() == -1.0
    naive = torch.tensor([-40.0], dtype=F64, requires_grad=True)
    value = -torch.log(torch.sigmoid(naive) + 1e-8).mean()
    (gradient,) = torch.autograd.grad(value, naive)
    assert value.item() == pytest.approx(18.42, abs=0.01)
    assert gradient.item() == pytest.approx(-4.2e-10, rel=0.02)


def test_minimax_generator_saturates_at_logit_minus_40():
    f = torch.tensor([-40.0], dtype=F64, requires_grad=True)
    (gradient,) = torch.autograd.grad(Minimax().generator(f), f)
    assert gradient.item() == pytest.approx(-math.exp(-40), rel=1e-9)


def test_non_saturating_gradient_is_that_of_kl_minus_two_jsd():
    """Arjovsky and Bottou 2017, Theorem 2.5, for a generator that shifts a normal by theta."""
    x, dx = grid(4_001)
    p, theta, h = data.gaussian(0, 1), 1.3, 1e-4

    def divergence(shift: float) -> float:
        q = data.gaussian(shift, 1).density(x)
        return metrics.kl(q, p.density(x), dx) - 2 * metrics.jensen_shannon(p.density(x), q, dx)

    shift = torch.tensor(theta, dtype=F64, requires_grad=True)
    sample = x + shift  # G(z) = z + theta
    score = p.log_prob(sample) - data.gaussian(theta, 1).log_prob(sample)  # D* of theta, held fixed
    (gradient,) = torch.autograd.grad(expected_generator_loss(NonSaturating(), p.density(x), score, dx), shift)
    assert gradient.item() == pytest.approx((divergence(theta + h) - divergence(theta - h)) / (2 * h), abs=1e-6)


@pytest.mark.parametrize(("p", "q"), LOGISTIC_PAIRS)
def test_least_squares_best_value_is_pearson(p, q):
    """With (a, b, c) = (-1, 1, 0), twice the generator's objective is Pearson's chi2 of p + q and 2q (Mao, eq. 8).

    The paper's chi2(P || Q) is the integral of (Q - P)^2 / P: it divides by its *first* argument.
    """
    x, dx = grid(4_001)
    density_p, density_q = p.density(x), q.density(x)
    loss = LeastSquares(a=-1, b=1, c=0)
    score = loss.optimal_score(density_p, density_q)
    # the paper adds E_p (D - c)^2 / 2, which the generator cannot move
    objective = float(expected_generator_loss(loss, density_p + density_q, score, dx))
    pearson = float(torch.trapezoid((density_p - density_q) ** 2 / (density_p + density_q), dx=dx))
    assert 2 * objective == pytest.approx(pearson, abs=1e-9)
    assert objective == pytest.approx(metrics.least_squares_value(density_p, density_q, dx), abs=1e-9)
    assert 0 < pearson < 2


def test_least_squares_value_of_disjoint_and_of_equal_densities():
    """Pearson's chi2 of p + q and 2q is 0 for equal densities and 2 for disjoint ones: it is bounded."""
    x, dx = grid(4_001)
    left, right = data.uniform(-2, -1).density(x), data.uniform(1, 2).density(x)
    mass = float(torch.trapezoid(left.double(), dx=dx))
    assert metrics.least_squares_value(left, right, dx) == pytest.approx(mass, abs=1e-6)
    assert metrics.least_squares_value(left, left, dx) == 0


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0, 5.0])
def test_hinge_best_value_is_total_variation(shift):
    """The best D is sign(p - q), its loss 2 (1 - TV); two unit normals have TV = erf(shift / sqrt 8)."""
    x, dx = grid(28_001)
    p, q = data.gaussian(0, 1).density(x), data.gaussian(shift, 1).density(x)
    value = expected_discriminator_loss(Hinge(), p, q, Hinge().optimal_score(p, q), dx)
    assert value == pytest.approx(2 * (1 - math.erf(shift / math.sqrt(8))), abs=1e-6)
    assert value == pytest.approx(metrics.hinge_value(p, q, dx), abs=1e-6)


@pytest.mark.parametrize(("p", "q"), LOGISTIC_PAIRS)
def test_relativistic_best_value_is_jsd_of_pairs(p, q):
    """E log sigmoid(D(x) - D(y)) at D = log p/q is JSD(p x q, q x p) - log 2, whatever constant is added to D."""
    x, dx = grid(701)
    density_p, density_q = p.density(x), q.density(x)
    score = p.log_prob(x) - q.log_prob(x)
    a, b = torch.outer(density_p, density_q), torch.outer(density_q, density_p)
    middle = (a + b) / 2
    jsd = (torch.special.xlogy(a, a / middle) + torch.special.xlogy(b, b / middle)).nan_to_num().sum() * dx**2 / 2
    for constant in (0.0, 3.0):
        r, f = torch.meshgrid(score + constant, score + constant, indexing="ij")
        one_pair = torch.vmap(lambda s, t: Relativistic().discriminator(s[None], t[None]))
        value = -float((a * one_pair(r.flatten(), f.flatten()).view_as(a)).sum() * dx**2)
        assert value == pytest.approx(float(jsd) - math.log(2), abs=1e-9)


def test_wasserstein_value_is_the_distance_when_the_critic_is_the_witness():
    """For a shift by m the witness s(x) = -sign(m) x has slope 1, and the critic's gap is W1 = |m|."""
    z = data.gaussian(0, 1).quantile((torch.arange(1_000, dtype=F64) + 0.5) / 1_000)
    for m in (-2.0, 0.0, 3.0):
        gap = -Wasserstein().discriminator(-math.copysign(1, m) * z, -math.copysign(1, m) * (z + m))
        assert float(gap) == pytest.approx(abs(m), abs=1e-12)
        assert float(gap) == pytest.approx(metrics.wasserstein1(z, z + m), abs=1e-12)


@pytest.mark.parametrize(
    ("loss", "no_data", "nothing", "no_fakes"),
    [
        (Minimax(), -math.inf, 0, math.inf),
        (NonSaturating(), -math.inf, 0, math.inf),
        (Relativistic(), -math.inf, 0, math.inf),
        (LeastSquares(), 0, 0.5, 1),
        (LeastSquares(-1, 1, 0), -1, 0, 1),
        (Hinge(), -1, 0, 1),
    ],
)
def test_optimal_score_where_densities_vanish(loss, no_data, nothing, no_fakes):
    """Where there is nothing any score is optimal: it is the one that cannot tell, as for p = q."""
    for one in (1.0, 1, 1e-40):  # whole numbers are densities too, and 1e-40 is below the smallest normal float32
        score = loss.optimal_score(torch.tensor([0, 0, one]), torch.tensor([one, 0, 0]))
        assert score.tolist() == [no_data, nothing, no_fakes]
        assert torch.isfinite(loss.probability(score)).all()
    with pytest.raises(ValueError, match="finite and not negative"):
        loss.optimal_score(torch.tensor([-1.0]), torch.tensor([1.0]))


@pytest.mark.parametrize("loss", [Minimax(), NonSaturating(), LeastSquares(), LeastSquares(-1, 1, 0), Hinge()])
def test_optimal_score_cannot_be_improved(loss):
    """At every point the best score has the least loss of all: no other answer, near or far, does better there."""
    for p, q in ((0.3, 0.9), (1.4, 0.2), (0.5, 0.5)):
        weights = torch.tensor([p], dtype=F64), torch.tensor([q], dtype=F64)
        best = loss.optimal_score(*weights)

        def cost(s: Tensor, p: float = p, q: float = q) -> float:
            nought = torch.zeros(1, dtype=F64)
            both = loss.discriminator(nought, nought)
            return float(p * (loss.discriminator(s, nought) - both) + q * (loss.discriminator(nought, s) - both))

        for other in torch.linspace(-4, 4, 81, dtype=F64):
            assert cost(best) <= cost(other[None]) + 1e-12


def test_wasserstein_has_no_best_score_at_a_point():
    with pytest.raises(NotImplementedError, match="not a function of p"):
        Wasserstein().optimal_score(torch.ones(1), torch.ones(1))


# -- values and gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", EVERY_LOSS)
def test_gradients_by_finite_differences(loss):
    torch.manual_seed(0)
    real, fake = (torch.randn(7, dtype=F64).mul(2).add(0.05).requires_grad_(True) for _ in range(2))
    assert gradcheck(loss.discriminator, (real, fake))
    assert gradcheck(lambda f: loss.generator(f, real.detach()), (fake,))


def test_values_by_hand():
    real, fake = torch.tensor([0.5, -1.0], dtype=F64), torch.tensor([2.0, -0.25], dtype=F64)
    sigmoid, log = torch.sigmoid, torch.log
    expected = {
        "minimax": (-log(sigmoid(real)).mean() - log(1 - sigmoid(fake)).mean(), log(1 - sigmoid(fake)).mean()),
        "non_saturating": (-log(sigmoid(real)).mean() - log(1 - sigmoid(fake)).mean(), -log(sigmoid(fake)).mean()),
        "least_squares": (torch.tensor((0.25 + 4 + 4 + 0.0625) / 4), torch.tensor((1 + 1.5625) / 4)),
        "wasserstein": (torch.tensor(0.875 + 0.25), torch.tensor(-0.875)),
        "hinge": (torch.tensor((0.5 + 2) / 2 + (3 + 0.75) / 2), torch.tensor(-0.875)),
        "relativistic": (-log(sigmoid(real - fake)).mean(), -log(sigmoid(fake - real)).mean()),
    }
    assert set(expected) == set(LOSSES)
    for name, (of_d, of_g) in expected.items():
        assert float(LOSSES[name]().discriminator(real, fake)) == pytest.approx(float(of_d), abs=1e-12), name
        assert float(LOSSES[name]().generator(fake, real)) == pytest.approx(float(of_g), abs=1e-12), name


SIGMOID = {-1e4: 0.0, -40.0: math.exp(-40), 40.0: 1.0, 1e4: 1.0}
SOFTPLUS = {-1e4: 0.0, -40.0: math.exp(-40), 40.0: 40.0, 1e4: 1e4}


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@pytest.mark.parametrize("logit", SIGMOID)
def test_extreme_logits(logit, dtype):
    """Nothing overflows, and each gradient is the one of the formula, to the precision of the type."""

    def fake_side(loss: Loss) -> tuple[float, float]:
        f = torch.tensor([logit], dtype=dtype, requires_grad=True)
        value = loss.generator(f, torch.zeros(1, dtype=dtype))
        (slope,) = torch.autograd.grad(value, f)
        return value.item(), slope.item()

    approx = lambda v: pytest.approx(v, rel=1e-6, abs=0)  # noqa: E731
    assert fake_side(Minimax()) == (approx(-SOFTPLUS[logit]), approx(-SIGMOID[logit]))
    assert fake_side(NonSaturating()) == (approx(SOFTPLUS[-logit]), approx(-SIGMOID[-logit]))
    assert fake_side(Relativistic()) == (approx(SOFTPLUS[-logit]), approx(-SIGMOID[-logit]))
    assert fake_side(LeastSquares()) == (approx((logit - 1) ** 2 / 2), approx(logit - 1))
    for loss in (Wasserstein(), Hinge()):
        assert fake_side(loss) == (approx(-logit), approx(-1.0))


@pytest.mark.parametrize("loss", EVERY_LOSS)
@pytest.mark.parametrize("logit", [40.0, 1e4])
def test_extreme_logits_of_the_discriminator_stay_finite(loss, logit):
    for real, fake in ((logit, -logit), (-logit, logit)):
        r, f = (torch.tensor([v], requires_grad=True) for v in (real, fake))
        value = loss.discriminator(r, f)
        gradients = torch.autograd.grad(value, (r, f))
        assert math.isfinite(value.item()) and all(bool(torch.isfinite(g).all()) for g in gradients)


def test_the_discriminators_gradient_points_the_right_way():
    """A step down its loss raises the logit of real samples and lowers that of fakes; G's step raises its own."""
    for cls in LOSSES.values():
        r, f = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
        to_real, to_fake = torch.autograd.grad(cls().discriminator(r, f), (r, f), allow_unused=True)
        assert bool((to_real < 0).all()), cls.name
        assert bool((to_fake >= 0).all()) and (cls is LeastSquares or bool((to_fake > 0).all())), cls.name
        (to_own,) = torch.autograd.grad(cls().generator(f, r.detach()), f)
        assert bool((to_own < 0).all()), cls.name


# -- what a GAN does with a loss ------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", EVERY_LOSS)
@pytest.mark.parametrize("penalties", [(), (R1(1.0), R2(1.0)), (WGANGP(10.0),)], ids=["none", "r1 r2", "wgan_gp"])
def test_which_parameters_get_a_gradient(loss, penalties):
    """D's loss reaches all of D and nothing of G; G's loss reaches all of G, and through D changes no step of D."""
    torch.manual_seed(1)
    gan = GAN(MLP(2, 1, (5,)), MLP(1, 1, (6,)), loss, penalties, optimisers=SGD(0.1))
    batch = Batch(torch.randn(8, 1), torch.randn(8, 2), asked=(Asked(torch.rand(8)),) * len(penalties))
    gan("discriminator", batch).backward()
    assert all(p.grad is None for p in gan.generator.parameters())
    reached = [bool((p.grad != 0).any()) for p in gan.discriminator.parameters()]
    # a constant added to every logit changes no difference of logits, and no sum of hinges while all scores are small
    only_differences = isinstance(loss, Wasserstein | Relativistic | Hinge)
    assert reached == [True] * (len(reached) - 1) + [not only_differences]
    gan.zero_grad()
    gan("generator", batch._replace(asked=())).backward()
    assert all(bool((p.grad != 0).any()) for p in gan.generator.parameters())


# -- bad input, names and specs -------------------------------------------------------------------------------


def test_relativistic_pairs_must_match():
    with pytest.raises(ValueError, match=r"as many real as fake logits, not \(3,\) and \(4,\)"):
        Relativistic().discriminator(torch.zeros(3), torch.zeros(4))
    with pytest.raises(ValueError, match="as many real as fake"):
        Relativistic().generator(torch.zeros(3), torch.zeros(3, 1))  # would broadcast to 3 x 3 pairs
    with pytest.raises(ValueError, match="needs the logits of real samples"):
        Relativistic().generator(torch.zeros(3))


@pytest.mark.parametrize("targets", [(1, 1, 0), (0, 0, 1)])
def test_least_squares_targets_must_differ(targets):
    with pytest.raises(ValueError, match="nothing to tell apart"):
        LeastSquares(*targets)


@pytest.mark.parametrize("targets", [(math.nan, 1, 1), (0, math.inf, 1), (0, 1, math.nan)])
def test_least_squares_targets_must_be_finite(targets):
    with pytest.raises(ValueError, match="finite"):
        LeastSquares(*targets)


def test_a_loss_that_is_no_loss():
    with pytest.raises(TypeError, match="NonSaturating"):
        GAN(MLP(1, 1), MLP(1, 1), loss="hinge")


@pytest.mark.parametrize("loss", EVERY_LOSS)
def test_spec_and_repr_say_all(loss):
    spec = loss.spec()
    again = LOSSES[spec.pop("name")](**spec)
    assert type(again) is type(loss) and vars(again) == vars(loss)
    assert repr(again) == repr(loss) and type(loss).__name__ in repr(loss)
    assert loss.needs_real == (loss.name == "relativistic")
