/**
 * The illnesses, what speaks for and against each, and what each treatment does: all of it measured over ten seeds
 * (benchmarks/lessons.py).
 */
import { cures, games } from "../../../gan_lab/widgets/lessons.json";
import type { Tree } from "../plane/index";
import { fmt, t } from "../ui/index";
import type { Late } from "./verdict";

export type Case = keyof typeof games;
export const CASES = Object.keys(games) as Case[];

interface Illness {
  name: string;
  /** what in this run's traces says so */
  right(m: Late): string;
  /** what its traces would look like, and what is there instead */
  wrong(m: Late): string;
}

const small = (v: number) => (Math.abs(v) < 0.01 ? v.toExponential(0).replace("-", "−") : Math.abs(v) > 99 ? fmt(v, 0)
  : fmt(v));
/** How many modes are found, in the mean over the late part of the run: a clause. */
const found = (m: Late) => (m.total > 1 ? t("{0} of {1} modes are found", fmt(m.covered, 1), m.total)
  : t("the only mode is found {0} % of the time", fmt(100 * m.covered, 0)));
const low = (m: Late) => small(m.low), high = (m: Late) => small(m.high);

export const illnesses = (): Record<Case, Illness> => ({
  chase: {
    name: t("Mode collapse: the players chase each other from mode to mode"),
    right: (m) => t("The samples lie in one lump ({0}) and the lump never rests: the distance W jumps about between {1} and {2}. D refuses the place, G moves on.",
      found(m), low(m), high(m)),
    wrong: (m) => t("In a chase the samples lie in one lump, few modes are found, and the distance jumps about. Here {0}, and W stays between {1} and {2}.",
      found(m), low(m), high(m)),
  },
  dropped: {
    name: t("Modes dropped for good: G cannot take the shape"),
    right: (m) => t("Nothing moves any more (W stays between {1} and {2}), {0}, and D tells the two apart for ever: {3} on real, {4} on generated samples. G hears it and has no other shape to offer.",
      found(m), low(m), high(m), small(m.dReal), small(m.dFake)),
    wrong: (m) => t("Then some modes would be served well, others never, and D would go on telling the two apart. Here {0}, and D says {1} and {2}.",
      found(m), small(m.dReal), small(m.dFake)),
  },
  oscillation: {
    name: t("Oscillation: the players circle around the solution"),
    right: (m) => t("The cloud holds together and swings through the data: W rises and falls in a rhythm, between {1} and {2}, and {0}. Each player answers where the other was.",
      found(m), low(m), high(m)),
    wrong: (m) => t("A circling cloud holds together, passes through the data again and again, and W rises and falls in a rhythm. Here {0}, and W stays between {1} and {2}.",
      found(m), low(m), high(m)),
  },
  vanishing: {
    name: t("Vanishing gradient: a sure D teaches G nothing"),
    right: (m) => t("D answers {0} on real and {1} on generated samples: it is sure. The gradient that reaches G is {2}, and G stands where it began.",
      small(m.dReal), small(m.dFake), small(m.gradientG)),
    wrong: (m) => t("Then D would be sure, 1 on real and 0 on generated samples, and next to no gradient would reach G. Here D says {0} and {1}, and G's gradient is {2}.",
      small(m.dReal), small(m.dFake), small(m.gradientG)),
  },
  weak: {
    name: t("D too weak: G runs after an opinion that hardly changes"),
    right: (m) => t("D stays undecided ({0} and {1}) although the samples are miles away (W {2}): nobody corrects G, so it follows D's slope out of the picture.",
      small(m.dReal), small(m.dFake), small(m.w)),
    wrong: (m) => t("Then D would hesitate between samples that anyone can tell apart, and G would wander off. Here D says {0} and {1}, and W is {2}.",
      small(m.dReal), small(m.dFake), small(m.w)),
  },
  divergence: {
    name: t("Divergence: the scores run away and G is thrown out"),
    right: (m) => t("D's scores have no scale: they have run away to {0} on real and {1} on generated samples, with a loss of {2}. G was thrown out of the picture: W is {3}.",
      small(m.dReal), small(m.dFake), small(m.lossD), small(m.w)),
    wrong: (m) => t("Then D's answers would run away to large numbers and the samples would leave the picture. Here D says {0} on real and {1} on generated samples, and W is {2}.",
      small(m.dReal), small(m.dFake), small(m.w)),
  },
  healthy: {
    name: t("None: this run is healthy"),
    right: (m) => t("W is {1} beside a perfect sampler's few hundredths, and {0}. D at {2} and {3}: in this game undecided means that G has won, and losses that stop falling mean that both have learned.",
      found(m), small(m.w), small(m.dReal), small(m.dFake)),
    wrong: (m) => t("Look at the scores and their floors: {0}, with {1} of the samples on a mode, and W is {2}.",
      found(m), fmt(100 * m.highQuality, 0) + " %", small(m.w)),
  },
});

