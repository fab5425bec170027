/** Who is winning, in the plane: the scores of `gan_lab.metrics`, each with the floor that a perfect sampler sets. */
import { sample } from "./law.js";
import { DATA, Stream } from "./philox.js";
import type { Numbers, Plane } from "./types.js";

export interface ModeReport {
  covered: number;
  total: number;
  /** share of the samples within 3 standard deviations of a centre */
  highQuality: number;
  /** KL(shares of the samples || uniform over the modes), in nats */
  reverseKl: number;
  /** high-quality samples of each mode */
  counts: number[];
}

/** As `gan_lab.metrics.modes` (Srivastava et al. 2017, section 4.1); null where the target has no centres. */
export function modes(samples: Numbers, { centres, std }: Plane): ModeReport | null {
  if (!centres) return null;
  const n = samples.length / 2, counts = centres.map(() => 0), nearest = centres.map(() => 0);
  for (let i = 0; i < n; i++) {
    let best = 0, least = Infinity;
    centres.forEach(([x, y], k) => {
      const square = (samples[2 * i] - x) ** 2 + (samples[2 * i + 1] - y) ** 2;
      if (square < least) [best, least] = [k, square];
    });
    nearest[best]++;
    if (least <= 9 * std * std) counts[best]++;
  }
  const covered = counts.filter((c) => c).length, total = centres.length;
  const reverseKl = nearest.reduce((sum, c) => (c ? sum + (c / n) * Math.log((c / n) * total) : sum), 0);
  return { covered, total, highQuality: counts.reduce((a, b) => a + b, 0) / n, reverseKl, counts };
}

/** The mean of the Wasserstein-1 distances of x and y, (n, 2) each, along `directions` evenly spaced directions. */
export function slicedWasserstein(x: Numbers, y: Numbers, directions = 64): number {
  const n = x.length / 2, a = new Float64Array(n), b = new Float64Array(n);
  let sum = 0;
  for (let d = 0; d < directions; d++) {
    const angle = (Math.PI * (d + 0.5)) / directions, c = Math.cos(angle), s = Math.sin(angle);
    for (let i = 0; i < n; i++) {
      a[i] = c * x[2 * i] + s * x[2 * i + 1];
      b[i] = c * y[2 * i] + s * y[2 * i + 1];
    }
    a.sort();
    b.sort();
    for (let i = 0; i < n; i++) sum += Math.abs(a[i] - b[i]);
  }
  return sum / (n * directions);
}

/** 2 E|X - Y| - E|X - X'| - E|Y - Y'| over distinct pairs (Szekely and Rizzo 2013), (n, 2) and (m, 2). */
export function energyDistance(x: Numbers, y: Numbers): number {
  const mean = (p: Numbers, q: Numbers) => {
    const n = p.length / 2, m = q.length / 2, same = p === q;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (let j = same ? i + 1 : 0; j < m; j++) sum += Math.hypot(p[2 * i] - q[2 * j], p[2 * i + 1] - q[2 * j + 1]);
    }
    return same ? (2 * sum) / (n * (n - 1)) : sum / (n * m);
  };
  return 2 * mean(x, y) - mean(x, x) - mean(y, y);
}

/** What a run is scored by. The modes are missing where the target has none. */
export interface Scores {
  covered?: number;
  highQuality?: number;
  reverseKl?: number;
  slicedWasserstein: number;
}

/** The scores of samples (n, 2), against real ones (n, 2). */
export function scores(samples: Numbers, real: Numbers, target: Plane): Scores {
  const report = modes(samples, target);
  return {
    ...(report && { covered: report.covered, highQuality: report.highQuality, reverseKl: report.reverseKl }),
    slicedWasserstein: slicedWasserstein(samples, real),
  };
}

/**
 * What n samples of the target itself score, against n others: the mean and the standard deviation over `seeds` draws.
 * No generator can be better than this other than by luck.
 */
export function floor(target: Plane, n: number, seeds = 5): { mean: Scores; std: Scores } {
  const drawn = Array.from({ length: seeds }, (_, seed) => {
    const stream = new Stream(seed, DATA);
    return scores(sample(target, n, stream), sample(target, n, stream), target);
  });
  const over = (f: (values: number[]) => number) =>
    Object.fromEntries(Object.keys(drawn[0]).map((key) =>
      [key, f(drawn.map((d) => d[key as keyof Scores]!))])) as unknown as Scores;
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / seeds;
  return { mean: over(mean), std: over((values) =>
    Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)) * (seeds / (seeds - 1 || 1)))) };
}
