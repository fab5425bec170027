/**
 * What several games need: labels as samples and as rows, and terms of losses beside the adversarial one. Each of those
 * writes its derivatives to `dy` and adds its value to the move's loss.
 */
import type { Draws, Source } from "../engine/draws";
import type { Pass } from "../engine/network";
import type { Piece, System } from "../engine/system";
import type { Law, Numbers } from "../engine/types";
import { SpecError } from "../engine/views";

/** A batch of labels 0 ... classes - 1, each as probable as any other. */
export const drawLabels = (draws: Draws, classes: number, source: Source): Float64Array =>
  draws.uniforms(source, draws.batch).map((u) => Math.floor(classes * u));

/** For each label a sample of the law that it names; all laws of one dimension. */
export function drawLabelled(draws: Draws, laws: readonly Law[], labels: Float64Array, source: Source): Float64Array {
  const { dim } = laws[0], uniforms = Math.max(...laws.map((law) => law.uniforms));
  const u = draws.uniforms(source, labels.length * uniforms), out = new Float64Array(labels.length * dim);
  labels.forEach((label, j) => laws[label].fromUniform(u, j * uniforms, out, j * dim));
  return out;
}

/** The labels of a piece's samples as rows, a class each: 1 where a sample is of it, else 0. */
export function oneHot(system: System, at: number, labels: Numbers, classes: number, piece: Piece): void {
  const { memory } = system.k;
  memory.fill(0, at, system.at(at, classes));
  for (let j = 0; j < piece.count; j++) memory[system.at(at, labels[piece.start + j]) + j] = 1;
}

/** weight * -log softmax(y)[label], summed over the piece. */
export function crossEntropy(
  system: System, { y, dy }: Pass, labels: Numbers, classes: number, piece: Piece, weight: number,
): void {
  const { memory } = system.k, logits = new Float64Array(classes);
  memory.fill(0, dy, system.at(dy, classes));
  for (let j = 0; j < piece.count; j++) {
    for (let c = 0; c < classes; c++) logits[c] = memory[system.at(y, c) + j];
    const most = Math.max(...logits), label = labels[piece.start + j];
    const log = most + Math.log(logits.reduce((sum, v) => sum + Math.exp(v - most), 0));
    for (let c = 0; c < classes; c++) {
      memory[system.at(dy, c) + j] = weight * (Math.exp(logits[c] - log) - Number(c === label));
    }
    system.add(weight * (log - logits[label]));
  }
}

/** weight * |y - x|_1, summed over the piece; x: rows of `features` features. */
export function absoluteError(
  system: System, { y, dy }: Pass, x: number, features: number, piece: Piece, weight: number,
): void {
  const { memory } = system.k;
  memory.fill(0, dy, system.at(dy, features));
  let sum = 0;
  system.each(features, piece, (place) => {
    const off = memory[y + place] - memory[x + place];
    sum += Math.abs(off);
    memory[dy + place] = weight * Math.sign(off);
  });
  system.add(weight * sum);
}

/** to += from, for rows of `features` features: where two networks pull at the same samples. */
export function addRows(system: System, to: number, from: number, features: number, piece: Piece): void {
  const { memory } = system.k;
  system.each(features, piece, (place) => (memory[to + place] += memory[from + place]));
}

/** Throws SpecError. */
export function notNegative(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) throw new SpecError(`${name} is ${value}: it must be a number >= 0.`);
}
