# ruff: noqa: F811  (fixtures are imported, then taken as arguments of their names)
"""The command line: help, flags and recipes, what a run leaves, and runs that go on where they stopped."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from gan_lab import metrics, runs, zoo
from gan_lab.cli import training
from gan_lab.cli.commands import NAMES, parse
from gan_lab.cli.folder import load
from gan_lab.cli.options import builder_options, recipe, system_options, words_of
from gan_lab.cli.scores import FIRST_SEED, Estimate, Watch, real_samples, scores
from gan_lab.data import digits, gaussian, moons, ring
from gan_lab.random import stream_seed
from gan_lab.runs import Recipe
from gan_lab.train import Run, checkpoint
from tests.cli_helpers import SMALL, Command, gan_lab_command, one_process_one_thread, trained, weights  # noqa: F401

# -- help and list ----------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_no_words_are_help(gan_lab_command: Command) -> None:
    code, out, err = gan_lab_command("--help")
    assert code == 0 and err == "" and all(f"• {name}" in out for name in NAMES)
    assert gan_lab_command() == (code, out, err)
    for name in NAMES:
        code, out, _ = gan_lab_command(name, "--help")
        assert code == 0 and f"usage: gan-lab {name}" in out


def test_the_help_of_train_lists_the_zoo(gan_lab_command: Command) -> None:
    code, out, _ = gan_lab_command("train", "--help")
    assert code == 0 and all(f"• {name}" in out for name in [*zoo.names(), "recipe"])


@pytest.mark.parametrize("system", zoo.names())
def test_every_system_has_its_options_as_flags(system: str, gan_lab_command: Command) -> None:
    for verb in ("train", "record"):
        code, out, _ = gan_lab_command(verb, system, "--help")
        assert code == 0 and zoo.get(system).paper in out
        for option in builder_options(system):
            assert f"--{option.replace('_', '-')}" in out, f"{option} of {system} is not a flag"
    assert len(builder_options(system)) == len(zoo.option_names(system))


@pytest.mark.parametrize("system", zoo.names())
def test_without_flags_a_system_is_its_builder(system: str) -> None:
    """The defaults shown in the help are the builder's."""
    made = recipe(system, system_options(system)(), parse(["train", system, "--out", "x"]).of.learn)  # type: ignore[attr-defined]
    plain, data, _ = zoo.get(system).experiment()
    built, found = made.build()
    assert repr(found) == repr(data)
    ours = {k: tuple(v.shape) for k, v in built.state_dict().items()}
    assert ours == {k: tuple(v.shape) for k, v in zoo.build(system).state_dict().items()}
    assert repr(built.optimisers) == repr(plain.optimisers) and built.schedule == plain.schedule


def test_list(gan_lab_command: Command) -> None:
    code, out, _ = gan_lab_command("list")
    lines = out.splitlines()
    assert code == 0 and lines[0].split() == ["name", "title", "paper", "chapter"]
    for name, line in zip(zoo.names(), lines[2:], strict=True):
        entry = zoo.get(name)
        assert line.split()[0] == name and entry.title in line and entry.paper in line and entry.chapter in line
    code, out, _ = gan_lab_command("list", "--json")
    assert [row["name"] for row in json.loads(out)] == zoo.names()
    assert {"title", "paper", "chapter", "options"} <= json.loads(out)[0].keys()


# -- flags and recipes ------------------------------------------------------------------------------------------------

RECIPES = [
    Recipe(),
    Recipe("wgan_gp", {"hidden": [64, 64], "k": 2, "weight": 1.5, "inputs": 2, "outputs": 2}, {"name": "ring"}),
    Recipe("gan", {"optimiser": {"name": "adam", "lr": 1e-3, "betas": [0.5, 0.9]}}, {"name": "mixture",
           "means": [-2.0, 2.0], "stds": [0.5, 0.5], "weights": [0.25, 0.75]}, 7, 8, 9, "bf16", 0.9, 3),
    Recipe("hinge_gan", {"inputs": 3, "outputs": 2, "activation": "relu"},
           {"name": "points", "centres": [[0.0, 1.0], [2.0, 3.0]], "std": 0.1}),
    Recipe("mlp_gan", {"joint": False}, {"name": "digits", "source": "embedded"}, 20),
    Recipe("gan", {"optimiser": {"discriminator": {"name": "adam", "lr": 0.1}, "generator": {"name": "omd", "lr": 1}}},
           method={"name": "lookahead", "k": 3, "inner": {"name": "consensus", "gamma": 0.5}}),
    Recipe("gan", {"optimiser": {"name": "momentum", "lr": 0.1, "momentum": -0.5, "max_norm": 1.0}},
           method={"name": "extragradient"}),
    Recipe("gan", {"inputs": 2, "outputs": 2}, {"name": "labelled", "of": {"name": "ring", "modes": 3}}),
    Recipe("gan", {}, {"name": "unpaired", "a": {"name": "ring"}, "b": {"name": "digits", "classes": [3, 5]}}),
]  # fmt: skip


