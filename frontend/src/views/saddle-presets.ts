/** The laboratory's experiments: each shows one thing, and asks for one or two. */
import type { Z } from "./saddle-games";
import { GAMES, type Payoffs } from "./payoffs";

/** The whole state, as the address says it. */
export interface Lab {
  preset: string;
  game: string;
  /** a, p, q of V = a x y + p x²/2 − q y²/2 */
  quadratic: [number, number, number];
  loss: string;
  /** γ of R1, γ of R2, λ of WGAN-GP, bound on |ψ| (0: none), instance noise */
  penalties: [number, number, number, number, number];
  matrix: string;
  A: Payoffs;
  B: Payoffs;
  eta: number;
  ratio: number;
  beta: number;
  alpha: number;
  betas: Z;
  turns: boolean;
  start: Z;
  methods: string;
  steps: number;
  averages: boolean;
}

export const START: Lab = {
  preset: "leave", game: "quadratic", quadratic: [1, 0, 0], loss: "non_saturating", penalties: [0, 0, 0, 0, 0],
  matrix: "pennies",
  A: GAMES.pennies[1], B: GAMES.pennies[2], eta: 0.2, ratio: 1, beta: -0.5, alpha: 0.99, betas: [0.9, 0.999],
  turns: true, start: [1, 0.6],
  methods: "SAE", steps: 0, averages: false,
};

const matrix = (name: string) => ({ game: "matrix", matrix: name, A: GAMES[name][1], B: GAMES[name][2] });
const dirac = { game: "dirac", start: [1, 0.5] as Z, eta: 0.1, steps: 300 };

/** Name: title, what differs from START, what is to be seen, what to try. */
export const PRESETS: Record<string, [string, Partial<Lab>, string, string]> = {
  leave: ["Simultaneous steps leave", { methods: "S", steps: 40, start: [1, 0] },
    "Every step is a tangent of a circle and ends outside it: the squared distance grows by exactly 1 + η², for every η.",
    "Four times smaller, η = 0.05: four times as many steps until the distance has doubled, or more? Then tick K, which follows the field itself."],
  ellipse: ["Alternating steps circle for ever", { methods: "A", eta: 0.5, steps: 200, averages: true, start: [1, 0] },
    "Whoever moves second answers where the first one now is, and x² + y² − ηxy never changes: an ellipse. The ring is the mean of the walk.",
    "Let y learn four times as fast as x: does the ellipse open? Raise η until it does. Which product of the two rates is too much?"],
  ahead: ["Extragradient: a quarter a step", { methods: "E", eta: 0.71, steps: 30 },
    "Looking one step ahead brings both in. The factor 1 − η² + η⁴ is smallest, 3/4, at η = 1/√2.",
    "At η = 1.00, what is left of the gain? Tick P, which solves for the point of arrival: has it a best η too?"],
  cliff: ["Optimism falls off a cliff", { methods: "O", eta: 0.57, steps: 120 },
    "One gradient a step and the memory of the last: fastest at η = 1/2, where two roots meet, and outside the circle from η = 1/√3 = 0.577 on.",
    "Set η to 0.50, then to 0.58, and watch the roots r: which one leaves the circle?"],
  momentum: ["Momentum, and its opposite", { methods: "M", eta: 0.5, steps: 100 },
    "In turns, a negative momentum takes back a part of the last move and comes in; every positive one leaves.",
    "Which β is best, and from where on is it too negative? Then let both move at once: is there any β that helps?"],
  adam: ["Adam, and why β₁ = 0.5", { ...dirac, methods: "AD", eta: 0.05, steps: 1500 },
    "Adam divides by the size of past gradients, so its steps do not shrink near the equilibrium, and no eigenvalue tells its fate. With β₁ = 0.9 it circles farther out than the plain step.",
    "Set β₁ to 0.5, where most GANs have it, then to 0. Then let both move at once: is it still as good?"],
  scales: ["Who is faster decides", { quadratic: [1, -0.3, 1], methods: "S", eta: 0.1, steps: 200 },
    "Here x sits on a hilltop, p = −0.3, and no saddle point is there. Yet with equal rates both come in: y answers fast enough to turn the hill round.",
    "Slow y down to 0.25 of x's rate, below 0.3. Then speed it up: is this an equilibrium, or only a fact about y's learning rate?"],
  dirac: ["The smallest GAN circles", { ...dirac, methods: "SA" },
    "The data sit at 0, the generator at θ, the discriminator is a line of slope ψ. With a logistic loss λ = ±i/2: it turns and nothing pulls.",
    "Go through the losses. Which of them change the eigenvalues, and which change only the shape of the orbit far away?"],
  r1: ["R1: a pull, up to a point", { ...dirac, penalties: [0.5, 0, 0, 0, 0], methods: "SA" },
    "A penalty on the slope moves both eigenvalues to the left: λ = −γ/2 ± √(γ²/4 − 1/4). Below γ = 1 the players spiral in.",
    "Raise γ to 1, where turning stops, then to 4. More penalty, and slower: which of the two eigenvalues holds it up?"],
  noise: ["Noise is a penalty", { ...dirac, penalties: [0, 0, 0, 0, 1], methods: "SA" },
    "Noise of standard deviation σ on real and fake points alike: no penalty is written down, and yet λ is that of R1 with γ = σ²/2.",
    "At which σ does the turning stop? Then take the Wasserstein loss, or hinge: why does noise leave λ alone there?"],
  wgan: ["WGAN-GP does not arrive", { ...dirac, loss: "wasserstein", penalties: [0, 0, 0.5, 0, 0], eta: 0.05,
    methods: "SA", steps: 600 },
    "The penalty λ(|ψ| − 1)² wants a slope of ±1, the equilibrium a slope of 0: the field jumps at ψ = 0, and they circle for ever.",
    "Raise λ to 1: now they do settle, but where? Then λ = 0 and clip at 0.3, then R1 with γ = 1: which one ends at the data?"],
  pennies: ["Matching pennies", { ...matrix("pennies"), methods: "SE", eta: 0.1, start: [0.8, 0.4], steps: 150 },
    "The bilinear game in a box: near the middle steps of η act like 4η on xy. Simultaneous steps leave until they run along the walls.",
    "Tick F, fictitious play, and mark the means. Whose state arrives, and whose mean?"],
  dilemma: ["The prisoner's dilemma is easy",
    { ...matrix("dilemma"), methods: "SAE", eta: 0.05, start: [0.95, 0.9], steps: 60 },
    "Not zero-sum, and every method arrives: defecting pays more whatever the other does, so both gradients point into the corner and the walls hold them.",
    "Raise what cooperation pays, 3 to 6, for both. What is dominated now, and where do they go?"],
  stag: ["Between two equilibria", { ...matrix("stag"), methods: "S", eta: 0.05, start: [0.74, 0.7], steps: 60 },
    "Two pure equilibria, and a mixed one between them that repels: one eigenvalue is positive. Where you begin decides where you end.",
    "Move the start by one arrow key at a time across the line between the basins. Then start at (0.70, 0.80), on it, and tick A: whom does moving first help?"],
};
