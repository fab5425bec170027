"""Nothing learned is lost, and nothing wrong is silent: what a run does when something goes wrong around it."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import gan_lab
from gan_lab import GAN, CheckpointError, NonFiniteLoss, data, losses, metrics, zoo
from gan_lab.nets import MLP
from gan_lab.optim import SGD, Adam
from gan_lab.penalties import L1, L2, R1, R2, WGANGP, Clip
from gan_lab.schedules import cosine, linear
from gan_lab.train import best_response, checkpoint

TARGET = data.gaussian(2.0, 0.5)


def begin(steps: int, gan: GAN | None = None, **options: Any) -> gan_lab.Run:
    gan = zoo.gan(hidden=(8,)) if gan is None else gan
    return gan_lab.train(gan, TARGET, steps, batch=16, **{"device": "cpu", **options})


def weights(run: gan_lab.Run) -> Tensor:
    return torch.cat([p.detach().flatten() for p in run.gan.parameters()])


def poisoned(at: int, gan: GAN) -> GAN:
    """A game whose discriminator is NaN from the generator's move of a step on."""
    inner = gan.draw

    def draw(player: str, data: Any, n: int, streams: Any, step: int) -> Any:
        if step == at and player == "generator":
            with torch.no_grad():
                next(gan.discriminator.parameters()).fill_(float("nan"))
        return inner(player, data, n, streams, step)

    gan.draw = draw  # type: ignore[method-assign]
    return gan


# -- errors and signals on the way -------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError("no memory left"), KeyboardInterrupt()])
def test_an_error_in_a_metric_leaves_a_whole_run_that_is_saved(error: BaseException, tmp_path: Path) -> None:
    path = tmp_path / "run.gan"

    def bad(run: gan_lab.Run) -> float:
        if run.step == 21:
            raise error
        return 0.0

    if isinstance(error, KeyboardInterrupt):
        run = begin(100, metrics={"bad": bad}, every=7, checkpoint=path)
    else:
        with pytest.raises(RuntimeError, match="no memory left") as caught:
            begin(100, metrics={"bad": bad}, every=7, checkpoint=path)
        run = caught.value.run  # type: ignore[attr-defined]
        assert "whole at step 21" in caught.value.__notes__[0] and str(path) in caught.value.__notes__[0]
    assert run.step == 21 == checkpoint.read(path)["step"] and torch.equal(weights(run), weights(begin(21)))
    resumed = begin(40, metrics={"bad": lambda run: 0.0}, every=7, checkpoint=path, resume=True)
    assert torch.equal(weights(resumed), weights(begin(40)))


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt()])
def test_what_breaks_off_inside_a_step_leaves_no_torn_step(error: BaseException, tmp_path: Path) -> None:
    """The discriminator has moved, the generator has not: the run goes back to the last whole state it kept."""
    gan, path = zoo.gan(hidden=(8,)), tmp_path / "run.gan"
    inner = gan.draw

    def draw(player: str, data: Any, n: int, streams: Any, step: int) -> Any:
        if step == 61 and player == "generator" and armed:
            raise error
        return inner(player, data, n, streams, step)

    gan.draw, armed = draw, True  # type: ignore[method-assign]
    if isinstance(error, KeyboardInterrupt):
        run = begin(100, gan, checkpoint=path, snapshots=10, metrics={"zero": lambda run: 0.0}, every=10)
    else:
        with pytest.raises(RuntimeError) as caught:
            begin(100, gan, checkpoint=path, snapshots=10, metrics={"zero": lambda run: 0.0}, every=10)
        run = caught.value.run  # type: ignore[attr-defined]
    assert run.step == 50 and [s for s, _ in run.snapshots] == [0, 10, 20, 30, 40, 50]
    assert list(run.history["step"]) == list(range(1, 51)) and run.history["zero"].notna().sum() == 5
    armed = False
    assert torch.equal(weights(run.train(50)), weights(begin(100)))


