/**
 * The contract between the engine and everything that stands on it.
 *
 * A `GanSpec` is plain JSON: the same object travels in a permalink, comes out of `gan_lab.widgets` in
 * Python and goes into `createEngine`. Arrays of samples are flat and row-major: n samples of dimension d
 * are n*d numbers, sample by sample.
 */

export type ActivationName = "tanh" | "relu" | "leaky_relu" | "softplus" | "sigmoid";
export type LossName =
  | "minimax"
  | "non_saturating"
  | "least_squares"
  | "wasserstein"
  | "hinge"
  | "relativistic";
export type PenaltyName = "clip" | "wgan_gp" | "r1" | "r2";
export type OptimiserName = "sgd" | "momentum" | "rmsprop" | "adam";
export type Player = "generator" | "discriminator";
export type Precision = "float32" | "float64";
export type BackendName = "wasm" | "js";
export type Numbers = ArrayLike<number>;

/** A multilayer perceptron: `sizes` from input to output, no activation after the last layer. */
export interface NetSpec {
  sizes: number[];
  activation: ActivationName;
}

/**
 * `weight` is lambda for wgan_gp (default 10), gamma for r1 and r2 (default 1), the bound c for clip (default 0.01).
 */
export interface PenaltySpec {
  name: PenaltyName;
  weight?: number;
}

/** torch.optim's semantics and defaults; fields that an optimiser does not use are ignored. */
export interface OptimiserSpec {
  name: OptimiserName;
  lr: number;
  /** momentum (default 0.9) */
  momentum?: number;
  /** rmsprop (default 0.99) */
  alpha?: number;
  /** adam (default [0.9, 0.999]) */
  betas?: [number, number];
  /** rmsprop and adam (default 1e-8) */
  eps?: number;
}

export type DistributionSpec =
  | { name: "gaussian"; mean?: number; std?: number }
  | { name: "mixture"; means: number[]; stds: number[]; weights?: number[] }
  | { name: "uniform"; low?: number; high?: number }
  | { name: "exponential"; rate?: number }
  | { name: "sine" }
  | { name: "drawn"; low: number; high: number; heights: number[] };

/** In the plane. All but `points` are named as in the papers; a drawing or an uploaded table is `points` too. */
export type PlaneSpec =
  | { name: "ring"; modes?: number; radius?: number; std?: number }
  | { name: "grid"; side?: number; spacing?: number; std?: number }
  | { name: "points"; centres: [number, number][]; std: number }
  | { name: "spiral"; turns?: number; radius?: number; std?: number }
  | { name: "moons"; std?: number }
  | { name: "sine_curve"; amplitude?: number; std?: number }
  | { name: "segment"; length?: number; std?: number };

/** Noise of any dimension. */
export type CubeSpec = { name: "standard_normal"; dim: number } | { name: "uniform_cube"; dim: number; low?: number;
  high?: number };

export type LawSpec = DistributionSpec | PlaneSpec | CubeSpec;

export interface GanSpec {
  generator: NetSpec;
  discriminator: NetSpec;
  loss: LossName;
  penalties?: PenaltySpec[];
  optimisers: Record<Player, OptimiserSpec>;
  /** D steps per G step (default 1) */
  k?: number;
  /** G steps after them (default 1) */
  k_g?: number;
  /** standard deviation of the normal noise that is added to all that the discriminator is shown (default 0) */
  instance_noise?: number;
  batch?: number;
  seed?: number;
  target: LawSpec;
  prior: LawSpec;
}

/** What can be drawn from: the push-forward of uniforms. */
export interface Law {
  readonly spec: LawSpec;
  readonly dim: number;
  /** how many uniforms one sample uses */
  readonly uniforms: number;
  /** One sample from the uniforms u[at], u[at + 1], ... to out[to], out[to + 1], ... */
  fromUniform(u: Numbers, at: number, out: Float64Array, to: number): void;
}

/** A law in the plane, its density exact. */
export interface Plane extends Law {
  readonly spec: PlaneSpec;
  readonly dim: 2;
  /** a rectangle x0, x1, y0, y1 that holds practically all mass: what a picture should show */
  readonly box: readonly [number, number, number, number];
  density(x: number, y: number): number;
  /** rings, grids and points: equal normals around these centres */
  readonly centres?: readonly (readonly [number, number])[];
  readonly std: number;
}

/** A law on the line, with everything else in closed form. */
export interface Distribution extends Law {
  readonly spec: DistributionSpec;
  readonly dim: 1;
  /** an interval that holds practically all mass: what a plot should show */
  readonly range: readonly [number, number];
  readonly mean: number;
  readonly std: number;
  density(x: number): number;
  cdf(x: number): number;
  quantile(u: number): number;
}

/** What the last steps measured; NaN until the step in question was made. */
export interface Losses {
  /** the discriminator's loss, penalties included */
  discriminator: number;
  generator: number;
  /** the part of the discriminator's loss that penalties (not clip) add */
  penalty: number;
  /**
   * batch means of D(x) in the last discriminator step: sigmoid(score) where the loss has a logarithm, else the score
   */
  dReal: number;
  dFake: number;
  /** Euclidean norms of the last gradients */
  gradientDiscriminator: number;
  gradientGenerator: number;
}