@pytest.mark.parametrize("made", RECIPES, ids=lambda r: f"{r.system}-{r.data['name']}")
def test_a_recipe_is_words_and_comes_back(made: Recipe) -> None:
    command: Any = parse(["train", *words_of(made), "--out", "x"]).of  # type: ignore[attr-defined]
    back = recipe(made.system, command.system, command.learn)
    built, data = made.build()
    again, found = back.build()
    assert repr(data) == repr(found) and repr(built) == repr(again)
    assert repr(built.optimisers) == repr(again.optimisers) and built.k == again.k and built.joint == again.joint
    assert repr(built.penalties) == repr(again.penalties)
    assert back.to_json() | {"options": 0, "data": 0} == made.to_json() | {"options": 0, "data": 0}
    assert shlex.split(shlex.join(words_of(made))) == words_of(made)


def test_sizes_follow_the_data_unless_given() -> None:
    def options(*words: str) -> dict[str, Any]:
        command: Any = parse(["train", "gan", *words, "--out", "x"]).of  # type: ignore[attr-defined]
        return recipe("gan", command.system, command.learn).options

    assert options("--data", "ring") == {"inputs": 2, "outputs": 2}
    assert options("--data", "ring", "--inputs", "5") == {"inputs": 5, "outputs": 2}
    assert options() == {"inputs": 1, "outputs": 1}


def test_the_commands_in_the_readme_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-pictures").mkdir()
    Image.new("RGB", (20, 20)).save("my-pictures/black.png")
    text = (Path(__file__).parents[1] / "README.md").read_text().replace("\\\n", " ")
    lines = [line.strip().partition("  #")[0] for line in text.splitlines()]
    typed = [shlex.split(line)[1:] for line in lines if line.startswith("gan-lab ")]
    typed += [shlex.split(line.partition("-m gan_lab ")[2]) for line in lines if line.startswith("torchrun ")]
    assert {words[0] for words in typed} == set(NAMES) - {"resume"} and len(typed) == 10
    for words in typed:
        command: Any = parse(words)
        if words[0] in ("train", "record"):
            recipe(words[1], command.of.system, command.of.learn).build()


# -- train ------------------------------------------------------------------------------------------------------------


def test_what_a_run_leaves_behind(trained: Path) -> None:
    names = {"history.csv", "recipe.json", "run.gan", "samples.webp", "settings.json"}
    assert {file.name for file in trained.iterdir()} == names
    made = Recipe.from_json((trained / "recipe.json").read_text())
    assert (made.system, made.steps, made.data["modes"], made.options["hidden"]) == ("gan", 30, 8, [8])
    assert checkpoint.read(trained / "run.gan")["recipe"] == made.to_json()
    history = pd.read_csv(trained / "history.csv")
    assert list(history["step"]) == list(range(1, 31))
    scored = history["step"] % 10 == 0
    assert history.loc[scored, "modes"].notna().all() and history.loc[~scored, "modes"].isna().all()
    with Image.open(trained / "samples.webp") as picture:
        assert picture.format == "WEBP" and picture.width == picture.height == 420


def test_the_run_is_that_of_the_recipe_in_python(trained: Path) -> None:
    made = Recipe.from_json((trained / "recipe.json").read_text())
    run = made.train("cpu")
    assert torch.equal(weights(trained), torch.cat([p.flatten() for p in run.gan.state_dict().values()]))


def test_a_stored_recipe_trains_again(trained: Path, tmp_path: Path, gan_lab_command: Command) -> None:
    words = ("train", "recipe", trained / "recipe.json", "--out", tmp_path / "again", "--every", 10)
    assert gan_lab_command(*words)[0] == 0
    assert torch.equal(weights(trained), weights(tmp_path / "again"))
    assert (trained / "history.csv").read_bytes() == (tmp_path / "again" / "history.csv").read_bytes()


