"""What tames a discriminator, as the zoo's builders make it, held to results that are known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import GAN, data, zoo
from gan_lab.gan import Batch
from gan_lab.nets import MLP, SpectralConv2d
from gan_lab.penalties import R1, Asked
from gan_lab.random import TorchStreams
from tests.test_zoo_exact import F64, Line


class Point(nn.Module):
    """A generator that makes one and the same point, whatever its noise."""

    def __init__(self) -> None:
        super().__init__()
        self.at = nn.Parameter(torch.zeros(1, dtype=F64))

    def forward(self, z: Tensor) -> Tensor:
        return self.at.expand(len(z), 1)


def velocity(gan: Any, theta: float, psi: float) -> np.ndarray:
    """Where gradient descent takes both players of the Dirac-GAN: minus each one's gradient of its own loss."""
    gan.generator, gan.discriminator = Point(), Line(psi)
    gan.generator.at.data.fill_(theta)
    zero = torch.zeros(1, 1, dtype=F64)
    asked = (Asked(torch.full((1,), 0.5, dtype=F64), shift=zero),) * len(gan.penalties)
    found = []
    for player in ("generator", "discriminator"):
        told = asked if player == "discriminator" else ()
        loss = gan(player, Batch(x=zero, z=zero, asked=told))
        (slope,) = torch.autograd.grad(loss, list(getattr(gan, player).parameters()))
        found.append(-float(slope))
    return np.array(found)


@pytest.mark.parametrize(
    ("name", "options", "gamma", "a"),
    [
        *((name, {}, 0, 0.5) for name in ("minimax_gan", "gan", "rpgan")),
        *((name, {}, 0, 1) for name in ("hinge_gan", "wgan")),
        *((name, {"gamma": gamma}, gamma, 0.5) for name in ("r1_gan", "r2_gan") for gamma in (0.6, 1.0, 2.5)),
        *((name, {"gamma": 0.6}, 1.2, 0.5) for name in ("r1_r2_gan", "relativistic_gan")),
    ],
)  # fmt: skip
def test_eigenvalues_of_the_dirac_gan_under_every_penalty(name: str, options: Any, gamma: float, a: float) -> None:
    """-gamma / 2 +- sqrt(gamma^2 / 4 - a^2), a = |f'(0)|: they circle without a penalty, and 2 gamma with two."""
    gan, h = zoo.build(name, **options), 1e-5
    jacobian = np.stack(
        [(velocity(gan, *step) - velocity(gan, *-step)) / (2 * h) for step in h * np.eye(2)], axis=1
    )
    assert np.poly(jacobian) == pytest.approx([1, gamma, a**2], abs=1e-9)
    if gamma != 1:  # where both are one, they are no smooth function of the matrix
        root = np.emath.sqrt(gamma**2 / 4 - a**2)
        expected = sorted([-gamma / 2 + root, -gamma / 2 - root], key=lambda v: (v.real, v.imag))
        found = sorted(np.linalg.eigvals(jacobian), key=lambda v: (round(v.real, 6), v.imag))
        assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("name", ["wgan_gp", "dragan"])
def test_a_slope_of_one_is_no_rest_for_the_dirac_gan(name: str) -> None:
    """At the equilibrium the penalty pushes the critic off its flatness; where it is content, the generator moves."""
    gan = zoo.build(name, weight=0.3)
    assert velocity(gan, 0, 1e-9)[1] == pytest.approx(2 * 0.3) and velocity(gan, 0, -1e-9)[1] == pytest.approx(-2 * 0.3)
    assert abs(velocity(gan, 0, 1)[0]) > 0.25 and velocity(gan, 0, 1)[1] == pytest.approx(0)


def test_dragan_looks_around_the_data() -> None:
    """(|grad s| - 1)^2 at x + delta, delta normal with the standard deviation asked for, wherever the samples are."""
    gan: Any = zoo.dragan(weight=0.7, noise=0.5, inputs=2, outputs=2).double()
    (asked,) = gan.draw("discriminator", data.ring(modes=8), 4_000, TorchStreams(0), 0).asked
    assert asked.shift.shape == (4_000, 2) and asked.mix is None
    assert [float(asked.shift.mean()), float(asked.shift.std())] == pytest.approx([0, 1], abs=0.05)
    x, shift = torch.randn(6, 2, dtype=F64), torch.randn(6, 2, dtype=F64)
    gan.generator, gan.discriminator = nn.Identity(), Bowl()
    for z in (x, x + 9):
        gan("discriminator", Batch(x=x, z=z, asked=(Asked(shift=shift),)), seen := {})
        assert float(seen["dragan"]) == pytest.approx(0.7 * float(((x + 0.5 * shift).norm(dim=1) - 1).square().mean()))
    gan.discriminator = Line(3.0, 4.0)
    zero = torch.zeros_like(x)  # at which the loss alone teaches a straight critic nothing
    loss = gan("discriminator", Batch(x=zero, z=zero, asked=(Asked(shift=shift),)), seen := {})
    assert float(seen["dragan"]) == pytest.approx(0.7 * 4**2)
    (slope,) = torch.autograd.grad(loss, gan.discriminator.w)
    torch.testing.assert_close(slope, 0.7 * 2 * 4 / 5 * torch.tensor([3.0, 4.0], dtype=F64))


