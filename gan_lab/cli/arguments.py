"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tyro.conf import arg

RunFolder = Annotated[Path, arg(metavar="FOLDER", help="The folder of a run: the --out of `gan-lab train`.")]
Device = Annotated[str, arg(metavar="DEVICE", help="cpu, cuda, cuda:1, ...; auto is the GPU where there is one.")]
Json = Annotated[bool, arg(help="Print JSON for programs to read.")]
