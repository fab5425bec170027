/**
 * The value function V(G, D) = E_p log D + E_q log(1 − D) in nats: two densities to drag, three guesses of the best
 * discriminator D* = p / (p + q), and only then D* itself with what it is worth.
 */
import { createDistribution } from "../engine/views";
import type { DistributionSpec } from "../engine/types";
import { button, clamp, defineView, figure, fmt, h, keep, Plot, row, say, select, t, type State } from "../ui/index";

type Shape = [DistributionSpec, number, number];
/** A density on the line with the places where it may jump, and where all of it lies. */
export interface Density { at(x: number): number; breaks: number[]; mean: number; std: number }

const NORMAL: DistributionSpec = { name: "gaussian" }, FLAT: DistributionSpec = { name: "uniform" };
const PAIR: DistributionSpec = { name: "mixture", means: [-1.5, 1.5], stds: [0.5, 0.5] };
/** Name, p and q: each a shape with its mean and standard deviation. */
const PRESETS: Record<string, [string, Shape, Shape]> = {
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
  const bins = spec.name === "drawn" ? spec.heights.map((_, i) => spec.low + ((spec.high - spec.low) * i) / spec.heights.length) : [];
  return {
    mean, std, at: (x) => base.density(base.mean + (x - mean) / scale) / scale,
    breaks: [base.quantile(1e-13), base.mean, base.quantile(1 - 1e-13), ...bins].map(place),
  };
}

/** The integral of f over all that lies between the first and the last break: Gauss's two points on 300 panels a piece. */
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
  const yours = integral((x) => xlog(p.at(x), guess(x)) + xlog(q.at(x), 1 - guess(x)), [...breaks, ...corners].sort((a, b) => a - b));
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

