"""The loop: same seed, same numbers; going on is never having stopped; what goes wrong is said."""

import pytest
import torch

import gan_lab
from gan_lab import data, zoo
from gan_lab.gan import GAN
from gan_lab.losses import NonSaturating
from gan_lab.nets import MLP
from gan_lab.optim import OPTIMISERS, SGD, Adam, Momentum, RMSProp
from gan_lab.random import stream_seed
from gan_lab.train import NonFiniteLoss, best_response

TARGET = data.gaussian(2.0, 0.5)


def weights(gan):
    return torch.cat([p.detach().flatten() for p in gan.parameters()])


def test_a_cell_run_twice_gives_the_same_numbers_twice():
    gan = zoo.gan(hidden=(8,))
    first = gan_lab.train(gan, TARGET, 30, seed=4)
    once, losses = weights(gan), first.history
    second = gan_lab.train(gan, TARGET, 30, seed=4)
    assert torch.equal(once, weights(gan)) and losses.equals(second.history)
    gan_lab.train(gan, TARGET, 30, seed=5)
    assert not torch.equal(once, weights(gan))


def test_keep_starts_from_the_weights_there_are():
    gan = zoo.gan(hidden=(8,))
    gan_lab.train(gan, TARGET, 10)
    before = weights(gan)
    gan_lab.train(gan, TARGET, 0, init="keep")
    assert torch.equal(before, weights(gan))


@pytest.mark.parametrize("streams", ["torch", "page"])
@pytest.mark.parametrize("optimiser", [SGD(0.1), Momentum(0.1), RMSProp(1e-3), Adam(1e-3)], ids=lambda o: o.name)
def test_going_on_is_never_having_stopped(streams, optimiser):
    options = {"hidden": (8,), "optimiser": optimiser}
    whole = gan_lab.train(zoo.gan(**options), TARGET, 25, streams=streams)
    parts = gan_lab.train(zoo.gan(**options), TARGET, 11, streams=streams).train(0).train(14)
    assert torch.equal(weights(whole.gan), weights(parts.gan)) and whole.history.equals(parts.history)


def test_a_state_put_into_a_fresh_run_goes_on_alike():
    whole = gan_lab.train(zoo.mlp_gan(), data.digits("embedded"), 6)
    half = gan_lab.train(zoo.mlp_gan(), data.digits("embedded"), 3)
    state = half.state_dict()
    other = gan_lab.train(zoo.mlp_gan(), data.digits("embedded"), 0, seed=9)
    other.load_state_dict(state)
    other.train(3)
    assert torch.equal(weights(whole.gan), weights(other.gan)) and other.step == 6
    assert torch.equal(whole.samples(4), other.samples(4))


def test_looking_does_not_change_what_is_learned():
    plain = gan_lab.train(zoo.gan(hidden=(8,)), TARGET, 20)
    watched = gan_lab.train(
        zoo.gan(hidden=(8,)), TARGET, 20, snapshots=4, every=5,
        metrics={"spread": lambda run: float(run.samples(50).std())}, callback=lambda run: run.samples(3),
    )  # fmt: skip
    assert torch.equal(weights(plain.gan), weights(watched.gan))
    assert [step for step, _ in watched.snapshots] == [0, 5, 10, 15, 20]
    spread = watched.history.set_index("step")["spread"].dropna()
    assert list(spread.index) == [5, 10, 15, 20] and (spread > 0).all()


def test_history_is_one_row_a_step():
    run = gan_lab.train(zoo.r1_gan(hidden=(8,)), TARGET, 7)
    assert list(run.history["step"]) == list(range(1, 8))
    assert {"loss_discriminator", "loss_generator", "D_real", "D_fake", "r1", "gradient_discriminator"} <= set(
        run.history
    )
    assert not run.history.isna().any().any()
    assert len(gan_lab.train(zoo.gan(hidden=(8,)), TARGET, 0).history) == 0


def test_the_loop_by_hand_gives_the_same_numbers():
    gan = GAN(MLP(1, 1, (8,)), MLP(1, 1, (8,)), NonSaturating(), optimisers=SGD(0.05), k=2)
    run = gan_lab.train(gan, TARGET, 12, batch=16, seed=3)
    torch.manual_seed(stream_seed(3, "init"))
    g, d = MLP(1, 1, (8,)), MLP(1, 1, (8,))
    data_rng, noise_rng = (torch.Generator().manual_seed(stream_seed(3, s)) for s in ("data", "noise"))
    step_g, step_d = torch.optim.SGD(g.parameters(), 0.05), torch.optim.SGD(d.parameters(), 0.05)
    bce = torch.nn.BCEWithLogitsLoss()
    one, zero = torch.ones(16, 1), torch.zeros(16, 1)
    for _ in range(12):
        for _ in range(2):
            x = TARGET.from_uniform(torch.rand(16, 1, generator=data_rng).double().clamp(1e-12, 1 - 1e-12)).float()
            z = torch.randn(16, 1, generator=noise_rng)
            step_d.zero_grad()
            (bce(d(x), one) + bce(d(g(z).detach()), zero)).backward()
            step_d.step()
        step_g.zero_grad()
        bce(d(g(torch.randn(16, 1, generator=noise_rng))), one).backward()
        step_g.step()
    by_hand = torch.cat([p.detach().flatten() for p in [*g.parameters(), *d.parameters()]])
    assert torch.allclose(by_hand, weights(run.gan), atol=1e-6)


