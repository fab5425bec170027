/**
 * The value function V(G, D) = E_p log D + E_q log(1 − D) in nats: two densities to drag, three guesses of the best
 * discriminator D* = p / (p + q), and only then D* itself with what it is worth.
 */
import { createDistribution } from "../engine/views";
import type { DistributionSpec } from "../engine/types";
import {
  button, clamp, defineView, figure, fmt, h, keep, named, Plot, row, say, select, t, type Colours, type Options,
  type State,
  type ViewHost,
} from "../ui/index";

type Shape = [DistributionSpec, number, number];
/** A density on the line with the places where it may jump, and where all of it lies. */
interface Density { at(x: number): number; breaks: number[]; mean: number; std: number }

const NORMAL: DistributionSpec = { name: "gaussian" }, FLAT: DistributionSpec = { name: "uniform" };
const PAIR: DistributionSpec = { name: "mixture", means: [-1.5, 1.5], stds: [0.5, 0.5] };
/** Name, p and q: each a shape with its mean and standard deviation. */
export const PRESETS: Record<string, [string, Shape, Shape]> = {
  gaussians: ["two Gaussians", [NORMAL, 0, 1], [NORMAL, 1.5, 0.7]],
  disjoint: ["uniform, nothing in common", [FLAT, -1.5, 0.6], [FLAT, 1.5, 0.6]],
  overlap: ["uniform, overlapping", [FLAT, -0.5, 0.7], [FLAT, 0.6, 0.7]],
  missing: ["two modes, one found", [PAIR, 0, 1.6], [NORMAL, 1.5, 0.5]],
  same: ["the same twice", [NORMAL, 0, 1], [NORMAL, 0, 1]],
};
const X: [number, number] = [-5, 5];
/** A guess stays away from 0 and 1: who is sure and wrong once pays an infinite price. */
const SURE = 0.99;

/** `spec` moved and stretched to the given mean and standard deviation. */
function density(spec: DistributionSpec, mean: number, std: number): Density {
  const base = createDistribution(spec), scale = std / base.std;
  const place = (x: number) => mean + (x - base.mean) * scale;
  const bins = spec.name === "drawn" ? spec.heights.map((_, i) => spec.low
    + ((spec.high - spec.low) * i) / spec.heights.length) : [];
  return {
    mean, std, at: (x) => base.density(base.mean + (x - mean) / scale) / scale,
    breaks: [base.quantile(1e-13), base.mean, base.quantile(1 - 1e-13), ...bins].map(place),
  };
}

/**
 * The integral of f over all that lies between the first and the last break: Gauss's two points on 300 panels a piece.
 */
function integral(f: (x: number) => number, breaks: number[]): number {
  let sum = 0;
  for (let b = 1; b < breaks.length; b++) {
    const width = (breaks[b] - breaks[b - 1]) / 300, off = width / Math.sqrt(12);
    if (width > 1e-12) for (let i = 0; i < 300; i++) {
      const middle = breaks[b - 1] + (i + 0.5) * width;
      sum += (width / 2) * (f(middle - off) + f(middle + off));
    }
  }
  return sum;
}

/** x log y, 0 where x is. */
const xlog = (x: number, y: number) => (x > 0 ? x * Math.log(y) : 0);
const logit = (d: number) => Math.log(d / (1 - d));

/** V at the best D and at the reader's (a curve with `corners`), and the divergence of p and q. */
function measure(p: Density, q: Density, guess: (x: number) => number, corners: number[]) {
  const breaks = [...p.breaks, ...q.breaks].sort((a, b) => a - b);
  // 1 − D* as q's share: where D* rounds to 1 the difference would be 0, and its logarithm no number
  const best = integral((x) => xlog(p.at(x), ideal(p, q, x)) + xlog(q.at(x), ideal(q, p, x)), breaks);
  const half = (a: Density, b: Density) => integral((x) => xlog(a.at(x), (2 * a.at(x)) / (a.at(x) + b.at(x))), breaks);
  const yours = integral((x) => xlog(p.at(x), guess(x)) + xlog(q.at(x), 1 - guess(x)),
    [...breaks, ...corners].sort((a, b) => a - b));
  return { best, jsd: (half(p, q) + half(q, p)) / 2, yours };
}

