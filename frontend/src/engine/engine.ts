/** The game: two networks, what they play for, how they are stepped, and the random numbers they are fed. */
import { Draws } from "./draws.js";
import { nonFinite, unknown } from "./errors.js";
import { createLaw, partners } from "./law.js";
import { LOSS_G } from "./kernels-js.js";
import { type Kernels, LOSSES } from "./kernels.js";
import { Network, Plan, type Rows, type Tangent } from "./network.js";
import { penalise } from "./penalise.js";
import { INIT, Stream } from "./philox.js";
import { normalise, PLAYERS } from "./spec.js";
import {
  type BackendName, type Engine, type GanSpec, type Law, type LiveSpec, type Losses, type LossName,
  type Numbers, type PenaltyName, type Player, type Precision, type Snapshot, SpecError,
} from "./types.js";

/** Samples worked on at a time: few enough for their activations to stay in the processor's first caches. */
const CHUNK = 128;
/** Rows lie 8 floats further apart than a power of two, or they would all compete for the same lines of the cache. */
const STRIDE = CHUNK + 8;

const eights = (n: number) => (n + 7) & ~7;
const isBad = (values: Numbers) => Array.prototype.some.call(values, (x) => !Number.isFinite(x));
const last = (rows: Rows) => rows[rows.length - 1];

export class GanEngine implements Engine {
  steps = 0;
  stepsD = 0;
  stepsG = 0;
  readonly losses: Losses = {
    discriminator: NaN, generator: NaN, penalty: 0, dReal: NaN, dFake: NaN,
    gradientDiscriminator: NaN, gradientGenerator: NaN,
  };
  target!: Law;
  prior!: Law;
  spec!: Required<GanSpec>;

  readonly #k: Kernels;
  readonly #g: Network;
  readonly #d: Network;
  /** parameters and moments of both players, from ... to, with their gradients */
  readonly #state: [number, number];
  /** the discriminator's layers on a batch of each kind, and the loss's derivatives by its scores */
  readonly #real: Rows;
  readonly #fake: Rows;
  readonly #mix: Rows;
  readonly #seedReal: number;
  readonly #seedFake: number;
  readonly #seedMix: number;
  /** the generator's layers, the last of them the discriminator's first */
  readonly #layers: Rows;
  readonly #back: Rows;
  readonly #backG: Rows;
  readonly #tangent: Tangent;
  readonly #sums: number;
  readonly #draws: Draws;

