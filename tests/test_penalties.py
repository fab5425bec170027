"""Penalties: exact on linear critics, and their gradients really reach the weights."""

import math

import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import GAN, Batch, data, zoo
from gan_lab.losses import Wasserstein
from gan_lab.nets import MLP
from gan_lab.optim import SGD
from gan_lab.penalties import DRAGAN, PENALTIES, R1, R2, WGANGP, Asked, Clip, Penalty, input_gradient

F64 = torch.float64


class Linear(nn.Module):
    """The critic s(x) = w.x + b on samples of any shape."""

    def __init__(self, w: Tensor, b: float = 0.3) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(w), nn.Parameter(torch.tensor(b, dtype=w.dtype))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.w + self.b


def critic(dim: int, seed: int = 0) -> Linear:
    return Linear(torch.randn(dim, dtype=F64, generator=torch.Generator().manual_seed(seed)))


def batch(n: int, *shape: int, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """Real and fake samples and the numbers to mix them."""
    g = torch.Generator().manual_seed(seed)
    real, fake = (torch.randn(n, *shape, dtype=F64, generator=g) for _ in range(2))
    return real, 3 + 2 * fake, torch.rand(n, dtype=F64, generator=g)


def largest(network: nn.Module) -> float:
    """The largest parameter of a network, in absolute value."""
    return max(float(p.detach().abs().max()) for p in network.parameters())


# -- exact results --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 64])
@pytest.mark.parametrize("shape", [(1,), (3,), (1, 4, 4)])
def test_gradient_penalty_of_a_linear_critic(n, shape):
    """weight (|w| - 1)^2, whatever the interpolation and the batch size: a norm over the batch would grow with n."""
    s = critic(math.prod(shape))
    norm = float(s.w.detach().norm())
    real, fake, mix = batch(n, *shape)
    for u in (mix, torch.zeros(n, dtype=F64), torch.ones(n, dtype=F64)):
        term = WGANGP(10.0).term(s, real, fake, Asked(u))
        assert term.item() == pytest.approx(10 * (norm - 1) ** 2, rel=1e-12)
    term.backward()
    # d/dw of (|w| - 1)^2 is 2 (|w| - 1) w / |w|; the offset is free
    torch.testing.assert_close(s.w.grad, (20 * (norm - 1) / norm * s.w).detach())
    assert s.b.grad is None or s.b.grad.item() == 0


@pytest.mark.parametrize("n", [1, 2, 64])
@pytest.mark.parametrize("shape", [(1,), (3,), (1, 4, 4)])
@pytest.mark.parametrize("penalty", [R1, R2])
def test_r1_of_a_linear_critic(n, shape, penalty):
    """gamma / 2 |w|^2, and gamma w as its gradient."""
    s = critic(math.prod(shape))
    real, fake, _ = batch(n, *shape)
    term = penalty(0.7).term(s, real, fake, None)
    assert term.item() == pytest.approx(0.35 * float(s.w.detach().square().sum()), rel=1e-12)
    term.backward()
    torch.testing.assert_close(s.w.grad, 0.7 * s.w.detach())


@pytest.mark.parametrize("name", ["wgan", "clipped by hand"])
def test_clip_bounds_every_parameter(name):
    """After every step of D, and not of G, each parameter of D lies in [-c, c]; before training it did not."""
    c = 0.05
    gan = zoo.build("wgan", c=c, hidden=(8,)) if name == "wgan" else GAN(MLP(1, 1), MLP(1, 1), penalties=[Clip(c)])
    assert largest(gan.discriminator) > c
    bounds: list[float] = []
    run = gan_lab.train(
        gan, data.gaussian(2.0, 0.5), steps=20, batch=16, every=1, device="cpu",
        callback=lambda run: bounds.append(largest(run.gan.discriminator)),
    )  # fmt: skip
    assert len(bounds) == 20 and max(bounds) <= torch.tensor(c).item()
    assert largest(run.gan.generator) > c


def test_clip_leaves_what_is_inside_alone():
    d = MLP(1, 1, (4,))
    before = [p.detach().clone() for p in d.parameters()]
    Clip(100.0).project(list(d.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(before, d.parameters(), strict=True))


# -- where they look, and what they reach ---------------------------------------------------------------------


def squared(x: Tensor) -> Tensor:
    """s(x) = |x|^2 / 2, whose gradient at x is x: it shows where a penalty looks."""
    return x.flatten(1).square().sum(1) / 2


def test_each_penalty_looks_at_its_own_points():
    real, fake, mix = batch(16, 2)
    assert R1(2.0).term(squared, real, fake, None).item() == pytest.approx(float(real.square().sum(1).mean()))
    assert R2(2.0).term(squared, real, fake, None).item() == pytest.approx(float(fake.square().sum(1).mean()))
    between = mix[:, None] * real + (1 - mix[:, None]) * fake
    expected = float((between.norm(dim=1) - 1).square().mean())
    assert WGANGP(1.0).term(squared, real, fake, Asked(mix)).item() == pytest.approx(expected)


def test_input_gradient_is_one_row_a_sample():
    x = torch.randn(5, 1, 3, 2, dtype=F64)
    torch.testing.assert_close(input_gradient(squared, x), x.flatten(1))
    assert not x.requires_grad


@pytest.mark.parametrize("activation", ["tanh", "softplus", "sigmoid", "leaky_relu"])
@pytest.mark.parametrize("penalty", [R1(0.7), R2(0.7), WGANGP(10.0), DRAGAN(10.0)], ids=lambda p: p.name)
def test_weight_gradient_by_finite_differences(penalty, activation):
    """The classic silent bug is a penalty whose gradient stops at the input: then the differences below are wrong."""
    torch.manual_seed(3)
    d = MLP(2, 1, (5, 4), activation).double()
    with torch.no_grad():
        for parameter in d.parameters():
            parameter.normal_()  # with small weights even a gradient of nothing would nearly be right
    real, fake, mix = batch(6, 2)

    asked = Asked(mix, shift=fake - real)

    def value_at() -> float:
        return penalty.term(lambda x: d(x)[:, 0], real, fake, asked).item()

    penalty.term(lambda x: d(x)[:, 0], real, fake, asked).backward()
    h = 1e-6
    greatest = 0.0
    for parameter in d.parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        flat = parameter.data.view(-1)
        for i in range(flat.numel()):
            value = float(flat[i])
            flat[i] = value + h
            up = value_at()
            flat[i] = value - h
            down = value_at()
            flat[i] = value
            assert float(gradient.view(-1)[i]) == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-7)
        greatest = max(greatest, float(gradient.abs().max()))
    assert greatest > 1e-3  # ten thousand times what the comparison above forgives


def test_a_flat_critic_gets_a_finite_gradient():
    """The norm has a kink where the gradient vanishes, as it does for a critic that starts constant."""
    s = Linear(torch.zeros(3, dtype=F64))
    real, fake, mix = batch(4, 3)
    term = WGANGP(10.0).term(s, real, fake, Asked(mix))
    assert term.item() == 10.0
    term.backward()
    assert bool(torch.isfinite(s.w.grad).all())


@pytest.mark.parametrize("penalty", [R1(1.0), R2(1.0), WGANGP(10.0), DRAGAN(10.0)], ids=lambda p: p.name)
def test_the_loss_of_d_is_the_sum_and_g_is_left_alone(penalty):
    torch.manual_seed(0)
    plain, held = (
        GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), Wasserstein(), p, optimisers=SGD(0.1)) for p in ((), [penalty])
    )
    held.load_state_dict(plain.state_dict())
    batch = Batch(torch.randn(8, 1), torch.randn(8, 1), asked=(Asked(torch.rand(8), shift=torch.randn(8, 1)),))
    seen: dict[str, Tensor] = {}
    total = held("discriminator", batch, seen)
    torch.testing.assert_close(total, plain("discriminator", batch._replace(asked=())) + seen[penalty.name])
    assert seen[penalty.name].item() > 0 and not seen[penalty.name].requires_grad
    free = batch._replace(asked=())
    torch.testing.assert_close(held("generator", free), plain("generator", free))
    total.backward()
    assert all(p.grad is None for p in held.generator.parameters())


