"""The name under which gan_lab is installed, and the stranger of nearly the same name.

The module is ``gan_lab``; its distribution is called ``adversarial-game``, because the package index has a ``gan-lab``
by other people, whose module is called ``gan_lab`` as well. In one environment each overwrites files of the other.
"""

from __future__ import annotations

import functools
import importlib.metadata
from pathlib import Path
from typing import NamedTuple

NAME, STRANGER = "adversarial-game", "gan-lab"
HERE = Path(__file__).resolve().parent


class Stranger(NamedTuple):
    """The other distribution, installed: its version, and the folder of its ``gan_lab``."""

    version: str
    folder: Path

    @property
    def words(self) -> str:
        """What is wrong and what to do, in one sentence."""
        return (
            f"{STRANGER} {self.version} is installed in {self.folder}, a package by other people with a gan_lab of its "
            f"own: `python -m pip uninstall -y {STRANGER} {NAME}`, then install {NAME} again."
        )


def stranger() -> Stranger | None:
    """The stranger where it is installed; None where it is not."""
    try:
        found = importlib.metadata.distribution(STRANGER)
    except importlib.metadata.PackageNotFoundError:
        return None
    if "Summary" in found.metadata and "The Adversarial Game" in found.metadata["Summary"]:
        return None  # ours, from before it had a name of its own
    # an installation of our own under its old name, in place from a folder, has put no file into a gan_lab
    if any(file.parts[0] == "gan_lab" for file in found.files or ()):
        return Stranger(found.version, Path(str(found.locate_file("gan_lab"))).resolve())
    return None


@functools.cache
def check() -> None:
    """Raises ImportError where the stranger's files and ours lie in one folder."""
    if (other := stranger()) and other.folder == HERE:
        raise ImportError(other.words)