def test_scoring_changes_nothing_that_is_learned(trained: Path, tmp_path: Path, gan_lab_command: Command) -> None:
    words = ("train", "recipe", trained / "recipe.json", "--out", tmp_path / "b", "--every", 0)
    assert gan_lab_command(*words)[0] == 0
    assert torch.equal(weights(trained), weights(tmp_path / "b"))
    assert "modes" not in pd.read_csv(tmp_path / "b" / "history.csv")


def test_no_bar_in_a_pipe_and_where_things_are(tmp_path: Path, gan_lab_command: Command) -> None:
    code, out, err = gan_lab_command("train", "gan", "--steps", 3, "--out", tmp_path / "a b", *SMALL)
    assert code == 0 and err == ""
    assert f"gan-lab evaluate '{tmp_path / 'a b'}'" in out and "3 steps in" in out


def test_digits_bf16_and_a_moving_average(tmp_path: Path, gan_lab_command: Command) -> None:
    out = tmp_path / "digits"
    flags = ("--batch", 8, "--precision", "bf16", "--ema", 0.9, "--every", 2)
    assert gan_lab_command("train", "mlp_gan", "--steps", 2, "--out", out, *flags)[0] == 0
    made, run = load(out)
    assert made.data == {"name": "digits", "source": "embedded"}  # what "auto" was, wherever it is read
    assert made.precision == "bf16" and run.ema is not None
    with Image.open(out / "samples.webp") as picture:
        assert picture.size == (224, 224)


def test_tensorboard_gets_scalars_and_pictures(tmp_path: Path, gan_lab_command: Command) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    out = tmp_path / "run"
    flags = ("--tensorboard", "--save-every", 10)
    assert gan_lab_command("train", "gan", "--data", "ring", "--steps", 20, "--out", out, *SMALL, *flags)[0] == 0
    assert gan_lab_command("resume", out, "--steps", 40)[0] == 0
    events = accumulator.EventAccumulator(str(out / "tensorboard"), {"images": 0, "scalars": 0})
    events.Reload()
    history = pd.read_csv(out / "history.csv").set_index("step")
    for tag, column in (("loss/generator", "loss_generator"), ("high_quality", "high_quality")):
        seen = {event.step: event.value for event in events.Scalars(tag)}
        assert seen == pytest.approx(history[column][[10, 20, 30, 40]].to_dict())
    with Image.open(io.BytesIO(events.Images("samples")[-1].encoded_image_string)) as picture:
        assert picture.size == (420, 420)


def test_tensorboard_that_is_not_installed(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    code, _, err = gan_lab_command("train", "gan", "--steps", 3, "--out", tmp_path / "run", "--tensorboard")
    assert code == 1 and "pip install tensorboard" in err and err.count("\n") == 1
    assert not (tmp_path / "run").exists()


# -- stopping and going on --------------------------------------------------------------------------------------------


def test_resumed_is_never_stopped(tmp_path: Path, gan_lab_command: Command) -> None:
    flags = ("--data", "ring", "--ema", 0.9, *SMALL)
    assert gan_lab_command("train", "r1_gan", "--steps", 40, "--out", tmp_path / "a", *flags)[0] == 0
    assert gan_lab_command("train", "r1_gan", "--steps", 25, "--out", tmp_path / "b", *flags)[0] == 0
    assert not torch.equal(weights(tmp_path / "a"), weights(tmp_path / "b"))
    code, out, _ = gan_lab_command("resume", tmp_path / "b", "--steps", 40)
    assert code == 0 and "from step 25 on" in out
    assert torch.equal(weights(tmp_path / "a"), weights(tmp_path / "b"))
    for name in ("history.csv", "samples.webp", "recipe.json", "settings.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch, by: signal.Signals = signal.SIGINT) -> None:
    """Press Ctrl-C, or end the job, while the run looks at its samples at ``step``."""

    class Interrupting(Watch):
        def metrics(self) -> dict[str, Any]:
            def press(run: Run) -> float:
                if run.step == step:
                    signal.raise_signal(by)
                return 0.0

            return {**super().metrics(), "pressed": press}

    monkeypatch.setattr(training, "Watch", Interrupting)


@pytest.mark.parametrize(
    ("by", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=lambda p: str(p)
)
def test_a_signal_saves_and_says_how_to_go_on(
    by: signal.Signals, expected: int, tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", "gan", "--data", "ring", "--steps", 60, *SMALL)
    assert gan_lab_command(*words, "--out", tmp_path / "whole")[0] == 0
    with monkeypatch.context() as patch:
        interrupt_at(20, patch, by)
        code, _, err = gan_lab_command(*words, "--out", tmp_path / "run")
    assert code == expected and err.endswith(f"stopped at step 20 of 60, all of it saved. Go on by: "
                                        f"gan-lab resume {tmp_path / 'run'}\n")  # fmt: skip
    assert len(pd.read_csv(tmp_path / "run" / "history.csv")) == 20 and (tmp_path / "run" / "samples.webp").exists()
    assert gan_lab_command("resume", tmp_path / "run")[0] == 0
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "run"))


def test_torchrun_begins_its_own_run_again_and_no_other(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("train", "gan", "--data", "ring", "--steps", 60, *SMALL)
    assert gan_lab_command(*words, "--out", tmp_path / "whole")[0] == 0
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "one")
    with monkeypatch.context() as patch:
        interrupt_at(20, patch)
        assert gan_lab_command(*words, "--out", tmp_path / "run")[0] == 130
    stopped = (tmp_path / "run" / "run.gan").read_bytes()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "other")  # was refused, and torchrun tried again
    code, _, err = gan_lab_command(*words, "--out", tmp_path / "run")
    assert code == 2 and "holds a run" in err and (tmp_path / "run" / "run.gan").read_bytes() == stopped
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "one")
    code, out, _ = gan_lab_command(*words, "--out", tmp_path / "run")
    assert code == 0 and "from step 20 on" in out
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "run"))


