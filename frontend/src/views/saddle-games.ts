/**
 * Games in which each of two players has one number, as in gan_lab.game: the field F of both players' gradients, its
 * matrix of derivatives, the equilibrium, and the walls that a step may not pass.
 */
import { clamp } from "../ui/index";

export type Z = [number, number];
/** A 2 x 2 matrix, row by row. */
export type Matrix = [number, number, number, number];

export interface Game {
  field(z: Z): Z;
  /** The derivatives of F; null where there are none. */
  slope(z: Z): Matrix | null;
  centre: Z;
  project(z: Z): Z;
}

const free = (z: Z): Z => z;

/** V = a x y + p x²/2 − q y²/2: x walks down, y up. */
export function quadratic(a: number, p: number, q: number): Game {
  const J: Matrix = [-p, -a, a, -q];
  return { field: ([x, y]) => [-p * x - a * y, a * x - q * y], slope: () => J, centre: [0, 0], project: free };
}

const sigmoid = (t: number) => (t < 0 ? Math.exp(t) / (1 + Math.exp(t)) : 1 / (1 + Math.exp(-t)));
const bump = (t: number) => sigmoid(t) * sigmoid(-t);
type Curve = (t: number) => number;
const one: Curve = () => 1, zero: Curve = () => 0, minusOne: Curve = () => -1, falling: Curve = (t) => sigmoid(-t),
  bent: Curve = (t) => -bump(t);

/**
 * θ' = g(t) ψ and ψ' = −d(t) x for a fake at x with the logit t = ψx, and r(t) n more for a real point that noise has
 * moved to n: g, d, their slopes, r and its slope. Without r the loss looks at the difference of a fake and a real
 * logit.
 */
export const LOSSES: Record<string, Curve[]> = {
  minimax: [sigmoid, sigmoid, bump, bump, falling, bent],
  non_saturating: [falling, sigmoid, bent, bump, falling, bent],
  least_squares: [(t) => 0.5 - t, (t) => 0.5 + t, minusOne, one, (t) => 0.5 - t, minusOne],
  wasserstein: [one, one, zero, zero, one, zero],
  hinge: [one, (t) => +(t > -1), zero, zero, (t) => +(t < 1), zero],
  relativistic: [falling, sigmoid, bent, bump],
};

/** The mean over a standard normal by Gauss and Hermite's ten points: half of them, and their weights. */
const POINTS = [0.48493570751549764, 1.4659890943911582, 2.4843258416389546, 3.581823483551927, 4.859462828332312];
const WEIGHTS = [0.34464233493201896, 0.13548370298026777, 0.01911158050077027, 0.0007580709343122171,
  4.3106526307183114e-6];

/**
 * The Dirac-GAN with γ of R1 and of R2, λ of WGAN-GP, the bound on |ψ| (0: none), and the noise on real and fake
 * points.
 */
export function dirac(loss: string, [r1, r2, penalty, clip, noise]: number[]): Game {
  const [g, d, gSlope, dSlope, r = zero, rSlope = zero] = LOSSES[loss], gamma = r1 + r2,
    fake = noise * (LOSSES[loss][4] ? 1 : Math.SQRT2);
  const mean = (f: (v: number) => number): number =>
    (noise ? POINTS.reduce((sum, v, i) => sum + WEIGHTS[i] * (f(v) + f(-v)), 0) : f(0));
  return {
    field: ([theta, psi]) => [mean((v) => g(psi * (theta + fake * v))) * psi, mean((v) => {
      const x = theta + fake * v, n = noise * v;
      return r(psi * n) * n - d(psi * x) * x;
    }) - gamma * psi - 2 * penalty * (Math.abs(psi) - 1) * Math.sign(psi)],
    slope: ([theta, psi]) => {
      const along = (f: (x: number, t: number, n: number) => number) =>
        mean((v) => f(theta + fake * v, psi * (theta + fake * v), noise * v));
      return penalty && !psi ? null : [along((_, t) => gSlope(t)) * psi * psi, along((_, t) => g(t) + gSlope(t) * t),
        -along((_, t) => d(t) + dSlope(t) * t),
        along((x, t, n) => rSlope(psi * n) * n * n - dSlope(t) * x * x) - gamma - 2 * penalty];
    },
    centre: [0, 0],
    project: clip ? ([theta, psi]) => [theta, clamp(psi, -clip, clip)] : free,
  };
}

const square = ([p, q]: Z): Z => [clamp(p, 0, 1), clamp(q, 0, 1)];

/**
 * A 2 x 2 game in mixed strategies: p and q, the probabilities of both players' first moves. The equilibrium is the one
 * in which both mix, if there is one, else the first pure one (as gan_lab lists them).
 */
export function mixed([a, b, c, d]: Matrix, [e, f, g, k]: Matrix, replicator = false): Game {
  const row = a - b - c + d, column = e - f - g + k, inside = [(k - g) / column, (d - b) / row] as Z;
  const corners = ([[1, 1], [1, 0], [0, 1], [0, 0]] as Z[]).filter((_, i) =>
    [a, b, c, d][i] >= [c, d, a, b][i] - 1e-9 && [e, f, g, k][i] >= [f, e, k, g][i] - 1e-9);
  const plain = ([p, q]: Z): Z => [b - d + row * q, g - k + column * p];
  return {
    field: (z) => {
      const F = plain(z);
      return replicator ? [z[0] * (1 - z[0]) * F[0], z[1] * (1 - z[1]) * F[1]] : F;
    },
    slope: (z) => {
      if (!replicator) return [0, row, column, 0];
      const [p, q] = z, [u, v] = plain(z);
      return [(1 - 2 * p) * u, p * (1 - p) * row, q * (1 - q) * column, (1 - 2 * q) * v];
    },
    centre: inside.every((v) => v > 0 && v < 1) ? inside : corners[0],
    project: square,
  };
}
