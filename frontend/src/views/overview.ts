/**
 * Inside both networks: what every unit answers over its inputs, how data flow forwards and gradients back, and slow motion through the
 * next step of each player with its actual numbers. A part of the playground, fetched when it is first unfolded.
 */
import type { Numbers, Player } from "../engine/types";
import { LOSSES, type Run, type Show } from "../plane/index";
import { button, definePart, fmt, h, Plot, row, t, toggle, type ViewHost } from "../ui/index";

export interface Overview {
  el: HTMLElement;
  draw(): void;
  /** The samples and pulls in question. */
  marks(): Show["marks"];
}

/** What one sub-step of an update does: the columns it passes, in words, and the samples it is about. */
interface Stage {
  who: Player;
  words: string;
  /** from which column to which; backwards for gradients */
  path: [number, number];
  marks?: Show["marks"];
}

/** Units of a layer that are shown, at most, and the side of each unit's picture in points. */
const UNITS = 12;
const SIDE = 10;
/** Of a batch, these are marked. */
const MARKED = 40;
const AUTO = 2600;

const FORMULA = {
  minimax: ["−log D(x) − log(1 − D(G(z)))", "log(1 − D(G(z)))"], non_saturating: ["−log D(x) − log(1 − D(G(z)))", "−log D(G(z))"],
  least_squares: ["½(s(x) − 1)² + ½s(G(z))²", "½(s(G(z)) − 1)²"], wasserstein: ["s(G(z)) − s(x)", "−s(G(z))"],
  hinge: ["max(0, 1 − s(x)) + max(0, 1 + s(G(z)))", "−s(G(z))"], relativistic: ["−log σ(s(x) − s(G(z)))", "−log σ(s(G(z)) − s(x))"],
};

const point = (values: Numbers, dim: number) => `(${Array.from({ length: dim }, (_, i) => fmt(values[i]!)).join(", ")})`;
const bytes = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

