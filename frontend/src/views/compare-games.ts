/** What two runs may differ in, and pairs worth watching. */
import { base, games } from "../../../gan_lab/widgets/lessons.json";
import { LOSSES, type Spec, type Tree } from "../plane/index";
import type { LawSpec } from "../engine/types";
import { t } from "../ui/index";

export type Game = keyof typeof games;
export const BASE = base as unknown as Spec;
/** What differs from BASE, and how many steps are worth watching. */
export const gameOf = (name: Game): [Tree, number] => [games[name].spec, games[name].steps];

export interface Axis {
  label: string;
  /** key -> what the reader sees, and what it makes of the game that all share */
  choices: Record<string, [string, (spec: Spec) => Tree]>;
}

const set = <T>(values: readonly T[], change: (v: T, spec: Spec) => Tree, label: (v: T) => string = String): Axis["choices"] =>
  Object.fromEntries(values.map((v) => [String(v), [label(v), (spec: Spec) => change(v, spec)]]));

const both = (part: Tree): Tree => ({ optimisers: { generator: part, discriminator: part } });
const hidden = (who: "generator" | "discriminator") => (n: number, spec: Spec): Tree => ({ [who]: { sizes: spec[who].sizes.map((w, i, all) => (i && i < all.length - 1 ? n : w)) } });
const penalty = (name: "r1" | "r2" | "wgan_gp" | "clip", weight: number): [string, () => Tree] => [
  { r1: "R1, γ = ", r2: "R2, γ = ", wgan_gp: "WGAN-GP, λ = ", clip: t("clip weights, c = ") }[name] + weight, () => ({ penalties: [{ name, weight }] }),
];
const RATES = [1e-5, 1e-4, 2.5e-4, 1e-3, 2e-3, 4e-3, 0.01, 0.05, 0.1];

export const axes = (): Record<string, Axis> => ({
  loss: { label: t("the loss"), choices: Object.fromEntries(Object.entries(LOSSES()).map(([loss, label]) => [loss, [label, () => ({ loss })]])) },
  penalty: { label: t("the penalty"), choices: {
    none: [t("none"), () => ({ penalties: [] })],
    ...Object.fromEntries(([["r1", 0.1], ["r1", 1], ["r2", 1], ["wgan_gp", 1], ["wgan_gp", 10], ["clip", 0.1]] as const).map(([name, weight]) => [name + weight, penalty(name, weight)])) } },
  optimiser: { label: t("the optimiser"), choices: {
    ...set([0.9, 0.5, 0], (b) => both({ name: "adam", betas: [b, 0.999] }), (b) => "Adam, β₁ = " + b),
    rmsprop: ["RMSProp", () => both({ name: "rmsprop" })], momentum: [t("momentum, lr 0.01"), () => both({ name: "momentum", lr: 0.01 })],
    sgd: [t("SGD, lr 0.05"), () => both({ name: "sgd", lr: 0.05 })] } },
  lr: { label: t("both learning rates"), choices: set(RATES, (lr) => both({ lr })) },
  lrG: { label: t("G's learning rate"), choices: set(RATES, (lr) => ({ optimisers: { generator: { lr } } })) },
  lrD: { label: t("D's learning rate"), choices: set(RATES, (lr) => ({ optimisers: { discriminator: { lr } } })) },
  k: { label: t("k, D steps a G step"), choices: set([1, 2, 5, 10], (k) => ({ k })) },
  batch: { label: t("the batch"), choices: set([8, 32, 128, 256, 512], (batch) => ({ batch })) },
  noise: { label: t("the noise's dimension"), choices: set([1, 2, 4, 16], (dim, { generator: { sizes } }) => ({
    prior: dim > 1 ? { name: "standard_normal", dim } : { name: "gaussian", mean: 0, std: 1 } satisfies LawSpec, generator: { sizes: [dim, ...sizes.slice(1)] } })) },
  unitsG: { label: t("G's units a layer"), choices: set([4, 8, 16, 32, 64], hidden("generator")) },
  unitsD: { label: t("D's units a layer"), choices: set([4, 8, 16, 32, 64], hidden("discriminator")) },
});

export interface Pair {
  title: string;
  /** the game that all share */
  game: Game;
  axis: string;
  runs: string;
  words: string;
}

export const pairs = (): Record<string, Pair> => ({
  losses: { title: t("Six losses"), game: "healthy", axis: "loss", runs: "non_saturating,minimax,least_squares,hinge,wasserstein,relativistic",
    words: t("The same networks, the same seed, the same data; only what the players play for differs.") },
  saturation: { title: t("A loss whose gradient vanishes"), game: "vanishing", axis: "loss", runs: "minimax,non_saturating",
    words: t("D is sure at once. One loss is flat where D is sure, the other is steepest there.") },
  momentum: { title: t("Adam with and without momentum"), game: "chase", axis: "optimiser", runs: "0.9,0.5,0,sgd",
    words: t("With β₁ = 0.9 both players overshoot, and chase each other around the ring.") },
  penalty: { title: t("With and without R1"), game: "oscillation", axis: "penalty", runs: "none,r11,wgan_gp1",
    words: t("R1 wants a flat critic where the data lie, and lets the swing die out. WGAN-GP wants slope 1 everywhere: the critic never comes to rest.") },
  restraint: { title: t("A critic on the loose"), game: "divergence", axis: "penalty", runs: "none,r11,clip0.1",
    words: t("Nothing bounds the scores of an unrestrained Wasserstein critic.") },
  steps: { title: "k = 1, 5", game: "chase", axis: "k", runs: "1,5",
    words: t("Five D steps for each G step: five times the work. Does it buy anything here?") },
  width: { title: t("A generator too small"), game: "dropped", axis: "unitsG", runs: "8,16,32",
    words: t("One hidden layer folds the noise into a fan. How many units does it take to reach all eight modes?") },
});

