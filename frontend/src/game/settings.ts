/**
 * What the reader can set: one GanSpec, its difference from the start as flat names for the address, and its controls.
 */
import type { GanSpec, LossName, PenaltyName, Player } from "../engine/types";
import { fmt, group, number, select, slider, t, type Control, type State } from "../ui/index";

export type Spec = Required<GanSpec>;

export type Tree = Record<string, any>;
/** Distributions travel whole: half of a mixture is none. So do lists. */
const whole = (key: string, v: unknown): boolean => /^(target|prior)$/.test(key) || typeof v !== "object" || v === null
  || Array.isArray(v);

/** `over` laid over `base`; neither is changed. */
export function merge<T>(base: T, over: Tree | undefined): T {
  const out: Tree = { ...(base as Tree) };
  for (const [key, value] of Object.entries(over ?? {})) {
    out[key] = whole(key, value) || whole(key, out[key]) ? value : merge(out[key], value);
  }
  return out as T;
}

/** {"optimisers.generator.lr": 0.01} for all that differs. */
export function difference(spec: Tree, base: Tree, path = ""): State {
  const out: State = {};
  for (const [key, value] of Object.entries(spec)) {
    const was = base?.[key];
    if (JSON.stringify(value) === JSON.stringify(was)) continue;
    if (whole(key, value) || whole(key, was)) out[path + key] = value;
    else Object.assign(out, difference(value, was, path + key + "."));
  }
  return out;
}

/** What `path` leads to; undefined where one of its names is none of the tree's own. */
const at = (tree: unknown, keys: string[]): unknown => keys.reduce((inner: any, key) =>
  (typeof inner === "object" && inner !== null && Object.hasOwn(inner, key) ? inner[key] : undefined), tree);

/**
 * The inverse of `difference`. What an address says and no spec can be is left out: names that are none of a spec's,
 * values of another kind. The rest the engine judges.
 */
export function apply(base: Spec, state: State): Spec {
  let spec = base;
  const kind = (v: unknown) => (Array.isArray(v) ? "list" : typeof v);
  for (const [path, value] of Object.entries(state)) {
    const keys = path.split("."), was = at(base, keys), law = /^(target|prior)$/.test(path);
    if (!Object.hasOwn(base, keys[0]!) || keys.some((key) => key in Object.prototype)) continue;
    if (!law && was !== undefined && kind(value) !== kind(was)) continue;
    if (keys.length > 1 && whole(keys[0]!, spec[keys[0] as keyof Spec])) continue;
    // a target or a noise is known by its name
    const said = law && typeof (value as Tree | null)?.name !== "string" ? { name: String(value) } : value;
    spec = merge(spec, keys.reduceRight((inner: unknown, key) => ({ [key]: inner }), said) as Tree);
  }
  return spec;
}

export const LOSSES = (): Record<LossName, string> => ({
  minimax: t("minimax"), non_saturating: t("non-saturating"), least_squares: t("least squares"),
  wasserstein: "Wasserstein", hinge: t("hinge"), relativistic: t("relativistic"),
});

export interface Panel {
  groups: HTMLElement[];
  /** The loss, in the group of the game; a view may lay it where it is seen first. */
  loss: HTMLElement;
  show(spec: Spec): void;
}

/** A control of a view's own for part of the spec. */
export interface Editor {
  el: HTMLElement;
  show(spec: Spec): void;
}

/**
 * The controls; `data` are those of the target and the noise, `change` gets the part of the spec that the reader
 * changed. `more`: betas too, and wider networks.
 */
export function settingsPanel(spec: Spec, open: boolean, change: (part: Tree) => void, data: Editor[],
  more = false): Panel {
  const shown: ((spec: Spec) => void)[] = data.map((one) => one.show);
  let now = spec;
  /** A control that follows the spec. */
  const follow: Follow = (control, read) => {
    shown.push((s) => control.set(read(s)));
    return control.el;
  };
  const desk = { spec, change, more, follow, shown, now: () => now };
  const game = gameFields(desk);
  return {
    loss: game[0]!,
    groups: [group(t("Data and noise"), open, ...data.map((one) => one.el)),
      group(t("The game"), open, ...game),
      group(t("Generator"), false, ...playerFields(desk, "generator")),
      group(t("Discriminator"), false, ...playerFields(desk, "discriminator"), ...penaltyFields(desk))],
    show(s) {
      now = s;
      for (const update of shown) update(s);
    },
  };
}

type Follow = <T>(control: Control<T>, read: (spec: Spec) => T) => HTMLElement;
/** What the fields of a panel are made with: `now` is the spec in force, `shown` what is told of a new one. */
interface Making {
  spec: Spec; change(part: Tree): void; more: boolean; follow: Follow; shown: ((spec: Spec) => void)[]; now(): Spec;
}

