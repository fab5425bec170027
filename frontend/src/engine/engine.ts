/** The game: two networks, what they play for, how they are stepped, and the random numbers they are fed. */
import { createDistribution } from "./distributions.js";
import { createJsKernels, LOSS_G } from "./kernels-js.js";
import { createWasmKernels } from "./kernels-wasm.js";
import { type Kernels, LOSSES, OPTIMISERS, rates } from "./kernels.js";
import { countParameters, Network, Plan, type Rows, type Tangent, type Tape } from "./network.js";
import { DATA, INIT, MIX, NOISE, Stream } from "./philox.js";
import { normalise, PLAYERS } from "./spec.js";
import {
  type BackendName, type Distribution, type Engine, type EngineOptions, type GanSpec, type LiveSpec, type Losses,
  NonFiniteError, type Numbers, type Player, type Precision, type Snapshot, SpecError,
} from "./types.js";

/** Samples worked on at a time: few enough for their activations to stay in the processor's first caches. */
const CHUNK = 128;
/** Rows start 8 floats further apart than a power of two, or they would all compete for the same lines of the cache. */
const STRIDE = CHUNK + 8;
const PARTNERS = 64;

const G = 0;
const D = 1;
const eights = (n: number) => (n + 7) & ~7;

/** Where everything lies in memory. */
function layout(spec: GanSpec) {
  const plan = new Plan(STRIDE);
  const counts = [countParameters(spec.generator.sizes), countParameters(spec.discriminator.sizes)];
  const pair = () => [plan.take(counts[G]), plan.take(counts[D])];
  const stateStart = plan.size;
  const parameters = pair();
  const first = pair();
  const second = pair();
  const stateEnd = plan.size;
  const gradients = pair();
  const sums = plan.take(4);
  const generator = new Network(spec.generator, parameters[G], gradients[G]);
  const discriminator = new Network(spec.discriminator, parameters[D], gradients[D]);

  const tape = (): Tape => ({ a: discriminator.rows(plan), seed: plan.rows(1) });
  const real = tape();
  const fake = tape();
  const mix = tape();
  const ones = plan.rows(1);
  const back = discriminator.rows(plan);
  const tangent: Tangent = {
    d: discriminator.rows(plan, undefined, ones),
    t: discriminator.rows(plan),
    z: discriminator.rows(plan),
  };
  // the generator's outputs are the discriminator's inputs, and so are their derivatives
  const a = generator.rows(plan, undefined, fake.a[0]);
  const backG = generator.rows(plan, undefined, back[0]);
  return {
    counts, parameters, first, second, gradients, stateStart, stateEnd, sums, generator, discriminator,
    real, fake, mix, ones, back, tangent, a, backG, size: plan.size,
  };
}

class GanEngine implements Engine {
  steps = 0;
  stepsD = 0;
  stepsG = 0;
  readonly losses: Losses = {
    discriminator: NaN, generator: NaN, penalty: 0, dReal: NaN, dFake: NaN,
    gradientDiscriminator: NaN, gradientGenerator: NaN,
  };
  target: Distribution;
  prior: Distribution;

  private readonly m: ReturnType<typeof layout>;
  private readonly k: Kernels;
  private readonly streams: [Stream, Stream, Stream];
  private updates = [0, 0];
  private uniforms: Float64Array = new Float64Array(0);
  private realBuffer = this.uniforms;
  private zBuffer = this.uniforms;
  private mixBuffer = this.uniforms;

  constructor(public spec: Required<GanSpec>, makeKernels: (floats: number, stride: number) => Kernels) {
    this.m = layout(spec);
    this.k = makeKernels(this.m.size, STRIDE);
    this.target = createDistribution(spec.target);
    this.prior = createDistribution(spec.prior);
    this.streams = [new Stream(spec.seed, DATA), new Stream(spec.seed, NOISE), new Stream(spec.seed, MIX)];
    this.k.memory.fill(1, this.m.ones, this.m.ones + STRIDE);
    this.initialise();
  }

  get backend(): BackendName {
    return this.k.backend;
  }
  get precision(): Precision {
    return this.k.memory instanceof Float64Array ? "float64" : "float32";
  }
  fallbackReason: string | null = null;

