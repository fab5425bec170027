/** A game in the plane: what it starts with, and choosing its target and its noise. */
import type { LawSpec, PlaneSpec } from "../engine/types";
import { settingsPanel, type Editor, type Panel, type Spec, type Tree } from "../game/settings";
import { h, select, slider, t } from "../ui/index";

export const PLANE_START: Spec = {
  generator: { sizes: [2, 32, 32, 2], activation: "tanh" },
  discriminator: { sizes: [2, 32, 32, 1], activation: "tanh" },
  loss: "non_saturating",
  penalties: [],
  optimisers: { generator: { name: "adam", lr: 1e-3, betas: [0.5, 0.999] },
    discriminator: { name: "adam", lr: 2e-3, betas: [0.5, 0.999] } },
  k: 1, k_g: 1, instance_noise: 0, batch: 256, seed: 0,
  target: { name: "ring", modes: 8, radius: 1, std: 0.05 },
  prior: { name: "standard_normal", dim: 2 },
};

export type Kind = Exclude<PlaneSpec["name"], "points"> | "gaussians" | "blobs" | "points";

export const TARGETS: Record<Kind, PlaneSpec> = {
  segment: { name: "segment", length: 2, std: 0.05 },
  gaussians: { name: "points", centres: [[-0.6, -0.4], [0.6, -0.4], [0, 0.6]], std: 0.2 },
  ring: PLANE_START.target as PlaneSpec,
  grid: { name: "grid", side: 5, spacing: 2, std: 0.1 },
  spiral: { name: "spiral", turns: 2, radius: 1, std: 0.03 },
  moons: { name: "moons", std: 0.08 },
  sine_curve: { name: "sine_curve", amplitude: 1, std: 0.08 },
  blobs: { name: "points", centres: [[-1, 0], [1, 0]], std: 0.1 },
  points: { name: "points", centres: [], std: 0.05 },
};

/** What the numbers of a target may be: [low, high, step]. */
const RANGES: Record<string, [number, number, number]> = {
  length: [0.5, 6, 0.1], std: [0.01, 0.5, 0.01], modes: [1, 25, 1], radius: [0.5, 4, 0.1], side: [2, 8, 1],
  spacing: [0.5, 4, 0.1], turns: [0.5, 4, 0.25],
  amplitude: [0.2, 3, 0.1],
};

const centres = (spec: PlaneSpec) => JSON.stringify((spec as { centres?: unknown }).centres);
export const kindOf = (spec: PlaneSpec): Kind => (spec.name !== "points" ? spec.name
  : (["gaussians", "blobs"] as const).find((kind) => centres(TARGETS[kind]) === centres(spec)) ?? "points");

/** What the reader calls each kind. */
export const targetNames = (): Record<Kind, string> => ({
  segment: t("line segment"), gaussians: t("three Gaussians"), ring: t("ring"), grid: t("grid"), spiral: t("spiral"),
  moons: t("two moons"), sine_curve: t("sine curve"), blobs: t("disjoint blobs"), points: t("your own points"),
});

/**
 * The target's kind and its numbers. `own`: what is shown for points of the reader's own, and what these begin with.
 */
export function targetEditor(change: (part: Tree) => void, own?: { el: HTMLElement; begin(): void }): Editor {
  const names = Object.fromEntries(Object.entries(targetNames()).filter(([name]) => own || name !== "points"));
  let now: PlaneSpec, said = "";
  const numbers = h("div", { className: "fields" });
  const kind = select<string>(t("Target"), names, "ring", (name) =>
    (name === "points" ? own!.begin() : change({ target: TARGETS[name as Kind] })));
  return {
    el: h("div", { className: "wide" }, kind.el, numbers, own?.el),
    show({ target }) {
      now = target as PlaneSpec;
      const name = kindOf(now), fields = Object.entries(now).filter(([key]) => key in RANGES);
      kind.set(name);
      if (own) own.el.hidden = name !== "points";
      // a slider that is being dragged stays where it is
      if (said !== name + fields) {
        const active = said.startsWith(name) && numbers.contains((numbers.getRootNode() as ShadowRoot).activeElement);
        said = name + fields;
        if (!active) numbers.replaceChildren(...fields.map(([key, value]) => {
          const [min, max, step] = RANGES[key]!;
          return slider(key === "std" ? t("width (s.d.)") : t(key), { min, max, step, value: value as number },
            (v) => change({ target: { ...now, [key]: v } })).el;
        }));
      }
    },
  };
}

/** Noise of any dimension; G's first layer follows. */
function priorEditor(change: (part: Tree) => void): Editor {
  let now: Spec;
  const put = (normal: boolean, dim: number) => {
    const line: LawSpec = normal ? { name: "gaussian", mean: 0, std: 1 } : { name: "uniform", low: -1, high: 1 };
    const prior: LawSpec = dim === 1 ? line : normal ? { name: "standard_normal", dim }
      : { name: "uniform_cube", dim, low: -1, high: 1 };
    const { sizes } = now.generator;
    change({ prior, ...(sizes[0] !== dim && { generator: { sizes: [dim, ...sizes.slice(1)] } }) });
  };
  const normal = () => !now.prior.name.startsWith("uniform");
  const law = select<string>(t("Noise"), { normal: t("normal"), uniform: t("uniform") }, "normal",
    (v) => put(v === "normal", now.generator.sizes[0]!));
  const dim = slider(t("Noise dimension"), { min: 1, max: 10, value: 2 }, (v) => put(normal(), v));
  return {
    el: h("div", { className: "wide" }, h("div", { className: "fields" }, law.el, dim.el)),
    show(spec) {
      now = spec;
      law.set(normal() ? "normal" : "uniform");
      dim.set(spec.generator.sizes[0]!);
    },
  };
}

/** The controls of a whole game. */
export const planePanel = (spec: Spec, open: boolean, change: (part: Tree) => void,
  target: Editor = targetEditor(change)): Panel =>
  settingsPanel(spec, open, change, [target, priorEditor(change)], true);
