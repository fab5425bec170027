"""The game: which parameters get a gradient, what a loss sees, what is refused."""

import pytest
import torch
from torch.func import functional_call, grad, stack_module_state, vmap

import gan_lab
from gan_lab import data
from gan_lab.gan import GAN, Batch
from gan_lab.losses import LOSSES, Hinge, NonSaturating, Relativistic
from gan_lab.nets import MLP
from gan_lab.optim import SGD, Adam
from gan_lab.penalties import R1, R2, WGANGP, Asked, Clip
from gan_lab.random import TorchStreams


def toy(loss=None, penalties=(), **more) -> GAN:
    torch.manual_seed(0)
    return GAN(MLP(1, 1, (8,)), MLP(1, 1, (8,)), loss, penalties, **more)


def batch(n=16, penalties=0):
    g = torch.Generator().manual_seed(1)
    x, z, mix = torch.randn(n, 1, generator=g) + 2, torch.randn(n, 1, generator=g), torch.rand(n, generator=g)
    return Batch(x, z, asked=(Asked(mix),) * penalties)


def move(run, player):
    """One move of one player."""
    run.moves(player, run.data, run.rows, run.streams, run.step, {})


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("penalty", [None, R1(1.0), R2(1.0), WGANGP(10.0)], ids=str)
def test_the_discriminators_loss_reaches_all_of_it_and_nothing_else(loss, penalty):
    gan = toy(loss(), [] if penalty is None else [penalty])
    gan("discriminator", batch(penalties=len(gan.penalties))).backward()
    assert all(p.grad is None for p in gan.generator.parameters())
    # the last bias shifts every logit alike: Wasserstein and relativistic losses, and penalties, do not see it
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in list(gan.discriminator.parameters())[:-1])


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_in_the_loop_each_player_moves_alone(loss):
    gan = toy(loss(), [R1(0.1)])
    run = gan_lab.train(gan, data.gaussian(2, 1), 1, batch=8)
    before = {n: p.clone() for n, p in gan.named_parameters()}
    move(run, "generator")
    moved = {n for n, p in gan.named_parameters() if not torch.equal(p, before[n])}
    assert moved and all(n.startswith("generator") for n in moved)
    assert all(p.grad is None or not p.requires_grad for p in gan.discriminator.parameters())
    before = {n: p.clone() for n, p in gan.named_parameters()}
    move(run, "discriminator")
    moved = {n for n, p in gan.named_parameters() if not torch.equal(p, before[n])}
    assert moved and all(n.startswith("discriminator") for n in moved)


def test_a_penalty_adds_its_term_and_says_so():
    plain, restrained = toy(NonSaturating()), toy(NonSaturating(), [R1(2.0), R2(3.0)])
    seen: dict = {}
    extra = restrained("discriminator", batch(), seen) - plain("discriminator", batch())
    assert float(extra.detach()) == pytest.approx(float(seen["r1"] + seen["r2"]), rel=1e-5)
    assert 0 < seen["D_real"] < 1 and 0 < seen["D_fake"] < 1


def test_the_door_works_under_functional_call_and_vmap():
    gans = [toy(Hinge()) for _ in range(3)]
    for i, gan in enumerate(gans):
        TorchStreams(i).initialise(gan)
    parameters, buffers = stack_module_state(gans)
    drawn = batch()

    def loss(p, b):
        seen: dict = {}
        return functional_call(gans[0], (p, b), ("generator", drawn, seen))

    gradients = vmap(grad(loss))(parameters, buffers)
    for i, gan in enumerate(gans):
        gan("generator", batch()).backward()
        for name, p in gan.generator.named_parameters():
            assert torch.allclose(gradients[f"generator.{name}"][i], p.grad, atol=1e-6)


def test_schedule_is_k_times_the_discriminator():
    assert toy(k=3).schedule == ["discriminator"] * 3 + ["generator"]


def test_prior_defaults_to_a_normal_of_the_generators_inputs():
    gan = GAN(MLP(5, 2), MLP(2, 1))
    assert gan.prior.dim == 5 and gan.sample(7).shape == (7, 2)
    assert torch.equal(gan.sample(7, seed=3), gan.sample(7, seed=3))