export const treatments = (): Record<string, string> => ({
  nothing: t("Change nothing"), beta9: t("Adam with more momentum, β₁ = 0.9"), slow: t("Much smaller learning rates"),
  k5: t("Five D steps for each G step"),
  beta0: t("Adam without momentum, β₁ = 0"), slowG: t("A quarter of G's learning rate"),
  noise16: t("Noise of 16 dimensions"), relativistic: t("The relativistic loss"),
  wideG: t("A larger generator"), r1: t("R1 penalty, γ = 1"), gp: t("WGAN-GP, λ = 1"),
  batch4: t("A batch four times as large"),
  non_saturating: t("The non-saturating loss"), fastG: t("Ten times G's learning rate"), adamG: t("Adam for G"),
  fastD: t("A quicker D: Adam, learning rate 0.002"), clip: t("Clip D's weights at 0.1"),
});

/** Why, whatever the verdict. */
export const why = (): Record<Case, Record<string, string>> => ({
  healthy: {
    nothing: t("Undecided is where this game ends."), beta9: t("Momentum carries both past each other."),
    slow: t("Nothing was too fast: it only takes longer."),
    k5: t("A D that is five steps ahead serves some modes at the others' cost."),
  },
  chase: {
    beta0: t("Without momentum neither is carried past the other's answer."),
    slowG: t("D now has the time to see all of the ring before G moves on."),
    slow: t("Both are slower: the same chase in slow motion."),
    noise16: t("More noise does not keep the samples apart: D's answer is the same for all of them."),
    relativistic: t("It helps some seeds; the momentum is still there."),
  },
  dropped: {
    wideG: t("Two layers of 32 units fold the plane as often as eight modes need."),
    noise16: t("The noise had enough dimensions; the folds were too few."),
    r1: t("A gentler D lets G spread over all modes, but eight units cannot be sharp eight times."),
    relativistic: t("No loss gives G a shape that it does not have."),
  },
  oscillation: {
    r1: t("A flat critic on the data is a brake that acts on the swing itself."),
    gp: t("It asks for slope 1 everywhere: the critic never comes to rest, and the swing goes on."),
    slow: t("Smaller steps on the same circle."), batch4: t("The swing was no noise: averaging does not stop it."),
  },
  vanishing: {
    non_saturating: t("Its gradient is steepest where D is sure that the samples are not real."),
    fastG: t("A longer step makes up for a small gradient: G arrives, too coarse to be sharp."),
    r1: t("It flattens D on the data, so a little gets through: too little in the time there is."),
    k5: t("D becomes surer still."), adamG: t(
      "It divides by the gradient's size: what is small is made large again, which is enough for about every second seed."),
      batch4: t("The mean of many vanishing gradients vanishes too."),
  },
  weak: {
    fastD: t("Now D's opinion changes as fast as G moves."),
    k5: t("Five times next to nothing is next to nothing."),
    wideG: t("G was never short of units, only of advice."), r1: t("It holds back the one who is already behind."),
  },
  divergence: {
    r1: t("Slope on the data now costs something: the scores get a scale."),
    non_saturating: t("A loss with a logarithm has a scale of its own: being surer earns less and less."),
    clip: t("The scores stay small, and so does every slope that G could follow: it stays near, and learns next to nothing."),
    batch4: t("The estimate was good; what it estimates has no bound."),
  },
});

/** The treatments of a case with their changes. */
export const changes = (name: Case): [string, Tree][] => Object.entries(cures[name]);