def test_a_run_that_died_before_its_first_checkpoint_begins_again(
    trained: Path, tmp_path: Path, gan_lab_command: Command
) -> None:
    (tmp_path / "died").mkdir()
    for name in ("recipe.json", "settings.json"):
        shutil.copy(trained / name, tmp_path / "died")
    code, _, err = gan_lab_command("sample", tmp_path / "died")
    assert code == 2 and "has no checkpoint yet" in err
    assert gan_lab_command("resume", tmp_path / "died")[0] == 0
    assert torch.equal(weights(trained), weights(tmp_path / "died"))


def test_a_run_that_is_done_stays_as_it_is(trained: Path, gan_lab_command: Command) -> None:
    before = {file.name: file.read_bytes() for file in trained.iterdir()}
    code, out, _ = gan_lab_command("resume", trained)
    assert code == 0 and "all 30 steps were done already" in out
    assert {file.name: file.read_bytes() for file in trained.iterdir()} == before
    code, _, err = gan_lab_command("resume", trained, "--steps", 20)
    assert code == 2 and "is at step 30 already" in err


def test_a_loss_that_is_not_finite(tmp_path: Path, gan_lab_command: Command) -> None:
    out = tmp_path / "run"
    flags = ("--optimiser", "sgd", "lr=1e30", "--activation", "relu", "--steps", 200, *SMALL)
    code, _, err = gan_lab_command("train", "wgan_gp", "--out", out, *flags)
    assert code == 1 and err.count("\n") == 1 and "is not finite from step" in err and "lower the learning rate" in err
    assert checkpoint.read(out / "run.gan")["step"] == 0  # the last good state
    losses = pd.read_csv(out / "history.csv")["loss_discriminator"]
    assert 0 < len(losses) < 200 and not np.isfinite(losses).all()


# -- sample, evaluate, record -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["webp", "png", "npz", "csv"])
def test_samples_as_files(ending: str, trained: Path, tmp_path: Path, gan_lab_command: Command) -> None:
    file = tmp_path / "deep" / f"samples.{ending}"
    code, out, _ = gan_lab_command("sample", trained, "--n", 64, "--seed", 3, "--out", file)
    assert code == 0 and "64 samples of step 30" in out
    expected = load(trained)[1].samples(64, seed=3).numpy()
    if ending == "npz":
        assert np.array_equal(np.load(file)["samples"], expected)
    elif ending == "csv":
        table = pd.read_csv(file)
        assert list(table) == ["x0", "x1"] and np.allclose(table, expected, rtol=1e-6)
    else:
        with Image.open(file) as picture:
            assert picture.format == ending.upper() and len(picture.convert("RGB").getcolors(10**6) or []) > 10


def test_samples_of_digits_are_a_sheet(tmp_path: Path, gan_lab_command: Command) -> None:
    assert gan_lab_command("train", "mlp_gan", "--steps", 1, "--batch", 8, "--out", tmp_path / "run")[0] == 0
    assert gan_lab_command("sample", tmp_path / "run" / "run.gan", "--n", 10, "--out", tmp_path / "s.png")[0] == 0
    with Image.open(tmp_path / "s.png") as picture:
        assert picture.size == (8 * 28, 2 * 28)
        ours = np.asarray(picture.convert("L")).reshape(2, 28, 8, 28).transpose(0, 2, 1, 3)[0, 3]
    sample = (load(tmp_path / "run")[1].samples(10)[3, 0].numpy() + 1) * 127.5
    assert np.abs(ours - sample).mean() < 6  # a lossy picture of it