  /** U(-1, 1) / sqrt(inputs) for weights and biases: PyTorch's default law for linear layers. */
  private initialise(): void {
    const stream = new Stream(this.spec.seed, INIT);
    PLAYERS.forEach((player, p) => {
      const { sizes } = this.spec[player];
      let at = this.m.parameters[p];
      for (let l = 1; l < sizes.length; l++) {
        const n = sizes[l] * (sizes[l - 1] + 1);
        const u = new Float64Array(n);
        stream.fill(u, n);
        this.k.memory.set(u.map((x) => (2 * x - 1) / Math.sqrt(sizes[l - 1])), at);
        at += n;
      }
    });
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** `batch` fresh samples of a distribution from one of the streams, into a buffer that is kept. */
  private draw(distribution: Distribution, stream: Stream, buffer: Float64Array): Float64Array {
    const { batch } = this.spec;
    const { uniforms } = distribution;
    const out = buffer.length === batch ? buffer : new Float64Array(batch);
    if (this.uniforms.length < batch * uniforms) this.uniforms = new Float64Array(batch * uniforms);
    stream.fill(this.uniforms, batch * uniforms);
    for (let i = 0; i < batch; i++) out[i] = distribution.fromUniform(this.uniforms, i * uniforms);
    return out;
  }

  private drawReal(): Float64Array {
    return (this.realBuffer = this.draw(this.target, this.streams[0], this.realBuffer));
  }

  private drawNoise(): Float64Array {
    return (this.zBuffer = this.draw(this.prior, this.streams[1], this.zBuffer));
  }

  private drawMix(): Float64Array {
    const { batch } = this.spec;
    if (this.mixBuffer.length !== batch) this.mixBuffer = new Float64Array(batch);
    this.streams[2].fill(this.mixBuffer, batch);
    return this.mixBuffer;
  }

  private get mixes(): boolean {
    return this.spec.penalties.some((p) => p.name === "wgan_gp");
  }

  // -- steps -----------------------------------------------------------------------------------------------------

  step(n = 1): void {
    for (let i = 0; i < n; i++) {
      this.trainDiscriminator(this.spec.k);
      this.stepG();
      this.steps++;
    }
  }

  trainDiscriminator(n: number): void {
    for (let i = 0; i < n; i++) this.stepD();
  }

  stepD(): void {
    const real = this.drawReal();
    const z = this.drawNoise();
    this.stepDWith(real, z, this.mixes ? this.drawMix() : undefined);
  }

  stepG(): void {
    const real = this.spec.loss === "relativistic" ? this.drawReal() : undefined;
    this.stepGWith(this.drawNoise(), real);
  }

  stepDWith(real: Numbers, z: Numbers, mix?: Numbers): void {
    const { m, k } = this;
    const n = this.samples("z", z, this.prior.dim);
    this.expect("real", real, n * this.target.dim);
    if (this.mixes) this.expect("mix", mix, n);
    const weights = this.penaltyWeights();
    this.begin(D);
    let penalty = 0;
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      const columns = eights(count);
      this.generateChunk(z, start, count);
      this.load(m.real.a[0], real, this.target.dim, start, count);
      m.discriminator.forward(k, m.real.a, columns);
      m.discriminator.forward(k, m.fake.a, columns);
      const [r, f] = [m.real.a, m.fake.a].map((a) => a[m.discriminator.depth]);
      k.lossD(LOSSES.indexOf(this.spec.loss), r, f, m.real.seed, m.fake.seed, count, 1 / n, m.sums);
      if (weights.mix > 0) this.mixChunk(mix!, start, count);
      penalty += this.backwardD(m.real, count, n, weights.real, 0);
      penalty += this.backwardD(m.fake, count, n, weights.fake, 0);
      if (weights.mix > 0) penalty += this.backwardD(m.mix, count, n, weights.mix, 1);
    }
    const s = k.memory;
    const loss = s[m.sums] / n + penalty;
    const norm = this.finish(D, loss, real, z);
    Object.assign(this.losses, {
      discriminator: loss, penalty, dReal: s[m.sums + 1] / n, dFake: s[m.sums + 2] / n, gradientDiscriminator: norm,
    });
    this.clip();
    this.stepsD++;
  }

