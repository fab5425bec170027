"""Every system of the zoo, as its builder makes it, held to a result that is known in closed form."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import data, zoo
from gan_lab.gan import Batch
from gan_lab.nets.progressive import minibatch_deviation
from gan_lab.penalties import Asked
from gan_lab.zoo import pool
from gan_lab.zoo.cyclegan import Batch as TwoDomains

F64 = torch.float64
# a world of four points: how often the data and the generator are there, of 8
P, Q = torch.tensor([4, 2, 1, 1]), torch.tensor([1, 1, 2, 4])
p, q = P.to(F64) / 8, Q.to(F64) / 8


class Table(nn.Module):
    """One free logit a point, or a point and label: a discriminator without a shape of its own. x: (n, 1) points."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits.to(F64))

    def forward(self, x: Tensor, *y: Tensor) -> Tensor:
        return self.logits[(x[:, 0].long(), *y)]


class Line(nn.Module):
    """The critic s(x) = w.x."""

    def __init__(self, *w: float) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=F64))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w


def small_world(name: str, logits: Tensor, **options: Any) -> tuple[gan_lab.GAN, Batch]:
    """A system whose generator hands its noise on and whose discriminator is a table; all points, as often as due."""
    gan: Any = zoo.build(name, **options)
    gan.generator, gan.discriminator = nn.Identity(), Table(logits)
    x, z = (torch.arange(4.0, dtype=F64).repeat_interleave(counts)[:, None] for counts in (P, Q))
    if gan.loss.needs_real:  # pairs: every x with every z
        x, z = x.repeat_interleave(8, 0), z.repeat(8, 1)
    return gan, Batch(x=x, z=z)


def best(name: str, logits: Tensor, **options: Any) -> float:
    """The value of the discriminator's loss, after a look that it is stationary there."""
    gan, batch = small_world(name, logits, **options)
    loss = gan("discriminator", batch)
    (slope,) = torch.autograd.grad(loss, gan.discriminator.parameters())
    assert float(slope.abs().max()) < 1e-12, "there is a better table"
    return float(loss)


def jsd(a: Tensor, b: Tensor) -> float:
    middle = (a + b) / 2
    return float(((a * (a / middle).log()).sum() + (b * (b / middle).log()).sum()) / 2)


def test_minimax_at_the_best_table_is_jsd() -> None:
    assert best("minimax_gan", (p / q).log()) == pytest.approx(math.log(4) - 2 * jsd(p, q), abs=1e-12)


def test_the_generator_is_heard_at_logit_minus_40() -> None:
    """Non-saturating: value 40 and slope -1, where sigmoid + 1e-8 gives 18.4 and -4e-10."""
    gan, batch = small_world("gan", torch.full((4,), -40.0))
    loss = gan("generator", batch)
    (slope,) = torch.autograd.grad(loss, gan.discriminator.parameters())
    assert float(loss) == pytest.approx(40) and float(slope.sum()) == pytest.approx(-1)


def test_least_squares_at_the_best_table() -> None:
    assert best("lsgan", p / (p + q)) == pytest.approx(float((p * q / (p + q)).sum() / 2), abs=1e-12)


def test_hinge_at_the_best_table_is_total_variation() -> None:
    gan, batch = small_world("hinge_gan", torch.sign(p - q))
    assert float(gan("discriminator", batch)) == pytest.approx(2 * (1 - float((p - q).abs().sum() / 2)))


def test_relativistic_pairs_at_the_best_table() -> None:
    """D* = log p/q, the value log 2 - JSD(p x q, q x p); R1 and R2 of the recipe see a table as flat."""
    pairs = torch.outer(p, q).flatten(), torch.outer(q, p).flatten()
    assert best("rpgan", (p / q).log()) == pytest.approx(math.log(2) - jsd(*pairs), abs=1e-12)
    gan, batch = small_world("relativistic_gan", (p / q).log())
    assert float(gan("discriminator", batch, seen := {})) == pytest.approx(math.log(2) - jsd(*pairs), abs=1e-12)
    assert seen["r1"] == seen["r2"] == 0


