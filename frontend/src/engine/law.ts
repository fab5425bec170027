/** Laws of any dimension, by name: on the line, in the plane, and noise in a cube or from a round normal. */
import { check, createDistribution, DISTRIBUTIONS, interval, normalQuantile } from "./distributions.js";
import { unknown } from "./errors.js";
import { DATA, Stream } from "./philox.js";
import { createPlane, PLANES } from "./plane.js";
import type { CubeSpec, Distribution, DistributionSpec, Law, LawSpec, Numbers, PlaneSpec } from "./types.js";

const MOST_DIM = 1024;
/** how many real samples stand for the relativistic loss's partners where there is no batch */
const PARTNERS = 64;

const isPlane = (spec: LawSpec): spec is PlaneSpec => (PLANES as readonly string[]).includes(spec?.name);
const isLine = (law: Law): law is Distribution => "quantile" in law;

/** Every coordinate is the same function of a uniform of its own. */
function cube(spec: CubeSpec, quantile: (u: number) => number): Law {
  const { dim } = spec;
  check("dim", [dim], (d) => Number.isInteger(d) && d > 0 && d <= MOST_DIM, `a whole number from 1 to ${MOST_DIM}`);
  const fromUniform = (u: Numbers, at: number, out: Float64Array, to: number) => {
    for (let i = 0; i < dim; i++) out[to + i] = quantile(u[at + i]);
  };
  return { spec, dim, uniforms: dim, fromUniform };
}

/** The law that a spec names. Throws SpecError for unknown names and fields out of range. */
export function createLaw(spec: LawSpec): Law {
  if (isPlane(spec)) return createPlane(spec);
  if (spec?.name === "standard_normal") return cube({ name: "standard_normal", dim: spec.dim }, normalQuantile);
  if (spec?.name === "uniform_cube") {
    const { dim, low = -1, high = 1 } = spec;
    interval(low, high);
    return cube({ name: "uniform_cube", dim, low, high }, (u) => low + (high - low) * u);
  }
  if (!(DISTRIBUTIONS as readonly string[]).includes(spec?.name)) {
    throw unknown("distribution", (spec as { name?: unknown })?.name,
      [...DISTRIBUTIONS, ...PLANES, "standard_normal", "uniform_cube"]);
  }
  return createDistribution(spec as DistributionSpec);
}

/** Samples from their uniforms: (n, uniforms) -> (n, dim). */
export function push(law: Law, u: Numbers): Float64Array {
  const { dim, uniforms } = law;
  const n = u.length / uniforms;
  const out = new Float64Array(n * dim);
  for (let i = 0; i < n; i++) law.fromUniform(u, i * uniforms, out, i * dim);
  return out;
}

/** The next n samples of a stream, (n, dim). */
export function sample(law: Law, n: number, stream: Stream): Float64Array {
  const u = new Float64Array(n * law.uniforms);
  stream.fill(u, u.length);
  return push(law, u);
}

/** Real samples to compare with, the same ones whenever they are asked for. */
export function partners(target: Law): Float64Array {
  if (!isLine(target)) return sample(target, PARTNERS, new Stream(0, DATA));
  return Float64Array.from({ length: PARTNERS }, (_, i) => target.quantile((i + 0.5) / PARTNERS));
}
