/** How two runs differ, drawn: what their discriminators disagree on, and where the same noise went. */
import type { LossName } from "../engine/types";
import type { Picture } from "../plane/index";
import type { Colours, Plot } from "../ui/index";

/** Noise whose two images are joined by an arrow. */
const ARROWS = 160;

/**
 * `b` with D_b − D_a in place of its scores, both read as numbers from 0 to 1: from −1 (generator's colour) to 1, as
 * least squares would be read.
 */
export function difference(a: Picture, lossA: LossName, b: Picture, lossB: LossName): Picture {
  const readA = a.reading(lossA), readB = b.reading(lossB);
  return Object.create(b, { s: { value: b.s.map((s, i) => 0.5 + (readB(s) - readA(a.s[i]!)) / 2) } });
}

/** Arrows from G_a(z) to G_b(z), as long as the way is. */
export function displacement(plot: Plot, a: Picture, b: Picture, c: Colours): void {
  const { ctx, width, height } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, width, height);
  ctx.clip();
  for (let i = 0; i < 2 * ARROWS; i += 2) {
    const [x, y, u, v] = [plot.X(a.fake[i]!), plot.Y(a.fake[i + 1]!), plot.X(b.fake[i]!), plot.Y(b.fake[i + 1]!)];
    if (Math.abs(u) + Math.abs(v) + Math.abs(x) + Math.abs(y) < 1e4) {
      plot.arrow(x, y, u, v, c.generator, { width: 1, alpha: 0.75 }, 4);
    }
  }
  ctx.restore();
}
