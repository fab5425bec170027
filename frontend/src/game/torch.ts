/** The run as PyTorch: code that gives the same numbers, by drawing the page's own random numbers (streams="page"). */
import type { LawSpec, OptimiserSpec, PenaltySpec } from "../engine/types";
import type { Spec } from "./settings";

const CLASSES = {
  minimax: "Minimax", non_saturating: "NonSaturating", least_squares: "LeastSquares", wasserstein: "Wasserstein",
  hinge: "Hinge", relativistic: "Relativistic",
  clip: "Clip", wgan_gp: "WGANGP", r1: "R1", r2: "R2", sgd: "SGD", momentum: "Momentum", rmsprop: "RMSProp",
  adam: "Adam",
};

/** A number or a list in Python; PyTorch refuses betas of which one is a whole number. */
export const python = (key: string, value: unknown) =>
  JSON.stringify(value).replace(/\b\d+(?=[,\]])/g,
    (whole, at, all: string) => (key === "betas" && all[at - 1] !== "." ? whole + ".0" : whole));

/** f(a=1, b=[2]) in Python. */
const call = (name: string, fields: object) => {
  const given = Object.entries(fields).filter(([key, value]) => key !== "name" && value !== undefined);
  return `${name}(${given.map(([key, value]) => `${key}=${python(key, value)}`).join(", ")})`;
};

const law = (d: LawSpec) => call("data." + d.name, d);

const optimiser = ({ name, lr, momentum, alpha, betas, eps }: OptimiserSpec) => {
  const used = { sgd: {}, momentum: { momentum }, rmsprop: { alpha, eps }, adam: { betas, eps } }[name];
  return call(CLASSES[name], { lr, ...used });
};

const penalty = ({ name, weight }: PenaltySpec) => `${CLASSES[name]}(${weight ?? ""})`;

/** Python that trains the same GAN from the same seed for `steps` steps; `notes` are said first. */
export function asTorch(s: Spec, steps: number, notes: string[] = []): string {
  const net = (who: "generator" | "discriminator") => {
    const { sizes, activation } = s[who], units = sizes.slice(1, -1);
    const hidden = units.join(", ") + (units.length ? "," : "");
    return `MLP(${sizes[0]}, ${sizes.at(-1)}, hidden=(${hidden}), activation="${activation}")`;
  };
  const names = (list: (keyof typeof CLASSES)[]) => [...new Set(list.map((name) => CLASSES[name]))].sort().join(", ");
  const G = s.optimisers.generator, D = s.optimisers.discriminator;
  return [
    ...notes.map((note) => "# " + note),
    "import gan_lab",
    "from gan_lab import data",
    `from gan_lab.losses import ${CLASSES[s.loss]}`,
    "from gan_lab.nets import MLP",
    `from gan_lab.optim import ${names([G.name, D.name])}`,
    ...(s.penalties.length ? [`from gan_lab.penalties import ${names(s.penalties.map((p) => p.name))}`] : []),
    "",
    "gan = gan_lab.GAN(",
    `    generator=${net("generator")},`,
    `    discriminator=${net("discriminator")},`,
    `    loss=${CLASSES[s.loss]}(),`,
    `    penalties=[${s.penalties.map(penalty).join(", ")}],`,
    `    prior=${law(s.prior)},`,
    `    optimisers={"generator": ${optimiser(G)}, "discriminator": ${optimiser(D)}},`,
    `    k=${s.k},`,
    ...(s.k_g > 1 ? [`    k_g=${s.k_g},`] : []),
    ...(s.instance_noise ? [`    instance_noise=${s.instance_noise},`] : []),
    ")",
    `target = ${law(s.target)}`,
    `run = gan_lab.train(gan, target, steps=${steps}, batch=${s.batch}, seed=${s.seed}, streams="page", device="cpu")`,
    "print(run.history.tail())",
    "",
  ].join("\n");
}
