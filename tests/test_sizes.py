"""What pages load for their widgets stays as small as it was promised (benchmarks/sizes.py); no browser needed."""

from __future__ import annotations

import pytest

from benchmarks import sizes
from gan_lab import widgets


def test_no_page_and_no_view_is_over_its_bar() -> None:
    assert sizes.over() == []


def test_bars_are_near_what_was_measured() -> None:
    """A bar far above its page holds nothing: at most 6 % more than there is."""
    for view, bar in sizes.VIEW_BARS.items():
        assert bar <= 1.06 * sizes.size(sizes.needed([view])), view
    for page, bar in sizes.PAGE_BARS.items():
        assert bar <= 1.06 * sizes.size(sizes.needed(sizes.pages()[page])), page


def test_a_script_that_grows_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sizes.VIEW_BARS, "figure1", 1)
    (fault,) = sizes.over()
    assert fault.startswith("the view figure1 loads ") and fault.endswith("its bar is 1.")


def test_every_widget_of_the_book_is_counted() -> None:
    """Views are those of gan_lab.widgets, and every function there is known."""
    assert set(sizes.NEEDS) == set(widgets.VIEWS) and set(sizes.WIDGETS.values()) <= set(widgets.VIEWS)
    functions = {name for name in widgets.__all__ if name[0].islower()}
    assert functions == set(sizes.WIDGETS) | sizes.OTHERS
    assert {"figure1", "playground", "run"} <= {view for views in sizes.pages().values() for view in views}
