/**
 * What the engine computes with: matrix products and elementwise functions over one block of memory, in plain
 * JavaScript (kernels-js.ts) or SIMD WebAssembly (kernels-wasm.ts, assembly/). Everything above is shared, so the two
 * cannot disagree about anything but rounding.
 *
 * Positions and counts are in floats. A matrix of activations has a row for each feature and a column for each
 * sample, rows `stride` apart; columns are worked on in eights, and those beyond the last sample carry zeros in the
 * derivatives, so that they add nothing.
 */
import type { BackendName, OptimiserSpec } from "./types.js";

export const ACTIVATIONS = ["tanh", "relu", "leaky_relu", "softplus", "sigmoid"] as const;
export const LOSSES = [
  "minimax", "non_saturating", "least_squares", "wasserstein", "hinge", "relativistic",
] as const;
export const OPTIMISERS = ["sgd", "momentum", "rmsprop", "adam"] as const;
export const PENALTIES = ["clip", "wgan_gp", "r1", "r2"] as const;

export const LEAKY_SLOPE = 0.2;

export type Memory = Float32Array | Float64Array;

export interface Kernels {
  readonly backend: BackendName;
  readonly memory: Memory;
  /** C[m] = bias[m] + sum_k A[m, k] B[k], A[m, k] at a + m rowStep + k columnStep; bias < 0: none */
  multiply(
    c: number, a: number, rowStep: number, columnStep: number, b: number, bias: number,
    rows: number, inner: number, columns: number,
  ): void;
  /** G[o, i] += sum over samples of D[o] X[i] */
  outer(g: number, d: number, x: number, outputs: number, inputs: number, columns: number): void;
  /** G[o] += sum over samples of D[o] */
  rowSums(g: number, d: number, rows: number, columns: number): void;
  /** A = phi(A) */
  activate(kind: number, a: number, rows: number, columns: number): void;
  /** OUT = phi'(z) UP, where A = phi(z) */
  slope(kind: number, out: number, a: number, up: number, rows: number, columns: number): void;
  /** OUT += phi''(z) / phi'(z) T D */
  bend(
    kind: number, out: number, a: number, t: number, d: number, rows: number, columns: number,
  ): void;
  /** sums += (loss, D(real), D(fake)); dr, df = scale * derivatives of each sample's loss */
  lossD(kind: number, r: number, f: number, dr: number, df: number, n: number, scale: number, sums: number): void;
  lossG(kind: number, r: number, f: number, df: number, n: number, scale: number, sums: number): void;
  optimise(
    kind: number, p: number, g: number, m: number, v: number, count: number,
    rate: number, a: number, b: number, c: number, d: number, eps: number,
  ): void;
}

/**
 * The numbers of update number t: `rate` multiplies the move; momentum's a is the momentum; rmsprop's and adam's second
 * moment is b v + d g^2 and its root is divided by c; adam's first moment moves by a towards the gradient.
 */
type Rates = [rate: number, a: number, b: number, c: number, d: number, eps: number];

export function rates(o: OptimiserSpec, t: number): Rates {
  const eps = o.eps!;
  switch (o.name) {
    case "rmsprop":
      return [o.lr, 0, o.alpha!, 1, 1 - o.alpha!, eps];
    case "adam": {
      const [b1, b2] = o.betas!;
      return [o.lr / (1 - b1 ** t), 1 - b1, b2, Math.sqrt(1 - b2 ** t), 1 - b2, eps];
    }
    default:
      return [o.lr, o.momentum ?? 0, 0, 1, 0, 0];
  }
}
