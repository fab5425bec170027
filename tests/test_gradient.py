"""The arrows of a figure: the gradient of the generator's loss at its samples; and best responses under a penalty."""

import pytest
import torch

import gan_lab
from gan_lab import GAN, Batch, data, generator_gradient
from gan_lab.losses import LOSSES, Hinge, Minimax, NonSaturating, Relativistic, Wasserstein
from gan_lab.nets import MLP
from gan_lab.optim import SGD
from gan_lab.penalties import WGANGP, Clip


def small(loss, dim: int = 2) -> GAN:
    torch.manual_seed(0)
    return GAN(MLP(3, dim, (5,)), MLP(dim, 1, (6,)), loss).double()


@pytest.mark.parametrize("name", LOSSES)
def test_arrows_by_finite_differences(name):
    """Moving one sample by h in one direction changes that sample's own loss by h times the gradient there."""
    gan = small(LOSSES[name]())
    z, real = torch.randn(4, 3, dtype=torch.float64), torch.randn(7, 2, dtype=torch.float64)
    x, gradient = generator_gradient(gan, z, real)
    torch.testing.assert_close(x, gan.sample(z=z))
    assert gradient.shape == x.shape and float(gradient.abs().min()) > 1e-6

    def own_loss(at: torch.Tensor) -> float:
        scores = gan.score(at[None]).expand(len(real))
        return gan.loss.generator(scores, gan.score(real)).item()

    h = 1e-6
    for i in range(4):
        for j in range(2):
            step = h * torch.eye(2, dtype=torch.float64)[j]
            slope = (own_loss(x[i] + step) - own_loss(x[i] - step)) / (2 * h)
            assert float(gradient[i, j]) == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_arrows_are_what_the_generators_step_is_made_of():
    """The chain rule: G's weights get the arrows times dG/dtheta, averaged over the batch."""
    gan = small(NonSaturating())
    z = torch.randn(6, 3, dtype=torch.float64)
    gan("generator", Batch(z=z)).backward()
    wanted = [p.grad.clone() for p in gan.generator.parameters()]
    gan.zero_grad()
    _, gradient = generator_gradient(gan, z)
    gan.generator(z).backward(gradient / len(z))
    for a, b in zip(wanted, gan.generator.parameters(), strict=True):
        torch.testing.assert_close(a, b.grad)


def test_arrows_leave_no_trace():
    gan = small(Relativistic())
    before = {k: v.clone() for k, v in gan.state_dict().items()}
    z, real = torch.randn(5, 3), torch.randn(2, 2)
    first = generator_gradient(gan, z, real)
    again = generator_gradient(gan, z, real)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(torch.equal(before[k], v) for k, v in gan.state_dict().items())
    assert all(p.grad is None for p in gan.parameters()) and not gan.generator._forward_hooks


def test_arrows_do_not_depend_on_the_batch():
    gan = small(Hinge())
    z = torch.randn(8, 3)
    torch.testing.assert_close(generator_gradient(gan, z)[1][:3], generator_gradient(gan, z[:3])[1])


def test_minimax_and_non_saturating_arrows_differ_only_by_a_factor():
    """d log(1 - D) and -d log D are one direction: their ratio is D / (1 - D) at every sample."""
    one, other = small(Minimax()), small(NonSaturating())
    z = torch.randn(9, 3, dtype=torch.float64)
    x, stated = generator_gradient(one, z)
    _, used = generator_gradient(other, z)
    d = torch.sigmoid(one.score(x))[:, None]
    torch.testing.assert_close(stated, used * d / (1 - d))


def test_what_arrows_cannot_be_drawn_for():
    with pytest.raises(ValueError, match="pass real"):
        generator_gradient(small(Relativistic()), torch.randn(2, 3))
    with pytest.raises(ValueError, match="NaN"):
        generator_gradient(small(Hinge()), torch.full((2, 3), torch.nan))
    with pytest.raises(ValueError, match="real is empty"):
        generator_gradient(small(Relativistic()), torch.randn(2, 3), torch.empty(0, 2))

    class Twice(GAN):
        def generator_loss(self, batch, seen):
            return self.score(self.generator(batch.z)).mean() + self.score(self.generator(-batch.z)).mean()

    with pytest.raises(ValueError, match="2 times"):
        generator_gradient(Twice(MLP(1, 1, (4,)), MLP(1, 1, (4,))), torch.randn(2, 1))


# -- best responses under a penalty ---------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "slope"), [(3, 1.15), (2, -0.85)])
def test_best_response_under_the_gradient_penalty(seed, slope):
    """Two points a distance W apart and a straight critic of slope v: the loss is -v W + weight (|v| - 1)^2.

    Its minimum is v = 1 + W / (2 weight). The penalty does not see the sign: a critic that begins on the wrong side
    of 0 stays there, at v = -1 + W / (2 weight), as long as W < 2 weight.
    """
    p, q = data.gaussian(3, 1e-6), data.gaussian(0, 1e-6)
    options = {"loss": Wasserstein(), "optimiser": SGD(0.02), "steps": 100, "batch": 4, "seed": seed}
    held = gan_lab.best_response(MLP(1, 1, ()), p, q, penalties=[WGANGP(10.0)], **options)
    assert held.discriminator[0].weight.item() == pytest.approx(slope, abs=1e-4)
    # without the penalty nothing stops it: each step adds lr * W, less as the rate falls in the second half
    free = gan_lab.best_response(MLP(1, 1, ()), p, q, **options)
    assert free.discriminator[0].weight.item() > 3


def test_best_response_clips():
    p, q = data.gaussian(0, 0.5), data.gaussian(3, 0.5)
    fit = gan_lab.best_response(MLP(1, 1), p, q, loss=Wasserstein(), penalties=[Clip(0.1)], steps=50)
    assert max(float(w.detach().abs().max()) for w in fit.discriminator.parameters()) <= torch.tensor(0.1).item()
