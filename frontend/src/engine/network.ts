/** A multilayer perceptron laid out in the kernels' memory: forward, backward, backward through the gradient itself. */
import { ACTIVATIONS, type Kernels, OPTIMISERS, rates } from "./kernels.js";
import type { Stream } from "./philox.js";
import type { NetSpec, OptimiserSpec } from "./types.js";

/** Hands out pieces of a memory that is made afterwards, in the size that was asked for. */
export class Plan {
  /** the kernels' own constants lie below */
  size = 512;
  constructor(readonly stride: number) {}
  take(floats: number): number {
    const at = this.size;
    this.size += (floats + 3) & ~3;
    return at;
  }
  /** A matrix for each layer, 0 the input; those given as first or last are shared with another network. */
  rows(sizes: readonly number[], first?: number, last?: number): Rows {
    return sizes.map((n, l) => (l ? l < sizes.length - 1 ? undefined : last : first) ?? this.take(n * this.stride));
  }
}

export type Rows = number[];

/** Tangents before (z) and after (t) each activation, and the derivatives (d) of the output by each layer. */
export interface Tangent {
  d: Rows;
  t: Rows;
  z: Rows;
}

/**
 * A network at work on a batch: its layers there (a) and the loss's derivatives by them (d). Its input x, its output y
 * and the derivatives dx and dy may be those of another pass: that is how networks are chained.
 */
export class Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;

  constructor(readonly net: Network, readonly a: Rows, readonly d: Rows, readonly tangent: Tangent) {
    [this.x, this.dx] = [a[0], d[0]];
    [this.y, this.dy] = [a[a.length - 1], d[d.length - 1]];
  }

  /** x -> y */
  forward(columns: number): void {
    this.net.forward(this.a, columns);
  }
  /** dy -> the parameters' gradient, added to what is there; `through`: and dx. `bent`: with the tangent's part. */
  backward(columns: number, { through = false, bent = false } = {}): void {
    this.net.backward(this.a, this.d, columns, bent ? this.tangent : undefined, through);
  }
  /** dy -> dx */
  backwardToInput(columns: number): void {
    this.net.backwardToInput(this.a, this.d, columns);
  }
  /** The derivatives of the output by each layer, to `tangent.d`: the slopes by x are its first rows. */
  slopes(columns: number): void {
    this.net.backwardToInput(this.a, this.tangent.d, columns);
  }
  /** See `Network.pushTangent`. */
  pushTangent(columns: number): void {
    this.net.pushTangent(this.a, this.tangent, columns);
  }
}

export class Network {
  readonly count: number;
  readonly sizes: readonly number[];
  /** where the parameters lie; the optimiser's two moments follow */
  readonly at: number;
  readonly gradient: number;
  readonly #depth: number;
  readonly #kind: number;
  /** where each layer's weights and biases lie among the parameters */
  readonly #weights = [0];
  readonly #biases = [0];
  /** updates made since the optimiser was reset */
  updates = 0;
  k!: Kernels;

  constructor(spec: NetSpec, plan: Plan) {
    const sizes = (this.sizes = spec.sizes);
    this.#depth = sizes.length - 1;
    this.#kind = ACTIVATIONS.indexOf(spec.activation);
    let n = 0;
    for (let l = 1; l < sizes.length; l++) {
      this.#weights.push(n);
      this.#biases.push((n += sizes[l] * sizes[l - 1]));
      n += sizes[l];
    }
    this.count = n;
    this.at = plan.take(n);
    plan.take(n);
    plan.take(n);
    this.gradient = plan.take(n);
  }

  get #moments(): number {
    return (this.gradient - this.at) / 3;
  }

  forward(a: Rows, columns: number): void {
    for (let l = 1; l <= this.#depth; l++) {
      this.#push(l, a[l], a[l - 1], this.at + this.#biases[l], columns);
      if (l < this.#depth) this.k.activate(this.#kind, a[l], this.sizes[l], columns);
    }
  }

  #push(l: number, out: number, x: number, bias: number, columns: number): void {
    const inputs = this.sizes[l - 1];
    this.k.multiply(out, this.at + this.#weights[l], inputs, 1, x, bias, this.sizes[l], inputs, columns);
  }

  /** D[l - 1] = W' D[l], and times the slope of the activation that lies between. */
  #pull(l: number, a: Rows, d: Rows, columns: number): void {
    const inputs = this.sizes[l - 1];
    const to = d[l - 1];
    this.k.multiply(to, this.at + this.#weights[l], 1, inputs, d[l], -1, inputs, this.sizes[l], columns);
    if (l > 1) this.k.slope(this.#kind, to, a[l - 1], to, inputs, columns);
  }

  #addGradient(l: number, d: number, x: number, columns: number): void {
    this.k.outer(this.gradient + this.#weights[l], d, x, this.sizes[l], this.sizes[l - 1], columns);
  }

  /** From D at the outputs to D at the inputs. */
  backwardToInput(a: Rows, d: Rows, columns: number): void {
    for (let l = this.#depth; l > 0; l--) this.#pull(l, a, d, columns);
  }

  /**
   * From D at the outputs to the gradient of the parameters, added to what is there; `through`: and to D at the inputs.
   */
  backward(a: Rows, d: Rows, columns: number, tangent?: Tangent, through = false): void {
    for (let l = this.#depth; l > 0; l--) {
      this.#addGradient(l, d[l], a[l - 1], columns);
      if (tangent) this.#addGradient(l, tangent.d[l], tangent.t[l - 1], columns);
      this.k.rowSums(this.gradient + this.#biases[l], d[l], this.sizes[l], columns);
      if (l > 1 || through) this.#pull(l, a, d, columns);
      if (l === 1) return;
      // relu and leaky_relu do not bend
      if (tangent && ![1, 2].includes(this.#kind)) {
        this.k.bend(this.#kind, d[l - 1], a[l - 1], tangent.z[l - 1], tangent.d[l - 1], this.sizes[l - 1], columns);
      }
    }
  }

  /**
   * The derivative of the outputs in the direction t[0] at the inputs. The penalty of a gradient g, P(g), needs no
   * graph: its gradient by the weights is that of the number g.v with v = dP/dg held fixed, and g.v is this tangent.
   * `tangent.d` must hold the derivatives of the output, as `backwardToInput` leaves them.
   */
  pushTangent(a: Rows, { t, z }: Tangent, columns: number): void {
    for (let l = 1; l < this.#depth; l++) {
      this.#push(l, z[l], t[l - 1], -1, columns);
      this.k.slope(this.#kind, t[l], a[l], z[l], this.sizes[l], columns);
    }
  }

  /** U(-1, 1) / sqrt(inputs) for weights and biases: PyTorch's default law for linear layers. */
  initialise(stream: Stream): void {
    for (let l = 1; l <= this.#depth; l++) {
      const inputs = this.sizes[l - 1];
      const u = new Float64Array(this.sizes[l] * (inputs + 1));
      stream.fill(u, u.length);
      this.k.memory.set(u.map((x) => (2 * x - 1) / Math.sqrt(inputs)), this.at + this.#weights[l]);
    }
  }

  /** The optimiser moves the parameters along the gradient. */
  update(optimiser: OptimiserSpec): void {
    const kind = OPTIMISERS.indexOf(optimiser.name);
    const { at } = this;
    const more = this.#moments;
    this.k.optimise(
      kind, at, this.gradient, at + more, at + 2 * more, this.count, ...rates(optimiser, ++this.updates),
    );
  }

  /** The optimiser forgets. */
  resetOptimiser(): void {
    this.k.memory.fill(0, this.at + this.#moments, this.gradient);
    this.updates = 0;
  }
}
