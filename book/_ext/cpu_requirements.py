"""Writes the requirements for a machine without a GPU: the same versions, PyTorch from its own index of CPU wheels.

python book/_ext/cpu_requirements.py requirements.txt .binder/requirements.txt
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"
GPU_ONLY = re.compile(r"^(nvidia-|cuda-|triton==)")
FROM_INDEX = re.compile(r"^(torch|torchvision)==(\S+)")


def cpu_only(requirements: str) -> str:
    """The requirements without the GPU's packages, and with PyTorch's CPU builds."""
    lines = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    kept = [FROM_INDEX.sub(r"\1==\2+cpu", line) for line in lines if not GPU_ONLY.match(line)]
    note = "# requirements.txt for Linux without a GPU (Binder, GitHub Actions): `make requirements` writes this file."
    return "\n".join([note, INDEX, *kept]) + "\n"


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(cpu_only(source.read_text()))
