/** The run of Figure 1: a game on the line, its picture, and the stage of the figure where it stands. */
import { createDistribution } from "../engine/views";
import type { Distribution, Engine, EngineOptions, Law } from "../engine/types";
import { GameRun } from "../game/run";
import { difference, type Spec } from "../game/settings";
import { Picture, RUG } from "./figure1-picture";
import { line } from "./figure1-settings";
import { Stages } from "./figure1-stages";

type Column = "V" | "bestV" | "C";

export class LineRun extends GameRun<Column> {
  readonly picture = new Picture();
  readonly stages = new Stages();
  /** are the samples wanted, to be counted? */
  samples = false;
  /** are the arrows' gradients wanted? */
  gradients = false;

  constructor(options: EngineOptions) {
    super(["V", "bestV", "C"], options);
  }

  protected fits({ target, prior }: Engine): void {
    for (const { spec } of [target, prior]) createDistribution(line(spec));
  }

  protected settle(target: Law, prior: Law): void {
    this.picture.setUp(target as Distribution, prior as Distribution);
  }

  protected override anew(): void {
    this.stages.reset();
  }

  grids(): number[][] {
    const { x, z, zArrow, zSample } = this.picture;
    return [x, z, zArrow, zSample].map((grid) => [...grid]);
  }

  protected measure(): void {
    const { picture, engine } = this;
    picture.Gz.set(engine.generate(picture.z));
    picture.fake.set(engine.generate(this.samples ? picture.zSample : picture.zSample.subarray(0, RUG)));
    picture.xArrow.set(engine.generate(picture.zArrow));
    if (this.gradients) engine.generatorGradient(picture.zArrow).forEach((slope, i) => (picture.pull[i] = -slope));
    picture.s.set(engine.score(picture.x));
    if (picture.leaves) picture.sg.set(engine.score(picture.Gz));
  }

  /** In the order in which `gan_lab.widgets` packs them. */
  protected fill(frame: Float32Array): void {
    const { Gz, s, sg, fake, xArrow, pull } = this.picture;
    let at = 0;
    for (const part of [Gz, s, sg, fake, xArrow, pull]) part.set(frame.subarray(at, (at += part.length)));
  }

  protected override shown(): void {
    this.picture.measure(this.spec.loss);
  }

  /** The stages change at moments that are kept: at the same steps on every machine. */
  protected weigh(): Record<Column, number> {
    const { picture } = this;
    picture.bounded = this.spec.loss !== "wasserstein" || this.spec.penalties.length > 0;
    picture.measure(this.spec.loss);
    this.stages.look(picture, this.steps);
    return { V: picture.V, bestV: picture.bestV, C: picture.C };
  }

  /** The reader looks at the same state in another way. */
  again(): void {
    if (this.engine) this.look();
    else if (this.history.length) this.shown();
  }

  /**
   * What an exercise asks of the run that began as `start`: "G(0.5)", "G(0.5), uniform" of noise between -1 and 1 and a
   * generator that has learned something; and "C at 500, k = 1": 2 JSD − log 4 where nothing but k is another one.
   */
  read(what: string, start: Spec): number | undefined {
    const { engine, picture, spec, deeds } = this;
    const [, z, uniform, step, k] = /^G\(([^)]+)\)(, uniform)?$|^C at (\d+), k = (\d+)$/.exec(what)!;
    if (!engine) return undefined;
    if (z !== undefined) {
      const { name, low, high } = spec.prior as unknown as Record<string, unknown>;
      const asked = !uniform || (name === "uniform" && low === -1 && high === 1 && engine.steps);
      return asked ? engine.generate([+z])[0] : undefined;
    }
    const same = Object.keys(difference(spec, start)).every((name) => name === "k") && !deeds.length;
    return same && engine.steps === +step! && spec.k === +k! ? picture.C : undefined;
  }
}
