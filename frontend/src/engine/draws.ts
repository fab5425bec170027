/** What a run is fed: each kind of number from a stream of its own, so that one never shifts another. */
import { normalQuantile } from "./distributions.js";
import { push } from "./law.js";
import { AUGMENTATION, DATA, MIX, NOISE, Stream } from "./philox.js";
import type { GanSpec, Law } from "./types.js";

type Laws = { readonly target: Law; readonly prior: Law; readonly spec: GanSpec };

export class Draws {
  readonly #streams: Stream[];
  #uniforms = new Float64Array(0);

  constructor(
    seed: number,
    readonly batch: number,
  ) {
    this.#streams = [DATA, NOISE, MIX, AUGMENTATION].map((id) => new Stream(seed, id));
  }

  /** n uniforms, in a buffer that the next draw overwrites. */
  #take(stream: number, n: number): Float64Array {
    if (this.#uniforms.length < n) this.#uniforms = new Float64Array(n);
    this.#streams[stream].fill(this.#uniforms, n);
    return this.#uniforms.subarray(0, n);
  }

  #sample(law: Law, stream: number): Float64Array {
    return push(law, this.#take(stream, this.batch * law.uniforms));
  }

  /** Instance noise for samples of the target's dimension, where the game has any. */
  #jitter({ target, spec: { instance_noise: std } }: Laws): Float64Array | undefined {
    return std ? this.#take(3, this.batch * target.dim).map((u) => std * normalQuantile(u)) : undefined;
  }

  #real(laws: Laws): Float64Array {
    const real = this.#sample(laws.target, 0);
    this.#jitter(laws)?.forEach((v, i) => (real[i] += v));
    return real;
  }

  /**
   * What a D step is fed; `mix`: the shares of real samples at the points where WGAN-GP looks, `jitter`: the instance noise of the
   * generated samples. The real ones have theirs already, drawn before it.
   */
  forD(laws: Laws, mixes: boolean) {
    const real = this.#real(laws), z = this.#sample(laws.prior, 1);
    return { real, z, mix: mixes ? this.#take(2, this.batch).slice() : undefined, jitter: this.#jitter(laws) };
  }

  /** What a G step is fed; real samples only where the generator's loss sees them. */
  forG(laws: Laws, sees: boolean) {
    const real = sees ? this.#real(laws) : undefined;
    return { real, z: this.#sample(laws.prior, 1), jitter: this.#jitter(laws) };
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
    return this.#streams.map((s) => s.position);
  }
  set positions(words: readonly number[]) {
    this.#streams.forEach((s, i) => (s.position = words[i]));
  }
}
