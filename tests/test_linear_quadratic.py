"""A linear generator against a quadratic discriminator on normal data: what PCA has to do with GANs.

Feizi et al. ("Understanding GANs: the LQG setting") and Cho and Suh ("Wasserstein GAN can perform PCA"): of N(0, K) a
generator G z of too low a rank can make the principal components at best. With Wasserstein's payoff and a price
w/2 |A|^2 on the discriminator x'Ax, its best answer is A = (K - GG')/w, and what the generator then minimises is
|K - GG'|^2 / 2w: by Eckart and Young its solution *is* PCA. With the original payoff and no price every such generator
scores the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import data, losses, penalties
from gan_lab.losses import Loss
from gan_lab.optim import SGD, Adam
from gan_lab.penalties import Penalty
from gan_lab.schedules import Linear
from gan_lab.system import Batch, Seen, System

RANK, SPREADS = 2, torch.tensor([4.0, 2.0, 0.5, 0.25], dtype=torch.float64)
TURN = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64))[0]
K = TURN @ SPREADS.diag() @ TURN.T
PCA = (TURN[:, :RANK] * SPREADS[:RANK]) @ TURN[:, :RANK].T  # the covariance of the principal components
MADE = TURN[:, :RANK] * SPREADS[:RANK].sqrt()  # a generator of it


class Quadratic(nn.Module):
    """x'Ax + c."""

    def __init__(self) -> None:
        super().__init__()
        self.A, self.c = nn.Parameter(torch.zeros(4, 4)), nn.Parameter(torch.zeros(1))

    def reset_parameters(self) -> None:
        nn.init.normal_(self.A, 0, 0.1)
        nn.init.zeros_(self.c)

    def forward(self, x: Tensor) -> Tensor:
        return ((x @ self.A) * x).sum(1, keepdim=True) + self.c


class Population(System):
    """The Wasserstein game on the distributions themselves: V = tr A(K - GG') - w/2 |A|^2."""

    players: Mapping[str, Sequence[str]] = {"discriminator": ("D",), "generator": ("G",)}

    def __init__(self, weight: float, recipe: Any) -> None:
        super().__init__(recipe, D=Quadratic(), G=nn.Linear(RANK, 4, bias=False))
        self.D.c.requires_grad_(False)
        self.weight = weight

    def draw(self, player: str, data: Any, n: int, streams: Any, step: int) -> Batch:
        return torch.zeros(n, 1, dtype=torch.float64)

    def value(self) -> Tensor:
        A, G = self.D.A, self.G.weight
        return (A * (K - G @ G.T)).sum() - self.weight / 2 * A.square().sum()

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        return -self.value()

    def generator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        return self.value()


def missed(weight: Tensor) -> float:
    """|GG' - PCA| / |PCA|."""
    return float((weight @ weight.T - PCA).norm() / PCA.norm())


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_against_the_best_answer_pca_is_the_best_generator(weight: float) -> None:
    game = Population(weight, SGD(0.1)).double()
    chance = torch.Generator().manual_seed(1)
    best = float((SPREADS[RANK:] ** 2).sum()) / (2 * weight)
    for made in [MADE, *(torch.randn(4, RANK, generator=chance, dtype=torch.float64) for _ in range(20))]:
        with torch.no_grad():
            game.G.weight.copy_(made)
            game.D.A.copy_((K - made @ made.T) / weight)
        (slope,) = torch.autograd.grad(game.value(), game.D.A)
        assert float(slope.norm()) < 1e-12  # V is concave in A: that is its one best answer
        assert game.value().item() == pytest.approx(float((K - made @ made.T).square().sum()) / (2 * weight))
        assert game.value().item() >= best - 1e-12 and (game.value().item() > best + 1e-3) == (made is not MADE)


def test_the_game_on_the_distributions_is_won_by_pca_from_every_start() -> None:
    """Ten seeds of extragradient, to rounding; yet it is no Nash equilibrium: off the plane there is more to gain."""
    run = gan_lab.train_many(
        Population(2.0, SGD(0.1)).double(), data.gaussian(), 500, seeds=range(10), batch=1, method="extragradient"
    )
    for seed in run.seeds:
        end = run.member(seed).gan
        assert missed(end.G.weight.detach()) < 1e-6
        assert torch.allclose(end.D.A.detach(), (K - PCA) / 2.0, atol=1e-6)
        before = end.value().item()
        with torch.no_grad():
            end.G.weight.add_(TURN[:, RANK : RANK + 1] @ torch.tensor([[0.3, 0.0]], dtype=torch.float64))
        assert end.value().item() < before - 0.01


def test_with_the_original_payoff_all_generators_of_low_rank_are_the_same() -> None:
    """A quadratic D sees the plane: s = t (|P x|^2 - e), P the projection off it, wins all there is, 0, from each."""
    x = (
        torch.randn(20_000, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
        @ torch.linalg.cholesky(K).T
    )
    values = []
    for made in (MADE, TURN[:, RANK:], torch.eye(4, dtype=torch.float64)[:, :RANK]):
        off = torch.eye(4, dtype=torch.float64) - made @ torch.linalg.pinv(made)
        fake = torch.randn(20_000, RANK, generator=torch.Generator().manual_seed(3), dtype=torch.float64) @ made.T
        real_score, fake_score = (1e6 * ((s @ off * s).sum(1) - 1e-4) for s in (x, fake))
        values.append(-float(losses.Minimax().discriminator(real_score, fake_score)))
    assert all(-0.05 < value <= 0 for value in values)


def trained(loss: Loss, restraints: Sequence[Penalty], steps: int, k: int) -> list[float]:
    """What ten trained generators miss of the principal components, on 512 samples whose covariance is K exactly."""
    x = torch.randn(512, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    x = x - x.mean(0)
    white = torch.linalg.solve_triangular(torch.linalg.cholesky(x.T @ x / 512), x.T, upper=False).T
    rate = Linear(0.05, 0.0, steps, steps // 3)
    gan = gan_lab.GAN(
        nn.Linear(RANK, 4, bias=False), Quadratic(), loss, restraints, prior=data.standard_normal(RANK), k=k,
        optimisers=Adam(rate, betas=(0.5, 0.9)),
    )  # fmt: skip
    target = data.as_data(((white * SPREADS.sqrt()) @ TURN.T).float())
    run = gan_lab.train_many(gan, target, steps, seeds=range(10), batch=256)
    return sorted(missed(run.member(seed).gan.generator.weight.detach().double()) for seed in run.seeds)


def test_the_wasserstein_form_comes_near_pca_and_the_original_does_not() -> None:
    near, far = trained(losses.Wasserstein(), [penalties.L2(1.0)], 300, 3), trained(losses.Minimax(), [], 300, 1)
    assert near[-1] < 0.2 and far[0] > 0.25 and sum(far) > 5 * sum(near)