function overview(host: ViewHost, run: Run, act: { D(): void; G(): void; stop(): void }): Overview {
  let stages: Stage[] = [], at = 0, timer = 0, frames = 0;
  const plot = new Plot({ label: t("Noise, the generator's layers, samples, the discriminator's layers and its answer"), height: 290, x: [0, 1], y: [0, 1], pad: [0, 0, 0, 0] }, host.colours);
  const stamp = h("canvas", { width: SIDE, height: SIDE }), pen = stamp.getContext("2d")!, image = pen.createImageData(SIDE, SIDE);
  const words = h("p", { "aria-live": "polite" }, t("One step of D or G, taken apart: what is drawn, what comes out, what flows back, and what moves."));
  /** The columns: z, G's hidden layers, x, D's hidden layers, D(x). */
  const middle = () => run.spec.generator.sizes.length - 1;
  const last = () => middle() + run.spec.discriminator.sizes.length - 1;

  // ---- slow motion ----------------------------------------------------------------------------------------

  /** With the instance noise that they will be given. */
  const shaken = (samples: Float64Array, jitter?: Numbers) => (jitter ? samples.map((v, i) => v + jitter[i]!) : samples);

  /** Takes the step, looks, and takes it back. */
  const ahead = (who: Player, step: () => void, x: Numbers) => {
    const { engine } = run, before = engine.snapshot(), was = engine.getParameters(who);
    try {
      step();
      const now = engine.getParameters(who), losses = { ...engine.losses };
      return { losses, weights: was.length, move: now.reduce((most, v, i) => Math.max(most, Math.abs(v - was[i]!)), 0), after: engine.score(x) };
    } finally {
      engine.restore(before);
    }
  };
  const logistic = () => /minimax|non_sat|relativ/.test(run.spec.loss);
  const mean = (scores: Numbers, from = 0, to = scores.length) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += logistic() ? 1 / (1 + Math.exp(-scores[i]!)) : scores[i]!;
    return fmt(sum / (to - from), 3);
  };
  const name = () => (logistic() ? "D" : "s");

  function stagesD(): Stage[] {
    const { engine, spec } = run, { real, z, jitter } = engine.peekD(), fake = shaken(engine.generate(z), jitter), m = real.length / 2;
    const both = Float64Array.from([...real, ...fake]), now = engine.score(both), { losses, weights, move, after } = ahead("discriminator", () => engine.stepD(), both);
    const some = { real: real.subarray(0, 2 * MARKED), fake: fake.subarray(0, 2 * MARKED) };
    return [
      [t("{0} real samples are drawn from the target; the first is {1}.", m, point(real, 2)), middle(), middle(), { real: some.real }],
      [t("{0} noise vectors are drawn and go through G: the first, z = {1}, becomes {2}.", m, point(z, engine.prior.dim), point(fake, 2)), 0, middle(), { fake: some.fake }],
      [t("D judges both. On average {0} = {1} on the real ones and {2} on the generated.", name(), mean(now, 0, m), mean(now, m)), middle(), last(), some],
      [t("Its loss is the mean of {0}: {1}{2}.", FORMULA[spec.loss][0]!, fmt(losses.discriminator, 4), losses.penalty ? t(", penalties {0} included", fmt(losses.penalty, 4)) : ""), last(), last(), some],
      [t("The loss flows back through D's layers and stops: G is left alone. The gradient by D's {0} weights has length {1}.", weights, fmt(losses.gradientDiscriminator, 4)), last(), middle(), some],
      [t("The optimiser ({0}) moves each of D's weights, none by more than {1}. On these samples {2} goes from {3} to {4} on the real ones, from {5} to {6} on the generated.",
        spec.optimisers.discriminator.name, fmt(move, 5), name(), mean(now, 0, m), mean(after, 0, m), mean(now, m), mean(after, m)), middle(), last(), some],
    ].map(([said, from, to, marks]) => ({ who: "discriminator", words: said, path: [from, to], marks }) as Stage);
  }

  function stagesG(): Stage[] {
    const { engine, spec } = run, { z, jitter } = engine.peekG(), fake = shaken(engine.generate(z), jitter), m = fake.length / 2, now = engine.score(fake);
    const pull = engine.generatorGradient(z).map((v) => -v), g = engine.prior.dim;
    let length = 0, way = 0, after = fake;
    const { losses, weights, move } = ahead("generator", () => {
      engine.stepG();
      after = shaken(engine.generate(z), jitter);
    }, fake);
    for (let i = 0; i < 2 * m; i += 2) {
      length += Math.hypot(pull[i]!, pull[i + 1]!) / m;
      way += Math.hypot(after[i]! - fake[i]!, after[i + 1]! - fake[i + 1]!) / m;
    }
    const some = { fake: fake.subarray(0, 2 * MARKED) }, moved = engine.score(after);
    return [
      [t("{0} fresh noise vectors go through G: the first, z = {1}, becomes {2}.", m, point(z, g), point(fake, 2)), 0, middle(), some],
      [t("D judges them; its weights stay as they are. On average {0} = {1}.", name(), mean(now)), middle(), last(), some],
      [t("G's loss is the mean of {0}: {1}.", FORMULA[spec.loss][1]!, fmt(losses.generator, 4)), last(), last(), some],
      [t("The loss flows back through D, whose weights only pass it on, to the samples: each is pulled along −∂L/∂x, with a strength of {0} on average ({1}).", fmt(length, 4), LOSSES()[spec.loss]), last(), middle(),
        { ...some, foot: some.fake, pull }],
      [t("From the samples it flows on through G's layers. The gradient by G's {0} weights has length {1}.", weights, fmt(losses.gradientGenerator, 4)), middle(), 0, { ...some, foot: some.fake, pull }],
      [t("The optimiser ({0}) moves each of G's weights, none by more than {1}. These samples move by {2} on average, and {3} on them goes from {4} to {5}.",
        spec.optimisers.generator.name, fmt(move, 5), fmt(way, 4), name(), mean(now), mean(moved)), 0, middle(), { fake: after.subarray(0, 2 * MARKED) }],
    ].map(([said, from, to, marks]) => ({ who: "generator", words: said, path: [from, to], marks }) as Stage);
  }

  const show = () => {
    const stage = stages[at];
    if (stage) words.replaceChildren(h("b", null, t("{0}, {1} of {2}: ", stage.who === "generator" ? "G" : "D", at + 1, stages.length)), stage.words);
    host.changed(true);
  };
  const clear = () => {
    stages = [];
    words.textContent = "";
  };
  const next = () => {
    act.stop();
    const { engine, spec } = run;
    // a run that went on by itself has left these numbers behind
    if (stages.length && stages[0]!.words !== (stages[0]!.who === "generator" ? stagesG() : stagesD())[0]!.words) clear();
    if (stages.length && ++at === stages.length) {
      act[stages[0]!.who === "generator" ? "G" : "D"]();
      clear();
    }
    if (!stages.length) {
      at = 0;
      stages = engine.stepsD < spec.k * (Math.floor(engine.stepsG / spec.k_g) + 1) ? stagesD() : stagesG();
    }
    show();
  };
  const careful = () => {
    try {
      next();
    } catch (error) {
      clear();
      words.textContent = (error as Error).message;
    }
  };
  const auto = toggle(t("By itself"), false, (on) => {
    clearInterval(timer);
    if (on) timer = window.setInterval(() => (el.isConnected ? careful() : clearInterval(timer)), AUTO);
  });

  // ---- the picture ------------------------------------------------------------------------------------------

  /** Noise on a grid: two of its dimensions vary, the others stay in the middle. */
  const noise = () => {
    const { prior } = run.engine, out = new Float64Array(SIDE * SIDE * prior.dim), u = Array(prior.uniforms).fill(0.5);
    for (let i = 0; i < SIDE * SIDE; i++) {
      u[0] = ((i % SIDE) + 0.5) / SIDE;
      if (u.length > 1) u[1] = (Math.floor(i / SIDE) + 0.5) / SIDE;
      prior.fromUniform(u, 0, out, i * prior.dim);
    }
    return out;
  };
  const plane = () => {
    const [x0, x1, y0] = run.picture.box, step = (x1 - x0) / SIDE;
    return Float64Array.from({ length: 2 * SIDE * SIDE }, (_, i) =>
      (i % 2 ? y0 + (Math.floor(i / 2 / SIDE) + 0.5) * step : x0 + (((i / 2) % SIDE) + 0.5) * step));
  };
  /** One unit's answer over the grid, from the first colour (least) to the second. */
  const unit = (values: Float64Array, width: number, i: number, most: number, x: number, y: number, size: number, low: number[], high: number[]) => {
    for (let j = 0; j < SIDE * SIDE; j++) {
      const v = values[j * width + i]! / most, ink = v > 0 ? high : low, to = 4 * ((SIDE - 1 - Math.floor(j / SIDE)) * SIDE + (j % SIDE));
      for (let c = 0; c < 3; c++) image.data[to + c] = ink[c]!;
      image.data[to + 3] = 235 * Math.min(1, Math.abs(v));
    }
    pen.putImageData(image, 0, 0);
    plot.ctx.drawImage(stamp, x - size / 2, y - size / 2, size, size);
  };

  const draw = () => {
    // ten pictures a second are enough while it trains
    if (host.running && frames++ % 6) return;
    if (!plot.begin()) return;
    const { ctx, width, height } = plot, c = host.colours(), { engine, spec, picture } = run, stage = stages[at];
    const layers = [...engine.layers("generator", noise()), ...engine.layers("discriminator", plane()).slice(1)];
    const widths = [...spec.generator.sizes, ...spec.discriminator.sizes.slice(1)], mid = middle(), end = last(), top = 34, tall = height - 84;
    const X = (column: number) => 20 + (column * (width - 56)) / end;
    const shown = (column: number) => Math.min(UNITS, widths[column]!);
    const which = (column: number, i: number) => Math.floor((i * widths[column]!) / shown(column));
    const Y = (column: number, i: number) => top + (tall * (i + 0.5)) / shown(column);
    const size = (column: number) => Math.min((0.92 * tall) / shown(column), column === mid || column === end ? Math.min(70, (0.8 * width) / end) : 30);
    const [low, high] = [bytes(c.violet), bytes(c.ochre)];
    // weights: the stronger, the darker
    let from = 0, parameters = engine.getParameters("generator");
    for (let column = 1; column <= end; column++) {
      if (column === mid + 1) [from, parameters] = [0, engine.getParameters("discriminator")];
      const [inputs, outputs] = [widths[column - 1]!, widths[column]!], matrix = parameters.subarray(from, from + inputs * outputs);
      const most = matrix.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9), active = !stage || Math.min(...stage.path) < column && column <= Math.max(...stage.path);
      from += (inputs + 1) * outputs;
      for (let o = 0; o < shown(column); o++) {
        for (let i = 0; i < shown(column - 1); i++) {
          const v = matrix[which(column, o) * inputs + which(column - 1, i)]! / most;
          if (Math.abs(v) < 0.15) continue;
          ctx.globalAlpha = v * v * (active ? 0.8 : 0.2);
          ctx.lineWidth = 1;
          ctx.strokeStyle = v > 0 ? c.ochre : c.violet;
          ctx.beginPath();
          ctx.moveTo(X(column - 1), column - 1 === mid ? top + tall / 2 : Y(column - 1, i));
          ctx.lineTo(X(column), column === mid ? top + tall / 2 : Y(column, o));
          ctx.stroke();
        }
      }
    }
    for (let column = 0; column <= end; column++) {
      ctx.globalAlpha = !stage || (column >= Math.min(...stage.path) && column <= Math.max(...stage.path)) ? 1 : 0.35;
      const side = size(column), x = X(column), values = layers[column]!;
      if (column === mid) {
        samples(x, top + tall / 2, side);
        continue;
      }
      const read = picture.reading(spec.loss), answers = column === end ? values.map((v) => 2 * read(v) - 1) : values;
      const most = column === end ? 1 : values.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-9);
      for (let i = 0; i < shown(column); i++) {
        ctx.fillStyle = c.paper;
        ctx.fillRect(x - side / 2, Y(column, i) - side / 2, side, side);
        unit(answers, widths[column]!, which(column, i), most, x, Y(column, i), side, ...(column === end ? [bytes(c.generator), bytes(c.discriminator)] as const : [low, high] as const));
        ctx.strokeStyle = c.muted;
        ctx.lineWidth = 0.6;
        ctx.setLineDash([]);
        ctx.strokeRect(x - side / 2, Y(column, i) - side / 2, side, side);
      }
    }
    ctx.globalAlpha = 1;
    const label = (words: string, column: number, y: number, colour: string, bold = "bold") => plot.text(words, X(column), y, colour, "center", 12, bold);
    label("z", 0, 16, c.generator, "italic bold");
    if (mid > 1) label(t("generator"), mid / 2, 16, c.generator);
    label("x", mid, 16, c.real, "italic bold");
    label(width > 500 ? t("discriminator") : "D", (mid + end) / 2, 16, c.discriminator);
    label(name() + "(x)", end, 16, c.discriminator, "italic bold");
    flow(stage, X, end, mid, height, c);
  };

  /** Real and generated samples, small. */
  const samples = (x: number, y: number, side: number) => {
    const { ctx } = plot, { box, real, fake } = run.picture, c = host.colours();
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
  };

  /** Below: losses flow back, to D's weights and through D to G's; above: the data go forward. */
  const flow = (stage: Stage | undefined, X: (column: number) => number, end: number, mid: number, height: number, c: ReturnType<typeof host.colours>) => {
    const { losses } = run, low = height - 34;
    const line = (from: number, to: number, y: number, colour: string, on: boolean) =>
      plot.arrow(X(from), y, X(to), y, colour, { width: on ? 4 : 1.5, alpha: !stage || on ? 1 : 0.3 }, 8);
    const is = (who: Player, back: boolean) => !!stage && stage.who === who && stage.path[0] > stage.path[1] === back && stage.path[0] !== stage.path[1];
    if (stage && stage.path[0] < stage.path[1]) line(stage.path[0], stage.path[1], 25, stage.path[1] === end ? c.discriminator : c.generator, true);
    line(end, mid, low, c.discriminator, is("discriminator", true));
    line(end, 0, low + 18, c.gradient, is("generator", true));
    plot.text(t("loss of D {0}", fmt(losses.discriminator, 3)), X(end), low - 7, c.discriminator, "right", 11, "", c.paper);
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
  };

  const el: HTMLElement = h("div", null, plot.el,
    row(button(t("Slow motion: next"), careful, { className: "main" }), auto.el), words);
  return {
    el,
    draw,
    marks: () => (host.running ? undefined : stages[at]?.marks),
  };
}

definePart("overview", overview);
export type MakeOverview = typeof overview;
