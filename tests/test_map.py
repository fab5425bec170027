"""The map of the concepts leads somewhere, in an order in which the book can be read."""

import json
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).parent.parent / "book"
MAP = json.loads((BOOK / "map.json").read_text())
CONCEPTS = MAP["concepts"]


def source(page: str) -> str:
    cells = json.loads((BOOK / f"{page}.ipynb").read_text())["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("name", CONCEPTS)
def test_every_concept_has_its_section(name):
    concept = CONCEPTS[name]
    headings = re.findall(r"^##+ (.+)$", source(MAP["chapters"][concept["chapter"]][0]), re.M)
    assert concept["section"] in headings, f"the map sends {name} to a section that is not there: {headings}"


def test_needs_are_concepts_that_come_before():
    order = list(CONCEPTS)
    for name, concept in CONCEPTS.items():
        for need in concept["needs"]:
            assert order.index(need) < order.index(name), f"{name} needs {need}, which comes later"


@pytest.mark.parametrize("number", MAP["chapters"])
def test_what_a_chapter_says_it_needs_lies_before_it_on_the_map(number):
    page, title = MAP["chapters"][number]
    text = source(page)
    assert re.search(rf"^# {re.escape(title)}$", text, re.M)
    box = re.search(r'<div class="gl-box gl-needs">(.*?)</div>', text, re.S)
    assert box, f"{page} has no box that says what it needs"
    for target in re.findall(r"\]\(([^)#]+)\.ipynb", box[1]):
        earlier = [n for n, (p, _) in MAP["chapters"].items() if p.endswith(Path(target).name)]
        assert earlier and int(earlier[0]) < int(number), f"{page} needs {target}, which the map does not put before it"


def test_the_shortest_way_in_words_is_all_that_the_arrows_ask_for():
    way = re.search(r"^The shortest way to a trained GAN is (.*?):", (BOOK / "map.md").read_text(), re.M)
    named = {name: concept for name, concept in CONCEPTS.items() if f"*{concept['name']}*" in way[1]}
    assert len(named) == way[1].count("*") / 2 and "loop" in named
    asked, found = ["loop"], set()
    while asked:
        found.add(name := asked.pop())
        asked += CONCEPTS[name]["needs"]
    assert found == set(named)
    assert not {"2", "3"} & {concept["chapter"] for concept in named.values()}  # they can wait, the page says


def test_every_chapter_of_the_contents_is_on_the_map():
    contents = (BOOK.parent / "_toc.yml").read_text()
    assert re.findall(r"file: (part\d/\S+)", contents) == [page for page, _ in MAP["chapters"].values()]
