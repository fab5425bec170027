/** Who is winning, in the plane: the scores of `gan_lab.metrics`, each with the floor that a perfect sampler sets. */
import { sample } from "./law.js";
import { DATA, Stream } from "./philox.js";
import type { Numbers, Plane, Scores } from "./types.js";

/**
 * A mode is found where at least this part of the 1 / modes of all samples that it should have are of high quality: as
 * in `gan_lab.metrics.modes`. One sample is not enough: a shapeless cloud has one everywhere. No cloud of which less
 * than a quarter is of high quality finds all modes, and the data themselves practically never miss one.
 */
const FOUND = 0.25;
/** within 3 standard deviations of a centre: 1 - exp(-9 / 2) of a normal in the plane */
const QUALITY = -Math.expm1(-4.5);
/** samples from which the law of the target's projections is known, for the floor */
const MANY = 4096;
/** draws for the standard deviation of the distance at the floor, each beside so many others */
const DRAWS = 16, OTHERS = 4;

interface ModeReport {
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
  const total = centres.length, covered = counts.filter((c) => c >= (FOUND * n) / total).length;
  const reverseKl = nearest.reduce((sum, c) => (c ? sum + (c / n) * Math.log((c / n) * total) : sum), 0);
  return { covered, total, highQuality: counts.reduce((a, b) => a + b, 0) / n, reverseKl, counts };
}

/** x (n, 2) along each of evenly spaced directions, in order. */
function projections(x: Numbers, directions = 64): Float64Array[] {
  const n = x.length / 2;
  return Array.from({ length: directions }, (_, d) => {
    const angle = (Math.PI * (d + 0.5)) / directions, c = Math.cos(angle), s = Math.sin(angle);
    const along = new Float64Array(n);
    for (let i = 0; i < n; i++) along[i] = c * x[2 * i] + s * x[2 * i + 1];
    return along.sort();
  });
}

function between(a: Float64Array[], b: Float64Array[]): number {
  let sum = 0;
  a.forEach((along, d) => along.forEach((v, i) => { sum += Math.abs(v - b[d][i]); }));
  return sum / (a.length * a[0].length);
}

/** The mean of the Wasserstein-1 distances of x and y, (n, 2) each, along `directions` evenly spaced directions. */
export const slicedWasserstein = (x: Numbers, y: Numbers, directions = 64): number =>
  between(projections(x, directions), projections(y, directions));

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

/** Scores samples (n, 2) against the same real ones (n, 2) each time. */
export function judge(real: Numbers, target: Plane): (samples: Numbers) => Scores {
  const there = projections(real);
  return (samples) => {
    const report = modes(samples, target);
    return {
      ...(report && { covered: report.covered, highQuality: report.highQuality, reverseKl: report.reverseKl }),
      slicedWasserstein: between(projections(samples), there),
    };
  };
}

/** The mean of f(c) over binomial counts c of n, each with probability q. */
function binomial(n: number, q: number, f: (count: number) => number): number {
  if (q === 1) return f(n);
  let log = n * Math.log1p(-q), sum = 0;
  for (let c = 0; c <= n; c++) {
    sum += Math.exp(log) * f(c);
    log += Math.log(((n - c) / (c + 1)) * (q / (1 - q)));
  }
  return sum;
}

/**
 * What n samples of the target itself score, the distance against n others: the mean over all draws, and the standard
 * deviation. No generator can be better than this other than by luck. Centres must lie apart; `gan_lab.metrics` has the
 * same sums for them (`perfect_modes`).
 *
 * The mean distance along a direction is that of two binomial counts at each place x, where F of the mass lies below:
 * E|B - B'| / n = 2 sqrt(F (1 - F) / (pi n)) by the central limit theorem, integrated over x.
 */
export function floor(target: Plane, n: number): { mean: Scores; std: Scores } {
  const stream = new Stream(0, DATA), draws = Array.from({ length: DRAWS }, () =>
    projections(sample(target, n, stream)));
  const apart = draws.flatMap((draw, i) =>
    Array.from({ length: OTHERS }, (_, j) => between(draw, draws[(i + j + 1) % DRAWS])));
  const middle = apart.reduce((a, b) => a + b, 0) / apart.length;
  const std = { slicedWasserstein: Math.sqrt(apart.reduce((a, v) => a + (v - middle) ** 2, 0) / (apart.length - 1)) };
  const many = projections(sample(target, MANY, stream));
  let area = 0;
  for (const along of many) {
    for (let i = 1; i < MANY; i++) {
      const F = i / MANY;
      area += (along[i] - along[i - 1]) * 2 * Math.sqrt((F * (1 - F)) / (Math.PI * n));
    }
  }
  const mean = { slicedWasserstein: area / many.length };
  if (!target.centres) return { mean, std };
  const k = target.centres.length, found = Math.min(1, binomial(n, QUALITY / k, (c) => +(c >= (FOUND * n) / k)));
  return {
    mean: { covered: k * found, highQuality: QUALITY,
      reverseKl: k * binomial(n, 1 / k, (c) => (c ? (c / n) * Math.log((c / n) * k) : 0)), ...mean },
    // 2 n KL is about chi square of k - 1 degrees of freedom
    std: { covered: Math.sqrt(k * found * (1 - found)), highQuality: Math.sqrt((QUALITY * (1 - QUALITY)) / n),
      reverseKl: Math.sqrt(2 * (k - 1)) / (2 * n), ...std },
  };
}
