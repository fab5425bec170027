/** The colours of the actors, from the one file that Python reads too, for the theme the reader has now. */
import palette from "../../../gan_lab/palette.json";

export type Actor =
  "real" | "generator" | "discriminator" | "gradient" | "violet" | "ochre" | "ink" | "muted" | "grid" | "paper";
export type Colours = Record<Actor, string>;

let printing = false;
addEventListener("beforeprint", () => (printing = true));
addEventListener("afterprint", () => (printing = false));

/**
 * Is the page dark? Paper is not. The book says it on <html>, JupyterLab and VS Code on <body>, all others through the
 * system.
 */
function isDark(): boolean {
  if (printing || matchMedia("print").matches) return false;
  const { documentElement: html, body } = document;
  const said = html.dataset.theme ?? html.getAttribute("theme") ?? body?.dataset.jpThemeLight
    ?? body?.dataset.vscodeThemeKind ?? "";
  if (/dark|false/.test(said)) return true;
  if (/light|true/.test(said)) return false;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

export const colours = (): Colours => (palette as { light: Colours; dark: Colours })[isDark() ? "dark" : "light"];

/** Calls `changed` whenever the theme may have changed; returns how to stop. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const attributeFilter = ["data-theme", "theme", "data-jp-theme-light", "data-vscode-theme-kind"];
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter });
  }
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", changed);
  };
}
