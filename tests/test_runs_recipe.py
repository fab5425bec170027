"""Recipes: a run as data, checked when it is written down."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import zoo
from gan_lab.optim import Adam, RMSProp
from gan_lab.runs import Recipe

SMALL = {"hidden": [8]}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_a_recipe_is_json_and_comes_back() -> None:
    recipe = Recipe("wgan_gp", {"hidden": (8, 4), "k": 2}, {"name": "ring", "modes": 5}, 7, 16, 3, "bf16", 0.9, 2)
    text = json.dumps(recipe.to_json())
    assert Recipe.from_json(text) == Recipe.from_json(json.loads(text)) == recipe
    assert Recipe.from_json({}) == Recipe() and Recipe.from_json("{}").steps == 5_000
    assert recipe.options["hidden"] == [8, 4]  # as JSON has it
    given = Recipe(options={"hidden": np.array([8, 4]), "k": np.int64(2)}, ema=np.float64(0.5))
    assert json.loads(json.dumps(given.to_json()))["options"] == {"hidden": [8, 4], "k": 2}


def test_a_recipe_is_a_copy_of_what_it_was_given() -> None:
    options: dict[str, Any] = {"hidden": [8]}
    recipe = Recipe(options=options)
    options["hidden"].append(9)
    options["k"] = 5
    assert recipe.options == {"hidden": [8]}
    assert Recipe().options is not Recipe().options


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sytem": "gan"}, "unknown field of a recipe 'sytem': did you mean 'system'"),
        ({"system": "wgan-gp"}, "did you mean 'wgan_gp'"),
        ({"system": 3}, "unknown system 3"),
        ({"options": {"inputz": 2}}, "unknown option of gan 'inputz': did you mean 'inputs'"),
        ({"options": [1]}, "options must be a dict"),
        ({"options": {"hidden": {8}}}, "plain JSON"),
        ({"options": {"k": float("nan")}}, "plain JSON"),
        ({"data": {"name": "rings"}}, "did you mean 'ring'"),
        ({"data": {}}, "unknown data None"),
        ({"data": {"name": "ring", "modez": 3}}, "modez"),
        ({"data": {"name": "ring", "modes": "many"}}, "whole number"),
        ({"data": {"name": "gaussian", "mean": 0, "std": -1}}, "std"),
        ({"data": {"name": "digits", "source": "embeded"}}, "did you mean 'embedded'"),
        ({"data": {"name": "digits", "train": 1}}, "give true or false"),
        ({"data": {"name": "digits", "sauce": "auto"}}, "did you mean 'source'"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"batch": True}, "batch must be a whole number"),
        ({"snapshots": -1}, "snapshots is -1"),
        ({"seed": 10**9}, "at most 4000000"),
        ({"precision": "fp16"}, "did you mean 'bf16'"),
        ({"ema": 1.0}, "ema is 1.0"),
        ({"ema": float("nan")}, "ema is nan"),
        ({"ema": "0.9"}, "ema is '0.9'"),
        ({"options": {"optimiser": {"name": "adamw", "lr": 1e-3}}}, "did you mean 'adam'"),
        ({"options": {"optimiser": {"lr": -1}}}, "lr of Adam is -1"),
        ({"options": {"optimiser": {"name": "adam", "lr": 1e-3, "beta": 2}}}, "of the optimiser adam 'beta': did you"),
        ({"options": {"optimiser": {"lr": "abc"}}}, "lr of the optimiser adam is 'abc': it must be a number"),
        ({"options": {"optimiser": {"lr": 1, "betas": None}}}, "of the optimiser adam is None: it must be a list of"),
        ({"options": {"optimiser": {"lr": 1, "eps": -1}}}, "cannot be made: Invalid epsilon value: -1"),
        ({"options": {"hidden": "abc"}}, "hidden of gan is 'abc': it must be a list of whole numbers"),
        ({"options": {"hidden": 5}}, "hidden of gan is 5: it must be a list of whole numbers"),
        ({"options": {"k": True}}, "k of gan is True: it must be a whole number"),
        ({"options": {"hidden": [10**9]}}, "hidden in the options of gan is 1e+09: a whole number there is at most"),
        ({"data": {"name": "ring", "modes": 10**10}}, "modes in the data is 1e+10"),
        ({"data": {"name": "ring", "modes": 10**6}}, "modes=1,000,000 takes about 8.0 GB of memory, more than 4"),
        ({"data": {"name": "grid", "side": 1_000}}, "data with side=1,000 takes about 8.0 GB"),
        ({"data": {"name": "points", "centres": [[0.0, 1.0]] * 60_000, "std": 1}}, "hold 120,002 numbers and names"),
        ("[" * 100_000, "nested too deeply"),
        ({"data": {"name": eval("[" * 60 + "]" * 60)}}, "nested too deeply"),
        ({"options": {"optimiser": "adam"}}, "give a dict such as"),
        ("[1]", "not list"),
        ("{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (None, "not NoneType"),
    ],
)
def test_a_mistake_is_said_when_the_recipe_is_made(given: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        Recipe.from_json(given) if not isinstance(given, dict) or "sytem" in given else Recipe(**given)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hidden": [0]}, "gan cannot be built with {'hidden': [0]}: a layer's size"),
        ({"hidden": [40_000, 40_000]}, "takes about 64 GB of memory, more than 4 GB: ask for less, or set GAN_LAB"),
        ({"activation": "tanhh"}, "did you mean 'tanh'"),
    ],
)
def test_what_the_builder_refuses_is_said_with_the_options(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:
        Recipe(options=options).build()
    assert words in str(caught.value)


def test_how_much_may_be_asked_for_is_the_users_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"name": "ring", "modes": 600_000}
    with pytest.raises(ValueError, match="set GAN_LAB_MAX_GB"):
        Recipe(data=many)
    monkeypatch.setenv("GAN_LAB_MAX_GB", "6")
    assert Recipe(data=many).load_data().dim == 2
    monkeypatch.setenv("GAN_LAB_MAX_GB", "lots")
    with pytest.raises(ValueError, match="GAN_LAB_MAX_GB is 'lots': give a number of gigabytes"):
        Recipe(data=many)


def test_the_first_setting_that_differs_is_named() -> None:
    recipe = Recipe(options={"hidden": [8], "k": 2}, data={"name": "ring", "modes": 8})
    assert recipe.difference(Recipe.from_json(recipe.to_json())) is None
    other = Recipe(options={"hidden": [8], "k": 2}, data={"name": "ring", "modes": 9})
    assert recipe.difference(other) == "data.modes is 9, not 8"
    assert recipe.difference(Recipe(options={"hidden": [8]}, data=recipe.data)) == "options.k is not given, not 2"
    assert Recipe(data=recipe.data).difference(recipe) == "options.hidden is [8], not left out"


def test_an_optimiser_is_data_too() -> None:
    adam = {"name": "adam", "lr": 2e-3, "betas": [0.5, 0.9]}
    gan, _ = Recipe(options={"optimiser": adam, **SMALL}).build()
    assert gan.optimisers["generator"] == Adam(2e-3, betas=(0.5, 0.9))
    gan, _ = Recipe("wgan", {"optimiser": {"name": "rmsprop", "lr": 1e-3}}).build()
    assert gan.optimisers["discriminator"] == RMSProp(1e-3)


@pytest.mark.parametrize("name", zoo.names())
def test_the_run_of_a_recipe_is_that_of_train(name: str) -> None:
    target: Any = zoo.get(name).experiment()[1]
    options = {"hidden": (8,)} if "hidden" in zoo.option_names(name) else {}
    recipe = Recipe(name, options, target.spec(), steps=6, batch=8, seed=2, snapshots=2)
    run = recipe.train("cpu")
    by_hand = gan_lab.train(zoo.build(name, **options), target, 6, batch=8, seed=2, device="cpu")
    assert run.history.equals(by_hand.history) and torch.equal(run.samples(9), by_hand.samples(9))
    assert [step for step, _ in run.snapshots] == [0, 3, 6]
    assert run.settings.recipe == recipe.to_json()  # it is in the checkpoint


def test_every_field_reaches_the_run() -> None:
    run = Recipe(options=SMALL, steps=5, batch=8, precision="bf16", ema=0.5, snapshots=0).train("cpu", steps=3)
    assert (run.step, run.batch, run.settings.precision, run.settings.ema) == (3, 8, "bf16", 0.5)
    assert run.ema is not None and not run.snapshots
    digits = Recipe("mlp_gan", data={"name": "digits", "source": "embedded"}).load_data()
    assert len(digits) == 5_000  # type: ignore[arg-type]


def test_building_shifts_nobodys_random_numbers() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    Recipe(options=SMALL).build()
    assert torch.equal(torch.rand(3), expected)
