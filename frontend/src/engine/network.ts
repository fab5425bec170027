/**
 * A multilayer perceptron laid out in the kernels' memory: forward, backward, and backward through the gradient itself.
 */
import { ACTIVATIONS, type Kernels } from "./kernels.js";
import type { NetSpec } from "./types.js";

/** Hands out pieces of a memory that is made afterwards, in the size that was asked for. */
export class Plan {
  /** the kernels' own constants lie below */
  size = 512;
  constructor(readonly stride: number) {}
  take(floats: number): number {
    const at = this.size;
    this.size += Math.ceil(floats / 4) * 4;
    return at;
  }
  rows(n: number): number {
    return this.take(n * this.stride);
  }
}

export function countParameters(sizes: readonly number[]): number {
  let n = 0;
  for (let l = 1; l < sizes.length; l++) n += sizes[l] * (sizes[l - 1] + 1);
  return n;
}

/** One matrix for each layer, 0 the input. */
export type Rows = number[];

/** The activations of one pass, and the derivative of the loss by the outputs of that pass. */
export interface Tape {
  a: Rows;
  seed: number;
}

export class Network {
  readonly sizes: readonly number[];
  readonly depth: number;
  private readonly kind: number;
  /** where each layer's weights and biases lie, relative to the parameters */
  private readonly weights: number[] = [0];
  private readonly biases: number[] = [0];

  constructor(spec: NetSpec, private readonly parameters: number, private readonly gradient: number) {
    this.sizes = spec.sizes;
    this.depth = spec.sizes.length - 1;
    this.kind = ACTIVATIONS.indexOf(spec.activation);
    for (let l = 1, at = 0; l <= this.depth; l++) {
      this.weights.push(at);
      at += this.sizes[l] * this.sizes[l - 1];
      this.biases.push(at);
      at += this.sizes[l];
    }
  }

  /** A matrix for each layer; those given instead of `first` or `last` are shared with another network. */
  rows(plan: Plan, first?: number, last?: number): Rows {
    return this.sizes.map((n, l) => (l === 0 ? first : l === this.depth ? last : undefined) ?? plan.rows(n));
  }

  forward(k: Kernels, a: Rows, columns: number): void {
    for (let l = 1; l <= this.depth; l++) {
      const inputs = this.sizes[l - 1];
      const w = this.parameters + this.weights[l];
      k.multiply(a[l], w, inputs, 1, a[l - 1], this.parameters + this.biases[l], this.sizes[l], inputs, columns);
      if (l < this.depth) k.activate(this.kind, a[l], this.sizes[l], columns);
    }
  }

  /** D[l - 1] = W' D[l], and times the slope of the activation that lies between. */
  private pull(k: Kernels, l: number, a: Rows, d: Rows, columns: number): void {
    const inputs = this.sizes[l - 1];
    k.multiply(d[l - 1], this.parameters + this.weights[l], 1, inputs, d[l], -1, inputs, this.sizes[l], columns);
    if (l > 1) k.slope(this.kind, d[l - 1], a[l - 1], d[l - 1], inputs, columns);
  }

  private addGradient(k: Kernels, l: number, d: number, x: number, columns: number): void {
    k.outer(this.gradient + this.weights[l], d, x, this.sizes[l], this.sizes[l - 1], columns);
  }

  /** From D at the outputs to D at the inputs. */
  backwardToInput(k: Kernels, a: Rows, d: Rows, columns: number): void {
    for (let l = this.depth; l > 0; l--) this.pull(k, l, a, d, columns);
  }

  /** From D at the outputs to the gradient of the parameters, added to what is there. */
  backward(k: Kernels, a: Rows, d: Rows, columns: number, tangent?: Tangent): void {
    for (let l = this.depth; l > 0; l--) {
      this.addGradient(k, l, d[l], a[l - 1], columns);
      if (tangent) this.addGradient(k, l, tangent.d[l], tangent.t[l - 1], columns);
      k.rowSums(this.gradient + this.biases[l], d[l], this.sizes[l], columns);
      if (l === 1) return;
      this.pull(k, l, a, d, columns);
      if (tangent && this.bends) {
        k.bend(this.kind, d[l - 1], a[l - 1], tangent.z[l - 1], tangent.d[l - 1], this.sizes[l - 1], columns);
      }
    }
  }

  /** relu and leaky_relu have no second derivative */
  private get bends(): boolean {
    return this.kind !== 1 && this.kind !== 2;
  }

  /**
   * The derivative of the outputs in the direction t[0] at the inputs. The penalty of a gradient g, P(g), needs no
   * graph: its gradient by the weights is that of the number g.v with v = dP/dg held fixed, and g.v is this tangent.
   * `tangent.d` must hold the derivatives of the output, as `backwardToInput` leaves them.
   */
  pushTangent(k: Kernels, a: Rows, tangent: Tangent, columns: number): void {
    const { t, z } = tangent;
    for (let l = 1; l < this.depth; l++) {
      const inputs = this.sizes[l - 1];
      k.multiply(z[l], this.parameters + this.weights[l], inputs, 1, t[l - 1], -1, this.sizes[l], inputs, columns);
      k.slope(this.kind, t[l], a[l], z[l], this.sizes[l], columns);
    }
  }
}

/** Tangents before (z) and after (t) each activation, and the derivatives (d) of the output by each layer. */
export interface Tangent {
  d: Rows;
  t: Rows;
  z: Rows;
}
