/**
 * How two players may step along their field, as in gan_lab.game: the step, and the roots by which it multiplies the
 * distance to an equilibrium that it starts near to.
 */
import type { Actor } from "../ui/index";
import type { Game, Matrix, Z } from "./saddle-games";

/** What the methods are told: both players' step sizes, and the memories of those that have one. */
export interface Rule { eta: Z; beta: number; alpha: number; betas: Z; turns: boolean }
/** From one state to the next; `m` is the walk's memory, empty at its start. */
export type Step = (g: Game, z: Z, r: Rule, m: number[]) => Z;

export const along = (z: Z, { eta }: Rule, F: Z, by = 1): Z => [z[0] + by * eta[0] * F[0], z[1] + by * eta[1] * F[1]];

/** x first, y where x then is: `move` makes a player's move for a step size of 1 out of their gradient. */
export const each = (move: (r: Rule, F: number, m: number[], i: number) => number, alternating?: boolean): Step =>
  (g, z, r, m) => {
  const F = g.field(z), x = z[0] + r.eta[0] * move(r, F[0], m, 0);
  if (!(alternating ?? r.turns)) return g.project([x, z[1] + r.eta[1] * move(r, F[1], m, 1)]);
  const half = g.project([x, z[1]]);
  return g.project([half[0], half[1] + r.eta[1] * move(r, g.field(half)[1], m, 1)]);
};
const plain = (_: Rule, F: number) => F;

/** z+ = z + η F(z+) by Newton's method; a move that makes the error larger is halved. */
const proximal: Step = (g, z, r) => {
  const error = (at: Z): Z => along([at[0] - z[0], at[1] - z[1]], r, g.field(at), -1);
  const size = (v: Z) => Math.max(Math.abs(v[0]), Math.abs(v[1]));
  let at = z, before = Infinity;
  for (let i = 0; i < 100; i++) {
    const wrong = error(at), now = size(wrong), scale = Math.max(size(z), size(at));
    if (now <= 1e-15 * scale || (before <= now && now <= 1e-9 * scale)) return g.project(at);
    const J = g.slope(at);
    if (!J) break;
    const [e, f] = r.eta, a = 1 - e * J[0], b = -e * J[1], c = -f * J[2], d = 1 - f * J[3], det = a * d - b * c;
    const trial = (by: number): Z => [at[0] - (by * (d * wrong[0] - b * wrong[1])) / det,
      at[1] - (by * (a * wrong[1] - c * wrong[0])) / det];
    let by = 1;
    while (by > 1e-9 && !(size(error(trial(by))) < now)) by /= 2;
    at = trial(by > 1e-9 ? by : 1);
    before = now;
  }
  return [NaN, NaN];
};

// ---- roots ------------------------------------------------------------------------------------------------

// complex numbers as pairs
export const add = (...all: Z[]): Z => all.reduce(([a, b], [c, d]) => [a + c, b + d]);
export const mul = ([a, b]: Z, [c, d]: Z): Z => [a * c - b * d, a * d + b * c];
export const over = (a: Z, [c, d]: Z): Z => mul(a, [c / (c * c + d * d), -d / (c * c + d * d)]);
export const times = (s: number, [a, b]: Z): Z => [s * a, s * b];
export const real = (a: number): Z => [a, 0];
export const ONE = real(1);

function root([a, b]: Z): Z {
  // the larger part from the square root, the other from the product: no digits are lost
  const large = Math.sqrt((Math.hypot(a, b) + Math.abs(a)) / 2), small = large && Math.abs(b) / (2 * large);
  return a < 0 ? [small, b < 0 ? -large : large] : [large, b < 0 ? -small : small];
}
/** (s ± √gap) / 2 */
const pair = (s: Z, gap: Z): Z[] => [1, -1].map((sign) => times(0.5, add(s, times(sign, root(gap)))));
/** Of r² − s r + p. */
export const quadraticRoots = (s: Z, p: Z) => pair(s, add(mul(s, s), times(-4, p)));
export const eigenvalues = ([a, b, c, d]: Matrix): Z[] => pair(real(a + d), real((a - d) ** 2 + 4 * b * c));

/** From an eigenvalue of (step sizes) x (derivatives of F), or from that whole matrix, to the roots of one step. */
export type Roots = (mu: Z, r: Rule) => Z[];
export type WholeRoots = (M: Matrix, r: Rule) => Z[];

const turning: WholeRoots = ([a, b, c, d]) => eigenvalues([1 + a, b, c * (1 + a), 1 + d + b * c]);
export interface Method {
  name: string;
  colour: Actor;
  dash?: number[];
  step: Step;
  roots?: Roots;
  /** Where one eigenvalue at a time will not do, because one player looks at what the other has done. */
  whole?: (r: Rule) => WholeRoots | false;
}

/** By the letter in pictures and addresses: gan_lab.game.METHODS. The colours are none of the players'. */
export const FIVE: Record<string, Method> = {
  S: { name: "simultaneous", colour: "ochre", step: each(plain, false), roots: (mu) => [add(ONE, mu)] },
  A: { name: "alternating", colour: "ink", step: each(plain, true), whole: () => turning },
  E: { name: "extragradient", colour: "violet", roots: (mu) => [add(ONE, mu, mul(mu, mu))],
    step: (g, z, r) => g.project(along(z, r, g.field(g.project(along(z, r, g.field(z)))))) },
  O: { name: "optimistic", colour: "real", roots: (mu) => quadraticRoots(add(ONE, times(2, mu)), mu),
    step: (g, z, r, m) => {
    const F = g.field(z), G: Z = [2 * F[0] - (m[0] ?? F[0]), 2 * F[1] - (m[1] ?? F[1])];
    [m[0], m[1]] = F;
    return g.project(along(z, r, G));
  } },
  P: { name: "proximal", colour: "muted", step: proximal, roots: (mu) => [over(ONE, add(ONE, times(-1, mu)))] },
};

/**
 * By what one step multiplies, near the equilibrium; null where no such numbers exist (Adam, a kink, a wall on one
 * side).
 */
export function rootsOf({ roots, whole }: Method, g: Game, r: Rule): Z[] | null {
  const J = g.slope(g.centre), [u, v] = g.field(g.centre).map((F) => Math.abs(F) > 1e-9);
  if (!J || !(roots || whole)) return null;
  if (u || v) return u && v ? [[0, 0]] : null; // the walls hold both players: every method is there after some steps
  const [e, f] = r.eta, M: Matrix = [e * J[0], e * J[1], f * J[2], f * J[3]], all = whole?.(r);
  return all ? all(M, r) : eigenvalues(M).flatMap((mu) => roots!(mu, r));
}

/** The factor per step of the squared distance in the long run. */
export const rate = (roots: Z[] | null): number => (roots ? Math.max(...roots.map(([a, b]) => a * a + b * b)) : NaN);

/** A walk that is made as far as it is asked for; it ends early where its numbers leave the finite ones. */
export class Walk {
  readonly path: Z[];
  private memory: number[] = [];
  constructor(private method: Method, readonly game: Game, private rule: Rule, start: Z) {
    this.path = [game.project(start)];
  }

  /** The states z_0 ... z_steps. */
  to(steps: number): Z[] {
    const { path } = this;
    while (path.length <= steps) {
      const z = this.method.step(this.game, path[path.length - 1], this.rule, this.memory);
      if (!Number.isFinite(z[0] + z[1])) break;
      path.push(z);
    }
    return path.slice(0, steps + 1);
  }
}
