/**
 * Named networks in one memory, and players who move them. A game is a closure over the networks: it chains passes of
 * them (`Pass`: forward, backward, backwardToInput, pushTangent) and gives each player what it is fed and how it
 * learns. gan.ts is the game of the pages; src/zoo has games with a condition, a third network, a second domain.
 */
import { Draws } from "./draws.js";
import { nonFinite, unknown } from "./errors.js";
import { type Kernels, LOSSES } from "./kernels.js";
import { Network, Pass, Plan, type Rows, type Tangent } from "./network.js";
import { penalise } from "./penalise.js";
import { INIT, Stream } from "./philox.js";
import {
  type BackendName, type LossName, type NetSpec, type Numbers, type OptimiserSpec, type Precision, SpecError,
} from "./types.js";

/** Samples worked on at a time: few enough for their activations to stay in the processor's first caches. */
const CHUNK = 128;
/** Rows lie 8 floats further apart than a power of two, or they would all compete for the same lines of the cache. */
const STRIDE = CHUNK + 8;

/** Samples start ... start + count of a batch of n, worked on in `columns` columns. */
export interface Piece {
  readonly start: number;
  readonly count: number;
  readonly columns: number;
  readonly n: number;
}

export type Batch = Record<string, Numbers | undefined>;

export interface Player<B extends Batch = Batch> {
  /** the networks it moves */
  readonly owns: readonly string[];
  /** All data and all randomness of one move. */
  draw(): B;
  /**
   * How many numbers of each kind a sample is; 0 for those not looked at now. The first is counted, the others must
   * fit.
   */
  needs(): { [kind in keyof B]?: number };
  /** Adds the loss of a piece of the batch, and its gradient by what the player owns. */
  learn(batch: B, piece: Piece): void;
  /** after the optimiser moved the networks */
  after?(): void;
}

/** What one move measured: the loss, the part of it that `System.add` gave, batch means of D's readings, |gradient|. */
export interface Measured {
  loss: number;
  added: number;
  dReal: number;
  dFake: number;
  gradient: number;
}

/** Rows to share with another pass. */
type Given = Partial<Record<"x" | "y" | "dx" | "dy", number>>;

/** What a system needs to go on as if it had never stopped. */
export interface Position {
  readonly precision: Precision;
  readonly state: Float32Array | Float64Array;
  readonly streams: readonly number[];
  readonly updates: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
}

const isBad = (values: Numbers) => Array.prototype.some.call(values, (x) => !Number.isFinite(x));

export class System {
  readonly networks: Record<string, Network>;
  readonly draws: Draws;
  k!: Kernels;
  /** moves made by each player */
  counts: Record<string, number> = {};
  readonly #plan = new Plan(STRIDE);
  /** where all networks lie, from ... to: parameters, moments, gradients */
  readonly #state: [number, number];
  /** the derivatives that all passes of a network share, and its tangent */
  readonly #scratch = new Map<Network, [Rows, Tangent]>();
  readonly #ones: number;
  readonly #sums: number;
  #added = 0;

