/** What the playground says in numbers beside its picture: the losses and the scores over time, and as they are now. */
import {
  curvePlot, drawCurves, LOSS_COLOURS, LOSSES, SCORED, SCORES, type MapName, type Run, type Scores,
} from "../plane/index";
import { fmt, h, say, t, type ViewHost } from "../ui/index";

const scoreNames = (): Record<keyof Scores, string> => ({
  covered: t("modes found"), highQuality: t("high quality"), reverseKl: t("reverse KL"),
  slicedWasserstein: t("sliced Wasserstein"),
});

/** A score beside what a perfect sampler would get. */
function scoreText(run: Run, name: keyof Scores): string {
  const v = run.scores?.[name] ?? NaN, least = run.floor?.mean[name] ?? NaN;
  if (name === "covered") return t("{0} of {1}", v, run.picture.target.centres?.length ?? 0);
  if (name === "highQuality") return t("{0} % (perfect {1} %)", fmt(100 * v, 0), fmt(100 * least, 0));
  return t("{0} (perfect {1})", fmt(v, 3), fmt(least, 3));
}

/** How the scores came about: at which step, from how many samples, and what the words mean. */
function scoring(run: Run): string {
  const k = run.picture.target.centres && run.scores?.covered !== undefined ? run.picture.target.centres.length : 0;
  return t("Scored at step {0}: {1} samples beside {1} real ones. Perfect: what {1} samples of the target itself score on average.",
    run.scoredAt, SCORED) + (k ? " "
    + t("A mode is found when at least {0} samples, a quarter of its share, are of high quality: within 3 s.d. of its centre.",
      Math.ceil(SCORED / 4 / k)) : "");
}

export const tell = (run: Run): string => SCORES.filter((name) => run.scores?.[name] !== undefined)
  .map((name) => `${scoreNames()[name]} ${scoreText(run, name)}`).join(", ");

export class Charts {
  readonly losses;
  readonly #charts;
  readonly #numbers;
  readonly #scoring = h("p", { className: "muted" });
  readonly el: HTMLElement;

  constructor(readonly host: ViewHost, readonly run: Run) {
    const names = scoreNames();
    this.losses = curvePlot(t("The losses of both players over time"), host.colours);
    this.#charts = SCORES.map((name) => [name, curvePlot(t("{0} over time", names[name]), host.colours, 92)] as const);
    this.#numbers = [t("step"), t("loss of D"), t("loss of G"), ...Object.values(names)].map((name, i) => {
      // "0.123 (perfect 0.045)" is the longest of them
      const value = h("dd", { style: i > 3 ? "min-width:21ch" : "" });
      return [h("div", null, h("dt", null, name), value), value] as const;
    });
    this.el = h("div", null, this.losses.el, h("div", { className: "pair tight" },
      ...this.#charts.map(([, plot]) => plot.el)),
      h("dl", null, ...this.#numbers.map(([el]) => el)), this.#scoring);
  }

  draw(): void {
    const { run } = this, c = this.host.colours(), { history: { length: n, values, step: steps }, picture } = run;
    const time = { step: steps, n, at: run.clock };
    drawCurves(this.losses, c, { ...time, wild: true, lines: [
      { values: values.discriminator, colour: "discriminator", label: t("loss of D") },
      { values: values.generator, colour: "generator", label: t("loss of G") },
    ] });
    // first who is there: a chart that stands alone is as wide as two
    for (const [name, plot] of this.#charts) plot.el.hidden = run.scores?.[name] === undefined;
    for (const [name, plot] of this.#charts) {
      if (plot.el.hidden) continue;
      drawCurves(plot, c, {
        ...time, title: scoreNames()[name], floor: [run.floor.mean[name]!, run.floor.std[name]!],
        range: name === "covered" ? [0, picture.target.centres!.length] : name === "highQuality" ? [0, 1] : [0, 0.1],
        lines: [{ values: values[name], colour: "generator", label: "" }],
      });
    }
    const { discriminator = NaN, generator = NaN } = run.losses ?? {};
    const now = [String(run.steps), fmt(discriminator, 3), fmt(generator, 3)];
    this.#numbers.forEach(([el, value], i) => {
      const name = SCORES[i - 3];
      el.hidden = !!name && run.scores?.[name] === undefined;
      say(value, name ? scoreText(run, name) : now[i]!);
    });
    say(this.#scoring, scoring(run));
  }
}

/** The keys of what is drawn: [colour, words, kind]. */
export function keys(run: Run, map: MapName, arrows: boolean, all: boolean): [string, string, string?][] {
  const names = LOSSES(), found: [string, string, string?][] = [];
  if (map === "D" || map === "best") {
    found.push(["discriminator", t("D: real"), "band"], ["generator", t("D: generated"), "band"]);
  }
  if (!arrows && !all) return found;
  for (const [loss, pull] of run.picture.pulls) {
    let sum = 0;
    for (let i = 0; i < pull.length; i += 2) sum += Math.hypot(pull[i]!, pull[i + 1]!);
    const mean = (2 * sum) / pull.length;
    const words = loss === "wasserstein" && all ? names.wasserstein + ", " + names.hinge : names[loss];
    found.push([all ? LOSS_COLOURS[loss] : "gradient",
      t("−∂L/∂x of {0}: {1} on average", words, fmt(mean, mean < 0.1 ? 4 : 2))]);
  }
  return found;
}
