/**
 * The run as a listing in plain PyTorch, the loop written out, without gan_lab: the listing of chapter 6 with this
 * game's settings. It gives the numbers of `gan_lab.train(gan_lab.GAN(..., joint=False), ...)`, bit for bit.
 */
import type { LawSpec, LossName, NetSpec, OptimiserSpec, PenaltyName } from "../engine/types";
import type { Spec } from "./settings";
import { python } from "./torch";

const ACTIVATIONS = { tanh: "nn.Tanh()", relu: "nn.ReLU()", leaky_relu: "nn.LeakyReLU(0.2)", softplus: "nn.Softplus()",
  sigmoid: "nn.Sigmoid()" };

/** What D and what G minimise, from the scores of real and of generated samples. */
const LOSSES: Record<LossName, [string, string]> = {
  minimax: ["softplus(-s_real).mean() + softplus(s_fake).mean()", "-softplus(s_fake).mean()"],
  non_saturating: ["softplus(-s_real).mean() + softplus(s_fake).mean()", "softplus(-s_fake).mean()"],
  least_squares: ["((s_real - 1).square().mean() + s_fake.square().mean()) / 2", "(s_fake - 1).square().mean() / 2"],
  wasserstein: ["s_fake.mean() - s_real.mean()", "-s_fake.mean()"],
  hinge: ["relu(1 - s_real).mean() + relu(1 + s_fake).mean()", "-s_fake.mean()"],
  relativistic: ["softplus(-(s_real - s_fake)).mean()", "softplus(s_real - s_fake).mean()"],
};

/** Where a penalty looks at the slope of D: what is put out there, and its term. */
const SLOPES: Record<Exclude<PenaltyName, "clip">, [string, string]> = {
  r1: ["s_real, slope_real = score_and_slope(x)", "slope_real.square().sum(1).mean() / 2"],
  r2: ["s_fake, slope_fake = score_and_slope(fake)", "slope_fake.square().sum(1).mean() / 2"],
  wgan_gp: ["_, slope_mixed = score_and_slope(u * x + (1 - u) * fake)",
    "(slope_mixed.norm(dim=1) - 1).square().mean()"],
};

const net = ({ sizes, activation = "tanh" }: NetSpec) => {
  const layers = sizes.slice(1).map((n, i) => `nn.Linear(${sizes[i]}, ${n})`);
  return `nn.Sequential(${layers.join(`, ${ACTIVATIONS[activation]}, `)})`;
};

const optimiser = (who: string, { name, lr, momentum, alpha, betas = [0.9, 0.999], eps }: OptimiserSpec) => {
  const rate = `${who}.parameters(), lr=${lr}`;
  return { sgd: `SGD(${rate})`, momentum: `SGD(${rate}, momentum=${momentum})`,
    rmsprop: `RMSprop(${rate}, alpha=${alpha}, eps=${eps})`,
    adam: `Adam(${rate}, betas=(${python("betas", betas).slice(1, -1).replace(",", ", ")}), eps=${eps}, fused=True)`,
  }[name];
};

const tensor = (values: unknown) => `torch.tensor(${JSON.stringify(values)}, dtype=torch.double)`;

/** Around one of `n` centres, each as likely as the others. */
const around = (centres: string[], n: number, std: number): [number, ...string[]] => [3, ...centres,
  `i = (u[:, 0] * ${n}).long().clamp_(max=${n - 1})`, `return (centres[i] + ${std} * ndtri(u[:, 1:])).float()`];

/** Around a curve; `lines` make x and y from t. */
const along = (lines: string[], std: number): [number, ...string[]] => [3, "t = u[:, 0]", ...lines,
  `return (torch.stack([x, y], dim=1) + ${std} * ndtri(u[:, 1:])).float()`];

