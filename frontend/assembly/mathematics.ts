/**
 * Elementary functions on four floats at once. The coefficients are minimax fits of the relative error, made for
 * this file (rational for tanh and log1p, polynomial for exp); in float32 arithmetic each function is within
 * about 3e-7 of the true value, relatively, over the whole line.
 */

// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/*
 * The coefficients lie in memory and are broadcast where they are used: as literals they would be sixteen bytes each,
 * in the module and in the loop.
 */
const TABLE = memory.data<f32>([
  // tanh: P, then Q
  2.4107645174347526e-11, -1.490727823148352e-8, 9.939556508631831e-6, 2.9921395837521608e-3,
  1.2984949949876345e-1, 9.999999834497232e-1,
  2.3809259097041526e-4, 2.405326960929266e-2, 4.631826795044841e-1, 1.0,
  // its range
  7.9, -7.9,
  // exp: the polynomial, then its range, 1 / log 2, and -log 2 in two parts, the first short enough to be exact
  1.38367721088022e-3, 8.374818305775538e-3, 4.1668226870447314e-2, 1.6666420146612984e-1, 4.999999207444751e-1, 1.0,
  88.3, -87.3, 1.4426950408889634, -0.693359375, 2.12194440e-4,
  // log1p: P, then Q
  3.417353164741729e-3, 2.3815977398481564e-1, 1.0662222711908746, 9.999999990610012e-1,
  7.528816483080694e-2, 6.879404373447782e-1, 1.5662221406838288, 1.0,
  // 1.5 * 2^23
  12582912.0,
  0.0, 0.5,
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(TABLE + (index << 2));
}

// @ts-ignore: decorator
@inline
export function zero(): v128 {
  return constant(32);
}

// @ts-ignore: decorator
@inline
export function one(): v128 {
  return constant(17);
}

// @ts-ignore: decorator
@inline
export function half(): v128 {
  return constant(33);
}

/** a b + c, in the order that kernels-wasm.ts looks for when it fuses the two where the processor can. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** One instruction each, unlike f32x4.min and max, and NaN stays NaN. */
// @ts-ignore: decorator
@inline
function clamp(x: v128, high: v128, low: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low);
}

/** x P(x^2) / Q(x^2) on [-7.9, 7.9], constant beyond, where the true value differs by less than 2.8e-7. */
// @ts-ignore: decorator
@inline
export function tanh4(z: v128): v128 {
  const x = clamp(z, constant(10), constant(11));
  const y = f32x4.mul(x, x);
  let p = madd(constant(0), y, constant(1));
  p = madd(p, y, constant(2));
  p = madd(p, y, constant(3));
  p = madd(p, y, constant(4));
  p = madd(p, y, constant(5));
  let q = madd(constant(6), y, constant(7));
  q = madd(q, y, constant(8));
  q = madd(q, y, constant(9));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** tanh of the eight floats at an address, in place: each coefficient is fetched once for two registers. */
// @ts-ignore: decorator
@inline
export function tanh8(at: usize): void {
  let c = constant(10), d = constant(11);
  const x = clamp(v128.load(at), c, d), u = clamp(v128.load(at, 16), c, d);
  const y = f32x4.mul(x, x), v = f32x4.mul(u, u);
  c = constant(1);
  d = constant(0);
  let p = madd(d, y, c), r = madd(d, v, c);
  c = constant(2);
  p = madd(p, y, c);
  r = madd(r, v, c);
  c = constant(3);
  p = madd(p, y, c);
  r = madd(r, v, c);
  c = constant(4);
  p = madd(p, y, c);
  r = madd(r, v, c);
  c = constant(5);
  p = madd(p, y, c);
  r = madd(r, v, c);
  c = constant(7);
  d = constant(6);
  let q = madd(d, y, c), s = madd(d, v, c);
  c = constant(8);
  q = madd(q, y, c);
  s = madd(s, v, c);
  c = constant(9);
  q = madd(q, y, c);
  s = madd(s, v, c);
  v128.store(at, f32x4.div(f32x4.mul(x, p), q));
  v128.store(at, f32x4.div(f32x4.mul(u, r), s), 16);
}

/** 2^n e^r with |r| <= log(2)/2; the argument is held inside what a float32 can represent. */
export function exp4(z: v128): v128 {
  const x = clamp(z, constant(18), constant(19));
  // adding 1.5 * 2^23 leaves the nearest integer n in the low bits
  const shifted = madd(x, constant(20), constant(31));
  const n = f32x4.sub(shifted, constant(31));
  const r = madd(n, constant(22), madd(n, constant(21), x));
  let p = madd(constant(12), r, constant(13));
  p = madd(p, r, constant(14));
  p = madd(p, r, constant(15));
  p = madd(p, r, constant(16));
  p = madd(p, r, constant(17));
  p = madd(p, r, constant(17));
  const power = i32x4.add(i32x4.shl(shifted, 23), constant(17));
  return f32x4.mul(p, power);
}

/** log(1 + u) for u in [0, 1]. */
// @ts-ignore: decorator
@inline
function log1p4(u: v128): v128 {
  let p = madd(constant(23), u, constant(24));
  p = madd(p, u, constant(25));
  p = madd(p, u, constant(26));
  let q = madd(constant(27), u, constant(28));
  q = madd(q, u, constant(29));
  q = madd(q, u, constant(30));
  return f32x4.div(f32x4.mul(u, p), q);
}

/** 1 / (1 + e^-x): exact to rounding in both tails, so that a confident player still feels a gradient. */
export function sigmoid4(x: v128): v128 {
  return f32x4.div(one(), f32x4.add(one(), exp4(f32x4.neg(x))));
}

/** log(1 + e^x) = max(x, 0) + log1p(e^-|x|): cannot overflow. */
export function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, zero()), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

/** 1 - e^-a for a >= 0, without cancellation near 0. */
// @ts-ignore: decorator
@inline
export function oneMinusExp4(a: v128): v128 {
  const t = tanh4(f32x4.mul(a, half()));
  return f32x4.div(f32x4.add(t, t), f32x4.add(one(), t));
}
