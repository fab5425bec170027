/** A pasted table: CSV or TSV, quoted or not, as spreadsheets and forms give it. Cells are text and stay text. */
import { read } from "../ui/index";

export const MOST_ROWS = 10_000;

export interface Table {
  /** A name for each column; "" where the table has none. */
  names: string[];
  rows: string[][];
  /** Rows beyond MOST_ROWS, left out. */
  left: number;
}

/** The sign between cells: the one that the first line has most of, outside quotes. */
function separator(text: string): string {
  const line = text.slice(0, 10_000).replace(/"[^"]*"/g, "").split(/\r?\n/, 1)[0]!;
  const count = (sign: string) => line.split(sign).length;
  return ["\t", ";", ","].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** What a form or `gan-lab class collect` writes beside the answers: who, when, which file, a remark. */
const BESIDE = new RegExp("^((your|full|first|last|user|nick)?[ -]?names?|surname|student( id| number)?|id( number)?|"
  + "e-?mail( address)?|time ?stamp|zeitstempel|date|time|file|note|时间戳(记)?|提交时间|姓名|学号)$", "i");
const WHEN = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[ T,]+\d{1,2}:\d\d/;

/** Whether the first row holds names: the usual ones, or words above numbers or above moments. */
function isHead([first = [], ...rest]: string[][]): boolean {
  if (!rest.length) return false;
  if (BESIDE.test(first[0] ?? "") || /^(answer|predict)/i.test(first[0] ?? "")) return true;
  return first.every((one) => Number.isNaN(read(one)) && !WHEN.test(one))
    && rest.some((one) => one.some((it) => !Number.isNaN(read(it)) || WHEN.test(it)));
}

/** Exercises with several answers, which `gan-lab class collect` writes into one cell ("7; 8"), a column for each. */
function answersApart(names: string[], rows: string[][]): [string[], string[][]] {
  if (names[0] !== "student" || names[1] !== "file") return [names, rows];
  const parts = names.map((name, i) => {
    const each = new Set(rows.map((one) => one[i] ?? "").filter(Boolean).map((it) => it.split(/; ?/).length));
    return /^\d+\.\d+$/.test(name) && each.size === 1 ? [...each][0]! : 1;
  });
  const apart = (one: string, n: number) =>
    (n === 1 ? [one] : Array.from({ length: n }, (_, k) => one.split(/; ?/)[k] ?? ""));
  const named = (name: string, n: number) =>
    (n === 1 ? [name] : Array.from({ length: n }, (_, k) => `${name} (${k + 1})`));
  return [names.flatMap((name, i) => named(name, parts[i]!)),
    rows.map((one) => names.flatMap((_, i) => apart(one[i] ?? "", parts[i]!)))];
}

/** Rows of cells. A quote inside quotes is doubled; one that is never closed ends with the text. */
export function parse(text: string): Table {
  const body = text.replace(/^\ufeff/, ""), sign = separator(body), rows: string[][] = [];
  let cell = "", line: string[] = [], quoted = false, left = 0;
  const endLine = () => {
    line.push(cell);
    cell = "";
    // an apostrophe before a sign is how a sheet is told that this is text
    line = line.map((one) => one.trim().replace(/^'(?=[=+@-])/, ""));
    if (line.some(Boolean)) {
      if (rows.length <= MOST_ROWS) rows.push(line);
      else left++;
    }
    line = [];
  };
  for (let i = 0; i < body.length; i++) {
    const c = body[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (body[i + 1] === '"') cell += body[++i];
      else quoted = false;
    } else if (c === '"' && !cell.trim()) [cell, quoted] = ["", true];
    else if (c === sign) {
      line.push(cell);
      cell = "";
    } else if (c === "\n" || c === "\r") endLine();
    else cell += c;
  }
  endLine();
  const width = rows.reduce((most, one) => Math.max(most, one.length), 0), headed = isHead(rows);
  const kept = headed ? rows.slice(1) : rows;
  if (kept.length > MOST_ROWS) left += kept.length - MOST_ROWS;
  const above = Array.from({ length: width }, (_, i) => (headed ? rows[0]![i] ?? "" : ""));
  const [names, apart] = answersApart(above, kept.slice(0, MOST_ROWS));
  return { names, rows: apart, left };
}

/** The column that a class most likely answered in: the last whose cells are no code and not all different words. */
export function likely({ names, rows }: Table): number {
  const columns = names.map((name, i) => ({ i, name, cells: rows.map((one) => one[i] ?? "").filter(Boolean) }))
    .filter(({ name, cells }) => cells.length && !BESIDE.test(name) && !WHEN.test(cells[0]!)
      && !cells.some((one) => one.includes("\n"))).reverse();
  const told = columns.find(({ i, cells }) => (i || names.length === 1)
    && (cells.some((one) => !Number.isNaN(read(one))) || new Set(cells).size < cells.length));
  return (told ?? columns[0])?.i ?? 0;
}

export interface Bar { label: string; count: number; low?: number; high?: number }

const BARS = 12;

/** The cells of a column as bars: ranges of round numbers where most are numbers, else the answers, frequent first. */
export function bars(cells: string[]): { bars: Bar[]; numbers: number[]; others: number } {
  const given = cells.filter((one) => one !== ""), numbers = given.map(read).filter((v) => !Number.isNaN(v));
  if (numbers.length * 2 > given.length && new Set(numbers).size > 6) {
    return { bars: ranges(numbers), numbers, others: given.length - numbers.length };
  }
  const counts = new Map<string, { label: string; count: number }>();
  for (const label of given) {
    const v = read(label), key = Number.isNaN(v) ? label.toLowerCase() : String(v);
    counts.set(key, { label, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count), shown = sorted.slice(0, BARS);
  const numeric = numbers.length === given.length;
  if (numeric) shown.sort((a, b) => read(a.label) - read(b.label));
  const others = sorted.slice(BARS).reduce((sum, { count }) => sum + count, 0);
  return { bars: shown, numbers: numeric ? numbers : [], others };
}

/** A number as short as it is: at most so many digits, a real minus sign. */
export const short = (v: number, digits = 10): string => String(+v.toPrecision(digits)).replace("-", "−");

function ranges(numbers: number[]): Bar[] {
  let low = Infinity, high = -Infinity;
  for (const v of numbers) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const rough = Math.max(high / 8 - low / 8, 1e-300), power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough)!;
  const start = Math.floor(low / step), n = Math.floor(high / step) - start + 1;
  const round = (v: number) => +(v * step).toPrecision(10);
  const all = Array.from({ length: n }, (_, i) => [round(start + i), round(start + i + 1)] as const)
    .map(([low, high]) => ({ label: `${short(low)} – ${short(high)}`, count: 0, low, high }));
  for (const v of numbers) all[Math.min(n - 1, Math.floor(v / step + 1e-9) - start)]!.count++;
  return all;
}
