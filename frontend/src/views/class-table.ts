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

/** Rows of cells. A quote inside quotes is doubled; one that is never closed ends with the text. */
export function parse(text: string): Table {
  const body = text.replace(/^\ufeff/, ""), sign = separator(body), rows: string[][] = [];
  let cell = "", line: string[] = [], quoted = false, left = 0;
  const endLine = () => {
    line.push(cell);
    cell = "";
    if (line.some((one) => one.trim())) {
      if (rows.length <= MOST_ROWS) rows.push(line.map((one) => one.trim()));
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
    else if (c === sign) [line, cell] = [[...line, cell], ""];
    else if (c === "\n" || c === "\r") endLine();
    else cell += c;
  }
  endLine();
  const first = rows[0] ?? [], width = rows.reduce((most, one) => Math.max(most, one.length), 0);
  // names stand above numbers, or are the usual ones
  const headed = rows.length > 1 && first.every((one) => Number.isNaN(read(one)))
    && (/^(student|name|id|time ?stamp|answer|prediction|predict)/i.test(first.join("\n"))
      || rows.slice(1).some((one) => one.some((it) => !Number.isNaN(read(it)))));
  const names = Array.from({ length: width }, (_, i) => (headed ? first[i] ?? "" : ""));
  const kept = headed ? rows.slice(1) : rows;
  if (kept.length > MOST_ROWS) left += kept.length - MOST_ROWS;
  return { names, rows: kept.slice(0, MOST_ROWS), left };
}

/** The column that a class most likely answered in: the last in which the cells are not all different words. */
export function likely({ names, rows }: Table): number {
  for (let i = names.length - 1; i > 0; i--) {
    const cells = rows.map((one) => one[i] ?? "").filter(Boolean);
    if (cells.some((one) => !Number.isNaN(read(one))) || new Set(cells).size < cells.length) return i;
  }
  return 0;
}

export interface Bar { label: string; count: number; low?: number; high?: number }

const BARS = 12;

/** The cells of a column as bars: ranges of round numbers where most are numbers, else the answers, frequent first. */
export function bars(cells: string[]): { bars: Bar[]; numbers: number[]; others: number } {
  const given = cells.filter((one) => one !== ""), numbers = given.map(read).filter((v) => !Number.isNaN(v));
  if (numbers.length * 2 > given.length && new Set(numbers).size > 6) {
    return { bars: ranges(numbers), numbers, others: given.length - numbers.length };
  }
  const counts = new Map<string, number>();
  for (const one of given) counts.set(one.toLowerCase(), (counts.get(one.toLowerCase()) ?? 0) + 1);
  const named = new Map(given.map((one) => [one.toLowerCase(), one]));
  const sorted = [...counts].sort((a, b) => b[1] - a[1]), shown = sorted.slice(0, BARS);
  const numeric = numbers.length === given.length;
  if (numeric) shown.sort((a, b) => read(a[0]) - read(b[0]));
  const others = sorted.slice(BARS).reduce((sum, [, n]) => sum + n, 0);
  return { bars: shown.map(([key, count]) => ({ label: named.get(key)!, count })), numbers: numeric ? numbers : [],
    others };
}

function ranges(numbers: number[]): Bar[] {
  let low = Infinity, high = -Infinity;
  for (const v of numbers) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const rough = (high - low) / 8, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough)!;
  const start = Math.floor(low / step), n = Math.floor(high / step) - start + 1;
  const round = (v: number) => String(+(v * step).toPrecision(10));
  const all = Array.from({ length: n }, (_, i) => ({ label: `${round(start + i)} – ${round(start + i + 1)}`, count: 0,
    low: +round(start + i), high: +round(start + i + 1) }));
  for (const v of numbers) all[Math.min(n - 1, Math.floor(v / step + 1e-9) - start)]!.count++;
  return all;
}
