/**
 * Every sentence a reader sees goes through `t`. English is the key; a language is a table from the English sentence
 * to its own: `translations.zh = {"Play": "播放"}`. What a table lacks stays English. `{0}`, `{1}` mark the blanks.
 */
export const translations: Record<string, Record<string, string>> = {};

export function t(sentence: string, ...blanks: (string | number)[]): string {
  const language = document.documentElement.lang.slice(0, 2);
  return (translations[language]?.[sentence] ?? sentence).replace(/\{(\d)\}/g, (_, i) => String(blanks[i]));
}

/** A number as readers expect it: `digits` after the point, a real minus sign, no "-0.00". */
export function fmt(v: number, digits = 2): string {
  if (!Number.isFinite(v)) return v > 0 ? "∞" : v < 0 ? "−∞" : "–";
  return v.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
}
