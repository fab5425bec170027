"""Copies of the chapters that begin by installing the library, for the Colab button to open."""

from __future__ import annotations

from pathlib import Path

import nbformat
from sphinx.application import Sphinx

from .address import Address, repository

NOTE = """This cell fetches the book and installs `gan_lab`, the library that this chapter calls. It takes about a
minute, once."""
CLONE = "adversarial-game"


def with_install(notebook: nbformat.NotebookNode, address: Address, folder: str = "") -> nbformat.NotebookNode:
    """A copy of the notebook, without outputs, whose first two cells say and do the installing.

    The chapter then runs in its own folder of the book, beside the recorded runs that it reads.
    """
    source = (
        f"!git clone -q --depth 1 --branch {address.branch} {address.url} {CLONE}\n"
        f'%pip install -q "./{CLONE}[chapters]"\n'
        f"%cd -q {CLONE}/book/{folder}"
    )
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    note = nbformat.v4.new_markdown_cell(NOTE, id="install-note")
    copy.cells[:0] = [note, nbformat.v4.new_code_cell(source, id="install")]
    return copy


def write_copies(app: Sphinx, failure: Exception | None) -> None:
    """Writes `colab/PAGE.ipynb` beside the pages for every chapter, where the address is known and on GitHub."""
    address = repository()
    if failure is not None or app.builder.format != "html" or address is None or not address.on_github:
        return
    for page in app.env.found_docs:
        source = Path(app.env.doc2path(page))
        if source.suffix == ".ipynb":
            target = Path(app.outdir) / "colab" / f"{page}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            chapter = nbformat.read(source, as_version=4)
            nbformat.write(with_install(chapter, address, Path(page).parent.as_posix()), target)
