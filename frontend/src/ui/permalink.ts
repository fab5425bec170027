/**
 * The state of every widget of a page in its address: #figure1.loss=hinge&figure1.k=2&bilinear.step=0.3
 * Works from a folder too (file://). Values are strings, numbers, or anything JSON can say.
 */
export type State = Record<string, unknown>;

const parameters = () => new URLSearchParams(location.hash.slice(1));

/** What the address says of the widget `id`, or null. */
export function readState(id: string): State | null {
  // no prototype: "__proto__" is a name like any other
  const state: State = Object.create(null);
  let found = false;
  for (const [name, value] of parameters()) {
    if (!name.startsWith(id + ".")) continue;
    found = true;
    try {
      state[name.slice(id.length + 1)] = JSON.parse(value);
    } catch {
      state[name.slice(id.length + 1)] = value;
    }
  }
  return found ? state : null;
}

/** The widget that the address was copied from: its state stands last. */
export const linked = (): string | undefined => [...parameters().keys()].at(-1)?.match(/^(.+?)\./)?.[1];

/** The page's address with `state` as the widget's; widgets beside it keep theirs, a section's anchor gives way. */
export function linkTo(id: string, state: State): string {
  const all = parameters();
  for (const name of [...all.keys()]) if (!name.includes(".") || name.startsWith(id + ".")) all.delete(name);
  for (const [name, value] of Object.entries(state)) {
    if (value !== undefined) all.set(`${id}.${name}`, typeof value === "string" ? value : JSON.stringify(value));
  }
  return location.href.replace(/#.*/, "") + "#" + all;
}

/** Puts `state` into the address without a new entry in the history. */
export function writeState(id: string, state: State): void {
  try {
    history.replaceState(history.state, "", linkTo(id, state));
  } catch {
    // Some frames (Colab, about:srcdoc) have no address of their own: "copy link" then has nothing to say either.
  }
}
