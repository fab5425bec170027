/** Choosing a distribution on the line: a kind, its numbers as sliders, or a curve drawn by hand. */
import { createDistribution } from "../engine/views";
import type { DistributionSpec } from "../engine/types";
import { clamp, colours, fmt, h, Plot, select, slider, t, type Actor, type Colours } from "../ui/index";

type Name = DistributionSpec["name"];
const BINS = 32;
const HIGH = 4;

const KINDS: Record<Name, DistributionSpec> = {
  gaussian: { name: "gaussian", mean: 2, std: 0.8 },
  mixture: { name: "mixture", means: [-1.5, 1.5], stds: [0.5, 0.5], weights: [0.5, 0.5] },
  uniform: { name: "uniform", low: -1, high: 1 },
  exponential: { name: "exponential", rate: 1 },
  sine: { name: "sine" },
  drawn: { name: "drawn", low: -HIGH, high: HIGH, heights: [] },
};

/** What the numbers of a distribution may be: [low, high, step]. */
const RANGES: Record<string, [number, number, number]> = {
  mean: [-4, 4, 0.1], std: [0.1, 3, 0.05], low: [-4, 3.9, 0.1], high: [-3.9, 4, 0.1], rate: [0.2, 4, 0.1],
  weight: [0.05, 1, 0.05],
};

/** The drawn distribution that has the shape of `spec`: drawing begins with what was there. */
function asDrawn(spec: DistributionSpec): DistributionSpec & { name: "drawn" } {
  if (spec.name === "drawn" && spec.heights.length) return spec;
  const was = createDistribution(spec.name === "drawn" ? KINDS.mixture : spec), width = (2 * HIGH) / BINS;
  const heights = Array.from({ length: BINS }, (_, i) => +was.density(-HIGH + (i + 0.5) * width).toFixed(3));
  return { name: "drawn", low: -HIGH, high: HIGH, heights: heights.some((v) => v > 0) ? heights : heights.fill(0.1) };
}

type Drawn = DistributionSpec & { name: "drawn" };

/** Heights of `spec` from (x0, y0) to (x, y) laid along the line between them. */
function stroke(spec: Drawn, x: number, y: number, x0: number, y0: number): Drawn {
  const n = spec.heights.length, heights = [...spec.heights];
  const bin = (v: number) => clamp(Math.floor(((v - spec.low) / (spec.high - spec.low)) * n), 0, n - 1);
  const from = bin(x0), to = bin(x), way = Math.sign(to - from) || 1;
  for (let i = from; i !== to + way; i += way) {
    heights[i] = +Math.max(0, to === from ? y : y0 + ((y - y0) * (i - from)) / (to - from)).toFixed(3);
  }
  // all zero is no distribution
  if (!heights.some((v) => v > 0)) heights[to] = 0.01;
  return { ...spec, heights };
}

/**
 * Lets the reader draw a density on `plot`, whose y axis counts `scale` of density as 1: with any pointer, or with a
 * pen moved by the arrow keys (sideways from bin to bin, up and down for the height). `get` gives the spec, or null
 * when it is not a drawn one.
 */
export function drawable(plot: Plot, label: string, actor: Actor, get: () => DistributionSpec,
  put: (spec: Drawn) => void, scale = () => 1): (on: boolean) => void {
  // heights are relative: one unit of density is this much height, held still during a stroke
  let unit = 1, last: [number, number] = [0, 0], pen = BINS / 2;
  const drawn = () => get() as Drawn;
  const width = () => (drawn().high - drawn().low) / drawn().heights.length;
  const measure = () => void (unit = drawn().heights.reduce((sum, v) => sum + v, 0) * width() * scale());
  const at = (): [number, number] => {
    measure();
    pen = Math.min(pen, drawn().heights.length - 1);
    return [drawn().low + (pen + 0.5) * width(), drawn().heights[pen]! / unit];
  };
  plot.onDrag((x, y, phase) => {
    if (phase === "down") {
      measure();
      last = [x, y];
    }
    put(stroke(drawn(), x, y * unit, last[0], last[1] * unit));
    last = [x, y];
  }, () => get().name === "drawn");
  const knob = plot.addHandle({
    label: t("Pen: {0}", label),
    at: () => (get().name === "drawn" ? at() : [plot.x[0], 0]),
    get step(): [number, number] { return [get().name === "drawn" ? width() : 1, plot.y[1] / 25]; },
    move(x, y) {
      const [x0, y0] = at(), spec = drawn();
      pen = clamp(Math.floor(((x - spec.low) / (spec.high - spec.low)) * spec.heights.length), 0,
        spec.heights.length - 1);
      if (Math.abs(y - y0) > 1e-9) put(stroke(spec, x, y * unit, x0, y * unit));
    },
    colour: (c: Colours) => c[actor],
    text: () => (get().name === "drawn" ? t("density {0} at {1}", fmt(at()[1] * scale()), fmt(at()[0])) : ""),
  });
  return (on) => {
    knob.hidden = !on;
    plot.canvas.classList.toggle("draw", on);
  };
}