defineView("value", (host) => {
  const o = host.options, c = host.colours, presets = { ...PRESETS };
  const given = (spec: DistributionSpec): Shape => {
    const d = createDistribution(spec);
    return [spec, d.mean, d.std];
  };
  if (o.p || o.q) presets.given = [o.name ?? "as given", given(o.p ?? NORMAL), given(o.q ?? { ...NORMAL, mean: 1.5, std: 0.7 })];
  const kept = keep(host, { preset: o.p || o.q ? "given" : "gaussians", p: [0, 0] as [number, number], q: [0, 0] as [number, number],
    guesses: [0, 0, 0] as number[], shown: false }, { preset: o.preset, shown: o.shown });
  const s = kept.now;
  let p: Density, q: Density, where: number[], result: ReturnType<typeof measure>, key = "";
  const guess = (x: number) => {
    const ys = s.guesses.map((g) => logit(g || 0.5)), i = x < where[1] ? 0 : 1;
    const along = clamp((x - where[i]) / (where[i + 1] - where[i]), 0, 1);
    return 1 / (1 + Math.exp(-(ys[i] + (ys[i + 1] - ys[i]) * along)));
  };
  /** Everything the state implies; a standard deviation of 0 means: as the preset has it. */
  const settle = () => {
    if (JSON.stringify(s) === key) return;
    const [, a, b] = presets[s.preset] ?? presets[(s.preset = "gaussians")];
    if (!(s.p[1] > 0)) s.p = [a[1], a[2]];
    if (!(s.q[1] > 0)) s.q = [b[1], b[2]];
    where = places(density(...a), density(...b));
    p = density(a[0], ...s.p);
    q = density(b[0], ...s.q);
    s.guesses = s.guesses.map((g) => (g ? clamp(g, 1 - SURE, SURE) : 0));
    result = measure(p, q, guess, where);
    key = JSON.stringify(s);
  };
  settle();

  const top = new Plot({ label: t("The densities p and q"), x: X, y: [0, 1], height: (w) => Math.max(150, Math.min(230, w * 0.34)),
    pad: [22, 12, 6, 34] }, c);
  const below = new Plot({ label: t("The discriminator D"), x: X, y: [0, 1], height: (w) => Math.max(150, Math.min(230, w * 0.34)),
    pad: [22, 12, 22, 34] }, c);
  const round = (v: number) => Math.round(v * 100) / 100;
  for (const name of ["p", "q"] as const) {
    const d = () => (name === "p" ? p : q), colour = (k: ReturnType<typeof c>) => (name === "p" ? k.real : k.generator);
    const drag = (mean: number, std: number) => {
      s[name] = [round(clamp(mean, -4, 4)), round(clamp(std, 0.2, 2.5))];
      settle();
      host.changed();
    };
    top.addHandle({ label: t("mean of {0}", name), step: [0.05, 0], colour, at: () => [s[name][0], d().at(s[name][0])],
      move: (x) => drag(x, s[name][1]), text: () => fmt(s[name][0]) });
    top.addHandle({ label: t("standard deviation of {0}", name), step: [0.05, 0], colour,
      at: () => [s[name][0] + s[name][1], d().at(s[name][0] + s[name][1])],
      move: (x) => drag(s[name][0], x - s[name][0]), text: () => fmt(s[name][1]) });
  }
  const set = (i: number, y: number) => {
    s.guesses = s.guesses.map((g, j) => (i === j ? clamp(round(y), 1 - SURE, SURE) : g));
    settle();
    host.changed();
  };
  [0, 1, 2].forEach((i) => {
    const knob = below.addHandle({ label: t("your D, place {0}", i + 1), step: [0, 0.01], colour: (k) => (s.guesses[i] ? k.gradient : k.muted),
      at: () => [where[i], s.guesses[i] || 0.5], move: (_, y) => set(i, y),
      text: () => `D(${fmt(where[i])}) = ${s.guesses[i] ? fmt(s.guesses[i]) : "?"}` });
    // a guess of 1/2 needs no movement: a touch, Enter or Space sets the handle where it is
    const keepIt = () => s.guesses[i] || set(i, 0.5);
    knob.addEventListener("pointerup", keepIt);
    knob.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      keepIt();
    });
  });

  const choice = select(t("Example"), Object.fromEntries(Object.entries(presets).map(([k, [name]]) => [k, t(name)])), s.preset, (name) =>
    start({ preset: name }));
  const start = (saved: State) => {
    kept.restore(saved);
    settle();
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
  const table = h("table", null, ...names.map((name, i) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, cells[i].el))));
  host.root.append(row(choice.el), ask, top.el, below.el,
    h("div", { className: "pair" }, h("div", null, row(check, hint, again), note), table));

  const complete = () => s.guesses.every(Boolean);
  const outcome = () => {
    if (!s.shown) {
      const left = s.guesses.filter((g) => !g).length;
      return (left ? t("{0} handles to set before D* is drawn.", left) : t("All three are set: compare."));
    }
    const errors = where.map((x, i) => t("D*({0}) = {1}", fmt(x), ideal(p, q, x) >= 0 ? fmt(ideal(p, q, x)) : t("anything"))
      + (s.guesses[i] ? t(", you said {0}", fmt(s.guesses[i])) : ""));
    return errors.join("; ") + ". " + t("V(G, D*) = {0} nats, JSD = {1}.", fmt(result.best, 3), fmt(result.jsd, 3))
      + (complete() ? " " + t("Your D earns {0}: {1} less.", fmt(result.yours, 3), fmt(result.best - result.yours, 3)) : "");
  };
  const describe = () => t("p has mean {0} and width {1}, q mean {2} and width {3}. ", ...[...s.p, ...s.q].map((v) => fmt(v))) + outcome();
  const xs = Float64Array.from({ length: 501 }, (_, i) => X[0] + i / 50);
  const picture = () => {
    const k = c(), P = xs.map(p.at), Q = xs.map(q.at), D = xs.map((x) => ideal(p, q, x));
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
    if (complete()) below.line(xs, xs.map(guess), k.gradient, { width: 1.6, dash: [6, 4] });
    if (!s.shown) return;
    below.line(xs, D, k.discriminator, { width: 2.6 });
    where.forEach((x, i) => {
      const best = ideal(p, q, x);
      if (!(best >= 0)) return;
      if (s.guesses[i]) below.segment(x, s.guesses[i], x, best, k.gradient, { width: 3 });
      below.dot(x, best, 4, k.discriminator);
    });
    below.text("D*", below.X(X[0]) + 6, below.Y(D[0]) + (D[0] > 0.9 ? 16 : -6), k.discriminator, "left", 13, "bold");
  };
  const draw = () => {
    settle();
    choice.set(s.preset);
    check.disabled = !complete();
    check.hidden = hint.hidden = s.shown;
    again.hidden = !s.shown;
    table.hidden = !s.shown;
    cells.forEach((cell, i) => cell.set([result.best, 2 * result.jsd - Math.log(4), result.jsd, complete() ? result.yours : NaN][i], 4));
    say(ask, s.shown ? t("D*(x) = p(x) / (p(x) + q(x)): drag p and q, and your D.")
      : t("How good can a detector be? Set the three handles to the probability D(x) that a sample found at x is real."));
    say(note, outcome());
    picture();
  };
  return { describe, draw, state: kept.state, restore: start };
});
