/** Where the reader is in the space of z: the state as an address says it, and the point that follows from it. */
import { createLaw, NOISE, sample, Stream } from "../engine/views";
import { clamp, keep, named, type ViewHost } from "../ui/index";
import { between, type Generator } from "./latent-network";

export const SAMPLES = 20;
/** Of each way to explore: its name, and how many samples it takes. */
export const MODES: Record<string, [string, number]> = { point: ["one point", 1], walk: ["walk from A to B", 2],
  sum: ["A − B + C", 3] };
export const WAYS: Record<string, string> = { straight: "straight line", great_circle: "great circle" };

const START = { mode: "point", seed: 0, picks: [0, 1, 2], at: 0.5, way: "straight", shrink: 1, input: 0 };

export class Place {
  readonly s: typeof START & { z: number[] };
  readonly kept;
  /** the samples to pick from */
  sheet: number[][];
  #drawn = 0;

  constructor(host: ViewHost, readonly G: Generator) {
    this.sheet = this.draw(0);
    // a generator's first point is that of its own sheet, whatever the address says
    const { seed = 0, picks = [0] } = host.options;
    this.kept = keep(host, { ...START, z: this.draw(seed)[picks[0]] });
    this.s = this.kept.now;
  }

  /** The samples of gan_lab.random.PageStreams(seed), to two digits: what an address can carry is all there is. */
  draw(seed: number): number[][] {
    const d = this.G.inputs, law = createLaw({ name: "standard_normal", dim: d });
    const all = Array.from(sample(law, SAMPLES, new Stream(seed, NOISE)), (v) => +v.toFixed(2));
    return Array.from({ length: SAMPLES }, (_, i) => all.slice(i * d, i * d + d));
  }

  /** Whatever an address may say, as something that can be drawn. */
  settle(): void {
    const { s } = this, whole = (v: number, most: number) => clamp(Math.round(v), 0, most);
    s.mode = named(MODES, s.mode, "point");
    s.way = named(WAYS, s.way, "straight");
    s.seed = whole(s.seed, 1e6);
    s.picks = s.picks.map((i) => whole(i, SAMPLES - 1));
    s.input = whole(s.input, this.G.inputs);
    s.at = clamp(s.at, 0, 1);
    s.shrink = clamp(s.shrink, 0, 1.5);
    s.z = s.z.map((v) => clamp(v, -4, 4));
    if (this.#drawn !== s.seed) this.sheet = this.draw((this.#drawn = s.seed));
  }

  /** How many samples are picked. */
  get count(): number {
    return MODES[this.s.mode][1];
  }
  get picked(): number[][] {
    return this.s.picks.map((i) => this.sheet[i]);
  }
  get point(): number[] {
    const { s } = this, [a, b, c] = this.picked;
    if (s.mode === "walk") return between(a, b, s.at, s.way);
    return s.mode === "sum" ? a.map((v, i) => v - b[i] + c[i]) : s.z;
  }
  /** Where we are, as a point of the reader's own. */
  get mine(): number[] {
    return this.point.map((v) => +clamp(v, -4, 4).toFixed(2));
  }
  shrunk(z: number[]): number[] {
    return z.map((v) => v * this.s.shrink);
  }
  image(z: number[]) {
    return this.G.image(this.shrunk(z));
  }
}