const weight = (s: Spec, name: PenaltyName) => {
  const found = s.penalties.find((p) => p.name === name);
  return found ? (found.weight ?? { clip: 0.01, wgan_gp: 10, r1: 1, r2: 1 }[name]) : 0;
};
const depth = (s: Spec, who: Player) => s[who].sizes.length - 2;
const width = (s: Spec, who: Player) => (depth(s, who) ? s[who].sizes[1]! : 16);

function penaltyFields({ spec, change, follow, now }: Making): HTMLElement[] {
  const penalty = (name: PenaltyName, label: string, max: number, step: number) =>
    follow(slider(label, { min: 0, max, step, value: weight(spec, name),
      format: (v) => (v ? String(+v.toFixed(2)) : t("off")) }, (v) =>
      change({ penalties: [...now().penalties.filter((p) => p.name !== name), ...(v ? [{ name, weight: v }] : [])] })),
        (s) => weight(s, name));
  return [penalty("clip", t("Clip weights, c"), 1, 0.01), penalty("wgan_gp", "WGAN-GP, λ", 20, 0.5),
    penalty("r1", "R1, γ", 10, 0.1), penalty("r2", "R2, γ", 10, 0.1)];
}

function playerFields({ spec, change, more, follow, shown, now }: Making, who: Player): HTMLElement[] {
  const net = (layers: number, units: number) => {
    const { sizes } = now()[who];
    change({ [who]: { sizes: [sizes[0], ...Array(layers).fill(units), sizes.at(-1)] } });
  };
  /** Only Adam has betas. */
  const beta = (i: 0 | 1) => {
    const read = (s: Spec) => (s.optimisers[who].betas ?? [0.9, 0.999])[i]!;
    const control = number(i ? "β₂" : "β₁", { min: 0, max: 0.9999, step: 0.001, value: read(spec) }, (v) =>
      change({ optimisers: { [who]: {
        betas: [0, 1].map((j) => (j === i ? v : (now().optimisers[who].betas ?? [0.9, 0.999])[j])) } } }));
    shown.push((s) => control.enable(s.optimisers[who].name === "adam"));
    return follow(control, read);
  };
  return [
    follow(slider(t("Learning rate"), { min: 1e-5, max: 1, log: true, value: spec.optimisers[who].lr }, (lr) =>
      change({ optimisers: { [who]: { lr } } })), (s) => s.optimisers[who].lr),
    follow(select(t("Optimiser"), { sgd: "SGD", momentum: t("momentum"), rmsprop: "RMSProp", adam: "Adam" },
      spec.optimisers[who].name, (name) =>
      change({ optimisers: { [who]: { name } } })), (s) => s.optimisers[who].name),
    ...(more ? [beta(0), beta(1)] : []),
    follow(slider(t("Hidden units"), { min: 2, max: more ? 128 : 64, step: 2, value: width(spec, who) },
      (v) => net(depth(now(), who), v)), (s) => width(s, who)),
    follow(slider(t("Hidden layers"), { min: more ? 0 : 1, max: 3, value: depth(spec, who) },
      (v) => net(v, width(now(), who))), (s) => depth(s, who)),
    follow(select(t("Activation"), { tanh: "tanh", relu: "ReLU", leaky_relu: "LeakyReLU", softplus: "softplus",
      sigmoid: "sigmoid" }, spec[who].activation, (activation) =>
      change({ [who]: { activation } })), (s) => s[who].activation),
  ];
}

function gameFields({ spec, change, more, follow }: Making): HTMLElement[] {
  return [
    follow(select(t("Loss"), LOSSES(), spec.loss, (v) => change({ loss: v })), (s) => s.loss),
    follow(slider(t("k, D steps a G step"), { min: 1, max: 20, value: spec.k }, (k) => change({ k })), (s) => s.k),
    ...(more ? [
      follow(slider(t("Instance noise, σ"),
        { min: 0, max: 1, step: 0.02, value: spec.instance_noise, format: (v) => (v ? fmt(v) : t("off")) },
        (v) => change({ instance_noise: v })), (s) => s.instance_noise),
      follow(slider(t("G steps after them"), { min: 1, max: 20, value: spec.k_g }, (k_g) => change({ k_g })),
        (s) => s.k_g)] : []),
    follow(number(t("Batch"), { min: 1, max: 1024, value: spec.batch }, (batch) => change({ batch })),
      (s) => s.batch),
    follow(number(t("Seed"), { min: 0, max: 4e6, value: spec.seed }, (seed) => change({ seed })), (s) => s.seed),
  ];
}
