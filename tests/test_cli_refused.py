# ruff: noqa: F811  (fixtures are imported, then taken as arguments of their names)
"""The command line: what it refuses, how it says so, and what fails under it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gan_lab.cli.folder import Folder, load
from tests.cli_helpers import SMALL, Command, gan_lab_command, one_process_one_thread, trained, weights  # noqa: F401

# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("trian gan", "unknown command 'trian': did you mean 'train'?"),
        ("train wgan_pg --out OUT", "unknown system 'wgan_pg': did you mean 'wgan_gp'"),
        ("record wgan-pg --out OUT", "did you mean 'wgan_gp'"),
        ("train gan --data rings --out OUT", "unknown data 'rings': did you mean 'ring'"),
        ("train gan --data ring --data-options modez=3 --out OUT", "did you mean 'modes'"),
        ("train gan --data ring --data-options modes --out OUT", "write NAME=VALUE, such as modes=1"),
        ("train gan --data ring --data-options modes=2 modes=3 --out OUT", "gives modes twice"),
        ("train gan --data ring --data-options modes=-3 --out OUT", "modes is -3: it must be at least 1"),
        ("train gan --data ring --data-options std=NaN --out OUT", "std is nan"),
        ("train gan --data sine --data-options rate=3 --out OUT", "there is no option rate"),
        ("train gan --data digits --data-options source=web --out OUT", "unknown source of digits 'web'"),
        ("train gan --data-options modes=3 --out OUT", "--data-options needs --data"),
        ("train gan --data ring modez=3 --out OUT", "did you mean 'modes'"),
        ("train gan --data ring modes=3 --data-options modes=3 --out OUT", "gives modes twice"),
        ("train gan --data folder --out OUT", "missing a required argument: 'path'"),
        ("train gan --data folder path=HERE size=0 --out OUT", "size is 0"),
        ("train gan --data {} --out OUT", "unknown data None"),
        ("train gan --data {1} --out OUT", "is not JSON"),
        ('train gan --data {"name":"ring"} modes=3 --out OUT', "write it into the JSON"),
        ('train gan --data {"name":"labelled","of":{"name":"sine"}} --out OUT', "sine has no components"),
        ("train gan --data digits --out OUT", "choose other data or other options"),
        ("train mlp_gan --data ring --out OUT", "choose other data or other options"),
        ("train gan --data ring --outputs 3 --out OUT", "makes samples of shape (3,)"),
        ("train gan --steps 0 --out OUT", "steps is 0: it must be at least 1"),
        ("train gan --batch -1 --out OUT", "batch is -1"),
        ("train gan --seed -1 --out OUT", "seed is -1"),
        ("train gan --ema 1.5 --out OUT", "ema is 1.5"),
        ("train gan --ema nan --out OUT", "ema is nan"),
        ("train gan --k 0 --out OUT", "k is 0"),
        ("train gan --every -1 --out OUT", "--every is -1"),
        ("train gan --every 0 --tensorboard --out OUT", "give one of at least 1"),
        ("train gan --save-every 0 --out OUT", "--save-every is 0"),
        ("train gan --device gpu --out OUT", "there is no device 'gpu'"),
        ("train gan --optimiser adamw lr=1 --out OUT", "unknown optimiser 'adamw': did you mean 'adam'"),
        ("train gan --optimiser adam --out OUT", "write adam lr=0.001"),
        ("train gan --optimiser generator adam lr=1 --out OUT", "no optimiser for the discriminator"),
        ("train gan --optimiser generator --out OUT", "gives the generator none"),
        ("train gan --method extragradiant --out OUT", "did you mean 'extragradient'"),
        ("train gan --method lookahead m=3 --out OUT", "unknown name in --method 'm'"),
        ("train gan --method lookahead k=x --out OUT", "k of the method lookahead is 'x': it must be a whole number"),
        ("train gan --method competitive --out OUT", "give both players SGD"),
        ("train wgan --method simultaneous --out OUT", "moves 5 times"),
        ("train gan --optimiser adam lr=-1 --out OUT", "lr of Adam is -1"),
        ("train gan --optimiser adam lr=abc --out OUT", "lr of the optimiser adam is 'abc': it must be a number"),
        ("train gan --optimiser adam lr=1 betas=null --out OUT", "is None: it must be a list of 2 numbers"),
        ("train gan --optimiser adam lr=1 betas=0.5 --out OUT", "is 0.5: it must be a list of 2 numbers"),
        ("train gan --optimiser adam lr=1 eps=-1 --out OUT", "cannot be made: Invalid epsilon value: -1"),
        (f"train gan --optimiser adam lr={'[' * 50_000} --out OUT", "it must be a number"),
        ("train gan --hidden 1000000000 --out OUT", "hidden in the options of gan is 1e+09: a whole number there"),
        ("train gan --hidden 90000 90000 --out OUT", "GB of memory, more than 4 GB: ask for less, or"),
        ("train gan --data ring --data-options modes=10000000 --out OUT", "modes=10,000,000 takes about 80 GB"),
        ("train gan --data grid --data-options side=9000 --out OUT", "side=9,000 takes about 648 GB"),
        ("train gan --batch 1000000000000 --out OUT", "a batch of 1,000,000,000,000 takes about 4,000 GB"),
        ("train gan --device meta --out OUT", "nothing can be computed on the device 'meta' here"),
        ("train gan --optimiser adam lr=1 beta=2 --out OUT", "did you mean 'betas'"),
        ("train gan --activation relo --out OUT", "did you mean 'relu'"),
        ("train recipe OUT --out OUT", "there is no recipe at"),
        ("sample OUT", "there is no folder"),
        ("evaluate OUT", "there is no folder"),
        ("resume OUT", "there is no folder"),
        ("sample HERE", "holds no run"),
        ("resume HERE", "holds no run"),
        ("train recipe DEEP --out OUT", "nested too deeply"),
        ("train recipe PIPE --out OUT", "is no file, but a named pipe"),
        ("record gan --steps 3 --out .", "cannot be replaced, as somebody works in it"),
        ("train gan --out FILE", "is a file: give a folder"),
        ("record gan --steps 3 --out FILE", "is a file: give a folder"),
    ],
)  # fmt: skip
def test_bad_usage_is_one_sentence_and_code_2(
    words: str, message: str, tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("{}")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    os.mkfifo(tmp_path / "pipe")
    places = {"OUT": "out", "HERE": ".", "FILE": "file", "DEEP": "deep.json", "PIPE": "pipe"}
    monkeypatch.chdir(tmp_path)
    code, _, err = gan_lab_command(*(places.get(word, word) for word in words.split()))
    # a file that cannot be read is no fault of the words
    assert code == (1 if "PIPE" in words else 2) and err.startswith("gan-lab: ") and message in err
    assert err.count("\n") == 1 and "Traceback" not in err and len(err) < 500
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep.json", "file", "pipe"]  # nothing was begun


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train gan --stepz 3 --out OUT", "--steps"),
        ("train gan --steps many --out OUT", "--steps"),
        ("train gan --precision fp16 --out OUT", "bf16"),
        ("train gan", "--out"),
        ("train", "wgan_gp"),
        ("sample", "FOLDER"),
    ],
)
def test_flags_that_cannot_be_read_are_code_2(
    words: str, message: str, tmp_path: Path, gan_lab_command: Command
) -> None:
    code, _, err = gan_lab_command(*words.replace("OUT", str(tmp_path / "out")).split())
    assert code == 2 and message in err and "Traceback" not in err and not (tmp_path / "out").exists()


def test_a_folder_with_a_run_is_refused(trained: Path, tmp_path: Path, gan_lab_command: Command) -> None:
    before = (trained / "run.gan").read_bytes()
    code, _, err = gan_lab_command("train", "gan", "--steps", 3, "--out", trained)
    assert code == 2 and f"`gan-lab resume {trained}`" in err and (trained / "run.gan").read_bytes() == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "history.csv").write_text("1066")
    code, _, err = gan_lab_command("train", "gan", "--steps", 3, "--out", tmp_path / "mine")
    assert code == 2 and "would be written over" in err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["history.csv"]


def test_a_folder_in_use_is_refused(trained: Path, gan_lab_command: Command) -> None:
    with Folder(trained).held():
        code, _, err = gan_lab_command("resume", trained, "--steps", 40)
    assert code == 1 and "another gan-lab trains in" in err
    assert gan_lab_command("resume", trained, "--steps", 40)[0] == 0


@pytest.mark.parametrize("name", ["run.gan", "recipe.json", "settings.json"])
def test_a_named_pipe_in_the_folder_keeps_nobody_waiting(
    name: str, trained: Path, gan_lab_command: Command
) -> None:
    (trained / name).unlink()
    os.mkfifo(trained / name)
    for words in (("resume", trained), ("sample", trained), ("evaluate", trained)):
        code, _, err = gan_lab_command(*words, *(["--out", trained / "x.npz"] if words[0] == "sample" else []))
        if name == "run.gan" or words[0] == "resume":
            assert code == 1 and "is no file, but a named pipe or a device" in err and err.count("\n") == 1
        else:  # they need the checkpoint alone
            assert code == 0


def test_a_recipe_that_was_changed_by_hand_is_not_gone_on_with(trained: Path, gan_lab_command: Command) -> None:
    recipe = json.loads((trained / "recipe.json").read_text())
    before = {file.name: file.read_bytes() for file in trained.iterdir() if file.name != "recipe.json"}
    for changed, words in (
        (recipe | {"data": recipe["data"] | {"modes": 9}}, "data.modes is 9, not 8 as there"),
        (recipe | {"options": recipe["options"] | {"activation": "relu"}}, "activation is 'relu', not left out"),
        (recipe | {"seed": 1}, "seed is 1, not 0"),
    ):
        (trained / "recipe.json").write_text(json.dumps(changed))
        code, _, err = gan_lab_command("resume", trained, "--steps", 40)
        assert code == 2 and words in err and err.count("\n") == 1
    assert {file.name: file.read_bytes() for file in trained.iterdir() if file.name != "recipe.json"} == before
    (trained / "recipe.json").unlink()
    assert gan_lab_command("resume", trained, "--steps", 40)[0] == 0


def test_what_fails_leaves_no_trace_for_the_next(
    trained: Path, tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `train` that fails before its first checkpoint makes room; a `resume` that fails is forgotten."""
    before = {file.name: file.read_bytes() for file in trained.iterdir()}
    words = ("train", "gan", "--steps", 3, "--out", tmp_path / "new", *SMALL)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with monkeypatch.context() as patch:
        patch.setattr("gan_lab.cli.training.Watch.metrics", lambda _: {"broken": lambda run: 1 / 0})
        assert gan_lab_command(*words)[0] == 1  # in the rehearsal
        patch.setattr("gan_lab.cli.training.rehearse", lambda *_: None)
        patch.setattr("gan_lab.runs.Recipe.train", lambda *_, **__: 1 / 0)
        for out in ("new", "mine"):
            assert gan_lab_command(*words, "--out", tmp_path / out)[0] == 1
        assert not (tmp_path / "new").exists() and [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]
        code, _, err = gan_lab_command("resume", trained, "--steps", 40, "--compile", "True")
        assert code == 1 and "ZeroDivisionError" in err
    assert {file.name: file.read_bytes() for file in trained.iterdir()} == before
    assert gan_lab_command("resume", trained, "--steps", 40)[0] == gan_lab_command(*words)[0] == 0


