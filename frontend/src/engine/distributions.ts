/** The distributions on the line, with the names and fields of `gan_lab.data`. */
import { type Distribution, type DistributionSpec, SpecError } from "./types.js";
import { unknown } from "./errors.js";

const ROOT_2PI = Math.sqrt(2 * Math.PI);

/** sum of c[i] x^i */
function polynomial(x: number, c: readonly number[]): number {
  let sum = 0;
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

// Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", PPND16
const C = [1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4];
const D = [1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9];
const E = [6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182650489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7];
const F = [1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15];

/** Quantile of the standard normal, relative error about 1e-16. */
export function normalQuantile(u: number): number {
  const q = u - 0.5;
  let r = 0.180625 - q * q;
  // written out: 85 % of all draws come this way
  if (r >= 0) {
    return (
      (q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
        + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
        + 133.14166789178437745) * r + 3.387132872796366608)) /
      (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
        + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
        + 42.313330701600911252) * r + 1)
    );
  }
  r = Math.sqrt(-Math.log(Math.min(u, 1 - u))) - 1.6;
  const x = r <= 3.4 ? polynomial(r, C) / polynomial(r, D) : polynomial(r - 3.4, E) / polynomial(r - 3.4, F);
  return q < 0 ? -x : x;
}

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / ROOT_2PI;
}

/** Distribution function of the standard normal, absolute error about 1e-15, relative in the lower tail too. */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  let upper: number;
  if (z > 38) {
    upper = 0;
  } else if (z > 3) {
    // Laplace's continued fraction of Mills' ratio, from the inside out
    let ratio = z;
    for (let i = Math.ceil(20 + 300 / z); i > 0; i--) ratio = z + i / ratio;
    upper = normalDensity(z) / ratio;
  } else {
    // 1/2 + density (x + x^3/3 + x^5/15 + ...): no term is negative
    let term = z;
    let sum = z;
    for (let i = 3; sum + term !== sum; i += 2) sum += term *= (z * z) / i;
    upper = 0.5 - normalDensity(z) * sum;
  }
  return x < 0 ? upper : 1 - upper;
}

/** What every distribution on the line has in common: a sample is the quantile of one uniform. */
function line(
  spec: DistributionSpec,
  range: readonly [number, number],
  mean: number,
  std: number,
  density: (x: number) => number,
  cdf: (x: number) => number,
  quantile: (u: number) => number,
): Distribution {
  return { spec, range, mean, std, density, cdf, quantile, dim: 1, uniforms: 1,
    fromUniform: (u, at, out, to) => (out[to] = quantile(u[at])) };
}

function gaussian(mean: number, std: number): Distribution {
  return line(
    { name: "gaussian", mean, std },
    [mean - 3.5 * std, mean + 3.5 * std],
    mean,
    std,
    (x) => normalDensity((x - mean) / std) / std,
    (x) => normalCdf((x - mean) / std),
    (u) => mean + std * normalQuantile(u),
  );
}

