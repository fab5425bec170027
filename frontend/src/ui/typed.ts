/**
 * A number as a reader types it, in every field and table of the book; gan_lab/classroom/typed.py reads the same.
 *
 *     0.25   −0,5   15,000   1e-3   50 %   1/4   2½   2/√3   π/3   2π   log(2)/2   exp(-2)
 *
 * A comma is the decimal mark, or parts thousands where every group after it has three digits. What could be read in
 * two ways is not read: √2π, 1/2π, and 11/25/2026, which is a date.
 */
const WORDS = /(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|sqrt|log|ln|exp|pi|[-+*/^()]|\S/g;
const DATE = /^[0-9]+([-/])[0-9]+\1[0-9]+$/;
const MOST = 60;
const FUNCTIONS: Record<string, (x: number) => number> = { sqrt: Math.sqrt, log: Math.log, ln: Math.log,
  exp: Math.exp };

/** Throws for 1/0, log(-1), and what is too large. */
function sure(value: number): number {
  if (!Number.isFinite(value)) throw value;
  return value;
}

/** A sum of products of terms of powers of atoms. Throws where the words are none. */
function evaluate(words: string[]): number {
  let at = 0;
  const eat = (word: string) => words[at] === word && !!++at;
  const signed = (rest: () => number): number => (eat("-") ? -signed(rest) : eat("+") ? signed(rest) : rest());
  const atom = (): number => {
    const word = words[at++] ?? "", value = word in FUNCTIONS ? FUNCTIONS[word]!(atom()) : word === "(" ? sum()
      : word === "pi" ? Math.PI : /^[.0-9]+(e|$)/.test(word) ? +word : NaN;
    return sure(word === "(" && !eat(")") ? NaN : value);
  };
  const power = (): number => {
    const base = atom();
    return eat("^") ? sure(base ** signed(power)) : base;
  };
  /** 2π, 2√3, 2(1+2); nothing of the kind below a stroke, nor after √2. */
  const term = (below = false): number => {
    let first = words[at]!, value = power();
    for (let next; (next = words[at]!) === "pi" || next === "(" || next in FUNCTIONS; first = next) {
      value = sure(below || first in FUNCTIONS ? NaN : value * power());
    }
    return value;
  };
  const product = (): number => {
    let value = signed(term);
    for (;;) {
      if (eat("*")) value = sure(value * signed(term));
      else if (eat("/")) value = sure(value / signed(() => term(true)));
      else return value;
    }
  };
  const sum = (): number => {
    let value = product();
    for (;;) {
      if (eat("+")) value = sure(value + product());
      else if (eat("-")) value = sure(value - product());
      else return value;
    }
  };
  const value = sum();
  return at === words.length ? value : NaN;
}

/** The number that `text` is; NaN for anything else. */
export function read(text: string): number {
  const share = text.trim().replace(/\s*%$/, ""), percent = share !== text.trim();
  if (!share || share.length > MOST || DATE.test(share)) return NaN;
  const thousands = /^[-−–]?[1-9][0-9]{0,2}(,[0-9]{3})+$/.test(share);
  const plain = share.replaceAll(",", thousands ? "" : ".").toLowerCase().replace(/[−–]/g, "-").replace(/√/g, "sqrt")
    .replace(/π/g, "pi").replace(/[·×]/g, "*").replace(/÷/g, "/").replace(/½/g, ".5")
    .replace(/¼/g, ".25").replace(/¾/g, ".75");
  try {
    return evaluate(plain.match(WORDS)!) / (percent ? 100 : 1);
  } catch {
    return NaN;
  }
}

/** Those that `text` lists, with spaces, commas or semicolons between them. */
export const readAll = (text: string): number[] => text.trim().replace(/\s+%/g, "%").split(/[\s,;]+/).map(read);
