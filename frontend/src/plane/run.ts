/** One game in the page: its engine, its picture, its scores, and its past to scrub through. */
import { createEngine, floor, scores } from "../engine/views";
import type { Engine, EngineOptions, Law, Losses, LossName, Plane, Snapshot } from "../engine/types";
import { History } from "../game/history";
import type { Spec } from "../game/settings";
import { t } from "../ui/index";
import { Picture, SCORED, type PictureSize } from "./picture";

export type Scores = ReturnType<typeof scores>;

/** What is kept of every moment. */
export type Column = "discriminator" | "generator" | keyof Scores;
export const COLUMNS: readonly Column[] = ["discriminator", "generator", "covered", "highQuality", "reverseKl", "slicedWasserstein"];
export const SCORES = COLUMNS.slice(2) as (keyof Scores)[];

export interface Kept {
  /** the engine's state, or the numbers that a kernel sent */
  state: Snapshot | Float32Array;
  losses: Losses;
  spec: Spec;
  clock: number;
  deeds: string[];
}

/** Multiplications of a step, in millions: forward 1, backward 2 for each player that it goes through. */
export function cost({ generator, discriminator, k, k_g, batch, penalties }: Spec): number {
  const [g, d] = [generator, discriminator].map(({ sizes }) => sizes.reduce((sum, n, l) => (l ? sum + n * sizes[l - 1]! : 0), 0)) as [number, number];
  const more = penalties.filter((p) => p.name !== "clip").length * 5;
  return (batch * (k * (g + (6 + more) * d) + (k_g ?? 1) * (3 * g + 2 * d))) / 1e6;
}
/** The costliest step that still leaves the page responsive. */
export const MOST = 250;

function affordable(spec: Spec): void {
  const million = Math.round(cost(spec));
  if (million > MOST) throw new Error(t("A step of this game is {0} million multiplications, more than the {1} million that leave this page responsive: take fewer units, layers, samples a batch, or D steps.", million, MOST));
}

/** What samples of each target themselves score: runs of one game share it. */
const floors = new Map<string, Run["floor"]>();

/** Milliseconds between two scorings of a run that is under way. */
const SCORE_EVERY = 250;

export class Run {
  engine!: Engine;
  spec!: Spec;
  readonly picture: Picture;
  readonly history = new History<Column, Kept>(COLUMNS);
  losses!: Losses;
  scores?: Scores;
  /** what samples of the target itself score */
  floor!: { mean: Scores; std: Scores };
  /** whole steps and the share of one made by hand */
  clock = 0;
  /** what the reader did by hand, which a run from the seed alone would not repeat */
  deeds: string[] = [];
  /** whose pulls are measured */
  pulls: LossName[] = [];
  /** the target as it is scored */
  #judged!: Plane;
  #scoredAt = 0;

  constructor(private options: EngineOptions = {}, size?: PictureSize) {
    this.picture = new Picture(size);
  }

  /** A new run. Throws SpecError, and leaves all as it was, for a spec that cannot be run or would freeze the page. */
  start(spec: Spec): void {
    affordable(spec);
    // not fused: a link that a class shares gives the same bits in every browser, for a fifth of the speed
    const engine = createEngine(spec, { fused: false, ...this.options });
    if (engine.target.dim !== 2) throw new Error(t("The target “{0}” lies on the line: choose one in the plane.", spec.target.name));
    this.engine = engine;
    this.spec = spec;
    this.clock = 0;
    this.deeds = [];
    this.history.clear(engine.snapshot().state.byteLength);
    this.#settle();
    this.look(true);
  }

  /** A run that was saved goes on where it stood. Throws, leaving all as it was, for one that does not fit its own spec. */
  open(snapshot: Snapshot, deeds: string[]): void {
    const before = this.engine?.snapshot(), { spec, clock } = this, was = this.deeds;
    try {
      this.start(snapshot.spec as Spec);
      this.engine.restore(snapshot);
      [this.clock, this.deeds] = [snapshot.steps, deeds];
    } catch (error) {
      if (before) {
        this.start(spec);
        this.engine.restore(before);
        [this.clock, this.deeds] = [clock, was];
        this.look(true);
      }
      throw error;
    }
    this.look(true);
  }

