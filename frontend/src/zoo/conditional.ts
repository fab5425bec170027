/**
 * Conditional GAN (Mirza and Osindero 2014): the label y is an input of both networks,
 *   min_G max_D  E log D(x|y) + E log(1 - D(G(z|y)|y))   (eq. 2), or any other of the engine's losses,
 * and R1 (Mescheder et al. 2018), where gamma > 0, restrains the slope of D by x, not that by y.
 */
import type { Game, SystemSpec } from "../engine/played";
import type { Piece, Player } from "../engine/system";
import type { Law, LawSpec, Numbers } from "../engine/types";
import { createLaw, SpecError } from "../engine/views";
import { drawLabelled, drawLabels, notNegative, oneHot } from "./terms";

interface ConditionalSpec extends SystemSpec {
  gamma?: number;
  /** p(x|y) for y = 0, 1, ..., which are equally probable; all of one dimension */
  classes: LawSpec[];
  prior: LawSpec;
}
type Labelled = { x: Numbers; y: Numbers; z: Numbers };
interface Seen { generate(z: Numbers, y: Numbers): Float64Array; score(x: Numbers, y: Numbers): Float64Array }

function classesOf(specs: LawSpec[]): Law[] {
  if (!specs?.length) throw new SpecError("classes is empty: give a law for each label.");
  const laws = specs.map((law) => createLaw(law)), { dim } = laws[0];
  const odd = laws.findIndex((law) => law.dim !== dim);
  if (odd > 0) {
    throw new SpecError(`class ${odd} has ${laws[odd].dim} dimensions and class 0 has ${dim}: give equal ones.`);
  }
  return laws;
}

export const conditional: Game<ConditionalSpec, Seen> = ({ loss, gamma = 0, classes, prior: noise }) => {
  notNegative("gamma", gamma);
  const laws = classesOf(classes), prior = createLaw(noise), K = laws.length, { dim } = laws[0];
  return {
    pairs: true, shapes: { G: [prior.dim + K, dim], D: [dim + K, 1] },
    play(system) {
      const { networks: { G, D }, draws } = system;
      const real = system.pass(D), fake = system.pass(D), made = system.pass(G, { y: fake.x, dy: fake.dx });
      const show = (x: Numbers, y: Numbers, piece: Piece) => {
        system.load(real.x, x, dim, piece);
        oneHot(system, system.at(real.x, dim), y, K, piece);
        real.forward(piece.columns);
      };
      const generate = (z: Numbers, y: Numbers, piece: Piece) => {
        system.load(made.x, z, prior.dim, piece);
        oneHot(system, system.at(made.x, prior.dim), y, K, piece);
        made.forward(piece.columns);
      };
      const judge = (y: Numbers, piece: Piece) => {
        oneHot(system, system.at(fake.x, dim), y, K, piece);
        fake.forward(piece.columns);
      };
      const discriminator: Player<Labelled> = {
        owns: ["D"],
        needs: () => ({ z: prior.dim, x: dim, y: 1 }),
        draw() {
          const y = drawLabels(draws, K, "data"), x = drawLabelled(draws, laws, y, "data");
          return { x, y, z: draws.sample(prior, "noise") };
        },
        learn({ x, y, z }, piece) {
          generate(z, y, piece);
          show(x, y, piece);
          judge(y, piece);
          system.lossD(loss, real, fake, piece);
          system.restrain(real, dim, piece, gamma / piece.n);
          fake.backward(piece.columns);
        },
      };
      const generator: Player<Labelled> = {
        ...discriminator, owns: ["G"],
        learn({ x, y, z }, piece) {
          generate(z, y, piece);
          judge(y, piece);
          // pairs are of one label
          if (loss === "relativistic") show(x, y, piece);
          system.lossG(loss, fake, piece, real);
          fake.backwardToInput(piece.columns);
          made.backward(piece.columns);
        },
      };
      return {
        players: { discriminator, generator },
        see: {
          generate: (z, y) => system.collect(y.length, made.y, dim, (piece) => generate(z, y, piece)),
          score: (x, y) => system.collect(y.length, real.y, 1, (piece) => show(x, y, piece)),
        },
      };
    },
  };
};