/** D*(x): the share of p in the total height; NaN where neither is, and any answer as good as any other. */
function ideal(p: Density, q: Density, x: number): number {
  const a = p.at(x);
  return a / (a + q.at(x));
}

/** Three places worth a guess: left, where the curves cross (or half way), right. */
function places(p: Density, q: Density): number[] {
  let [low, high] = [p, q].sort((a, b) => a.mean - b.mean).map((d) => d.mean);
  const at = (x: number) => p.at(x) - q.at(x), sign = at(low), outer = [low - 1, high + 1];
  for (let i = 0; i < 40 && low < high && sign * at(high) < 0; i++) {
    const middle = (low + high) / 2;
    if (at(middle) * sign >= 0) low = middle;
    if (at(middle) * sign <= 0) high = middle;
  }
  return [outer[0], (low + high) / 2, outer[1]].map((x) => Math.round(x * 100) / 100);
}

interface Guesses { preset: string; p: [number, number]; q: [number, number]; guesses: number[]; shown: boolean }

/** The presets, with the pair that the page gives. */
function presetsOf(o: Options): typeof PRESETS {
  const given = (spec: DistributionSpec): Shape => {
    const d = createDistribution(spec);
    return [spec, d.mean, d.std];
  };
  if (!o.p && !o.q) return { ...PRESETS };
  const pair = [given(o.p ?? NORMAL), given(o.q ?? { ...NORMAL, mean: 1.5, std: 0.7 })] as const;
  return { ...PRESETS, given: [o.name ?? "as given", ...pair] };
}

const round = (v: number) => Math.round(v * 100) / 100;

/** Both densities, the reader's D, and what they are worth. */
export class Question {
  p!: Density;
  q!: Density;
  where!: number[];
  result!: ReturnType<typeof measure>;
  #key = "";

  constructor(readonly s: Guesses, readonly presets: typeof PRESETS) {}

  /** The reader's D: through the guesses, straight lines of its logit. */
  guess = (x: number): number => {
    const { s, where } = this, ys = s.guesses.map((g) => logit(g || 0.5)), i = x < where[1] ? 0 : 1;
    const along = clamp((x - where[i]) / (where[i + 1] - where[i]), 0, 1);
    return 1 / (1 + Math.exp(-(ys[i] + (ys[i + 1] - ys[i]) * along)));
  };

