/**
 * The game on the line as sums over cells. The cells lie between all the points at which something is known: the grid
 * of x and what G makes of its grid of noise. In each cell p_g is exact for a G that is straight between its points,
 * folds included, and D has one answer; so no V(G, D) is above the best V, and every number is an integral to about
 * three digits.
 */
import type { LossName, Numbers } from "../engine/types";
import { place, pushForward } from "../engine/views";
import { clamp } from "../ui/index";

/** Pairs of x are taken from this many groups of cells: 128 x 128 are plenty for three digits. */
const GROUPS = 128;

const softplus = (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
export const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
/** a log(a / (a + b)), 0 where a vanishes */
const share = (a: number, b: number) => (a > 0 ? a * Math.log(a / (a + b)) : 0);

export class Cells {
  readonly n: number;
  readonly edges: Float64Array;
  /** the mass of the data, and of what G makes, in each cell */
  readonly P: Float64Array;
  readonly Q: Float64Array;
  /** the score at the edges */
  readonly s: Float64Array;

  /** `points` of x and `made` points G(z). */
  constructor(points: number, made: number) {
    this.n = points + made - 1;
    [this.edges, this.s] = [0, 0].map(() => new Float64Array(this.n + 1)) as [Float64Array, Float64Array];
    [this.P, this.Q] = [0, 0].map(() => new Float64Array(this.n)) as [Float64Array, Float64Array];
  }

  /**
   * `x`: equally spaced, with the scores `s` there; `below`: the data's mass below equally spaced points from the first
   * x to the last, 0 to 1; `mass`: of the cells of noise; `made`, `sMade`: G at their ends, and the scores there, which
   * are read beyond x only.
   */
  lay(x: Numbers, s: Numbers, below: Numbers, mass: Numbers, made: Numbers, sMade: Numbers): void {
    const { n, edges, P, Q } = this, points = x.length, low = x[0]!, high = x[points - 1]!;
    edges.set(x);
    edges.set(made, points);
    edges.sort();
    pushForward(mass, made, edges, Q);
    const between = (values: Numbers, v: number) => {
      const f = clamp((v - low) / (high - low), 0, 1) * (values.length - 1), i = Math.min(Math.floor(f),
        values.length - 2);
      return values[i]! + (values[i + 1]! - values[i]!) * (f - i);
    };
    let last = 0;
    for (let j = 0; j <= n; j++) {
      this.s[j] = between(s, edges[j]!);
      const up = edges[j]! <= low ? 0 : between(below, edges[j]!);
      if (j) P[j - 1] = up - last;
      last = up;
    }
    for (let i = 0; i < made.length; i++) {
      const v = made[i]!;
      if (v >= low && v <= high) continue;
      for (let j = place(edges, v); j >= 0 && edges[j] === v; j--) this.s[j] = sMade[i]!;
    }
  }

  /** The score of a cell. */
  at(j: number): number {
    return (this.s[j]! + this.s[j + 1]!) / 2;
  }

  /** The sum over all cells. */
  sum(f: (j: number, p: number, q: number) => number): number {
    let sum = 0;
    for (let j = 0; j < this.n; j++) if (this.P[j]! + this.Q[j]! > 0) sum += f(j, this.P[j]!, this.Q[j]!);
    return sum;
  }

  /** The total variation of p_data and p_g. */
  apart(): number {
    return clamp(1 - this.sum((_, p, q) => Math.min(p, q)), 0, 1);
  }

  /** 2 JSD - log 4: what the best D makes of the game of 2014. */
  divergence(): number {
    return clamp(this.sum((_, p, q) => share(p, q) + share(q, p)), -Math.log(4), 0);
  }

  /** How often D is right of half real, half generated samples, where a score above `from` says real. */
  right(from: number): number {
    return this.sum((j, p, q) => {
      const v = this.at(j);
      return v > from ? p / 2 : v < from ? q / 2 : (p + q) / 4;
    });
  }

  /** The middle of a score without a scale of its own: its mean over both laws, of what is finite. */
  centre(f: (j: number, p: number, q: number) => number): number {
    let weight = 0;
    const sum = this.sum((j, p, q) => {
      const v = f(j, p, q);
      if (!Number.isFinite(v)) return 0;
      weight += p + q;
      return (p + q) * v;
    });
    return weight ? sum / weight : 0;
  }

  /**
   * V(G, D) in the game of a loss, and the most that any D could make of it; a critic: of its own steepest slope, or
   * without end where it is not `bounded`.
   */
  worth(loss: LossName, bounded = true): [number, number] {
    const V = (real: (s: number) => number, fake: (s: number) => number) =>
      -this.sum((j, p, q) => p * real(this.at(j)) + q * fake(this.at(j)));
    switch (loss) {
      case "wasserstein": return [V((s) => -s, (s) => s),
        bounded ? this.steepest() * this.earth() : this.earth() > 0 ? Infinity : 0];
      case "hinge": return [V((s) => Math.max(0, 1 - s), (s) => Math.max(0, 1 + s)), -2 * (1 - this.apart())];
      case "least_squares": return [V((s) => (s - 1) ** 2 / 2, (s) => s ** 2 / 2),
        this.sum((_, p, q) => -(p * q) / (2 * (p + q)))];
      case "relativistic": return this.#pairs();
      default: return [V((s) => softplus(-s), softplus), this.divergence()];
    }
  }

  /**
   * The steepest slope of the score where it counts, and where cells are wide enough to tell. V is the integral of
   * F times the slope, with F the difference of both distribution functions: where F is 0, no slope counts.
   */
  steepest(): number {
    const { edges, P, Q, s, n } = this, least = 1e-6 * (edges[n]! - edges[0]!);
    let most = 0, F = 0;
    for (let j = 0; j < n; j++) {
      const width = edges[j + 1]! - edges[j]!, before = Math.abs(F);
      F += Q[j]! - P[j]!;
      if (width < least || Math.max(before, Math.abs(F)) < 2e-3) continue;
      most = Math.max(most, Math.abs(s[j + 1]! - s[j]!) / width);
    }
    return most;
  }

  /** The Wasserstein-1 distance: the area between both distribution functions. */
  earth(): number {
    const { edges, P, Q, n } = this;
    let F = 0, area = 0;
    for (let j = 0; j < n; j++) {
      const next = F + Q[j]! - P[j]!;
      area += ((Math.abs(F) + Math.abs(next)) / 2) * (edges[j + 1]! - edges[j]!);
      F = next;
    }
    return area;
  }

  /** A potential of slope 1 at the edges, flat where both distribution functions agree: a best critic. */
  potential(): Float64Array {
    const { edges, P, Q, n } = this, out = new Float64Array(n + 1);
    let F = 0;
    for (let j = 0; j < n; j++) {
      F += (Q[j]! - P[j]!) / 2;
      out[j + 1] = out[j]! + (Math.abs(F) < 2e-3 ? 0 : Math.sign(F) * (edges[j + 1]! - edges[j]!));
      F += (Q[j]! - P[j]!) / 2;
    }
    return out;
  }

  /** E log sigmoid(s(x) - s(x')) over pairs of a real and a generated sample; the best score is log p / q. */
  #pairs(): [number, number] {
    const { edges, n } = this, p = new Float64Array(GROUPS), q = p.slice(), s = p.slice();
    const low = edges[0]!, width = edges[n]! - low;
    this.sum((j, a, b) => {
      const g = Math.min(GROUPS - 1, Math.floor((GROUPS * ((edges[j]! + edges[j + 1]!) / 2 - low)) / width));
      p[g]! += a;
      q[g]! += b;
      s[g]! += (a + b) * this.at(j);
      return 0;
    });
    let V = 0, best = 0;
    for (let i = 0; i < GROUPS; i++) {
      for (let j = 0; j < GROUPS; j++) {
        const w = p[i]! * q[j]!;
        if (!(w > 0)) continue;
        V -= w * softplus(s[j]! / (p[j]! + q[j]!) - s[i]! / (p[i]! + q[i]!));
        best += w * Math.log(w / (w + p[j]! * q[i]!));
      }
    }
    return [V, best];
  }
}
