/** The picture of "inside both networks". */
import type { Player } from "../engine/types";
import type { Run } from "../plane/index";
import { fmt, h, Plot, t, type ViewHost } from "../ui/index";
import { last, middle, name, type Stage } from "./overview-stages";

/** Units of a layer that are shown, at most, and the side of each unit's picture in points. */
const UNITS = 12;
const SIDE = 10;

const bytes = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

type Layout = ReturnType<OverviewPicture["layout"]>;

export class OverviewPicture {
  readonly plot: Plot;
  #stamp = h("canvas", { width: SIDE, height: SIDE });
  #pen = this.#stamp.getContext("2d")!;
  #image = this.#pen.createImageData(SIDE, SIDE);
  #frames = 0;

  constructor(readonly host: ViewHost, readonly run: Run) {
    this.plot = new Plot({ label: t("Noise, the generator's layers, samples, the discriminator's layers and its answer"),
    height: 290, x: [0, 1], y: [0, 1], pad: [0, 0, 0, 0] }, host.colours);
  }

  /** Noise on a grid: two of its dimensions vary, the others stay in the middle. */
  #noise(): Float64Array {
    const { prior } = this.run.engine, out = new Float64Array(SIDE * SIDE * prior.dim),
      u = Array(prior.uniforms).fill(0.5);
    for (let i = 0; i < SIDE * SIDE; i++) {
      u[0] = ((i % SIDE) + 0.5) / SIDE;
      if (u.length > 1) u[1] = (Math.floor(i / SIDE) + 0.5) / SIDE;
      prior.fromUniform(u, 0, out, i * prior.dim);
    }
    return out;
  }
  #plane(): Float64Array {
    const [x0, x1, y0] = this.run.picture.box, step = (x1 - x0) / SIDE;
    return Float64Array.from({ length: 2 * SIDE * SIDE }, (_, i) =>
      (i % 2 ? y0 + (Math.floor(i / 2 / SIDE) + 0.5) * step : x0 + (((i / 2) % SIDE) + 0.5) * step));
  }
  /** One unit's answer over the grid, from the first colour (least) to the second. */
  #unit(values: Float64Array, width: number, i: number, most: number, x: number, y: number, size: number,
    low: number[], high: number[]): void {
    const { data } = this.#image;
    for (let j = 0; j < SIDE * SIDE; j++) {
      const v = values[j * width + i]! / most, ink = v > 0 ? high : low, to = 4 * ((SIDE - 1 - Math.floor(j / SIDE))
        * SIDE + (j % SIDE));
      for (let c = 0; c < 3; c++) data[to + c] = ink[c]!;
      data[to + 3] = 235 * Math.min(1, Math.abs(v));
    }
    this.#pen.putImageData(this.#image, 0, 0);
    this.plot.ctx.drawImage(this.#stamp, x - size / 2, y - size / 2, size, size);
  }

  /** Where everything is: columns from left to right, the units of each from top to bottom. */
  layout() {
    const { run, plot: { width, height } } = this, { generator, discriminator } = run.spec;
    const widths = [...generator.sizes, ...discriminator.sizes.slice(1)], mid = middle(run), end = last(run);
    const top = 34, tall = height - 84, shown = (column: number) => Math.min(UNITS, widths[column]!);
    return {
      widths, mid, end, shown, centre: top + tall / 2,
      X: (column: number) => 20 + (column * (width - 56)) / end,
      Y: (column: number, i: number) => top + (tall * (i + 0.5)) / shown(column),
      which: (column: number, i: number) => Math.floor((i * widths[column]!) / shown(column)),
      size: (column: number) => Math.min((0.92 * tall) / shown(column),
        column === mid || column === end ? Math.min(70, (0.8 * width) / end) : 30),
    };
  }

  draw(stage: Stage | undefined): void {
    const { host, run, plot } = this;
    // ten pictures a second are enough while it trains
    if (host.running && this.#frames++ % 6) return;
    if (!plot.begin()) return;
    const c = host.colours(), layout = this.layout(), { X, mid, end } = layout;
    this.#weights(stage, layout);
    this.#units(stage, layout);
    plot.ctx.globalAlpha = 1;
    const label = (words: string, column: number, colour: string, bold = "bold") =>
      plot.text(words, X(column), 16, colour, "center", 12, bold);
    label("z", 0, c.generator, "italic bold");
    if (mid > 1) label(t("generator"), mid / 2, c.generator);
    label("x", mid, c.real, "italic bold");
    label(plot.width > 500 ? t("discriminator") : "D", (mid + end) / 2, c.discriminator);
    label(name(run) + "(x)", end, c.discriminator, "italic bold");
    this.#flow(stage, layout);
  }

  /** The stronger, the darker. */
  #weights(stage: Stage | undefined, { widths, mid, end, shown, which, X, Y, centre }: Layout): void {
    const { engine } = this.run, { ctx } = this.plot, c = this.host.colours();
    let from = 0, parameters = engine.getParameters("generator");
    for (let column = 1; column <= end; column++) {
      if (column === mid + 1) [from, parameters] = [0, engine.getParameters("discriminator")];
      const inputs = widths[column - 1]!, outputs = widths[column]!;
      const matrix = parameters.subarray(from, from + inputs * outputs);
      const most = matrix.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9);
      const active = !stage || Math.min(...stage.path) < column && column <= Math.max(...stage.path);
      from += (inputs + 1) * outputs;
      for (let o = 0; o < shown(column); o++) {
        for (let i = 0; i < shown(column - 1); i++) {
          const v = matrix[which(column, o) * inputs + which(column - 1, i)]! / most;
          if (Math.abs(v) < 0.15) continue;
          ctx.globalAlpha = v * v * (active ? 0.8 : 0.2);
          ctx.lineWidth = 1;
          ctx.strokeStyle = v > 0 ? c.ochre : c.violet;
          ctx.beginPath();
          ctx.moveTo(X(column - 1), column - 1 === mid ? centre : Y(column - 1, i));
          ctx.lineTo(X(column), column === mid ? centre : Y(column, o));
          ctx.stroke();
        }
      }
    }
  }

  /** What every unit answers. */
  #units(stage: Stage | undefined, { widths, mid, end, shown, which, X, Y, size, centre }: Layout): void {
    const { engine, spec, picture } = this.run, { ctx } = this.plot, c = this.host.colours();
    const layers = [...engine.layers("generator", this.#noise()),
      ...engine.layers("discriminator", this.#plane()).slice(1)];
    const inner = [bytes(c.violet), bytes(c.ochre)] as const,
      outer = [bytes(c.generator), bytes(c.discriminator)] as const;
    for (let column = 0; column <= end; column++) {
      ctx.globalAlpha = !stage || (column >= Math.min(...stage.path) && column <= Math.max(...stage.path)) ? 1 : 0.35;
      const side = size(column), x = X(column), values = layers[column]!;
      if (column === mid) {
        this.#samples(x, centre, side);
        continue;
      }
      const read = picture.reading(spec.loss), answers = column === end ? values.map((v) => 2 * read(v) - 1) : values;
      const most = column === end ? 1 : values.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9);
      for (let i = 0; i < shown(column); i++) {
        const y = Y(column, i);
        ctx.fillStyle = c.paper;
        ctx.fillRect(x - side / 2, y - side / 2, side, side);
        this.#unit(answers, widths[column]!, which(column, i), most, x, y, side, ...(column === end ? outer : inner));
        ctx.strokeStyle = c.muted;
        ctx.lineWidth = 0.6;
        ctx.setLineDash([]);
        ctx.strokeRect(x - side / 2, y - side / 2, side, side);
      }
    }
  }

  /** Real and generated samples, small. */
  #samples(x: number, y: number, side: number): void {
    const { ctx } = this.plot, { box, real, fake } = this.run.picture, c = this.host.colours();
    ctx.fillStyle = c.paper;
    ctx.fillRect(x - side / 2, y - side / 2, side, side);
    for (const [points, colour] of [[real, c.real], [fake, c.generator]] as const) {
      ctx.fillStyle = colour;
      for (let i = 0; i < 160; i += 2) {
        const u = (points[i]! - box[0]) / (box[1] - box[0]), v = (points[i + 1]! - box[2]) / (box[3] - box[2]);
        if (u > 0 && u < 1 && v > 0 && v < 1) ctx.fillRect(x + (u - 0.5) * side - 1, y - (v - 0.5) * side - 1, 2, 2);
      }
    }
    ctx.strokeStyle = c.muted;
    ctx.strokeRect(x - side / 2, y - side / 2, side, side);
  }

  /** Below: losses flow back, to D's weights and through D to G's; above: the data go forward. */
  #flow(stage: Stage | undefined, { X, mid, end }: Layout): void {
    const { host, plot, run: { losses } } = this, c = host.colours(), low = plot.height - 34;
    const line = (from: number, to: number, y: number, colour: string, on: boolean) =>
      plot.arrow(X(from), y, X(to), y, colour, { width: on ? 4 : 1.5, alpha: !stage || on ? 1 : 0.3 }, 8);
    const is = (who: Player, back: boolean) => !!stage && stage.who === who && stage.path[0] > stage.path[1] === back
      && stage.path[0] !== stage.path[1];
    if (stage && stage.path[0] < stage.path[1]) {
      line(stage.path[0], stage.path[1], 25, stage.path[1] === end ? c.discriminator : c.generator, true);
    }
    line(end, mid, low, c.discriminator, is("discriminator", true));
    line(end, 0, low + 18, c.gradient, is("generator", true));
    plot.text(t("loss of D {0}", fmt(losses.discriminator, 3)), X(end), low - 7, c.discriminator, "right", 11, "",
      c.paper);
    plot.text(t("loss of G {0}", fmt(losses.generator, 3)), X(0), low + 11, c.gradient, "left", 11, "", c.paper);
    // beads on the way while it trains
    if (!host.running || host.reducedMotion) return;
    const beat = (performance.now() / 1400) % 1;
    for (let i = 0; i < 3; i++) {
      const s = (beat + i / 3) % 1, bead = (x: number, y: number, colour: string) => {
        plot.ctx.globalAlpha = 0.9;
        plot.ctx.fillStyle = colour;
        plot.ctx.fillRect(x - 3, y - 3, 6, 6);
      };
      bead(X(s * end), 25, s * end < mid ? c.generator : c.discriminator);
      bead(X((1 - s) * end), low + 18, c.gradient);
    }
  }
}
