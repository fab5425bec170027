/** What a run is fed: each kind of number from a stream of its own, so that one never shifts another. */
import { push } from "./law.js";
import { DATA, MIX, NOISE, Stream } from "./philox.js";
import type { Law } from "./types.js";

type Laws = { readonly target: Law; readonly prior: Law };

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

  #sample(law: Law, stream: number): Float64Array {
    return push(law, this.#take(stream, this.batch * law.uniforms));
  }

  /** What a D step is fed; `mix`: the shares of real samples at the points where WGAN-GP looks. */
  forD({ target, prior }: Laws, mixes: boolean) {
    const real = this.#sample(target, 0), z = this.#sample(prior, 1);
    return { real, z, mix: mixes ? this.#take(2, this.batch).slice() : undefined };
  }

  /** What a G step is fed; real samples only where the generator's loss sees them. */
  forG({ target, prior }: Laws, sees: boolean) {
    const real = sees ? this.#sample(target, 0) : undefined;
    return { real, z: this.#sample(prior, 1) };
  }

  /** What `draw` will give next time, with nothing used up. */
  ahead<T>(draw: () => T): T {
    const before = this.positions;
    const drawn = draw();
    this.positions = before;
    return drawn;
  }

  /** Words consumed so far, of data, noise, mix. */
  get positions(): readonly number[] {
    return this.#streams.map((s) => s.position);
  }
  set positions(words: readonly number[]) {
    this.#streams.forEach((s, i) => (s.position = words[i]));
  }
}
