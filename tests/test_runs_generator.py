"""Recorded generators: what is written is what is read, what was recorded can be made again, harm is noticed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import torch

from gan_lab import data, explain, runs, widgets
from gan_lab.nets import MLP
from gan_lab.runs import RecordError, quantised
from gan_lab.runs.generator import LEVELS, LIMIT, small

ROOT = Path(__file__).parent.parent
FILE = ROOT / "book" / "recorded" / "latent" / "generator.js"
IMAGE = {"outputs": 784, "image": [1, 28, 28], "activation": "leaky_relu"}
TINY = runs.Recipe(
    "relativistic_gan", options={"inputs": 3, "hidden": [8], **IMAGE}, data={"name": "digits", "source": "embedded"},
    steps=12, batch=8, ema=0.5, snapshots=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def run():
    return TINY.train("cpu", snapshots=0)


@pytest.fixture(scope="module")
def written(run, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("generator") / "tiny.js"
    runs.export_generator(run, file, verify_steps=5)
    return file


@pytest.fixture
def tiny(written, tmp_path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copy(written, tmp_path / "tiny.js"))


def test_what_is_read_is_what_was_trained_to_half_a_step_of_rounding(run, written):
    read = runs.read_generator(written)
    assert read.recipe == TINY and read.inputs == 3 and written.stat().st_size < LIMIT
    ours, theirs = quantised.fold(run.ema), quantised.fold(read.network)
    for a, b in zip(ours, theirs, strict=True):
        step = a.weight.abs().amax(1, keepdim=True) / quantised.TOP
        assert bool(((a.weight - b.weight).abs() <= step / 2 * (1 + 1e-5)).all())
        assert torch.equal(a.bias, b.bias) and a.activation == b.activation
    z = torch.randn(1_000, 3, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        error = read.network(z) - run.gan.sample(z=z, generator=run.ema)
    assert read.scores["largest"] == pytest.approx(float(error.abs().max()), rel=1e-3)
    assert read.scores["psnr"] == pytest.approx(float(10 * torch.log10(4 / (error**2).mean())), rel=1e-3) and (
        read.scores["psnr"] > 40
    )


def test_the_bank_is_the_training_data_in_small(written):
    read, digits = runs.read_generator(written), data.digits("embedded")
    assert torch.equal(read.labels, digits.labels) and read.bank.shape == (5_000, 1, 14, 14)
    assert float((read.bank - small(digits[:])).abs().max()) <= 1 / (LEVELS - 1) + 1e-6
    chosen = torch.arange(0, 5_000, 50)
    found = read.neighbours(digits[chosen])
    assert torch.equal(found.indices[:, 0], chosen)
    # distances of other digits are close to those of the whole pictures
    here = read.neighbours(digits[chosen], k=2).distances[:, 1].median()
    there = explain.nearest(digits[chosen], digits, k=2).distances[:, 1].median()
    assert 0.6 * there < here < there


def test_scores_are_those_of_explain(written):
    read = runs.read_generator(written)
    z = torch.randn(1_000, 3, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = read.neighbours(read.network(z))
    assert sum(read.scores["classes"]) == 1_000
    assert read.scores["classes"] == read.labels[found.indices[:, 0]].bincount(minlength=10).tolist()
    assert read.scores["generated"][20] == pytest.approx(float(found.distances.median()), rel=1e-4)
    expected = explain.sensitivity(read.network, z[:256]).mean(0)
    torch.testing.assert_close(torch.tensor(read.scores["sensitivity"]), expected, rtol=1e-3, atol=0)


def test_batch_norm_is_worked_into_the_layer_before_it():
    network = MLP(4, 6, (5, 7), "leaky_relu", batch_norm=(True, False), final="tanh").double()
    x = torch.randn(64, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    network(x)  # moves the running statistics
    y = x
    for layer in quantised.fold(network):
        y = {"tanh": torch.tanh, "leaky_relu": torch.nn.LeakyReLU(0.2)}[layer.activation](
            y @ layer.weight.T + layer.bias
        )
    torch.testing.assert_close(y, network.eval()(x), rtol=1e-12, atol=1e-12)


def test_the_first_steps_can_be_played_again(tiny):
    assert runs.verify(runs.read_generator(tiny)).worst < 1e-6
    text = tiny.read_text()
    change = re.compile(r'("loss_generator":\[)([0-9.]+)')
    tiny.write_text(change.sub(lambda m: f"{m[1]}{float(m[2]) + 0.1}", text))
    with pytest.raises(runs.NotReproduced, match="loss_generator at step 1"):
        runs.verify(runs.read_generator(tiny))


def test_the_command_in_the_file_is_its_recipe(written):
    command = runs.read_generator(written).command
    (code,) = re.findall(r"python -c '(.*)'", command)
    made = eval(code.split("; ")[1].replace("runs.record_generator(", "("), {"runs": runs})
    assert made == (TINY, "tiny.js")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda text: text[:-2_000], "torn"),
        (lambda text: "", "torn"),
        (lambda text: text.replace("ganLabGenerators", "other"), "torn, or no generator"),
        (lambda text: text.replace('"version":1', '"version":2'), "update gan_lab"),
        (lambda text: text.replace('"verify_steps"', '"steps"'), "unknown field 'steps'"),
        (lambda text: text.replace('"sizes":[3,8,784]', '"sizes":[3,9,784]'), "unpack"),
        (lambda text: text.replace('"sizes":[3,8,784]', '"sizes":[3,8,785]'), "do not belong together"),
        (lambda text: text.replace('"levels":5', '"levels":7'), "do not belong together"),
        (lambda text: text.replace('"final":"tanh"', '"final":"tan"'), "did you mean 'tanh'"),
        (lambda text: text.replace('"steps":12', '"steps":13'), "history"),
        (lambda text: re.sub('"sha256":"..', '"sha256":"zz', text), "not those that were recorded"),
        (lambda text: re.sub('"bytes":"(.{300}).', '"bytes":"\\1_', text), "damaged"),
        (lambda text: re.sub('"bytes":"(.{400}).(.)', '"bytes":"\\1AA', text), "damaged"),
        (lambda text: text.replace('"bank":5000', '"bank":10000000000'), "would unpack to 1,970,000,012,632 bytes"),
        (lambda text: text.replace('"sizes":[3,8,784]', '"sizes":[3,300000000,784]'), "would unpack to"),
        (lambda text: text.replace('"sizes":[3,8,784]', f'"sizes":[{"1," * 9_999}784]'), "do not belong together"),
        (lambda text: re.sub('"verify_steps":[0-9]+', '"verify_steps":1000000000000', text), "are not all in its"),
        (lambda text: text.replace('"hidden":[8]', '"hidden":[8000000000]'), "hidden in the options .* at most"),
        (lambda text: text.replace('"recipe":{', '"recipe":' + '{"a":' * 5_000 + '{'), "nested too deeply|damaged"),
        (lambda text: text + " " * LIMIT, "at most 400,000"),
    ],
)
def test_a_damaged_file_is_one_sentence(tiny, harm, words):
    tiny.write_text(harm(tiny.read_text()))
    with pytest.raises(RecordError, match=words):
        runs.read_generator(tiny)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RecordError, match="is not there"):
        runs.read_generator(tmp_path / "none.js")


def test_what_cannot_be_exported_and_an_older_file_that_stays(run, tiny):
    before = tiny.read_bytes()
    with pytest.raises(ValueError, match="should end in .js"):
        runs.export_generator(run, tiny.with_suffix(".json"))
    with pytest.raises(ValueError, match="step 5, its recipe ends at 12"):
        runs.export_generator(TINY.train("cpu", steps=5), tiny)
    on_the_line = runs.Recipe(options={"hidden": [4]}, steps=2, snapshots=0)
    with pytest.raises(ValueError, match="a page can show images"):
        runs.export_generator(on_the_line.train("cpu"), tiny)
    with pytest.raises(ValueError, match="says what it was made from"):
        runs.export_generator("a run", tiny)
    large = TINY.from_json({**TINY.to_json(), "steps": 1, "options": {"inputs": 3, "hidden": [400], **IMAGE}})
    with pytest.raises(ValueError, match="use a smaller generator"):
        runs.export_generator(large.train("cpu"), tiny)
    assert tiny.read_bytes() == before and [f.name for f in tiny.parent.iterdir()] == ["tiny.js"]


def test_a_generator_without_an_end_or_with_another_activation_cannot_be_played():
    with pytest.raises(ValueError, match="final='tanh'"):
        quantised.fold(MLP(2, 4, (3,), "tanh"))
    with pytest.raises(ValueError, match="cannot play Softplus"):
        quantised.fold(MLP(2, 4, (3,), "softplus", final="tanh"))


# -- the one in the book -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded():
    return runs.read_generator(FILE)


def test_the_books_generator_is_small_and_says_how_it_was_made(recorded):
    assert FILE.stat().st_size < 360_000
    assert recorded.recipe.data == {"name": "digits", "source": "embedded"} and recorded.versions["torch"]
    assert recorded.hardware["device"] == "cpu" and re.fullmatch(r"2026-\d\d-\d\dT[\d:]+Z", recorded.date)
    assert "record_generator" in recorded.command and recorded.scores["psnr"] > 40


def test_the_books_generator_makes_all_ten_digits_and_copies_none(recorded):
    assert min(recorded.scores["classes"]) >= 40, "of 1,000 samples; 100 is an even share"
    # a copy would lie at the distance that rounding to five greys leaves
    assert recorded.scores["generated"][0] > recorded.scores["real"][0] > 1
    assert recorded.scores["energy"] < 0.25


def test_the_books_generator_is_made_by_its_recipe(recorded):
    runs.verify(recorded)


# -- the widget's Python side --------------------------------------------------------------------------------------


def test_the_element_names_the_file_or_carries_it(recorded, monkeypatch):
    monkeypatch.chdir(ROOT / "book" / "reference")
    beside = widgets.latent(recorded, mode="arithmetic", picks=(3, 1, 20), embed=False).options
    assert beside["src"] == f"../recorded/latent/generator.js?v={recorded.key[:8]}" and beside["mode"] == "sum"
    assert beside["picks"] == [2, 0, 19] and "generator" not in beside
    assert widgets.latent(recorded, embed=False).html().count("recorded") == 2
    assert len(json.dumps(beside)) < 400
    assert widgets.latent(recorded).options["generator"]["bytes"] == recorded.content["bytes"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "walks"}, "did you mean 'walk'"),
        ({"way": "circle"}, "unknown way"),
        ({"picks": (1, 2)}, "three samples"),
        ({"picks": (1, 2, 21)}, "from 1 to 20"),
        ({"picks": (0, 1, 2)}, "at least 1"),
        ({"at": 1.5}, "between 0 and 1"),
        ({"shrink": -1}, "between 0 and 1.5"),
        ({"seed": -1}, "at least 0"),
    ],
)
def test_options_out_of_range(recorded, options, words):
    with pytest.raises(ValueError, match=words):
        widgets.latent(recorded, **options)


def test_another_object_is_no_generator():
    with pytest.raises(TypeError, match="read_generator"):
        widgets.latent("generator.js")