def test_ctrl_c_never_replaces_a_good_checkpoint_by_nan(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"

    def stop(run: gan_lab.Run) -> None:
        if run.step == 70:
            raise KeyboardInterrupt

    with pytest.raises(NonFiniteLoss, match="back at step 50"):
        begin(100, poisoned(62, zoo.gan(hidden=(8,))), checkpoint=path, save_every=25, every=1, callback=stop)
    kept = checkpoint.read(path)
    assert kept["step"] == 50 and all(bool(torch.isfinite(v).all()) for v in kept["gan"].values())


def test_nan_in_the_first_steps_saves_and_restores(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"
    with pytest.raises(NonFiniteLoss, match="from step 4 on.*back at step 0") as caught:
        begin(9, poisoned(3, zoo.gan(hidden=(8,))))
    run = caught.value.run
    assert run.step == 0 == len(run.history) and len(caught.value.history) == 9
    del run.gan.draw  # type: ignore[misc]
    run.save(path)
    assert torch.equal(weights(begin(0).restore(path).train(12)), weights(begin(12)))


def test_after_a_loss_that_is_not_finite_nothing_later_stays() -> None:
    with pytest.raises(NonFiniteLoss) as caught:
        begin(90, poisoned(72, zoo.gan(hidden=(8,))), snapshots=30, metrics={"one": lambda run: 1.0}, every=5)
    run = caught.value.run
    assert run.step == 50 == len(run.history) and run.snapshots[-1][0] == 48 and run.history["one"].notna().sum() == 10


def test_a_state_put_into_another_run_brings_its_place_with_it() -> None:
    """The history begins behind the state, at the right steps, and NaN is noticed as ever."""
    later = begin(0, poisoned(75, zoo.gan(hidden=(8,))), seed=9)
    later.load_state_dict(begin(60).state_dict())
    assert list(later.train(3).history["step"]) == [61, 62, 63]
    with pytest.raises(NonFiniteLoss, match="loss_generator is not finite from step 76 on.*back at step 63"):
        later.train(37)
    assert later.step == 63 and list(later.history["step"]) == [61, 62, 63]


# -- one object, several runs ------------------------------------------------------------------------------------------


def test_a_run_that_was_overtaken_says_so(tmp_path: Path) -> None:
    gan = zoo.gan(hidden=(8,))
    first = begin(5, gan)
    history = first.history
    second = begin(5, gan, seed=1)
    for use in (lambda: first.samples(3), lambda: first.train(1), lambda: first.save(tmp_path / "x"), first.state_dict):
        with pytest.raises(RuntimeError, match="trained by another"):
            use()
    assert first.history.equals(history) and len(second.samples(3)) == 3
    before = gan.generator[0].weight.clone()
    gan_lab.train_many(gan, TARGET, 2, seeds=range(2), batch=8)  # of copies
    assert torch.equal(before, gan.generator[0].weight) and len(second.samples(3)) == 3


# -- resuming another run ----------------------------------------------------------------------------------------------

CHANGES = {
    "prior": (lambda: {"prior": data.uniform_cube(1)}, "its prior is"),
    "activation": (lambda: {"generator": MLP(1, 1, (8,), "relu")}, "its generator is"),
    "noise": (lambda: {"instance_noise": 0.1}, "its instance_noise is"),
    "joint": (lambda: {"joint": False}, "its joint is"),
    "penalty": (lambda: {"penalties": R1(0.1)}, "its penalties is"),
    "k_g": (lambda: {"k_g": 2}, "its k_g is"),
    "rate": (lambda: {"optimisers": Adam(linear(1e-3, 0.0, steps=9))}, "its optimiser of the discriminator is"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_checkpoint_of_another_game_is_refused_by_the_first_difference(name: str, tmp_path: Path) -> None:
    change, words = CHANGES[name]
    plain = {"generator": MLP(1, 1, (8,)), "discriminator": MLP(1, 1, (8,))}
    begin(3, GAN(**plain)).save(tmp_path / "run.gan")
    other = begin(1, GAN(**(plain | change())))
    before = weights(other)
    with pytest.raises(CheckpointError, match=words):
        other.restore(tmp_path / "run.gan")
    assert torch.equal(before, weights(other)) and other.step == 1


def test_streams_of_another_kind_can_be_looked_at_and_not_gone_on_with(tmp_path: Path) -> None:
    begin(4, streams="page").save(tmp_path / "run.gan")
    here = begin(0).restore(tmp_path / "run.gan")
    assert torch.equal(here.samples(5), begin(4, streams="page").samples(5)) and here.step == 4
    with pytest.raises(ValueError, match="place of another kind of streams or device"):
        here.train(1)
    begin(4).save(tmp_path / "torch.gan")
    with pytest.raises(ValueError, match="places of streams='torch'"):
        begin(0, streams="page").restore(tmp_path / "torch.gan").train(1)


# -- settings that change ----------------------------------------------------------------------------------------------


def test_schedules_are_values_and_reach_rate_penalty_and_average(tmp_path: Path) -> None:
    rate, gamma, decay = cosine(2e-2, 5e-3, steps=8), linear(1.0, 0.0, steps=4), linear(0.5, 0.9, steps=6, hold=2)
    assert [rate(0), rate(4), rate(8), rate(99)] == pytest.approx([2e-2, 1.25e-2, 5e-3, 5e-3])
    assert [decay(0), decay(2), decay(4), decay(6)] == pytest.approx([0.5, 0.5, 0.7, 0.9])

    def game() -> GAN:
        return GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), penalties=[R1(gamma)], optimisers=SGD(rate))

    run = begin(6, game(), ema=decay)
    r1 = run.history["r1"]
    assert (r1[:4] > 0).all() and (r1[4:] == 0).all()
    assert "Cosine(start=0.02" in repr(run.gan.optimisers["generator"])
    assert "Linear(start=1.0" in repr(run.gan.penalties)
    # by hand: what SGD moves in one step is the rate times the gradient
    moved, before = game(), None
    one = begin(3, moved)
    before = [p.detach().clone() for p in moved.generator.parameters()]
    one.train(1)
    for old, p in zip(before, moved.generator.parameters(), strict=True):
        torch.testing.assert_close(p.detach(), old - rate(3) * p.grad)
    begin(3, game(), ema=decay, checkpoint=tmp_path / "run.gan")
    resumed = begin(6, game(), ema=decay, checkpoint=tmp_path / "run.gan", resume=True)
    assert torch.equal(weights(run), weights(resumed)) and torch.equal(run.samples(4), resumed.samples(4))
    many = gan_lab.train_many(game(), TARGET, 6, seeds=[0, 1], batch=16)
    assert torch.allclose(weights(many.member(0)), weights(run), atol=1e-5)
    with pytest.raises(ValueError, match="ema is"):
        begin(1, ema=linear(0.5, 1.5, steps=3))
    with pytest.raises(ValueError, match="finite number > 0"):
        SGD(linear(-1.0, 0.0, steps=3))


# -- what a pass costs, and what it may look at ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("penalties", "rows"),
    [([], 128), ([R1(0.1)], 128), ([R1(0.1), R2(0.1)], 128), ([WGANGP()], 192), ([L2(), L1()], 128)],
)
@pytest.mark.parametrize("joint", [True, False])
def test_penalties_share_the_pass_of_the_loss(penalties: list[Any], rows: int, joint: bool) -> None:
    seen: list[int] = []

    class Counting(MLP):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(len(x))
            return super().forward(x)

    gan = GAN(MLP(1, 1, (4,)), Counting(1, 1, (4,)), penalties=penalties, joint=joint)
    run = gan_lab.train(gan, TARGET, 0, batch=64, device="cpu")
    seen.clear()
    run.moves("discriminator", run.data, 64, run.streams, 0, {})
    assert sum(seen) == rows


def test_weight_decay_of_either_player() -> None:
    for penalty, size in ((L2(0.5, player="generator"), torch.square), (L1(0.5, player="generator"), torch.abs)):
        gan = GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), penalties=penalty)
        batch = gan.draw("generator", TARGET, 8, gan_lab.random.TorchStreams(0), 0)
        loss, seen = gan("generator", batch, seen := {}), seen
        expected = 0.5 * sum(float(size(p.detach()).sum()) for p in gan.generator.parameters())
        expected /= 2 if penalty.name == "l2" else 1
        plain = GAN(gan.generator, gan.discriminator)
        assert float(seen[penalty.name]) == pytest.approx(expected)
        assert float(loss) == pytest.approx(float(plain("generator", batch._replace(asked=()))) + expected)
    clipped = begin(3, GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)), penalties=[Clip(0.05, player="generator")]))
    assert float(max(p.abs().max() for p in clipped.gan.generator.parameters())) <= 0.05 + 1e-9


