"""Methods of play on networks: their derivatives, many seeds, resumption, compilation, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import data, losses, methods, optim, penalties, zoo
from gan_lab.gan import GAN
from gan_lab.methods.competitive import solve
from gan_lab.methods.second import Field
from gan_lab.nets import MLP
from gan_lab.optim import OMD, SGD, Adam, Momentum, OptimisticAdam
from gan_lab.random import TorchStreams
from gan_lab.schedules import Cosine
from gan_lab.train.step import Moves

TARGET = data.gaussian(2.0, 0.5)
EVERY = [
    methods.Simultaneous(), methods.Extragradient(), methods.Lookahead(3, 0.5), methods.Consensus(0.5),
    methods.Symplectic(0.5), methods.Competitive(), methods.Lookahead(2, 0.5, methods.Consensus(0.5)),
]  # fmt: skip
every = pytest.mark.parametrize(
    "method", EVERY, ids=lambda m: m.name + (f" of {m.inner}" if hasattr(m, "inner") else "")
)


def small(
    loss: Any = None, restraints: Any = (), optimiser: Any = None, batch_norm: bool = False, activation: str = "tanh"
) -> GAN:
    g, d = MLP(1, 1, (5,), activation, batch_norm=batch_norm), MLP(1, 1, (4,), activation)
    return GAN(g, d, loss or losses.NonSaturating(), restraints, optimisers=optimiser or SGD(0.05))


def recipe(method: methods.Method) -> Any:
    return SGD(0.05) if isinstance(method, methods.Competitive) else Adam(1e-2, betas=(0.5, 0.9))


def weights(gan: GAN) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in gan.parameters()])


# -- derivatives --------------------------------------------------------------------------------------------------


def field(gan: GAN) -> tuple[Field, Moves]:
    moves = Moves(gan, dict(gan.named_parameters()), dict(gan.named_buffers()))
    return Field(moves, TARGET, 6, TorchStreams(3), 0, {}), moves


@pytest.mark.parametrize("loss", [losses.Minimax, losses.NonSaturating, losses.Relativistic, losses.LeastSquares])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_fields_derivatives_are_those_of_finite_differences(loss: Any, batch_norm: bool) -> None:
    """J u and J^T u in float64, through losses that are otherwise cut off from the other player."""
    gan = small(loss(), [penalties.R1(0.7), penalties.L2(0.1)], batch_norm=batch_norm).double()
    TorchStreams(0).initialise(gan)
    here, _ = field(gan)
    chance = torch.Generator().manual_seed(0)
    u, w = ([torch.randn(p.shape, generator=chance, dtype=p.dtype) for p in here.weights] for _ in range(2))
    along, back = here.rows(here.along(u)), here.transposed(w)
    values = []
    for h in (1e-5, -2e-5):
        with torch.no_grad():
            for weight, way in zip(here.weights, u, strict=True):
                weight.add_(way, alpha=h)
        values.append(here.rows(field(gan)[0].whole))
    numeric = (values[0] - values[1]) / 2e-5
    assert torch.allclose(along, numeric, rtol=1e-6, atol=1e-8)
    assert float(here.dot(back, u)) == pytest.approx(float((here.rows(w) * numeric).sum()), rel=1e-6)
    assert float(numeric.norm()) > 0.1


def test_a_competitive_step_solves_the_papers_equations() -> None:
    """Against the full mixed matrices D_xy f and D_yx g, inverted as Algorithm 1 has it."""
    gan = small(optimiser={"discriminator": SGD(0.3), "generator": SGD(0.7)}).double()
    TorchStreams(0).initialise(gan)
    here, moves = field(gan)
    n = here.rows(here.v["discriminator"]).shape[1]
    size = len(here.rows(here.whole)[0])
    J = torch.stack(
        [here.rows(here.along(here.shaped(row[None], here.weights)))[0] for row in torch.eye(size).double()], 1
    )
    f, g = here.rows(here.whole)[0].split([n, size - n])
    D_xy, D_yx, a, b = J[:n, n:], J[n:, :n], 0.3, 0.7
    eye = torch.eye
    x = -a * torch.linalg.solve(eye(n).double() - a * b * D_xy @ D_yx, f - b * D_xy @ g)
    y = -b * torch.linalg.solve(eye(size - n).double() - a * b * D_yx @ D_xy, g - a * D_yx @ f)
    before = [w.detach().clone() for w in here.weights]
    for _ in methods.Competitive(1e-12, 60).play(moves, TARGET, 6, TorchStreams(3), 0, {}):
        pass
    moved = here.rows([w.detach() - old for w, old in zip(here.weights, before, strict=True)])[0]
    assert torch.allclose(moved, torch.cat([x, y]), rtol=1e-8, atol=1e-10)


def test_the_solver_solves_every_row_and_stops_where_it_is_done() -> None:
    chance = torch.Generator().manual_seed(0)
    matrices = torch.eye(7).double() + 0.5 * torch.randn(3, 7, 7, generator=chance, dtype=torch.float64)
    matrices[1] = torch.eye(7)  # solved at once, while the others go on
    b = torch.randn(3, 7, generator=chance, dtype=torch.float64)
    b[2] = 0
    calls = []

    def product(u: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return torch.einsum("sij,sj->si", matrices, u)

    found = solve(product, b, 1e-12, 20)
    assert torch.allclose(found, torch.linalg.solve(matrices, b), atol=1e-9) and len(calls) <= 8
    assert not found[2].any()


# -- single runs, many seeds, resumed, compiled -------------------------------------------------------------------


@every
def test_many_seeds_are_the_single_runs(method: methods.Method) -> None:
    together = gan_lab.train_many(small(optimiser=recipe(method)), TARGET, 7, seeds=[0, 3], batch=8, method=method)
    for seed in (0, 3):
        alone = gan_lab.train(
            small(optimiser=recipe(method)), TARGET, 7, seed=seed, batch=8, method=method, device="cpu"
        )
        history = together.history.query("seed == @seed").reset_index(drop=True)
        for column in alone.history:
            assert history[column].to_numpy() == pytest.approx(alone.history[column].to_numpy(), rel=1e-3, abs=1e-4)
        assert torch.allclose(weights(together.member(seed).gan), weights(alone.gan), atol=1e-4)
    assert {"loss_generator", "gradient_generator", "loss_discriminator", "D_fake"} <= set(together.history)


@every
def test_stopping_is_never_having_stopped(method: methods.Method, tmp_path: Path) -> None:
    """In the middle of what lookahead goes back over, with an average, from a file."""
    options: dict[str, Any] = {"batch": 8, "method": method, "device": "cpu", "ema": 0.9}
    whole = gan_lab.train(small(optimiser=recipe(method)), TARGET, 11, **options)
    gan_lab.train(small(optimiser=recipe(method)), TARGET, 4, checkpoint=tmp_path / "a.gan", **options)
    rest = gan_lab.train(
        small(optimiser=recipe(method)), TARGET, 11, checkpoint=tmp_path / "a.gan", resume=True, **options
    )
    assert torch.equal(weights(whole.gan), weights(rest.gan)) and whole.history.equals(rest.history)
    assert torch.equal(whole.samples(5), rest.samples(5))
    with pytest.raises(gan_lab.CheckpointError, match="its method is"):
        gan_lab.train(
            small(optimiser=recipe(method)), TARGET, 11, checkpoint=tmp_path / "a.gan", resume=True,
            **options | {"method": "alternating"},
        )  # fmt: skip


@pytest.mark.parametrize(
    "recipe", [OMD(0.05), OptimisticAdam(1e-2), Momentum(0.05, -0.3), Adam(1e-2, max_norm=0.1)], ids=repr
)
def test_optimisers_for_games_stop_and_go_and_stack(recipe: optim.Optimiser, tmp_path: Path) -> None:
    options: dict[str, Any] = {"batch": 8, "device": "cpu"}
    whole = gan_lab.train(small(optimiser=recipe), TARGET, 9, **options)
    gan_lab.train(small(optimiser=recipe), TARGET, 4, checkpoint=tmp_path / "a.gan", **options)
    rest = gan_lab.train(small(optimiser=recipe), TARGET, 9, checkpoint=tmp_path / "a.gan", resume=True, **options)
    assert torch.equal(weights(whole.gan), weights(rest.gan))
    together = gan_lab.train_many(small(optimiser=recipe), TARGET, 9, seeds=[0, 1], batch=8)
    assert torch.allclose(weights(together.member(0).gan), weights(whole.gan), atol=1e-5)
    assert optim.from_spec(recipe.spec()) == recipe


@pytest.mark.parametrize("method", [methods.Lookahead(2, 0.5, methods.Extragradient())], ids=repr)
def test_methods_of_the_first_order_are_compiled(method: methods.Method, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = torch.compile
    monkeypatch.setattr(torch, "compile", lambda step, **options: compiler(step, **options, backend="aot_eager"))
    runs = [
        gan_lab.train(small(restraints=[penalties.R1(0.5)]), TARGET, 5, batch=8, method=method, compile=c, device="cpu")
        for c in (False, True)
    ]
    assert torch.allclose(weights(runs[0].gan), weights(runs[1].gan), atol=1e-6)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_many_seeds_keep_the_averages_of_the_single_runs(batch_norm: bool) -> None:
    def gan() -> GAN:
        # not Adam: a bias before batch norm has a gradient that is all rounding, and it would step either way
        return small(optimiser=SGD(0.1), batch_norm=batch_norm)

    options: dict[str, Any] = {"batch": 16, "ema": Cosine(0.5, 0.95, 10), "method": "simultaneous"}
    together = gan_lab.train_many(gan(), TARGET, 12, seeds=[0, 3], **options)
    for seed in (0, 3):
        alone, member = gan_lab.train(gan(), TARGET, 12, seed=seed, device="cpu", **options), together.member(seed)
        assert torch.allclose(member.samples(9, seed=1), alone.samples(9, seed=1), atol=1e-4)
        live = member.gan.sample(9, seed=1)
        assert torch.allclose(live, alone.gan.sample(9, seed=1), atol=1e-4)  # the weights themselves are untouched
        assert not torch.allclose(live, member.samples(9, seed=1), atol=1e-3)
    with pytest.raises(ValueError, match="ema is 1"):
        gan_lab.train_many(gan(), TARGET, 1, ema=1)


# -- clipping, optimism, two time scales, by hand -----------------------------------------------------------------


def test_clipping_scales_the_whole_gradient_and_the_history_has_it_before() -> None:
    """The step of plain descent is lr * max_norm long where the gradient is longer, and untouched where it is not."""

    def step(most: float | None) -> tuple[torch.Tensor, float]:
        gan = small(optimiser=SGD(1.0, max_norm=most))
        TorchStreams(0).initialise(gan)
        before = weights(gan.discriminator)
        run = gan_lab.train(gan, TARGET, 1, batch=8, device="cpu")
        return weights(gan.discriminator) - before, float(run.history["gradient_discriminator"][0])

    (free, norm), (clipped, seen), (whole, _) = step(None), step(0.01), step(100.0)
    assert norm == seen > 0.01 and float(clipped.norm()) == pytest.approx(0.01, rel=1e-3)
    assert torch.allclose(clipped / clipped.norm(), free / free.norm(), atol=1e-5) and torch.equal(whole, free)


def test_optimistic_adam_is_twice_adams_move_less_the_last() -> None:
    """Algorithm 1 by hand, on a gradient that changes sign."""
    w, seen = (
        torch.ones(3, dtype=torch.float64, requires_grad=True),
        torch.ones(3, dtype=torch.float64, requires_grad=True),
    )
    ours, adam = OptimisticAdam(0.1, betas=(0.5, 0.9)).build([w]), torch.optim.Adam([seen], 1.0, (0.5, 0.9))
    last, expected = None, torch.ones(3, dtype=torch.float64)
    for step in range(6):
        gradient = torch.tensor([1.0, -2.0, 0.3], dtype=torch.float64) * np.cos(step)
        before = seen.detach().clone()
        w.grad, seen.grad = gradient.clone(), gradient.clone()
        ours.step()
        adam.step()
        move = before - seen.detach()
        expected = expected - 0.1 * (2 * move - (move if last is None else last))
        last = move
        assert torch.allclose(w.detach(), expected, atol=1e-14)


def test_two_time_scales_are_a_recipe_for_each_player() -> None:
    spec = {"discriminator": {"name": "adam", "lr": 4e-4}, "generator": {"name": "sgd", "lr": 1e-4}}
    recipes = optim.players_from_spec(spec, ("discriminator", "generator"))
    assert recipes == {"discriminator": Adam(4e-4), "generator": SGD(1e-4)}
    assert zoo.build("gan", optimiser=recipes).optimisers == recipes
    assert optim.players_from_spec({"lr": 1e-3}, ("x",)) == Adam(1e-3)
    for bad, words in (
        ({"generator": {"lr": 1e-3}}, "no optimiser for the discriminator"),
        ({"generatr": {"lr": 1}}, "did you mean 'generator'"),
    ):
        with pytest.raises(ValueError, match=words):
            optim.players_from_spec(bad, ("discriminator", "generator"))


def test_extragradient_projects_ahead_and_moves_state_once_a_step() -> None:
    run = gan_lab.train(zoo.wgan(c=0.02, k=1), TARGET, 3, batch=8, method="extragradient", device="cpu")
    assert max(float(p.detach().abs().max()) for p in run.gan.discriminator.parameters()) <= 0.02
    began = zoo.began(hidden=(8,), lambda_k=0.01)
    history = gan_lab.train(began, data.ring(std=0.05), 6, batch=8, method="extragradient", device="cpu").history
    balance = 0.5 * history["L_x"] - history["L_G"]
    k = np.zeros(7)
    for i in range(6):  # eq. 4 with the looks that moved the players, and no others
        k[i + 1] = np.clip(k[i] + 0.01 * balance[i], 0, 1)
    assert history["k_t"].to_numpy() == pytest.approx(k[1:], abs=1e-6)


# -- what is refused ----------------------------------------------------------------------------------------------


@every
def test_methods_are_data(method: methods.Method) -> None:
    assert methods.from_spec(method.spec()) == method == methods.from_spec(method)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: gan_lab.train(small(), TARGET, 1, method="extragradiant"), "did you mean 'extragradient'"),
        (lambda: gan_lab.train(small(), TARGET, 1, method={"name": "consensus", "gama": 1}), "did you mean 'gamma'"),
        (lambda: gan_lab.train(small(), TARGET, 1, method={"name": "extragradient", "k": 1}), "has no settings"),
        (lambda: gan_lab.train(small(), TARGET, 1, method=3), "the method is 3: give a name"),
        (lambda: gan_lab.train(zoo.wgan(), TARGET, 1, method="simultaneous"), "discriminator moves 5 times"),
        (lambda: gan_lab.train(small(), TARGET, 1, method="consensus", compile=True), "second derivatives outside"),
        (lambda: gan_lab.train(small(), TARGET, 1, method="simultaneous", fsdp=True), "players who move in turns"),
        (lambda: gan_lab.train(small(optimiser=Adam(1e-3)), TARGET, 1, method="competitive"), "give both players SGD"),
        (lambda: gan_lab.train(small(restraints=[penalties.R2(1)]), TARGET, 1, method="consensus"), "is cut off"),
        (
            lambda: gan_lab.train_many(small(restraints=[penalties.WGANGP(1)]), TARGET, 1, method="symplectic"),
            "cut off",
        ),
        (lambda: methods.Consensus(0), "gamma of consensus is 0"),
        (lambda: methods.Lookahead(alpha=1.5), "alpha of lookahead is 1.5"),
        (lambda: methods.Lookahead(inner=methods.Lookahead()), "inner of lookahead"),
        (lambda: Momentum(0.1, -1.0), "momentum is -1.0"),
        (lambda: Adam(1e-3, max_norm=0), "max_norm of Adam is 0"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        make()
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("name", ["gan", "lsgan", "hinge_gan", "r1_gan", "cgan", "began", "cyclegan"])
def test_systems_of_the_zoo_are_played_or_refused_in_a_sentence(name: str) -> None:
    """Simultaneous play and extragradient play all; what asks for second derivatives says where it cannot."""
    for method in (methods.Extragradient(), methods.Consensus(0.1)):
        system, target, _ = zoo.get(name).experiment()
        try:
            run = gan_lab.train(system, target, 2, batch=4, method=method, device="cpu")
            assert run.step == 2 and np.isfinite(run.history.to_numpy()).all()
        except ValueError as refused:
            assert method.second and "is cut off" in str(refused) and name == "cyclegan"
