"""Packed, unrolled and energy-based systems, as the zoo's builders make them, held to exact results."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import data, zoo
from gan_lab.gan import Batch
from gan_lab.nets import Autoencoder
from gan_lab.optim import SGD, Adam
from gan_lab.random import TorchStreams
from gan_lab.zoo.ebgan import pulling_away
from gan_lab.zoo.negative_sampling import Batch as Step
from gan_lab.zoo.pacgan import packed
from tests.test_zoo_exact import F64, Line, P, Q, Table, jsd, p, q
from tests.test_zoo_tamed import Point


class Pairs(nn.Module):
    """One free logit for each pair of the four points: a judge of packs of two without a shape of its own."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, x: Tensor) -> Tensor:
        return self.logits[x[:, 0].long(), x[:, 1].long()]


def test_the_best_judge_of_packs_sees_product_distributions() -> None:
    """Its value is that of p x p against q x q, which one missing mode sets further apart than p and q."""
    two, best = (torch.outer(p, p), torch.outer(q, q)), torch.outer(p / q, p / q).log()
    gan: Any = zoo.pacgan(m=2)
    gan.generator, gan.discriminator = nn.Identity(), Pairs(best)
    x, z = (torch.arange(4.0, dtype=F64).repeat_interleave(counts) for counts in (P, Q))
    loss = gan("discriminator", Batch(x=torch.cartesian_prod(x, x), z=torch.cartesian_prod(z, z)[:, :, None]))
    (slope,) = torch.autograd.grad(loss, gan.discriminator.logits)
    expected = math.log(4) - 2 * jsd(two[0].flatten(), two[1].flatten())
    assert float(slope.abs().max()) < 1e-12 and float(loss.detach()) == pytest.approx(expected, abs=1e-12)
    assert expected < math.log(4) - 2 * jsd(p, q)


@pytest.mark.parametrize("m", [1, 2, 4])
def test_a_pack_is_m_samples_that_follow_each_other(m: int) -> None:
    """Of data and of noise, in every seed; images side by side as channels; a pack of one is a GAN bit for bit."""
    gan: Any = zoo.pacgan(m=m, hidden=(4,))
    target, streams = data.ring(modes=8), TorchStreams(5)
    batch = gan.draw("discriminator", target, 3, streams, 0)
    assert batch.x.shape == (3, 2 * m) and batch.z.shape == (3, m, 2)
    again, cpu = TorchStreams(5), torch.device("cpu")
    assert torch.equal(batch.x.view(-1, 2), target.draw(3 * m, again, "data", cpu, torch.float32))
    assert torch.equal(batch.z.view(-1, 2), gan.prior.draw(3 * m, again, "noise", cpu, torch.float32))
    made = gan.made(batch)
    assert torch.allclose(made.view(-1, 2), gan.generator(batch.z.view(-1, 2)))
    x = torch.arange(3 * m * 8.0).view(3 * m, 2, 2, 2)
    images = packed(x, m)
    assert images.shape == (3, 2 * m, 2, 2) and torch.equal(images[1, -2:], x[2 * m - 1])
    slope = torch.autograd.grad(gan("generator", batch), gan.generator.parameters())
    assert all(float(part.abs().sum()) > 0 for part in slope)
    if m == 1:
        plain = zoo.gan(inputs=2, outputs=2, hidden=(4,), activation="leaky_relu")
        runs = [gan_lab.train(system, target, 5, batch=8, device="cpu").history for system in (gan, plain)]
        assert runs[0].equals(runs[1])
    else:
        with pytest.raises(ValueError, match=rf"give z \(n, {m}, ...\), not \(3, 2\)"):
            gan("generator", Batch(z=torch.zeros(3, 2)))


# -- unrolled ---------------------------------------------------------------------------------------------------------


def test_one_unrolled_step_of_the_dirac_gan() -> None:
    """psi' = psi - eta theta sigmoid(psi theta); G's slope is that of softplus(-psi' theta), with d psi' / d theta."""
    theta, psi, eta = 0.7, -0.4, 0.3
    gan: Any = zoo.unrolled_gan(unroll=1, eta=eta)
    gan.generator, gan.discriminator = Point(), Line(psi)
    gan.generator.at.data.fill_(theta)
    zero = torch.zeros(1, 1, dtype=F64)
    gan("generator", Batch(x=zero, z=zero)).backward()
    s = 1 / (1 + math.exp(-psi * theta))
    ahead, turn = psi - eta * theta * s, -eta * (s + theta * psi * s * (1 - s))
    expected = -(ahead + theta * turn) / (1 + math.exp(ahead * theta))
    assert float(gan.generator.at.grad) == pytest.approx(expected, rel=1e-12)
    assert float(gan.unrolled(zero, zero + theta)["w"].detach()) == pytest.approx(ahead, rel=1e-12)
    assert gan.discriminator.w.grad is None


