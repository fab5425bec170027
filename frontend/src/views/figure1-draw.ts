/** The pictures: the figure of 2014 itself, and the value over time. */
import type { LossName } from "../engine/types";
import type { History } from "../game/history";
import { clamp, fmt, Plot, t, ticks, type Colours } from "../ui/index";
import { ARROWS, NX, reading, RUG, SAMPLES, type Picture } from "./figure1-picture";

// one for all figures of a page: nothing is allocated while a film runs
const scratch = new Float64Array(NX);
/** From the line of x down to that of z, in pixels. */
const STRIP = 84;

export const figurePlot = (colours: () => Colours, short: boolean): Plot => new Plot({
  label: t("Densities of the data and of the generator, the discriminator, and arrows from noise z to samples x"),
  height: (width) => clamp(width * 0.5, short ? 270 : 300, short ? 360 : 420) + STRIP * 0.5, x: [-4, 4], y: [0, 1],
  pad: [18, 34, STRIP + 22, 34],
}, colours);

interface Look {
  loss: LossName;
  gradients: boolean;
  /** are the samples counted? */
  samples: boolean;
  /** the top of the density axis */
  top: number;
}

export function drawFigure(plot: Plot, picture: Picture, c: Colours, { loss, gradients, samples, top }: Look): void {
  plot.x = picture.window;
  if (!plot.begin()) return;
  const [low, high] = reading(loss).range, { x } = picture;
  const share = (v: number) => (v - low) / (high - low);
  const base = plot.Y(0), left = plot.X(plot.x[0]), right = plot.X(plot.x[1]);
  for (const v of ticks([low, high], 4)) {
    plot.segment(plot.x[0], share(v), plot.x[1], share(v), c.grid, { width: 1 });
    if (v > low) {
      plot.text(fmt(v, loss === "hinge" ? 0 : 1), right + 6, plot.Y(share(v)) + 4, c.discriminator, "left", 11);
    }
  }
  for (const v of ticks([0, top], 4)) if (v) plot.text(fmt(v, 1), left - 6, plot.Y(v / top) + 4, c.muted, "right", 11);
  plot.text(t("density"), left, 11, c.muted, "left", 11);
  plot.text({ hinge: "s(x)", wasserstein: "s(x) / max", least_squares: "D(x)" }[loss as string] ?? "D(x)", right, 11,
    c.discriminator, "right", 11, "italic");

  const scaled = (values: Float64Array, of: (v: number) => number, n = values.length) => {
    for (let i = 0; i < n; i++) scratch[i] = of(values[i]!);
    return scratch;
  };
  const height = (v: number) => v / top;
  plot.fill(x, scaled(picture.p, height), c.real, 0.1, 0, NX);
  if (samples) bars(plot, picture, c, top);
  plot.fill(x, scaled(picture.q, height), c.generator, 0.14, 0, NX);
  plot.line(x, scaled(picture.best, share), c.discriminator, { width: 8, alpha: 0.22 }, NX);
  plot.line(x, scaled(picture.p, height), c.real, { width: 2.5, dash: [0.1, 5.5] }, NX);
  plot.line(x, scaled(picture.q, height), c.generator, { width: 2.5 }, NX);
  plot.line(x, scaled(picture.D, share), c.discriminator, { width: 2, dash: [7, 5] }, NX);

  plot.rug(picture.real, base - 6, base, c.real, 0.3, RUG);
  plot.rug(picture.fake, base - 13, base - 7, c.generator, 0.3, RUG);
  drawArrows(plot, picture, c, base, left, right);
  if (gradients) {
    for (let i = 0; i < ARROWS; i++) {
      const g = picture.pull[i]!, from = plot.X(clamp(picture.xArrow[i]!, ...plot.x));
      plot.arrow(from, base - 20 - (i % 3) * 6, from + (64 * g) / (Math.abs(g) + 1), base - 20 - (i % 3) * 6,
        c.gradient, { width: 1.5 }, 6);
    }
  }
}

/** The samples themselves, counted. */
function bars(plot: Plot, { fake, x }: Picture, c: Colours, top: number): void {
  const n = 64, counts = scratch.fill(0, 0, n), width = (x[NX - 1]! - x[0]!) / n;
  for (let i = 0; i < SAMPLES; i++) {
    const bin = Math.floor((fake[i]! - x[0]!) / width);
    if (bin >= 0 && bin < n) counts[bin]! += 1;
  }
  plot.ctx.globalAlpha = 0.22;
  plot.ctx.fillStyle = c.generator;
  const w = plot.X(x[0]! + width) - plot.X(x[0]!);
  for (let i = 0; i < n; i++) {
    const y = plot.Y(Math.min(1, counts[i]! / (SAMPLES * width * top)));
    plot.ctx.fillRect(plot.X(x[0]! + i * width) + 0.5, y, w - 1, plot.Y(0) - y);
  }
}

