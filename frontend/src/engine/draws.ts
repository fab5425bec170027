/** What a run is fed: each kind of number from a stream of its own, so that one never shifts another. */
import { push } from "./law.js";
import { AUGMENTATION, DATA, MIX, NOISE, Stream } from "./philox.js";
import type { Law } from "./types.js";

export type Source = "data" | "noise" | "mix" | "augmentation";
const IDS: Record<Source, number> = { data: DATA, noise: NOISE, mix: MIX, augmentation: AUGMENTATION };

export class Draws {
  readonly #streams: Record<Source, Stream>;
  #uniforms = new Float64Array(0);

  constructor(
    seed: number,
    readonly batch: number,
  ) {
    this.#streams = Object.fromEntries(Object.entries(IDS).map(([name, id]) => [name, new Stream(seed, id)])) as
      Record<Source, Stream>;
  }

  /** n uniforms, in a buffer that the next draw overwrites. */
  uniforms(source: Source, n: number): Float64Array {
    if (this.#uniforms.length < n) this.#uniforms = new Float64Array(n);
    this.#streams[source].fill(this.#uniforms, n);
    return this.#uniforms.subarray(0, n);
  }

  /** A batch of a law's samples. */
  sample(law: Law, source: Source): Float64Array {
    return push(law, this.uniforms(source, this.batch * law.uniforms));
  }

  /** What `draw` will give next time, with nothing used up. */
  ahead<T>(draw: () => T): T {
    const before = this.positions;
    const drawn = draw();
    this.positions = before;
    return drawn;
  }

  /** Words consumed so far, of data, noise, mix, augmentation. */
  get positions(): readonly number[] {
    return Object.values(this.#streams).map((s) => s.position);
  }
  set positions(words: readonly number[]) {
    Object.values(this.#streams).forEach((s, i) => (s.position = words[i]));
  }
}
