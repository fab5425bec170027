"""The widgets' sentences and their translations: one table, complete, without leftovers, blanks kept."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.node import FRONTEND, NoNode, tool

WIDGETS = FRONTEND.parent / "gan_lab" / "widgets"
TABLE: dict[str, str] = json.loads((FRONTEND / "src" / "strings.json").read_text(encoding="utf-8"))
CALL = re.compile(r'(?<![\w.$])t\(\s*("(?:[^"\\\n]|\\.)*")')
BLANK = re.compile(r"\{\d\}")


def spoken() -> set[str]:
    """What is given to `t` as it stands, and what the lessons say."""
    found = {
        json.loads(words)
        for file in (FRONTEND / "src").rglob("*.ts")
        for words in CALL.findall(file.read_text(encoding="utf-8"))
    }

    def told(value: Any) -> None:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            if key in ("title", "words", "try"):
                found.add(part)
            elif isinstance(part, dict | list):
                told(part)

    for file in WIDGETS.glob("*.json"):
        told(json.loads(file.read_text(encoding="utf-8")))
    return found - {""}


def test_every_sentence_is_translated() -> None:
    assert len(spoken()) > 500
    assert sorted(spoken() - set(TABLE)) == []


def test_blanks_and_spaces_at_the_ends_are_kept() -> None:
    assert [words for words, said in TABLE.items() if sorted(BLANK.findall(words)) != sorted(BLANK.findall(said))] == []
    assert [words for words, said in TABLE.items() if not said.strip()] == []
    # Chinese stops bring their own space
    assert [said for said in TABLE.values() if re.search(r"[。，：；！？] ", said)] == []


def test_the_table_is_sorted_one_sentence_a_line() -> None:
    text = (FRONTEND / "src" / "strings.json").read_text(encoding="utf-8")
    assert list(TABLE) == sorted(TABLE)
    assert len(text.splitlines()) == len(TABLE) + 2, "a sentence stands there twice, or two on a line"


def test_the_terms_are_those_of_the_glossary() -> None:
    glossary = (FRONTEND.parent / "book" / "reference" / "glossary.md").read_text(encoding="utf-8")
    terms = {
        "Learning rate": "学习率",
        "Generator": "生成器",
        "Discriminator": "判别器",
        "Loss": "损失函数",
        "Vanishing gradient": "梯度消失",
        "backward induction": "逆向归纳法",
        "fictitious play": "虚拟对弈",
        "extragradient": "外梯度法",
        "proximal": "近端步",
        "Matching pennies": "猜硬币博弈",
        "Prisoner's dilemma": "囚徒困境",
        "non-saturating": "非饱和",
        "hinge": "合页",
        "relativistic": "相对论式",
    }
    for words, term in terms.items():
        assert term in glossary and TABLE[words].startswith(term)


def test_the_builder_finds_nothing_missing_and_nothing_stale() -> None:
    """Also what reaches `t` through tables; `node build.mjs --strings` says it by hand."""
    try:
        node = tool("node")
    except NoNode as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [node, "build.mjs", "--strings"], cwd=FRONTEND, capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_built_script_is_the_table() -> None:
    built = Path(WIDGETS / "static" / "gan-lab-zh.js").read_text(encoding="utf-8")
    start = "ganLab.ui.translations.zh="
    assert built.startswith(start)
    assert json.loads(built.removeprefix(start).rstrip(";\n")) == TABLE
