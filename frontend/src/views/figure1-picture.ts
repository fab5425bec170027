/**
 * Everything Figure 1 shows, measured from four arrays: G on a grid of z, the score s on a grid of x and at G(z), and
 * the generator's gradient at the arrows. It does not matter who trained them, the engine in the page or PyTorch.
 */
import type { Distribution, LossName, Numbers } from "../engine/types";
import { DATA, Stream } from "../engine/views";
import { clamp } from "../ui/index";

export const NX = 257;
export const NZ = 321;
export const ARROWS = 25;
export const SAMPLES = 4096;
/** Of the samples, these are drawn one by one. */
export const RUG = 256;
const LOG4 = Math.log(4);

const softplus = (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const dot = (a: Numbers, f: (i: number) => number) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (a[i]! > 0) sum += a[i]! * f(i);
  return sum;
};

/** What a loss makes of the score: the curve to draw, its range, and what the best answer is called. */
export interface Reading {
  range: [number, number];
  best: string;
}

export function reading(loss: LossName, bounded = true): Reading {
  switch (loss) {
    case "hinge": return { range: [-1.5, 1.5], best: "sign(p − q)" };
    case "wasserstein": return { range: [-1, 1], best: bounded ? "Kantorovich potential × K"
      : "±∞, by sign(p − q)" };
    case "least_squares": return { range: [-0.1, 1.1], best: "p/(p + q)" };
    case "relativistic": return { range: [0, 1], best: "p/(p + q)" };
    default: return { range: [0, 1], best: "p/(p + q)" };
  }
}

export class Picture {
  /** x from left to right, with p_data, p_g, the learned D and the best D there */
  readonly x = new Float64Array(NX);
  readonly p = new Float64Array(NX);
  readonly q = new Float64Array(NX);
  readonly D = new Float64Array(NX);
  readonly best = new Float64Array(NX);
  /** z from left to right, the mass of the prior around it, G(z), and p_g there (change of variables) */
  readonly z = new Float64Array(NZ);
  readonly mass = new Float64Array(NZ);
  readonly Gz = new Float64Array(NZ);
  readonly qz = new Float64Array(NZ);
  /** the arrows' feet, their heads, and minus the gradient of the generator's loss at their heads */
  readonly zArrow = new Float64Array(ARROWS);
  readonly xArrow = new Float64Array(ARROWS);
  readonly pull = new Float64Array(ARROWS);
  /** the scores on x and at G(z) */
  readonly s = new Float64Array(NX);
  readonly sg = new Float64Array(NZ);
  /** noise of the samples shown, the samples, and real ones beside them */
  readonly zSample = new Float64Array(SAMPLES);
  readonly fake = new Float64Array(SAMPLES);
  readonly real = new Float64Array(SAMPLES);
  /** is q exact, because G is monotone? */
  exact = false;
  V = NaN;
  /** max over D of V(G, D) in the loss's own game, and 2 JSD - log 4 */
  bestV = NaN;
  C = NaN;
  /** the mean distance of D from the best D, 0..1; the total variation between p and q */
  gap = 1;
  apart = 1;
  /** mean of |D - 1/2| (or of the critic's spread) */
  doubt = 1;
  peak = 1;
  window: [number, number] = [-4, 4];
  zWindow: [number, number] = [-1, 1];
  /** does anything keep the critic from growing without end? */
  bounded = true;
  private wp = new Float64Array(NX);
  private wq = new Float64Array(NX);
  private pz = new Float64Array(NZ);
  private bins = new Float64Array(NX);
  /** the same numbers every time: samples that move between two pictures were moved by G */
  private readonly u = new Float64Array(2 * SAMPLES);

  constructor() {
    new Stream(0, DATA).fill(this.u, 2 * SAMPLES);
  }