@pytest.mark.parametrize("n", [1, 5])
def test_penalties_on_a_straight_critic(n: int) -> None:
    """(|w| - 1)^2 whatever the mixture and the batch, gamma / 2 |w|^2 each for R1 and R2."""
    x, z, mix = torch.randn(n, 2, dtype=F64), torch.randn(n, 2, dtype=F64), torch.rand(n, dtype=F64)
    for name, terms in (
        ("wgan_gp", {"wgan_gp": 10 * (5 - 1) ** 2}), ("r1_gan", {"r1": 0.7 / 2 * 25}),
        ("r2_gan", {"r2": 0.7 / 2 * 25}), ("r1_r2_gan", {"r1": 0.7 / 2 * 25, "r2": 0.7 / 2 * 25}),
        ("relativistic_gan", {"r1": 0.7 / 2 * 25, "r2": 0.7 / 2 * 25}),
    ):  # fmt: skip
        gan: Any = zoo.build(name) if name == "wgan_gp" else zoo.build(name, gamma=0.7)
        gan.generator, gan.discriminator = nn.Identity(), Line(3.0, 4.0)
        total = gan("discriminator", Batch(x=x, z=z, asked=(Asked(mix),) * len(terms)), seen := {})
        assert {k: float(v) for k, v in seen.items() if k in terms} == pytest.approx(terms)
        plain = gan.loss.discriminator(gan.score(x), gan.score(z))
        assert float(total) == pytest.approx(float(plain) + sum(terms.values()))


def test_began_balance_and_convergence_measure() -> None:
    """k_{t+1} = k_t + lambda_k (gamma L(x) - L(G(z))), clamped to [0, 1]; M = L(x) + |gamma L(x) - L(G(z))|."""
    gan = zoo.began(gamma=0.5, lambda_k=0.25).double()
    gan.generator, gan.discriminator = nn.Identity(), nn.Hardtanh()  # |v - D(v)|: how far v is outside [-1, 1]
    batch = Batch(x=torch.full((3, 2), 4.0, dtype=F64), z=torch.full((3, 2), 2.0, dtype=F64))  # L(x) = 3, L(G(z)) = 1
    gan.k_t.fill_(0.5)
    seen: dict[str, Tensor] = {}
    assert float(gan("discriminator", batch, seen)) == 3 - 0.5 * 1 and float(gan("generator", batch, seen)) == 1
    gan.after_step("discriminator", seen)
    assert float(gan.k_t) == 0.5
    gan.after_step("generator", seen)
    assert float(gan.k_t) == 0.5 + 0.25 * (0.5 * 3 - 1) and float(seen["M"]) == 3 + 0.5
    for balanced, k in ((torch.tensor(1e3), 0.0), (torch.tensor(-1e3), 1.0)):
        gan.after_step("generator", {"L_x": torch.tensor(1.0), "L_G": balanced})
        assert float(gan.k_t) == k
    gan.begin()
    assert float(gan.k_t) == 0


@pytest.mark.parametrize("mismatch", [0.0, 0.5, 1.0])
def test_the_mismatched_term_acts_as_extra_generated_data(mismatch: float) -> None:
    """Two classes: the best D(x, c) is p(x, c) / (p(x, c) + q(x, c) + mismatch * p(x, other c))."""
    real = torch.tensor([[3, 1], [1, 2], [1, 1]])  # how often point i has label c, of 9
    made = torch.tensor([[1, 1], [2, 2], [2, 1]])
    wrong = real.flip(1)
    gan = zoo.cgan(classes=2, mismatch=mismatch)
    gan.generator = _Given()
    gan.discriminator = Table((real.to(F64) / (made + mismatch * wrong)).log())

    def listed(counts: Tensor) -> tuple[Tensor, Tensor]:
        cells = [(i, c) for i in range(3) for c in range(2) for _ in range(int(counts[i, c]))]
        return torch.tensor([[float(i)] for i, _ in cells], dtype=F64), torch.tensor([c for _, c in cells])

    x, y = listed(real)
    loss = gan("discriminator", Batch(x=x, z=x, y=y, extra={"wrong": 1 - y}))
    # the generated points and their labels, in place of those that the batch's own labels give
    z, c = listed(made)
    softplus = nn.functional.softplus
    fakes = softplus(gan.score(z, c)).mean() - softplus(gan.score(x, y)).mean()
    (slope,) = torch.autograd.grad(loss + fakes, gan.discriminator.parameters())
    assert float(slope.abs().max()) < 1e-12


class _Given(nn.Module):
    """A generator that hands its noise on, whatever it is told."""

    def forward(self, z: Tensor, *told: Tensor) -> Tensor:
        return z


