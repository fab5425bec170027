import type { Memory } from "./kernels.js";

/**
 * The penalty of the slopes g of `count` samples, a feature a row at `from`: weight / 2 sum |g|^2 for centre 0 (R1,
 * R2), weight sum (|g| - 1)^2 for centre 1 (WGAN-GP). Writes its derivatives by the slopes to `to`; the columns beyond
 * the last sample, up to a multiple of eight, get zeros.
 */
export function penalise(
  memory: Memory, from: number, to: number, shape: { features: number; count: number; stride: number },
  weight: number, centre: 0 | 1,
): number {
  const { features, count, stride } = shape;
  let sum = 0;
  for (let j = 0; j < ((count + 7) & ~7); j++) {
    const end = from + j + features * stride;
    let square = 0;
    for (let i = from + j; i < end; i += stride) square += memory[i] ** 2;
    const norm = Math.sqrt(square);
    let factor = 0;
    if (j < count) {
      sum += centre ? (norm - 1) ** 2 : square / 2;
      // at g = 0 the norm has no derivative; 0 is the choice of PyTorch
      factor = centre ? (norm ? 2 - 2 / norm : 0) : 1;
    }
    for (let i = from + j; i < end; i += stride) memory[i + to - from] = factor * weight * memory[i];
  }
  return weight * sum;
}
