/** Fills in what a spec leaves open and refuses, in one sentence, what cannot be run. */
import { unknown } from "./errors.js";
import { createLaw } from "./law.js";
import { ACTIVATIONS, LOSSES, OPTIMISERS, PENALTIES } from "./kernels.js";
import { type GanSpec, type NetSpec, type OptimiserSpec, type PenaltySpec, type Player, SpecError } from "./types.js";

export const PLAYERS: readonly Player[] = ["generator", "discriminator"];

const WEIGHT = { clip: 0.01, wgan_gp: 10, r1: 1, r2: 1 };
const MAX_BATCH = 65536;
const MAX_SEED = 4_000_000;
const MAX_WIDTH = 1024;

export function name(kind: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) throw unknown(kind, value, choices);
}

function number(where: string, value: number, ok: boolean, wanted: string): void {
  if (typeof value !== "number" || !Number.isFinite(value) || !ok) {
    throw new SpecError(`${where} is ${JSON.stringify(value)}: it must be ${wanted}.`);
  }
}

function whole(where: string, value: number, least: number, most: number): void {
  const ok = Number.isInteger(value) && value >= least && value <= most;
  number(where, value, ok, `a whole number from ${least} to ${most}`);
}

/** A copy with every default filled in; `because`: why it must map so many numbers to so many. */
export function net(
  player: string, spec: NetSpec | undefined, inputs: number, outputs: number, because = "with this target and prior",
): NetSpec {
  if (!Array.isArray(spec?.sizes) || spec.sizes.length < 2) {
    throw new SpecError(`the ${player} has no sizes: give them from input to output, such as [1, 32, 32, 1].`);
  }
  const { sizes, activation = "tanh" } = spec;
  sizes.forEach((n, l) => whole(`the ${player}'s size ${l}`, n, 1, MAX_WIDTH));
  name("activation", activation, ACTIVATIONS);
  const [first, last] = [sizes[0], sizes[sizes.length - 1]];
  if (first !== inputs || last !== outputs) {
    throw new SpecError(
      `the ${player} maps ${first} to ${last} numbers: ${because} it must map ${inputs} to ${outputs}.`,
    );
  }
  return { sizes: [...sizes], activation };
}

export function optimiser(player: string, spec: OptimiserSpec | undefined): OptimiserSpec {
  if (!spec) throw new SpecError(`the ${player} has no optimiser: give it one, such as {"name": "adam", "lr": 0.001}.`);
  name("optimiser", spec.name, OPTIMISERS);
  const at = `of the ${player}'s ${spec.name}`;
  number(`lr ${at}`, spec.lr, spec.lr > 0, "a number > 0");
  const fraction = (field: string, value: number) =>
    number(`${field} ${at}`, value, value >= 0 && value < 1, "in [0, 1)");
  const { lr } = spec;
  if (spec.name === "sgd") return { name: "sgd", lr };
  if (spec.name === "momentum") {
    const { momentum = 0.9 } = spec;
    fraction("momentum", momentum);
    return { name: "momentum", lr, momentum };
  }
  const { eps = 1e-8 } = spec;
  number(`eps ${at}`, eps, eps >= 0, "a number >= 0");
  if (spec.name === "rmsprop") {
    const { alpha = 0.99 } = spec;
    fraction("alpha", alpha);
    return { name: "rmsprop", lr, alpha, eps };
  }
  const { betas = [0.9, 0.999] } = spec;
  betas.forEach((b, i) => fraction(`beta${i + 1}`, b));
  if (betas.length !== 2) throw new SpecError(`betas ${at} are ${betas.length} numbers: give two.`);
  return { name: "adam", lr, betas: [...betas], eps };
}

function penalty(spec: PenaltySpec): PenaltySpec {
  name("penalty", spec.name, PENALTIES);
  const { weight = WEIGHT[spec.name] } = spec;
  const least = spec.name === "clip" ? Number.MIN_VALUE : 0;
  number(`the weight of ${spec.name}`, weight, weight >= least, `a number ${least ? ">" : ">="} 0`);
  return { name: spec.name, weight };
}

export function batchAndSeed(batch: number, seed: number): void {
  whole("batch", batch, 1, MAX_BATCH);
  whole("seed", seed, 0, MAX_SEED);
}

/** A copy with every default filled in. Throws SpecError. */
export function normalise(spec: GanSpec): Required<GanSpec> {
  const target = createLaw(spec.target);
  const prior = createLaw(spec.prior);
  const { k = 1, k_g = 1, instance_noise = 0, batch = 256, seed = 0 } = spec;
  name("loss", spec.loss, LOSSES);
  whole("k", k, 1, 1000);
  whole("k_g", k_g, 1, 1000);
  number("instance_noise", instance_noise, instance_noise >= 0, "a number >= 0");
  batchAndSeed(batch, seed);
  return {
    generator: net("generator", spec.generator, prior.dim, target.dim),
    discriminator: net("discriminator", spec.discriminator, target.dim, 1),
    loss: spec.loss,
    penalties: (spec.penalties ?? []).map(penalty),
    optimisers: {
      generator: optimiser("generator", spec.optimisers?.generator),
      discriminator: optimiser("discriminator", spec.optimisers?.discriminator),
    },
    k,
    k_g,
    instance_noise,
    batch,
    seed,
    target: target.spec,
    prior: prior.spec,
  };
}
