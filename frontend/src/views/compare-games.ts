/** What runs may differ in, and examples worth watching: from the one file that Python reads too. */
import { axes as KEYS, base, games, pairs } from "../../../gan_lab/widgets/lessons.json";
import { LOSSES, type Spec, type Tree } from "../plane/index";
import { t } from "../ui/index";

type Game = keyof typeof games;
export const BASE = base as unknown as Spec;
/** What differs from BASE, and how many steps are worth watching. */
export const gameOf = (name: string): [Tree, number] => [games[name as Game].spec, games[name as Game].steps];

export interface Example { title: string; game: string; axis: string; runs: string; words: string }
export const EXAMPLES: Record<string, Example> = pairs;

/** A choice: its key in addresses, what the reader sees, what it makes of the game that all share. */
export interface Choice { key: string; label: string; change(spec: Spec): Tree }
export interface Axis { label: string; choices: Choice[] }

type Make = (key: string, spec: Spec) => Tree;
const both = (part: Tree): Tree => ({ optimisers: { generator: part, discriminator: part } });
const one = (who: string, part: Tree): Tree => ({ optimisers: { [who]: part } });
const hidden = (who: "generator" | "discriminator"): Make => (n, spec) =>
  ({ [who]: { sizes: spec[who].sizes.map((w, i, all) => (i && i < all.length - 1 ? +n : w)) } });
/** "wgan_gp_10" is wgan_gp and 10. */
const cut = (key: string) => [key.replace(/_[\d.]+$/, ""), +key.replace(/.*_/, "")] as const;

export function axes(): Record<string, Axis> {
  const names: Record<string, string> = { ...LOSSES(), none: t("none"), r1: "R1, γ =", r2: "R2, γ =",
    wgan_gp: "WGAN-GP, λ =", clip: t("clip weights, c ="),
    adam: "Adam, β₁ =", rmsprop: "RMSProp", momentum: t("momentum, lr 0.01"), sgd: t("SGD, lr 0.05") };
  const makes: Record<keyof typeof KEYS, [string, Make]> = {
    loss: [t("the loss"), (loss) => ({ loss })],
    penalty: [t("the penalty"), (key) => ({ penalties: key === "none" ? []
      : [{ name: cut(key)[0], weight: cut(key)[1] }] })],
    optimiser: [t("the optimiser"), (key) => both(/_/.test(key) ? { name: "adam", betas: [cut(key)[1], 0.999] }
      : { name: key, ...(key !== "rmsprop" && { lr: key === "sgd" ? 0.05 : 0.01 }) })],
    lr: [t("both learning rates"), (lr) => both({ lr: +lr })],
    lrG: [t("G's learning rate"), (lr) => one("generator", { lr: +lr })],
    lrD: [t("D's learning rate"), (lr) => one("discriminator", { lr: +lr })],
    k: [t("k, D steps a G step"), (k) => ({ k: +k })],
    batch: [t("the batch"), (batch) => ({ batch: +batch })],
    noise: [t("the noise's dimension"), (dim, { generator: { sizes } }) => ({
      prior: +dim > 1 ? { name: "standard_normal", dim: +dim } : { name: "gaussian", mean: 0, std: 1 },
      generator: { sizes: [+dim, ...sizes.slice(1)] } })],
    unitsG: [t("G's units a layer"), hidden("generator")],
    unitsD: [t("D's units a layer"), hidden("discriminator")],
  };
  return Object.fromEntries(Object.entries(KEYS).map(([axis, keys]) => {
    const [label, make] = makes[axis as keyof typeof KEYS];
    const said = (key: string) => names[key] ?? (names[cut(key)[0]] ? `${names[cut(key)[0]]} ${cut(key)[1]}` : key);
    return [axis, { label, choices: keys.map((key) =>
      ({ key, label: said(key), change: (spec: Spec) => make(key, spec) })) }];
  }));
}
