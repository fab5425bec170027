/**
 * The two matrix products of a multilayer perceptron. Activations lie feature by feature: row i holds feature i of
 * the samples, `stride` floats apart, so four samples travel in one register and nothing is ever transposed.
 * Addresses are in floats; columns come in eights.
 */
import { madd, zero } from "./mathematics";

export let stride: i32 = 0;

export function setStride(floats: i32): void {
  stride = floats;
}

// @ts-ignore: decorator
@inline
function broadcast(at: usize): v128 {
  return v128.load32_splat(at);
}

/** Four rows of C, 8 columns at a time; see `multiply`. Addresses are in bytes. */
// @ts-ignore: decorator
@inline
function fourRows(
  out: usize, a0: usize, step: usize, next: usize, b: usize, biases: usize, biased: bool, line: usize, depth: usize,
  wide: usize,
): void {
  for (let j: usize = 0; j < wide; j += 32) {
    let s00 = zero(), s10 = s00, s20 = s00, s30 = s00;
    if (biased) {
      s00 = broadcast(biases);
      s10 = broadcast(biases + 4);
      s20 = broadcast(biases + 8);
      s30 = broadcast(biases + 12);
    }
    let s01 = s00, s11 = s10, s21 = s20, s31 = s30;
    let w0 = a0, w1 = a0 + step, w2 = w1 + step, w3 = w2 + step;
    let x = b + j;
    const end = x + depth;
    while (x < end) {
      const x0 = v128.load(x), x1 = v128.load(x, 16);
      let w = broadcast(w0);
      s00 = madd(w, x0, s00);
      s01 = madd(w, x1, s01);
      w = broadcast(w1);
      s10 = madd(w, x0, s10);
      s11 = madd(w, x1, s11);
      w = broadcast(w2);
      s20 = madd(w, x0, s20);
      s21 = madd(w, x1, s21);
      w = broadcast(w3);
      s30 = madd(w, x0, s30);
      s31 = madd(w, x1, s31);
      w0 += next;
      w1 += next;
      w2 += next;
      w3 += next;
      x += line;
    }
    let to = out + j;
    put(to, s00, s01);
    put((to += line), s10, s11);
    put((to += line), s20, s21);
    put(to + line, s30, s31);
  }
}

/** One row of C. */
// @ts-ignore: decorator
@inline
function oneRow(
  out: usize, a: usize, next: usize, b: usize, at: usize, biased: bool, line: usize, depth: usize, wide: usize,
): void {
  for (let j: usize = 0; j < wide; j += 32) {
    let s0 = zero();
    if (biased) s0 = broadcast(at);
    let s1 = s0;
    let w = a;
    let x = b + j;
    const end = x + depth;
    while (x < end) {
      const weight = broadcast(w);
      s0 = madd(weight, v128.load(x), s0);
      s1 = madd(weight, v128.load(x, 16), s1);
      w += next;
      x += line;
    }
    put(out + j, s0, s1);
  }
}

// @ts-ignore: decorator
@inline
function put(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}

/**
 * C[m] = bias[m] + sum over k of A[m, k] B[k], where A[m, k] lies at a + m * rowStep + k * columnStep: forward with
 * steps (inputs, 1), backward with (1, inputs). bias < 0 means none.
 */
export function multiply(
  c: i32, a: i32, rowStep: i32, columnStep: i32, b: i32, bias: i32, rows: i32, inner: i32, columns: i32,
): void {
  const line = <usize>stride << 2, step = <usize>rowStep << 2, next = <usize>columnStep << 2, from = <usize>b << 2;
  const depth = <usize>inner * line, wide = <usize>columns << 2;
  let m = 0;
  for (; m + 4 <= rows; m += 4) {
    const weights = <usize>(a + m * rowStep) << 2, at = <usize>(bias + m) << 2;
    fourRows(<usize>(c + m * stride) << 2, weights, step, next, from, at, bias >= 0, line, depth, wide);
  }
  for (; m < rows; m++) {
    const weights = <usize>(a + m * rowStep) << 2, at = <usize>(bias + m) << 2;
    oneRow(<usize>(c + m * stride) << 2, weights, next, from, at, bias >= 0, line, depth, wide);
  }
}

