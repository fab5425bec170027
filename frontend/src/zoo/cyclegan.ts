/**
 * CycleGAN (Zhu et al. 2017): two domains, G: X -> Y and F: Y -> X, and a discriminator for each,
 *   L(G, F, D_X, D_Y) = L_GAN(G, D_Y) + L_GAN(F, D_X) + lambda L_cyc   (eq. 3),
 *   L_cyc = E |F(G(x)) - x|_1 + E |G(F(y)) - y|_1   (eq. 2).
 * Each move sees fresh samples: the pool of old images of section 4 is left out.
 */
import type { Game, SystemSpec } from "../engine/played";
import type { Pass } from "../engine/network";
import type { Player } from "../engine/system";
import type { LawSpec, Numbers } from "../engine/types";
import { createLaw } from "../engine/views";
import { absoluteError, addRows, notNegative } from "./terms";

interface CycleSpec extends SystemSpec {
  /** default 10 */
  lambda?: number;
  X: LawSpec;
  Y: LawSpec;
}
interface Seen { G(x: Numbers): Float64Array; F(y: Numbers): Float64Array }

/** One way round: a domain's real samples under its D, what G makes of them under the other's D, and F back again. */
interface Way { real: Pass; there: Pass; fake: Pass; back: Pass }

export const cyclegan: Game<CycleSpec, Seen> = ({ loss, lambda = 10, X, Y }) => {
  notNegative("lambda", lambda);
  const [A, B] = [createLaw(X), createLaw(Y)], dims = [A.dim, B.dim] as const;
  return {
    shapes: { G: [A.dim, B.dim], F: [B.dim, A.dim], D_X: [A.dim, 1], D_Y: [B.dim, 1] },
    play(system) {
      const { networks: { G, F, D_X, D_Y }, draws } = system;
      const way = (D: typeof G, to: typeof G, other: typeof G, from: typeof G): Way => {
        const real = system.pass(D), fake = system.pass(other);
        const there = system.pass(to, { x: real.x, y: fake.x, dy: fake.dx });
        return { real, there, fake, back: system.pass(from, { x: fake.x }) };
      };
      const ways = [way(D_X, G, D_Y, F), way(D_Y, F, D_X, G)] as const;
      const draw = () => ({ x: draws.sample(A, "data"), y: draws.sample(B, "data") });
      const needs = () => ({ x: dims[0], y: dims[1] });

      const discriminators: Player<{ x: Numbers; y: Numbers }> = {
        owns: ["D_X", "D_Y"], needs, draw,
        learn(batch, piece) {
          [batch.x, batch.y].forEach((values, i) => {
            const { real, there, fake } = ways[i];
            system.load(real.x, values, dims[i], piece);
            there.forward(piece.columns);
            real.forward(piece.columns);
            fake.forward(piece.columns);
          });
          // a domain's D judges its real samples and those that came from the other way
          ways.forEach(({ real }, i) => {
            const { fake } = ways[1 - i];
            system.lossD(loss, real, fake, piece);
            real.backward(piece.columns);
            fake.backward(piece.columns);
          });
        },
      };
      const generators: Player<{ x: Numbers; y: Numbers }> = {
        owns: ["G", "F"], needs, draw,
        learn(batch, piece) {
          [batch.x, batch.y].forEach((values, i) => {
            const { there, fake, back } = ways[i];
            system.load(there.x, values, dims[i], piece);
            for (const pass of [there, fake, back]) pass.forward(piece.columns);
            system.lossG(loss, fake, piece);
            absoluteError(system, back, there.x, dims[i], piece, lambda / piece.n);
            fake.backwardToInput(piece.columns);
            back.backward(piece.columns, { through: true });
            addRows(system, there.dy, back.dx, dims[1 - i], piece);
            there.backward(piece.columns);
          });
        },
      };
      const look = (i: 0 | 1) => (values: Numbers) =>
        system.collect(values.length / dims[i], ways[i].there.y, dims[1 - i], (piece) => {
          system.load(ways[i].there.x, values, dims[i], piece);
          ways[i].there.forward(piece.columns);
        });
      return { players: { discriminators, generators }, see: { G: look(0), F: look(1) } };
    },
  };
};
