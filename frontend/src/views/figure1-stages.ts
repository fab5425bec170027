/**
 * The four stages of Figure 1 in Goodfellow et al. 2014, each by a criterion that can be measured:
 *   b  D is near the best discriminator: their mean distance, over the data and the generated samples, is below NEAR.
 *   c  since D was last there, G has taken p_g at least a fifth closer to p_data (in total variation).
 *   d  the two are one within a total variation of CLOSE, and D is undecided: |D - 1/2| below CLOSE in the mean.
 *   a  none of these: D is right in parts only.
 */
import { fmt, h, say, t } from "../ui/index";
import type { Picture } from "./figure1-picture";

const NEAR = 0.06;
const CLOSE = 0.05;
export type Stage = "a" | "b" | "c" | "d";

export class Stages {
  now: Stage = "a";
  /** total variation when D was last near its best */
  private from = NaN;
  private reached = "";
  private caption = h("span");
  private letters = (["a", "b", "c", "d"] as const).map((stage) =>
    h("span", { className: "stage", title: criterion(stage) }, `(${stage})`));
  readonly el = h("p", { className: "caption" },
    h("span", { className: "stages", "aria-hidden": "true" }, ...this.letters), this.caption);

  reset(): void {
    this.now = "a";
    this.from = NaN;
    this.reached = "";
  }

  /** Where the run stands now. Leaving a stage takes more than entering it, so that captions do not flicker. */
  look({ gap, apart, doubt }: Picture): void {
    const enter = (stage: Stage) => {
      this.now = stage;
      if (stage === "b") this.from = apart;
      if (!this.reached.includes(stage)) this.reached += stage;
    };
    const near = gap < NEAR;
    if (apart < CLOSE && doubt < CLOSE) enter("d");
    else if (this.now === "d") { if (apart > 2 * CLOSE || doubt > 2 * CLOSE) enter("a"); }
    else if (this.now === "a") { if (near) enter("b"); }
    else if (apart < 0.8 * this.from) enter(this.now === "c" && gap < NEAR / 2 ? "b" : "c");
    else if (apart > 1.1 * this.from || gap > 2.5 * NEAR) enter(near ? "b" : "a");
    if (!this.reached) this.reached = "a";
  }

  show(picture: Picture, best: string): void {
    this.letters.forEach((letter, i) => {
      const stage = "abcd"[i]!;
      letter.classList.toggle("now", stage === this.now);
      letter.classList.toggle("reached", this.reached.includes(stage));
    });
    say(this.caption, sentence(this.now, picture, best));
  }
}

function criterion(stage: Stage): string {
  return {
    a: t("D is right in parts"), b: t("mean |D − D*| below {0}", NEAR),
    c: t("since (b), p_g came at least a fifth closer to the data"),
    d: t("total variation and mean |D − ½| below 0.05"),
  }[stage];
}

export function sentence(stage: Stage, { gap, apart }: Picture, best: string): string {
  switch (stage) {
    case "b": return t("D has reached the best answer to this p_g, D* = {0}.", best);
    case "c": return t("G has followed D: p_g moved towards the data, {0} of its mass is still misplaced.",
      fmt(100 * apart, 0) + "\u2009%");
    case "d": return t("p_g = p_data. D can do no better than ½ anywhere.");
    default: return t("D is right in parts: on average it is {0} away from D*.", fmt(gap));
  }
}