@pytest.mark.parametrize("inner", ["sgd", "adam"])
def test_what_is_thought_ahead_is_what_the_discriminator_would_do(inner: str) -> None:
    """The weights are those of PyTorch's optimiser; the generator's gradient is that of the whole, by differences."""
    torch.manual_seed(0)
    gan: Any = zoo.unrolled_gan(unroll=3, eta=0.05, inner=inner, hidden=(4,)).double()
    batch = Batch(x=torch.randn(6, 1, dtype=F64) + 2, z=torch.randn(6, 1, dtype=F64))
    before = [w.detach().clone() for w in gan.parameters()]
    loss = gan("generator", batch)
    slopes = torch.autograd.grad(loss, gan.generator.parameters(), retain_graph=True)
    with pytest.raises(RuntimeError, match="not have been used"):
        torch.autograd.grad(loss, gan.discriminator.parameters())
    h, largest = 1e-6, 0.0
    for weight, slope in zip(gan.generator.parameters(), slopes, strict=True):
        for i in range(weight.numel()):
            values = []
            for step in (h, -2 * h, h):
                weight.data.view(-1)[i] += step
                values.append(float(gan("generator", batch).detach()))
            assert float(slope.view(-1)[i]) == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-5, abs=1e-8)
        largest = max(largest, float(slope.abs().max()))
    assert largest > 1e-3
    for weight, value in zip(gan.parameters(), before, strict=True):
        weight.data.copy_(value)
    ahead = gan.unrolled(batch.x, gan.made(batch))
    stepper = {"sgd": SGD(0.05), "adam": Adam(0.05, betas=(0.5, 0.999))}[inner].build(gan.discriminator.parameters())
    for _ in range(3):
        stepper.zero_grad()
        gan("discriminator", batch).backward()
        stepper.step()
    for name, weight in gan.discriminator.named_parameters():
        torch.testing.assert_close(ahead[name].detach(), weight.detach(), rtol=1e-9, atol=1e-12)


def test_nothing_thought_ahead_is_the_gan() -> None:
    """Bit for bit; and five steps ahead are another game."""
    plain, none, five = (
        gan_lab.train(system, data.gaussian(2.0, 0.5), 5, batch=8, device="cpu").history
        for system in (zoo.gan(hidden=(4,)), *(zoo.unrolled_gan(unroll=k, hidden=(4,)) for k in (0, 5)))
    )
    assert plain.equals(none) and not plain.equals(five)
    with pytest.raises(ValueError, match="unknown inner optimiser 'adm': did you mean 'adam'"):
        zoo.unrolled_gan(inner="adm")


# -- energies ---------------------------------------------------------------------------------------------------------


class Off(nn.Module):
    """A decoder that misses the four points of the world by what the table says: the energies are free."""

    def __init__(self, energies: Tensor) -> None:
        super().__init__()
        self.energies = nn.Parameter(energies.to(F64))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.energies[x[:, 0].round().long()][:, None]


def energetic(gan: Any, energies: Tensor, real: Tensor, made: Tensor) -> tuple[Any, Batch]:
    """The EBGAN with these energies, and the points of both sides, as often as due."""
    gan.generator, gan.discriminator = nn.Identity(), Autoencoder(nn.Identity(), Off(energies))
    x, z = (torch.arange(4.0, dtype=F64).repeat_interleave(counts)[:, None] for counts in (real, made))
    return gan, Batch(x=x, z=z)


def test_energies_at_the_margin() -> None:
    """The best energies are 0 where p >= q and m elsewhere, worth m (1 - TV); at p = q any constant is worth m."""
    m = 2.5
    best = torch.where(q > p, m, 0.0)
    gan, batch = energetic(zoo.ebgan(m=m), best, P, Q)
    value = float(gan("discriminator", batch).detach())
    assert value == pytest.approx(m * (1 - float((p - q).abs().sum()) / 2), abs=1e-12)
    assert torch.equal(gan.loss.optimal_score(p, q), -best)
    for i in range(4):
        for step in (-0.1, 0.1):
            other, _ = energetic(zoo.ebgan(m=m), (best + step * torch.eye(4)[i]).clamp(min=0), P, Q)
            assert float(other("discriminator", batch).detach()) >= value - 1e-12
    for constant in (0.0, 1.0, m):
        same, level = energetic(zoo.ebgan(m=m), torch.full((4,), constant), P, P)
        assert float(same("discriminator", level, seen := {}).detach()) == pytest.approx(m)
        assert float(seen["D_real"]) == float(seen["D_fake"]) == pytest.approx(constant)