/** How many uniform numbers a sample takes, and the lines that make a sample of them, in double precision. */
function law(d: LawSpec): [number, ...string[]] {
  switch (d.name) {
    case "gaussian": return [1, `return (${d.mean ?? 0} + ${d.std ?? 1} * ndtri(u)).float()`];
    case "uniform": return [1, `return (${d.low ?? 0} + ${(d.high ?? 1) - (d.low ?? 0)} * u).float()`];
    case "exponential": return [1, `return (-torch.log1p(-u) / ${d.rate ?? 1}).float()`];
    case "sine": return [1, "return torch.arccos(1 - 2 * u).float()"];
    case "mixture": return [2, `means, stds = ${tensor(d.means)}, ${tensor(d.stds)}`,
      `weights = ${tensor(d.weights ?? d.means.map(() => 1))}`, "edges = (weights / weights.sum()).cumsum(0)",
      `i = torch.searchsorted(edges, u[:, 0].contiguous(), right=True).clamp_(max=${d.means.length - 1})`,
      "return (means[i] + stds[i] * ndtri(u[:, 1]))[:, None].float()"];
    case "drawn": return [1, `heights = ${tensor(d.heights)}`, "mass = heights / heights.sum()",
      "edges = torch.cat([torch.zeros(1, dtype=torch.double), mass.cumsum(0)])", "edges[-1] = 1.0",
      `i = (torch.searchsorted(edges, u, right=True) - 1).clamp(0, ${d.heights.length - 1})`,
      `width = ${d.high - d.low} / ${d.heights.length}`,
      `return (${d.low} + width * (i + (u - edges[i]) / mass[i].clamp(min=1e-300))).float()`];
    case "ring": return around([
      `angle = 2 * math.pi * torch.arange(${d.modes ?? 8}, dtype=torch.double) / ${d.modes ?? 8}`,
      `centres = ${d.radius ?? 1} * torch.stack([angle.cos(), angle.sin()], dim=1)`], d.modes ?? 8, d.std ?? 0.01);
    case "grid": return around([
      `line = ${d.spacing ?? 2} * (torch.arange(${d.side ?? 5}, dtype=torch.double) - ${((d.side ?? 5) - 1) / 2})`,
      "centres = torch.cartesian_prod(line, line)"], (d.side ?? 5) ** 2, d.std ?? 0.05);
    case "points": return around([`centres = ${tensor(d.centres)}`], d.centres.length, d.std);
    case "spiral": return along([`r, angle = t.sqrt(), 2 * math.pi * ${d.turns ?? 2} * t.sqrt()`,
      `x, y = ${d.radius ?? 1} * (r * angle.cos()), ${d.radius ?? 1} * (r * angle.sin())`], d.std ?? 0.02);
    case "moons": return along(["above = t < 0.5", "angle = math.pi * torch.where(above, 2 * t, 2 * t - 1)",
      "x = torch.where(above, angle.cos(), 1 - angle.cos()) - 0.5",
      "y = torch.where(above, angle.sin(), 0.5 - angle.sin()) - 0.25"], d.std ?? 0.05);
    case "sine_curve": return along(["x = math.pi * (2 * t - 1)", `y = ${d.amplitude ?? 1} * x.sin()`], d.std ?? 0.05);
    case "segment": return along([`x = y = ${d.length ?? 2} * (t - 0.5) / math.sqrt(2)`], d.std ?? 0.05);
    case "standard_normal": return [d.dim];
    case "uniform_cube": return [d.dim, `return (${d.low ?? -1} + ${(d.high ?? 1) - (d.low ?? -1)} * u).float()`];
  }
}

/** def real(): m samples of the law. */
function sampler(name: string, words: string, rng: string, d: LawSpec): string[] {
  const [columns, ...lines] = law(d);
  const body = lines.length ? [`u = uniform(${columns}, ${rng})`, ...lines]
    : [`return torch.randn(m, ${columns}, generator=${rng})`];
  return [`def ${name}():  # ${words}`, ...body.map((line) => "    " + line), "", ""];
}

