/**
 * What src/strings.json lacks, and what nobody says any more. Sentences reach `t` as literals, or through tables: of
 * those the ones in TABLES are found; the browser's test finds the rest (`missing` in src/ui/strings.ts).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const WORDS = '"((?:[^"\\\\\\n]|\\\\.)*)"';
/** Rows "name: ["title", ...". */
const TITLES = new RegExp(`^ +(?:"[^"]*"|\\w+): \\[${WORDS}`, "gm");
const TABLES = [
  [/saddle-presets|value\.ts/, TITLES],
  [/saddle-(methods|more)/, new RegExp(`\\bname: ${WORDS}`, "g")],
  [/payoffs/, new RegExp(`\\bgame\\(${WORDS}`, "g")],
];
/** In every file: literals of t, blanks to be filled, and whole sentences. */
const ALWAYS = [
  new RegExp(`(?<![\\w.$])t\\(\\s*${WORDS}`, "g"), /"([^"\n]*\{\d\}[^"\n]*)"/g,
  /"([^"\n]*[A-Z][^"\n]* [^"\n]* [^"\n]*[a-z0-9][.?])"/g,
];

function files(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => /(?<!\.d)\.ts$/.test(name)
    && !/^engine[\\/]/.test(name)).sort()
    .map((name) => [name, readFileSync(join(folder, name), "utf8").replace(/(?<=^|\s)\/\*[^]*?\*\/|(?<=^|\s)\/\/.*/g,
      "")]);
}

/** The sentences in a file that Python reads too. */
function told(value) {
  if (typeof value !== "object" || !value) return [];
  return Object.entries(value).flatMap(([key, v]) =>
    (typeof v === "string" && /^(title|words|try)$/.test(key) ? [v] : told(v)));
}

export function compare(here, table) {
  const sources = files(join(here, "src")), all = sources.map(([, text]) => text).join("\n"), wanted = new Set();
  for (const [name, text] of sources) {
    for (const rule of [...ALWAYS, ...TABLES.filter(([file]) => file.test(name)).map(([, rule]) => rule)]) {
      for (const [, words] of text.matchAll(rule)) wanted.add(JSON.parse(`"${words}"`));
    }
  }
  const beside = join(here, "../gan_lab/widgets");
  for (const name of readdirSync(beside).filter((one) => one.endsWith(".json"))) {
    for (const words of told(JSON.parse(readFileSync(join(beside, name), "utf8")))) wanted.add(words);
  }
  wanted.delete("");
  const blanks = (text) => (text.match(/\{\d\}/g) ?? []).sort().join();
  // a word may be a name in the sources: mean, non_saturating
  const said = (words) => wanted.has(words) || all.includes(JSON.stringify(words))
    || (/^[a-z ]+$/.test(words) && new RegExp(`\\b${words.replaceAll(" ", "_")}s?\\b`).test(all));
  return {
    missing: [...wanted].filter((words) => !Object.hasOwn(table, words)),
    stale: Object.keys(table).filter((words) => !said(words)),
    blanks: Object.keys(table).filter((words) => blanks(words) !== blanks(table[words])),
  };
}
