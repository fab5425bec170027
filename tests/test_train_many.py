"""Many seeds at once are the same runs as one after the other."""

from __future__ import annotations

import pytest
import torch

import gan_lab
from gan_lab import data, zoo
from gan_lab.nets import MLP


@pytest.mark.parametrize("entry", zoo.REGISTRY.values(), ids=lambda e: e.name)
def test_each_seed_is_the_run_that_train_gives(entry: zoo.Entry) -> None:
    """Losses, samples, and the state between steps; PGGAN grows and fades on the way."""
    system, target, _ = entry.experiment()
    together = gan_lab.train_many(system, target, 8, seeds=[0, 3], batch=16)
    for seed in (0, 3):
        alone = gan_lab.train(entry.experiment()[0], target, 8, seed=seed, batch=16, device="cpu")
        history = together.history.query("seed == @seed").reset_index(drop=True)
        assert set(alone.history) <= set(history)
        for column in alone.history:
            assert history[column].to_numpy() == pytest.approx(alone.history[column].to_numpy(), rel=1e-3, abs=1e-4)
        # weights of batch norm and biases under Adam may step either way on a gradient that is all rounding
        close = 0.05 if isinstance(target, data.Images) else 1e-4
        member = together.member(seed)
        assert torch.allclose(member.samples(32, seed=1), alone.samples(32, seed=1), atol=close)
        for name, value in alone.gan.named_buffers():
            assert torch.allclose(dict(member.gan.named_buffers())[name].float(), value.float(), atol=1e-3), name
    assert not torch.equal(together.member(0).samples(4), together.member(3).samples(4))


def test_going_on_equals_never_having_stopped() -> None:
    whole = gan_lab.train_many(zoo.gan(), data.gaussian(), 10, seeds=range(3), batch=8)
    parts = gan_lab.train_many(zoo.gan(), data.gaussian(), 4, seeds=range(3), batch=8).train(6)
    assert whole.history.equals(parts.history)


def test_clipping_holds_in_every_seed() -> None:
    run = gan_lab.train_many(zoo.wgan(c=0.02), data.gaussian(), 3, seeds=range(4), batch=8)
    for seed in run.seeds:
        assert max(float(p.detach().abs().max()) for p in run.member(seed).gan.discriminator.parameters()) <= 0.02


def test_metrics_see_one_seed_at_a_time() -> None:
    seen: list[tuple[int, int]] = []

    def mean(run: gan_lab.Run) -> float:
        seen.append((run.seed, run.step))
        return float(run.samples(64).mean())

    run = gan_lab.train_many(zoo.gan(), data.gaussian(), 6, seeds=[5, 7], batch=8, metrics={"mean": mean}, every=3)
    assert seen == [(5, 3), (7, 3), (5, 6), (7, 6)]
    assert run.last("mean").tolist() == pytest.approx([float(run.member(s).samples(64).mean()) for s in (5, 7)])
    with pytest.raises(ValueError, match="unknown column of the history .w1."):
        run.last("w1")
    with pytest.raises(ValueError, match="seed 1 is not"):
        run.member(1)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="seeds is empty"):
        gan_lab.train_many(zoo.gan(), data.gaussian(), 1, seeds=[])
    with pytest.raises(ValueError, match="steps is -1"):
        gan_lab.train_many(zoo.gan(), data.gaussian(), -1)


def test_the_summary_is_mean_and_standard_error_over_the_seeds() -> None:
    run = gan_lab.train_many(zoo.gan(), data.gaussian(), 4, seeds=range(5), batch=8)
    table = run.summary("D_fake", "loss_generator")
    assert set(table["column"]) == {"D_fake", "loss_generator"} and len(table) == 8 and (table["seeds"] == 5).all()
    values = run.history.query("step == 3")["D_fake"]
    row = table.query("column == 'D_fake' and step == 3").iloc[0]
    assert row["mean"] == pytest.approx(values.mean()) and row["standard_error"] == pytest.approx(values.std() / 5**0.5)
    with pytest.raises(ValueError, match="did you mean 'D_fake'"):
        run.summary("D_fak")


def test_a_network_that_cannot_be_stacked_is_said_so() -> None:
    dropout = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
    with pytest.raises(ValueError, match="discriminator.1 is a Dropout.*in turn"):
        gan_lab.train_many(gan_lab.GAN(MLP(1, 1), dropout), data.gaussian(), 1, seeds=range(2))

    class Branching(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.layer(x)
            return y if y.mean() > 0 else -y

    with pytest.raises(ValueError, match="cannot be stacked: a layer branches on values"):
        gan_lab.train_many(gan_lab.GAN(MLP(1, 1), Branching()), data.gaussian(), 1, seeds=range(2))
    with pytest.raises(TypeError, match="expects a gan_lab.GAN first"):
        gan_lab.train_many(MLP(1, 1), data.gaussian(), 1)  # type: ignore[arg-type]


def test_the_progress_bar_is_shown_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    gan_lab.train_many(zoo.gan(), data.gaussian(), 2, seeds=range(2), batch=8)
    gan_lab.train(zoo.gan(), data.gaussian(), 2, batch=8)
    assert capsys.readouterr().err == ""
    gan_lab.train_many(zoo.gan(), data.gaussian(), 2, seeds=range(2), batch=8, progress=True)
    gan_lab.train(zoo.gan(), data.gaussian(), 2, batch=8, progress=True)
    shown = capsys.readouterr().err
    assert "2 seeds" in shown and shown.count("2/2") >= 2
