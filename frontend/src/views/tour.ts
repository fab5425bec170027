/**
 * Guided tours bound to the live run: a step points at something, says what to see, and goes on when the reader has
 * done what it asks for, when the game has come to where it waits for, or when a question was answered. The steps are
 * data: gan_lab/widgets/tours.json, and each lesson of the playground.
 */
import tours from "../../../gan_lab/widgets/tours.json";
import { button, definePart, fmt, h, row, say, t, type Guided, type MakeTour, type Step, type Tour, type ViewHost }
  from "../ui/index";
import { right, waiting } from "./tour-wait";

/** What is awaited, in words. */
const names = (): Record<string, string> => ({
  step: t("step"), right: t("share of D's right answers"), gap: t("distance of D from D*"),
  apart: t("misplaced mass of p_g"), covered: t("modes found"),
});

class Walk implements Tour {
  at = -1;
  readonly #steps: Step[];
  readonly #words = h("p", { tabIndex: -1 });
  readonly #count = h("p", { className: "muted" });
  readonly #wait = h("p", { className: "muted" });
  readonly #choices = h("div", { className: "choices" });
  readonly #reply = h("p", { role: "status" });
  readonly #back = button(t("Back"), () => this.#to(this.at - 1));
  readonly #next = button("", () => this.#to(this.at + 1));
  readonly #panel;
  #marked?: HTMLElement;
  #undo?: () => void;
  #holds?: ReturnType<typeof waiting>;
  /** the run stands because a question does, and goes on behind its answer */
  #paused = false;

  constructor(readonly host: ViewHost, el: HTMLElement, readonly guided: Guided, steps: string | Step[], at: number,
    asked: boolean, readonly left: (done: boolean) => void) {
    const all = tours as Record<string, Step[]>;
    this.#steps = typeof steps === "string" ? all[steps]! : steps;
    this.#panel = h("section", { className: "tour", style: "min-height:9.5em", "aria-label": t("Guided tour"),
      onkeydown: (event: KeyboardEvent) => void (event.key === "Escape" && left(false)) },
      this.#count, h("div", { "aria-live": "polite" }, this.#words), this.#choices, this.#reply, this.#wait,
      row(this.#back, this.#next, button(t("Leave the tour"), () => left(false))));
    el.replaceChildren(this.#panel);
    this.#to(Math.min(at, this.#steps.length - 1), asked);
  }

  get #step(): Step {
    return this.#steps[this.at]!;
  }

  /** On to a step; `asked`: by the reader, who is then taken to it. */
  #to(at: number, asked = true): void {
    if (at >= this.#steps.length) return this.left(true);
    const first = this.at < 0;
    this.#unmark();
    this.at = Math.max(0, at);
    const { words, at: place, act, until, choices = [] } = this.#step, one = place && this.guided.places()[place];
    say(this.#words, t(words));
    say(this.#count, t("{0} of {1}", this.at + 1, this.#steps.length));
    say(this.#reply, "");
    say(this.#wait, "");
    this.#holds = until && waiting(until);
    // a link that opens at a question plays to its own step first
    if (choices.length && this.host.running && !first) {
      this.guided.play(false);
      this.#paused = true;
    }
    this.#choices.replaceChildren(...choices.map(({ title }, i) => button(t(title), () => this.#answer(i))));
    this.#back.disabled = !this.at;
    this.#next.textContent = act || until || choices.length ? t("Skip")
      : this.at === this.#steps.length - 1 ? t("Done") : t("Go on");
    if (one) this.#mark(one, act);
    if (asked) {
      this.#panel.scrollIntoView({ block: "nearest", behavior: this.host.reducedMotion ? "auto" : "smooth" });
      // an action is awaited elsewhere: whoever is about to do it keeps the focus
      if (!act && !this.#marked?.contains((this.#marked.getRootNode() as ShadowRoot).activeElement)) {
        this.#words.focus({ preventScroll: true });
      }
    }
    this.host.changed();
  }

  #mark(one: HTMLElement, act?: string): void {
    const { outline, outlineOffset } = one.style, go = () => this.#to(this.at + 1);
    this.#marked = one;
    // what is pointed at is in sight, also where it lay in a drawer
    for (let box: Element | null = one; box; box = box.parentElement) {
      if (box instanceof HTMLDetailsElement) box.open = true;
    }
    one.style.outline = "3px solid var(--gradient)";
    one.style.outlineOffset = "-1px";
    if (act) one.addEventListener(act, go);
    this.#undo = () => {
      one.removeEventListener(act!, go);
      Object.assign(one.style, { outline, outlineOffset });
    };
  }
  #unmark(): void {
    if (this.#paused) this.guided.play(true);
    this.#paused = false;
    this.#undo?.();
    this.#undo = this.#marked = undefined;
  }

  #answer(i: number): void {
    const { choices, right: which } = this.#step;
    say(this.#reply, (i === which ? t("Yes. ") : t("No. ")) + t(choices![i]!.words));
    [...this.#choices.children].forEach((one, k) => one.setAttribute("aria-pressed", String(k === i)));
    if (i === which) this.#next.textContent = this.at === this.#steps.length - 1 ? t("Done") : t("Go on");
  }

  draw(): void {
    // whoever presses Play at a question has the run in hand again
    if (this.host.running) this.#paused = false;
    const { until } = this.#step, seen = until && this.guided.look();
    if (!seen) return;
    const numbers = { ...seen.numbers };
    if (until.read === "right") numbers.right = right(seen.engine, seen.real, seen.made);
    const v = numbers[until.read] ?? NaN, limit = until.above ?? until.below!, digits = limit % 1 ? 2 : 0;
    say(this.#wait, t("Waiting for: {0} {1} {2}. Now {3}.", names()[until.read]!,
      until.above === undefined ? "<" : ">", fmt(limit, digits), fmt(v, digits)));
    if (this.#holds!(numbers)) this.#to(this.at + 1, false);
  }

  close(): void {
    this.#unmark();
    this.#panel.remove();
  }
}

const make: MakeTour = (...all) => new Walk(...all);
definePart("tour", make);