  /** A run that a kernel trains: `hear` gets its frames. */
  listen(spec: Spec, target: Plane, prior: Law): void {
    this.spec = spec;
    this.history.clear();
    this.#settle(target, prior);
  }

  /** The numbers of a frame, in the order of `Picture.fill`; the losses and the step come beside it. */
  hear(frame: Float32Array, { step, losses, more }: { step: number; losses: Losses; more?: boolean }): void {
    this.clock = step;
    this.losses = losses;
    this.picture.fill(frame, this.spec.loss);
    this.remember(!more, () => frame);
  }

  /** After a change of target or prior. */
  #settle(target = this.engine.target as Plane, prior = this.engine.prior): void {
    const name = JSON.stringify(target.spec);
    this.picture.setUp(target, prior);
    // centres that flow into one another are no modes to be counted
    const { centres = [], std } = target;
    const apart = centres.every(([x, y], i) => centres.every(([a, b], j) => j <= i || Math.hypot(x - a, y - b) > 4 * std));
    this.#judged = apart ? target : { ...target, centres: undefined };
    if (!floors.has(name)) floors.set(name, floor(this.#judged, SCORED));
    this.floor = floors.get(name)!;
  }

  /** What may change while training changes; networks, batch and seed begin a new run. Throws SpecError, leaving all as it was. */
  change(spec: Spec, names: string[]): void {
    if (!this.clock || names.some((name) => /^(generator|discriminator|batch|seed)$/.test(name))) return this.start(spec);
    affordable(spec);
    this.engine.update(Object.fromEntries(names.map((name) => [name, spec[name as keyof Spec]])));
    this.history.cut(this.clock);
    this.spec = spec;
    this.deed(t("{0} changed", names.join()));
    if (names.some((name) => /target|prior/.test(name))) this.#settle();
    this.look(true);
  }

  /** Something that the seed alone does not repeat. */
  deed(what: string): void {
    this.deeds = [...this.deeds, t("{0} at step {1}", what, this.engine.steps)];
  }

  /** Measures the present state; keeps it when it is due, or when it must be kept. */
  look(keep = false): void {
    this.picture.look(this.engine, this.pulls);
    this.losses = { ...this.engine.losses };
    this.remember(keep, () => this.engine.snapshot());
  }

  /** `sharp`: score whatever it costs. */
  remember(sharp: boolean, state: () => Kept["state"]): void {
    const now = performance.now(), score = sharp || now - this.#scoredAt > SCORE_EVERY;
    if (score) this.score();
    if (!score && !this.history.due(this.clock)) return;
    const { losses, spec, clock, deeds } = this, { discriminator, generator } = losses;
    const found = Object.fromEntries(SCORES.map((name) => [name, (score ? this.scores![name] : NaN) ?? NaN])) as Record<keyof Scores, number>;
    this.history.add(clock, { discriminator, generator, ...found }, { state: state(), losses, spec, clock, deeds });
  }

  score(): void {
    this.#scoredAt = performance.now();
    this.scores = scores(this.picture.scored, this.picture.real, this.#judged);
  }

  /** One whole step. */
  step(n = 1): void {
    this.engine.step(n);
    this.clock += n;
  }

  /** Back to the i-th kept moment. */
  back(i: number): void {
    const kept = this.history.state(i), { spec } = this;
    ({ clock: this.clock, deeds: this.deeds, losses: this.losses, spec: this.spec } = kept);
    if (kept.state instanceof Float32Array) {
      this.picture.fill(kept.state, spec.loss);
    } else {
      this.engine.restore(kept.state);
      if (this.spec.target !== spec.target || this.spec.prior !== spec.prior) this.#settle();
      this.picture.look(this.engine, this.pulls);
    }
    this.score();
  }
}