def test_beyond_the_margin_a_generated_sample_teaches_nothing() -> None:
    """Only data move the energies then; the generator's loss is the energy and the weighted term of its codes."""
    low, high = torch.tensor([1, 1, 0, 0]), torch.tensor([0, 0, 1, 1])
    gan, batch = energetic(zoo.ebgan(m=2.0), torch.tensor([1.0, 1.0, 3.0, 3.0]), low, high)
    gan("discriminator", batch).backward()
    assert gan.discriminator.decoder.energies.grad.tolist() == [0.5, 0.5, 0, 0]
    torch.manual_seed(0)
    gan = zoo.ebgan(pt=0.3, hidden=(4,)).double()
    batch = Batch(x=torch.randn(5, 2, dtype=F64), z=torch.randn(5, 2, dtype=F64))
    slopes = torch.autograd.grad(gan("discriminator", batch), list(gan.parameters()), allow_unused=True)
    reached = {name for (name, _), slope in zip(gan.named_parameters(), slopes, strict=True) if slope is not None}
    assert reached == set(gan.weights_of("discriminator"))
    loss, made = gan("generator", batch, seen := {}), gan.generator(batch.z)
    energy = (gan.discriminator(made) - made).norm(dim=1).mean()
    assert float(loss.detach()) == pytest.approx(float((energy + 0.3 * seen["PT"]).detach()))
    slopes = torch.autograd.grad(seen["PT"], list(gan.generator.parameters()), allow_unused=True)
    assert all(float(slope.abs().sum()) > 0 for slope in slopes)


def test_the_pulling_away_term() -> None:
    """0 for orthogonal codes, 1 for codes on one line whatever their signs and lengths: the mean squared cosine."""
    codes = torch.randn(5, 3, dtype=F64)
    assert float(pulling_away(3.0 * torch.eye(4))) == 0
    line = torch.tensor([1.0, -2.0, 3.0, 0.5], dtype=F64)[:, None] * codes[:1]
    assert float(pulling_away(line)) == pytest.approx(1)
    cosines = [
        torch.cosine_similarity(codes[i], codes[j], dim=0) ** 2 for i in range(5) for j in range(5) if i != j
    ]
    assert float(pulling_away(codes)) == pytest.approx(float(torch.stack(cosines).mean()), rel=1e-12)


def test_negatives_teach_the_gradient_of_the_likelihood() -> None:
    """With negatives from p_s ~ exp(s) the slope of the loss at each logit is p_s - p, that of -E_p log p_s."""
    gan: Any = zoo.negative_sampling(alpha=0.0, length=1, outputs=1, chains=8, restart=0.0).double()
    gan.discriminator = Table(q.log())
    gan.negatives.copy_(torch.arange(4.0).repeat_interleave(Q)[:, None])
    x, each = torch.arange(4.0, dtype=F64).repeat_interleave(P)[:, None], torch.arange(8)
    nothing = torch.zeros(8, 1, dtype=F64)
    loss = gan("discriminator", Step(x, each, nothing[:, 0], nothing, nothing[:, None]), {})
    (slope,) = torch.autograd.grad(loss, gan.discriminator.logits)
    torch.testing.assert_close(slope, q - p)
    logits = q.log().requires_grad_()
    (expected,) = torch.autograd.grad(-(p * logits.log_softmax(0)).sum(), logits)
    torch.testing.assert_close(slope, expected)


def test_the_walk_is_langevins() -> None:
    """On s(x) = -|x|^2 / 2: x_L = a^L x_0 + sqrt(step) sum a^(L-1-k) kick_k, a = 1 - step / 2; the chains are kept."""
    gan: Any = zoo.negative_sampling(alpha=0.0, length=3, step=0.2, chains=5).double()
    gan.discriminator = Well()
    x, kicks, a = torch.randn(4, 2, dtype=F64), torch.randn(4, 3, 2, dtype=F64), 0.9
    walked = a**3 * x + math.sqrt(0.2) * sum(a ** (2 - k) * kicks[:, k] for k in range(3))
    torch.testing.assert_close(gan.walk(x, kicks), walked)
    # places 1, 3, 1: the third, which begins anew, is the last for place 1
    place, coin = torch.tensor([1, 3, 1]), torch.tensor([0.5, 0.5, 0.01], dtype=F64)
    old = gan.negatives.clone()
    loss = gan("discriminator", Step(x[:3], place, coin, x[:3], kicks[:3]), seen := {})
    torch.testing.assert_close(seen["x-"], gan.walk(torch.stack([old[1], old[3], x[2]]), kicks[:3]))
    assert not seen["x-"].requires_grad and loss.requires_grad
    gan.after_step("discriminator", seen)
    assert torch.equal(gan.negatives[[0, 2, 4]], old[[0, 2, 4]])
    assert torch.equal(gan.negatives[[1, 3]], seen["x-"][[2, 1]])


class Well(nn.Module):
    """s(x) = -w |x|^2 / 2 with w = 1."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones((), dtype=F64))

    def forward(self, x: Tensor) -> Tensor:
        return -self.w * x.square().sum(1) / 2
