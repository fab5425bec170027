/** What the latent explorer computes: a quantised perceptron, its derivatives, ways between two points, neighbours. */
import { t } from "../ui/index";

/** What gan_lab.runs.record_generator writes. */
export interface Recorded {
  sizes: number[]; activation: string; final: string;
  /** Channels, height, width. */
  image: [number, number, number];
  /** How many training images, and in how many greys. */
  bank: number; levels: number;
  scores: { psnr: number; closeness: number; generated: number[]; real: number[]; sensitivity: number[]; energy: number;
    floor: number };
  recipe: { system: string; steps: number; batch: number; seed: number; data: { name: string; source?: string } };
  hardware: { cpu: string }; versions: Record<string, string>; date: string; seconds: number | null; command: string;
  /** Deflated, in base64. */
  bytes: string;
}

type Numbers = Float64Array;
interface Layer { weight: Numbers; bias: Numbers; inputs: number; units: number; activation: string }

const value = (name: string, a: number) => (name === "tanh" ? Math.tanh(a) : a > 0 ? a : name === "relu" ? 0 : 0.2 * a);
/** Of the activation, where it has the value `y`. */
const slope = (name: string, y: number) => (name === "tanh" ? 1 - y * y : y > 0 ? 1 : name === "relu" ? 0 : 0.2);

const inflate = async (text: string): Promise<ArrayBuffer> => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
};
const damaged = () => new Error(t("The generator's file is damaged: record it again, or fetch this page's folder anew."));

export class Generator {
  /** The training images at half the side, in [-1, 1], one after the other. */
  readonly bank: Float32Array;
  readonly labels: Uint8Array;
  readonly half: [number, number];
  readonly #values: Numbers[];

  static async open(file: Recorded): Promise<Generator> {
    const raw = await inflate(file.bytes).catch(() => {
      throw damaged();
    });
    return new Generator(file, raw);
  }

  private constructor(readonly file: Recorded, raw: ArrayBuffer) {
    const { sizes, image: [channels, height, width], bank, levels } = file;
    this.half = [width / 2, height / 2];
    const pixels = (channels * height * width) / 4;
    let at = 0;
    const take = <T>(Kind: new (buffer: ArrayBuffer) => T, bytes: number): T => {
      if (at + bytes > raw.byteLength) throw damaged();
      return new Kind(raw.slice(at, (at += bytes)));
    };
    this.layers = sizes.slice(1).map((units, i) => {
      const inputs = sizes[i], scale = take(Float32Array, 4 * units),
        bias = Float64Array.from(take(Float32Array, 4 * units));
      // the products are rounded as PyTorch has them
      const weight = Float64Array.from(take(Int8Array, units * inputs),
        (w, k) => Math.fround(w * scale[Math.floor(k / inputs)]));
      return { weight, bias, inputs, units, activation: i === sizes.length - 2 ? file.final : file.activation };
    });
    this.labels = take(Uint8Array, bank);
    this.bank = Float32Array.from(take(Uint8Array, bank * pixels), (v) => (v / (levels - 1)) * 2 - 1);
    this.#values = sizes.map((size) => new Float64Array(size));
  }
  private readonly layers: Layer[];

  get inputs(): number {
    return this.file.sizes[0];
  }

  /** The image of z, in [-1, 1]. */
  image(z: ArrayLike<number>): Numbers {
    this.#values[0].set(z);
    this.layers.forEach(({ weight, bias, inputs, units, activation }, l) => {
      const x = this.#values[l], y = this.#values[l + 1];
      for (let i = 0, k = 0; i < units; i++) {
        let sum = bias[i];
        for (let j = 0; j < inputs; j++) sum += weight[k++] * x[j];
        y[i] = value(activation, sum);
      }
    });
    return this.#values.at(-1)!.slice();
  }

  /** dG/dz at z: for every pixel its derivatives by all inputs. */
  jacobian(z: ArrayLike<number>): Numbers {
    this.image(z);
    const d = this.inputs;
    let tangents = new Float64Array(d * d);
    for (let j = 0; j < d; j++) tangents[j * d + j] = 1;
    this.layers.forEach(({ weight, inputs, units, activation }, l) => {
      const next = new Float64Array(units * d), y = this.#values[l + 1];
      for (let i = 0, k = 0; i < units; i++) {
        const s = slope(activation, y[i]);
        for (let j = 0; j < inputs; j++) {
          const w = weight[k++] * s;
          for (let c = 0; c < d; c++) next[i * d + c] += w * tangents[j * d + c];
        }
      }
      tangents = next;
    });
    return tangents;
  }

  /** The training image nearest to this one, and how far it is: at half the side, where a pixel stands for four. */
  nearest(image: ArrayLike<number>): { index: number; distance: number; label: number } {
    const [w] = this.half, pixels = this.bank.length / this.file.bank, small = new Float64Array(pixels);
    for (let k = 0; k < pixels; k++) {
      const corner = Math.floor(k / w) * 4 * w + (k % w) * 2;
      small[k] = (image[corner] + image[corner + 1] + image[corner + 2 * w] + image[corner + 2 * w + 1]) / 4;
    }
    let index = 0, least = Infinity;
    for (let n = 0, k = 0; n < this.file.bank; n++) {
      let sum = 0;
      for (let i = 0; i < pixels; i++) sum += (this.bank[k++] - small[i]) ** 2;
      if (sum < least) [least, index] = [sum, n];
    }
    return { index, distance: 2 * Math.sqrt(least), label: this.labels[index] };
  }

  known(index: number): Float32Array {
    const pixels = this.bank.length / this.file.bank;
    return this.bank.subarray(index * pixels, (index + 1) * pixels);
  }
}

export const length = (z: ArrayLike<number>): number => Math.hypot(...Array.from(z));

/** The point at `by` in [0, 1] of the way from a to b: gan_lab.explain.interpolate. */
export function between(a: number[], b: number[], by: number, how: string): number[] {
  const line = a.map((v, i) => v * (1 - by) + b[i] * by), p = length(a), q = length(b);
  if (how === "straight") return line;
  const angle = 2 * Math.atan2(length(a.map((v, i) => v / p - b[i] / q)), length(a.map((v, i) => v / p + b[i] / q)));
  // along one ray the circle is straight; between opposite points, or from the origin, there is none
  if (!(angle > 1e-5 && Math.PI - angle > 1e-5)) return line;
  const u = Math.sin((1 - by) * angle) / Math.sin(angle), v = Math.sin(by * angle) / Math.sin(angle),
    r = p * (1 - by) + q * by;
  return a.map((x, i) => ((x / p) * u + (b[i] / q) * v) * r);
}

/** The share of a law below x, of which `quantiles` are evenly spaced. */
export function share(quantiles: number[], x: number): number {
  const last = quantiles.length - 1, i = quantiles.findIndex((q) => q > x);
  if (i <= 0) return i ? 1 : 0;
  return (i - 1 + (x - quantiles[i - 1]) / (quantiles[i] - quantiles[i - 1])) / last;
}
