/** Games that show one thing each, and what to try in them. */
import type { Tree } from "../plane/index";
import { t } from "../ui/index";

export interface Preset {
  title: string;
  /** what differs from the start */
  spec: Tree;
  words: string;
  steps: string;
}

const both = (lr: number, beta = 0.5) => ({ generator: { lr, betas: [beta, 0.999] }, discriminator: { lr, betas: [beta, 0.999] } });

export const presets = (): Record<string, Preset> => ({
  success: {
    title: t("It works"), spec: {},
    words: t("Two equal networks, Adam, a ring of eight. The generated points spread over the ring and find all eight modes; the heat map fades to undecided."),
    steps: t("Press Play. Then double the number of modes, or choose the spiral: what does G find hard?"),
  },
  collapse: {
    title: t("Mode collapse"), spec: { target: { name: "ring", modes: 8, radius: 2, std: 0.02 }, optimisers: both(2e-3, 0.9) },
    words: t("G gains most by putting everything where D is most easily fooled. The points gather in a few modes, D learns to refuse these, and they all move on."),
    steps: t("Watch the count of modes. Then add R1 with γ = 0.1, or take the relativistic loss."),
  },
  oscillation: {
    title: t("Oscillation"), spec: { target: { name: "points", centres: [[-1, 0], [1, 0]], std: 0.1 }, loss: "wasserstein", optimisers: { generator: { name: "sgd", lr: 0.05 }, discriminator: { name: "sgd", lr: 0.05 } } },
    words: t("No penalty holds the critic's slope: it grows and G overshoots, again and again. Neither player is stupid; simultaneous improvement just turns in circles."),
    steps: t("Add WGAN-GP with λ = 1 and watch the swing die out."),
  },
  vanishing: {
    title: t("Vanishing gradient"), spec: { loss: "minimax", k: 10, target: { name: "points", centres: [[2, 2]], std: 0.1 } },
    words: t("The data lie far from the generated points and D is soon sure. Where D is sure the minimax loss is flat: the arrows shrink to nothing and G stands still."),
    steps: t("Show the gradient of every loss: which one still pulls? Change to it."),
  },
  cure: {
    title: t("A cure"), spec: { target: { name: "ring", modes: 8, radius: 2, std: 0.02 }, optimisers: both(2e-3, 0.9), loss: "relativistic", penalties: [{ name: "r1", weight: 0.1 }, { name: "r2", weight: 0.1 }] },
    words: t("The game of “Mode collapse”, with the relativistic loss and both gradient penalties (R3GAN). Only the loss has changed; all modes are found and kept."),
    steps: t("Take the penalties away again, one at a time."),
  },
});
