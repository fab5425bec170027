"""The teachers' pages without a browser: lessons are whole, items are moved, commands are those that there are."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from house import inventory, launch
from house.address import Address

from benchmarks import sizes
from gan_lab.cli.commands import parse

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
LESSONS = (BOOK / "teaching/lessons.md").read_text(encoding="utf8")
INVENTORY = json.loads((BOOK / "reference/inventory.json").read_text(encoding="utf8"))
ITEMS = {item["id"]: item for item in INVENTORY["items"]}
CHAPTERS = [c["file"] for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"] for c in part["chapters"]]


@pytest.mark.parametrize("page", [page for page in CHAPTERS if page.startswith("part")])
def test_every_chapter_has_a_lesson_of_45_minutes(page):
    number = int(Path(page).name[:2])
    found = re.search(rf"^## Chapter {number}: ([^\n]+)\n(.*?)(?=^## )", LESSONS, re.M | re.S)
    assert found, f"chapter {number} has no lesson"
    title, text = found.groups()
    cells = json.loads((BOOK / f"{page}.ipynb").read_text(encoding="utf8"))["cells"]
    assert "".join(cells[0]["source"]).startswith(f"# {title}\n")
    assert sum(map(int, re.findall(r"^\| (\d+) \|", text, re.M))) == 45
    assert "**Moves** \"" in text and re.search(r"\*\*Ask:\*\* \*[^*]+\?\*", text)
    links = re.findall(r'href="\.\./(\S+?)\.html#(\S+?)"', text)
    assert links and {target for target, _ in links} == {page}


def test_the_inventory_has_twenty_items_each_of_a_chapter_and_a_misconception():
    assert len(ITEMS) == len(INVENTORY["items"]) == 20
    assert {item["of"] for item in ITEMS.values()} == set(INVENTORY["misconceptions"])
    for item in ITEMS.values():
        assert item["page"] in CHAPTERS and item["chapter"] == int(Path(item["page"]).name[:2])


def test_every_item_is_moved_by_a_widget_that_stands_on_that_page():
    views = {Path(page).with_suffix("").as_posix(): views for page, views in sizes.pages().items()}
    for page, moves in INVENTORY["moves"].items():
        assert set(moves) <= views[page], page
        for names in moves.values():
            assert names and set(names) <= set(ITEMS), page
    moved = {name for moves in INVENTORY["moves"].values() for names in moves.values() for name in names}
    assert moved == set(ITEMS)
    asked_for = {page for page in views if page.startswith(("part", "laboratory"))}
    assert asked_for == set(INVENTORY["moves"]), "each page with a widget says which items it moves"
    assert inventory.moved_on("part1/02_minimax", INVENTORY) == [14]


def test_the_items_stay_data_in_the_page():
    """No item can end the script that it is in."""
    hostile = {"misconceptions": {}, "items": [{"en": {"ask": "</script><b>", "options": ["<i>"]}}]}
    made = inventory.element(hostile)
    assert made.count("</script>") == 1 and "<b>" not in made and "<i>" not in made


COMMANDS = re.findall(
    r"(?:^    |`)((?:gan-lab|make|python -m|jupyter lab) [^`\n]+)",
    "\n".join((BOOK / page).read_text(encoding="utf8") for page in ("install.md", "teaching/grading.md")), re.M,
)  # fmt: skip


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_every_command_of_the_pages_is_one_that_there_is(command):
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    if words[0] == "gan-lab" or words[:3] == ["python", "-m", "gan_lab"]:
        parse(words[1:] if words[0] == "gan-lab" else words[3:])
    elif words[0] == "make":
        assert subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True).returncode == 0
    elif words[:4] == ["python", "-m", "pip", "install"]:
        extra = re.fullmatch(r"\.\[(\w+)\]", words[4])
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        assert extra and extra[1] in project["optional-dependencies"]
    else:
        assert words[:2] == ["jupyter", "lab"] and (ROOT / words[2]).is_file()


def test_online_places_are_linked_where_the_address_is_known():
    pages = ["part1/02_minimax"]
    assert "does not know" in launch.listing(None, pages)
    made = launch.listing(Address("https://github.com/someone/gans"), pages)
    assert made.count("<a href=") == 2 and "mybinder.org/v2/gh/someone/gans/main" in made
    assert launch.listing(Address("https://example.org/a/b"), pages).count("<a href=") == 1  # Colab reads GitHub only
