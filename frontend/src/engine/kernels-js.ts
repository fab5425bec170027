/** The kernels in plain JavaScript: in float64 the reference, in float32 what runs where WebAssembly is refused. */
import { type Kernels, LEAKY_SLOPE, type Memory } from "./kernels.js";

/** PyTorch's softplus is x itself beyond 20, 2e-9 off: what float64 is compared with, and nothing to a float32. */
const STRAIGHT = 20;
const softplus = (x: number) => (x > STRAIGHT ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** softplus's derivative */
const rise = (x: number) => (x > STRAIGHT ? 1 : sigmoid(x));

// in the order of the names in kernels.ts
const VALUE: ((z: number) => number)[] = [
  Math.tanh,
  (z) => Math.max(z, 0),
  (z) => Math.max(z, LEAKY_SLOPE * z),
  softplus,
  sigmoid,
];
const SLOPE: ((a: number) => number)[] = [
  (a) => 1 - a * a,
  (a) => (a > 0 ? 1 : 0),
  (a) => (a > 0 ? 1 : LEAKY_SLOPE),
  (a) => (a > STRAIGHT ? 1 : -Math.expm1(-a)),
  (a) => a * (1 - a),
];
const BEND: ((a: number) => number)[] = [
  (a) => -2 * a,
  () => 0,
  () => 0,
  (a) => (a > STRAIGHT ? 0 : Math.exp(-a)),
  (a) => 1 - 2 * a,
];

/** [loss, its derivatives by r and f] of one sample */
const LOSS_D: ((r: number, f: number) => [number, number, number])[] = [
  (r, f) => [softplus(-r) + softplus(f), -rise(-r), rise(f)],
  (r, f) => [softplus(-r) + softplus(f), -rise(-r), rise(f)],
  (r, f) => [((r - 1) ** 2 + f * f) / 2, r - 1, f],
  (r, f) => [f - r, -1, 1],
  (r, f) => [Math.max(1 - r, 0) + Math.max(1 + f, 0), r < 1 ? -1 : 0, f > -1 ? 1 : 0],
  (r, f) => [softplus(f - r), -rise(f - r), rise(f - r)],
];
/** [loss, its derivative by f] */
export const LOSS_G: ((r: number, f: number) => [number, number])[] = [
  (_, f) => [-softplus(f), -rise(f)],
  (_, f) => [softplus(-f), -rise(-f)],
  (_, f) => [(f - 1) ** 2 / 2, f - 1],
  (_, f) => [-f, -1],
  (_, f) => [-f, -1],
  (r, f) => [softplus(r - f), -rise(r - f)],
];
/** Whether D(x) is sigmoid(score), as for the losses with a logarithm; else it is the score itself. */
const LOGISTIC = [true, true, false, false, false, true];

function products(memory: Memory, stride: number): Pick<Kernels, "multiply"> {
  return {
    multiply(c, a, rowStep, columnStep, b, bias, rows, inner, columns) {
      for (let m = 0; m < rows; m++) {
        const to = c + m * stride;
        memory.fill(bias < 0 ? 0 : memory[bias + m], to, to + columns);
        let k = 0;
        // four terms at a time: the sum is loaded and stored a quarter as often
        for (; k + 4 <= inner; k += 4) {
          const at = a + m * rowStep + k * columnStep;
          const w0 = memory[at];
          const w1 = memory[at + columnStep];
          const w2 = memory[at + 2 * columnStep];
          const w3 = memory[at + 3 * columnStep];
          const x0 = b + k * stride;
          const x1 = x0 + stride;
          const x2 = x1 + stride;
          const x3 = x2 + stride;
          for (let j = 0; j < columns; j++) {
            memory[to + j] += w0 * memory[x0 + j] + w1 * memory[x1 + j] + w2 * memory[x2 + j] + w3 * memory[x3 + j];
          }
        }
        for (; k < inner; k++) {
          const w = memory[a + m * rowStep + k * columnStep];
          const x = b + k * stride;
          for (let j = 0; j < columns; j++) memory[to + j] += w * memory[x + j];
        }
      }
    },
  };
}

function gradients(memory: Memory, stride: number): Pick<Kernels, "outer" | "rowSums"> {
  // A sum is rounded before it is added: where real and generated samples pull a bias equally hard, nothing must remain
  // for Adam to magnify.
  const round = memory instanceof Float32Array ? Math.fround : Number;
  return {
    outer(g, d, x, outputs, inputs, columns) {
      for (let o = 0; o < outputs; o++) {
        const row = d + o * stride;
        let i = 0;
        for (; i + 4 <= inputs; i += 4) {
          const x0 = x + i * stride;
          const x1 = x0 + stride;
          const x2 = x1 + stride;
          const x3 = x2 + stride;
          let s0 = 0;
          let s1 = 0;
          let s2 = 0;
          let s3 = 0;
          for (let j = 0; j < columns; j++) {
            const e = memory[row + j];
            s0 += e * memory[x0 + j];
            s1 += e * memory[x1 + j];
            s2 += e * memory[x2 + j];
            s3 += e * memory[x3 + j];
          }
          const at = g + o * inputs + i;
          memory[at] += round(s0);
          memory[at + 1] += round(s1);
          memory[at + 2] += round(s2);
          memory[at + 3] += round(s3);
        }
        for (; i < inputs; i++) {
          let s = 0;
          for (let j = 0; j < columns; j++) s += memory[row + j] * memory[x + i * stride + j];
          memory[g + o * inputs + i] += round(s);
        }
      }
    },

    rowSums(g, d, rows, columns) {
      for (let o = 0; o < rows; o++) {
        let s = 0;
        for (let j = 0; j < columns; j++) s += memory[d + o * stride + j];
        memory[g + o] += round(s);
      }
    },
  };
}

function elementwise(memory: Memory, stride: number): Pick<Kernels, "activate" | "slope" | "bend"> {
  return {
    activate(kind, a, rows, columns) {
      const value = VALUE[kind];
      for (let i = a; i < a + rows * stride; i += stride) {
        for (let j = i; j < i + columns; j++) memory[j] = value(memory[j]);
      }
    },

    slope(kind, out, a, up, rows, columns) {
      const slope = SLOPE[kind];
      for (let i = 0; i < rows * stride; i += stride) {
        for (let j = i; j < i + columns; j++) memory[out + j] = slope(memory[a + j]) * memory[up + j];
      }
    },

    bend(kind, out, a, t, d, rows, columns) {
      const bend = BEND[kind];
      for (let i = 0; i < rows * stride; i += stride) {
        for (let j = i; j < i + columns; j++) memory[out + j] += bend(memory[a + j]) * memory[t + j] * memory[d + j];
      }
    },
  };
}

function losses(memory: Memory, stride: number): Pick<Kernels, "lossD" | "lossG"> {
  return {
    lossD(kind, r, f, dr, df, n, scale, sums) {
      const seen = LOGISTIC[kind] ? sigmoid : Number;
      for (let j = 0; j < n; j++) {
        const [value, gr, gf] = LOSS_D[kind](memory[r + j], memory[f + j]);
        memory[dr + j] = gr * scale;
        memory[df + j] = gf * scale;
        memory[sums] += value;
        memory[sums + 1] += seen(memory[r + j]);
        memory[sums + 2] += seen(memory[f + j]);
      }
      memory.fill(0, dr + n, dr + stride);
      memory.fill(0, df + n, df + stride);
    },

    lossG(kind, r, f, df, n, scale, sums) {
      for (let j = 0; j < n; j++) {
        const [value, g] = LOSS_G[kind](memory[r + j], memory[f + j]);
        memory[df + j] = g * scale;
        memory[sums] += value;
      }
      memory.fill(0, df + n, df + stride);
    },
  };
}

function optimisers(memory: Memory): Pick<Kernels, "optimise"> {
  return {
    optimise(kind, p, g, m, v, count, rate, a, b, c, d, eps) {
      for (let i = 0; i < count; i++) {
        const gradient = memory[g + i];
        let move = gradient;
        if (kind === 1) {
          move = memory[m + i] = a * memory[m + i] + gradient;
        } else if (kind >= 2) {
          const second = (memory[v + i] = b * memory[v + i] + d * gradient * gradient);
          if (kind === 3) move = memory[m + i] += a * (gradient - memory[m + i]);
          move /= Math.sqrt(second) / c + eps;
        }
        memory[p + i] -= rate * move;
      }
    },
  };
}

export function createJsKernels(memory: Memory, stride: number): Kernels {
  return {
    backend: "js", memory,
    ...products(memory, stride), ...gradients(memory, stride), ...elementwise(memory, stride),
    ...losses(memory, stride),
    ...optimisers(memory),
  };
}
