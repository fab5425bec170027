"""What only a GPU can show: the listing against `gan_lab` on the same GPU, plain, bf16 and as CUDA graphs."""

from __future__ import annotations

import torch

from benchmarks import listing
from benchmarks.result import Result


def measure() -> Result:
    """The figure of the benchmark `listing` on the GPU; where there is none, a row that says so and passes nothing."""
    if torch.cuda.is_available():
        return listing.measure()
    return Result(
        figure="unmeasured: PyTorch sees no GPU here",
        bar=f"at least {listing.BAR_GPU:g}x",
        passed=False,
        numbers={"device": "none", "torch": str(torch.__version__)},
        lines=("run it on a machine with an NVIDIA GPU and a CUDA build of PyTorch",),
    )