def test_sampling_does_not_touch_batch_norm():
    gan = GAN(MLP(2, 1, (4,), batch_norm=True), MLP(1, 1))
    before = {n: b.clone() for n, b in gan.named_buffers()}
    gan.sample(50)
    assert gan.training and all(torch.equal(b, before[n]) for n, b in gan.named_buffers())


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: toy("hinge"), TypeError, "pass an object such as NonSaturating"),
        (lambda: toy(None, ["r1"]), TypeError, "pass objects such as R1"),
        (lambda: toy(k=0), ValueError, "k is 0"),
        (lambda: toy(instance_noise=-0.1), ValueError, "instance_noise is -0.1"),
        (lambda: toy(optimisers={"generater": Adam(1e-3)}), ValueError, "did you mean 'generator'"),
        (lambda: toy(optimisers={"generator": Adam(1e-3)}), ValueError, "no optimiser for the discriminator"),
        (lambda: GAN(torch.nn.Linear(1, 1), MLP(1, 1)), ValueError, r"pass prior=StandardNormal\(dim\)"),
        (lambda: toy()("judge", batch()), ValueError, "unknown player 'judge'"),
        (lambda: GAN(MLP(1, 2), MLP(1, 1))("discriminator", batch()), ValueError, "they must agree"),
        (lambda: GAN(MLP(1, 1), MLP(1, 2))("discriminator", batch()), ValueError, "one logit a sample"),
        (lambda: toy(None, [WGANGP()])("discriminator", batch()), ValueError, "mix"),
        (lambda: toy().sample(), ValueError, "either n"),
        (lambda: toy().sample(3, z=torch.zeros(3, 1)), ValueError, "either n"),
        (lambda: Adam(-1), ValueError, "lr of Adam is -1"),
        (lambda: Adam(1e-3, betas=(0.5, 1.0)), ValueError, r"beta2 is 1.0: it must be in \[0, 1\)"),
        (lambda: SGD(float("nan")), ValueError, "finite number > 0"),
    ],
)
def test_bad_input_says_what_to_do(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_only_losses_that_need_it_look_at_real_data_in_the_generators_step():
    assert toy(Relativistic()).loss.needs_real
    unseen = batch()._replace(x=None)
    assert torch.isfinite(toy(Hinge())("generator", unseen))
    with pytest.raises(ValueError, match="no real samples, which this loss looks at"):
        toy(Relativistic())("generator", unseen)


def test_clipping_follows_every_step_of_the_discriminator():
    gan = toy(NonSaturating(), [Clip(0.02)])
    gan_lab.train(gan, data.gaussian(2, 1), 3, batch=8)
    assert max(float(p.detach().abs().max()) for p in gan.discriminator.parameters()) <= 0.02 + 1e-9
    assert max(float(p.detach().abs().max()) for p in gan.generator.parameters()) > 0.02


def test_instance_noise_reaches_all_that_the_discriminator_is_shown():
    """In both players' steps, real and generated, with the standard deviation that was asked for."""

    class Seeing(MLP):
        def forward(self, x):
            seen.append(x.detach())
            return super().forward(x)

    seen: list[torch.Tensor] = []
    clean = {}
    for std in (0.0, 0.5):
        gan = GAN(MLP(2, 2, hidden=(4,)), Seeing(2, 1, hidden=(4,)), Relativistic(), instance_noise=std)
        run = gan_lab.train(gan, data.ring(), 0, batch=4000, seed=1, device="cpu", streams="page")
        seen.clear()
        run.train(1)
        shown = torch.cat([x.reshape(-1, 4000, 2) for x in seen])
        assert len(shown) == 4  # real and generated of D's step, real and generated of G's
        if std:
            shift = shown - clean[0]  # only D has moved before G's step, and its weights are not what it is shown
            assert (shift.std((1, 2)) - 0.5).abs().max() < 0.02 and shift.mean((1, 2)).abs().max() < 0.02
            assert abs(float((shift[0] * shift[1]).mean())) < 0.02  # real and generated get noise of their own
        else:
            clean[0] = shown


def test_many_seeds_play_with_instance_noise_too():
    gan = GAN(MLP(2, 2, hidden=(4,)), MLP(2, 1, hidden=(4,)), instance_noise=0.3)
    many = gan_lab.train_many(gan, data.ring(), 3, seeds=[0, 1], batch=8)
    assert len(many.history) == 6
