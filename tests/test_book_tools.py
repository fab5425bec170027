"""The book's extension and its build: the palette, the address, the Colab copies, what counts as a change."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import build
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from cpu_requirements import cpu_only
from house.address import Address, repository
from house.assets import MATHJAX_PARTS, PALETTE, _mathjax, _plotly, palette_css
from house.colab import with_install
from house.images import lighten, state_sizes
from house.tidy import tidy
from matplotlib.colors import to_hex, to_rgb, to_rgba
from PIL import Image

from gan_lab import plots

PROJECT = '[project]\nname = "x"\n'


@pytest.fixture(autouse=True)
def _away_from_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "GITHUB_REF_NAME", "GITHUB_REF_TYPE"):
        monkeypatch.delenv(name, raising=False)


def project(tmp_path: Path, extra: str = "") -> Path:
    file = tmp_path / "pyproject.toml"
    file.write_text(PROJECT + extra)
    return file


def test_palette_css_states_every_colour_of_both_modes() -> None:
    palette = json.loads(PALETTE.read_text())
    light, dark = palette_css(palette).split('html[data-theme="dark"]')
    for mode, css in (("light", light), ("dark", dark)):
        for name, colour in palette[mode].items():
            assert f"--gl-{name}: {colour};" in css


def test_no_address_no_buttons(tmp_path: Path) -> None:
    assert repository(project(tmp_path)) is None


def test_address_from_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "fork/copy")
    file = project(tmp_path, '[project.urls]\nRepository = "https://github.com/owner/book.git"\n')
    assert repository(file) == Address("https://github.com/owner/book", "main")


def test_address_from_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/book")
    monkeypatch.setenv("GITHUB_REF_TYPE", "branch")
    monkeypatch.setenv("GITHUB_REF_NAME", "next")
    assert repository(project(tmp_path)) == Address("https://github.com/owner/book", "next")


@pytest.mark.parametrize("url", ["git@github.com:owner/book.git", "https://github.com/owner", "book"])
def test_a_wrong_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="should look like"):
        repository(project(tmp_path, f'[project.urls]\nRepository = "{url}"\n'))


def test_launch_links() -> None:
    address = Address("https://github.com/owner/book")
    assert address.binder("book/part1/01.ipynb") == (
        "https://mybinder.org/v2/gh/owner/book/main?urlpath=lab/tree/book/part1/01.ipynb"
    )
    assert address.colab("part1/01") == (
        "https://colab.research.google.com/github/owner/book/blob/gh-pages/colab/part1/01.ipynb"
    )
    elsewhere = Address("https://git.example.org/owner/book")
    assert elsewhere.colab("part1/01") is None
    assert "/v2/git/https%3A%2F%2Fgit.example.org%2Fowner%2Fbook/main?" in elsewhere.binder("a.ipynb")


def test_colab_copy_installs_first_and_leaves_the_chapter_alone() -> None:
    cell = nbformat.v4.new_code_cell("1 + 1", id="sum", outputs=[nbformat.v4.new_output("stream", text="2")])
    chapter = nbformat.v4.new_notebook(cells=[cell])
    copy = with_install(chapter, Address("https://github.com/owner/book", "next"), "part1")
    clone, install, change = copy.cells[1].source.splitlines()
    assert clone == "!git clone -q --depth 1 --branch next https://github.com/owner/book adversarial-game"
    assert install == '%pip install -q "./adversarial-game[chapters]"'
    assert change == "%cd -q adversarial-game/book/part1"  # where ../recorded is
    assert copy.cells[2].source == "1 + 1" and copy.cells[2].outputs == []
    assert len(chapter.cells) == 1 and chapter.cells[0].outputs
    nbformat.validate(copy)


def test_tidy_mends_what_it_names() -> None:
    mended = tidy(
        '<link rel="preload" as="font" type="font/woff2" crossorigin href="a.woff2" />\n'
        '<summary aria-label="Toggle hidden content">x</summary><div role="list" class="citation-list">'
        '<button class="btn search-button-field search-button__button" title="Search" aria-label="Search" a="b">'
    )
    assert "preload" not in mended and "aria-label" not in mended and 'role="list"' not in mended
    assert mended.startswith("<summary>x</summary>") and 'a="b">' in mended


def test_cpu_requirements() -> None:
    text = "numpy==2.0\nnvidia-cublas==1 ; sys_platform == 'linux'\ntorch==2.15.0\ntorchvision==0.29.2\ntriton==3\n"
    lines = cpu_only(text).splitlines()
    assert lines[2:] == ["numpy==2.0", "torch==2.15.0+cpu", "torchvision==0.29.2+cpu"]


def test_vendored_scripts_are_where_the_book_takes_them() -> None:
    assert all((_mathjax() / part).exists() for part in MATHJAX_PARTS)
    assert _plotly().stat().st_size > 1_000_000


def test_a_change_of_the_library_empties_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "gan_lab"
    (library / "widgets" / "static").mkdir(parents=True)
    (library / "gan.py").write_text("a = 1\n")
    (tmp_path / "requirements.txt").write_text("numpy==2.0\n")
    places = {"ROOT": "", "BUILD": "_build", "CACHE": "_build/cache", "WIDGETS": "gan_lab/widgets/static"}
    for name, path in places.items():
        monkeypatch.setattr(build, name, tmp_path / path)

    build.open_cache()
    kept = tmp_path / "_build" / "cache" / "kept"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("an output")
    (library / "widgets" / "static" / "gan-lab.js").write_text("new")  # the page's script, not the chapter's library
    build.open_cache()
    assert kept.is_file()
    (library / "gan.py").write_text("a = 2\n")
    build.open_cache()
    assert not kept.exists()


def test_a_chapter_that_fails_says_so(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("assert 1 == 2, 'the figure moved'")])
    file = tmp_path / "chapter.ipynb"
    nbformat.write(notebook, file)
    _, _, error, _ = build._execute(file)
    assert error is not None and "the figure moved" in error


def test_pictures_become_lighter_and_state_their_size(tmp_path: Path) -> None:
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste((0, 122, 90), (50, 50, 250, 150))
    picture.save(tmp_path / "a.png", compress_level=0)
    pictures = lighten(tmp_path)
    assert pictures == {"a.png": ("a.webp", 300, 200, 0, "")} and not (tmp_path / "a.png").exists()
    with Image.open(tmp_path / "a.webp") as again:
        assert again.convert("RGB").tobytes() == picture.tobytes()  # lossless
    page = state_sizes('<a href="../_images/a.png"><img alt="x" src="../_images/a.png" /></a>' * 2, pictures)
    assert ".png" not in page and page.count('width="300" height="200"') == 2 and page.count("lazy") == 1


@pytest.mark.parametrize("form", [tuple, list, np.array, lambda rgb: (rgb, 0.5), lambda rgb: (*rgb, 0.5), to_hex])
def test_a_colour_of_any_form_has_its_twin(form: Callable[[Any], Any]) -> None:
    """As matplotlib takes them: of three numbers, with an alpha, a word; and each comes back as it was given."""
    plots.style()
    figure, axes = plt.subplots()
    real = form(to_rgb(plots.REAL))
    (line,) = axes.plot([0, 1], [0, 1], "o-", color=real, mfc=real, mec="none")
    text = axes.text(0, 0, "x", color=real)
    axes.bar([0], [1], color=[real], edgecolor=("red", 0.0))
    with plots._recoloured(figure, dark=True):
        night = [to_hex(colour) for colour in (line.get_color(), line.get_mfc(), text.get_color())]
        assert night == [plots.PALETTE["dark"]["real"]] * 3 and to_rgba(axes.patches[0].get_edgecolor())[3] == 0
    assert line.get_color() is real and line.get_mfc() is real and line.get_mec() == "none"
    assert plots.both_themes(figure) == plots.both_themes(figure)
    plt.close(figure)


def test_a_figure_has_a_twin_for_the_dark_page_and_no_letters_too_small_to_read(tmp_path: Path) -> None:
    plots.style()
    figure, axes = plt.subplots(figsize=(6, 2))
    axes.plot([0, 1], [0, 1], "o-", color=plots.GENERATOR, label="G")
    axes.text(0.5, 0.5, "small", fontsize=6)
    axes.legend()
    before = plots.both_themes(figure)
    assert plots.both_themes(figure) == before  # the figure is as it was
    plt.close(figure)
    (tmp_path / "a.png").write_bytes(before)
    found = lighten(tmp_path)["a.png"]
    assert found.least == math.ceil(found.width * 11 / (6 * 110 / 72))  # 6 points at 110 dots an inch, shown as 11 px

    def colours(name: str) -> set[str]:
        with Image.open(tmp_path / name) as picture:
            counted = picture.convert("RGBA").getcolors(10**6) or []
        assert max(counted)[1][3] == 0  # the page's own paper
        return {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b, a) in counted if a == 255}

    for name, mode, other in ((found.name, "light", "dark"), (found.dark, "dark", "light")):
        assert {plots.PALETTE[mode][who] for who in ("generator", "muted")} <= colours(name)
        assert not {plots.PALETTE[other][who] for who in ("generator", "ink")} & colours(name)
    page = state_sizes('<img alt="x" src="../_images/a.png" />', {"a.png": found})
    assert page.count(f"--gl-least: {found.least}px") == 1 and page.count('alt="x"') == 2
    assert [part.count(name) for part in page.split("gl-night") for name in (found.name, found.dark)] == [1, 0, 0, 1]


def test_chapters_that_nobody_executed_are_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "book").mkdir()
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "BOOK", tmp_path / "book")
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), tmp_path / "book" / "a.ipynb")
    build.copy_chapters(tmp_path / "copy")
    with pytest.raises(SystemExit, match="was not executed"):
        build.adopt(build.get_cache(str(tmp_path / "cache")), tmp_path / "copy")


def test_chapters_are_not_executed_with_a_stranger_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.check_library()
    (tmp_path / "gan_lab").mkdir()
    (tmp_path / "gan_lab" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "gan_lab", raising=False)
    with pytest.raises(SystemExit, match=f"import the gan_lab in {tmp_path}/gan_lab, not .* pip uninstall gan-lab"):
        build.check_library()


def test_nbmake_sees_the_chapters_where_make_lays_them(tmp_path: Path) -> None:
    """It passes over some folders in silence (every `_build`), and a suite of no chapters is green."""
    (name,) = re.findall(r"^EXECUTED := ([^\s#]+)", (build.ROOT / "Makefile").read_text(), re.M)
    folder = tmp_path / name / "part1"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), folder / "a.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "--nbmake", str(tmp_path / name)]
    assert "1 test collected" in subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout


def test_what_nbmake_executed_is_what_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache knows the chapter by the outputs of the test, and Jupyter Book will not execute it a second time."""
    chapter = tmp_path / "book" / "chapter.ipynb"
    chapter.parent.mkdir()
    cell = nbformat.v4.new_code_cell("print(6 * 7)")
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    nbformat.write(notebook, chapter)
    monkeypatch.setattr(build, "BOOK", chapter.parent)
    build.copy_chapters(tmp_path / "copy")
    command = ["-q", "-p", "no:cacheprovider", "--nbmake", "--overwrite", str(tmp_path / "copy")]
    subprocess.run([sys.executable, "-m", "pytest", *command], check=True, cwd=tmp_path)
    cache = build.get_cache(str(tmp_path / "cache"))
    build.adopt(cache, tmp_path / "copy")
    (output,) = cache.merge_match_into_notebook(nbformat.read(chapter, as_version=4))[1].cells[0].outputs
    assert output["text"] == "42\n"
