"""The playground beside GAN Lab: training steps a second and frames a second, everything drawn, at two widths."""

from __future__ import annotations

import gzip
from typing import Any

from benchmarks.figure1 import WIDTHS, played
from benchmarks.result import Result
from benchmarks.sizes import STATIC, VIEW_BARS

FPS_BAR = 55.0
# GAN Lab as shipped makes one iteration a frame: 60 a second at most, with the same 2 x 32 units
GAN_LAB = 60.0
STEPS_BAR = 50 * GAN_LAB

WIDGET = '<gan-lab view="playground" speed="1e9" arrows></gan-lab>'

# nothing drawn: what the engine does when it has the page to itself
ALONE = """seconds => {
  const engine = document.querySelector("gan-lab").view.engine(), begun = performance.now();
  let steps = 0;
  for (; performance.now() - begun < seconds * 1000; steps += 20) engine.step(20);
  return steps / ((performance.now() - begun) / 1000);
}"""


def measure() -> Result:
    """Passes when steps and frames are at their bars at both widths. Heat map, manifold, arrows and scores are on."""
    found: dict[int, dict[str, Any]] = {}
    for width in WIDTHS:
        found[width], scripts = played(WIDGET, width, ALONE)
    total = sum((STATIC / name).stat().st_size for name in scripts)
    packed = sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in scripts)
    slowest = min(each["fps"] for each in found.values())
    steps = min(each["steps"] for each in found.values())
    numbers = {f"{key}_{width}": round(value, 1) for width, each in found.items() for key, value in each.items()}
    return Result(
        figure=f"{steps:.0f} steps/s ({steps / GAN_LAB:.0f}x GAN Lab's {GAN_LAB:.0f}) at {slowest:.1f} frames/s",
        bar=f"at least {STEPS_BAR:.0f} steps/s and {FPS_BAR:.0f} frames/s",
        passed=steps >= STEPS_BAR and slowest >= FPS_BAR,
        numbers={"steps": round(steps), "fps": round(slowest, 1), "bytes": total, "gzip_bytes": packed, **numbers},
        lines=(
            *(
                f"{width} px: {each['steps']:.0f} steps/s at {each['fps']:.1f} frames/s with everything drawn "
                f"(1 gap in 100 over {each['slow']:.0f} ms), {each['alone']:.0f} steps/s with nothing drawn"
                for width, each in found.items()
            ),
            f"{' + '.join(sorted(scripts))}: {total} bytes (bar {VIEW_BARS['playground']}), {packed} with gzip",
        ),
    )