def test_evaluate_puts_each_metric_beside_its_floor(trained: Path, gan_lab_command: Command) -> None:
    code, out, _ = gan_lab_command("evaluate", trained, "--n", 200, "--draws", 3, "--json")
    report = json.loads(out)
    names = ["modes", "high_quality", "reverse_kl", "energy_distance", "sliced_wasserstein"]
    assert code == 0 and [m["name"] for m in report["metrics"]] == names
    assert (report["step"], report["n"], report["draws"], report["recipe"]["system"]) == (30, 200, 3, "gan")
    run, found = load(trained)[1], {m["name"]: m for m in report["metrics"]}
    for draw in range(3):  # by hand
        real, other = real_samples(ring(), 200, FIRST_SEED + 3 * draw)
        made = run.samples(200, seed=FIRST_SEED + 3 * draw + 2)
        assert found["energy_distance"]["generated"]["draws"][draw] == metrics.energy_distance(made, real)
        assert found["high_quality"]["real"]["draws"][draw] == metrics.modes(other, ring()).high_quality
    for metric in found.values():
        draws = metric["generated"]["draws"]
        assert metric["generated"]["mean"] == pytest.approx(np.mean(draws))
        assert metric["generated"]["standard_error"] == pytest.approx(np.std(draws, ddof=1) / 3**0.5, abs=1e-12)
    assert found["modes"]["real"]["mean"] == 8 and found["high_quality"]["real"]["mean"] > 0.95
    code, out, _ = gan_lab_command("evaluate", trained, "--n", 200, "--draws", 2)
    assert code == 0 and "real data (floor)" in out and "8 ± 0" in out and out.count("±") == 11


def test_the_metrics_fit_the_data() -> None:
    names = {repr(d): [s.name for s in scores(d)] for d in (gaussian(), moons(), digits("embedded"))}
    assert list(names.values()) == [
        ["wasserstein1", "energy_distance", "jensen_shannon"],
        ["energy_distance", "sliced_wasserstein"],
        ["energy_distance", "sliced_wasserstein"],
    ]


@pytest.mark.parametrize("target", [gaussian(2, 0.5), ring(), moons()], ids=repr)
def test_a_score_of_real_data_is_its_floor_and_worse_data_score_worse(target: Any) -> None:
    real, other = real_samples(target, 500, FIRST_SEED)
    for score in scores(target):
        floor, worse = score.of(other, real), score.of(real * 0.7 + 0.3, real)
        assert worse < floor if score.better == "higher" else worse > floor, score.name


def test_real_images_are_not_compared_with_themselves() -> None:
    few = digits("embedded").of_class(3)
    one, other = real_samples(few, 250, FIRST_SEED)
    assert len({tuple(image.flatten().tolist()) for image in torch.cat([one, other])}) > 495  # a few digits are twins


def test_no_run_uses_the_seeds_of_the_scores() -> None:
    assert stream_seed(4_000_000, "mix") < FIRST_SEED < 2**32 - 1_000
    assert Estimate((1.0,)).standard_error is None


def test_record_is_what_runs_records(tmp_path: Path, gan_lab_command: Command) -> None:
    flags = ("--data", "ring", "--steps", 12, "--snapshots", 2, "--hidden", 8, "--optimiser", "adam", "lr=0.001")
    code, out, err = gan_lab_command("record", "gan", *flags, "--out", tmp_path / "rec", "--verify-steps", 5)
    assert code == 0 and err == "" and "3 pictures" in out
    recorded = runs.read(tmp_path / "rec")
    assert recorded.verify_steps == 5 and recorded.recipe.options["optimiser"] == {"name": "adam", "lr": 0.001}
    words = shlex.split(recorded.command)
    assert words[:3] == ["gan-lab", "record", "gan"] and words[-2:] == ["--out", "rec"]
    assert str(tmp_path) not in recorded.command
    command: Any = parse(words[1:]).of  # type: ignore[attr-defined]
    assert recipe("gan", command.system, command.learn) == recorded.recipe  # the command makes it again
    runs.verify(recorded)


def test_record_under_torchrun_is_refused(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "0")
    code, _, err = gan_lab_command("record", "gan", "--steps", 2, "--out", tmp_path / "rec")
    assert code == 2 and "one process" in err
