"""The compiled step takes the steps of the plain one, gradient penalties and batch norm included."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

import gan_lab
from gan_lab import GAN, data, zoo
from gan_lab.nets import MLP
from gan_lab.penalties import R1

every = pytest.mark.parametrize("entry", zoo.REGISTRY.values(), ids=lambda e: e.name)


def play(entry: zoo.Entry, compile: bool, steps: int = 8) -> gan_lab.Run:
    gan, data, _ = entry.experiment()
    return gan_lab.train(gan, data, steps, batch=16, seed=1, device="cpu", compile=compile, ema=0.9)


def same(entry: zoo.Entry) -> None:
    plain, compiled = play(entry, False), play(entry, True)
    # one step of Adam moves a weight by up to the learning rate on a gradient that is all rounding (batch norm's bias)
    rounding = 1e-3 if entry.name == "mlp_gan" else 1e-6
    for name, value in plain.gan.state_dict().items():
        assert torch.allclose(value.float(), compiled.gan.state_dict()[name].float(), atol=rounding), name
    assert list(plain.history) == list(compiled.history)
    for column in plain.history:
        expected = pytest.approx(plain.history[column].to_numpy(), rel=1e-4, abs=1e-5)
        assert compiled.history[column].to_numpy() == expected, column
    assert torch.allclose(plain.samples(8), compiled.samples(8), atol=100 * rounding)


@every
def test_the_traced_step_is_the_plain_step(entry: zoo.Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way but the last: the compiler's graph, run by PyTorch's own kernels. More systems than its limit."""
    compiler = torch.compile

    def traced(step: Any, **options: Any) -> Any:
        return compiler(step, **options, backend="aot_eager")

    monkeypatch.setattr(torch, "compile", traced)
    same(entry)


@pytest.mark.slow
def test_generated_code_with_a_second_derivative_gives_the_same_numbers() -> None:
    same(zoo.get("wgan_gp"))


@pytest.mark.parametrize("name", ["gan", "wgan_gp", "mlp_gan"])
def test_many_seeds_traced_are_many_seeds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = torch.compile
    monkeypatch.setattr(torch, "compile", lambda step, **options: compiler(step, **options, backend="aot_eager"))
    entry, runs = zoo.get(name), []
    for compile in (False, True):
        gan, data, _ = entry.experiment()
        runs.append(gan_lab.train_many(gan, data, 5, seeds=[0, 3], batch=16, device="cpu", compile=compile))
    plain, traced = (run.history for run in runs)
    assert list(plain) == list(traced)
    for column in plain:
        assert traced[column].to_numpy() == pytest.approx(plain[column].to_numpy(), rel=1e-4, abs=1e-5), column


def test_a_compiled_run_goes_on_after_its_state_was_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = torch.compile
    monkeypatch.setattr(torch, "compile", lambda step, **options: compiler(step, **options, backend="aot_eager"))
    run = play(zoo.get("r1_gan"), True, 4)
    state = copy.deepcopy(run.state_dict())
    first = torch.cat([p.detach().flatten() for p in run.train(4).gan.parameters()])
    run.load_state_dict(state)
    again = torch.cat([p.detach().flatten() for p in run.train(4).gan.parameters()])
    assert torch.equal(first, again)


@pytest.mark.parametrize("norm", ["spectral_norm", "batch_norm"])
def test_a_discriminator_with_buffers_may_be_penalised_and_traced(norm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = torch.compile
    monkeypatch.setattr(torch, "compile", lambda step, **options: compiler(step, **options, backend="aot_eager"))
    judge = MLP(1, 1, (4,), **{norm: True})
    plain, traced = (
        gan_lab.train(GAN(MLP(1, 1, (4,)), judge, penalties=[R1(0.5)]), data.gaussian(), 3, batch=8, device="cpu",
                      compile=compile).history
        for compile in (False, True)
    )  # fmt: skip
    for column in plain:
        assert traced[column].to_numpy() == pytest.approx(plain[column].to_numpy(), rel=1e-4, abs=1e-5), column


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need a GPU")
@every
def test_the_cuda_graph_gives_the_same_numbers(entry: zoo.Entry) -> None:
    gan, data, _ = entry.experiment()
    plain = gan_lab.train(gan, data, 8, batch=16, seed=1, device="cuda")
    gan, data, _ = entry.experiment()
    graph = gan_lab.train(gan, data, 8, batch=16, seed=1, device="cuda", compile=True)
    for a, b in zip(plain.gan.parameters(), graph.gan.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-3)
