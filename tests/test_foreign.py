"""Checkpoints of strangers: what they ask for is compared with what a run is before there is memory for it."""

from __future__ import annotations

import datetime
import enum
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lab import CheckpointError
from gan_lab.optim import SGD, Adam, Momentum, Optimiser, RMSProp
from gan_lab.train import checkpoint
from gan_lab.train.checkpoint import check_optimiser, check_state, plain
from tests.test_checkpoint import _saved, _sealed

# -- what can be stored -----------------------------------------------------------------------------------------------


class Colour(enum.IntEnum):
    RED = 3


def test_what_users_hand_in_is_stored_as_plain_data_and_comes_back(tmp_path: Path) -> None:
    given = {
        "ema": np.float64(0.9), "k": np.int32(2), "on": np.bool_(True), "lr": np.array([1e-3, 2e-3]),
        "colour": Colour.RED,
        "made": datetime.date(2026, 11, 25), "at": np.datetime64("2026-11-25T08:00:00"), "where": tmp_path,
        "type": torch.float32, "weights": nn.Parameter(torch.ones(2)), "betas": (0.5, np.float32(0.5)), 7: [None, "x"],
    }  # fmt: skip
    checkpoint.write(tmp_path / "run.gan", {"recipe": given, "format": 1})
    back = checkpoint.read(tmp_path / "run.gan")["recipe"]
    assert back["ema"] == 0.9 and type(back["ema"]) is float and type(back["k"]) is int and back["on"] is True
    assert torch.equal(back["lr"], torch.tensor([1e-3, 2e-3], dtype=torch.float64)) and type(back["colour"]) is int
    assert back["made"] == "2026-11-25" and back["at"] == "2026-11-25T08:00:00" and back["where"] == str(tmp_path)
    assert torch.equal(back["weights"], torch.ones(2)) and back["betas"] == (0.5, 0.5) and back[7] == [None, "x"]
    assert back["type"] == "torch.float32"


def test_the_versions_of_layers_are_kept(tmp_path: Path) -> None:
    """Without them PyTorch takes a state for one of an old version, and changes what it loads."""
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    checkpoint.write(tmp_path / "run.gan", {"gan": network.state_dict()})
    assert checkpoint.read(tmp_path / "run.gan")["gan"]._metadata == network.state_dict()._metadata


def own() -> list[Any]:
    return (loop := []).append(loop) or loop  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"options": {"net": object()}}, "recipe.options.net is <object"),
        ({"steps": [1, {2, 3}]}, r"recipe.steps\[1\] is {2, 3}, which cannot be stored"),
        ({("a", 1): 2}, "recipe has the name"),
        (np.array(["x", None], dtype=object), "recipe is array"),
        (own(), "recipe is nested too deeply"),
        (torch.eye(3).to_sparse(), "recipe is tensor"),
        (torch.empty(3, device="meta"), "recipe is tensor"),
    ],
)
def test_what_cannot_be_stored_is_refused_before_anything_is_written(value: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=words):
        plain(value, "recipe")
    with pytest.raises(CheckpointError):
        checkpoint.write(tmp_path / "run.gan", {"recipe": value})
    assert not list(tmp_path.iterdir())


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "plain", lambda value, what: value)
    with pytest.raises(CheckpointError, match="could not be read again, and is not written"):
        checkpoint.write(tmp_path / "run.gan", {"ema": np.float64(0.9)})
    assert not list(tmp_path.iterdir())


def test_one_number_that_stands_for_many_is_written_out(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / "run.gan", {"x": torch.ones(1).expand(5)})
    assert torch.equal(checkpoint.read(tmp_path / "run.gan")["x"], torch.ones(5))


# -- files that ask for more than they are ----------------------------------------------------------------------------