@pytest.mark.parametrize("penalty", [R1(0.1), R2(0.1), WGANGP(1.0)], ids=lambda p: p.name)
def test_a_critic_with_running_statistics_may_be_restrained(penalty: Any) -> None:
    """In one run, in many, and in a best response; the statistics learn from what the critic sees."""

    def game() -> GAN:
        players = MLP(1, 1, (4,)), MLP(1, 1, (8,), batch_norm=True)
        return GAN(*players, penalties=[penalty], optimisers=SGD(0.05)).double()

    run = begin(4, game())
    assert not run.gan.joint and float(run.gan.discriminator[1].running_mean.abs().max()) > 0
    many = gan_lab.train_many(game(), TARGET, 4, seeds=[0, 1], batch=16)
    for name, value in run.gan.state_dict().items():
        assert torch.allclose(many.member(0).gan.state_dict()[name].float(), value.float(), atol=1e-6), name
    fit = best_response(MLP(1, 1, (8,), batch_norm=True), TARGET, data.gaussian(), 3, penalties=[penalty], batch=8)
    assert torch.isfinite(fit.losses).all()


def test_minibatch_statistics_are_found_out() -> None:
    """A critic that looks at the batch gets real and generated samples in two calls: one would be another game."""

    class Spread(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = MLP(2, 1, (8,))

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.layers(torch.cat([x, x.std(0, keepdim=True).expand_as(x)], 1))
            return made

    gan = GAN(MLP(1, 1, (4,)), Spread())
    assert gan.joint
    begin(0, gan)
    assert not gan.joint and begin(0, GAN(MLP(1, 1, (4,)), MLP(1, 1, (4,)))).gan.joint
    asked = GAN(MLP(1, 1, (4,)), Spread(), joint=True)
    begin(0, asked)
    assert asked.joint


def test_an_average_has_statistics_of_its_own() -> None:
    """Re-estimated for it, it is nearer to the data than the live network; inherited ones cost what it gains."""
    gains = []
    real = data.ring(std=0.05).sample(1_000, torch.Generator().manual_seed(1))
    for seed in range(3):
        players = MLP(2, 2, (32, 32), "relu", batch_norm=True), MLP(2, 1, (32, 32), "leaky_relu")
        gan = GAN(*players, optimisers=Adam(1e-3, betas=(0.5, 0.999)))
        run = gan_lab.train(gan, data.ring(std=0.05), 500, batch=128, seed=seed, ema=0.99, device="cpu")
        live = metrics.energy_distance(gan.sample(1_000), real)
        inherited = gan.sample(1_000, generator=run.averages.networks["generator"])
        before = metrics.energy_distance(inherited, real)
        gains.append((live, before, metrics.energy_distance(run.samples(1_000), real)))
        noise = gan.prior.sample(4_096, torch.Generator().manual_seed(5))
        first = run.ema[0](noise)  # type: ignore[index]
        torch.testing.assert_close(run.ema[1].running_mean, first.mean(0), atol=0.05, rtol=0)  # type: ignore[index]
    live, before, after = np.mean(gains, axis=0)
    assert after < 0.8 * min(live, before), gains


# -- ranges, shapes, doors ---------------------------------------------------------------------------------------------


def test_outputs_on_the_wrong_scale_are_said_so() -> None:
    squeezed = MLP(1, 1, (4,), final="sigmoid")
    with pytest.warns(UserWarning, match="ends in sigmoid, but the loss non_saturating works on logits"):
        begin(0, GAN(MLP(1, 1, (4,)), squeezed))
    images = MLP(4, 784, (8,), final="sigmoid", image=(1, 28, 28))
    with pytest.warns(UserWarning, match="let it end in tanh, not in a sigmoid"):
        gan_lab.train(GAN(images, MLP(784, 1, (4,))), data.digits("embedded"), 0, batch=8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        begin(0, GAN(MLP(1, 1, (4,)), squeezed, losses.LeastSquares()))  # its targets are 0 and 1
        for entry in zoo.REGISTRY.values():
            system, target, _ = entry.experiment()
            gan_lab.train(system, target, 0, batch=16)


class Conv(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).flatten(1)[:, :1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: begin(0, GAN(MLP(1, 1), Conv())), ValueError, "^the discriminator cannot work on what it is"),
        (lambda: begin(0, GAN(nn.Conv2d(1, 1, 3), MLP(1, 1), prior=data.gaussian())), ValueError, "^the generator can"),
        (
            lambda: gan_lab.train(GAN(MLP(1, 1, (4,), batch_norm=True), MLP(1, 1)), TARGET, 1, batch=1),
            ValueError, "^the generator has batch norm, which needs at least 2 samples a process: give batch a larger",
        ),
        (lambda: begin(1, device="gpu"), ValueError, "there is no device 'gpu': use auto, cpu"),
        (lambda: begin(1, metrics={"step": len}), ValueError, "a metric is called 'step', as a column"),
        (lambda: begin(1, metrics={"loss_generator": len}), ValueError, "a metric is called 'loss_generator'"),
        (lambda: begin(1, metrics=[len]), TypeError, "give a dict of functions"),
        (lambda: gan_lab.train_many(zoo.gan(), TARGET, 1, seeds=5), TypeError, r"give several, such as range\(5\)"),
        (lambda: gan_lab.train_many(zoo.gan(), TARGET, 1, seeds=[1, 1]), ValueError, "seeds has 1 twice"),
        (lambda: MLP(1, 1, hidden=5), TypeError, r"hidden is 5: give the units of each hidden layer, such as \(5,\)"),
        (lambda: GAN(MLP(1, 1), MLP(1, 1), penalties=[R1(1, player="judge")]), ValueError, "unknown player 'judge'"),
        (lambda: gan_lab.train(zoo.gan(), [[1.0], [float("nan")]], 1), ValueError, "(?i)nan"),
        (lambda: zoo.cgan().sample(3, label=8), ValueError, r"label is 8: give one whole number in 0..7, or 3 of them"),
        (lambda: zoo.gan().sample(3, label=1), ValueError, "label is 1, but this GAN has no conditions"),
        (lambda: gan_lab.train(zoo.cgan(), data.ring(), 1), ValueError, r"has no labels: pass data.labelled\(...\)"),
        (lambda: gan_lab.train(zoo.cyclegan(), data.ring(), 1), ValueError, "two domains"),
        (lambda: gan_lab.train(zoo.gan(), data.unpaired(TARGET, TARGET), 1), ValueError, "a GAN learns samples, but"),
        (lambda: zoo.cyclegan().sample(4), ValueError, "a CycleGAN translates: give x"),
        (lambda: zoo.pggan(image=(1, 28, 28), levels=4), ValueError, "a side of 28 cannot be halved 3 times"),
    ],
)  # fmt: skip
def test_one_sentence_instead_of_pythons(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_numbers_of_numpy_and_tensors_pass_the_doors() -> None:
    gan = GAN(MLP(np.int64(1), torch.tensor(1), np.array([8])), MLP(1, 1, (8,)), penalties=[R1(np.float32(0.5))])
    points = np.random.default_rng(0).normal(size=(50, 1))
    run = gan_lab.train(gan, points, np.int64(3), batch=torch.tensor(16), seed=np.int32(1))
    assert run.step == 3 and math.isfinite(run.latest("r1") or math.nan)
    assert gan.sample(np.int64(4), seed=np.int64(2)).shape == (4, 1)
    assert gan.sample(z=np.zeros((3, 1))).dtype == torch.float32
    assert [p.name for p in GAN(MLP(1, 1), MLP(1, 1), penalties=R1(0.1)).penalties] == ["r1"]  # one alone will do


# -- many seeds --------------------------------------------------------------------------------------------------------


def test_seeds_that_diverge_are_named_and_not_averaged_away() -> None:
    gan = zoo.gan(hidden=(8,), activation="relu", optimiser=SGD(1e18))
    with pytest.warns(UserWarning, match=r"\d of 4 seeds are no longer finite \(seed 0 from step \d+"):
        many = gan_lab.train_many(gan, TARGET, 12, seeds=range(4), batch=16)
    table = many.history
    for seed, step in many.diverged.items():
        rows = table[(table["seed"] == seed) & (table["step"] == step)]
        assert not np.isfinite(rows.drop(columns=["seed", "step"]).to_numpy()).all()
    last = many.summary("loss_generator").query("step == 12").iloc[0]
    assert np.isnan(last["mean"]) and np.isnan(last["standard_error"]) and last["seeds"] == 4
    alive = many.summary("loss_generator", finite=True).query("step == 1").iloc[0]
    assert np.isfinite(alive["mean"]) and torch.isnan(many.last("loss_generator")).any()


def test_ctrl_c_returns_the_seeds_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    def stop(run: Any) -> float:
        raise KeyboardInterrupt

    gan = zoo.gan(hidden=(4,))
    many = gan_lab.train_many(gan, TARGET, 50, seeds=range(2), batch=8, metrics={"stop": stop}, every=6)
    assert many.step == 6 and len(many.history) == 12 and "after 6 steps" in capsys.readouterr().out