  stepGWith(z: Numbers, real?: Numbers): void {
    const { m, k } = this;
    const n = this.samples("z", z, this.prior.dim);
    const relativistic = this.spec.loss === "relativistic";
    if (relativistic) this.expect("real", real, n * this.target.dim);
    this.begin(G);
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      const columns = eights(count);
      this.generateChunk(z, start, count);
      m.discriminator.forward(k, m.fake.a, columns);
      if (relativistic) {
        this.load(m.real.a[0], real!, this.target.dim, start, count);
        m.discriminator.forward(k, m.real.a, columns);
      }
      const [r, f] = [m.real.a, m.fake.a].map((a) => a[m.discriminator.depth]);
      k.lossG(LOSSES.indexOf(this.spec.loss), r, f, m.fake.seed, count, 1 / n, m.sums);
      m.discriminator.backwardToInput(k, m.fake.a, this.seeded(m.fake), columns);
      m.generator.backward(k, m.a, m.backG, columns);
    }
    const loss = k.memory[m.sums] / n;
    const norm = this.finish(G, loss, real ?? [], z);
    Object.assign(this.losses, { generator: loss, gradientGenerator: norm });
    this.stepsG++;
  }

  /** The rows that a backward pass through D fills, the last of them the tape's own. */
  private seeded(tape: Tape): Rows {
    const rows = this.m.back;
    rows[rows.length - 1] = tape.seed;
    return rows;
  }

  /** How strongly the gradient is penalised at real, generated and mixed points, over all penalties of the list. */
  private penaltyWeights() {
    const total = (name: string) =>
      this.spec.penalties.reduce((sum, p) => (p.name === name ? sum + p.weight! : sum), 0);
    return { real: total("r1"), fake: total("r2"), mix: total("wgan_gp") };
  }

  /** x~ = u x + (1 - u) G(z), and the forward pass there. */
  private mixChunk(u: Numbers, start: number, count: number): void {
    const { m, k } = this;
    for (let i = 0; i < this.target.dim; i++) {
      const row = i * STRIDE;
      for (let j = 0; j < count; j++) {
        const share = u[start + j];
        k.memory[m.mix.a[0] + row + j] =
          share * k.memory[m.real.a[0] + row + j] + (1 - share) * k.memory[m.fake.a[0] + row + j];
      }
    }
    m.discriminator.forward(k, m.mix.a, eights(count));
  }

  /**
   * Adds the gradient of one tape: of the loss by its seeds and, where weight > 0, of the penalty of the slopes there:
   * weight / 2 mean |g|^2 for centre 0 (R1, R2), weight mean (|g| - 1)^2 for centre 1 (WGAN-GP). Returns the penalty.
   */
  private backwardD(tape: Tape, count: number, n: number, weight: number, centre: 0 | 1): number {
    const { m, k } = this;
    const columns = eights(count);
    if (weight === 0) {
      m.discriminator.backward(k, tape.a, this.seeded(tape), columns);
      return 0;
    }
    m.discriminator.backwardToInput(k, tape.a, m.tangent.d, columns);
    const penalty = this.penalise(count, n, weight, centre);
    m.discriminator.pushTangent(k, tape.a, m.tangent, columns);
    m.discriminator.backward(k, tape.a, this.seeded(tape), columns, m.tangent);
    return penalty;
  }

  /** The penalty of the gradients g in tangent.d[0], and its derivative v by them into tangent.t[0]. */
  private penalise(count: number, n: number, weight: number, centre: 0 | 1): number {
    const { memory } = this.k;
    const [g, v] = [this.m.tangent.d[0], this.m.tangent.t[0]];
    const rows = this.target.dim * STRIDE;
    let sum = 0;
    for (let j = 0; j < eights(count); j++) {
      let square = 0;
      for (let i = j; i < rows; i += STRIDE) square += memory[g + i] ** 2;
      const norm = Math.sqrt(square);
      let factor = 0;
      if (j < count) {
        sum += centre ? (norm - 1) ** 2 : square / 2;
        // at g = 0 the norm has no derivative; 0 is the choice of PyTorch
        factor = centre ? (norm > 0 ? 2 - 2 / norm : 0) : 1;
      }
      for (let i = j; i < rows; i += STRIDE) memory[v + i] = (factor * weight * memory[g + i]) / n;
    }
    return (weight * sum) / n;
  }

  private begin(player: 0 | 1): void {
    const { memory } = this.k;
    const g = this.m.gradients[player];
    memory.fill(0, g, g + this.m.counts[player]);
    memory.fill(0, this.m.sums, this.m.sums + 3);
  }

  /** Looks whether all is finite, then lets the optimiser move the parameters. Returns the gradient's norm. */
  private finish(player: 0 | 1, loss: number, real: Numbers, z: Numbers): number {
    const { m, k } = this;
    const count = m.counts[player];
    const g = m.gradients[player];
    let square = 0;
    for (let i = g; i < g + count; i++) square += k.memory[i] ** 2;
    if (!Number.isFinite(loss + square)) throw this.diagnose(player, loss, real, z);
    const optimiser = this.spec.optimisers[PLAYERS[player]];
    k.optimise(
      OPTIMISERS.indexOf(optimiser.name), m.parameters[player], g, m.first[player], m.second[player], count,
      ...rates(optimiser, ++this.updates[player]),
    );
    return Math.sqrt(square);
  }

  private diagnose(player: 0 | 1, loss: number, real: Numbers, z: Numbers): NonFiniteError {
    const bad = (values: Numbers) => Array.prototype.some.call(values, (x) => !Number.isFinite(x));
    const who = PLAYERS[player];
    const step = (player === D ? this.stepsD : this.stepsG) + 1;
    const sick = PLAYERS.find((p) => bad(this.getParameters(p)));
    const [what, text] =
      bad(real) || bad(z)
        ? (["inputs", "a number in its batch"] as const)
        : sick
          ? (["parameters", `a parameter of the ${sick}`] as const)
          : Number.isFinite(loss)
            ? (["gradient", "its gradient"] as const)
            : (["loss", "its loss"] as const);
    const advice =
      what === "inputs"
        ? "feed it finite numbers"
        : "go back to an earlier state and lower the learning rates, or restrain the discriminator with a penalty";
    return new NonFiniteError(who, what, step, `step ${step} of the ${who}: ${text} is not finite; ${advice}.`);
  }

  private clip(): void {
    const { memory } = this.k;
    for (const { name, weight } of this.spec.penalties) {
      if (name !== "clip") continue;
      const c = weight!;
      const from = this.m.parameters[D];
      for (let i = from; i < from + this.m.counts[D]; i++) memory[i] = Math.max(-c, Math.min(c, memory[i]));
    }
  }

  // -- numbers in and out ----------------------------------------------------------------------------------------

  private samples(what: string, values: Numbers, dim: number): number {
    const n = values.length / dim;
    if (!Number.isInteger(n) || n === 0) {
      throw new SpecError(`${what} holds ${values.length} numbers: give a multiple of ${dim}, sample by sample.`);
    }
    return n;
  }

  private expect(what: string, values: Numbers | undefined, length: number): void {
    if (values?.length !== length) {
      throw new SpecError(`${what} holds ${values?.length ?? "no"} numbers: this step needs ${length}.`);
    }
  }

  /** Samples start ... start + count of (n, dim) into rows, a feature each; zeros up to a multiple of eight. */
  private load(at: number, values: Numbers, dim: number, start: number, count: number): void {
    const { memory } = this.k;
    for (let i = 0; i < dim; i++) {
      const row = at + i * STRIDE;
      for (let j = 0; j < count; j++) memory[row + j] = values[(start + j) * dim + i];
      for (let j = count; j < eights(count); j++) memory[row + j] = 0;
    }
  }

  /** The reverse of `load`. */
  private unload(at: number, out: Float64Array, dim: number, start: number, count: number): void {
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < count; j++) out[(start + j) * dim + i] = this.k.memory[at + i * STRIDE + j];
    }
  }

  private generateChunk(z: Numbers, start: number, count: number): void {
    this.load(this.m.a[0], z, this.prior.dim, start, count);
    this.m.generator.forward(this.k, this.m.a, eights(count));
  }

  /** Runs `chunk` over n samples and collects what it leaves at `at`. */
  private collect(n: number, at: number, dim: number, chunk: (start: number, count: number) => void): Float64Array {
    const out = new Float64Array(n * dim);
    for (let start = 0; start < n; start += CHUNK) {
      const count = Math.min(CHUNK, n - start);
      chunk(start, count);
      this.unload(at, out, dim, start, count);
    }
    return out;
  }

  generate(z: Numbers): Float64Array {
    const n = this.samples("z", z, this.prior.dim);
    return this.collect(n, this.m.fake.a[0], this.target.dim, (s, c) => this.generateChunk(z, s, c));
  }

  score(x: Numbers): Float64Array {
    const { m, k } = this;
    const { dim } = this.target;
    return this.collect(this.samples("x", x, dim), m.real.a[m.discriminator.depth], 1, (start, count) => {
      this.load(m.real.a[0], x, dim, start, count);
      m.discriminator.forward(k, m.real.a, eights(count));
    });
  }

  generatorGradient(z: Numbers): Float64Array {
    const { m, k } = this;
    const lossG = LOSS_G[LOSSES.indexOf(this.spec.loss)];
    const partners: Numbers = this.spec.loss === "relativistic" ? this.partnerScores() : [0];
    const scores = m.fake.a[m.discriminator.depth];
    return this.collect(this.samples("z", z, this.prior.dim), m.back[0], this.target.dim, (start, count) => {
      this.generateChunk(z, start, count);
      m.discriminator.forward(k, m.fake.a, eights(count));
      for (let j = 0; j < eights(count); j++) {
        let sum = 0;
        for (let i = 0; i < partners.length; i++) sum += lossG(partners[i], k.memory[scores + j])[1];
        k.memory[m.fake.seed + j] = sum / partners.length;
      }
      m.discriminator.backwardToInput(k, m.fake.a, this.seeded(m.fake), eights(count));
    });
  }

  private partnerScores(): Numbers {
    const middles = Array.from({ length: PARTNERS }, (_, i) => (i + 0.5) / PARTNERS);
    return this.score(middles.map((u) => this.target.quantile(u)));
  }

  private copy(from: number, player: Player): Float64Array {
    return Float64Array.from(this.k.memory.subarray(from, from + this.m.counts[PLAYERS.indexOf(player)]));
  }

  getParameters(player: Player): Float64Array {
    return this.copy(this.m.parameters[PLAYERS.indexOf(player)], player);
  }

  getGradient(player: Player): Float64Array {
    return this.copy(this.m.gradients[PLAYERS.indexOf(player)], player);
  }

  setParameters(player: Player, values: Numbers): void {
    const p = PLAYERS.indexOf(player);
    if (values.length !== this.m.counts[p]) {
      throw new SpecError(`the ${player} has ${this.m.counts[p]} parameters, but ${values.length} were given.`);
    }
    this.k.memory.set(values, this.m.parameters[p]);
  }

  // -- going back and on -----------------------------------------------------------------------------------------

  snapshot(): Snapshot {
    return {
      spec: this.spec,
      precision: this.precision,
      state: this.k.memory.slice(this.m.stateStart, this.m.stateEnd),
      streams: this.streams.map((s) => s.position) as [number, number, number],
      steps: this.steps,
      stepsD: this.stepsD,
      stepsG: this.stepsG,
      updates: [this.updates[G], this.updates[D]],
      losses: { ...this.losses },
    };
  }

  restore(snapshot: Snapshot): void {
    const fixed = (spec: GanSpec) => JSON.stringify([spec.generator, spec.discriminator, spec.batch, spec.seed]);
    if (snapshot.precision !== this.precision || fixed(snapshot.spec) !== fixed(this.spec)) {
      throw new SpecError("this snapshot is of another engine: networks, batch, seed and precision must be the same.");
    }
    this.adopt(snapshot.spec as Required<GanSpec>);
    this.k.memory.set(snapshot.state, this.m.stateStart);
    this.streams.forEach((s, i) => (s.position = snapshot.streams[i]));
    this.updates = [...snapshot.updates];
    const { steps, stepsD, stepsG } = snapshot;
    Object.assign(this, { steps, stepsD, stepsG });
    Object.assign(this.losses, snapshot.losses);
  }

  update(changes: LiveSpec): void {
    const spec = normalise({ ...this.spec, ...changes });
    PLAYERS.forEach((player, p) => {
      if (spec.optimisers[player].name === this.spec.optimisers[player].name) return;
      for (const at of [this.m.first[p], this.m.second[p]]) this.k.memory.fill(0, at, at + this.m.counts[p]);
      this.updates[p] = 0;
    });
    this.adopt(spec);
  }

  private adopt(spec: Required<GanSpec>): void {
    this.spec = spec;
    this.target = createDistribution(spec.target);
    this.prior = createDistribution(spec.prior);
  }
}

/** An engine for the spec, its networks initialised from the seed. Throws SpecError for what cannot be run. */
export function createEngine(spec: GanSpec, options: EngineOptions = {}): Engine {
  const { backend = "auto", precision = "float32", fused = true } = options;
  const full = normalise(spec);
  if (precision === "float64") {
    if (backend === "wasm") throw new SpecError('WebAssembly computes in float32 here: use backend "js" for float64.');
    return new GanEngine(full, (floats, stride) => createJsKernels(new Float64Array(floats), stride));
  }
  const js = () => new GanEngine(full, (floats, stride) => createJsKernels(new Float32Array(floats), stride));
  if (backend === "js") return js();
  try {
    return new GanEngine(full, (floats, stride) => createWasmKernels(floats, stride, fused));
  } catch (error) {
    const engine = js();
    engine.fallbackReason = error instanceof Error ? error.message : String(error);
    return engine;
  }
}