/** The four sums over lanes of a, b, c and d, in one register. */
// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function accumulate4(at: usize, values: v128): void {
  v128.store(at, f32x4.add(v128.load(at), values));
}

// @ts-ignore: decorator
@inline
function accumulate(at: usize, lanes: v128): void {
  const pair = f32x4.add(lanes, v128.shuffle<f32>(lanes, lanes, 2, 3, 0, 1));
  // the lanes first: where real and generated samples pull a bias equally hard, nothing must remain for Adam to magnify
  store<f32>(at, load<f32>(at) + (f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1)));
}

/** G[o, i] += sum over samples of D[o] X[i]: the gradient of a layer's weights from its outputs' and its inputs. */
export function outer(g: i32, d: i32, x: i32, outputs: i32, inputs: i32, columns: i32): void {
  const line = <usize>stride << 2;
  const bytes = <usize>columns << 2;
  for (let o = 0; o < outputs; o += 2) {
    // an odd last row is paired with itself and its twin thrown away
    const twin = o + 1 < outputs;
    const d0 = <usize>(d + o * stride) << 2;
    const d1 = twin ? d0 + line : d0;
    const g0 = <usize>(g + o * inputs) << 2;
    const g1 = g0 + (<usize>inputs << 2);
    let i = 0;
    for (; i + 4 <= inputs; i += 4) {
      let s00 = zero(), s01 = s00, s02 = s00, s03 = s00;
      let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
      let x0 = <usize>(x + i * stride) << 2, x1 = x0 + line, x2 = x1 + line, x3 = x2 + line;
      let p0 = d0, p1 = d1;
      const end = d0 + bytes;
      while (p0 < end) {
        const e0 = v128.load(p0), e1 = v128.load(p1);
        let v = v128.load(x0);
        s00 = madd(e0, v, s00);
        s10 = madd(e1, v, s10);
        v = v128.load(x1);
        s01 = madd(e0, v, s01);
        s11 = madd(e1, v, s11);
        v = v128.load(x2);
        s02 = madd(e0, v, s02);
        s12 = madd(e1, v, s12);
        v = v128.load(x3);
        s03 = madd(e0, v, s03);
        s13 = madd(e1, v, s13);
        p0 += 16;
        p1 += 16;
        x0 += 16;
        x1 += 16;
        x2 += 16;
        x3 += 16;
      }
      const to = <usize>i << 2;
      accumulate4(g0 + to, sums(s00, s01, s02, s03));
      if (twin) accumulate4(g1 + to, sums(s10, s11, s12, s13));
    }
    for (; i < inputs; i++) {
      let s0 = zero(), s1 = s0;
      const row = <usize>(x + i * stride) << 2;
      for (let j: usize = 0; j < bytes; j += 16) {
        const v = v128.load(row + j);
        s0 = madd(v128.load(d0 + j), v, s0);
        s1 = madd(v128.load(d1 + j), v, s1);
      }
      const to = <usize>i << 2;
      accumulate(g0 + to, s0);
      if (twin) accumulate(g1 + to, s1);
    }
  }
}

/** G[o] += sum over samples of D[o]: the gradient of a layer's biases. */
export function rowSums(g: i32, d: i32, rows: i32, columns: i32): void {
  for (let o = 0; o < rows; o++) {
    let s = zero();
    const row = <usize>(d + o * stride) << 2;
    for (let j: usize = 0; j < <usize>columns << 2; j += 16) s = f32x4.add(s, v128.load(row + j));
    accumulate(<usize>(g + o) << 2, s);
  }
}
