/** Laws in the plane, with the names and fields of `gan_lab.data`: narrow normals around centres or along a curve. */
import { any, check, normalQuantile, positive } from "./distributions.js";
import { unknown } from "./errors.js";
import { type Numbers, type Plane, type PlaneSpec, SpecError } from "./types.js";

export const PLANES = ["ring", "grid", "points", "spiral", "moons", "sine_curve", "segment"] as const;

type Point = [number, number];

/** A picture shows this many standard deviations around what carries the mass. */
const REACH = 4;
/** points of a curve between which the density is integrated, as in `gan_lab.data.plane.Curve` */
const NODES = 4096;
const CUTOFF = 8;

/** Sums exp(-r^2 / 2 std^2) over the points within CUTOFF standard deviations; a grid of cells keeps the others out. */
function kernelSum(points: readonly Point[], std: number): (x: number, y: number) => number {
  const size = CUTOFF * std;
  const cells = new Map<string, Point[]>();
  const cell = (v: number) => Math.floor(v / size);
  for (const point of points) {
    const key = cell(point[0]) + "," + cell(point[1]);
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key)!.push(point);
  }
  return (x, y) => {
    let sum = 0;
    for (let i = cell(x) - 1; i <= cell(x) + 1; i++) {
      for (let j = cell(y) - 1; j <= cell(y) + 1; j++) {
        for (const [a, b] of cells.get(i + "," + j) ?? []) {
          sum += Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * std * std));
        }
      }
    }
    return sum;
  };
}

/** Normals of standard deviation std around a point that the first of three uniforms picks. */
function around(spec: PlaneSpec, std: number, nodes: readonly Point[], pick: (u: number) => Point,
  centres?: readonly Point[]): Plane {
  const sum = kernelSum(nodes, std);
  const scale = 1 / (nodes.length * 2 * Math.PI * std * std);
  const side = (i: 0 | 1): [number, number] => {
    const values = nodes.map((point) => point[i]);
    return [values.reduce((a, b) => Math.min(a, b)) - REACH * std,
      values.reduce((a, b) => Math.max(a, b)) + REACH * std];
  };
  return {
    spec, dim: 2, uniforms: 3, std, centres,
    box: [...side(0), ...side(1)],
    density: (x, y) => scale * sum(x, y),
    fromUniform(u: Numbers, at, out, to) {
      const [x, y] = pick(u[at]);
      out[to] = x + std * normalQuantile(u[at + 1]);
      out[to + 1] = y + std * normalQuantile(u[at + 2]);
    },
  };
}

function aroundPoints(spec: PlaneSpec, centres: readonly Point[], std: number): Plane {
  const n = centres.length;
  return around(spec, std, centres, (u) => centres[Math.min(n - 1, Math.floor(u * n))], centres);
}

/** `curve(t)` for t in (0, 1), uniform. */
function along(spec: PlaneSpec & { std: number }, curve: (t: number) => Point): Plane {
  const nodes = Array.from({ length: NODES }, (_, i) => curve((i + 0.5) / NODES));
  const gaps = nodes.slice(1).map(([x, y], i) => Math.hypot(x - nodes[i][0], y - nodes[i][1])).sort((a, b) => a - b);
  const gap = gaps[Math.floor(0.99 * (gaps.length - 1))];
  if (gap > spec.std) {
    const least = gap.toPrecision(1);
    throw new SpecError(`std is ${spec.std}: for an exact density of this ${spec.name} it must be at least ${least}.`);
  }
  return around(spec, spec.std, nodes, curve);
}

const moon = (t: number): Point => {
  const angle = Math.PI * (t < 0.5 ? 2 * t : 2 * t - 1);
  return t < 0.5 ? [Math.cos(angle) - 0.5, Math.sin(angle) - 0.25] : [0.5 - Math.cos(angle), 0.25 - Math.sin(angle)];
};

/** The law in the plane that a spec names. Throws SpecError for unknown names and fields out of range. */
export function createPlane(spec: PlaneSpec): Plane {
  const numbers = <T extends object>(fields: T): T => {
    for (const [name, v] of Object.entries(fields)) check(name, [v as number], positive, "a number > 0");
    return fields;
  };
  const whole = (name: string, n: number, most: number) =>
    check(name, [n], (v) => Number.isInteger(v) && v > 0 && v <= most, `a whole number from 1 to ${most}`);
  switch (spec?.name) {
    case "ring": {
      const { modes = 8, radius = 1, std = 0.01 } = spec;
      whole("modes", modes, 1000);
      numbers({ radius, std });
      const at = (i: number): Point => [radius * Math.cos((2 * Math.PI * i) / modes),
        radius * Math.sin((2 * Math.PI * i) / modes)];
      return aroundPoints({ name: "ring", modes, radius, std }, Array.from({ length: modes }, (_, i) => at(i)), std);
    }
    case "grid": {
      const { side = 5, spacing = 2, std = 0.05 } = spec;
      whole("side", side, 30);
      numbers({ spacing, std });
      const place = (i: number) => spacing * (i - (side - 1) / 2);
      const centres = Array.from({ length: side * side },
        (_, i): Point => [place(Math.floor(i / side)), place(i % side)]);
      return aroundPoints({ name: "grid", side, spacing, std }, centres, std);
    }
    case "points": {
      const { centres, std } = spec;
      numbers({ std });
      if (!Array.isArray(centres) || !centres.length || centres.some((point) => point?.length !== 2)) {
        throw new SpecError("centres must be a list of points [x, y], at least one.");
      }
      check("a centre", centres.flat(), any, "two finite numbers");
      return aroundPoints({ name: "points", centres, std }, centres, std);
    }
    case "spiral": {
      const { turns = 2, radius = 1, std = 0.02 } = spec;
      return along({ name: "spiral", ...numbers({ turns, radius, std }) }, (t) => {
        const r = Math.sqrt(t), angle = 2 * Math.PI * turns * r;
        return [radius * r * Math.cos(angle), radius * r * Math.sin(angle)];
      });
    }
    case "moons":
      return along({ name: "moons", ...numbers({ std: spec.std ?? 0.05 }) }, moon);
    case "sine_curve": {
      const { amplitude = 1, std = 0.05 } = spec;
      return along({ name: "sine_curve", ...numbers({ amplitude, std }) }, (t) => {
        const x = Math.PI * (2 * t - 1);
        return [x, amplitude * Math.sin(x)];
      });
    }
    case "segment": {
      const { length = 2, std = 0.05 } = spec;
      return along({ name: "segment", ...numbers({ length, std }) },
        (t) => [(length * (t - 0.5)) / Math.SQRT2, (length * (t - 0.5)) / Math.SQRT2]);
    }
    default:
      throw unknown("distribution in the plane", (spec as { name?: unknown } | undefined)?.name, PLANES);
  }
}