class Bowl(nn.Module):
    """s(x) = |x|^2 / 2, whose slope at x is x."""

    def forward(self, x: Tensor) -> Tensor:
        return x.square().sum(1) / 2


def test_spectral_norm_against_the_svd() -> None:
    """After k iterations the parts of u stand to each other as a_i s_i^2k; sigma becomes the first singular value."""
    layer: Any = zoo.sn_gan(inputs=2, outputs=4, hidden=(6,)).double().discriminator[0]
    left, values, _ = np.linalg.svd(layer.weight.detach().numpy())

    def parts() -> np.ndarray:
        found: np.ndarray = left.T[:4] @ layer.u.numpy()
        return found / found[0]

    first = parts()
    for k in range(1, 6):
        layer.iterate()
        assert parts() == pytest.approx(first * (values / values[0]) ** (2 * k), rel=1e-9)
        assert float(layer.sigma.detach()) <= values[0] * (1 + 1e-12)
    for _ in range(400):
        layer.iterate()
    assert float(layer.sigma.detach()) == pytest.approx(values[0], rel=1e-12)
    # eq. 12: the gradient of sum C W / sigma is (C - <C, W / sigma> u v^T) / sigma
    c, normed = torch.randn(6, 4, dtype=F64), (layer.weight / layer.sigma).detach()
    (slope,) = torch.autograd.grad((c * layer.weight / layer.sigma).sum(), layer.weight)
    expected = (c - (c * normed).sum() * torch.outer(layer.u, layer.v)) / layer.sigma.detach()
    torch.testing.assert_close(slope, expected)


def test_power_iteration_is_state_that_moves_once_a_step_of_the_discriminator() -> None:
    """On the weights that the step has just made; a look, a step of the generator and a frozen layer change nothing."""
    gan: Any = zoo.sn_gan(hidden=(5,), k=2)
    gan.discriminator[0].requires_grad_(False)
    run = gan_lab.train(gan, data.gaussian(), 0, batch=8, device="cpu")
    frozen, layer = gan.discriminator[0], gan.discriminator[2]
    for player, moves in (("generator", False), ("discriminator", True), ("discriminator", True)):
        before = [t.clone() for t in (layer.u, frozen.u, frozen.v)]
        gan(player, gan.draw(player, run.data, 8, TorchStreams(0), 0))
        assert torch.equal(layer.u, before[0])
        layer.u.mul_(-1)  # of one row: only an iteration makes it the sign of W v again, here with v turned too
        run.moves(player, run.data, 8, run.streams, 0, {})
        v = layer.weight.detach().T @ -before[0]
        assert torch.allclose(layer.v, v / v.norm(), atol=1e-6) == moves
        assert torch.equal(frozen.u, before[1]) and torch.equal(frozen.v, before[2])


def test_a_normed_discriminator_is_not_steep() -> None:
    """However large its weights are: |D(x) - D(y)| <= |x - y|."""
    gan: Any = zoo.sn_gan(outputs=3, hidden=(16, 16)).double()
    for layer in gan.normed("discriminator"):
        layer.weight.data.mul_(1_000)
        for _ in range(400):
            layer.iterate()
    x, y = torch.randn(2, 500, 3, dtype=F64)
    steep = (gan.score(x) - gan.score(y)).abs() / (x - y).norm(dim=1)
    assert 0.05 < float(steep.detach().max()) <= 1 + 1e-9


def test_a_normed_convolution_stretches_at_most_by_the_root_of_its_kernel() -> None:
    conv = SpectralConv2d(1, 1, 3, padding=1, bias=False).double()
    conv.weight.data.fill_(0.2)  # for a constant kernel the bound is reached in a large image
    conv.iterate()
    assert float(torch.linalg.matrix_norm((conv.matrix / conv.sigma).detach(), 2)) == pytest.approx(1)
    operator = torch.stack([conv(one.view(1, 1, 9, 9)).flatten() for one in torch.eye(81, dtype=F64)])
    assert 2.5 < float(torch.linalg.matrix_norm(operator.detach(), 2)) <= 3


def test_a_normed_discriminator_may_be_penalised_for_many_seeds() -> None:
    def build() -> GAN:
        return GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,), spectral_norm=True), penalties=[R1(0.5)])

    many = gan_lab.train_many(build(), data.gaussian(), 5, seeds=[0, 3], batch=8)
    alone = gan_lab.train(build(), data.gaussian(), 5, seed=3, batch=8, device="cpu")
    for name, value in alone.gan.state_dict().items():
        assert torch.allclose(many.member(3).gan.state_dict()[name], value, atol=1e-5), name
