"""Whose weights are whose: the seed reaches all that is trained, and nothing else is touched."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

import gan_lab
from gan_lab import GAN, data
from gan_lab.initialise import evaluating, reset
from gan_lab.nets import MLP
from gan_lab.random import TorchStreams
from gan_lab.system import System


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.expand(-1, 4)[:, None].expand(-1, 3, -1)
        made: Tensor = self.attention(tokens, tokens, tokens)[0].mean((1, 2))
        return made


CRITICS = {
    "spectral norm": lambda: nn.Sequential(parametrizations.spectral_norm(nn.Linear(1, 8)), nn.Tanh(), nn.Linear(8, 1)),
    "weight norm": lambda: nn.Sequential(parametrizations.weight_norm(nn.Linear(1, 8)), nn.Tanh(), nn.Linear(8, 1)),
    "orthogonal": lambda: nn.Sequential(parametrizations.orthogonal(nn.Linear(1, 8)), nn.Tanh(), nn.Linear(8, 1)),
    "attention": Attention,
    "batch norm": lambda: MLP(1, 1, (8,), batch_norm=True),
    "dropout": lambda: nn.Sequential(nn.Linear(1, 8), nn.Dropout(0.5), nn.Linear(8, 1)),
}
each = pytest.mark.parametrize("critic", CRITICS.values(), ids=CRITICS)


def train(critic: nn.Module, steps: int = 4, **options: object) -> gan_lab.Run:
    return gan_lab.train(GAN(MLP(1, 1, (4,)), critic), data.gaussian(), steps, batch=8, device="cpu", **options)


def state(run: gan_lab.Run) -> list[Tensor]:
    return [value.clone() for value in run.gan.state_dict().values()]


@each
def test_the_seed_is_all_that_a_run_depends_on(critic) -> None:  # type: ignore[no-untyped-def]
    """Whatever was drawn before, and from whatever weights the networks come."""
    torch.manual_seed(1)
    one = state(train(critic()))
    torch.manual_seed(2)
    network = critic()
    torch.rand(7)
    run = train(network)
    assert all(torch.equal(a, b) for a, b in zip(one, state(run), strict=True))
    begun = torch.get_rng_state()
    again = gan_lab.train(run.gan, data.gaussian(), 4, batch=8, device="cpu")  # the same object, once more
    assert torch.equal(begun, torch.get_rng_state()), "training took numbers from everybody's generator"
    assert all(torch.equal(a, b) for a, b in zip(one, state(again), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one, state(train(network, seed=1)), strict=True))


@each
def test_going_on_is_never_having_stopped(critic) -> None:  # type: ignore[no-untyped-def]
    whole, parts = train(critic(), 6), train(critic(), 2).train(4)
    assert all(torch.equal(a, b) for a, b in zip(state(whole), state(parts), strict=True))


def test_weights_are_those_of_the_layers_themselves() -> None:
    """From the seed every layer gets what its own constructor would give it, in the order of construction."""

    def fresh() -> nn.Module:
        return nn.Sequential(
            nn.Linear(3, 4), parametrizations.spectral_norm(nn.Linear(4, 4)), nn.MultiheadAttention(4, 2),
            parametrizations.weight_norm(nn.Conv1d(1, 2, 3)), nn.BatchNorm1d(3),
        )  # fmt: skip

    torch.manual_seed(5)
    expected, other = fresh().state_dict(), fresh()
    torch.manual_seed(5)
    reset(other)
    drawn = {name: value for name, value in other.state_dict().items() if "weight.0._" not in name}  # u, v: by power
    assert all(torch.equal(value, expected[name]) for name, value in drawn.items() if not name.startswith("3"))
    gain, direction = (other.state_dict()[f"3.parametrizations.weight.original{i}"] for i in (0, 1))
    torch.testing.assert_close(gain.flatten(), direction.flatten(1).norm(dim=1))  # g = |v|: the plain law
    sigma = torch.linalg.matrix_norm(other[1].weight.detach(), 2)  # type: ignore[index]
    assert abs(float(sigma) - 1) < 1e-2


def test_a_container_has_the_last_word() -> None:
    class Small(nn.Sequential):
        def reset_parameters(self) -> None:
            for p in self.parameters():
                nn.init.constant_(p, 0.25)

    network = nn.Sequential(Small(nn.Linear(1, 4), nn.Linear(4, 4)), nn.Linear(4, 1))
    TorchStreams(0).initialise(network)
    assert all(bool((p == 0.25).all()) for p in network[0].parameters())
    assert not bool((network[1].weight == 0.25).any())


def test_a_parameter_that_nobody_resets_is_named() -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gain = nn.Parameter(torch.ones(1))

        def forward(self, x: Tensor) -> Tensor:
            return self.gain * x

    critic = nn.Sequential(MLP(1, 1, (4,)), Scale())
    with pytest.raises(ValueError, match="parameter 1.gain of Sequential.*reset_parameters.*init='keep'"):
        train(critic)
    assert train(critic, init="keep").step == 4
    gain = float(critic[1].requires_grad_(False).gain)
    assert float(train(critic).gan.discriminator[1].gain) == gain


def test_what_no_player_owns_is_left_alone() -> None:
    class WithFeatures(GAN):
        def discriminator_loss(self, batch, seen):  # type: ignore[no-untyped-def]
            return super().discriminator_loss(batch, seen) + 0 * self.features(batch.x).mean()

    gan = WithFeatures(MLP(1, 1, (4,)), MLP(1, 1, (4,)))
    gan.features = MLP(1, 3, (4,), batch_norm=True).eval()
    before = copy.deepcopy(gan.features.state_dict())
    run = gan_lab.train(gan, data.gaussian(), 5, batch=8)
    gan_lab.train_many(gan, data.gaussian(), 2, batch=8, seeds=[0, 1])
    assert all(torch.equal(value, before[name]) for name, value in run.gan.features.state_dict().items())
    assert not gan.features.training and all(p.requires_grad and p.grad is None for p in gan.features.parameters())


def test_a_player_without_parameters_is_said_so() -> None:
    with pytest.raises(ValueError, match="the discriminator has no parameter to move"):
        train(MLP(1, 1, (4,)).requires_grad_(False))


def test_modes_come_back_part_by_part() -> None:
    network = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1), nn.Dropout())
    network[1].eval()
    with evaluating(network):
        assert not any(module.training for module in network.modules())
    assert [module.training for module in network] == [True, False, True]
    gan = GAN(network, MLP(1, 1), prior=data.standard_normal(1))
    buffers = copy.deepcopy(dict(gan.named_buffers()))
    gan.sample(5)
    gan_lab.generator_gradient(gan, torch.zeros(4, 1))
    assert [module.training for module in network] == [True, False, True]
    assert all(torch.equal(value, buffers[name]) for name, value in gan.named_buffers())


def test_a_system_says_what_it_lacks() -> None:
    class Alone(System):
        players = {"judge": ("D",)}

    with pytest.raises(ValueError, match="unknown network 'D'"):
        Alone()
    with pytest.raises(TypeError, match="D is 3: give a network"):
        Alone(D=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"optimisers has 0.001: give a recipe such as gan_lab.optim.Adam"):
        GAN(MLP(1, 1), MLP(1, 1), optimisers=1e-3)  # type: ignore[arg-type]
    system = Alone(D=MLP(1, 1))
    with pytest.raises(NotImplementedError, match="write its draw"):
        gan_lab.train(system, data.gaussian(), 1)
    with pytest.raises(TypeError, match="train expects a gan_lab.GAN first, or another System"):
        gan_lab.train(MLP(1, 1), data.gaussian(), 1)  # type: ignore[arg-type]


def test_a_run_that_went_back_draws_as_if_it_had_not() -> None:
    """Broken off between the players' moves of the very step it goes back to: dropout gets the numbers of that step."""
    whole, gan = train(CRITICS["dropout"](), 60), GAN(MLP(1, 1, (4,)), CRITICS["dropout"]())
    inner, armed = gan.draw, True

    def draw(player, data, n, streams, step):  # type: ignore[no-untyped-def]
        if armed and (player, step) == ("generator", 50):
            raise KeyboardInterrupt
        return inner(player, data, n, streams, step)

    gan.draw = draw  # type: ignore[method-assign]
    run = gan_lab.train(gan, data.gaussian(), 60, batch=8, device="cpu")
    armed = False
    assert run.step == 50
    assert all(torch.equal(a, b) for a, b in zip(state(whole), state(run.train(10)), strict=True))
