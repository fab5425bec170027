/**
 * How a game ends over many seeds: a dot a seed, the mean with its standard error, and what a perfect sampler would
 * score.
 */
import { SCORED, type Scores } from "../plane/index";
import { figure, fmt, h, Plot, t, type ViewHost } from "../ui/index";
import type { Member } from "./cohort";

const BINS = 30;

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** s.d. / sqrt(n), with n − 1 in the s.d. */
const standardError = (values: number[]): number =>
  Math.sqrt(values.reduce((a, v) => a + (v - mean(values)) ** 2, 0) / (values.length - 1) / values.length);

/** A value and how far it may be off. */
function band(plot: Plot, at: number, by: number, colour: string, dash?: number[]): void {
  const top = plot.y[1];
  plot.fill([Math.max(plot.x[0], at - by), at + by], [top, top], colour, 0.2);
  plot.segment(at, 0, at, top, colour, { width: 1.6, dash });
}

export function outcomes(host: ViewHost, names: Record<string, string>) {
  const strips = Object.entries(names).map(([key, name]) => {
    const cells = [0, 1, 2, 3].map(figure), head = h("th", { scope: "row" }, name);
    const plot = new Plot({ label: t("{0}: one dot a seed", name), height: 112, x: [0, 1], y: [0, 6],
      pad: [20, 10, 22, 10] }, host.colours);
    return { key: key as keyof Scores, name, plot, cells,
      row: h("tr", null, head, ...cells.map((cell) => h("td", null, cell.el))) };
  });
  const table = h("table", null, h("tr", null,
    ...[t("score of {0} samples", SCORED), t("mean"), t("± s.e."), t("perfect sampler"), t("± s.d.")].map((head) =>
      h("th", { scope: "col" }, head))),
    ...strips.map((s) => s.row));
  const el = h("div", null, h("div", { className: "pair" }, ...strips.map((s) => s.plot.el)), table);
  let said = "";

  const draw = (all: Member[], picked: number): void => {
    const c = host.colours(), sound = all.filter((one) => !one.lost && one.run.scores),
      { mean: best, std } = all[0]!.run.floor;
    said = "";
    for (const { key, name, plot, cells, row } of strips) {
      row.hidden = plot.el.hidden = best[key] === undefined;
      if (row.hidden) continue;
      const values = sound.map(({ run }) => run.scores![key]!), middle = mean(values), error = standardError(values),
        whole = key === "covered";
      const total = whole ? all[0]!.run.picture.target.centres!.length : 0;
      [middle, error, best[key]!, std[key]!].forEach((v, i) => cells[i]!.set(v, whole ? 1 : 3));
      said += t("{0}: {1} ± {2}, a perfect sampler {3}. ", name, fmt(middle), fmt(error), fmt(best[key]!));
      // scores that ran away stand at the edge
      const far = whole ? total + 0.5 : key === "highQuality" ? 1.02
        : Math.min(Math.max(...values, best[key]! * 2),
          3 * [...values].sort((a, b) => a - b)[values.length >> 1]! + 0.1);
      plot.x = [whole ? -0.5 : key === "highQuality" ? -0.02 : 0, far];
      const bin = (v: number) => (whole ? v : (Math.round((Math.min(v, far) - plot.x[0]) / (far - plot.x[0])
        * BINS) / BINS) * (far - plot.x[0]) + plot.x[0]);
      const heights = new Map<number, number>(), places = values.map((v) => {
        const x = bin(v), y = heights.get(x) ?? 0;
        heights.set(x, y + 1);
        return [x, y + 0.6] as const;
      });
      plot.y = [0, Math.max(6, ...heights.values()) + 0.5];
      if (!plot.begin()) continue;
      plot.axes({ x: 5, y: 0 });
      band(plot, best[key]!, 2 * std[key]!, c.real, [3, 3]);
      if (values.length) band(plot, middle, error, c.violet);
      places.forEach(([x, y], i) => {
        const chosen = sound[i] === all[picked];
        if (chosen) plot.dot(x, y, 6, c.gradient);
        plot.dot(x, y, 4, chosen ? c.paper : c.generator);
        if (chosen) plot.dot(x, y, 2.5, c.generator);
      });
      plot.text(name, plot.pad[3], 12, c.ink, "left", 12, "bold");
      plot.text(fmt(middle, whole ? 1 : 3) + " ± " + fmt(error, whole ? 1 : 3), plot.width - plot.pad[1], 12, c.violet,
        "right", 12);
    }
    if (sound.length < all.length) said += t("{0} left the finite numbers. ", all.length - sound.length);
  };
  return { el, draw, describe: () => said };
}