  /** New grids for a target and a prior. */
  setUp(target: Distribution, prior: Distribution): void {
    const margin = 0.12 * (target.range[1] - target.range[0]);
    this.window = [Math.min(target.range[0] - margin, -1.5), Math.max(target.range[1] + margin, 1.5)];
    this.zWindow = [prior.range[0], prior.range[1]];
    const [x0, x1] = this.window, [z0, z1] = this.zWindow, dz = (z1 - z0) / (NZ - 1);
    this.peak = 0;
    for (let i = 0; i < NX; i++) {
      this.x[i] = x0 + ((x1 - x0) * i) / (NX - 1);
      this.p[i] = target.density(this.x[i]!);
      this.peak = Math.max(this.peak, this.p[i]!);
    }
    for (let i = 0; i < NZ; i++) {
      const z = (this.z[i] = z0 + dz * i);
      this.mass[i] = prior.cdf(i === NZ - 1 ? Infinity : z + dz / 2) - prior.cdf(i ? z - dz / 2 : -Infinity);
      // the density of the noise, averaged over its cell: a uniform's edge is no fold of G
      this.pz[i] = prior.density(clamp(z, z0 + dz * 1e-3, z1 - dz * 1e-3));
    }
    // equal shares of the noise: where arrow heads crowd, p_g is high
    for (let i = 0; i < ARROWS; i++) this.zArrow[i] = prior.quantile((i + 0.5) / ARROWS);
    for (let i = 0; i < SAMPLES; i++) {
      this.zSample[i] = prior.quantile(this.u[i]!);
      this.real[i] = target.quantile(this.u[SAMPLES + i]!);
    }
    const total = this.p.reduce((a, b) => a + b);
    this.wp = this.p.map((v) => v / total);
  }

  /** Measures all the rest from Gz, fake, s and sg. */
  measure(loss: LossName, target: Distribution, exactWanted = true): void {
    this.exact = exactWanted && this.monotone();
    if (this.exact) this.pushForward();
    else this.smooth();
    const { p, q, wp, wq, mass, Gz, qz } = this, dx = this.x[1]! - this.x[0]!;
    const total = q.reduce((a, b) => a + b) || 1;
    for (let i = 0; i < NX; i++) wq[i] = q[i]! / total;
    if (!this.exact) for (let j = 0; j < NZ; j++) qz[j] = this.at(q, Gz[j]!);
    this.apart = clamp(1 - dx * p.reduce((a, v, i) => a + Math.min(v, q[i]!), 0), 0, 1);
    const share = (a: number, b: number) => (a > 0 ? Math.log(a / (a + b)) : 0);
    this.C = clamp(dot(wp, (i) => share(p[i]!, q[i]!)) + dot(mass, (j) => share(qz[j]!, target.density(Gz[j]!))), -LOG4,
      0);
    this.play(loss, target);
    let gap = 0, weight = 0, mean = 0;
    const [low, high] = reading(loss).range;
    for (let i = 0; i < NX; i++) {
      const w = wp[i]! + wq[i]!;
      if (!(w > 0) || Number.isNaN(this.best[i]!)) continue;
      weight += w;
      // hinge: beyond -1 and 1 nothing is gained
      gap += w * (loss === "hinge" ? Math.abs(clamp(this.D[i]!, -1, 1) - this.best[i]!) / 2
        : Math.min(1, Math.abs(this.D[i]! - this.best[i]!)));
      mean += w * Math.abs((this.D[i]! - (low + high) / 2) / (high - low));
    }
    this.gap = gap / weight;
    // a critic has no 1/2: that p_g = p_data must do
    this.doubt = loss === "wasserstein" ? 0 : mean / weight;
  }

  /** Does G never turn back? */
  monotone(): boolean {
    const { Gz } = this, sign = Gz[NZ - 1]! - Gz[0]!;
    for (let i = 1; i < NZ; i++) if (!((Gz[i]! - Gz[i - 1]!) * sign > 0)) return false;
    return true;
  }

