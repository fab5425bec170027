/** What the small widgets share: a flat state kept in the address, numbers that can be read in full. */
import { h } from "./dom";
import type { Options, ViewHost } from "./element";
import type { State } from "./permalink";
import { fmt, t } from "./strings";

/** Same type all the way down; numbers finite. */
const like = (a: unknown, b: unknown): boolean => Array.isArray(b)
  ? Array.isArray(a) && a.length === b.length && a.every((v, i) => like(v, b[i]))
  : typeof a === typeof b && (typeof a !== "number" || Number.isFinite(a));

/** `name` where the table has an entry of its own under it: "constructor" in an address is none. */
export const named = <T extends object>(table: T, name: unknown, otherwise: string): keyof T & string =>
  (Object.hasOwn(table, String(name)) ? String(name) : otherwise) as keyof T & string;

interface Kept<T> {
  /** The state; replace its arrays, do not change them in place. */
  now: T;
  /** What differs from the options. */
  state(): State;
  restore(saved: State | null): void;
}

/**
 * The view's state: `defaults`, over them the element's options, over these what the address says. An option of another
 * type is the author's mistake and said; an address that does not fit is passed over.
 */
export function keep<T extends object>(host: ViewHost, defaults: T, options: Options = host.options): Kept<T> {
  const base = { ...defaults } as Record<string, unknown>, now = {} as Record<string, unknown>;
  for (const key in base) {
    const given = options[key] ?? base[key];
    if (!like(given, base[key])) {
      throw new Error(t("{0} = {1}: give something like {2}.", key, JSON.stringify(given), JSON.stringify(base[key])));
    }
    base[key] = given;
  }
  const restore = (saved: State | null) => {
    for (const key in base) now[key] = saved && like(saved[key], base[key]) ? saved[key] : base[key];
  };
  restore(host.saved);
  const state = () => Object.fromEntries(Object.entries(now).filter(([key, v]) => String(v) !== String(base[key])));
  return { now: now as T, state, restore };
}

/** A number on the page; all its digits stay in the element's value. */
export function figure(): { el: HTMLDataElement; set(v: number, digits?: number): void } {
  const el = h("data");
  return {
    el,
    set: (v, digits = 3) => {
      el.value = String(v);
      el.textContent = fmt(v, digits);
    },
  };
}
