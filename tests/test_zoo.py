"""The trials: every system of the register goes through the same tests, now and later."""

import ast
import importlib
import json
import re
from pathlib import Path

import pytest
import torch

import gan_lab
from gan_lab import zoo
from tests import golden

ROOT = Path(__file__).parent.parent
ENTRIES = list(zoo.REGISTRY.values())
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


def play(entry, steps=None, seed=0):
    gan, data, default = entry.experiment()
    return gan_lab.train(gan, data, default if steps is None else steps, batch=16, seed=seed)


def weights(run):
    return torch.cat([p.detach().flatten() for p in run.gan.parameters()])


@every
def test_twenty_finite_steps_and_the_same_seed_the_same_numbers(entry):
    one, two, other = play(entry), play(entry), play(entry, seed=1)
    assert one.step >= 20 and one.history.map(lambda v: v == v and abs(v) < 1e9).all().all()
    assert torch.equal(weights(one), weights(two)) and not torch.equal(weights(one), weights(other))


@every
def test_stopping_and_going_on_is_never_having_stopped(entry):
    whole, parts = play(entry, 12), play(entry, 5).train(7)
    assert torch.equal(weights(whole), weights(parts))
    gan, data, _ = entry.experiment()
    fresh = gan_lab.train(gan, data, 0, batch=16, seed=3)
    fresh.load_state_dict(play(entry, 5).state_dict())
    assert torch.equal(weights(whole), weights(fresh.train(7)))


@every
def test_gradients_reach_exactly_the_player_who_moves(entry):
    run = play(entry, 1)
    for player in run.gan.players:
        before = {n: p.detach().clone() for n, p in run.gan.named_parameters()}
        run.moves(player, run.data, run.rows, run.streams, run.step, {})
        moved = {n.split(".")[0] for n, p in run.gan.named_parameters() if not torch.equal(p.detach(), before[n])}
        assert moved == {player}
        weights_of = [p for n, p in getattr(run.gan, player).named_parameters() if n.endswith("weight")]
        assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in weights_of)


@every
def test_the_golden_losses(entry):
    """A change that should not change numbers does not; one that should says so: `python -m tests.golden`."""
    kept = json.loads(golden.FILE.read_text())
    assert list(kept) == zoo.names(), "run `python -m tests.golden` and look at what changed"
    # float64: other kernels, threads and versions of PyTorch differ by rounding alone
    for column, values in golden.curves(entry).items():
        assert kept[entry.name][column] == pytest.approx(values, rel=1e-6, abs=1e-8), column


@every
def test_saving_and_loading_gives_the_same_samples(entry, tmp_path):
    run = play(entry, 5)
    torch.save(run.gan.state_dict(), tmp_path / "weights.pt")
    again = play(entry, 0, seed=8).gan
    again.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(run.gan.sample(6), again.sample(6))


@every
def test_bf16_stays_finite(entry):
    run = play(entry, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        run.train(5)
    assert torch.isfinite(weights(run)).all()


@every
def test_the_entry_keeps_its_promises(entry):
    keys = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book/references.bib").read_text(), re.M))
    assert entry.paper in keys, f"{entry.name} cites {entry.paper}, which the bibliography lacks"
    (chapter,) = (ROOT / "book").glob(f"part*/{entry.chapter}.ipynb")
    cells = json.loads(chapter.read_text())["cells"]
    text = "".join("".join(c["source"]) for c in cells)
    assert f"zoo.{entry.name}" in text or f'"{entry.name}"' in text, f"{entry.chapter} never uses zoo.{entry.name}"
    tests = {
        node.name
        for path in (ROOT / "tests").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert entry.exact in tests, f"{entry.name} names the exact test {entry.exact}, which is not there"
    assert Path(entry.file).is_relative_to(ROOT / "gan_lab" / "zoo") and entry.build.__doc__


def test_every_public_builder_is_registered():
    built = {n for n in zoo.__all__ if n in vars(zoo) and callable(getattr(zoo, n))}
    assert built - {"Entry", "build", "get", "names", "option_names"} == set(zoo.names())
    assert importlib.import_module("gan_lab.zoo").names() == zoo.names()


def test_unknown_names_list_the_near_ones():
    with pytest.raises(ValueError, match="did you mean 'wgan"):
        zoo.get("wgann")
    with pytest.raises(ValueError, match="unknown option of wgan 'clip'"):
        zoo.build("wgan", clip=0.1)
    assert zoo.build("wgan", c=0.1).penalties[0].c == 0.1
