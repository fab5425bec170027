/** Losses and scores over time, small; each score with the floor that a perfect sampler sets. */
import type { Numbers } from "../engine/types";
import { fmt, Plot, t, type Actor, type Colours } from "../ui/index";

export interface Curve {
  values: Numbers;
  colour: Actor;
  label: string;
  dash?: number[];
  width?: number;
}

interface Chart {
  step: Numbers;
  /** how many of the moments count */
  n: number;
  lines: Curve[];
  /** the perfect sampler's mean and standard deviation */
  floor?: [number, number];
  /** what the axis must hold */
  range?: [number, number];
  /** where the run stands */
  at?: number;
  title?: string;
  /** scores without a scale of their own: where they come to FAR they are shown by their order of magnitude */
  wild?: boolean;
}

const FAR = 30;
/** Near 0 as it is, farther out by its logarithm. */
const folded = (v: number): number => Math.sign(v) * Math.log10(1 + Math.abs(v));
const whole = (v: number): number => v;

export const curvePlot = (label: string, colours: () => Colours, height = 104): Plot =>
  new Plot({ label, height, x: [0, 1], y: [0, 1], pad: [18, 8, 18, 34] }, colours);

const xs: number[] = [], ys: number[] = [];

/** The axes of what is folded: 0 and the powers of ten on both sides. */
function foldedAxes(plot: Plot, c: Colours): void {
  plot.axes({ x: 4, y: 0 });
  for (let power = 0; power <= 1e6; power = 10 * power || 1) {
    for (const v of power ? [-power, power] : [0]) {
      const y = folded(v);
      if (y < plot.y[0] || y > plot.y[1]) continue;
      plot.segment(plot.x[0], y, plot.x[1], y, c.grid, { width: 1 });
      if (power !== 1) plot.text(fmt(v, 0), plot.pad[3] - 6, plot.Y(y) + 4, c.muted, "right", 11);
    }
  }
}

/** Does any of the lines come to FAR? */
function far(lines: Curve[], n: number): boolean {
  for (const { values } of lines) for (let i = 0; i < n; i++) if (Math.abs(values[i]!) > FAR) return true;
  return false;
}

export function drawCurves(plot: Plot, c: Colours, chart: Chart): void {
  const { step, n, lines, floor, range, at, title = "", wild } = chart;
  let [low, high] = range ?? [Infinity, -Infinity];
  const log = !!wild && far(lines, n), read = log ? folded : whole;
  const hold = (v: number) => {
    if (Math.abs(v) < 1e6) {
      low = Math.min(low, read(v));
      high = Math.max(high, read(v));
    }
  };
  for (const { values } of lines) for (let i = 0; i < n; i++) hold(values[i]!);
  if (floor) [floor[0] - 2 * floor[1], floor[0] + 2 * floor[1]].forEach(hold);
  if (!(high > low)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const margin = 0.06 * (high - low);
  plot.x = [0, Math.max(50, n ? step[n - 1]! : 0)];
  plot.y = [low - margin, high + margin];
  if (!plot.begin()) return;
  if (log) foldedAxes(plot, c);
  else plot.axes({ x: 4, y: 3 });
  if (floor) {
    const [mean, std] = floor;
    plot.fill(plot.x, [mean + 2 * std, mean + 2 * std], c.real, 0.18, mean - 2 * std);
    plot.segment(plot.x[0], mean, plot.x[1], mean, c.real, { width: 1.2, dash: [3, 3] });
  }
  let left = plot.pad[3];
  const say = (words: string, colour: string) => {
    plot.text(words, left, 11, colour, "left", 11);
    left += plot.ctx.measureText(words).width + 9;
  };
  if (title) say(title, c.ink);
  for (const { values, colour, label, dash, width } of lines) {
    xs.length = ys.length = 0;
    for (let i = 0; i < n; i++) {
      if (Number.isNaN(values[i]!)) continue;
      xs.push(step[i]!);
      ys.push(read(values[i]!));
    }
    plot.line(xs, ys, c[colour], { width: width ?? 1.6, dash });
    if (xs.length === 1) plot.dot(xs[0]!, ys[0]!, 2, c[colour]);
    if (label) say(label, c[colour]);
  }
  if (log) say(t("log scale"), c.muted);
  if (at !== undefined) plot.segment(at, plot.y[0], at, plot.y[1], c.ink, { width: 1 });
}
