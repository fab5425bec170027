/** The law of G(z) on the line: the noise's mass, pushed through G cell by cell, as in `gan_lab.metrics.density`. */
import type { Distribution, Numbers } from "./types.js";

/** The noise beyond this share, at either end, is counted in the last cell there. */
const TAIL = 1e-6;

/** n equally spaced points of noise, and the mass of each of the n - 1 cells between them, 1 in all. */
export function noiseCells(prior: Distribution, n: number): { z: Float64Array; mass: Float64Array } {
  const low = prior.quantile(TAIL), high = prior.quantile(1 - TAIL);
  const z = Float64Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));
  const below = (i: number) => (i === 0 ? 0 : i === n - 1 ? 1 : prior.cdf(z[i]));
  return { z, mass: Float64Array.from({ length: n - 1 }, (_, i) => below(i + 1) - below(i)) };
}

/** The last of the increasing `edges` that is not above v; 0 where all are. */
export function place(edges: Numbers, v: number): number {
  let low = 0, high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= v) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The mass between each two of `edges` (increasing), added to `out`. Cell i of the noise, of mass[i], goes evenly to
 * what lies between made[i] and made[i + 1]: G turns back at these points only, and where it does its branches are
 * summed. What goes beyond the edges is not counted.
 */
export function pushForward(mass: Numbers, made: Numbers, edges: Numbers,
  out: Float64Array = new Float64Array(edges.length - 1)): Float64Array {
  const last = edges.length - 1;
  out.fill(0);
  for (let i = 0; i < mass.length; i++) {
    const a = Math.min(made[i], made[i + 1]), b = Math.max(made[i], made[i + 1]), m = mass[i];
    if (b < edges[0] || a > edges[last]) continue;
    let j = place(edges, a);
    if (a === b) {
      out[Math.min(j, last - 1)] += m;
      continue;
    }
    for (; j < last && edges[j] < b; j++) {
      const reach = Math.min(b, edges[j + 1]) - Math.max(a, edges[j]);
      if (reach > 0) out[j] += (m * reach) / (b - a);
    }
  }
  return out;
}