/** The line of z below that of x, and G between them. */
function drawArrows(plot: Plot, picture: Picture, c: Colours, base: number, left: number, right: number): void {
  const floor = base + STRIP, [z0, z1] = picture.zWindow;
  const Z = (z: number) => left + 14 + ((z - z0) / (z1 - z0)) * (right - left - 28);
  plot.ctx.save();
  plot.ctx.beginPath();
  plot.ctx.rect(left, base, right - left, STRIP + 1);
  plot.ctx.clip();
  for (let i = 0; i < ARROWS; i++) {
    plot.arrow(Z(picture.zArrow[i]!), floor, plot.X(picture.xArrow[i]!), base + 1, c.generator,
      { width: 1, alpha: 0.75 });
  }
  plot.ctx.restore();
  for (const y of [base, floor]) plot.arrow(left, y, right + 8, y, c.ink, { width: 1 }, 7);
  const label = (words: string, px: number, py: number) => plot.text(words, px, py, c.muted, "center", 11, "", c.paper);
  for (const v of ticks(plot.x, 6)) label(fmt(v, 0), plot.X(v), base + 15);
  for (const v of ticks([z0, z1], 4)) label(fmt(v, z1 - z0 < 3 ? 1 : 0), Z(v), floor + 14);
  plot.text("x", right + 10, base + 18, c.ink, "left", 15, "italic");
  plot.text("z", right + 10, floor + 18, c.ink, "left", 15, "italic");
  plot.text("G", left - 20, base + STRIP / 2 + 4, c.generator, "left", 14, "italic bold");
}

export const valuePlot = (colours: () => Colours): Plot => new Plot({
  label: t("The value V(G, D), and the best V of any D, over time"), height: 118, x: [0, 1], y: [-1.5, 0],
  pad: [16, 34, 18, 34],
}, colours);

/** Are V's best and 2 JSD - log 4 the same thing? */
export const logistic = (loss: LossName): boolean => loss === "minimax" || loss === "non_saturating";

export function drawValue(plot: Plot, history: History<"V" | "bestV" | "C", unknown>, at: number, loss: LossName,
  c: Colours): void {
  const { V, bestV } = history.values, n = history.length, same = logistic(loss);
  const right = Math.max(50, n ? history.step[n - 1]! : 0);
  let low = same ? -Math.log(4) : Infinity, high = same ? -0.4 : -Infinity;
  for (let i = 0; i < n; i++) {
    // a game that nothing bounds has no best to draw
    const a = V[i]!, b = Number.isFinite(bestV[i]!) ? bestV[i]! : a;
    if (!(Math.abs(a) < 1e6)) continue;
    // early strides of a bad D would flatten all that follows
    low = Math.min(low, b, same ? Math.max(a, -3) : a);
    high = Math.max(high, a, b);
  }
  if (!(high - low > 1e-9)) { low = Math.min(low, 0) - 0.5; high = low + 1; }
  plot.x = [0, right];
  plot.y = [low - (high - low) * 0.08, high + (high - low) * 0.08];
  if (!plot.begin()) return;
  plot.axes({ y: 3, x: 5 });
  if (same) {
    plot.segment(0, -Math.log(4), right, -Math.log(4), c.muted, { width: 1, dash: [2, 3] });
    plot.text("−log 4", plot.width - 35, plot.Y(-Math.log(4)) + 4, c.muted, "left", 11);
  }
  plot.line(history.step, bestV, same ? c.generator : c.discriminator, { width: same ? 2 : 5, alpha: same ? 1 : 0.25 },
    n);
  plot.line(history.step, V, c.discriminator, { width: 1.8, dash: [5, 3] }, n);
  plot.segment(at, plot.y[0], at, plot.y[1], c.ink, { width: 1 });
  plot.text(same ? "V(G, D)" : t("V, and best V (band)"), plot.pad[3], 11, c.discriminator, "left", 11, "italic");
  if (same) plot.text("2 JSD − log 4", plot.pad[3] + 52, 11, c.generator, "left", 11, "italic");
  plot.text(t("steps"), plot.width - plot.pad[1], 11, c.muted, "right", 11);
}
