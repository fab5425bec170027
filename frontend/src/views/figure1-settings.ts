/** What Figure 1 starts with, and its panel: the settings of every game, with the target and the noise on the line. */
import type { DistributionSpec } from "../engine/types";
import { settingsPanel, type Panel, type Spec, type Tree } from "../game/settings";
import { t } from "../ui/index";
import { distributionEditor } from "./figure1-distribution";

export const START: Spec = {
  generator: { sizes: [1, 16, 16, 1], activation: "tanh" },
  discriminator: { sizes: [1, 32, 32, 1], activation: "tanh" },
  loss: "non_saturating",
  penalties: [],
  optimisers: { generator: { name: "adam", lr: 5e-4, betas: [0.5, 0.99] },
    discriminator: { name: "adam", lr: 5e-3, betas: [0.5, 0.99] } },
  k: 1, k_g: 1, instance_noise: 0, batch: 256, seed: 0,
  target: { name: "gaussian", mean: 2, std: 0.8 },
  prior: { name: "gaussian", mean: 0, std: 1 },
};

/** On the line every law is a distribution. */
export const line = (spec: Spec["target"]): DistributionSpec => spec as DistributionSpec;

export function panel(spec: Spec, open: boolean, change: (part: Tree) => void): Panel & { draw(): void } {
  const editors = (["target", "prior"] as const).map((role) => {
    const [label, actor] = role === "target" ? [t("Target"), "real" as const] : [t("Noise"), "generator" as const];
    const { el, draw, set } = distributionEditor(label, actor, line(spec[role]), (v) => change({ [role]: v }));
    return { el, draw, show: (s: Spec) => set(line(s[role])) };
  });
  return { ...settingsPanel(spec, open, change, editors), draw: () => editors.forEach((one) => one.draw()) };
}
