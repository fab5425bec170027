/**
 * Everything that is shown of a game in the plane, as plain numbers, measured from the engine in the page or filled
 * from a frame that a Python kernel sent: it does not matter who trained the networks.
 */
import type { Engine, Law, LossName, Numbers, Plane, PlaneSpec } from "../engine/types";
import { createPlane, DATA, NOISE, sample, Stream } from "../engine/views";

/** No run has this seed: what is drawn and scored is never what was trained on. */
const SEED = 4_000_001;
/** How many samples are scored; the first of them are drawn. */
export const SCORED = 512;
export const DOTS = 320;
/** of the samples, these make up the kernel estimate of p_g */
const SAMPLES = 2048;

export interface PictureSize {
  /** the heat map is side x side (default 48) */
  side?: number;
  /** cells along each side of the warped grid of noise (default 16), 0 for none */
  mesh?: number;
  arrows?: number;
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

export class Picture {
  readonly side: number;
  /** the square that is shown: x0, x1, y0, y1 */
  box: [number, number, number, number] = [-1, 1, -1, 1];
  target!: Plane;
  /** the points of the heat map (side * side, 2), row by row from below, and the scores there */
  readonly x: Float64Array;
  readonly s: Float64Array;
  /**
   * noise on a grid of equal mass, (mesh + 1)^2 vertices in the plane or 20 mesh + 1 on the line, and where G takes it
   */
  zMesh: Float64Array = new Float64Array(0);
  mesh: Float64Array = new Float64Array(0);
  /** cells of the warped grid along each side; 0 where the noise has more dimensions than can be drawn */
  cells = 0;
  curve = false;
  /** noise of the arrows, their feet G(z), and minus the gradient of the generator's loss there */
  zArrow: Float64Array = new Float64Array(0);
  foot: Float64Array;
  pull: Float64Array;
  /** the pulls of other losses at the same weights */
  pulls = new Map<LossName, Float64Array>();
  zSample: Float64Array = new Float64Array(0);
  readonly fake = new Float64Array(2 * SAMPLES);
  real: Float64Array = new Float64Array(0);
  /** p and q on the heat map's grid, both seen through a normal kernel of this width; see `estimate` */
  width = 0;
  p: Float64Array = new Float64Array(0);
  readonly q: Float64Array;
  readonly #scratch: Float64Array;
  readonly #meshSize: number;

  constructor({ side = 48, mesh = 16, arrows = 64 }: PictureSize = {}) {
    const cells = side * side;
    this.side = side;
    this.#meshSize = mesh;
    this.x = new Float64Array(2 * cells);
    [this.s, this.q, this.#scratch] = [0, 0, 0].map(() => new Float64Array(cells)) as [Float64Array, Float64Array,
      Float64Array];
    [this.foot, this.pull] = [0, 0].map(() => new Float64Array(2 * arrows)) as [Float64Array, Float64Array];
  }

  /** New points for a target and a prior. */
  setUp(target: Plane, prior: Law): void {
    // an untrained generator begins near 0: that must be in the picture too
    const [x0, x1, y0, y1] = target.box.map((v, i) =>
      (i % 2 ? Math.max(v, 0.4) : Math.min(v, -0.4))) as unknown as Plane["box"], { side, x } = this,
      mesh = this.#meshSize;
    const half = 0.62 * Math.max(x1 - x0, y1 - y0), cx = (x0 + x1) / 2, cy = (y0 + y1) / 2, cell = (2 * half) / side;
    this.target = target;
    this.box = [cx - half, cx + half, cy - half, cy + half];
    for (let i = 0; i < side * side; i++) {
      x[2 * i] = this.box[0] + ((i % side) + 0.5) * cell;
      x[2 * i + 1] = this.box[2] + (Math.floor(i / side) + 0.5) * cell;
    }
    this.width = 1.2 * cell;
    this.p = new Float64Array(0);
    this.pulls.clear();
    const { dim } = prior;
    this.curve = dim === 1;
    this.cells = dim > 2 || prior.uniforms !== dim ? 0 : this.curve ? 20 * mesh : mesh;
    const n = this.cells + 1, vertices = this.cells ? n ** dim : 0;
    // the outermost noise has no edge: its grid stops where one sample in two hundred lies beyond
    const level = (i: number) => 0.0025 + (0.995 * i) / this.cells;
    this.zMesh = new Float64Array(vertices * dim);
    this.mesh = new Float64Array(2 * vertices);
    for (let i = 0; i < vertices; i++) {
      prior.fromUniform([level(i % n), level(Math.floor(i / n))], 0, this.zMesh, i * dim);
    }
    const noise = new Stream(SEED, NOISE);
    this.zArrow = sample(prior, this.foot.length / 2, noise);
    this.zSample = sample(prior, SAMPLES, noise);
    this.real = sample(target, SCORED, new Stream(SEED, DATA));
  }

  /** The samples that are scored. */
  get scored(): Float64Array {
    return this.fake.subarray(0, 2 * SCORED);
  }

