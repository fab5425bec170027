/**
 * Fetches the scripts that a view needs, from beside this one. Plain script elements: a page opened from a folder may
 * have no others.
 */
import needs from "../views.json";
import { h } from "./dom";
import { language, t } from "./strings";

const here = (document.currentScript as HTMLScriptElement | null)?.src;
const asked = new Map<string, Promise<void>>();

export const VIEWS = Object.keys(needs);

function script(name: string): Promise<void> {
  const file = `gan-lab-${name}.js`;
  return new Promise((resolve, reject) => {
    // not async: they are fetched side by side and run in this order
    const element = h("script", { src: new URL(`${file}?v=${VERSIONS[name]}`, here).href, async: false,
      onload: () => resolve() });
    element.onerror = () => {
      element.remove();
      reject(new Error(t("The script {0} could not be loaded: it must lie beside gan-lab.js. Then load this page again.", file)));
    };
    document.head.append(element);
  });
}

const parts = new Map<string, unknown>();

/** Makes what only some readers of a view need known: it has a script of its own, or came with all the others. */
export const definePart = (name: string, part: unknown): void => void parts.set(name, part);

/** The page's language, where it has a script, comes before what may say something; without it all is English. */
function tongue(): Promise<void> | undefined {
  const name = language();
  if (name.length === 2 && name in VERSIONS && !asked.has(name)) asked.set(name, script(name).catch(console.warn));
  return asked.get(name);
}

/** That part, its script fetched when it is first asked for. */
export async function part<T>(name: string): Promise<T> {
  await tongue();
  if (!parts.has(name)) await script(name);
  return parts.get(name) as T;
}

/** What the page asks of its reader (`class="gl-exercise"`) comes to life; where it cannot, all of it is shown. */
export function awaken(): void {
  for (const name of ["exercise", "predict"]) {
    if (document.querySelector(".gl-" + name)) {
      part(name).catch((error) => {
        console.warn(error);
        document.documentElement.classList.remove("gl-asks");
      });
    }
  }
}

/** Resolves when all that the view needs has run. */
export async function load(view: string): Promise<void> {
  const names = Object.hasOwn(needs, view) ? needs[view as keyof typeof needs] : [];
  const ask = (name: string) => void (asked.has(name) || asked.set(name, script(name)));
  const spoken = tongue();
  names.forEach(ask);
  try {
    await Promise.all([spoken, ...names.map((name) => asked.get(name))]);
  } catch (error) {
    // a script that came without the one it is built on is of no use either: all of them are asked for next time
    for (const name of names) asked.delete(name);
    throw error;
  }
}
