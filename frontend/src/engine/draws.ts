/** What a run is fed: each kind of number from a stream of its own, so that one never shifts another. */
import { push } from "./law.js";
import { DATA, MIX, NOISE, Stream } from "./philox.js";
import type { Law } from "./types.js";

export class Draws {
  readonly #streams: Stream[];
  #uniforms = new Float64Array(0);

  constructor(
    seed: number,
    readonly batch: number,
  ) {
    this.#streams = [DATA, NOISE, MIX].map((id) => new Stream(seed, id));
  }

  /** n uniforms, in a buffer that the next draw overwrites. */
  #take(stream: number, n: number): Float64Array {
    if (this.#uniforms.length < n) this.#uniforms = new Float64Array(n);
    this.#streams[stream].fill(this.#uniforms, n);
    return this.#uniforms.subarray(0, n);
  }

  real(target: Law): Float64Array {
    return push(target, this.#take(0, this.batch * target.uniforms));
  }

  noise(prior: Law): Float64Array {
    return push(prior, this.#take(1, this.batch * prior.uniforms));
  }

  /** The shares of real samples at the points where WGAN-GP looks. */
  mix(): Float64Array {
    return this.#take(2, this.batch);
  }

  /** Words consumed so far, of data, noise, mix. */
  get positions(): readonly number[] {
    return this.#streams.map((s) => s.position);
  }
  set positions(words: readonly number[]) {
    this.#streams.forEach((s, i) => (s.position = words[i]));
  }
}