def test_cycle_consistency_is_zero_for_exact_inverses() -> None:
    """And the least squares see targets 1, 0 and 1, halved for the discriminators (section 4)."""
    system = zoo.cyclegan(hidden=()).double()
    turn = torch.tensor([[0.0, -2.0], [1.0, 0.0]], dtype=F64)
    with torch.no_grad():
        for network, matrix in ((system.G[0], turn), (system.F[0], turn.inverse())):
            network.weight.copy_(matrix)
            network.bias.zero_()
        for judge in (system.D_X[0], system.D_Y[0]):
            judge.weight.zero_()
            judge.bias.fill_(0.25)
    x, y = torch.randn(6, 2, dtype=F64), torch.randn(6, 2, dtype=F64)
    seen: dict[str, Tensor] = {}
    loss = system("generators", TwoDomains(x, y), seen)
    assert float(seen["cycle"]) < 1e-15 and float(loss) == pytest.approx(2 * 0.75**2)
    with torch.no_grad():
        system.F[0].bias.fill_(0.5)  # off by (1/2, 1/2) one way, by turn (1/2, 1/2) = (-1, 1/2) the other
    system("generators", TwoDomains(x, y), seen)
    assert float(seen["cycle"]) == pytest.approx(0.5 + 0.75)
    judged = system("discriminators", TwoDomains(x, y, torch.zeros(6, 4)), {})
    assert float(judged) == pytest.approx(2 * (0.75**2 + 0.25**2) / 2)


def test_the_pool_is_the_papers_history_of_images() -> None:
    """For batches of one: as a list that fills up, and then swaps an old image for the new one half of the time."""
    old, held, history, shown = torch.zeros(5, 1), torch.tensor(0), [], []
    generator = torch.Generator().manual_seed(0)
    for step in range(200):
        new, chance = torch.tensor([[float(step)]]), torch.rand(1, 2, generator=generator)
        coin, place = float(chance[0, 0]), int(5 * chance[0, 1])
        seen = float(pool.shown(old, held, new, chance))
        old, held = pool.pushed(old, held, new, chance)
        if len(history) < 5:
            history.append(step)
            expected = step
        elif coin < 0.5:
            expected, history[place] = history[place], step
        else:
            expected = step
        assert seen == expected
        shown.append(seen < step)
        assert old[: len(history), 0].tolist() == history and int(held) == len(history)
    assert 0.4 < sum(shown) / 195 < 0.6
    # a batch of many: of two for one place, the last stays
    full, _ = pool.pushed(torch.zeros(2, 1), torch.tensor(2), torch.tensor([[7.0], [8.0]]), torch.zeros(2, 2))
    assert full.flatten().tolist() == [8, 0]


def test_at_alpha_0_and_1_a_growing_network_is_the_coarse_and_the_fine_one() -> None:
    gan: Any = zoo.pggan(inputs=6, levels=3, channels=5)
    g, d, z, ones = gan.generator, gan.discriminator, torch.randn(4, 6), torch.ones(4)
    for level in (1, 2):
        enlarged = nn.functional.interpolate(g(z, ones, level - 1), scale_factor=2)
        assert torch.equal(g(z, 0 * ones, level), enlarged)
        features = g.first(z)
        for grow in g.grow[:level]:
            features = grow(features)
        assert torch.equal(g(z, ones, level), g.to_image[level](features))
        image = torch.randn(4, 1, 7 * 2**level, 7 * 2**level)
        assert torch.allclose(d(image, 0 * ones), d(nn.functional.avg_pool2d(image, 2), ones), atol=1e-6)
        assert not torch.allclose(d(image, ones), d(image, 0 * ones))
    # the spread of a batch of one and the same sample is nothing
    assert float(minibatch_deviation(torch.randn(1, 3, 2, 2).expand(8, 3, 2, 2))[:, 3].abs().max()) < 1e-7
    gan = zoo.pggan(fade=4, steady=3)
    assert [gan.phase(step) for step in (0, 2, 3, 9, 10, 99)] == [0, 0, 1, 1, 2, 2]
    assert [gan.fade_at(step) for step in (0, 3, 5, 7, 9, 10, 12, 99)] == [1, 0, 0.5, 1, 1, 0, 0.5, 1]


def test_real_images_are_as_coarse_and_as_faded_as_generated_ones() -> None:
    gan: Any = zoo.pggan(inputs=6, channels=4, fade=4, steady=2)
    digits = data.digits("embedded")
    for step, side in ((0, 7), (4, 14), (30, 28)):
        x = gan.draw("discriminator", digits, 8, gan_lab.random.TorchStreams(0), step).x
        full = digits.draw(8, gan_lab.random.TorchStreams(0), "data", torch.device("cpu"), torch.float32)
        coarse = nn.functional.adaptive_avg_pool2d(full, side)
        if step == 4:  # half way
            twice = nn.functional.interpolate(nn.functional.adaptive_avg_pool2d(full, 7), scale_factor=2)
            coarse = (coarse + twice) / 2
        assert x.shape[-1] == side and torch.allclose(x, coarse, atol=1e-6)
