"""What the machine can do at best, measured beside the benchmarks: products of matrices, and memory traffic."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch


def _best(call: Callable[[], object], device: torch.device, seconds: float = 1.0) -> float:
    """Seconds of the fastest call: the peak, not the average of a shared machine."""
    call()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return best


def matmul_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a large square product (a multiply-add counts as two)."""
    n = 8_192 if device.type == "cuda" else 1_024
    a = torch.randn(n, n, device=device).to(dtype)
    return 2 * n**3 / _best(lambda: a @ a, device)


def bandwidth(device: torch.device) -> float:
    """Bytes a second of adding two large arrays into a third (two read, one written)."""
    n = 2**28 if device.type == "cuda" else 2**25
    a, b, c = (torch.zeros(n, device=device) for _ in range(3))
    return 12 * n / _best(lambda: torch.add(a, b, out=c), device)
