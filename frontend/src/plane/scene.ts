/** Draws a picture of a game in the plane: the discriminator as a heat map, samples, the warped noise, arrows. */
import type { LossName, Numbers } from "../engine/types";
import { clamp, Plot, t, type Actor, type Colours } from "../ui/index";
import { DOTS, type Picture } from "./picture";

export type MapName = "D" | "best" | "density" | "none";

/** What the heat map may show. */
export const maps = (): Record<MapName, string> => ({
  D: t("D, learned"), best: t("D* = p/(p + q), the best"), density: t("density of the data, exact"), none: t("nothing"),
});

export interface Show {
  loss: LossName;
  map: MapName;
  real?: boolean;
  fake?: boolean;
  manifold?: boolean;
  arrows?: boolean;
  /** one of many: fewer and smaller dots, no axes */
  small?: boolean;
  /** samples to point at, flat: real ones, generated ones, and how some are pulled */
  marks?: { real?: Numbers; fake?: Numbers; foot?: Numbers; pull?: Numbers };
}

/** Each loss's own colour where several are drawn at once. Hinge and Wasserstein ask the same of G. */
export const LOSS_COLOURS: Record<LossName, Actor> = {
  minimax: "ochre", non_saturating: "gradient", least_squares: "violet", wasserstein: "ink", hinge: "ink",
  relativistic: "discriminator",
};

/** No higher than what a laptop shows of a page; on a full screen, as high as that leaves room for. */
const tallest = () => (document.fullscreenElement ? innerHeight - 190 : 640);

export const scenePlot = (colours: () => Colours, small = false): Plot => new Plot({
  label: t("The plane: real and generated samples over the discriminator's heat map, the warped noise and the generator's gradient"),
  height: (width) => (small ? width : Math.min(width, tallest())), x: [-1, 1], y: [-1, 1],
  pad: small ? [1, 1, 1, 1] : [4, 4, 20, 34],
}, colours);

/** The square in the middle of a wider canvas. */
function fit(plot: Plot, [x0, x1, y0, y1]: Picture["box"]): void {
  const { pad } = plot, wide = plot.width - pad[1] - pad[3], tall = plot.height - pad[0] - pad[2];
  const more = (Math.max(1, wide / tall) - 1) * 0.5 * (x1 - x0),
    above = (Math.max(1, tall / wide) - 1) * 0.5 * (y1 - y0);
  plot.x = [x0 - more, x1 + more];
  plot.y = [y0 - above, y1 + above];
}

const bytes = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

const stamps = new Map<number, HTMLCanvasElement>();

/** Colours each point of the grid: `value` from 0 (first colour) over 1/2 (nothing) to 1 (second). */
function heat(plot: Plot, { side, box }: Picture, value: (i: number) => number, low: string, high: string,
  most: number): void {
  let stamp = stamps.get(side);
  if (!stamp) {
    stamps.set(side, (stamp = document.createElement("canvas")));
    stamp.width = stamp.height = side;
  }
  const pen = stamp.getContext("2d")!, image = pen.createImageData(side, side), { data } = image;
  const inks = [bytes(low), bytes(high)];
  for (let i = 0; i < side * side; i++) {
    const v = 2 * value(i) - 1, ink = inks[v > 0 ? 1 : 0]!,
      at = 4 * ((side - 1 - Math.floor(i / side)) * side + (i % side));
    for (let c = 0; c < 3; c++) data[at + c] = ink[c]!;
    data[at + 3] = 255 * most * Math.min(1, Math.abs(v)) || 0;
  }
  pen.putImageData(image, 0, 0);
  plot.ctx.globalAlpha = 1;
  plot.ctx.imageSmoothingEnabled = true;
  plot.ctx.drawImage(stamp, plot.X(box[0]), plot.Y(box[3]), plot.X(box[1]) - plot.X(box[0]),
    plot.Y(box[2]) - plot.Y(box[3]));
}

function dots(plot: Plot, points: Numbers, n: number, radius: number, colour: string, halo: string): void {
  const { ctx } = plot;
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  ctx.beginPath();
  for (let i = 0; i < 2 * n; i += 2) {
    const x = plot.X(points[i]!), y = plot.Y(points[i + 1]!);
    if (!(x > 0 && x < plot.width && y > 0 && y < plot.height)) continue;
    ctx.moveTo(x + radius, y);
    ctx.arc(x, y, radius, 0, 7);
  }
  ctx.strokeStyle = halo;
  ctx.lineWidth = 1.5;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
}

/** How many shades of density are told apart: each is one path. */
const SHADES = 6;