def test_the_recipes_of_the_zoo_take_sizes_and_name_the_near_ones():
    gan = zoo.build("wgan_gp", inputs=3, outputs=2, hidden=(4,), weight=5.0)
    assert gan.generator.sizes == (3, 4, 2) and gan.penalties[0].weight == 5.0
    with pytest.raises(ValueError, match="did you mean 'hidden'"):
        zoo.build("wgan_gp", hiden=(4,))


# -- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [0, -0.01, math.nan, math.inf])
def test_clip_bound_must_be_positive(c):
    with pytest.raises(ValueError, match="c is"):
        Clip(c)


@pytest.mark.parametrize("weight", [-1, math.nan, math.inf])
@pytest.mark.parametrize("penalty", [WGANGP, DRAGAN, R1, R2])
def test_weights_must_be_finite_and_not_negative(penalty, weight):
    with pytest.raises(ValueError, match="must be a finite number >= 0"):
        penalty(weight)


def test_gradient_penalty_without_numbers_to_mix():
    real, fake, _ = batch(4, 1)
    for penalty in (WGANGP(), DRAGAN()):
        with pytest.raises(ValueError, match="pass Asked"):
            penalty.term(critic(1), real, fake, None)


def test_a_penalty_that_is_no_penalty():
    with pytest.raises(TypeError, match="R1"):
        GAN(MLP(1, 1), MLP(1, 1), penalties=["r1"])


def test_weight_zero_is_no_penalty():
    real, fake, mix = batch(4, 2)
    for penalty in (WGANGP(0.0), DRAGAN(0.0), R1(0.0), R2(0.0)):
        assert penalty.term(critic(2), real, fake, Asked(mix, shift=fake)).item() == 0


@pytest.mark.parametrize("name", PENALTIES)
def test_spec_gives_the_penalty_back(name):
    penalty: Penalty = PENALTIES[name](0.25)
    assert penalty.spec() == {"name": name, "weight": 0.25}
    assert "0.25" in repr(penalty)
