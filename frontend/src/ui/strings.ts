/**
 * Every sentence a reader sees goes through `t`. English is the key; a language is a table from the English sentence to
 * its own: `translations.zh = {"Play": "播放"}`, a script of its own (build.mjs, load.ts). What a table lacks stays
 * English. `{0}`, `{1}` mark the blanks.
 */
export const translations: Record<string, Record<string, string>> = {};

/** What a table was asked for and lacks (for the tests). */
export const missing = new Set<string>();

export const language = (): string => document.documentElement.lang.slice(0, 2).toLowerCase();

export function t(sentence: string, ...blanks: (string | number)[]): string {
  const table = translations[language()], said = table?.[sentence];
  if (table && sentence && said === undefined) missing.add(sentence);
  return (said ?? sentence).replace(/\{(\d)\}/g, (_, i) => String(blanks[i]));
}

/** A number as readers expect it: `digits` after the point, a real minus sign, no "-0.00". */
export function fmt(v: number, digits = 2): string {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : v < 0 ? "−∞" : "–";
  return v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
}
