"""What the processor does in hardware, and what it only imitates."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path

import torch

# The instructions that multiply in bfloat16: Intel's matrix unit, AVX-512's and AVX10's extension, ARM's.
BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "avx10_2", "bf16", "sve_bf16")


@functools.cache
def cpu_features() -> frozenset[str]:
    """The names of what this CPU has, as PyTorch names it, or Linux; empty where neither says."""
    if hasattr(torch.cpu, "get_capabilities"):
        return frozenset(name for name, there in torch.cpu.get_capabilities().items() if there is True)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return frozenset()
    listed = (line.split(":", 1)[1].split() for line in lines if line.startswith(("flags", "Features")))
    return frozenset(name for names in listed for name in names)


def native_bf16(device: str | torch.device = "cpu") -> bool:
    """Whether the device multiplies in bfloat16 by instructions of its own; True where nobody says.

    Where it does not, PyTorch imitates them: the numbers are right, and training is slower than in float32, several
    times where the CPU has no AVX-512 either.
    """
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if kind == "cpu" and (features := cpu_features()):
        return not features.isdisjoint(BF16_INSTRUCTIONS)
    return True


def warn_if_emulated(device: str | torch.device, precision: str) -> None:
    """Warn, once a place in the code, where ``precision`` is "bf16" and the device has no instructions for it."""
    if precision == "bf16" and not native_bf16(device):
        kind = "GPU" if torch.device(device).type == "cuda" else "CPU"
        warnings.warn(
            f"this {kind} has no bf16 instructions: PyTorch imitates them, slower than float32, often several times. "
            "Train in precision float32.",
            stacklevel=3,
        )