function mixture(means: number[], stds: number[], weights: number[]): Distribution {
  const parts = means.map((mean, i) => gaussian(mean, stds[i]));
  const over = (f: (part: Distribution) => number) => parts.reduce((sum, part, i) => sum + weights[i] * f(part), 0);
  const reach = (deviations: number): [number, number] => [
    Math.min(...parts.map((p) => p.mean - deviations * p.std)),
    Math.max(...parts.map((p) => p.mean + deviations * p.std)),
  ];
  const mean = over((p) => p.mean);
  const cdf = (x: number) => over((p) => p.cdf(x));
  /** No closed form: the distribution function is increasing, so an interval is halved down to the last bit. */
  const quantile = (u: number) => {
    let [low, high] = reach(9);
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (cdf(middle) < u) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  let sum = 0;
  const edges = weights.map((w) => (sum += w));
  return {
    ...line(
      { name: "mixture", means, stds, weights },
      reach(3.5),
      mean,
      Math.sqrt(over((p) => p.std ** 2 + (p.mean - mean) ** 2)),
      (x) => over((p) => p.density(x)),
      cdf,
      quantile,
    ),
    uniforms: 2,
    /** One uniform picks the component, the next its quantile. */
    fromUniform(u, at, out, to) {
      let i = 0;
      while (i < edges.length - 1 && u[at] >= edges[i]) i++;
      out[to] = parts[i].quantile(u[at + 1]);
    },
  };
}

/** Constant density on equal bins, in which the given shares of the mass lie. */
function histogram(spec: DistributionSpec, low: number, high: number, mass: number[]): Distribution {
  const n = mass.length;
  const width = (high - low) / n;
  /** the mass below each bin */
  const edges = [0];
  for (const m of mass) edges.push(edges[edges.length - 1] + m);
  edges[n] = 1;
  const bin = (x: number) => Math.max(0, Math.min(n - 1, Math.floor((x - low) / width)));
  const middle = (i: number) => low + (i + 0.5) * width;
  const mean = mass.reduce((sum, m, i) => sum + m * middle(i), 0);
  return line(
    spec,
    [low, high],
    mean,
    Math.sqrt(mass.reduce((sum, m, i) => sum + m * ((middle(i) - mean) ** 2 + width ** 2 / 12), 0)),
    (x) => (x < low || x > high ? 0 : mass[bin(x)] / width),
    (x) => {
      const i = bin((x = Math.max(low, Math.min(high, x))));
      return edges[i] + (mass[i] * (x - low - i * width)) / width;
    },
    (u) => {
      let i = 0;
      while (i < n - 1 && u >= edges[i + 1]) i++;
      return low + width * (i + (u - edges[i]) / mass[i]);
    },
  );
}

export const DISTRIBUTIONS = ["gaussian", "mixture", "uniform", "exponential", "sine", "drawn"] as const;

export function check(where: string, values: readonly number[], ok: (x: number) => boolean, wanted: string): void {
  const bad = values.length ? values.find((v) => !Number.isFinite(v) || !ok(v)) : "empty";
  if (bad !== undefined) throw new SpecError(`${where} is ${bad}: it must be ${wanted}.`);
}

export const any = () => true;
export const positive = (x: number) => x > 0;
const notNegative = (x: number) => x >= 0;

/** Shares of 1, from weights or heights that do not all vanish. */
function shares(where: string, values: number[]): number[] {
  check(where, values, notNegative, "a list of numbers >= 0");
  const sum = values.reduce((s, v) => s + v, 0);
  if (sum <= 0) throw new SpecError(`${where} are all 0: at least one must be positive.`);
  return values.map((v) => v / sum);
}

export function interval(low: number, high: number): void {
  check("low", [low], any, "a finite number");
  check("high", [high], (x) => x > low, "a finite number above low");
}

/** The distribution that a spec names. Throws SpecError for unknown names and fields out of range. */
export function createDistribution(spec: DistributionSpec): Distribution {
  switch (spec?.name) {
    case "gaussian": {
      const { mean = 0, std = 1 } = spec;
      check("mean", [mean], any, "a finite number");
      check("std", [std], positive, "a number > 0");
      return gaussian(mean, std);
    }
    case "mixture": {
      const { means, stds, weights = means.map(() => 1) } = spec;
      check("means", means, any, "a list of finite numbers");
      check("stds", stds, positive, "a list of numbers > 0");
      if (stds.length !== means.length || weights.length !== means.length) {
        throw new SpecError(
          `a mixture of ${means.length} means has ${stds.length} stds and ${weights.length} weights: `
            + "give as many of each.",
        );
      }
      return mixture(means, stds, shares("weights", weights));
    }
    case "uniform": {
      const { low = 0, high = 1 } = spec;
      interval(low, high);
      return histogram({ name: "uniform", low, high }, low, high, [1]);
    }
    case "exponential": {
      const { rate = 1 } = spec;
      check("rate", [rate], positive, "a number > 0");
      return line(
        { name: "exponential", rate },
        [0, 7 / rate],
        1 / rate,
        1 / rate,
        (x) => (x < 0 ? 0 : rate * Math.exp(-rate * x)),
        (x) => -Math.expm1(-rate * Math.max(x, 0)),
        (u) => -Math.log1p(-u) / rate,
      );
    }
    case "sine":
      return line(
        { name: "sine" },
        [0, Math.PI],
        Math.PI / 2,
        Math.sqrt(Math.PI ** 2 / 4 - 2),
        (x) => (x < 0 || x > Math.PI ? 0 : Math.sin(x) / 2),
        (x) => (1 - Math.cos(Math.max(0, Math.min(Math.PI, x)))) / 2,
        (u) => Math.acos(1 - 2 * u),
      );
    case "drawn": {
      const { low = -4, high = 4, heights } = spec;
      interval(low, high);
      return histogram({ name: "drawn", low, high, heights }, low, high, shares("heights", heights));
    }
    default:
      throw unknown("distribution", (spec as { name?: unknown } | undefined)?.name, DISTRIBUTIONS);
  }
}
