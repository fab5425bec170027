"""The trials: every system of the register goes through the same tests, now and later."""

import ast
import copy
import importlib
import inspect
import json
import re
from inspect import isroutine
from pathlib import Path

import pytest
import torch
from torch import nn

import gan_lab
from gan_lab import zoo
from gan_lab.initialise import awake
from gan_lab.system import System
from tests import golden

ROOT = Path(__file__).parent.parent
ENTRIES = list(zoo.REGISTRY.values())
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
# chapters that systems are entered for and that are not written yet: once one is there, its name may not stand here
TO_COME = {
    "09_when_it_fails", "19_energy_and_equilibrium", "20_taming_the_discriminator", "22_conditions", "24_translation",
    "28_growing",
}  # fmt: skip


def play(entry, steps=None, seed=0, **options):
    system, data, default = entry.experiment()
    return gan_lab.train(system, data, default if steps is None else steps, batch=16, seed=seed, **options)


def state(run):
    """All weights, buffers and averages of a run."""
    return {**run.gan.state_dict(), **{f"average {k}": v for k, v in run.averages.state_dict().items()}}


def same(one, two):
    a, b = (torch.utils._pytree.tree_leaves(state(run)) for run in (one, two))
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@every
def test_twenty_finite_steps_and_the_same_seed_the_same_numbers(entry):
    one, two, other = play(entry), play(entry), play(entry, seed=1)
    assert one.step >= 20 and one.history.map(lambda v: v == v and abs(v) < 1e9).all().all()
    assert same(one, two) and not same(one, other)


@every
def test_a_second_run_of_one_object_is_the_run_of_a_fresh_one(entry):
    """Nothing of a run - a state, a statistic, a parameter that nobody resets - is left to the next."""
    system, data, _ = entry.experiment()
    gan_lab.train(system, data, 7, batch=16, seed=5)
    assert same(gan_lab.train(system, data, 3, batch=16), play(entry, 3))


@every
@pytest.mark.parametrize("at", [5, 9])  # PGGAN is in the middle of a fade at the first
def test_stopping_and_going_on_is_never_having_stopped(entry, at, tmp_path):
    whole = play(entry, 12, ema=0.9)
    assert same(whole, play(entry, at, ema=0.9).train(12 - at))
    fresh = play(entry, 0, seed=3, ema=0.9)
    fresh.load_state_dict(play(entry, at, ema=0.9).state_dict())
    assert same(whole, fresh.train(12 - at)) and list(fresh.history["step"]) == list(range(at + 1, 13))
    play(entry, at, ema=0.9, checkpoint=tmp_path / "run.gan")
    resumed = play(entry, 12, ema=0.9, checkpoint=tmp_path / "run.gan", resume=True)
    assert same(whole, resumed) and whole.history.equals(resumed.history)
    assert torch.equal(whole.samples(5), resumed.samples(5))


@every
def test_gradients_reach_exactly_the_player_who_moves(entry):
    run = play(entry, 20)  # all of what grows has grown
    seen = {}
    for player in run.gan.players:
        before = {n: p.detach().clone() for n, p in run.gan.named_parameters()}
        run.moves(player, run.data, run.rows, run.streams, run.step, seen)
        moved = {n.split(".")[0] for n, p in run.gan.named_parameters() if not torch.equal(p.detach(), before[n])}
        assert moved == set(run.gan.players[player])
        own = run.gan.weights_of(player)
        assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for n, p in own.items() if "weight" in n) or (
            entry.name == "pggan"  # what images of lower levels went through is behind it
        )


