/** Elements, the shortest way: h("button", {onclick, title}, "Play"). */
export type Child = Node | string | number | null | undefined | false;
type Properties = Record<string, unknown>;

/** A new element. Properties are set as properties; names with a dash, and `role`, as attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, properties?: Properties | null, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (/-|^role$|^for$/.test(name)) element.setAttribute(name, String(value));
    else (element as unknown as Properties)[name] = value;
  }
  for (const child of children) if (child != null && child !== false) element.append(child as Node);
  return element;
}

/** Words with "p_data", "p_g" and "p_z" set as symbols, the index below. */
export const symbols = (words: string): Child[] => words.split(/\b(p)_(data|g|z)\b/).map((part, i) =>
  (i % 3 ? h(i % 3 > 1 ? "sub" : "i", null, part) : part));

/** Puts `words` into `element`, symbols set as such; nothing happens when they are there already. */
export function say(element: HTMLElement, words: string): void {
  if (element.dataset.said === words) return;
  element.dataset.said = words;
  element.replaceChildren(...symbols(words) as (Node | string)[]);
}

let serial = 0;
/** A fresh id, to tie a label to its field. */
export const uid = (): string => "gl" + serial++;

export const clamp = (v: number, low: number, high: number): number => Math.min(high, Math.max(low, v));

/**
 * `text` to the clipboard, by the old way where the page is no secure context (a page opened by http in a classroom).
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { value: text, className: "off" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