  constructor(specs: Record<string, NetSpec>, batch: number, readonly seed: number) {
    const plan = this.#plan, start = plan.size;
    this.networks = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, new Network(spec, plan)]));
    this.#state = [start, plan.size];
    this.#ones = this.row();
    this.#sums = plan.take(3);
    this.draws = new Draws(seed, batch);
  }

  /** Space for a number of each sample of a piece, or for `rows` of them. */
  row(rows = 1): number {
    return this.#plan.take(rows * STRIDE);
  }

  /**
   * A place for a network to work at. Its layers are its own; the derivatives by its hidden layers and its input are
   * those of all passes of the network, where they are not given: use them before the next pass goes backward.
   */
  pass(net: Network, { x, y, dx, dy }: Given = {}): Pass {
    const plan = this.#plan, { sizes } = net;
    const a = plan.rows(sizes, x, y);
    if (!this.#scratch.has(net)) {
      const d = plan.rows(sizes);
      this.#scratch.set(net, [d, { d: plan.rows(sizes, undefined, this.#ones), t: plan.rows(sizes),
        z: plan.rows(sizes) }]);
    }
    const [shared, tangent] = this.#scratch.get(net)!;
    const d = [...shared];
    if (dx !== undefined) d[0] = dx;
    d[d.length - 1] = dy ?? this.row(sizes[sizes.length - 1]);
    return new Pass(net, a, d, tangent);
  }

  /** Once the game is laid out: its memory, and the networks' first weights. */
  begin(makeKernels: (floats: number, stride: number) => Kernels): void {
    this.k = makeKernels(this.#plan.size, STRIDE);
    this.k.memory.fill(1, this.#ones, this.#ones + STRIDE);
    const init = new Stream(this.seed, INIT);
    for (const net of Object.values(this.networks)) {
      net.k = this.k;
      net.initialise(init);
    }
  }

  get backend(): BackendName {
    return this.k.backend;
  }
  get precision(): Precision {
    return this.k.memory instanceof Float64Array ? "float64" : "float32";
  }

  // -- what games are made of --------------------------------------------------------------------------------------

  /**
   * Adds V's part of a piece to the loss of D: its derivatives by the scores of real and generated samples to their dy.
   */
  lossD(loss: LossName, real: Pass, fake: Pass, { count, n }: Piece): void {
    this.k.lossD(LOSSES.indexOf(loss), real.y, fake.y, real.dy, fake.dy, count, 1 / n, this.#sums);
  }

  /** The same for G, to fake.dy; `real` where the loss looks at pairs. */
  lossG(loss: LossName, fake: Pass, { count, n }: Piece, real = fake): void {
    this.k.lossG(LOSSES.indexOf(loss), real.y, fake.y, fake.dy, count, 1 / n, this.#sums);
  }

  /** A further term of the loss of the present move. */
  add(loss: number): void {
    this.#added += loss;
  }

  /**
   * Backward, and where weight > 0 with the penalty of the slopes of y by the first `features` rows of x: see
   * `penalise`.
   */
  restrain(pass: Pass, features: number, { count, columns }: Piece, weight: number, centre: 0 | 1 = 0): void {
    if (weight) {
      pass.slopes(columns);
      const { d, t } = pass.tangent;
      this.add(penalise(this.k.memory, d[0], t[0], { features, count, stride: STRIDE }, weight, centre));
      pass.pushTangent(columns);
    }
    pass.backward(columns, { bent: weight > 0 });
  }

  /** Samples of a piece of (n, dim) into rows, a feature each; zeros up to a multiple of eight. */
  load(at: number, values: Numbers, dim: number, { start, count, columns }: Piece): void {
    const { memory } = this.k;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < columns; j++) {
        memory[at + i * STRIDE + j] = j < count ? values[(start + j) * dim + i] : 0;
      }
    }
  }

  /** Where a matrix holds a feature's row. */
  at(matrix: number, feature: number): number {
    return matrix + feature * STRIDE;
  }

  /**
   * work(place, sample) for every feature of every sample of a piece: a matrix holds the feature at its start + place.
   */
  each(features: number, { start, count }: Piece,
    work: (place: number, sample: number, feature: number) => void): void {
    for (let i = 0; i < features; i++) {
      for (let j = 0; j < count; j++) work(i * STRIDE + j, start + j, i);
    }
  }

  /** Calls `work` on n samples, piece by piece. */
  pieces(n: number, work: (piece: Piece) => void): void {
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      work({ start, count, columns: (count + 7) & ~7, n });
    }
  }

  /** Calls `work` on n samples and collects, sample by sample, the rows it leaves at `at`. */
  collect(n: number, at: number, dim: number, work: (piece: Piece) => void): Float64Array {
    const out = new Float64Array(n * dim);
    this.pieces(n, (piece) => {
      work(piece);
      this.each(dim, piece, (place, j, i) => (out[j * dim + i] = this.k.memory[at + place]));
    });
    return out;
  }

  // -- moves -------------------------------------------------------------------------------------------------------

  /** One move of the player of that name. Throws NonFiniteError, and moves nothing, when numbers blow up. */
  move<B extends Batch>(name: string, player: Player<B>, batch: B, optimiser: OptimiserSpec): Measured {
    const { memory } = this.k, sums = this.#sums, nets = player.owns.map((own) => this.networks[own]);
    const n = size(batch, player.needs());
    for (const net of nets) memory.fill(0, net.gradient, net.gradient + net.count);
    memory.fill(0, sums, sums + 3);
    this.#added = 0;
    this.pieces(n, (piece) => player.learn(batch, piece));
    const added = this.#added, loss = memory[sums] / n + added;
    let square = 0;
    for (const net of nets) {
      for (let i = net.gradient; i < net.gradient + net.count; i++) square += memory[i] ** 2;
    }
    const step = (this.counts[name] ?? 0) + 1;
    if (!Number.isFinite(loss + square)) {
      const sick = Object.keys(this.networks).find((one) => isBad(this.parameters(one)));
      const inputs = Object.values(batch).some((values) => values && isBad(values));
      throw nonFinite(name, step, { inputs, sick, loss });
    }
    for (const net of nets) net.update(optimiser);
    player.after?.();
    this.counts[name] = step;
    return { loss, added, dReal: memory[sums + 1] / n, dFake: memory[sums + 2] / n, gradient: Math.sqrt(square) };
  }

  // -- numbers in and out ------------------------------------------------------------------------------------------

  #net(name: string): Network {
    const found = this.networks[name];
    if (!found) throw unknown("network", name, Object.keys(this.networks));
    return found;
  }

  #copy(at: number, count: number): Float64Array {
    return Float64Array.from(this.k.memory.subarray(at, at + count));
  }

  parameters(name: string): Float64Array {
    const { at, count } = this.#net(name);
    return this.#copy(at, count);
  }

  gradient(name: string): Float64Array {
    const { gradient, count } = this.#net(name);
    return this.#copy(gradient, count);
  }

  setParameters(name: string, values: Numbers): void {
    const { at, count } = this.#net(name);
    if (values.length !== count) {
      throw new SpecError(`the ${name} has ${count} parameters, but ${values.length} were given.`);
    }
    this.k.memory.set(values, at);
  }

  get position(): Position {
    return {
      precision: this.precision,
      state: this.k.memory.slice(...this.#state),
      streams: this.draws.positions,
      updates: Object.values(this.networks).map((net) => net.updates),
      counts: { ...this.counts },
    };
  }
  /** Throws SpecError where it is not a position of these networks. */
  set position({ precision, state, streams, updates, counts }: Position) {
    if (precision !== this.precision || state.length !== this.#state[1] - this.#state[0]) throw new SpecError(ANOTHER);
    this.k.memory.set(state, this.#state[0]);
    this.draws.positions = streams;
    Object.values(this.networks).forEach((net, i) => (net.updates = updates[i]));
    this.counts = { ...counts };
  }
}

export const ANOTHER = "this snapshot is of another engine: networks, batch, seed and precision must be the same.";

/** How many samples of `dim` numbers these are. Throws SpecError. */
export function samples(what: string, values: Numbers, dim: number): number {
  const n = values.length / dim;
  if (n % 1 || !n) {
    throw new SpecError(`${what} holds ${values.length} numbers: give a multiple of ${dim}, sample by sample.`);
  }
  return n;
}

/** The number of samples in a batch. Throws SpecError where its numbers do not fit together. */
function size(batch: Batch, needs: Record<string, number | undefined>): number {
  let n: number | undefined;
  for (const [what, dim] of Object.entries(needs)) {
    if (!dim) continue;
    const values = batch[what];
    if (n === undefined) n = samples(what, values ?? [], dim);
    else if (values?.length !== n * dim) {
      throw new SpecError(`${what} holds ${values?.length ?? "no"} numbers: this step needs ${n * dim}.`);
    }
  }
  return n!;
}