  /** q = p_z / |G'| along G(z), laid onto the grid of x: for a monotone G. */
  private pushForward(): void {
    const { Gz, qz, q, z, pz, x } = this, sign = Gz[NZ - 1]! - Gz[0]!;
    for (let i = 0; i < NZ; i++) {
      const a = Math.max(0, i - 1), b = Math.min(NZ - 1, i + 1);
      qz[i] = (pz[i]! * (z[b]! - z[a]!)) / Math.abs(Gz[b]! - Gz[a]!);
    }
    q.fill(0);
    const dx = x[1]! - x[0]!;
    for (let i = 1; i < NZ; i++) {
      const [l, r] = sign > 0 ? [i - 1, i] : [i, i - 1];
      const from = Math.max(0, Math.ceil((Gz[l]! - x[0]!) / dx)),
        to = Math.min(NX - 1, Math.floor((Gz[r]! - x[0]!) / dx));
      for (let j = from; j <= to; j++) q[j] = qz[l]! + ((qz[r]! - qz[l]!) * (x[j]! - Gz[l]!)) / (Gz[r]! - Gz[l]!);
    }
  }

  /** q from the samples: binned, then smoothed by a Gaussian kernel of Silverman's width. */
  private smooth(): void {
    const { fake, bins, q, x } = this, dx = x[1]! - x[0]!;
    bins.fill(0);
    let mean = 0, square = 0;
    for (let i = 0; i < SAMPLES; i++) {
      mean += fake[i]! / SAMPLES;
      square += fake[i]! ** 2 / SAMPLES;
      const at = (fake[i]! - x[0]!) / dx, j = Math.floor(at);
      if (j >= 0 && j < NX - 1) {
        bins[j]! += 1 - (at - j);
        bins[j + 1]! += at - j;
      }
    }
    // less than Silverman's width: two modes must not melt into one
    const width = Math.max(0.8, (0.7 * 1.06 * Math.sqrt(Math.max(0, square - mean * mean)) * SAMPLES ** -0.2) / dx);
    const reach = Math.ceil(3 * width);
    q.fill(0);
    for (let k = -reach; k <= reach; k++) {
      const weight = Math.exp(-0.5 * (k / width) ** 2) / (width * Math.sqrt(2 * Math.PI) * SAMPLES * dx);
      for (let i = Math.max(0, -k); i < Math.min(NX, NX - k); i++) q[i + k]! += weight * bins[i]!;
    }
  }

  private at(values: Numbers, v: number): number {
    const f = (v - this.x[0]!) / (this.x[1]! - this.x[0]!), i = Math.floor(f);
    return i < 0 || i >= NX - 1 ? 0 : values[i]! * (1 - f + i) + values[i + 1]! * (f - i);
  }

  /** The mean over both laws of what is finite. */
  private centre(f: (i: number) => number): number {
    const { wp, wq } = this;
    let sum = 0, weight = 0;
    for (let i = 0; i < NX; i++) {
      const v = f(i), w = wp[i]! + wq[i]!;
      if (w > 0 && Number.isFinite(v)) { sum += w * v; weight += w; }
    }
    return weight ? sum / weight : 0;
  }

