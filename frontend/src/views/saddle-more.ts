/**
 * More ways to step, for the saddle laboratory: with the memories of torch.optim, as near to no steps at all as one
 * gets, and for matrix games two that are older than gradients.
 */
import type { Z } from "./saddle-games";
import {
  add, along, each, mul, ONE, over, quadraticRoots, real, times, type Method, type Roots, type Step, type WholeRoots,
} from "./saddle-methods";

const rungeKutta: Step = (g, z, r) => {
  const k1 = g.field(z), k2 = g.field(along(z, r, k1, 0.5)), k3 = g.field(along(z, r, k2, 0.5)),
    k4 = g.field(along(z, r, k3));
  return g.project(along(z, r, [0, 1].map((i) => k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) as Z, 1 / 6));
};

/** Of r⁴ + c[0] r³ + c[1] r² + c[2] r + c[3], all at once (Weierstrass). */
function quarticRoots(c: number[]): Z[] {
  let all = [0, 1, 2, 3].map((k): Z => [Math.cos(0.7 + 1.571 * k), Math.sin(0.7 + 1.571 * k)]);
  for (let i = 0; i < 500; i++) {
    const next = all.map((r, k) => {
      const top = c.reduce((sum, v) => add(mul(sum, r), real(v)), ONE);
      const bottom = all.reduce((product, s, j) => (j === k ? product : mul(product, add(r, times(-1, s)))), ONE);
      return add(r, times(-1, over(top, bottom)));
    });
    if (next.some((r) => !Number.isFinite(r[0] + r[1]))) break; // two met: they are as near as they get
    all = next;
  }
  return all;
}

const momentumInTurns: WholeRoots = ([a, b, c, d], { beta }) => {
  const A = 1 + beta + a, D = 1 + beta + d;
  return quarticRoots([-A - D - b * c, 2 * beta + A * D, -beta * (A + D), beta * beta]);
};

const DASHED = [6, 4], DOTTED = [2, 4];
const flow = { step: rungeKutta,
  roots: ((mu) => [[4, 3, 2, 1].reduce((sum, k) => add(ONE, times(1 / k, mul(mu, sum))), ONE)]) as Roots };

export const MORE: Record<string, Method> = {
  K: { name: "Runge–Kutta", colour: "muted", dash: DASHED, ...flow },
  M: { name: "momentum", colour: "ochre", dash: DASHED,
    step: each(({ beta }, F, m, i) => (m[i] = beta * (m[i] ?? 0) + F)),
    roots: (mu, { beta }) => quadraticRoots(add(real(1 + beta), mu), real(beta)), whole: (r) => r.turns
    && momentumInTurns },
  R: { name: "RMSProp", colour: "ink", dash: DASHED, step: each(({ alpha }, F, m, i) => {
    m[i] = alpha * (m[i] ?? 0) + (1 - alpha) * F * F;
    return F / (Math.sqrt(m[i]) + 1e-8);
  }) },
  D: { name: "Adam", colour: "violet", dash: DASHED, step: each(({ betas: [a, b] }, F, m, i) => {
    m[i] = a * (m[i] ?? 0) + (1 - a) * F;
    m[i + 2] = b * (m[i + 2] ?? 0) + (1 - b) * F * F;
    const t = (m[i + 4] = (m[i + 4] ?? 0) + 1);
    return m[i] / (1 - a ** t) / (Math.sqrt(m[i + 2] / (1 - b ** t)) + 1e-8);
  }) },
  // remembers the rounds, and how often each has played their first move
  F: { name: "fictitious play", colour: "real", dash: DOTTED, step: (g, z, _, m) => {
    const t = (m[0] = (m[0] ?? 0) + 1), F = g.field(z);
    return [0, 1].map((i) => (m[i + 1] = (m[i + 1] ?? z[i]) + +(F[i] >= 0)) / (t + 1)) as Z;
  } },
  L: { name: "replicator", colour: "real", dash: DASHED, ...flow },
};
