/** The distributions on the line, with the names and fields of `gan_lab.data`. */
import { type Distribution, type DistributionSpec, type Numbers, SpecError } from "./types.js";
import { unknown } from "./errors.js";

const ROOT_2PI = Math.sqrt(2 * Math.PI);

/** sum of c[i] x^i */
function polynomial(x: number, c: readonly number[]): number {
  let sum = 0;
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

// Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", PPND16
const A = [3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727];
const B = [1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852854561];
const C = [1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4];
const D = [1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9];
const E = [6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7];
const F = [1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15];

/** Quantile of the standard normal, relative error about 1e-16. */
export function normalQuantile(u: number): number {
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    // written out: 85 % of all draws come this way
    const r = 0.180625 - q * q;
    const top = ((((((A[7] * r + A[6]) * r + A[5]) * r + A[4]) * r + A[3]) * r + A[2]) * r + A[1]) * r + A[0];
    const bottom = ((((((B[7] * r + B[6]) * r + B[5]) * r + B[4]) * r + B[3]) * r + B[2]) * r + B[1]) * r + 1;
    return (q * top) / bottom;
  }
  const r = Math.sqrt(-Math.log(Math.min(u, 1 - u)));
  const x = r <= 5 ? polynomial(r - 1.6, C) / polynomial(r - 1.6, D) : polynomial(r - 5, E) / polynomial(r - 5, F);
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

abstract class Line implements Distribution {
  readonly dim = 1;
  readonly uniforms: number = 1;
  abstract readonly spec: DistributionSpec;
  abstract readonly range: readonly [number, number];
  abstract readonly mean: number;
  abstract readonly std: number;
  abstract density(x: number): number;
  abstract cdf(x: number): number;
  abstract quantile(u: number): number;
  fromUniform(u: Numbers, at: number): number {
    return this.quantile(u[at]);
  }
}

class Gaussian extends Line {
  readonly spec;
  readonly range: readonly [number, number];
  constructor(readonly mean: number, readonly std: number) {
    super();
    this.spec = { name: "gaussian" as const, mean, std };
    this.range = [mean - 3.5 * std, mean + 3.5 * std];
  }
  density(x: number) {
    return normalDensity((x - this.mean) / this.std) / this.std;
  }
  cdf(x: number) {
    return normalCdf((x - this.mean) / this.std);
  }
  quantile(u: number) {
    return this.mean + this.std * normalQuantile(u);
  }
}

class Mixture extends Line {
  readonly spec;
  readonly range: readonly [number, number];
  readonly mean: number;
  readonly std: number;
  override readonly uniforms = 2;
  private readonly parts: Gaussian[];
  private readonly edges: number[];
  constructor(means: number[], stds: number[], private readonly weights: number[]) {
    super();
    this.parts = means.map((mean, i) => new Gaussian(mean, stds[i]));
    let sum = 0;
    this.edges = weights.map((w) => (sum += w));
    this.spec = { name: "mixture" as const, means, stds, weights };
    this.range = [Math.min(...this.parts.map((p) => p.range[0])), Math.max(...this.parts.map((p) => p.range[1]))];
    this.mean = this.over((p) => p.mean);
    this.std = Math.sqrt(this.over((p) => p.std ** 2 + (p.mean - this.mean) ** 2));
  }
  private over(f: (part: Gaussian) => number): number {
    return this.parts.reduce((sum, part, i) => sum + this.weights[i] * f(part), 0);
  }
  density(x: number) {
    return this.over((p) => p.density(x));
  }
  cdf(x: number) {
    return this.over((p) => p.cdf(x));
  }
  /** No closed form: the distribution function is increasing, so an interval is halved down to the last bit. */
  quantile(u: number) {
    let low = Math.min(...this.parts.map((p) => p.mean - 9 * p.std));
    let high = Math.max(...this.parts.map((p) => p.mean + 9 * p.std));
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (this.cdf(middle) < u) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
  /** One uniform picks the component, the next its quantile. */
  override fromUniform(u: Numbers, at: number) {
    let i = 0;
    while (i < this.edges.length - 1 && u[at] >= this.edges[i]) i++;
    return this.parts[i].quantile(u[at + 1]);
  }
}

/** Constant density on equal bins: the uniform distribution is the one with a single bin. */
class Histogram extends Line {
  readonly range: readonly [number, number];
  readonly mean: number;
  readonly std: number;
  /** edges[i] is the mass below bin i */
  private readonly edges: number[] = [0];
  private readonly width: number;
  constructor(readonly spec: DistributionSpec, private readonly low: number, high: number, private readonly mass: number[]) {
    super();
    this.range = [low, high];
    this.width = (high - low) / mass.length;
    for (const m of mass) this.edges.push(this.edges[this.edges.length - 1] + m);
    this.edges[mass.length] = 1;
    const middle = (i: number) => low + (i + 0.5) * this.width;
    this.mean = mass.reduce((s, m, i) => s + m * middle(i), 0);
    this.std = Math.sqrt(mass.reduce((s, m, i) => s + m * ((middle(i) - this.mean) ** 2 + this.width ** 2 / 12), 0));
  }
  private bin(x: number) {
    return Math.max(0, Math.min(this.mass.length - 1, Math.floor((x - this.low) / this.width)));
  }
  density(x: number) {
    return x < this.low || x > this.range[1] ? 0 : this.mass[this.bin(x)] / this.width;
  }
  cdf(x: number) {
    if (x <= this.low) return 0;
    if (x >= this.range[1]) return 1;
    const i = this.bin(x);
    return this.edges[i] + (this.mass[i] * (x - this.low - i * this.width)) / this.width;
  }
  quantile(u: number) {
    let i = 0;
    while (i < this.mass.length - 1 && u >= this.edges[i + 1]) i++;
    return this.low + this.width * (i + (u - this.edges[i]) / this.mass[i]);
  }
}

class Exponential extends Line {
  readonly spec;
  readonly range: readonly [number, number];
  readonly mean: number;
  readonly std: number;
  constructor(private readonly rate: number) {
    super();
    this.spec = { name: "exponential" as const, rate };
    this.range = [0, 7 / rate];
    this.mean = this.std = 1 / rate;
  }
  density(x: number) {
    return x < 0 ? 0 : this.rate * Math.exp(-this.rate * x);
  }
  cdf(x: number) {
    return -Math.expm1(-this.rate * Math.max(x, 0));
  }
  quantile(u: number) {
    return -Math.log1p(-u) / this.rate;
  }
}

/** Density sin(x) / 2 on [0, pi]. */
class Sine extends Line {
  readonly spec = { name: "sine" as const };
  readonly range = [0, Math.PI] as const;
  readonly mean = Math.PI / 2;
  readonly std = Math.sqrt(Math.PI ** 2 / 4 - 2);
  density(x: number) {
    return x < 0 || x > Math.PI ? 0 : Math.sin(x) / 2;
  }
  cdf(x: number) {
    return (1 - Math.cos(Math.max(0, Math.min(Math.PI, x)))) / 2;
  }
  quantile(u: number) {
    return Math.acos(1 - 2 * u);
  }
}

export const DISTRIBUTIONS = ["gaussian", "mixture", "uniform", "exponential", "sine", "drawn"] as const;

function check(where: string, values: readonly number[], ok: (x: number) => boolean, wanted: string): void {
  const bad = values.length ? values.find((v) => !Number.isFinite(v) || !ok(v)) : "empty";
  if (bad !== undefined) throw new SpecError(`${where} is ${bad}: it must be ${wanted}.`);
}

const any = () => true;
const positive = (x: number) => x > 0;
const notNegative = (x: number) => x >= 0;

/** Shares of 1, from weights or heights that do not all vanish. */
function shares(where: string, values: number[]): number[] {
  check(where, values, notNegative, "a list of numbers >= 0");
  const sum = values.reduce((s, v) => s + v, 0);
  if (sum <= 0) throw new SpecError(`${where} are all 0: at least one must be positive.`);
  return values.map((v) => v / sum);
}

function interval(low: number, high: number): void {
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
      return new Gaussian(mean, std);
    }
    case "mixture": {
      const { means, stds, weights = means.map(() => 1) } = spec;
      check("means", means, any, "a list of finite numbers");
      check("stds", stds, positive, "a list of numbers > 0");
      if (stds.length !== means.length || weights.length !== means.length) {
        throw new SpecError(
          `a mixture of ${means.length} means has ${stds.length} stds and ${weights.length} weights: give as many of each.`,
        );
      }
      return new Mixture(means, stds, shares("weights", weights));
    }
    case "uniform": {
      const { low = 0, high = 1 } = spec;
      interval(low, high);
      return new Histogram({ name: "uniform", low, high }, low, high, [1]);
    }
    case "exponential": {
      const { rate = 1 } = spec;
      check("rate", [rate], positive, "a number > 0");
      return new Exponential(rate);
    }
    case "sine":
      return new Sine();
    case "drawn": {
      const { low = -4, high = 4, heights } = spec;
      interval(low, high);
      return new Histogram({ name: "drawn", low, high, heights }, low, high, shares("heights", heights));
    }
    default:
      throw unknown("distribution", (spec as { name?: unknown } | undefined)?.name, DISTRIBUTIONS);
  }
}