/** The noise's grid where G takes it: every cell holds the same mass, so small cells are dark. */
function manifold(plot: Plot, { mesh, cells, curve, box }: Picture, c: Colours): void {
  const { ctx } = plot, n = cells + 1, paths = Array.from({ length: SHADES }, () => new Path2D()), lines = new Path2D();
  const X = (i: number) => clamp(plot.X(mesh[2 * i]!), -999, 9999),
    Y = (i: number) => clamp(plot.Y(mesh[2 * i + 1]!), -999, 9999);
  /** the mass that lies at this spot, in units of the mass spread evenly over the picture */
  const shade = (density: number) => paths[clamp(Math.floor(SHADES * (1 - 3 / (density + 3))), 0, SHADES - 1) || 0]!;
  const side = box[1] - box[0], at = (i: number, k: 0 | 1) => mesh[2 * i + k]!;
  for (let i = 0; curve && i < cells; i++) {
    const path = shade(side / cells / Math.hypot(at(i + 1, 0) - at(i, 0), at(i + 1, 1) - at(i, 1)));
    path.moveTo(X(i), Y(i));
    path.lineTo(X(i + 1), Y(i + 1));
  }
  for (let j = 0; !curve && j < cells; j++) {
    for (let i = 0; i < cells; i++) {
      const corners = [j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i] as const;
      const [a, b, d, e] = corners;
      // half the cross product of the diagonals: negative where the map turned the cell over
      const area = 0.5 * Math.abs((at(d, 0) - at(a, 0)) * (at(e, 1) - at(b, 1)) - (at(d, 1) - at(a, 1))
        * (at(e, 0) - at(b, 0)));
      const path = shade(side ** 2 / cells ** 2 / (area + 1e-12));
      corners.forEach((k, l) => path[l ? "lineTo" : "moveTo"](X(k), Y(k)));
      path.closePath();
      lines.moveTo(X(b), Y(b));
      lines.lineTo(X(a), Y(a));
      lines.lineTo(X(e), Y(e));
    }
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = ctx.fillStyle = c.generator;
  paths.forEach((path, i) => {
    ctx.globalAlpha = (0.75 * (i + 1)) / SHADES;
    ctx.lineWidth = 3;
    if (curve) ctx.stroke(path);
    else ctx.fill(path);
  });
  ctx.globalAlpha = 0.3;
  ctx.lineWidth = 0.6;
  ctx.stroke(lines);
}

/** Pixels of a pull, by its length: as long as the gradient when it is weak, never longer than LONGEST. */
const LONGEST = 54;

function arrows(plot: Plot, foot: Numbers, pulls: Map<LossName, Numbers>, c: Colours, loss: LossName): void {
  let lane = -(pulls.size - 1) / 2;
  for (const [name, pull] of pulls) {
    const colour = pulls.size > 1 ? c[LOSS_COLOURS[name]] : c.gradient;
    for (let i = 0; i < foot.length; i += pulls.size > 1 ? 6 : 2) {
      const gx = pull[i]!, gy = pull[i + 1]!, norm = Math.hypot(gx, gy), length = LONGEST / (norm + 1.5);
      // all losses pull along the slope of D: side by side, or they would hide one another
      const x = plot.X(foot[i]!) + (4 * lane * gy) / (norm || 1),
        y = plot.Y(foot[i + 1]!) + (4 * lane * gx) / (norm || 1);
      plot.arrow(x, y, x + length * gx, y - length * gy, colour, { width: name === loss ? 1.8 : 1 }, 5);
    }
    lane++;
  }
}

/** Draws `picture`; false where there is nothing to draw on yet. Call `picture.estimate()` first for the map "best". */
export function drawScene(plot: Plot, picture: Picture, c: Colours, show: Show): boolean {
  if (!plot.begin()) return false;
  fit(plot, picture.box);
  const { s, p, q } = picture, { small, map } = show;
  if (map === "D") {
    const read = picture.reading(show.loss);
    heat(plot, picture, (i) => read(s[i]!), c.generator, c.discriminator, 0.5);
  } else if (map === "best") {
    // where there is practically neither, there is nothing to tell apart: the colour fades
    const least = p.reduce((a, v) => Math.max(a, v), 0) * 4e-3;
    heat(plot, picture, (i) => 0.5 + ((p[i]! - q[i]!) / (2 * (p[i]! + q[i]!) || 1))
      * Math.min(1, (p[i]! + q[i]!) / least), c.generator, c.discriminator, 0.5);
  } else if (map === "density") {
    const most = p.reduce((a, v) => Math.max(a, v), 1e-12);
    heat(plot, picture, (i) => 0.5 + 0.5 * Math.sqrt(p[i]! / most), c.real, c.real, 0.6);
  }
  if (!small) plot.axes({ grid: false, x: 5, y: 5 });
  plot.ctx.save();
  plot.ctx.beginPath();
  plot.ctx.rect(plot.pad[3], plot.pad[0], plot.width - plot.pad[1] - plot.pad[3],
    plot.height - plot.pad[0] - plot.pad[2]);
  plot.ctx.clip();
  if (show.manifold && picture.cells) manifold(plot, picture, c);
  const radius = small ? 1.1 : 2.2, n = small ? DOTS / 2 : DOTS;
  if (show.real) dots(plot, picture.real, n, radius, c.real, c.paper);
  if (show.fake) dots(plot, picture.fake, n, radius, c.generator, c.paper);
  if (show.arrows) arrows(plot, picture.foot, picture.pulls, c, show.loss);
  const { real, fake, foot, pull } = show.marks ?? {};
  if (real) dots(plot, real, real.length / 2, 4, c.real, c.ochre);
  if (fake) dots(plot, fake, fake.length / 2, 4, c.generator, c.ochre);
  if (foot && pull) arrows(plot, foot, new Map([[show.loss, pull]]), c, show.loss);
  plot.ctx.restore();
  return true;
}
