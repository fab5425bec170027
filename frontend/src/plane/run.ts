/** A game in the plane: its picture, and its scores. */
import { floor, judge } from "../engine/views";
import type { Engine, EngineOptions, Law, LossName, Numbers, Plane, Scores, Snapshot } from "../engine/types";
import { GameRun } from "../game/run";
import type { Spec } from "../game/settings";
import { t } from "../ui/index";
import { Picture, SCORED, type PictureSize } from "./picture";

export type { Scores };

/** The numbers that are kept of every moment. */
type Column = "discriminator" | "generator" | keyof Scores;
const COLUMNS: readonly Column[] = ["discriminator", "generator", "covered", "highQuality", "reverseKl",
  "slicedWasserstein"];
export const SCORES = COLUMNS.slice(2) as (keyof Scores)[];

/** Multiplications of a step, in millions: forward 1, backward 2 for each player that it goes through. */
function cost({ generator, discriminator, k, k_g, batch, penalties }: Spec): number {
  const [g, d] = [generator, discriminator].map(({ sizes }) =>
    sizes.reduce((sum, n, l) => (l ? sum + n * sizes[l - 1]! : 0), 0)) as [number, number];
  const more = penalties.filter((p) => p.name !== "clip").length * 5;
  return (batch * (k * (g + (6 + more) * d) + (k_g ?? 1) * (3 * g + 2 * d))) / 1e6;
}
/** The costliest step that still leaves the page responsive. */
const MOST = 250;

/** What samples of each target themselves score: runs of one game share it. */
const floors = new Map<string, Run["floor"]>();

export class Run extends GameRun<Column> {
  readonly picture: Picture;
  scores?: Scores;
  /** what samples of the target itself score */
  floor!: { mean: Scores; std: Scores };
  /** whose pulls are measured */
  pulls: LossName[] = [];
  /** are all samples wanted, for `picture.estimate`? */
  dense = true;
  #score!: (samples: Numbers) => Scores;
  /** the step when it was scored last */
  scoredAt = 0;

  constructor(options: EngineOptions = {}, size?: PictureSize) {
    // not fused: a link that a class shares gives the same bits in every browser, for a fifth of the speed
    super(COLUMNS, { fused: false, ...options });
    this.picture = new Picture(size);
  }

  /** It must not freeze the page. */
  protected override check(spec: Spec): void {
    const million = Math.round(cost(spec));
    if (million > MOST) {
      throw new Error(t("A step of this game is {0} million multiplications, more than the {1} million that leave this page responsive: take fewer units, layers, samples a batch, or D steps.",
        million, MOST));
    }
  }

  protected fits({ target }: Engine): void {
    if (target.dim !== 2) {
      throw new Error(t("The target “{0}” lies on the line: choose one in the plane.", target.spec.name));
    }
  }

  /**
   * A run that was saved goes on where it stood. Throws, leaving all as it was, for one that does not fit its own spec.
   */
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

  protected settle(target: Plane, prior: Law): void {
    const name = JSON.stringify(target.spec);
    this.picture.setUp(target, prior);
    // centres that flow into one another are no modes to be counted
    const { centres = [], std } = target;
    const apart = centres.every(([x, y], i) =>
      centres.every(([a, b], j) => j <= i || Math.hypot(x - a, y - b) > 4 * std));
    const judged = apart ? target : { ...target, centres: undefined };
    if (!floors.has(name)) floors.set(name, floor(judged, SCORED));
    this.floor = floors.get(name)!;
    this.#score = judge(this.picture.real, judged);
  }

  grids(): number[][] {
    return this.picture.grids();
  }

  protected measure(): void {
    this.picture.look(this.engine, this.pulls, this.dense);
  }

  protected fill(frame: Float32Array, { loss }: Spec): void {
    this.picture.fill(frame, loss);
  }

  /** The samples that are scored. */
  protected override sound(): void {
    this.picture.draw(this.engine);
  }

  protected weigh(): Record<Column, number> {
    this.scoredAt = this.steps;
    this.scores = this.#score(this.picture.scored);
    const { discriminator, generator } = this.losses;
    const found = SCORES.map((name) => [name, this.scores![name] ?? NaN]);
    return { discriminator, generator, ...Object.fromEntries(found) as Record<keyof Scores, number> };
  }
}