/** Everything the engine needs to go on as if it had never stopped; plain data, safe to keep and to clone. */
export interface Snapshot {
  readonly spec: Required<GanSpec>;
  readonly precision: Precision;
  /** parameters of both players, the optimisers' state and the last gradients, as laid out by the engine */
  readonly state: Float32Array | Float64Array;
  /** words consumed so far from the streams data, noise, mix, augmentation */
  readonly streams: readonly number[];
  readonly steps: number;
  readonly stepsD: number;
  readonly stepsG: number;
  /** how many updates each optimiser has made since its last reset: G, D */
  readonly updates: readonly number[];
  readonly losses: Losses;
}

/** What may be changed while training; networks, batch and seed need a new engine. */
export type LiveSpec = Partial<
  Pick<GanSpec, "loss" | "penalties" | "optimisers" | "k" | "k_g" | "instance_noise" | "target" | "prior">
>;

export interface EngineOptions {
  /** "auto" (default) tries WebAssembly and falls back to JavaScript, saying why in `fallbackReason` */
  backend?: BackendName | "auto";
  /** float64 exists in JavaScript only (for comparing with torch.float64) */
  precision?: Precision;
  /**
   * WebAssembly: whether a multiplication and the addition after it may be rounded once instead of twice, where the
   * browser can (default true, and a quarter faster). False gives the same bits in every browser.
   */
  fused?: boolean;
}

export interface Engine {
  /** the spec in force, all defaults filled in */
  readonly spec: Required<GanSpec>;
  readonly backend: BackendName;
  readonly precision: Precision;
  /** why JavaScript is used although WebAssembly was asked for; null when it was not, or when it runs */
  readonly fallbackReason: string | null;
  /** completed whole steps (k D steps and k_g G steps), and single steps of each player */
  readonly steps: number;
  readonly stepsD: number;
  readonly stepsG: number;
  readonly losses: Readonly<Losses>;
  readonly target: Law;
  readonly prior: Law;

  /** n times: k D steps, then k_g G steps. Throws NonFiniteError when numbers blow up. */
  step(n?: number): void;
  stepD(): void;
  stepG(): void;
  /** n D steps and no G step */
  trainDiscriminator(n: number): void;
  /**
   * One step on given numbers: real (m, d), z (m, c), mix (m) for wgan_gp, jitter (m, d) is added to the generated
   * samples; the streams stay where they are.
   */
  stepDWith(real: Numbers, z: Numbers, mix?: Numbers, jitter?: Numbers): void;
  /** real (m, d) for the relativistic loss */
  stepGWith(z: Numbers, real?: Numbers, jitter?: Numbers): void;
  /** What the next step of that player will be fed; nothing is used up. */
  peekD(): { real: Float64Array; z: Float64Array; mix?: Float64Array; jitter?: Float64Array };
  peekG(): { real?: Float64Array; z: Float64Array; jitter?: Float64Array };

  /** G(z): (n, c) -> (n, d) */
  generate(z: Numbers): Float64Array;
  /** the logits s(x): (n, d) -> (n) */
  score(x: Numbers): Float64Array;
  /**
   * The derivative of each sample's own generator loss with respect to x = G(z): (n, c) -> (n, d). Minus this
   * is the direction in which the generator is asked to move its samples. `loss`: of another loss at the same
   * weights. For the relativistic loss the partner is averaged over quantiles of the target (on the line) or over
   * 64 samples of it.
   */
  generatorGradient(z: Numbers, loss?: LossName): Float64Array;
  /** What a player's layers hold, the input first, the output last: (n, width) each. */
  layers(player: Player, inputs: Numbers): Float64Array[];

  /** layer by layer: weight row-major (out, in), then bias */
  getParameters(player: Player): Float64Array;
  setParameters(player: Player, values: Numbers): void;
  /** the gradient left by the last step of that player, in the order of its parameters */
  getGradient(player: Player): Float64Array;

  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  /** A player's optimiser starts anew only when its name changes. */
  update(changes: LiveSpec): void;
}

/** A spec that cannot be run; the message is one sentence: what was wrong, where, what to do. */
export class SpecError extends Error {
  override name = "SpecError";
}

/** Training left the finite numbers. The step that did it changed no parameter. */
export class NonFiniteError extends Error {
  override name = "NonFiniteError";
  constructor(
    readonly player: string,
    /** what went bad first: "inputs", "parameters", "loss" or "gradient" */
    readonly what: "inputs" | "parameters" | "loss" | "gradient",
    readonly step: number,
    message: string,
  ) {
    super(message);
  }
}

/** What a run in the plane is scored by. The modes are missing where the target has none. */
export interface Scores {
  covered?: number;
  highQuality?: number;
  reverseKl?: number;
  slicedWasserstein: number;
}