  constructor(
    spec: Required<GanSpec>,
    makeKernels: (floats: number, stride: number) => Kernels,
    readonly fallbackReason: string | null = null,
  ) {
    this.#adopt(spec);
    const plan = new Plan(STRIDE);
    const [g, d] = [spec.generator.sizes, spec.discriminator.sizes];
    const start = plan.size;
    this.#g = new Network(spec.generator, plan);
    this.#d = new Network(spec.discriminator, plan);
    this.#state = [start, plan.size];
    const row = () => plan.take(STRIDE);
    const ones = row();
    this.#sums = plan.take(3);
    this.#seedReal = row();
    this.#seedFake = row();
    this.#seedMix = row();
    this.#real = plan.rows(d);
    this.#fake = plan.rows(d);
    this.#mix = plan.rows(d);
    this.#back = plan.rows(d);
    this.#tangent = { d: plan.rows(d, undefined, ones), t: plan.rows(d), z: plan.rows(d) };
    this.#layers = plan.rows(g, undefined, this.#fake[0]);
    this.#backG = plan.rows(g, undefined, this.#back[0]);

    this.#g.k = this.#d.k = this.#k = makeKernels(plan.size, STRIDE);
    this.#k.memory.fill(1, ones, ones + STRIDE);
    this.#draws = new Draws(spec.seed, spec.batch);
    const init = new Stream(spec.seed, INIT);
    for (const net of [this.#g, this.#d]) net.initialise(init);
  }

  get backend(): BackendName {
    return this.#k.backend;
  }
  get precision(): Precision {
    return this.#k.memory instanceof Float64Array ? "float64" : "float32";
  }

  // -- steps -----------------------------------------------------------------------------------------------------

  step(n = 1): void {
    for (; n > 0; n--) {
      this.trainDiscriminator(this.spec.k);
      for (let i = 0; i < this.spec.k_g; i++) this.stepG();
      this.steps++;
    }
  }

  trainDiscriminator(n: number): void {
    for (; n > 0; n--) this.stepD();
  }

  stepD(): void {
    const { real, z, mix, jitter } = this.#draws.forD(this, this.#mixes);
    this.stepDWith(real, z, mix, jitter);
  }

  stepG(): void {
    const { real, z, jitter } = this.#draws.forG(this, this.#relativistic);
    this.stepGWith(z, real, jitter);
  }

  peekD() {
    return this.#draws.ahead(() => this.#draws.forD(this, this.#mixes));
  }

  peekG() {
    return this.#draws.ahead(() => this.#draws.forG(this, this.#relativistic));
  }

  get #relativistic(): boolean {
    return this.spec.loss === "relativistic";
  }
  get #mixes(): boolean {
    return this.spec.penalties.some((p) => p.name === "wgan_gp");
  }
  get #loss(): number {
    return LOSSES.indexOf(this.spec.loss);
  }

  stepDWith(real: Numbers, z: Numbers, mix?: Numbers, jitter?: Numbers): void {
    const n = this.#begin(this.#d, z, real, this.#mixes, mix);
    const { memory } = this.#k;
    const sums = this.#sums;
    // how strongly the slope is penalised at real, generated and mixed points
    const [r1, r2, gp] = ["r1", "r2", "wgan_gp"].map((name) => this.#weight(name as PenaltyName));
    let penalty = 0;
    this.#chunks(n, (start, count, columns) => {
      this.#generate(z, start, count, jitter);
      this.#load(this.#real[0], real, this.target.dim, start, count);
      this.#d.forward(this.#real, columns);
      this.#d.forward(this.#fake, columns);
      const [r, f] = [last(this.#real), last(this.#fake)];
      this.#k.lossD(this.#loss, r, f, this.#seedReal, this.#seedFake, count, 1 / n, sums);
      if (gp) this.#mixInputs(mix!, start, count);
      penalty += this.#backward(this.#real, this.#seedReal, count, r1 / n, 0);
      penalty += this.#backward(this.#fake, this.#seedFake, count, r2 / n, 0);
      if (gp) penalty += this.#backward(this.#mix, this.#seedMix, count, gp / n, 1);
    });
    const discriminator = memory[sums] / n + penalty;
    const [dReal, dFake] = [memory[sums + 1] / n, memory[sums + 2] / n];
    const gradientDiscriminator = this.#finish("discriminator", discriminator, real, z);
    Object.assign(this.losses, { discriminator, penalty, dReal, dFake, gradientDiscriminator });
    const bound = this.#bound;
    for (let i = this.#d.at; i < this.#d.at + this.#d.count && bound < Infinity; i++) {
      memory[i] = Math.max(-bound, Math.min(bound, memory[i]));
    }
    this.stepsD++;
  }

  stepGWith(z: Numbers, real?: Numbers, jitter?: Numbers): void {
    const n = this.#begin(this.#g, z, real, false);
    this.#chunks(n, (start, count, columns) => {
      this.#generate(z, start, count, jitter);
      this.#d.forward(this.#fake, columns);
      if (this.#relativistic) {
        this.#load(this.#real[0], real!, this.target.dim, start, count);
        this.#d.forward(this.#real, columns);
      }
      this.#k.lossG(this.#loss, last(this.#real), last(this.#fake), this.#seedFake, count, 1 / n, this.#sums);
      this.#d.backwardToInput(this.#fake, this.#from(this.#seedFake), columns);
      this.#g.backward(this.#layers, this.#backG, columns);
    });
    const generator = this.#k.memory[this.#sums] / n;
    const gradientGenerator = this.#finish("generator", generator, real ?? [], z);
    Object.assign(this.losses, { generator, gradientGenerator });
    this.stepsG++;
  }

  /** Checks the numbers a step is given and clears what it adds to. Returns the number of samples. */
  #begin(net: Network, z: Numbers, real: Numbers | undefined, mixes: boolean, mix?: Numbers): number {
    const n = this.#count("z", z, this.prior.dim);
    const need = (what: string, values: Numbers | undefined, length: number) => {
      if (values?.length !== length) {
        throw new SpecError(`${what} holds ${values?.length ?? "no"} numbers: this step needs ${length}.`);
      }
    };
    if (net === this.#d || this.#relativistic) need("real", real, n * this.target.dim);
    if (mixes) need("mix", mix, n);
    this.#k.memory.fill(0, net.gradient, net.gradient + net.count);
    this.#k.memory.fill(0, this.#sums, this.#sums + 3);
    return n;
  }

  /** The rows that a backward pass through D fills, beginning with the given derivatives by the scores. */
  #from(seed: number): Rows {
    this.#back[this.#back.length - 1] = seed;
    return this.#back;
  }

  /** The sum of the weights of all penalties of a name. */
  #weight(name: PenaltyName): number {
    return this.spec.penalties.reduce((sum, p) => (p.name === name ? sum + p.weight! : sum), 0);
  }

  /** The tightest of the clips. */
  get #bound(): number {
    return this.spec.penalties.reduce((least, p) => (p.name === "clip" ? Math.min(least, p.weight!) : least), Infinity);
  }

  /** x~ = u x + (1 - u) G(z), and the forward pass there. */
  #mixInputs(u: Numbers, start: number, count: number): void {
    const { memory } = this.#k;
    for (let i = 0; i < this.target.dim * STRIDE; i += STRIDE) {
      for (let j = 0; j < count; j++) {
        const share = u[start + j];
        memory[this.#mix[0] + i + j] = share * memory[this.#real[0] + i + j] + (1 - share) * memory[this.#fake[0] + i + j];
      }
    }
    this.#d.forward(this.#mix, eights(count));
  }

  /**
   * Adds the gradient of one batch: of the loss by its seeds and, where weight > 0, of the penalty of the slopes g there:
   * see `penalise`. Returns the penalty.
   */
  #backward(layers: Rows, seed: number, count: number, weight: number, centre: 0 | 1): number {
    const columns = eights(count);
    let penalty = 0;
    if (weight) {
      this.#d.backwardToInput(layers, this.#tangent.d, columns);
      const { d, t } = this.#tangent;
      penalty = penalise(this.#k.memory, d[0], t[0], { features: this.target.dim, count, stride: STRIDE }, weight, centre);
      this.#d.pushTangent(layers, this.#tangent, columns);
    }
    this.#d.backward(layers, this.#from(seed), columns, weight ? this.#tangent : undefined);
    return penalty;
  }

  /** Looks whether all is finite, then lets the optimiser move the parameters. Returns the gradient's norm. */
  #finish(player: Player, loss: number, real: Numbers, z: Numbers): number {
    const net = this.#net(player);
    let square = 0;
    for (let i = net.gradient; i < net.gradient + net.count; i++) square += this.#k.memory[i] ** 2;
    if (!Number.isFinite(loss + square)) {
      const step = (player === "generator" ? this.stepsG : this.stepsD) + 1;
      const sick = PLAYERS.find((p) => isBad(this.getParameters(p)));
      throw nonFinite(player, step, { inputs: isBad(real) || isBad(z), sick, loss });
    }
    net.update(this.spec.optimisers[player]);
    return Math.sqrt(square);
  }

  // -- numbers in and out ----------------------------------------------------------------------------------------

  #net(player: Player): Network {
    return player === "generator" ? this.#g : this.#d;
  }

  #count(what: string, values: Numbers, dim: number): number {
    const n = values.length / dim;
    if (n % 1 || !n) {
      throw new SpecError(`${what} holds ${values.length} numbers: give a multiple of ${dim}, sample by sample.`);
    }
    return n;
  }

  #chunks(n: number, work: (start: number, count: number, columns: number) => void): void {
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      work(start, count, eights(count));
    }
  }

  /** Samples start ... start + count of (n, dim) into rows, a feature each; zeros up to a multiple of eight. */
  #load(at: number, values: Numbers, dim: number, start: number, count: number): void {
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < eights(count); j++) {
        this.#k.memory[at + i * STRIDE + j] = j < count ? values[(start + j) * dim + i] : 0;
      }
    }
  }

  #generate(z: Numbers, start: number, count: number, jitter?: Numbers): void {
    const { dim } = this.target;
    this.#load(this.#layers[0], z, this.prior.dim, start, count);
    this.#g.forward(this.#layers, eights(count));
    // noise that is added has derivative 1: the way back is that without it
    for (let i = 0; jitter && i < dim * count; i++) {
      this.#k.memory[this.#fake[0] + (i % dim) * STRIDE + Math.floor(i / dim)] += jitter[start * dim + i];
    }
  }

  /** Runs `work` over n samples and collects, sample by sample, the rows it leaves at `at`. */
  #collect(
    n: number, at: number, dim: number, work: (start: number, count: number, columns: number) => void,
  ): Float64Array {
    const out = new Float64Array(n * dim);
    this.#chunks(n, (start, count, columns) => {
      work(start, count, columns);
      for (let i = 0; i < dim; i++) {
        for (let j = 0; j < count; j++) out[(start + j) * dim + i] = this.#k.memory[at + i * STRIDE + j];
      }
    });
    return out;
  }

  generate(z: Numbers): Float64Array {
    const n = this.#count("z", z, this.prior.dim);
    return this.#collect(n, this.#fake[0], this.target.dim, (start, count) => this.#generate(z, start, count));
  }

  score(x: Numbers): Float64Array {
    const { dim } = this.target;
    return this.#collect(this.#count("x", x, dim), last(this.#real), 1, (start, count, columns) => {
      this.#load(this.#real[0], x, dim, start, count);
      this.#d.forward(this.#real, columns);
    });
  }

  generatorGradient(z: Numbers, loss: LossName = this.spec.loss): Float64Array {
    const { memory } = this.#k;
    const derivative = LOSS_G[LOSSES.indexOf(loss)];
    if (!derivative) throw unknown("loss", loss, LOSSES);
    const scores = loss === "relativistic" ? Array.from(this.score(partners(this.target))) : [0];
    const n = this.#count("z", z, this.prior.dim);
    return this.#collect(n, this.#back[0], this.target.dim, (start, count, columns) => {
      this.#generate(z, start, count);
      this.#d.forward(this.#fake, columns);
      for (let j = 0; j < columns; j++) {
        const f = memory[last(this.#fake) + j];
        memory[this.#seedFake + j] = scores.reduce((sum, r) => sum + derivative(r, f)[1], 0) / scores.length;
      }
      this.#d.backwardToInput(this.#fake, this.#from(this.#seedFake), columns);
    });
  }

  layers(player: Player, inputs: Numbers): Float64Array[] {
    const { sizes } = this.spec[player];
    const [net, rows] = player === "generator" ? [this.#g, this.#layers] : [this.#d, this.#real];
    return sizes.map((width, l) =>
      this.#collect(this.#count("inputs", inputs, sizes[0]), rows[l], width, (start, count, columns) => {
        this.#load(rows[0], inputs, sizes[0], start, count);
        net.forward(rows, columns);
      }),
    );
  }

  #copy(at: number, player: Player): Float64Array {
    return Float64Array.from(this.#k.memory.subarray(at, at + this.#net(player).count));
  }

  getParameters(player: Player): Float64Array {
    return this.#copy(this.#net(player).at, player);
  }

  getGradient(player: Player): Float64Array {
    return this.#copy(this.#net(player).gradient, player);
  }

  setParameters(player: Player, values: Numbers): void {
    const { at, count } = this.#net(player);
    if (values.length !== count) {
      throw new SpecError(`the ${player} has ${count} parameters, but ${values.length} were given.`);
    }
    this.#k.memory.set(values, at);
  }

  // -- going back and on -----------------------------------------------------------------------------------------

  snapshot(): Snapshot {
    const { spec, precision, steps, stepsD, stepsG } = this;
    return {
      spec, precision, steps, stepsD, stepsG,
      state: this.#k.memory.slice(...this.#state),
      streams: this.#draws.positions,
      updates: [this.#g.updates, this.#d.updates],
      losses: { ...this.losses },
    };
  }

  restore({ spec, precision, steps, stepsD, stepsG, state, streams, updates, losses }: Snapshot): void {
    const fixed = (s: GanSpec) => JSON.stringify([s.generator, s.discriminator, s.batch, s.seed]);
    if (precision !== this.precision || fixed(spec) !== fixed(this.spec) || state.length !== this.#state[1] - this.#state[0]) {
      throw new SpecError("this snapshot is of another engine: networks, batch, seed and precision must be the same.");
    }
    this.#adopt(spec);
    this.#k.memory.set(state, this.#state[0]);
    this.#draws.positions = streams;
    [this.#g.updates, this.#d.updates] = updates;
    Object.assign(this, { steps, stepsD, stepsG });
    Object.assign(this.losses, losses);
  }

  update(changes: LiveSpec): void {
    const before = this.spec.optimisers;
    this.#adopt(normalise({ ...this.spec, ...changes }));
    for (const player of PLAYERS) {
      if (before[player].name !== this.spec.optimisers[player].name) this.#net(player).resetOptimiser();
    }
  }

  #adopt(spec: Required<GanSpec>): void {
    this.spec = spec;
    this.target = createLaw(spec.target);
    this.prior = createLaw(spec.prior);
  }
}
