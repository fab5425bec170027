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
const one: Curve = () => 1, zero: Curve = () => 0, saturating: Curve[] = [(t) => sigmoid(-t), sigmoid, (t) => -bump(t), bump];

/** θ' = g(t) ψ and ψ' = −d(t) θ with t = ψθ, the logit of the fake: g, d and their slopes. */
export const LOSSES: Record<string, Curve[]> = {
  minimax: [sigmoid, sigmoid, bump, bump],
  non_saturating: saturating,
  least_squares: [(t) => 0.5 - t, (t) => 0.5 + t, () => -1, one],
  wasserstein: [one, one, zero, zero],
  hinge: [one, (t) => +(t > -1), zero, zero],
  relativistic: saturating,
};

/** The Dirac-GAN with γ of R1 and of R2, λ of WGAN-GP, and the bound on |ψ| (0: none). */
export function dirac(loss: string, [r1, r2, penalty, clip]: number[]): Game {
  const [g, d, gSlope, dSlope] = LOSSES[loss], gamma = r1 + r2;
  return {
    field: ([theta, psi]) => {
      const t = psi * theta;
      return [g(t) * psi, -d(t) * theta - gamma * psi - 2 * penalty * (Math.abs(psi) - 1) * Math.sign(psi)];
    },
    slope: ([theta, psi]) => {
      const t = psi * theta;
      return penalty && !psi ? null : [gSlope(t) * psi * psi, g(t) + gSlope(t) * t,
        -d(t) - dSlope(t) * t, -dSlope(t) * theta * theta - gamma - 2 * penalty];
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
