/**
 * Everything Figure 1 shows, measured from four arrays: G on a grid of z, the score s on a grid of x and at G(z), and
 * the generator's gradient at the arrows. It does not matter who trained them, the engine in the page or PyTorch.
 */
import type { Distribution, LossName } from "../engine/types";
import { DATA, noiseCells, Stream } from "../engine/views";
import { clamp } from "../ui/index";
import { Cells, sigmoid } from "./figure1-cells";

export const NX = 513;
const NZ = 1281;
export const ARROWS = 25;
export const SAMPLES = 4096;
/** Of the samples, these are drawn one by one. */
export const RUG = 256;
/** cells of the table of the data's distribution function */
const TABLE = 4096;

/** What a loss makes of the score: the curve to draw, its range, and what the best answer is called. */
interface Reading {
  range: [number, number];
  best: string;
}

/** `bounded`: something keeps a critic from growing without end. */
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
  /** x from left to right, with p_data, p_g (its mean over a cell), the learned D and the best D there */
  readonly x = new Float64Array(NX);
  readonly p = new Float64Array(NX);
  readonly q = new Float64Array(NX);
  readonly D = new Float64Array(NX);
  readonly best = new Float64Array(NX);
  /** z from left to right, and G(z) */
  z: Float64Array = new Float64Array(NZ);
  readonly Gz = new Float64Array(NZ);
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
  /** the game as sums over cells: what all numbers come from */
  readonly cells = new Cells(NX, NZ);
  V = NaN;
  /** max over D of V(G, D) in the loss's own game, and 2 JSD - log 4 */
  bestV = NaN;
  C = NaN;
  /** the mean distance of D from the best D, 0..1; the total variation between p and q */
  gap = 1;
  apart = 1;
  /** mean of |D - 1/2| (or of the critic's spread) */
  doubt = 1;
  /** in what share of cases D is right, of as many real samples as generated */
  right = 0.5;
  peak = 1;
  window: [number, number] = [-4, 4];
  zWindow: [number, number] = [-1, 1];
  /** does anything keep the critic from growing without end? */
  bounded = true;
  /** the mass of the noise between the points of z; the data's below the points of a table */
  #mass: Float64Array = new Float64Array(NZ - 1);
  readonly #below = new Float64Array(TABLE + 1);
  /** the same numbers every time: samples that move between two pictures were moved by G */
  readonly #u = new Float64Array(2 * SAMPLES);

  constructor() {
    new Stream(0, DATA).fill(this.#u, 2 * SAMPLES);
  }

  /** New grids for a target and a prior. */
  setUp(target: Distribution, prior: Distribution): void {
    const margin = 0.12 * (target.range[1] - target.range[0]);
    this.window = [Math.min(target.range[0] - margin, -1.5), Math.max(target.range[1] + margin, 1.5)];
    this.zWindow = [prior.range[0], prior.range[1]];
    const [x0, x1] = this.window;
    this.peak = 0;
    for (let i = 0; i < NX; i++) {
      this.x[i] = x0 + ((x1 - x0) * i) / (NX - 1);
      this.p[i] = target.density(this.x[i]!);
      this.peak = Math.max(this.peak, this.p[i]!);
    }
    // beyond the window there are practically no data: what there is counts at its edges
    for (let i = 1; i < TABLE; i++) this.#below[i] = target.cdf(x0 + ((x1 - x0) * i) / TABLE);
    this.#below[TABLE] = 1;
    ({ z: this.z, mass: this.#mass } = noiseCells(prior, NZ));
    // equal shares of the noise: where arrow heads crowd, p_g is high
    for (let i = 0; i < ARROWS; i++) this.zArrow[i] = prior.quantile((i + 0.5) / ARROWS);
    for (let i = 0; i < SAMPLES; i++) {
      this.zSample[i] = prior.quantile(this.#u[i]!);
      this.real[i] = target.quantile(this.#u[SAMPLES + i]!);
    }
  }

  /** Does G leave the window? Only then are the scores at G(z) read. */
  get leaves(): boolean {
    const { Gz, x } = this;
    return Gz.some((v) => v < x[0]! || v > x[NX - 1]!);
  }

  /** Measures all the rest from Gz, s and sg. */
  measure(loss: LossName): void {
    const { cells } = this;
    cells.lay(this.x, this.s, this.#below, this.#mass, this.Gz, this.sg);
    this.#density();
    this.apart = cells.apart();
    this.C = cells.divergence();
    [this.V, this.bestV] = cells.worth(loss, this.bounded);
    this.#judge(loss);
  }

  /** The mean of p_g over the cell around each x. */
  #density(): void {
    const { q, x, cells: { n, edges, Q } } = this, dx = x[1]! - x[0]!;
    q.fill(0);
    for (let j = 0; j < n; j++) {
      const i = Math.floor(((edges[j]! + edges[j + 1]!) / 2 - x[0]!) / dx);
      if (i < 0 || i >= NX - 1) continue;
      q[i]! += Q[j]! / 2 / dx;
      q[i + 1]! += Q[j]! / 2 / dx;
    }
    // half a cell belongs to the first and to the last
    q[0]! *= 2;
    q[NX - 1]! *= 2;
  }

  /** D and the best D as they are drawn, how far they are apart, and how often D is right. */
  #judge(loss: LossName): void {
    const { s, p, q, D, best, cells } = this, ratio = (_: number, a: number, b: number) => a / (a + b);
    // where there is practically neither, there is nothing to tell apart
    const least = 5e-3 * this.peak, sure = (i: number, v: number) => (p[i]! + q[i]! > least ? v : NaN);
    let read = sigmoid, answer = ratio, scale = 1, undecided = 0;
    if (loss === "wasserstein") return this.#judgeCritic();
    if (loss === "hinge") {
      // beyond -1 and 1 nothing is gained
      read = (v) => clamp(v, -1, 1);
      answer = (_, a, b) => Math.sign(a - b);
      scale = 2;
    } else if (loss === "least_squares") {
      read = (v) => v;
      undecided = 0.5;
    } else if (loss === "relativistic") {
      // its constant: what is left of s - log p / q where there is some of both
      undecided = cells.centre((j, a, b) =>
        (Math.min(a, b) > 5e-3 * (a + b) ? cells.at(j) - Math.log(a / b) : NaN));
      read = (v) => sigmoid(v - undecided);
    }
    for (let i = 0; i < NX; i++) {
      D[i] = loss === "hinge" ? clamp(s[i]!, -9, 9) : read(s[i]!);
      best[i] = sure(i, answer(i, p[i]!, q[i]!));
    }
    const mean = (f: (j: number, a: number, b: number) => number) => cells.sum((j, a, b) => ((a + b) / 2) * f(j, a, b));
    this.gap = mean((j, a, b) => Math.min(1, Math.abs(read(cells.at(j)) - answer(j, a, b)) / scale));
    this.doubt = mean((j) => Math.abs(read(cells.at(j)) - (loss === "hinge" ? 0 : 0.5)) / scale);
    this.right = cells.right(undecided);
  }

  /**
   * A critic has no 1/2, and no scale: it is drawn in units of the largest value, of itself or of the best. One that
   * nothing bounds has no best: it earns more and more the steeper it is, up where p > q and down where p < q.
   */
  #judgeCritic(): void {
    const { s, p, q, D, best, x, cells, bounded } = this;
    const potential = cells.potential(), K = bounded ? cells.steepest() : 0;
    const at = (j: number) => (potential[j]! + potential[j + 1]!) / 2;
    const c = cells.centre((j) => cells.at(j)), b = cells.centre(at), least = 5e-3 * this.peak;
    let top = 1e-9, j = 0;
    for (let i = 0; i < NX; i++) {
      while (cells.edges[j]! < x[i]!) j++;
      D[i] = s[i]! - c;
      best[i] = K * (potential[j]! - b);
      top = Math.max(top, Math.abs(D[i]!), Math.abs(best[i]!));
    }
    for (let i = 0; i < NX; i++) {
      D[i]! /= top;
      best[i] = bounded ? best[i]! / top : p[i]! + q[i]! > least ? Math.sign(p[i]! - q[i]!) : NaN;
    }
    const answer = (j: number, a: number, d: number) => (bounded ? (K * (at(j) - b)) / top : Math.sign(a - d));
    this.gap = cells.sum((j, a, d) => ((a + d) / 2) * Math.min(1, Math.abs((cells.at(j) - c) / top - answer(j, a, d))));
    this.doubt = 0;
    this.right = cells.right(c);
  }
}
