/**
 * Buttons, sliders, selects: native elements with labels, so that keyboard, touch and screen readers work as they
 * should.
 */
import { clamp, copyText, h, uid, type Child } from "./dom";
import { fmt, t } from "./strings";
import { read } from "./typed";

export interface Control<T> {
  el: HTMLElement;
  /** Shows `value` without calling back. */
  set(value: T): void;
  get(): T;
  /** Off while it has no meaning. */
  enable(on: boolean): void;
}

interface SliderOptions {
  min: number;
  max: number;
  step?: number;
  value: number;
  /** The slider moves through powers of ten (learning rates); `step` then counts tenths of a decade: 0.1. */
  log?: boolean;
  format?: (value: number) => string;
}

export function button(label: string, press: () => void, more: Record<string, unknown> = {}): HTMLButtonElement {
  return h("button", { type: "button", onclick: press, ...more }, label);
}

/** A button that copies `text()` and says so for a moment. */
export function copyButton(label: string, text: () => string | Promise<string>): HTMLButtonElement {
  const el = button(label, async () => {
    el.textContent = (await copyText(await text())) ? t("Copied") : t("Could not copy");
    setTimeout(() => (el.textContent = label), 1500);
  });
  return el;
}

/** A button that stays pressed. */
export function toggle(label: string, on: boolean,
  change: (on: boolean) => void): Control<boolean> & { el: HTMLButtonElement } {
  const get = () => el.getAttribute("aria-pressed") === "true";
  const set = (value: boolean) => el.setAttribute("aria-pressed", String(value));
  const el = button(label, () => {
    set(!get());
    change(get());
  });
  set(on);
  return { el, set, get, enable: (enabled) => void (el.disabled = !enabled) };
}

/** The reader is in this field: what is half typed is not to be written over. */
export const focused = (input: HTMLElement): boolean => (input.getRootNode() as ShadowRoot).activeElement === input;

function field(label: string, input: HTMLInputElement | HTMLSelectElement, ...more: Child[]): HTMLElement {
  input.id = uid();
  return h("div", { className: "field" }, h("label", { htmlFor: input.id }, label), ...more, input);
}

export function slider(label: string, o: SliderOptions, change: (value: number) => void): Control<number> {
  const format = o.format ?? ((v: number) => (o.log ? String(+v.toPrecision(2))
    : fmt(v, (o.step ?? 1) < 1 ? (o.step! < 0.1 ? 2 : 1) : 0)));
  const inward = o.log ? Math.log10 : (v: number) => v;
  const outward = (v: number) => (o.log ? +(10 ** v).toPrecision(2) : v);
  const input = h("input", { type: "range", min: inward(o.min), max: inward(o.max), step: o.step
    ?? (o.log ? 0.1 : 1) });
  const output = h("output");
  let value = o.value;
  const show = () => {
    output.textContent = format(value);
    input.setAttribute("aria-valuetext", format(value));
  };
  const set = (v: number) => {
    input.value = String(inward((value = v)));
    show();
  };
  input.oninput = () => {
    value = outward(+input.value);
    show();
    change(value);
  };
  set(o.value);
  return { el: field(label, input, output), set, get: () => value, enable: (on) => void (input.disabled = !on) };
}

/** `options`: value -> what the reader sees. */
export function select<T extends string>(
  label: string, options: Record<T, string>, value: T, change: (value: T) => void,
): Control<T> {
  const names = Object.entries(options) as [T, string][];
  const input = h("select", { onchange: () => change(input.value as T) },
    ...names.map(([name, text]) => h("option", { value: name }, text)));
  input.value = value;
  return {
    el: field(label, input), set: (v) => void (input.value = v), get: () => input.value as T,
    enable: (on) => void (input.disabled = !on),
  };
}

/** A number, whole without `step`: typed, or by the arrow keys; pulled into [min, max]. What is none is ignored. */
export function number(
  label: string, o: { min: number; max: number; step?: number; value: number }, change: (value: number) => void,
): Control<number> {
  const input = h("input", { type: "text", className: "number", inputMode: "decimal", autocomplete: "off" });
  let value = o.value;
  const show = () => void (input.value = String(value));
  const commit = (steps = 0) => {
    const typed = read(input.value), before = value;
    const wanted = clamp((Number.isNaN(typed) ? value : typed) + steps * (o.step ?? 1), o.min, o.max);
    value = o.step ? +wanted.toPrecision(12) : Math.round(wanted);
    show();
    if (value !== before) change(value);
  };
  input.onchange = () => commit();
  // what is typed may be what stood here when the reader came, and another value meanwhile: then no change is told
  input.onkeydown = (event) => {
    const steps = { Enter: 0, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (steps === undefined) return;
    if (steps) event.preventDefault();
    commit(steps);
  };
  input.onblur = show;
  show();
  return { el: field(label, input), get: () => value, enable: (on) => void (input.disabled = !on),
    set: (v) => {
      value = v;
      if (!focused(input)) show();
    } };
}

export const row = (...children: Child[]): HTMLElement => h("div", { className: "row" }, ...children);

/** Controls that belong together, under a heading; folded where `open` is false. */
export function group(title: string, open: boolean, ...children: Child[]): HTMLDetailsElement {
  return h("details", { open }, h("summary", null, title), h("div", { className: "fields" }, ...children));
}
