/** What a run is fed: each kind of number from a stream of its own, so that one never shifts another. */
import { DATA, MIX, NOISE, Stream } from "./philox.js";
import type { Distribution } from "./types.js";

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

  #sample(distribution: Distribution, stream: number): Float64Array {
    const { uniforms } = distribution;
    const u = this.#take(stream, this.batch * uniforms);
    const out = new Float64Array(this.batch);
    for (let i = 0; i < out.length; i++) out[i] = distribution.fromUniform(u, i * uniforms);
    return out;
  }

  real(target: Distribution): Float64Array {
    return this.#sample(target, 0);
  }

  noise(prior: Distribution): Float64Array {
    return this.#sample(prior, 1);
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