  /** Everything the state implies; a standard deviation of 0 means: as the preset has it. */
  settle(): void {
    const { s, presets } = this;
    if (JSON.stringify(s) === this.#key) return;
    const [, a, b] = presets[(s.preset = named(presets, s.preset, "gaussians"))];
    if (!(s.p[1] > 0)) s.p = [a[1], a[2]];
    if (!(s.q[1] > 0)) s.q = [b[1], b[2]];
    this.where = places(density(...a), density(...b));
    this.p = density(a[0], ...s.p);
    this.q = density(b[0], ...s.q);
    s.guesses = s.guesses.map((g) => (g ? clamp(g, 1 - SURE, SURE) : 0));
    this.result = measure(this.p, this.q, this.guess, this.where);
    this.#key = JSON.stringify(s);
  }

  setGuess(i: number, y: number): void {
    this.s.guesses = this.s.guesses.map((g, j) => (i === j ? clamp(round(y), 1 - SURE, SURE) : g));
    this.settle();
  }
  setShape(name: "p" | "q", mean: number, std: number): void {
    this.s[name] = [round(clamp(mean, -4, 4)), round(clamp(std, 0.2, 2.5))];
    this.settle();
  }

  get complete(): boolean {
    return this.s.guesses.every(Boolean);
  }

  outcome(): string {
    const { s, p, q, where, result, complete } = this;
    if (!s.shown) {
      const left = s.guesses.filter((g) => !g).length;
      return (left ? t("{0} handles to set before D* is drawn.", left) : t("All three are set: compare."));
    }
    const errors = where.map((x, i) => t("D*({0}) = {1}", fmt(x), ideal(p, q, x) >= 0 ? fmt(ideal(p, q, x))
      : t("anything"))
      + (s.guesses[i] ? t(", you said {0}", fmt(s.guesses[i])) : ""));
    return errors.join("; ") + ". " + t("V(G, D*) = {0} nats, JSD = {1}.", fmt(result.best, 3), fmt(result.jsd, 3))
      + (complete ? " " + t("Your D earns {0}: {1} less.", fmt(result.yours, 3), fmt(result.best - result.yours, 3))
        : "");
  }
}

/** Both pictures, with the handles that the reader drags. */
function plotsOf(question: Question, host: ViewHost): [Plot, Plot] {
  const c = host.colours;
  const top = new Plot({ label: t("The densities p and q"), x: X, y: [0, 1],
    height: (w) => Math.max(150, Math.min(230, w * 0.34)),
    pad: [22, 12, 6, 34] }, c);
  const below = new Plot({ label: t("The discriminator D"), x: X, y: [0, 1],
    height: (w) => Math.max(150, Math.min(230, w * 0.34)),
    pad: [22, 12, 22, 34] }, c);
  for (const name of ["p", "q"] as const) addShape(top, question, name, host);
  for (const i of [0, 1, 2]) addGuess(below, question, i, host);
  return [top, below];
}

/** The handles of a density: its mean and its standard deviation. */
function addShape(top: Plot, question: Question, name: "p" | "q", host: ViewHost): void {
  const { s } = question, d = () => question[name];
  const colour = (k: Colours) => (name === "p" ? k.real : k.generator);
  const drag = (mean: number, std: number) => {
    question.setShape(name, mean, std);
    host.changed();
  };
  top.addHandle({ label: t("mean of {0}", name), step: [0.05, 0], colour, at: () => [s[name][0], d().at(s[name][0])],
    move: (x) => drag(x, s[name][1]), text: () => fmt(s[name][0]) });
  top.addHandle({ label: t("standard deviation of {0}", name), step: [0.05, 0], colour,
    at: () => [s[name][0] + s[name][1], d().at(s[name][0] + s[name][1])],
    move: (x) => drag(s[name][0], x - s[name][0]), text: () => fmt(s[name][1]) });
}

/** The handle of a guess. */
function addGuess(below: Plot, question: Question, i: number, host: ViewHost): void {
  const { s } = question, set = (y: number) => {
    question.setGuess(i, y);
    host.changed();
  };
  const knob = below.addHandle({ label: t("your D, place {0}", i + 1), step: [0, 0.01],
    colour: (k) => (s.guesses[i] ? k.gradient : k.muted),
    at: () => [question.where[i], s.guesses[i] || 0.5], move: (_, y) => set(y),
    text: () => `D(${fmt(question.where[i])}) = ${s.guesses[i] ? fmt(s.guesses[i]) : "?"}` });
  // a guess of 1/2 needs no movement: a touch, Enter or Space sets the handle where it is
  const keepIt = () => s.guesses[i] || set(0.5);
  knob.addEventListener("pointerup", keepIt);
  knob.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    keepIt();
  });
}

const XS = Float64Array.from({ length: 501 }, (_, i) => X[0] + i / 50);

