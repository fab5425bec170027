/** The game of gan.ts as the views have it: `Engine` of types.ts. */
import { unknown } from "./errors.js";
import { gan } from "./gan.js";
import { LOSS_G } from "./kernels-js.js";
import { type Kernels, LOSSES } from "./kernels.js";
import { createLaw, partners } from "./law.js";
import { normalise, PLAYERS } from "./spec.js";
import { ANOTHER, samples, System } from "./system.js";
import {
  type BackendName, type Engine, type GanSpec, type Law, type LiveSpec, type Losses, type LossName,
  type Numbers, type Player, type Precision, type Snapshot, SpecError,
} from "./types.js";

export class GanEngine implements Engine {
  steps = 0;
  readonly losses: Losses = {
    discriminator: NaN, generator: NaN, penalty: 0, dReal: NaN, dFake: NaN,
    gradientDiscriminator: NaN, gradientGenerator: NaN,
  };
  target!: Law;
  prior!: Law;
  spec!: Required<GanSpec>;
  readonly #system: System;
  readonly #game: ReturnType<typeof gan>;

  constructor(
    spec: Required<GanSpec>,
    makeKernels: (floats: number, stride: number) => Kernels,
    readonly fallbackReason: string | null = null,
  ) {
    this.#adopt(spec);
    const { generator, discriminator } = spec;
    this.#system = new System({ generator, discriminator }, spec.batch, spec.seed);
    this.#game = gan(this.#system, this);
    this.#system.begin(makeKernels);
  }

  get backend(): BackendName {
    return this.#system.backend;
  }
  get precision(): Precision {
    return this.#system.precision;
  }
  get stepsD(): number {
    return this.#system.counts.discriminator ?? 0;
  }
  get stepsG(): number {
    return this.#system.counts.generator ?? 0;
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
    const { real, z, mix, jitter } = this.#game.D.draw();
    this.stepDWith(real, z, mix, jitter);
  }

  stepG(): void {
    const { real, z, jitter } = this.#game.G.draw();
    this.stepGWith(z, real, jitter);
  }

  peekD() {
    return this.#system.draws.ahead(() => this.#game.D.draw()) as ReturnType<Engine["peekD"]>;
  }

  peekG() {
    return this.#system.draws.ahead(() => this.#game.G.draw()) as ReturnType<Engine["peekG"]>;
  }

  stepDWith(real: Numbers, z: Numbers, mix?: Numbers, jitter?: Numbers): void {
    const { loss, added, dReal, dFake, gradient } = this.#system.move(
      "discriminator", this.#game.D, { real, z, mix, jitter }, this.spec.optimisers.discriminator,
    );
    Object.assign(this.losses, { discriminator: loss, penalty: added, dReal, dFake, gradientDiscriminator: gradient });
  }

  stepGWith(z: Numbers, real?: Numbers, jitter?: Numbers): void {
    const { loss, gradient } = this.#system.move(
      "generator", this.#game.G, { real, z, jitter }, this.spec.optimisers.generator,
    );
    Object.assign(this.losses, { generator: loss, gradientGenerator: gradient });
  }

  // -- looking ---------------------------------------------------------------------------------------------------

  generate(z: Numbers): Float64Array {
    const n = samples("z", z, this.prior.dim), { made, generate } = this.#game;
    return this.#system.collect(n, made.y, this.target.dim, (piece) => generate(z, piece));
  }

  score(x: Numbers): Float64Array {
    const n = samples("x", x, this.target.dim), { real, show } = this.#game;
    return this.#system.collect(n, real.y, 1, (piece) => show(x, piece));
  }

  generatorGradient(z: Numbers, loss: LossName = this.spec.loss): Float64Array {
    const derivative = LOSS_G[LOSSES.indexOf(loss)];
    if (!derivative) throw unknown("loss", loss, LOSSES);
    const scores = loss === "relativistic" ? Array.from(this.score(partners(this.target))) : [0];
    const n = samples("z", z, this.prior.dim), { fake, generate } = this.#game, { k: { memory } } = this.#system;
    return this.#system.collect(n, fake.dx, this.target.dim, (piece) => {
      generate(z, piece);
      fake.forward(piece.columns);
      for (let j = 0; j < piece.columns; j++) {
        const f = memory[fake.y + j];
        memory[fake.dy + j] = scores.reduce((sum, r) => sum + derivative(r, f)[1], 0) / scores.length;
      }
      fake.backwardToInput(piece.columns);
    });
  }

  layers(player: Player, inputs: Numbers): Float64Array[] {
    const { sizes } = this.spec[player], n = samples("inputs", inputs, sizes[0]);
    const pass = this.#game[player === "generator" ? "made" : "real"];
    return sizes.map((width, l) =>
      this.#system.collect(n, pass.a[l], width, (piece) => {
        this.#system.load(pass.x, inputs, sizes[0], piece);
        pass.forward(piece.columns);
      }),
    );
  }

  getParameters(player: Player): Float64Array {
    return this.#system.parameters(player);
  }

  getGradient(player: Player): Float64Array {
    return this.#system.gradient(player);
  }

  setParameters(player: Player, values: Numbers): void {
    this.#system.setParameters(player, values);
  }

  // -- going back and on -----------------------------------------------------------------------------------------

  snapshot(): Snapshot {
    const { precision, state, streams, updates } = this.#system.position;
    const { spec, steps, stepsD, stepsG, losses } = this;
    return { spec, precision, steps, stepsD, stepsG, state, streams, updates, losses: { ...losses } };
  }

  restore({ spec, precision, steps, stepsD, stepsG, state, streams, updates, losses }: Snapshot): void {
    const fixed = (s: GanSpec) => JSON.stringify([s.generator, s.discriminator, s.batch, s.seed]);
    if (fixed(spec) !== fixed(this.spec)) throw new SpecError(ANOTHER);
    const counts = { discriminator: stepsD, generator: stepsG };
    this.#system.position = { precision, state, streams, updates, counts };
    this.#adopt(spec);
    this.steps = steps;
    Object.assign(this.losses, losses);
  }

  update(changes: LiveSpec): void {
    const before = this.spec.optimisers;
    this.#adopt(normalise({ ...this.spec, ...changes }));
    for (const player of PLAYERS) {
      if (before[player].name !== this.spec.optimisers[player].name) this.#system.networks[player].resetOptimiser();
    }
  }

  #adopt(spec: Required<GanSpec>): void {
    const [target, prior] = [createLaw(spec.target), createLaw(spec.prior)];
    Object.assign(this, { spec, target, prior });
  }
}
