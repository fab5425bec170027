"""The laboratories of whole runs, from Python: what they accept and refuse, and that the games are the page's."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

import gan_lab
from gan_lab import data, widgets
from gan_lab.losses import LOSSES, Wasserstein
from gan_lab.nets import MLP
from gan_lab.widgets.labs import LESSONS, gan_of

torch.set_num_threads(1)
TREATED = [(name, cure) for name, cures in LESSONS["cures"].items() for cure in (None, *cures)]


def test_compare_says_what_differs() -> None:
    made = widgets.compare(
        "penalty", ["none", "r1_1"], target=data.grid(3), seed=2, steps=500, at=40, look="difference"
    )
    assert made.view == "compare"
    assert made.options == {
        "spec": {"seed": 2, "batch": 128, "target": data.grid(3).spec()},
        "axis": "penalty", "runs": "none,r1_1", "steps": 500, "at": 40, "look": "minus",
    }  # fmt: skip
    assert json.dumps(made.options) in made.html()


def test_numbers_are_found_among_the_page_s_values() -> None:
    assert widgets.compare("lr", [0.001, 1e-5]).options["runs"] == "0.001,0.00001"
    assert widgets.compare("k", [1, 10]).options["runs"] == "1,10"
    assert widgets.compare("batch", [8, 512]).options["runs"] == "8,512"


def test_a_gan_of_one_s_own() -> None:
    gan = gan_lab.GAN(MLP(3, 2, hidden=(4,)), MLP(2, 1, hidden=(5,)), loss=Wasserstein(), k=2)
    spec = widgets.compare("k", [1, 5], gan=gan, target=data.moons(), batch=32).options["spec"]
    assert spec == widgets.spec(gan, data.moons(), batch=32)
    assert widgets.spec(gan_of(spec), data.moons(), batch=32) == spec


def test_seeds_and_diagnose() -> None:
    made = widgets.seeds(16, preset="momentum", vary="optimiser", value="adam_0", first=5)
    assert made.options == {
        "preset": "momentum", "spec": {"seed": 5}, "axis": "optimiser", "runs": "adam_0", "mode": "seeds", "n": 16,
    }  # fmt: skip
    assert widgets.diagnose(3, case=2).options == {"seed": 3, "at": 1}


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: widgets.compare("losses"), ValueError, "did you mean 'loss'"),
        (lambda: widgets.compare("loss", ["hing", "minimax"]), ValueError, "did you mean 'hinge'"),
        (lambda: widgets.compare("loss", "hinge"), TypeError, "give a list"),
        (lambda: widgets.compare("loss", ["hinge"]), ValueError, "two to 6"),
        (lambda: widgets.compare("lr", [0.5, 0.1]), ValueError, "unknown value of lr '0.5'"),
        (lambda: widgets.compare(values=["hinge", "minimax"]), ValueError, "say with vary"),
        (lambda: widgets.compare(preset="loses"), ValueError, "did you mean 'losses'"),
        (lambda: widgets.compare(preset="losses", target=data.ring()), ValueError, "brings its own game"),
        (lambda: widgets.compare(target=data.gaussian(0, 1)), ValueError, "in the plane"),
        (lambda: widgets.compare(look="run"), ValueError, "did you mean 'runs'"),
        (lambda: widgets.compare(steps=10**6), ValueError, "waits for minutes"),
        (lambda: widgets.compare(seed=5_000_000), ValueError, "at most 4000000"),
        (lambda: widgets.seeds(7), ValueError, "8, 12, 16 or 24"),
        (lambda: widgets.seeds(value="hinge"), ValueError, "say with vary"),
        (lambda: widgets.diagnose(case=8), ValueError, "there are 7"),
        (lambda: widgets.diagnose(seed=-1), ValueError, "at least 0"),
        (lambda: widgets.lesson("chasing"), ValueError, "did you mean 'chase'"),
        (lambda: widgets.lesson("chase", "clip"), ValueError, "unknown treatment of chase"),
    ],
)
def test_mistakes_are_said(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(("name", "treatment"), TREATED)
def test_every_game_is_one_that_pytorch_plays(name: str, treatment: str | None) -> None:
    lesson = widgets.lesson(name, treatment)
    run = gan_lab.train(lesson.gan, lesson.target, 2, batch=lesson.batch, streams="page")
    assert run.history[["loss_discriminator", "loss_generator"]].notna().all().all()
    said = widgets.spec(lesson.gan, lesson.target, batch=lesson.batch)
    for part in ("generator", "discriminator", "loss", "penalties", "k", "batch", "target", "prior"):
        assert said[part] == lesson.spec[part], part
    for player, recipe in said["optimisers"].items():
        assert {**lesson.spec["optimisers"][player], **recipe} == {**recipe, **lesson.spec["optimisers"][player]}, (
            player
        )
    if treatment not in (None, "nothing"):
        assert lesson.spec != widgets.lesson(name).spec, "a treatment changes something"


def test_the_examples_are_of_the_axes() -> None:
    for pair in LESSONS["pairs"].values():
        assert pair["game"] in LESSONS["games"]
        runs = pair["runs"].split(",")
        assert 2 <= len(set(runs)) == len(runs) <= 6 and set(runs) <= set(LESSONS["axes"][pair["axis"]])
    assert set(LESSONS["axes"]["loss"]) == set(LOSSES)