def deflated(payload: bytes) -> bytes:
    """The same archive, its entries compressed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(payload)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


def again_and_again() -> list[Any]:
    things: list[Any] = [0]
    for _ in range(60):
        things = [things, things]
    return things


def cut(payload: bytes) -> bytes:
    """A tensor of a million numbers whose entry holds four of them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[: 16 if name.endswith("data/0") else None])
    return buffer.getvalue()


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "stride 0": (lambda: _saved({"format": 1, "x": torch.zeros(1).expand(10**12)}), "has fewer numbers than that"),
    "overlap": (lambda: _saved({"format": 1, "x": torch.zeros(9).as_strided((10**9,), (0,))}), "has fewer numbers"),
    "deflated": (lambda: deflated(_saved({"format": 1, "x": torch.zeros(10**7)})), "its entries are compressed"),
    "cut": (lambda: cut(_saved({"format": 1, "x": torch.zeros(10**6)})), "never loaded"),
    "many names": (lambda: _saved({"format": 1, "x": [torch.zeros(10**6)[:]] * 1_000}), "would take 4,000,000,000"),
    "billion laughs": (lambda: _saved({"format": 1, "x": again_and_again()}), "again and again"),
    "no numbers": (lambda: _saved({"format": 1, "x": torch.empty(10**12, device="meta")}), "never loaded"),
    "bytes": (lambda: _saved({"format": 1, "x": bytearray(9)}), "there is a bytearray in it"),
    "set": (lambda: _saved({"format": 1, "x": {1, 2}}), "there is a set in it"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_file_that_asks_for_more_than_it_holds_is_refused(kind: str, tmp_path: Path) -> None:
    make, words = BOMBS[kind]
    (tmp_path / "bomb.gan").write_bytes(_sealed(make()))
    with pytest.raises(CheckpointError, match=words) as caught:
        checkpoint.read(tmp_path / "bomb.gan")
    assert "\n" not in str(caught.value)


# -- does it fit? -----------------------------------------------------------------------------------------------------


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda s: s.pop("0.weight"), "0.weight is missing in the checkpoint"),
        (lambda s: s.update(x=torch.ones(1)), "x is in the checkpoint, but not in the run"),
        (lambda s: s.update({"0.weight": torch.ones(4, 3)}), r"float32 of shape \(4, 3\), and should be .*\(4, 2\)"),
        (lambda s: s.update({"0.bias": torch.ones(4).double()}), "0.bias is float64"),
        (lambda s: s.update({"0.bias": [1.0] * 4}), "0.bias is a list, and should be"),
    ],
)
def test_a_state_is_compared_with_the_runs_own(harm: Callable[[dict[str, Any]], object], words: str) -> None:
    expected = network().state_dict()
    check_state(network().state_dict(), expected, "the networks")
    harm(found := dict(network().state_dict()))
    for there, here, name in ((found, expected, "the networks"), ({"G": found}, {"G": expected}, "the averages, G,")):
        with pytest.raises(CheckpointError, match=f"{name} do not fit: .*{words}"):
            check_state(there, here, name.partition(",")[0])
    with pytest.raises(CheckpointError, match="is a list, not a dict of tensors"):
        check_state([1], expected, "the networks")


OPTIMISERS = (Adam(1e-3), Adam(2e-3, betas=(0, 0.9)), SGD(0.1), Momentum(0.1), RMSProp(1e-3))


def trained(recipe: Optimiser, steps: int = 2) -> tuple[torch.optim.Optimizer, dict[str, Any]]:
    """An optimiser of a small network, and its state as a checkpoint gives it."""
    torch.manual_seed(0)
    net = nn.Linear(3, 2)
    optimiser = recipe.build(net.parameters())
    for _ in range(steps):
        net(torch.ones(1, 3)).sum().backward()
        optimiser.step()
    return optimiser, plain(optimiser.state_dict(), "the optimiser")


@pytest.mark.parametrize("recipe", OPTIMISERS, ids=repr)
def test_an_optimiser_takes_up_its_own_state_after_any_number_of_steps(recipe: Optimiser) -> None:
    for steps in (0, 1, 3):
        _, found = trained(recipe, steps)
        check_optimiser(found, trained(recipe, 0)[0], "the optimiser")


def moment(name: str, value: Callable[[Tensor], Any]) -> Callable[[dict[str, Any]], object]:
    return lambda s: s["state"][0].update({name: value(s["state"][0].get(name, torch.ones(2, 3)))})


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (moment("exp_avg", lambda t: t[:1]), r"parameter 0, does not fit: exp_avg is float32 of shape \(1, 3\)"),
        (moment("exp_avg_sq", lambda t: t.flatten()), r"exp_avg_sq is .*\(6,\), and should be .*\(2, 3\)"),
        (moment("exp_avg", lambda t: t.double()), "exp_avg is float64"),
        (moment("exp_avg", lambda t: None), "exp_avg is a NoneType"),
        (moment("step", lambda t: torch.ones(4)), r"step is float32 of shape \(4,\), and should be one number"),
        (moment("grad_avg", lambda t: t), "the optimiser keeps no grad_avg"),
        (lambda s: s["state"][0].pop("exp_avg"), "exp_avg is missing"),
        (lambda s: s["state"].update({2: s["state"][0]}), "has a parameter 2, of 2"),
        (lambda s: s["param_groups"][0].update(params=[0]), "other parameters than the run"),
        (lambda s: s["param_groups"].pop(), "other groups of parameters"),
        (lambda s: s["param_groups"][0].update(lr=float("nan")), "has lr=nan"),
        (lambda s: s["param_groups"][0].update(betas=None), r"has betas=None, in the run it is \(0.9, 0.999\)"),
        (lambda s: s["param_groups"][0].update(amsgrad=True), "has amsgrad=True, in the run it is False"),
        (lambda s: s["param_groups"][0].update(fused="yes"), "has fused='yes'"),
        (lambda s: s.pop("state"), "is no state of an optimiser"),
    ],
)
def test_a_state_that_would_crash_the_optimiser_is_refused(
    harm: Callable[[dict[str, Any]], object], words: str
) -> None:
    """PyTorch loads each of these; with moments that are too small its fused kernel then reads what is not its own."""
    optimiser, found = trained(Adam(1e-3))
    harm(found)
    with pytest.raises(CheckpointError, match=words):
        check_optimiser(found, optimiser, "the optimiser of the generator")
