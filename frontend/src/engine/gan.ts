/** The game of the pages: a generator, a discriminator, what they play for, and what restrains the discriminator. */
import { normalQuantile } from "./distributions.js";
import type { Piece, Player, System } from "./system.js";
import type { GanSpec, Law, Numbers, PenaltyName } from "./types.js";

/** The rules in force; they may change while the game is played. */
interface Rules {
  readonly target: Law;
  readonly prior: Law;
  readonly spec: Required<GanSpec>;
}

/** `mix`: the shares of real samples at the points where WGAN-GP looks; `jitter`: added to the generated samples. */
type ForD = { real: Numbers; z: Numbers; mix?: Numbers; jitter?: Numbers };
/** `real` only where the generator's loss sees pairs. */
type ForG = { real?: Numbers; z: Numbers; jitter?: Numbers };

/** Where both networks work, and how samples get there. */
function table(system: System, rules: Rules) {
  const { generator, discriminator } = system.networks;
  const real = system.pass(discriminator), fake = system.pass(discriminator), mixed = system.pass(discriminator);
  const made = system.pass(generator, { y: fake.x, dy: fake.dx });
  return {
    real, fake, mixed, made,
    /** x = G(z), into D's first rows; noise that is added has derivative 1: the way back is that without it. */
    generate(z: Numbers, piece: Piece, jitter?: Numbers) {
      system.load(made.x, z, rules.prior.dim, piece);
      made.forward(piece.columns);
      if (!jitter) return;
      const { dim } = rules.target, { memory } = system.k;
      system.each(dim, piece, (place, j, i) => (memory[fake.x + place] += jitter[j * dim + i]));
    },
    show(x: Numbers, piece: Piece) {
      system.load(real.x, x, rules.target.dim, piece);
      real.forward(piece.columns);
    },
    /** x~ = u x + (1 - u) G(z), and the forward pass there. */
    mix(u: Numbers, piece: Piece) {
      const { memory } = system.k;
      system.each(rules.target.dim, piece, (place, j) => {
        memory[mixed.x + place] = u[j] * memory[real.x + place] + (1 - u[j]) * memory[fake.x + place];
      });
      mixed.forward(piece.columns);
    },
  };
}
type Table = ReturnType<typeof table>;

/** Instance noise for samples of the target's dimension, where the game has any. */
function jitter({ draws }: System, { target, spec: { instance_noise: std } }: Rules): Float64Array | undefined {
  return std ? draws.uniforms("augmentation", draws.batch * target.dim).map((u) => std * normalQuantile(u)) : undefined;
}

/** Real samples, their instance noise already added. */
function drawReal(system: System, rules: Rules): Float64Array {
  const x = system.draws.sample(rules.target, "data");
  jitter(system, rules)?.forEach((v, i) => (x[i] += v));
  return x;
}

function discriminator(system: System, rules: Rules, { real, fake, mixed, generate, show, mix }: Table): Player<ForD> {
  const { draws, networks: { discriminator: { at, count } } } = system;
  /** The sum of the weights of all penalties of a name. */
  const weight = (name: PenaltyName) =>
    rules.spec.penalties.reduce((sum, p) => (p.name === name ? sum + p.weight! : sum), 0);
  const mixes = () => rules.spec.penalties.some((p) => p.name === "wgan_gp");
  return {
    owns: ["discriminator"],
    draw() {
      const x = drawReal(system, rules), z = draws.sample(rules.prior, "noise");
      const u = mixes() ? draws.uniforms("mix", draws.batch).slice() : undefined;
      return { real: x, z, mix: u, jitter: jitter(system, rules) };
    },
    needs: () => ({ z: rules.prior.dim, real: rules.target.dim, mix: Number(mixes()) }),
    learn({ real: x, z, mix: u, jitter: added }, piece) {
      const { n } = piece, { dim } = rules.target, lambda = weight("wgan_gp");
      generate(z, piece, added);
      show(x, piece);
      fake.forward(piece.columns);
      system.lossD(rules.spec.loss, real, fake, piece);
      if (lambda) mix(u!, piece);
      system.restrain(real, dim, piece, weight("r1") / n);
      system.restrain(fake, dim, piece, weight("r2") / n);
      // the mixed points are in no loss: their dy stays 0
      if (lambda) system.restrain(mixed, dim, piece, lambda / n, 1);
    },
    after() {
      const clips = rules.spec.penalties.filter((p) => p.name === "clip").map((p) => p.weight!);
      const c = Math.min(...clips);
      const { memory } = system.k;
      for (let i = at; i < at + count && c < Infinity; i++) memory[i] = Math.max(-c, Math.min(c, memory[i]));
    },
  };
}

function generator(system: System, rules: Rules, { real, fake, made, generate, show }: Table): Player<ForG> {
  const pairs = () => rules.spec.loss === "relativistic";
  return {
    owns: ["generator"],
    draw() {
      const x = pairs() ? drawReal(system, rules) : undefined;
      return { real: x, z: system.draws.sample(rules.prior, "noise"), jitter: jitter(system, rules) };
    },
    needs: () => ({ z: rules.prior.dim, real: pairs() ? rules.target.dim : 0 }),
    learn({ real: x, z, jitter: added }, piece) {
      generate(z, piece, added);
      fake.forward(piece.columns);
      if (pairs()) show(x!, piece);
      system.lossG(rules.spec.loss, fake, piece, real);
      fake.backwardToInput(piece.columns);
      made.backward(piece.columns);
    },
  };
}

export function gan(system: System, rules: Rules) {
  const all = table(system, rules);
  return { ...all, D: discriminator(system, rules, all), G: generator(system, rules, all) };
}
