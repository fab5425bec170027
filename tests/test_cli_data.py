# ruff: noqa: F811  (fixtures are imported, then taken as arguments of their names)
"""The command line: data by name, with their options, as JSON, from a folder, and in the form a system learns from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gan_lab import data, zoo
from gan_lab.cli.commands import parse
from gan_lab.cli.options import recipe
from gan_lab.runs import Recipe
from tests.cli_helpers import SMALL, Command, gan_lab_command, one_process_one_thread  # noqa: F401


def made(*words: str) -> Recipe:
    command: Any = parse(["train", "gan", *words, "--out", "x"]).of  # type: ignore[attr-defined]
    return recipe("gan", command.system, command.learn)


def test_options_of_the_data_follow_its_name() -> None:
    def found(*words: str) -> dict[str, Any]:
        return made(*words).data

    ring = {"name": "ring", "modes": 3, "radius": 1.0, "std": 0.1}
    assert found("--data", "ring", "modes=3", "std=0.1") == ring
    assert found("--data", "ring", "modes=3", "--data-options", "std=0.1") == ring
    assert found("--data", json.dumps(ring)) == ring
    folder = {"name": "folder", "path": "2024", "size": 32}  # a name, not a number
    assert found("--data", "folder", "path=2024", "size=32") == folder and Recipe(data=folder).data == folder


def test_data_take_the_form_that_the_system_learns_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(own: Any, *words: str) -> dict[str, Any]:
        entry = replace(zoo.get("gan"), experiment=lambda: (zoo.gan(), own, 1))
        monkeypatch.setitem(zoo.registry.REGISTRY, "gan", entry)
        asked = made(*words)
        assert own is both or asked.options["outputs"] == 2  # sizes follow the points under the labels
        return asked.data

    both = data.unpaired(data.ring(3), data.moons())
    assert found(data.labelled(data.ring(3))) == data.labelled(data.ring(3)).spec()
    assert found(data.labelled(data.ring(3)), "--data", "moons", "std=0.1") == data.labelled(data.moons(0.1)).spec()
    assert found(both) == both.spec() == found(both, "--data", json.dumps(both.spec()))
    with pytest.raises(ValueError, match="gan learns from two domains, and --data ring is one: give both as JSON"):
        found(both, "--data", "ring")


def test_a_folder_of_pictures_is_learned_from(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for shade in range(6):
        Image.new("RGB", (9, 9), (40 * shade, 0, 9)).save(tmp_path / "pictures" / f"{shade}.png")
    (tmp_path / "pictures" / "torn.png").write_bytes(b"torn")
    sizes = ("--inputs", 4, "--outputs", 48, "--image", 3, 4, 4)
    flags = ("--data", "folder", "path=pictures", "size=4", *sizes, "--steps", 3, "--out", "run", *SMALL)
    code, _, err = gan_lab_command("train", "gan", *flags)
    assert code == 0 and err.count("unreadable (1): torn.png") == err.count("\n") == 1
    monkeypatch.chdir(tmp_path / "cache")  # the recipe has the folder's whole path
    assert gan_lab_command("resume", tmp_path / "run", "--steps", 5)[0] == 0
    assert (tmp_path / "run" / "samples.webp").is_file()
