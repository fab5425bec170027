/**
 * Random numbers that are the same in every browser and in Python: Philox4x32-10 (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a function of a counter and a key with no hidden state.
 */

/** The high 32 bits of a product of two 32-bit words, from products of halves (each exact in 32 bits). */
function high(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const u = (Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16)) >>> 0;
  const v = (Math.imul(al, bh) + (u & 0xffff)) >>> 0;
  return (Math.imul(ah, bh) + (u >>> 16) + (v >>> 16)) | 0;
}

/** Four words from the counter c and the key (k0, k1), written to out from `at`. */
export function philox(
  c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array, at = 0,
): void {
  for (let round = 0; round < 10; round++) {
    const a = (high(0xd2511f53, c0) ^ c3 ^ k1) | 0;
    const b = (high(0xcd9e8d57, c2) ^ c1 ^ k0) | 0;
    c3 = Math.imul(0xd2511f53, c0);
    c1 = Math.imul(0xcd9e8d57, c2);
    c0 = b;
    c2 = a;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

export const INIT = 0;
export const DATA = 1;
export const NOISE = 2;
export const MIX = 3;
export const AUGMENTATION = 4;

/** One named stream of uniforms: its i-th word belongs to block i / 4 of the key (seed, stream). */
export class Stream {
  /** words consumed since the beginning */
  position = 0;
  #words = new Uint32Array(0);

  constructor(
    readonly seed: number,
    readonly id: number,
  ) {}

  /** The next n uniforms, (word + 1/2) / 2^32, never 0 nor 1. */
  fill(out: Float64Array, n: number): void {
    const lane = this.position % 4;
    const words = (lane + n + 3) & ~3;
    if (this.#words.length < words) this.#words = new Uint32Array(words);
    let block = (this.position - lane) / 4;
    for (let i = 0; i < words; i += 4, block++) {
      philox(block, block / 4294967296, 0, 0, this.seed, this.id, this.#words, i);
    }
    for (let i = 0; i < n; i++) out[i] = (this.#words[lane + i] + 0.5) / 4294967296;
    this.position += n;
  }
}