interface DistributionEditor {
  el: HTMLElement;
  set(spec: DistributionSpec): void;
  /** After a change of size or theme. */
  draw(): void;
}

/** Low stays below high. */
function legal(spec: Record<string, any>, next: Record<string, any>): DistributionSpec {
  if (next.name === "uniform" && next.low >= next.high) {
    return { ...next, ...(spec.low === next.low ? { low: next.high - 0.1 }
      : { high: next.low + 0.1 }) } as DistributionSpec;
  }
  return next as DistributionSpec;
}

/** Sliders for the numbers of a distribution; `emit` gets a new one, and whether it has other numbers. */
function numberFields(get: () => DistributionSpec,
  emit: (next: DistributionSpec, rebuild?: boolean) => void): HTMLElement[] {
  const now = () => get() as Record<string, any>, spec = get(), s = now();
  const fields = Object.keys(s).filter((key) => spec.name !== "drawn" && key !== "name").flatMap((key) => {
    const range = RANGES[key.replace(/s$/, "")]!;
    const one = (title: string, value: number, put: (v: number) => unknown) =>
      slider(title, { min: range[0], max: range[1], step: range[2], value },
        (v) => emit(legal(now(), { ...now(), [key]: put(v) }))).el;
    if (!Array.isArray(s[key])) return [one(t(key), s[key], (v) => v)];
    return (s[key] as number[]).map((value, i) =>
      one(`${t(key.slice(0, -1))} ${i + 1}`, value,
        (v) => now()[key].map((old: number, j: number) => (j === i ? v : old))));
  });
  const modes = spec.name === "mixture" &&
    slider(t("modes"), { min: 2, max: 5, value: spec.means.length }, (n) => emit({
      name: "mixture", means: Array.from({ length: n }, (_, i) => +(-3 + (6 * (i + 0.5)) / n).toFixed(1)),
      stds: Array(n).fill(+(1 / n).toFixed(2)), weights: Array(n).fill(+(1 / n).toFixed(2)),
    }, true)).el;
  const hint = t("Draw with a pointer, or move the pen with the arrow keys.");
  return [...(modes ? [modes] : []), ...fields,
    ...(spec.name === "drawn" ? [h("p", { className: "muted" }, hint)] : [])];
}

export function distributionEditor(label: string, actor: Actor, start: DistributionSpec,
  change: (spec: DistributionSpec) => void): DistributionEditor {
  let spec = start;
  const names = {
    gaussian: t("Gaussian"), mixture: t("mixture"), uniform: t("uniform"), exponential: t("exponential"),
    sine: t("sin-shaped"), drawn: t("drawn by hand"),
  };
  const numbers = h("div", { className: "fields" });
  // back to the kind it began with is back to its numbers; other noise begins where noise is usual, around 0
  const noise: Partial<typeof KINDS> = actor === "generator" ? { gaussian: { name: "gaussian", mean: 0, std: 1 } } : {};
  const usual: typeof KINDS = { ...KINDS, ...noise, [start.name]: start };
  const kind = select<Name>(label, names, spec.name,
    (name) => emit(name === "drawn" ? asDrawn(spec) : usual[name], true));

  const plot = new Plot({ label: t("{0}: density", label), height: 84, x: [-4.4, 4.4], y: [0, 1], pad: [4, 4, 16, 4] },
    colours);
  const xs = Float64Array.from({ length: 177 }, (_, i) => -4.4 + i * 0.05), ys = xs.slice();
  const showPen = drawable(plot, label, actor, () => spec, (next) => emit(next));
  const draw = () => {
    if (!plot.begin()) return;
    plot.axes({ y: 0, x: 4 });
    plot.fill(xs, ys, colours()[actor], 0.2);
    plot.line(xs, ys, colours()[actor]);
  };
  const paint = () => {
    const made = createDistribution(spec);
    let top = 0;
    for (let i = 0; i < xs.length; i++) top = Math.max(top, (ys[i] = made.density(xs[i]!)));
    // the scale stays where it is during a stroke, as far as it can
    if (spec.name !== "drawn" || top > plot.y[1] * 0.98 || top < plot.y[1] / 2) plot.y = [0, top * 1.25];
    showPen(spec.name === "drawn");
    draw();
  };
  const build = () => numbers.replaceChildren(...numberFields(() => spec, emit));
  const emit = (next: DistributionSpec, rebuild = false) => {
    spec = next;
    if (rebuild) build();
    paint();
    change(spec);
  };
  build();
  return {
    el: h("div", { className: "wide" }, kind.el, plot.el, numbers),
    draw: paint,
    set(next) {
      if (JSON.stringify(next) === JSON.stringify(spec)) return;
      spec = next;
      kind.set(next.name);
      build();
      paint();
    },
  };
}