def test_a_gan_learns_a_gaussian_over_seeds():
    from gan_lab.metrics import wasserstein1

    real = TARGET.sample(4_000, torch.Generator().manual_seed(0))
    floor = wasserstein1(TARGET.sample(4_000, torch.Generator().manual_seed(1)), real)
    scores = [
        wasserstein1(gan_lab.train(zoo.gan(hidden=(16,)), TARGET, 800, batch=128, seed=s).samples(4_000), real)
        for s in range(3)
    ]
    start = wasserstein1(gan_lab.train(zoo.gan(hidden=(16,)), TARGET, 0).samples(4_000), real)
    assert floor < max(scores) < 0.35 * start


def test_a_diverging_run_stops_and_keeps_what_was():
    gan = zoo.gan(hidden=(8,), activation="relu", optimiser=SGD(1e18))
    with pytest.raises(NonFiniteLoss, match="not finite from step") as caught:
        gan_lab.train(gan, TARGET, 500)
    assert caught.value.run.step <= 100 and len(caught.value.run.history) == caught.value.run.step


def test_ctrl_c_returns_the_run_so_far(capsys):
    def stop(run):
        raise KeyboardInterrupt

    run = gan_lab.train(zoo.gan(hidden=(8,)), TARGET, 100, every=7, callback=stop)
    assert run.step == 7 and len(run.history) == 7 and "stopped by hand" in capsys.readouterr().out
    assert all(p.requires_grad for p in run.gan.parameters())


@pytest.mark.parametrize("name", OPTIMISERS)
def test_recipes_are_data(name):
    recipe = OPTIMISERS[name](0.01)
    spec = recipe.spec()
    assert spec.pop("name") == name and OPTIMISERS[name](**spec) == recipe


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gan_lab.train(MLP(1, 1), TARGET, 1), TypeError, "expects a gan_lab.GAN first"),
        (lambda: gan_lab.train(zoo.gan(), "digits", 1), TypeError, "data.from_spec"),
        (lambda: gan_lab.train(zoo.gan(), TARGET, -1), ValueError, "steps is -1"),
        (lambda: gan_lab.train(zoo.gan(), TARGET, 1.5), TypeError, "steps must be a whole number"),
        (lambda: gan_lab.train(zoo.gan(), TARGET, 1, batch=0), ValueError, "batch is 0"),
        (lambda: gan_lab.train(zoo.gan(), TARGET, 1, init="zero"), ValueError, "unknown init"),
        (lambda: gan_lab.train(zoo.gan(), TARGET, 1, streams="pge"), ValueError, "did you mean 'page'"),
        (lambda: gan_lab.train(zoo.gan(), data.ring(), 1), ValueError, "they must agree"),
        (lambda: best_response(MLP(1, 1), TARGET, data.ring()), ValueError, "they must agree"),
        (
            lambda: gan_lab.train(zoo.mlp_gan(), data.digits("embedded"), 1, streams="page"),
            ValueError,
            "streams='torch'",
        ),
    ],
)
def test_bad_input_says_what_to_do(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_said_so():
    with pytest.raises(ValueError, match="sees no GPU"):
        gan_lab.train(zoo.gan(), TARGET, 1, device="cuda")


def test_best_response_comes_near_the_best_discriminator():
    from gan_lab.metrics import optimal_discriminator

    p, q = data.gaussian(0, 1), data.gaussian(1.5, 0.7)
    x = torch.linspace(-1.5, 3, 100)
    gap = (best_response(MLP(1, 1), p, q, 1_000).probability(x) - optimal_discriminator(p.density, q.density)(x)).abs()
    assert float(gap.max()) < 0.08


def test_the_generator_may_move_several_times() -> None:
    """k_g = 2 is two generator steps after each of the discriminator, each with noise of its own."""
    gan = gan_lab.GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), optimisers=SGD(0.1), k_g=2)
    assert gan.schedule == ["discriminator", "generator", "generator"]
    moved = []
    inner = gan.after_step
    gan.after_step = lambda player, seen: (moved.append(player), inner(player, seen))[1]
    gan_lab.train(gan, data.gaussian(), 3, batch=8, device="cpu")
    assert moved == gan.schedule * 3
    with pytest.raises(ValueError, match="k_g"):
        gan_lab.GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), k_g=0)