  /** The learned and the best discriminator, and what the game is worth with each. */
  private play(loss: LossName, target: Distribution): void {
    const { s, sg, p, q, D, best, wp, mass } = this;
    // where there is practically neither, there is nothing to tell apart
    const floor = 5e-3 * this.peak;
    for (let i = 0; i < NX; i++) best[i] = p[i]! + q[i]! > floor ? p[i]! / (p[i]! + q[i]!) : NaN;
    if (loss === "wasserstein") {
      this.playCritic();
    } else if (loss === "hinge") {
      for (let i = 0; i < NX; i++) {
        best[i] = Number.isNaN(best[i]!) ? NaN : Math.sign(p[i]! - q[i]!);
        D[i] = clamp(s[i]!, -9, 9);
      }
      this.V = -dot(wp, (i) => Math.max(0, 1 - s[i]!)) - dot(mass, (j) => Math.max(0, 1 + sg[j]!));
      this.bestV = -2 * (1 - this.apart);
    } else if (loss === "least_squares") {
      for (let i = 0; i < NX; i++) D[i] = s[i]!;
      this.V = -0.5 * (dot(wp, (i) => (s[i]! - 1) ** 2) + dot(mass, (j) => sg[j]! ** 2));
      this.bestV = -0.5 * dot(wp, (i) => q[i]! / (p[i]! + q[i]!));
    } else if (loss === "relativistic") {
      const both = (i: number) => (p[i]! > floor && q[i]! > floor ? s[i]! - Math.log(p[i]! / q[i]!) : NaN);
      const shift = this.centre(both);
      for (let i = 0; i < NX; i++) D[i] = sigmoid(s[i]! - shift);
      this.playPairs(target);
    } else {
      for (let i = 0; i < NX; i++) D[i] = sigmoid(s[i]!);
      this.V = -dot(wp, (i) => softplus(-s[i]!)) - dot(mass, (j) => softplus(sg[j]!));
      this.bestV = this.C;
    }
  }

  private playCritic(): void {
    const { s, sg, D, best, wp, wq, mass, x } = this;
    let F = 0, area = 0, K = 0, potential = 0;
    const dx = x[1]! - x[0]!;
    for (let i = 0; i < NX; i++) {
      best[i] = potential;
      F += wq[i]! - wp[i]!;
      area += Math.abs(F) * dx;
      // V is the integral of F times the slope of s: where F is 0, no slope counts
      if (i && Math.abs(F) > 2e-3) K = Math.max(K, Math.abs(s[i]! - s[i - 1]!) / dx);
      potential += Math.abs(F) < 2e-3 ? 0 : Math.sign(F) * dx;
    }
    // what nothing bounds has no best: it earns more and more, the steeper, up where p > q and down where p < q
    if (!this.bounded) K = Infinity;
    const c = this.centre((i) => s[i]!), b = this.centre((i) => best[i]!);
    let top = 1e-9;
    for (let i = 0; i < NX; i++) {
      D[i] = s[i]! - c;
      best[i] = this.bounded ? K * (best[i]! - b) : 0;
      top = Math.max(top, Math.abs(D[i]!), Math.abs(best[i]!));
    }
    if (!this.bounded) this.signs(top);
    // drawn in units of the largest value: a clipped critic lives on a scale of its own
    for (let i = 0; i < NX; i++) { D[i]! /= top; best[i]! /= top; }
    this.V = dot(wp, (i) => s[i]!) - dot(mass, (j) => sg[j]!);
    this.bestV = area > 0 ? K * area : 0;
  }

  /** The direction in which a critic without bounds grows. */
  private signs(size: number): void {
    const { p, q, best } = this, floor = 5e-3 * this.peak;
    for (let i = 0; i < NX; i++) best[i] = p[i]! + q[i]! > floor ? size * Math.sign(p[i]! - q[i]!) : NaN;
  }

  private playPairs(target: Distribution): void {
    const { s, sg, p, q, wp, mass, Gz, qz } = this;
    // every fourth point of each: 80 x 64 pairs are plenty for three digits
    let V = 0, bestV = 0, all = 0;
    for (let j = 0; j < NZ; j += 4) {
      const pj = target.density(Gz[j]!);
      for (let i = 0; i < NX; i += 4) {
        const w = wp[i]! * mass[j]!;
        if (!(w > 0)) continue;
        all += w;
        V -= w * softplus(sg[j]! - s[i]!);
        bestV += w * Math.log((p[i]! * qz[j]!) / (p[i]! * qz[j]! + pj * q[i]!) || 1);
      }
    }
    this.V = V / all;
    this.bestV = bestV / all;
  }
}
