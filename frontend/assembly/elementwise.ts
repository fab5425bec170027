/** Activations, losses and optimisers: everything that is done number by number. Addresses and counts are in floats. */
import { stride } from "./linear";
import { half, madd, one, oneMinusExp4, sigmoid4, softplus4, splat, tanh8, zero } from "./mathematics";

// the order of the names in src/engine/kernels.ts
const TANH = 0, RELU = 1, LEAKY_RELU = 2, SOFTPLUS = 3;
const MINIMAX = 0, NON_SATURATING = 1, LEAST_SQUARES = 2, WASSERSTEIN = 3, HINGE = 4;
const MOMENTUM = 1, RMSPROP = 2, ADAM = 3;
const SLOPE: f32 = 0.2;

// @ts-ignore: decorator
@inline
function choose(condition: v128, yes: v128, no: v128): v128 {
  return v128.bitselect(yes, no, condition);
}

/** A = phi(A), in place. */
export function activate(kind: i32, a: i32, rows: i32, columns: i32): void {
  const leak = splat(kind == LEAKY_RELU ? SLOPE : 0);
  for (let row = 0; row < rows; row++) {
    let p = <usize>(a + row * stride) << 2;
    const end = p + (<usize>columns << 2);
    if (kind == TANH) {
      for (; p < end; p += 32) tanh8(p);
    } else if (kind <= LEAKY_RELU) {
      for (; p < end; p += 16) {
        const z = v128.load(p);
        v128.store(p, f32x4.pmax(z, f32x4.mul(z, leak)));
      }
    } else {
      for (; p < end; p += 16) {
        const z = v128.load(p);
        v128.store(p, kind == SOFTPLUS ? softplus4(z) : sigmoid4(z));
      }
    }
  }
}

/** OUT = phi'(z) UP, where A = phi(z): each activation's slope is a function of its value. */
export function slope(kind: i32, out: i32, a: i32, up: i32, rows: i32, columns: i32): void {
  const toUp = <usize>(up - a) << 2, toOut = <usize>(out - a) << 2;
  const leak = splat(kind == LEAKY_RELU ? SLOPE : 0);
  // 1 - y^2 for tanh, y - y^2 for sigmoid
  const c0 = splat(kind == TANH ? 1 : 0), c1 = splat(kind == TANH ? 0 : 1);
  for (let row = 0; row < rows; row++) {
    let p = <usize>(a + row * stride) << 2;
    const end = p + (<usize>columns << 2);
    if (kind == SOFTPLUS) {
      for (; p < end; p += 16) v128.store(p + toOut, f32x4.mul(oneMinusExp4(v128.load(p)), v128.load(p + toUp)));
    } else if (kind == RELU || kind == LEAKY_RELU) {
      for (; p < end; p += 16) {
        const d = v128.load(p + toUp);
        v128.store(p + toOut, choose(f32x4.gt(v128.load(p), zero()), d, f32x4.mul(d, leak)));
      }
    } else {
      for (; p < end; p += 16) {
        const y = v128.load(p);
        v128.store(p + toOut, f32x4.mul(madd(y, f32x4.sub(c1, y), c0), v128.load(p + toUp)));
      }
    }
  }
}

/** OUT += phi''(z) / phi'(z) T D, for the activations that bend. */
export function bend(kind: i32, out: i32, a: i32, t: i32, d: i32, rows: i32, columns: i32): void {
  const toT = <usize>(t - a) << 2, toD = <usize>(d - a) << 2, toOut = <usize>(out - a) << 2;
  for (let row = 0; row < rows; row++) {
    let p = <usize>(a + row * stride) << 2;
    const end = p + (<usize>columns << 2);
    for (; p < end; p += 16) {
      const y = v128.load(p);
      let ratio: v128;
      if (kind == TANH) ratio = f32x4.neg(f32x4.add(y, y));
      else if (kind == SOFTPLUS) ratio = f32x4.sub(one(), oneMinusExp4(y));
      else ratio = f32x4.sub(one(), f32x4.add(y, y));
      const term = f32x4.mul(f32x4.mul(ratio, v128.load(p + toT)), v128.load(p + toD));
      v128.store(p + toOut, f32x4.add(v128.load(p + toOut), term));
    }
  }
}

// @ts-ignore: decorator
@inline
function add(at: usize, x: v128): void {
  const pair = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  store<f32>(at, load<f32>(at) + f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1));
}

/** 1 in the lanes that hold a sample, 0 beyond the last one. */
// @ts-ignore: decorator
@inline
function within(j: i32, n: i32): v128 {
  return choose(i32x4.lt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(n)), one(), zero());
}

/**
 * The discriminator's loss on scores r and f (n of them): adds its sum, and those of D(real) and D(fake), to the three
 * floats at `sums`, and writes the derivatives times `scale` to dr and df.
 */
