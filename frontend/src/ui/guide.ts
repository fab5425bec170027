/** The door to a guided tour: a button and a place for the panel; the tour itself is a part (views/tour.ts). */
import type { Engine, Numbers } from "../engine/types";
import { button, row } from "./controls";
import { h } from "./dom";
import type { ViewHost } from "./element";
import { part } from "./load";
import { fmt, t } from "./strings";

/** What a tour can see and point at in the view that it goes through. */
export interface Guided {
  places(): Record<string, HTMLElement>;
  /** the game as it is now; null: there is none. `numbers`: what steps may wait for, `step` among them */
  look(): { engine: Engine; real: Numbers; made: Numbers; numbers: Record<string, number> } | null;
  /** Sets up the game that the tour begins with. */
  begin(): void;
  play(on: boolean): void;
  complain(error: unknown): void;
}

export interface Step {
  words: string;
  /** the place that is pointed at */
  at?: string;
  /** goes on when the reader does this there: the name of a DOM event */
  act?: string;
  /** goes on when this number has been above or below that for so many steps */
  until?: { read: string; above?: number; below?: number; for?: number };
  /** a question's answers, and which of them is right */
  choices?: { title: string; words: string }[];
  right?: number;
}

/** A tour under way. */
export interface Tour {
  /** on which step it stands */
  readonly at: number;
  draw(): void;
  close(): void;
}
export type MakeTour = (host: ViewHost, el: HTMLElement, guided: Guided, steps: string | Step[], at: number,
  asked: boolean, left: (done: boolean) => void) => Tour;

/** `name`: of the tour that the button opens. */
export function guide(host: ViewHost, name: string, guided: Guided) {
  const el = h("div"), press = button(t("Guided tour"), () => {
    const { step = 0 } = guided.look()?.numbers ?? {};
    if (kept || !step) start();
    else ask(Math.floor(step));
  });
  const start = () => {
    if (!kept) guided.begin();
    open(name, kept, true);
  };
  /** The tour has a run of its own: whoever has trained one says whether it may go. */
  const ask = (step: number) => {
    close();
    const on = host.running, no = () => {
      el.replaceChildren();
      press.focus();
      guided.play(on);
    };
    guided.play(false);
    const yes = button(t("Begin the tour"), start, { className: "main" });
    el.replaceChildren(h("section", { className: "tour", "aria-label": t("Guided tour"),
      onkeydown: (event: KeyboardEvent) => void (event.key === "Escape" && no()) },
      h("p", null, t("The tour begins a run of its own, with the settings of the page. Yours, now at step {0}, is lost.",
        fmt(step, 0))), row(yes, button(t("Keep my run"), no))));
    yes.focus();
  };
  let now: Tour | undefined, kept = 0, named = false;
  const left = (done: boolean) => {
    // whoever was in the panel is now at its door
    const inside = el.contains((el.getRootNode() as ShadowRoot).activeElement);
    if (named) press.textContent = (kept = done ? 0 : now!.at) ? t("Resume the tour") : t("Guided tour");
    close();
    if (inside) press.focus();
    host.changed();
  };
  const close = () => {
    now?.close();
    now = undefined;
  };
  const open = (steps: string | Step[], at = 0, asked = false) => void part<MakeTour>("tour").then((make) => {
    close();
    named = typeof steps === "string";
    now = make(host, el, guided, steps, at, asked, left);
    host.changed();
  }, guided.complain);
  return {
    el, button: press, open, close,
    draw: () => now?.draw(),
    /** for the address: the step, from 1 */
    get state() { return (named && now && now.at + 1) || undefined; },
    /** Opens the named tour where the address says that it stood, or closes it. */
    restore: (at: unknown) => (Number(at) >= 1 ? open(name, Math.floor(Number(at)) - 1) : named && close()),
  };
}
