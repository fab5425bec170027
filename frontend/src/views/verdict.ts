/** What the late part of a run was like, and whether a change has cured it. */
import type { Run } from "../plane/index";

export interface Late {
  /** means over the last third of what was measured */
  covered: number;
  highQuality: number;
  w: number;
  dReal: number;
  dFake: number;
  gradientG: number;
  lossD: number;
  /** between which the sliced Wasserstein distance goes up and down there */
  low: number;
  high: number;
  total: number;
}

/** The numbers that the explanations speak of. */
export function late({ history, picture }: Run): Late {
  const n = history.length, from = Math.min(n - 1, Math.ceil((2 * n) / 3)), at = [...Array(n).keys()].slice(from);
  const mean = (f: (i: number) => number) => at.reduce((sum, i) => sum + f(i), 0) / at.length;
  const { covered, highQuality, slicedWasserstein: w } = history.values, of = (i: number) => history.state(i).losses;
  return {
    covered: mean((i) => covered[i]!), highQuality: mean((i) => highQuality[i]!), w: mean((i) => w[i]!),
    dReal: mean((i) => of(i).dReal), dFake: mean((i) => of(i).dFake), gradientG: mean((i) => of(i).gradientGenerator),
    lossD: mean((i) => of(i).discriminator),
    low: Math.min(...at.map((i) => w[i]!)), high: Math.max(...at.map((i) => w[i]!)),
    total: picture.target.centres!.length,
  };
}

type Verdict = "cured" | "better" | "same" | "worse";

/**
 * Cured: on average at least three quarters of the modes found, samples on them, and much nearer to the data than
 * before. What was healthy must only stay so.
 */
export function verdict(before: Late, after: Late | null, healthy: boolean): Verdict {
  if (!after) return "worse";
  const sound = after.covered >= 0.75 * after.total && after.highQuality >= 0.3, ratio = after.w / before.w;
  if (healthy) return sound && ratio < 1.5 ? "cured" : "worse";
  return sound && ratio < 0.6 ? "cured" : ratio < 0.7 ? "better" : ratio > 1.3 ? "worse" : "same";
}
