/**
 * One game in the page: its engine, and its past to scrub through. What is measured of it, and kept, a kind of run says
 * for itself.
 */
import { createEngine } from "../engine/views";
import type { Engine, EngineOptions, Law, Losses, Snapshot } from "../engine/types";
import { t } from "../ui/index";
import { History } from "./history";
import type { Spec } from "./settings";

/** What is kept of every moment. */
interface Kept {
  /** the engine's state, or the numbers that a kernel sent */
  state: Snapshot | Float32Array;
  losses: Losses;
  spec: Spec;
  clock: number;
  deeds: string[];
}

/** C: the names of the numbers kept at every moment. */
export abstract class GameRun<C extends string> {
  engine!: Engine;
  spec!: Spec;
  losses!: Losses;
  readonly history: History<C, Kept>;
  /** whole steps and the share of one made by hand */
  clock = 0;
  /** the step that a reader is told, everywhere the same: what was done by hand counts as it adds up to whole ones */
  get steps(): number {
    return Math.floor(this.clock + 1e-9);
  }
  /** what the reader did by hand, which a run from the seed alone would not repeat */
  deeds: string[] = [];

  constructor(columns: readonly C[], protected options: EngineOptions) {
    this.history = new History<C, Kept>(columns);
  }

  /** Where a kernel must measure, in the order of its frames. */
  abstract grids(): number[][];
  /** New points to measure at. */
  protected abstract settle(target: Law, prior: Law): void;
  /** Measures the engine's state. */
  protected abstract measure(): void;
  /** The numbers of a frame that a kernel sent, in place of those that `measure` takes from the engine. */
  protected abstract fill(frame: Float32Array, spec: Spec): void;
  /** What a moment that is kept needs, where that is less than all that is drawn. */
  protected sound(): void {
    this.measure();
  }
  /** The numbers to be kept of what was measured. */
  protected abstract weigh(): Record<C, number>;
  /** What was measured is drawn. */
  protected shown(): void {}
  /** Throws for a spec that would be too much for the page. */
  protected check(_spec: Spec): void {}
  /** Throws for a game that this kind of run cannot show. */
  protected abstract fits(engine: Engine): void;
  /** The rules are others from here on. */
  protected anew(): void {}

  /** A new run. Throws, and leaves all as it was, for a spec that cannot be run. */
  start(spec: Spec): void {
    this.check(spec);
    const engine = createEngine(spec, this.options);
    this.fits(engine);
    this.engine = engine;
    this.#begin(spec, this.engine.snapshot().state.byteLength);
    this.settle(this.engine.target, this.engine.prior);
    this.look(true);
  }

  /** A run that a kernel trains: `hear` gets its frames. */
  listen(spec: Spec, target: Law, prior: Law): void {
    this.#begin(spec);
    this.settle(target, prior);
  }

  #begin(spec: Spec, bytes?: number): void {
    this.spec = spec;
    this.clock = 0;
    this.deeds = [];
    this.history.clear(bytes);
    this.anew();
  }

  /** The numbers of a frame; the losses and the step come beside it. */
  hear(frame: Float32Array, { step, losses, more }: { step: number; losses: Losses; more?: boolean }): void {
    this.clock = step;
    this.losses = losses;
    this.fill(frame, this.spec);
    this.shown();
    if (!more || this.history.due(step)) this.#remember(() => frame);
  }

  /** What may change while training; networks, batch and seed begin a new run. Throws, leaving all as it was. */
  change(spec: Spec, names: string[]): void {
    if (!this.clock || names.some((name) => /^(generator|discriminator|batch|seed)$/.test(name))) {
      return this.start(spec);
    }
    this.check(spec);
    this.engine.update(Object.fromEntries(names.map((name) => [name, spec[name as keyof Spec]])));
    this.history.cut(this.clock);
    this.spec = spec;
    this.deed(t("{0} changed", names.join()));
    if (names.some((name) => /target|prior/.test(name))) this.settle(this.engine.target, this.engine.prior);
    this.anew();
    this.look(true);
  }

  /** Something that the seed alone does not repeat. */
  deed(what: string): void {
    this.deeds = [...this.deeds, t("{0} at step {1}", what, this.engine.steps)];
  }

  /** Measures the present state, to be drawn, and keeps it where it must be kept. */
  look(keep = false): void {
    this.measure();
    this.losses = { ...this.engine.losses };
    this.shown();
    if (keep) this.#remember(() => this.engine.snapshot());
  }

  #remember(state: () => Kept["state"]): void {
    const { losses, spec, clock, deeds } = this;
    this.history.add(clock, this.weigh(), { state: state(), losses, spec, clock, deeds });
  }

  /** Keeps the present moment where one is due, unless it is beyond the numbers: the next step will say so. */
  note(): void {
    if (!this.history.due(this.clock)) return;
    const snapshot = this.engine.snapshot();
    if (!snapshot.state.every(Number.isFinite)) return;
    this.sound();
    this.losses = { ...this.engine.losses };
    this.#remember(() => snapshot);
  }

  /** Whole steps; nothing is kept. */
  step(n = 1): void {
    this.engine.step(n);
    this.clock += n;
  }

  /** Whole steps, and the moments that are due on the way. */
  play(n = 1): void {
    for (let i = 0; i < n; i++) {
      this.step();
      this.note();
    }
  }

  /** Back to the i-th kept moment. */
  back(i: number): void {
    const kept = this.history.state(i), { spec } = this;
    ({ clock: this.clock, deeds: this.deeds, losses: this.losses, spec: this.spec } = kept);
    if (kept.state instanceof Float32Array) {
      this.fill(kept.state, spec);
    } else {
      this.engine.restore(kept.state);
      const { target, prior } = this.engine;
      if (this.spec.target !== spec.target || this.spec.prior !== spec.prior) this.settle(target, prior);
      this.measure();
    }
    this.shown();
    this.weigh();
  }
}
