/** A game of any system, played: each player moves once a step, in the order in which the game names them. */
import { type Kernels, LOSSES } from "./kernels.js";
import { batchAndSeed, name, net, optimiser } from "./spec.js";
import { ANOTHER, type Batch, type Measured, type Player, type Position, System } from "./system.js";
import { type LossName, type NetSpec, type Numbers, type OptimiserSpec, SpecError } from "./types.js";

export interface SystemSpec {
  /** what D and G play for */
  loss: LossName;
  /** by the names that the game gives them */
  networks: Record<string, NetSpec>;
  /** one for each player */
  optimisers: Record<string, OptimiserSpec>;
  /** samples (default 256) */
  batch?: number;
  /** default 0 */
  seed?: number;
}

/** A closure over named networks: how many numbers each maps to how many, and, once they stand, who moves how. */
export type Game<S extends SystemSpec, See extends object = object> = (spec: S) => {
  /** may the loss compare real samples with generated ones? */
  pairs?: boolean;
  shapes: Record<string, readonly [inputs: number, outputs: number]>;
  /** `see`: what can be asked of the networks */
  play(system: System): { players: Record<string, Player<any>>; see: See };
};

export class Played<S extends SystemSpec = SystemSpec, See extends object = object> {
  steps = 0;
  /** what each player's last move measured */
  measured: Record<string, Measured> = {};
  readonly system: System;
  readonly players: Record<string, Player>;
  readonly see: See;
  readonly #optimisers: Record<string, OptimiserSpec>;

  constructor(game: Game<S, See>, readonly spec: S, makeKernels: (floats: number, stride: number) => Kernels) {
    name("loss", spec.loss, LOSSES);
    const { shapes, play, pairs } = game(spec), { batch = 256, seed = 0 } = spec;
    if (spec.loss === "relativistic" && !pairs) {
      throw new SpecError("the relativistic loss compares pairs, which this game does not draw: choose another loss.");
    }
    batchAndSeed(batch, seed);
    this.system = new System(Object.fromEntries(Object.entries(shapes).map(([one, [inputs, outputs]]) =>
      [one, net(one, spec.networks?.[one], inputs, outputs, "in this game")])), batch, seed);
    ({ players: this.players, see: this.see } = play(this.system));
    this.#optimisers = Object.fromEntries(Object.keys(this.players).map((player) =>
      [player, optimiser(player, spec.optimisers?.[player])]));
    this.system.begin(makeKernels);
  }

  step(n = 1): void {
    for (; n > 0; n--) {
      for (const name in this.players) this.move(name);
      this.steps++;
    }
  }

  /** One move of a player, on a batch of its own drawing where none is given. Throws NonFiniteError. */
  move(name: string, batch: Batch = this.players[name].draw()): Measured {
    return (this.measured[name] = this.system.move(name, this.players[name], batch, this.#optimisers[name]));
  }

  /** What the player's next move will be fed; nothing is used up. */
  peek(name: string): Batch {
    return this.system.draws.ahead(() => this.players[name].draw());
  }

  parameters(network: string): Float64Array {
    return this.system.parameters(network);
  }
  setParameters(network: string, values: Numbers): void {
    this.system.setParameters(network, values);
  }
  gradient(network: string): Float64Array {
    return this.system.gradient(network);
  }

  snapshot(): { spec: S; steps: number; position: Position } {
    return { spec: this.spec, steps: this.steps, position: this.system.position };
  }

  restore({ spec, steps, position }: { spec: S; steps: number; position: Position }): void {
    if (JSON.stringify(spec) !== JSON.stringify(this.spec)) throw new SpecError(ANOTHER);
    this.system.position = position;
    this.steps = steps;
  }
}
