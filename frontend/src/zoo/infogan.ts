/**
 * InfoGAN (Chen et al. 2016): a code c of K classes is an input of G, and a third network Q reads it back,
 *   min_{G,Q} max_D  V(D, G) - lambda L_I(G, Q),   L_I = E_{c, x ~ G(z, c)} log Q(c|x) + H(c)   (eqs. 5 and 6).
 * H(c) = log K is a constant and left out of the loss, as in section 5; Q shares no layers with D here.
 */
import type { Game, SystemSpec } from "../engine/played";
import type { Piece, Player } from "../engine/system";
import type { LawSpec, Numbers } from "../engine/types";
import { createLaw } from "../engine/views";
import { addRows, crossEntropy, drawLabels, notNegative, oneHot } from "./terms";

interface InfoSpec extends SystemSpec {
  /** default 1 */
  lambda?: number;
  /** K */
  codes: number;
  target: LawSpec;
  prior: LawSpec;
}
/** `logits`: of Q(c|x), (n, K) */
interface Seen { generate(z: Numbers, c: Numbers): Float64Array; logits(z: Numbers, c: Numbers): Float64Array }

export const infogan: Game<InfoSpec, Seen> = ({ loss, lambda = 1, codes: K, target: data, prior: noise }) => {
  notNegative("lambda", lambda);
  const target = createLaw(data), prior = createLaw(noise), { dim } = target;
  return {
    shapes: { G: [prior.dim + K, dim], D: [dim, 1], Q: [dim, K] },
    play(system) {
      const { networks: { G, D, Q }, draws } = system;
      const real = system.pass(D), fake = system.pass(D);
      const made = system.pass(G, { y: fake.x, dy: fake.dx }), guess = system.pass(Q, { x: fake.x });
      const generate = (z: Numbers, c: Numbers, piece: Piece) => {
        system.load(made.x, z, prior.dim, piece);
        oneHot(system, system.at(made.x, prior.dim), c, K, piece);
        made.forward(piece.columns);
      };
      const drawG = () => ({ z: draws.sample(prior, "noise"), c: drawLabels(draws, K, "noise") });
      const discriminator: Player<{ x: Numbers; z: Numbers; c: Numbers }> = {
        owns: ["D"],
        needs: () => ({ z: prior.dim, c: 1, x: dim }),
        draw: () => ({ x: draws.sample(target, "data"), ...drawG() }),
        learn({ x, z, c }, piece) {
          generate(z, c, piece);
          system.load(real.x, x, dim, piece);
          real.forward(piece.columns);
          fake.forward(piece.columns);
          system.lossD(loss, real, fake, piece);
          real.backward(piece.columns);
          fake.backward(piece.columns);
        },
      };
      const generator: Player<{ z: Numbers; c: Numbers }> = {
        owns: ["G", "Q"],
        needs: () => ({ z: prior.dim, c: 1 }),
        draw: drawG,
        learn({ z, c }, piece) {
          generate(z, c, piece);
          fake.forward(piece.columns);
          guess.forward(piece.columns);
          system.lossG(loss, fake, piece);
          crossEntropy(system, guess, c, K, piece, lambda / piece.n);
          fake.backwardToInput(piece.columns);
          guess.backward(piece.columns, { through: true });
          addRows(system, made.dy, guess.dx, dim, piece);
          made.backward(piece.columns);
        },
      };
      const see = {
        generate: (z: Numbers, c: Numbers) => system.collect(c.length, made.y, dim, (piece) => generate(z, c, piece)),
        logits: (z: Numbers, c: Numbers) => system.collect(c.length, guess.y, K, (piece) => {
          generate(z, c, piece);
          guess.forward(piece.columns);
        }),
      };
      return { players: { discriminator, generator }, see };
    },
  };
};
