"""`make check` runs what depends on a changed file, and not the rest."""

from __future__ import annotations

import pytest

from tests.affected import affected, graph, imported, reached, views_of

ROOM = "tests/test_{}.py".format


@pytest.mark.parametrize(
    ("path", "runs", "not_run"),
    [
        ("gan_lab/game/alphabeta.py", {ROOM("game_trees"), ROOM("game_flows")}, {ROOM("checkpoint"), ROOM("losses")}),
        ("gan_lab/train/loop.py", {ROOM("checkpoint"), ROOM("train"), ROOM("zoo")}, {ROOM("game_trees")}),
        ("gan_lab/cli/doctor.py", {ROOM("cli_machine"), ROOM("import")}, {ROOM("losses"), ROOM("game_trees")}),
        ("book/map.json", {ROOM("map")}, {ROOM("losses"), "tests/browser/test_saddle.py"}),
        ("tests/saddle_page.py", {"tests/browser/test_saddle.py"}, {"tests/browser/test_figure1.py"}),
        ("frontend/src/views/saddle.ts", {"tests/browser/test_saddle.py"}, {"tests/browser/test_value.py"}),
        ("frontend/src/engine/mlp.ts", {"tests/frontend/test_parity.py", "tests/browser/test_figure1.py"}, set()),
        ("gan_lab/palette.json", {ROOM("game_draw"), ROOM("plots")}, {ROOM("classroom"), ROOM("losses")}),
        ("gan_lab/widgets/lessons.json", {ROOM("lessons"), "tests/browser/test_compare.py"}, {ROOM("losses")}),
        ("gan_lab/classroom/chapter03.toml", {ROOM("classroom"), ROOM("classroom_kit")}, {ROOM("losses")}),
        ("book/_ext/house/tidy.py", {ROOM("book_tools")}, {ROOM("losses"), ROOM("game_trees")}),
        ("tests/conftest.py", {ROOM("losses"), "tests/browser/test_value.py"}, set()),
    ],
)  # fmt: skip
def test_what_depends_on_a_file(path: str, runs: set[str], not_run: set[str]) -> None:
    found = affected([path]).tests
    assert runs <= found and not found & not_run, sorted(found)


def test_a_chapter_runs_alone_and_its_page_is_visited() -> None:
    found = affected(["book/part1/02_minimax.ipynb"])
    assert found.chapters == {"book/part1/02_minimax.ipynb"} and found.pages == {"part1/02_minimax"}
    assert "book/part2/06_training_loop.ipynb" in affected(["gan_lab/train/loop.py"]).chapters


def test_every_view_is_known_by_its_source_and_its_script() -> None:
    assert views_of("frontend/src/views/saddle-arena.ts") == {"saddle"}
    assert views_of("gan_lab/widgets/static/gan-lab-plane.js") == {"playground", "compare", "diagnose"}
    assert len(views_of("frontend/src/ui/element.ts")) > 10 and not views_of("gan_lab/widgets/views.py")


def test_every_test_depends_on_something_of_this_house() -> None:
    edges = graph()
    alone = {f.name for f, direct in edges.items() if f.name.startswith("test_") and not direct}
    # these read files; what they read is found by name
    assert alone <= {"test_house.py", "test_api_page.py", "test_strings.py", "test_map.py", "test_listing.py"}, alone
    assert all(imported(file) <= edges.keys() for file in list(edges)[:20]) and reached([], edges) == set()


def test_a_chapter_depends_on_the_exercises_that_it_asks() -> None:
    assert "book/part1/03_nash_equilibrium.ipynb" in affected(["gan_lab/classroom/chapter03.toml"]).chapters