  /**
   * Measures all of it. `losses`: whose pulls are wanted; `dense`: all samples, for `estimate`, not just those that are
   * drawn and scored.
   */
  look(engine: Engine, losses: readonly LossName[] = [], dense = true): void {
    this.s.set(engine.score(this.x));
    if (this.cells) this.mesh.set(engine.generate(this.zMesh));
    this.foot.set(engine.generate(this.zArrow));
    this.draw(engine, dense);
    this.pulls.clear();
    for (const loss of losses) this.pulls.set(loss, engine.generatorGradient(this.zArrow, loss).map((v) => -v));
    this.pull.set(this.pulls.get(engine.spec.loss) ?? this.pull);
  }

  /** The samples: all, or those that are drawn and scored. */
  draw(engine: Engine, all = false): void {
    this.fake.set(engine.generate(all ? this.zSample : this.zSample.subarray(0, SCORED * engine.prior.dim)));
  }

  /** Which points a kernel must tell about: the grid of x, the grid of noise, the arrows' noise, the samples' noise. */
  grids(): number[][] {
    return [this.x, this.zMesh, this.zArrow, this.zSample].map((points) => [...points]);
  }

  /**
   * A kernel's frame: the scores on x, G on the grid of noise, G at the arrows, minus the gradients there, the samples.
   */
  fill(frame: Float32Array, loss: LossName): void {
    let at = 0;
    for (const part of [this.s, this.mesh, this.foot, this.pull, this.fake]) {
      part.set(frame.subarray(at, (at += part.length)));
    }
    this.pulls.clear();
    this.pulls.set(loss, this.pull);
  }

  /**
   * q by a kernel estimate from the samples, and p through the same kernel: exactly, since normals add up to normals.
   */
  estimate(): void {
    const { side, q, fake, box, width, x } = this, scratch = this.#scratch, cell = (box[1] - box[0]) / side;
    if (!this.p.length) {
      const seen = createPlane({ ...this.target.spec, std: Math.hypot(this.target.std, width) } as PlaneSpec);
      this.p = Float64Array.from(this.s, (_, i) => seen.density(x[2 * i]!, x[2 * i + 1]!));
    }
    scratch.fill(0);
    for (let i = 0; i < fake.length; i += 2) {
      this.#spread(scratch, (fake[i]! - box[0]) / cell - 0.5, (fake[i + 1]! - box[2]) / cell - 0.5);
    }
    const h = width / cell, reach = Math.ceil(3 * h), weight = 1 / (SAMPLES * cell * cell);
    const kernel = Float64Array.from({ length: 2 * reach + 1 },
      (_, i) => Math.exp(-0.5 * ((i - reach) / h) ** 2) / (h * Math.sqrt(2 * Math.PI)));
    const blur = (from: Float64Array, to: Float64Array, step: number, scale: number) => {
      for (let i = 0; i < to.length; i++) {
        const place = step === 1 ? i % side : Math.floor(i / side);
        let sum = 0;
        for (let k = Math.max(-reach, -place); k <= Math.min(reach, side - 1 - place); k++) {
          sum += kernel[k + reach]! * from[i + k * step]!;
        }
        to[i] = sum * scale;
      }
    };
    blur(scratch, q, 1, 1);
    scratch.set(q);
    blur(scratch, q, side, weight);
  }

  /** One sample, shared among the four points around it. */
  #spread(to: Float64Array, i: number, j: number): void {
    const { side } = this, a = Math.floor(i), b = Math.floor(j), u = i - a, v = j - b;
    if (a >= 0 && b >= 0 && a < side - 1 && b < side - 1) {
      const at = b * side + a;
      to[at]! += (1 - u) * (1 - v);
      to[at + 1]! += u * (1 - v);
      to[at + side]! += (1 - u) * v;
      to[at + side + 1]! += u * v;
    }
  }

  /** What is on the grid, at the grid's point nearest to (x, y). */
  at(values: Numbers, x: number, y: number): number {
    const { side, box } = this, place = (v: number, low: number) => Math.floor(((v - low) / (box[1] - box[0])) * side);
    const i = place(x, box[0]), j = place(y, box[2]);
    return i < 0 || j < 0 || i >= side || j >= side ? NaN : values[j * side + i]!;
  }

  #mean(points: Numbers): number {
    let sum = 0, n = 0;
    for (let i = 0; i < 2 * DOTS; i += 2) {
      const v = this.at(this.s, points[i]!, points[i + 1]!);
      if (Number.isFinite(v)) { sum += v; n++; }
    }
    return n ? sum / n : 0;
  }

  /**
   * What a score says, as a number from 0 (generated) over 1/2 (undecided) to 1 (real). Scores without a fixed scale
   * (Wasserstein, and up to a constant the relativistic ones) are centred half way between the real and the generated
   * samples.
   */
  reading(loss: LossName): (s: number) => number {
    if (loss === "least_squares") return (s) => Math.min(1, Math.max(0, s));
    if (loss === "hinge") return (s) => Math.min(1, Math.max(0, (s + 1) / 2));
    if (loss === "minimax" || loss === "non_saturating") return sigmoid;
    const middle = (this.#mean(this.real) + this.#mean(this.fake)) / 2;
    if (loss === "relativistic") return (s) => sigmoid(s - middle);
    const most = this.s.reduce((a, v) => Math.max(a, Math.abs(v - middle)), 1e-12);
    return (s) => 0.5 + (s - middle) / (2 * most);
  }
}
