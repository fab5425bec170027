"""What the book's extension lays into a page that asks: places for answers, and what a prediction closes."""

from __future__ import annotations

import json
import re

import pytest
from docutils import nodes
from house import exercises, predict
from house.address import Address

from gan_lab import classroom

BOX = '<div class="gl-box gl-predict">'


def raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def test_a_prediction_closes_what_follows_it_to_the_next_box_or_section() -> None:
    said = [nodes.paragraph(text=f"p{i}") for i in range(5)]
    section = nodes.section("", nodes.title(text="deeper"))
    pad = raw('<div class="gl-draw"></div>')
    made = predict._marked(
        "part1/x",
        [said[0], raw(BOX), said[1], pad, raw("</div>"), said[2], raw(BOX), said[3], raw("</div>"), said[4], section],
    )
    kinds = [one.astext() if isinstance(one, nodes.raw) else type(one).__name__ for one in made]
    first, second = (re.search(r'data-predict="(.*)"', kind)[1] for kind in kinds if "data-predict" in kind)  # type: ignore[index]
    wrapper = '<div class="gl-spoiler" data-of="{}">'
    assert kinds == [
        "paragraph", f'{BOX[:-1]} data-predict="{first}">', "paragraph", pad.astext(), "</div>", wrapper.format(first),
        "paragraph", "</div>", f'{BOX[:-1]} data-predict="{second}">', "paragraph", "</div>", wrapper.format(second),
        "paragraph", "</div>", "section",
    ]  # fmt: skip
    assert first != second and first.startswith("part1/x:")
    assert predict.name_of("a", "What  now?") == predict.name_of("a", "What now?") != predict.name_of("b", "What now?")


def test_a_place_holds_the_rules_and_no_tag_of_its_own() -> None:
    for number, task in classroom.exercises().items():
        (data,) = re.findall(r'<script type="application/json">(.*)</script></div>$', exercises.place(number))
        assert "<" not in data and json.loads(data) == json.loads(json.dumps(task.for_page()))


@pytest.mark.parametrize(
    ("address", "names"),
    [(None, []), (Address("https://github.com/someone/book"), ["Binder", "Colab"]),
     (Address("https://example.org/someone/book"), ["Binder"])],
)  # fmt: skip
def test_a_code_exercise_says_how_to_open_it(monkeypatch, address: Address | None, names: list[str]) -> None:
    monkeypatch.setattr(exercises, "repository", lambda: address)
    words = exercises.ways_in("part1/01_why_generate")
    assert "<code>book/part1/01_why_generate.ipynb</code> in Jupyter" in words and "make lab" in words
    assert re.findall(r'<a href="https://[^"]+">(\w+)</a>', words) == names