function picture(question: Question, top: Plot, below: Plot, k: Colours): void {
  const { s, p, q, where, guess, complete } = question, xs = XS;
  const P = xs.map(p.at), Q = xs.map(q.at), D = xs.map((x) => ideal(p, q, x));
  top.y = [0, 1.12 * Math.max(...P, ...Q)];
  if (!top.begin() || !below.begin()) return;
  top.axes({ x: 0, y: 3, yLabel: t("density") });
  top.fill(xs, P, k.real, 0.1);
  top.fill(xs, Q, k.generator, 0.16);
  top.line(xs, P, k.real, { width: 2.2, dash: [2, 4] });
  top.line(xs, Q, k.generator, { width: 2.2 });
  top.text(t("p, real"), top.X(s.p[0]), top.Y(p.at(s.p[0])) - 14, k.real, "center", 12, "bold");
  top.text(t("q, generated"), top.X(s.q[0]), top.Y(q.at(s.q[0])) - 14, k.generator, "center", 12, "bold");
  below.axes({ y: 2, yLabel: "D(x)", xLabel: "x" });
  for (const x of where) {
    below.segment(x, 0, x, 1, k.muted, { width: 1, dash: [2, 3] });
    top.segment(x, 0, x, top.y[1], k.muted, { width: 1, dash: [2, 3] });
  }
  if (complete) below.line(xs, xs.map(guess), k.gradient, { width: 1.6, dash: [6, 4] });
  if (!s.shown) return;
  below.line(xs, D, k.discriminator, { width: 2.6 });
  where.forEach((x, i) => {
    const best = ideal(p, q, x);
    if (!(best >= 0)) return;
    if (s.guesses[i]) below.segment(x, s.guesses[i], x, best, k.gradient, { width: 3 });
    below.dot(x, best, 4, k.discriminator);
  });
  below.text("D*", below.X(X[0]) + 6, below.Y(D[0]) + (D[0] > 0.9 ? 16 : -6), k.discriminator, "left", 13, "bold");
}

/** What exercise 5.4 asks for, "distance": of two normal densities of width 1. */
export function apart({ s, presets }: Question, what: string): number | undefined {
  const normal = presets[s.preset]!.slice(1).every(([spec]) => (spec as DistributionSpec).name === "gaussian");
  return what === "distance" && normal && s.p[1] === 1 && s.q[1] === 1 ? round(Math.abs(s.p[0] - s.q[0])) : undefined;
}

defineView("value", (host) => {
  const o = host.options, presets = presetsOf(o);
  const kept = keep(host, { preset: o.p || o.q ? "given" : "gaussians", p: [0, 0] as [number, number],
    q: [0, 0] as [number, number],
    guesses: [0, 0, 0] as number[], shown: false }, { preset: o.preset, shown: o.shown });
  const s = kept.now, question = new Question(s, presets);
  question.settle();
  const [top, below] = plotsOf(question, host);

  const choice = select(t("Example"), Object.fromEntries(Object.entries(presets).map(([k, [name]]) => [k, t(name)])),
    s.preset, (name) =>
    start({ preset: name }));
  const start = (saved: State) => {
    kept.restore(saved);
    question.settle();
    host.changed();
  };
  const reveal = (on: boolean) => {
    s.shown = on;
    if (!on) s.guesses = [0, 0, 0];
    host.changed();
  };
  const check = button(t("Compare with D*"), () => reveal(true), { className: "main" });
  const hint = button(t("Show me"), () => reveal(true)), again = button(t("Guess again"), () => reveal(false));
  const names = ["V(G, D*)", "2 JSD(p, q) − log 4", "JSD(p, q)", t("V(G, your D)")], cells = names.map(figure);
  const ask = h("p"), note = h("p");
  const table = h("table", null, ...names.map((name, i) =>
    h("tr", null, h("th", { scope: "row" }, name), h("td", null, cells[i].el))));
  host.root.append(row(choice.el), ask, top.el, below.el,
    h("div", { className: "pair" }, h("div", null, row(check, hint, again), note), table));

  const describe = () => t("p has mean {0} and width {1}, q mean {2} and width {3}. ",
    ...[...s.p, ...s.q].map((v) => fmt(v))) + question.outcome();
  const draw = () => {
    question.settle();
    const { result } = question;
    choice.set(s.preset);
    check.disabled = !question.complete;
    check.hidden = hint.hidden = s.shown;
    again.hidden = !s.shown;
    table.hidden = !s.shown;
    cells.forEach((cell, i) => cell.set([result.best, 2 * result.jsd - Math.log(4), result.jsd, question.complete
      ? result.yours : NaN][i], 4));
    say(ask, s.shown ? t("D*(x) = p(x) / (p(x) + q(x)): drag p and q, and your D.")
      : t("How good can a detector be? Set the three handles to the probability D(x) that a sample found at x is real."));
    say(note, question.outcome());
    picture(question, top, below, host.colours());
  };
  return { describe, draw, state: kept.state, restore: start, read: (what) => apart(question, what) };
});
