"""The page that lists the library names only what exists."""

import re
from pathlib import Path

import gan_lab
import gan_lab.widgets

PAGE = Path(__file__).parent.parent / "book" / "reference" / "api.md"


def test_every_name_on_the_page_exists_and_has_a_docstring():
    names = re.findall(r"`(?!run\.|many\.)((?:gan_lab\.)?[a-z_]+\.[A-Za-z_.0-9]+)`", PAGE.read_text())
    assert len(names) > 40
    for name in names:
        thing = gan_lab
        for part in name.removeprefix("gan_lab.").split("."):
            thing = getattr(thing, part)
        assert thing.__doc__, f"{name} has no docstring"


def test_every_loss_penalty_optimiser_and_distribution_is_on_the_page():
    text = PAGE.read_text()
    public = [
        *(f"losses.{c.__name__}" for c in gan_lab.losses.LOSSES.values()),
        *(f"penalties.{c.__name__}" for c in gan_lab.penalties.PENALTIES.values()),
        *(f"optim.{c.__name__}" for c in gan_lab.optim.OPTIMISERS.values()),
        *(f"data.{name}" for name in gan_lab.data.DISTRIBUTIONS if name != "standard_normal"),
        *(f"metrics.{name}" for name in ("kl", "modes", "wasserstein1")),
    ]
    assert [name for name in public if f"`{name}`" not in text] == []