def test_a_torn_checkpoint_is_said(trained: Path, gan_lab_command: Command) -> None:
    whole = (trained / "run.gan").read_bytes()
    for content, message in (
        (whole[: len(whole) // 2], "torn or damaged"),
        (b"", "not a checkpoint of gan_lab"),
        (whole[:-9] + b"\0" + whole[-8:], "torn or damaged"),
    ):
        (trained / "run.gan").write_bytes(content)
        for command in ("resume", "sample", "evaluate"):
            code, _, err = gan_lab_command(command, trained)
            assert code == 1 and message in err and err.count("\n") == 1, command
        assert (trained / "run.gan").read_bytes() == content


def test_a_checkpoint_without_a_recipe_is_said(trained: Path, gan_lab_command: Command) -> None:
    load(trained)[1].save(trained / "run.gan")  # holds the recipe
    run = load(trained)[1]
    run.settings.recipe = None
    run.save(trained / "run.gan")
    code, _, err = gan_lab_command("evaluate", trained)
    assert code == 1 and "does not say what it was made from" in err


def test_torn_settings_are_said(trained: Path, gan_lab_command: Command) -> None:
    (trained / "settings.json").write_text('{"every": ')
    code, _, err = gan_lab_command("resume", trained, "--steps", 40)
    assert code == 1 and "settings.json is torn or damaged" in err
    (trained / "settings.json").write_text('{"evry": 5}')
    code, _, err = gan_lab_command("resume", trained, "--steps", 40)
    assert code == 1 and "did you mean 'every'" in err
    (trained / "settings.json").write_text('{"every": "often"}')
    code, _, err = gan_lab_command("resume", trained, "--steps", 40)
    assert code == 1 and "every is 'often': it must be a whole number" in err


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = gan_lab_command("train", "gan", "--steps", 3, "--out", tmp_path / "file" / "deeper")
    assert code == 1 and "no run can be written to" in err and "Not a directory" in err
    if os.geteuid():  # root may write anywhere
        (tmp_path / "locked").mkdir(mode=0o500)
        code, _, err = gan_lab_command("train", "gan", "--steps", 3, "--out", tmp_path / "locked")
        assert code == 1 and "Permission denied" in err


def test_a_full_disk_is_a_failure_that_is_said(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(source: Any, target: Any) -> None:
        if Path(target).name == "run.gan":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    flags = ("--save-every", 10, *SMALL)
    code, _, err = gan_lab_command("train", "gan", "--steps", 20, "--out", tmp_path / "run", *flags)
    lines = err.splitlines()
    assert code == 1 and len(lines) == 3 and all("No space left on device" in line for line in lines)
    assert lines[0].startswith("gan-lab: warning: the checkpoint") and lines[2].startswith("gan-lab: the checkpoint")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("sample RUN --out x.gif", "unknown ending of --out '.gif'"),
        ("sample RUN --out x", "unknown ending of --out"),
        ("sample RUN --n 0", "--n is 0"),
        ("sample RUN --n 1000000000000 --out x.npz", "1,000,000,000,000 samples takes about 24,000 GB"),
        ("evaluate RUN --n 1000000000000", "--n 1,000,000,000,000 takes about 64,000 GB"),
        ("sample RUN --seed -1", "--seed is -1"),
        ("evaluate RUN --n 3", "at least 20 samples"),
        ("evaluate RUN --draws 0", "--draws is 0"),
        ("evaluate RUN --device tpu", "there is no device 'tpu'"),
    ],
)
def test_a_trained_run_is_asked_for_what_cannot_be(
    words: str, message: str, trained: Path, gan_lab_command: Command
) -> None:
    code, _, err = gan_lab_command(*words.replace("RUN", str(trained)).split())
    assert code == 2 and message in err


def test_traceback_on_request_and_strange_errors_named(
    gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = gan_lab_command("train", "wgan_pg", "--traceback")
    assert code == 2 and "Traceback" in err and "unknown system" in err

    def broken(*_: object) -> None:
        raise RuntimeError("the\nroof")

    monkeypatch.setattr("gan_lab.cli.commands.table", broken)
    assert gan_lab_command("list") == (1, "", "gan-lab: RuntimeError: the roof (--traceback shows where)\n")