function discriminatorStep(s: Spec): string[] {
  const looking = s.penalties.filter((p) => p.name !== "clip"), names = [...new Set(looking.map((p) => p.name))] as
    (keyof typeof SLOPES)[];
  const clip = s.penalties.find((p) => p.name === "clip"), seen = s.instance_noise ? "shown" : "";
  return [
    `x = ${seen ? "shown(real())" : "real()"}  # m examples from p_data`,
    `fake = ${seen ? "shown(G(noise()).detach())" : "G(noise()).detach()"}  # no gradient reaches G`,
    ...(names.includes("r1") ? [] : ["s_real = D(x)[:, 0]"]),
    ...(names.includes("r2") ? [] : ["s_fake = D(fake)[:, 0]"]),
    ...(names.includes("wgan_gp") ? ["u = torch.rand(m, generator=mix_rng)[:, None]"] : []),
    ...names.map((name) => SLOPES[name][0]),
    `loss_D = ${LOSSES[s.loss][0]}`,
    ...looking.map(({ name, weight }) => `loss_D = loss_D + ${weight} * (${SLOPES[name as keyof typeof SLOPES][1]})`),
    "opt_D.zero_grad()", "loss_D.backward()", "opt_D.step()",
    ...(clip ? ["with torch.no_grad():", "    for weights in D.parameters():",
      `        weights.clamp_(-${clip.weight}, ${clip.weight})`] : []),
  ];
}

function generatorStep(s: Spec): string[] {
  const made = s.instance_noise ? "shown(G(noise()))" : "G(noise())";
  return [
    ...(s.loss === "relativistic" ? ["with torch.no_grad():",
      `    s_real = D(${s.instance_noise ? "shown(real())" : "real()"})[:, 0]`] : []),
    `s_fake = D(${made})[:, 0]`, `loss_G = ${LOSSES[s.loss][1]}`,
    "opt_G.zero_grad()", "loss_G.backward()", "opt_G.step()",
  ];
}

const SLOPE = ["def score_and_slope(x):", "    x = x.detach().requires_grad_()", "    s = D(x)[:, 0]",
  "    (slope,) = torch.autograd.grad(s.sum(), x, create_graph=True)", "    return s, slope", "", ""];

/** Python with nothing but PyTorch that trains the same GAN from the same seed; `notes` are said first. */
export function asPlainTorch(s: Spec, steps: number, notes: string[] = []): string {
  const body = [...sampler("real", "m examples from p_data", "data_rng", s.target),
    ...sampler("noise", "m noise vectors from p_z", "noise_rng", s.prior),
    ...(s.instance_noise ? ["def shown(x):  # what D is shown: with instance noise",
      `    return x + ${s.instance_noise} * torch.randn(x.shape, generator=augment_rng)`, "", ""] : []),
    ...(s.penalties.some((p) => p.name !== "clip") ? SLOPE : [])].join("\n");
  const loop = [...discriminatorStep(s), ...generatorStep(s)].join("\n"), uses = (word: string) =>
    (body + loop).includes(word);
  const functional = ["relu", "softplus"].filter((name) => loop.includes(name + "(")).join(", ");
  const deep = (lines: string[]) => lines.map((line) => "        " + line);
  return [
    ...notes.map((note) => "# " + note),
    ...(uses("math.") ? ["import math", ""] : []),
    "import torch", "from torch import nn",
    ...(uses("ndtri(") ? ["from torch.special import ndtri"] : []),
    ...(functional ? [`from torch.nn.functional import ${functional}`] : []), "",
    `steps, m, k, k_g, seed = ${steps}, ${s.batch}, ${s.k}, ${s.k_g}, ${s.seed}`,
    "torch.manual_seed(1000 * seed)",
    `G = ${net(s.generator)}`, `D = ${net(s.discriminator)}`,
    `opt_G = torch.optim.${optimiser("G", s.optimisers.generator)}`,
    `opt_D = torch.optim.${optimiser("D", s.optimisers.discriminator)}`,
    "# what is drawn for one purpose does not shift what is drawn for another",
    ...["data", "noise", "mix", "augment"].flatMap((name, i) => (uses(name + "_rng")
      ? [`${name}_rng = torch.Generator().manual_seed(1000 * seed + ${i + 1})`] : [])), "", "",
    ...(uses("uniform(") ? ["def uniform(columns, rng):  # in (0, 1), in double precision",
      "    return torch.rand(m, columns, generator=rng).double().clamp_(1e-12, 1 - 1e-12)", "", ""] : []),
    body + "for step in range(steps):",
    "    for _ in range(k):", ...deep(discriminatorStep(s)),
    "    for _ in range(k_g):", ...deep(generatorStep(s)),
    'print(f"after {steps} steps: loss of D {loss_D.item():.6f}, of G {loss_G.item():.6f}")', "",
  ].join("\n");
}
