/**
 * The verdict on an answer, by the very rules that Python goes by (gan_lab/classroom/rules.py parses them, questions.py
 * lays them in the page): trees of lists, and sentences with blanks.
 */
type Tree = number | string | [string, ...Tree[]];
/** When it holds, what is said, and whether the answer is right then. */
type Rule = [Tree, string, boolean];
export type Scope = Record<string, unknown>;
/** Bars of equal width from low to high. */
interface Drawn { heights: number[]; low: number; high: number }

/** The sum of f over the bars, each with its share, its middle, and the bars' width. */
function overBars({ heights, low, high }: Drawn, f: (share: number, x: number, width: number) => number): number {
  const all = heights.reduce((a, b) => a + b, 0), width = (high - low) / heights.length;
  return heights.reduce((sum, one, i) => sum + f(one / all, low + (i + 0.5) * width, width), 0);
}

const normal = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
/** x log(x / m), 0 where x is. */
const relative = (x: number, m: number) => (x > 0 ? x * Math.log(x / m) : 0);

function bestValueApart(distance: number): number {
  const dx = (16 + distance) / 4000;
  let jsd = 0;
  for (let i = 0; i <= 4000; i++) {
    const p = normal(-8 + i * dx), q = normal(-8 + i * dx - distance), m = (p + q) / 2;
    jsd += (relative(p, m) + relative(q, m)) / 2 * dx;
  }
  return 2 * jsd - Math.log(4);
}

function leavesSeen(leaves: number[], branches: number): number {
  const size = Math.floor(leaves.length / branches);
  let best = -Infinity, seen = 0;
  for (let b = 0; b < branches; b++) {
    let worst = Infinity;
    for (let i = b * size; i < (b + 1) * size && worst > best; i++, seen++) worst = Math.min(worst, leaves[i]);
    best = Math.max(best, worst);
  }
  return seen;
}

function apartFromHills({ heights, low, high }: Drawn): number {
  const all = heights.reduce((a, b) => a + b, 0), width = (high - low) / heights.length, dx = 0.002;
  let tv = 0;
  for (let x = -14; x <= 14; x += dx) {
    const hills = [-3, 0, 3].reduce((sum, m) => sum + normal((x - m) / 0.4) / 1.2, 0);
    tv += Math.abs(hills - (heights[Math.floor((x - low) / width)] ?? 0) / (all * width)) * dx / 2;
  }
  return tv;
}

const sorted = (list: (string | number)[]) => JSON.stringify([...list].sort());

/** Each of the name that Python's has. */
const OPERATIONS: Record<string, (...given: any[]) => unknown> = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => a ** b,
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "==": (a, b) => a === b, "!=": (a, b) => a !== b, not: (a) => !a,
  abs: Math.abs, sqrt: Math.sqrt, log: Math.log, exp: Math.exp,
  near: (x, y, within) => Math.abs(x - y) <= within,
  has: (chosen, word) => chosen.includes(word),
  same: (chosen, words) => sorted(chosen) === sorted(words),
  list: (...words) => words,
  count: (list) => list.length,
  item: (list, i) => list[i],
  reordered: (list, start, ...given) => sorted(list.slice(start, start + given.length)) === sorted(given),
  leaves_seen: leavesSeen,
  best_value_apart: bestValueApart,
  mean_of: (q) => overBars(q, (share, x) => share * x),
  square_of: (q) => overBars(q, (share, x, width) => share * (x * x + width * width / 12)),
  apart_from_hills: apartFromHills,
};

export function evaluate(tree: Tree, scope: Scope): any {
  if (!Array.isArray(tree)) return tree;
  const [operation, ...rest] = tree;
  if (operation === "$") return scope[rest[0] as string];
  if (operation === "and") return rest.every((part) => evaluate(part, scope));
  if (operation === "or") return rest.some((part) => evaluate(part, scope));
  const found = OPERATIONS[operation]!(...rest.map((part) => evaluate(part, scope)));
  return typeof found === "number" && !Number.isFinite(found) ? NaN : found;
}

/** Without the zeros that say nothing. */
const bare = (digits: string) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
const power = (text: string) => text.replace(/e([+-])(\d)$/, "e$10$2");

/** `written(n)`, where what lies halfway is rounded up, as Python rounds it: to the even digit. */
function even(written: (digits: number) => string, n: number): string {
  const [exact, ten = ""] = written(100).split(/(?=e)/) as [string, string?];
  const cut = exact.slice(0, exact.indexOf(".") + (n && n + 1));
  return /^\.?50*$/.test(exact.slice(cut.length)) && /[02468]$/.test(cut) ? cut + ten : written(n);
}

/** A number as Python's format writes it: "", "g", ".3g", ".2f", ".1e", ".0%", ",". */
function format(value: unknown, how: string): string {
  const v = value as number, [, digits, kind] = /^(?:\.(\d+))?([gfe%,]?)$/.exec(how)!, n = +(digits ?? 6);
  const fixed = (places: number, x = v) => even((all) => x.toFixed(all), places);
  const scientific = (places: number) => even((all) => v.toExponential(all), places);
  if (!kind) return String(value);
  if (!Number.isFinite(v)) return (Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf") + (kind === "%" ? "%" : "");
  if (kind === ",") return (v + 0).toLocaleString("en", { maximumFractionDigits: 20 });
  if (Object.is(v, -0)) return "-" + format(0, how);
  if (kind === "f") return fixed(n);
  if (kind === "%") return fixed(n, 100 * v) + "%";
  if (kind === "e") return power(scientific(n));
  const p = n || 1, exponent = +scientific(p - 1).split("e")[1]!;
  if (v === 0 || (exponent >= -4 && exponent < p)) return bare(fixed(v ? p - 1 - exponent : 0));
  const [front, back] = scientific(p - 1).split("e");
  return power(`${bare(front!)}e${back}`);
}

/** The sentence with its blanks filled. */
export const fill = (sentence: string, scope: Scope): string =>
  sentence.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, how) => format(scope[name], how ?? ""));

export interface Judged { let: [string, Tree][]; rules: Rule[] }

/** The answers with all that is computed from them. */
export function widened(task: Judged, answers: Scope): Scope {
  const scope = { ...answers };
  for (const [name, tree] of task.let) scope[name] = evaluate(tree, scope);
  return scope;
}

/** Whether the answers are right, and the sentence that says why. */
export function judge(task: Judged, answers: Scope): [boolean, string] {
  const scope = widened(task, answers), [, say, right] = task.rules.find(([when]) => evaluate(when, scope))!;
  return [right, fill(say, scope)];
}
