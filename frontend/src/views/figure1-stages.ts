/**
 * The four stages of Figure 1 in Goodfellow et al. 2014, each by a criterion that can be measured:
 *   b  D is near the best discriminator: their mean distance, over the data and the generated samples, is below NEAR.
 *   c  since D was last there, G has taken p_g at least a fifth closer to p_data (in total variation).
 *   d  the two are one within a total variation of CLOSE, and D is undecided: |D - 1/2| below CLOSE in the mean.
 *   a  none of these: D is right in parts only.
 * The caption says the numbers that were measured, and at which step.
 */
import { fmt, h, say, t } from "../ui/index";
import type { Picture } from "./figure1-picture";

const NEAR = 0.06;
const CLOSE = 0.05;
/**
 * Milliseconds of film for which a stage stays on show, to be read, and after which its numbers are renewed; words are
 * never further behind the picture than FAR steps and a fifth of all so far.
 */
const DWELL = 1500;
const RENEW = 500;
const FAR = 200;
type Stage = "a" | "b" | "c" | "d";
type Measured = Pick<Picture, "gap" | "apart" | "doubt" | "right" | "bounded">;

/** Where a run stands, from moment to moment. */
export class Stages {
  now: Stage = "a";
  /** what was seen last, and at which step */
  seen: Measured & { step: number } = { gap: 1, apart: 1, doubt: 1, right: 0.5, bounded: true, step: 0 };
  /** the stages seen so far */
  reached = "";
  /** total variation when D was last near its best */
  from = NaN;

  reset(): void {
    this.now = "a";
    this.from = NaN;
    this.reached = "";
  }

  /** Leaving a stage takes more than entering it. */
  look(now: Measured, step: number): void {
    const { gap, apart, doubt, right, bounded } = now;
    this.seen = { gap, apart, doubt, right, bounded, step };
    const enter = (stage: Stage) => {
      this.now = stage;
      if (stage === "b") this.from = apart;
      if (!this.reached.includes(stage)) this.reached += stage;
    };
    // G has followed for as long as p_g is nearer than it was; meanwhile D may be out of date
    const near = bounded && gap < NEAR, [farther, off] = this.now === "c" ? [0.9, 2.5] : [1.1, 1.5];
    if (apart < CLOSE && doubt < CLOSE) enter("d");
    else if (this.now === "d") { if (apart > 2 * CLOSE || doubt > 2 * CLOSE) enter("a"); }
    else if (this.now === "a") { if (near) enter("b"); }
    else if (apart < 0.8 * this.from) enter(this.now === "c" && gap < NEAR / 2 ? "b" : "c");
    else if (apart > farther * this.from || gap > off * NEAR) enter(near ? "b" : "a");
    if (!this.reached) this.reached = "a";
  }
}

const percent = (v: number) => fmt(100 * v, 0) + "\u2009%";

type Weighed = Pick<Stages, "now" | "from" | "seen">;

/** What was seen last, in words. The best D of two laws is right in (1 + TV) / 2 of the cases. */
export function sentence({ now, from, seen: { gap, apart, right, bounded, step } }: Weighed, best: string): string {
  const said: Record<Stage, () => string> = {
    a: () => !bounded ? t("Step {0}: nothing bounds this critic, so it has no best score. It tells real from generated in {1} of the cases; the best D would in {2}.",
      step, percent(right), percent((1 + apart) / 2))
      : t("Step {0}: D is right in {1} of the cases, the best D would be in {2}. On average D is {3} away from D*.",
      step, percent(right), percent((1 + apart) / 2), fmt(gap)),
    b: () => t("Step {0}: D has all but reached the best answer to this p_g, D* = {1}: on average it is {2} away. It is right in {3} of the cases, the best in {4}.",
      step, best, fmt(gap), percent(right), percent((1 + apart) / 2)),
    c: () => t("Step {0}: G has followed D. p_g was TV {1} away from the data and is now {2}: that share of its mass is still misplaced.",
      step, fmt(from), fmt(apart)),
    d: () => t("Step {0}: p_g is within TV {1} of the data. The best D would be right in {2} of the cases, this D is in {3}.",
      step, fmt(apart), percent((1 + apart) / 2), percent(right)),
  };
  return said[now]();
}

/** The longest that may be said of such a game. */
function longest({ seen }: Stages, best: string): string {
  const wide = { gap: 0.88, apart: 0.88, doubt: 0.88, right: 0.88, bounded: seen.bounded, step: 88_888 };
  return (["a", "b", "c", "d"] as const).map((now) => sentence({ now, from: 0.88, seen: wide }, best))
    .reduce((a, b) => (b.length > a.length ? b : a));
}

/** The words on show: of the present picture at once where the film stands or the reader has done something. */
export class Caption {
  words = "";
  stage: Stage = "a";
  reached = "";
  #step = 0;
  /** milliseconds of film since the words changed, and since the stage did */
  #age = Infinity;
  #stood = Infinity;

  /** So much of the film has passed. */
  pass(ms: number): void {
    this.#age += ms;
    this.#stood += ms;
  }

  /** The reader has done something: what follows is said at once. */
  fresh(): void {
    this.#age = this.#stood = Infinity;
  }

  /** What was seen last. True where it is on show from now on. */
  offer(stages: Stages, best: string, playing: boolean): boolean {
    const { now, reached, seen: { step } } = stages, same = now === this.stage;
    const behind = step - this.#step > FAR + step / 5;
    if (playing && !behind && (same ? this.#age < RENEW : this.#stood < DWELL)) return false;
    const words = sentence(stages, best);
    if (words === this.words) return false;
    if (!same || !this.words) this.#stood = 0;
    [this.words, this.stage, this.reached, this.#step, this.#age] = [words, now, reached, step, 0];
    return true;
  }
}

const criterion = (stage: Stage): string => ({
  a: t("D is right in parts"), b: t("mean |D − D*| below {0}", NEAR),
  c: t("since (b), p_g came at least a fifth closer to the data"),
  d: t("total variation and mean |D − ½| below {0}", CLOSE),
})[stage];

/** The caption under the figure, with the letters of the stages before it. */
export function captionLine() {
  const caption = new Caption(), words = h("span"), room = h("span", { className: "room" }, words);
  const letters = (["a", "b", "c", "d"] as const).map((stage) =>
    h("span", { className: "stage", title: criterion(stage) }, `(${stage})`));
  return {
    el: h("p", { className: "caption" }, h("span", { className: "stages", "aria-hidden": "true" }, ...letters), room),
    pass: (ms: number) => caption.pass(ms),
    fresh: () => caption.fresh(),
    show(...now: Parameters<Caption["offer"]>): void {
      if (!caption.offer(...now)) return;
      letters.forEach((letter, i) => {
        const stage = "abcd"[i]!;
        letter.classList.toggle("now", stage === caption.stage);
        letter.classList.toggle("reached", caption.reached.includes(stage));
      });
      say(words, caption.words);
      room.dataset.most = longest(now[0], now[1]);
    },
  };
}
