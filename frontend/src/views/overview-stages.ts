/** The next step of either player, taken apart into what it does, with its actual numbers. */
import type { Numbers, Player } from "../engine/types";
import { LOSSES, type Run, type Show } from "../plane/index";
import { fmt, t } from "../ui/index";

/** What one sub-step of an update does: the columns it passes, in words, and the samples it is about. */
export interface Stage {
  who: Player;
  words: string;
  /** from which column to which; backwards for gradients */
  path: [number, number];
  marks?: Show["marks"];
}

/** Of a batch, these are marked. */
const MARKED = 40;

const FORMULA = {
  minimax: ["−log D(x) − log(1 − D(G(z)))", "log(1 − D(G(z)))"],
  non_saturating: ["−log D(x) − log(1 − D(G(z)))", "−log D(G(z))"],
  least_squares: ["½(s(x) − 1)² + ½s(G(z))²", "½(s(G(z)) − 1)²"], wasserstein: ["s(G(z)) − s(x)", "−s(G(z))"],
  hinge: ["max(0, 1 − s(x)) + max(0, 1 + s(G(z)))", "−s(G(z))"],
  relativistic: ["−log σ(s(x) − s(G(z)))", "−log σ(s(G(z)) − s(x))"],
};

const point = (values: Numbers, dim: number) =>
  `(${Array.from({ length: dim }, (_, i) => fmt(values[i]!)).join(", ")})`;
/** The columns: z, G's hidden layers, x, D's hidden layers, D(x). */
export const middle = (run: Run) => run.spec.generator.sizes.length - 1;
export const last = (run: Run) => middle(run) + run.spec.discriminator.sizes.length - 1;

/** With the instance noise that they will be given. */
const shaken = (samples: Float64Array, jitter?: Numbers) =>
  (jitter ? samples.map((v, i) => v + jitter[i]!) : samples);

/** Takes the step, looks, and takes it back. */
function ahead(run: Run, who: Player, step: () => void, x: Numbers) {
  const { engine } = run, before = engine.snapshot(), was = engine.getParameters(who);
  try {
    step();
    const now = engine.getParameters(who), losses = { ...engine.losses };
    return { losses, weights: was.length, move: now.reduce((most, v, i) => Math.max(most, Math.abs(v - was[i]!)), 0),
      after: engine.score(x) };
  } finally {
    engine.restore(before);
  }
}
const logistic = (run: Run) => /minimax|non_sat|relativ/.test(run.spec.loss);
const mean = (run: Run, scores: Numbers, from = 0, to = scores.length) => {
  let sum = 0;
  for (let i = from; i < to; i++) sum += logistic(run) ? 1 / (1 + Math.exp(-scores[i]!)) : scores[i]!;
  return fmt(sum / (to - from), 3);
};
export const name = (run: Run) => (logistic(run) ? "D" : "s");

export function stagesD(run: Run): Stage[] {
  const { engine, spec } = run, { real, z, jitter } = engine.peekD(), fake = shaken(engine.generate(z), jitter),
    m = real.length / 2;
  const both = Float64Array.from([...real, ...fake]), now = engine.score(both),
    { losses, weights, move, after } = ahead(run, "discriminator", () => engine.stepD(), both);
  const some = { real: real.subarray(0, 2 * MARKED), fake: fake.subarray(0, 2 * MARKED) };
  return [
    [t("{0} real samples are drawn from the target; the first is {1}.", m, point(real, 2)), middle(run), middle(run),
      { real: some.real }],
    [t("{0} noise vectors are drawn and go through G: the first, z = {1}, becomes {2}.", m,
      point(z, engine.prior.dim), point(fake, 2)), 0, middle(run), { fake: some.fake }],
    [t("D judges both. On average {0} = {1} on the real ones and {2} on the generated.", name(run),
      mean(run, now, 0, m),
      mean(run, now, m)), middle(run), last(run), some],
    [t("Its loss is the mean of {0}: {1}{2}.", FORMULA[spec.loss][0]!, fmt(losses.discriminator, 4), losses.penalty
      ? t(", penalties {0} included", fmt(losses.penalty, 4)) : ""), last(run), last(run), some],
    [t("The loss flows back through D's layers and stops: G is left alone. The gradient by D's {0} weights has length {1}.",
      weights, fmt(losses.gradientDiscriminator, 4)), last(run), middle(run), some],
    [t("The optimiser ({0}) moves each of D's weights, none by more than {1}. On these samples {2} goes from {3} to {4} on the real ones, from {5} to {6} on the generated.",
      spec.optimisers.discriminator.name, fmt(move, 5), name(run), mean(run, now, 0, m), mean(run, after, 0, m),
      mean(run, now, m),
      mean(run, after, m)), middle(run), last(run), some],
  ].map(([said, from, to, marks]) => ({ who: "discriminator", words: said, path: [from, to], marks }) as Stage);
}

export function stagesG(run: Run): Stage[] {
  const { engine, spec } = run, { z, jitter } = engine.peekG(), fake = shaken(engine.generate(z), jitter),
    m = fake.length / 2, now = engine.score(fake);
  const pull = engine.generatorGradient(z).map((v) => -v), g = engine.prior.dim;
  let length = 0, way = 0, after = fake;
  const { losses, weights, move } = ahead(run, "generator", () => {
    engine.stepG();
    after = shaken(engine.generate(z), jitter);
  }, fake);
  for (let i = 0; i < 2 * m; i += 2) {
    length += Math.hypot(pull[i]!, pull[i + 1]!) / m;
    way += Math.hypot(after[i]! - fake[i]!, after[i + 1]! - fake[i + 1]!) / m;
  }
  const some = { fake: fake.subarray(0, 2 * MARKED) }, moved = engine.score(after);
  return [
    [t("{0} fresh noise vectors go through G: the first, z = {1}, becomes {2}.", m, point(z, g), point(fake, 2)), 0,
      middle(run), some],
    [t("D judges them; its weights stay as they are. On average {0} = {1}.", name(run), mean(run, now)), middle(run),
      last(run),
      some],
    [t("G's loss is the mean of {0}: {1}.", FORMULA[spec.loss][1]!, fmt(losses.generator, 4)), last(run), last(run),
      some],
    [t("The loss flows back through D, whose weights only pass it on, to the samples: each is pulled along −∂L/∂x, with a strength of {0} on average ({1}).",
      fmt(length, 4), LOSSES()[spec.loss]), last(run), middle(run),
      { ...some, foot: some.fake, pull }],
    [t("From the samples it flows on through G's layers. The gradient by G's {0} weights has length {1}.",
      weights, fmt(losses.gradientGenerator, 4)), middle(run), 0, { ...some, foot: some.fake, pull }],
    [t("The optimiser ({0}) moves each of G's weights, none by more than {1}. These samples move by {2} on average, and {3} on them goes from {4} to {5}.",
      spec.optimisers.generator.name, fmt(move, 5), fmt(way, 4), name(run), mean(run, now), mean(run, moved)), 0,
      middle(run),
      { fake: after.subarray(0, 2 * MARKED) }],
  ].map(([said, from, to, marks]) => ({ who: "generator", words: said, path: [from, to], marks }) as Stage);
}