export function lossD(kind: i32, r: i32, f: i32, dr: i32, df: i32, n: i32, scale: f32, sums: i32): void {
  const at = <usize>sums << 2;
  for (let j = 0; j < (n + 7 & -8); j += 4) {
    const x = v128.load(<usize>(r + j) << 2), y = v128.load(<usize>(f + j) << 2);
    const mask = within(j, n);
    let value: v128, gx: v128, gy: v128, px = x, py = y;
    if (kind <= NON_SATURATING) {
      value = f32x4.add(softplus4(f32x4.neg(x)), softplus4(y));
      gx = f32x4.neg(sigmoid4(f32x4.neg(x)));
      gy = sigmoid4(y);
      px = sigmoid4(x);
      py = gy;
    } else if (kind == LEAST_SQUARES) {
      gx = f32x4.sub(x, one());
      gy = y;
      value = f32x4.mul(half(), f32x4.add(f32x4.mul(gx, gx), f32x4.mul(y, y)));
    } else if (kind == WASSERSTEIN) {
      value = f32x4.sub(y, x);
      gx = f32x4.neg(one());
      gy = one();
    } else if (kind == HINGE) {
      const a = f32x4.sub(one(), x), b = f32x4.add(one(), y);
      value = f32x4.add(f32x4.pmax(a, zero()), f32x4.pmax(b, zero()));
      gx = choose(f32x4.gt(a, zero()), f32x4.neg(one()), zero());
      gy = choose(f32x4.gt(b, zero()), one(), zero());
    } else {
      const gap = f32x4.sub(y, x);
      value = softplus4(gap);
      gy = sigmoid4(gap);
      gx = f32x4.neg(gy);
      px = sigmoid4(x);
      py = sigmoid4(y);
    }
    const scaled = f32x4.mul(mask, splat(scale));
    v128.store(<usize>(dr + j) << 2, f32x4.mul(gx, scaled));
    v128.store(<usize>(df + j) << 2, f32x4.mul(gy, scaled));
    add(at, f32x4.mul(value, mask));
    add(at + 4, f32x4.mul(px, mask));
    add(at + 8, f32x4.mul(py, mask));
  }
}

/** The generator's loss, likewise; r is looked at by the relativistic loss only. */
export function lossG(kind: i32, r: i32, f: i32, df: i32, n: i32, scale: f32, sums: i32): void {
  for (let j = 0; j < (n + 7 & -8); j += 4) {
    const y = v128.load(<usize>(f + j) << 2);
    const mask = within(j, n);
    let value: v128, g: v128;
    if (kind == MINIMAX) {
      value = f32x4.neg(softplus4(y));
      g = f32x4.neg(sigmoid4(y));
    } else if (kind == LEAST_SQUARES) {
      g = f32x4.sub(y, one());
      value = f32x4.mul(half(), f32x4.mul(g, g));
    } else if (kind == WASSERSTEIN || kind == HINGE) {
      value = f32x4.neg(y);
      g = f32x4.neg(one());
    } else {
      let gap = f32x4.neg(y);
      if (kind != NON_SATURATING) gap = f32x4.add(gap, v128.load(<usize>(r + j) << 2));
      value = softplus4(gap);
      g = f32x4.neg(sigmoid4(gap));
    }
    v128.store(<usize>(df + j) << 2, f32x4.mul(g, f32x4.mul(mask, splat(scale))));
    add(<usize>sums << 2, f32x4.mul(value, mask));
  }
}

/**
 * One update of `count` parameters at p from gradients at g with moments at m and v. The meaning of a, b, c is that of
 * `Rates` in src/engine/kernels.ts; 1 - beta is passed, computed in double, as torch does.
 */
export function optimise(
  kind: i32, p: i32, g: i32, m: i32, v: i32, count: i32, rate: f32, a: f32, b: f32, c: f32, d: f32, eps: f32,
): void {
  const end = <usize>(p + count) << 2;
  const toG = <usize>(g - p) << 2, toM = <usize>(m - p) << 2, toV = <usize>(v - p) << 2;
  for (let at = <usize>p << 2; at < end; at += 16) {
    const gradient = v128.load(at + toG);
    let move = gradient;
    if (kind == MOMENTUM) {
      move = f32x4.add(f32x4.mul(v128.load(at + toM), splat(a)), gradient);
      v128.store(at + toM, move);
    } else if (kind >= RMSPROP) {
      const square = f32x4.mul(f32x4.mul(gradient, gradient), splat(d));
      const second = f32x4.add(f32x4.mul(v128.load(at + toV), splat(b)), square);
      v128.store(at + toV, second);
      if (kind == ADAM) {
        const first = v128.load(at + toM);
        move = f32x4.add(first, f32x4.mul(f32x4.sub(gradient, first), splat(a)));
        v128.store(at + toM, move);
      }
      move = f32x4.div(move, f32x4.add(f32x4.div(f32x4.sqrt(second), splat(c)), splat(eps)));
    }
    v128.store(at, f32x4.sub(v128.load(at), f32x4.mul(move, splat(rate))));
  }
}
