"""What a run was made with: the processor, the versions, the commit."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from gan_lab._version import __version__


def hardware(device: torch.device) -> dict[str, Any]:
    """The device type, the processor's name, the GPU's where the run used it, and the number of threads."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    return {"device": device.type, "cpu": _processor(), "gpu": gpu, "threads": torch.get_num_threads()}


def versions() -> dict[str, Any]:
    """Of Python, PyTorch and gan_lab; and the commit of gan_lab's sources, "+" behind it where they were changed."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "gan_lab": __version__,
        "commit": _commit(Path(__file__).parents[1]),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine() or "unknown"


def _commit(package: Path) -> str | None:
    """The commit where the package is under version control, else None."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(package), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()

    try:
        if not git("ls-files", "__init__.py"):  # installed into somebody's repository, but not part of it
            return None
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.SubprocessError):
        return None
