"""A progress bar, where one is asked for."""

from __future__ import annotations

from typing import Any


def progress_bar(steps: int, shown: bool, words: str | None = None) -> Any:
    """A bar of so many steps; where it is not shown, one that does nothing."""
    if shown:
        from tqdm.auto import tqdm  # in a notebook it loads widgets, which takes a second
    else:
        from tqdm.std import tqdm
    return tqdm(total=steps, unit="step", desc=words, disable=not shown)