@every
def test_what_is_frozen_stays_as_it_is(entry):
    """Weights to the bit, mode and all: not initialised, not trained, not thawed."""
    system, data, _ = entry.experiment()
    frozen = []
    for network in system.owned:
        part = next(module for module in awake(network) if any(True for _ in module.parameters(recurse=False)))
        frozen.append(part.requires_grad_(False).eval())
    before = copy.deepcopy([part.state_dict() for part in frozen])
    after = copy.deepcopy(gan_lab.train(system, data, 4, batch=16, seed=1).gan.state_dict())
    many = gan_lab.train_many(system, data, 2, batch=16, seeds=[0, 1]).member(1).gan
    for part, kept in zip(frozen, before, strict=True):
        assert not part.training and not any(p.requires_grad for p in part.parameters())
        assert all(torch.equal(value, kept[name]) for name, value in part.state_dict().items())
    names = {id(p): n for n, p in system.named_parameters()}
    for part in frozen:
        for p in part.parameters():
            assert torch.equal(dict(many.named_parameters())[names[id(p)]], p)
    begun = gan_lab.train(system, data, 0, batch=16, seed=1).gan.state_dict()
    assert any(not torch.equal(value, after[name]) for name, value in begun.items())


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
    again = play(entry, 0, seed=8)
    again.gan.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(run.samples(6), again.samples(6))


@every
def test_bf16_computes_in_bf16_and_stays_finite(entry):
    system, data, _ = entry.experiment()
    kinds = set()

    def look(module, inputs, output):
        kinds.add(output.dtype)

    for module in system.modules():
        if isinstance(module, nn.Linear | nn.Conv2d) or type(module).__name__ == "Equalised":
            module.register_forward_hook(look)
    run = gan_lab.train(system, data, 0, batch=16, precision="bf16", device="cpu")
    kinds.clear()  # of the look before the first step
    run.train(6)
    assert kinds == {torch.bfloat16}
    assert all(p.dtype == torch.float32 and bool(torch.isfinite(p).all()) for p in system.parameters())
    assert run.history.map(lambda v: v == v and abs(v) < 1e9).all().all()


@every
def test_the_entry_keeps_its_promises(entry):
    keys = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book/references.bib").read_text(), re.M))
    assert entry.paper in keys, f"{entry.name} cites {entry.paper}, which the bibliography lacks"
    chapters = list((ROOT / "book").glob(f"part*/{entry.chapter}.ipynb"))
    assert bool(chapters) != (entry.chapter in TO_COME), f"{entry.chapter}: written, or to come?"
    for chapter in chapters:
        text = "".join("".join(c["source"]) for c in json.loads(chapter.read_text())["cells"])
        assert f"zoo.{entry.name}" in text or f'"{entry.name}"' in text, f"{entry.chapter} never uses zoo.{entry.name}"
    tests = {
        node.name: ast.unparse(node)
        for path in (ROOT / "tests").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert entry.exact in tests, f"{entry.name} names the exact test {entry.exact}, which is not there"
    built = (f"zoo.{entry.name}(", f"'{entry.name}'")
    assert any(word in tests[entry.exact] for word in built), f"{entry.exact} does not use the builder {entry.name}"
    assert Path(entry.file).is_relative_to(ROOT / "gan_lab" / "zoo") and entry.build.__doc__


def test_the_files_read_like_their_papers():
    """At most about 45 lines of code each beside imports, networks and registration."""
    for name in (n for n in zoo.__all__ if isinstance(getattr(zoo, n), type) and issubclass(getattr(zoo, n), System)):
        file = Path(inspect.getsourcefile(getattr(zoo, name)))
        (system,) = (n for n in ast.parse(file.read_text()).body if isinstance(n, ast.ClassDef) and n.name == name)
        said = sum(node.end_lineno - node.lineno + 1 for node in ast.walk(system) if _is_docstring(node))
        lines = [x for x in file.read_text().splitlines()[system.lineno - 1 : system.end_lineno] if x.strip()]
        assert len(lines) - said <= 46, f"{name} takes {len(lines) - said} lines"


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_every_public_builder_is_registered():
    built = {n for n in zoo.__all__ if isroutine(getattr(zoo, n))}
    assert built - {"build", "get", "names", "option_names"} == set(zoo.names())
    assert importlib.import_module("gan_lab.zoo").names() == zoo.names()


def test_unknown_names_list_the_near_ones():
    with pytest.raises(ValueError, match="did you mean 'wgan"):
        zoo.get("wgann")
    with pytest.raises(ValueError, match="unknown option of wgan 'clip'"):
        zoo.build("wgan", clip=0.1)
    assert zoo.build("wgan", c=0.1).penalties[0].c == 0.1
