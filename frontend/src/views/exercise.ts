/**
 * Exercises answered in the page: a field each, a check that says what is wrong by the rules that Python has too
 * (rules.ts), hints one by one, the solution after a try or when asked for. A part, fetched by pages that have one.
 */
import { definePart, h, read, readAll, t } from "../ui/index";
import { bars } from "./bars";
import { fill, judge, widened, type Judged, type Scope } from "./rules";
import { mention } from "./mention";
import { follow, recall, remember } from "./remember";

interface Asked {
  name: string; label: string; type: "number" | "numbers" | "choice" | "choices" | "drawing";
  low: number | null; high: number | null; outside?: string; unreadable?: string; options?: string[]; reads?: string;
  unread?: string; given?: string; bars?: number; shows?: string;
}
interface Task extends Judged { number: string; kind: string; widget: string | null; fields: Asked[] }
/** `checked`: the verdict that was asked for is still about these answers. */
interface Kept { answers: Record<string, unknown>; tried: number; checked: boolean; hints: number; solved: boolean }

const BLANK: Kept = { answers: {}, tried: 0, checked: false, hints: 1, solved: false };

/** One thing that is asked: what stands in it, and what it means to the rules (undefined: nothing yet). */
interface Field { el: HTMLElement; raw(): unknown; set(raw: unknown): void; value(): unknown; problem(): string }

type Made = (asked: Asked, task: Task, changed: () => void) => Field;

/** The label in the middle of a sentence: without the sign before the answer. */
const called = ({ label }: Asked): string => label.replace(/[ =:]+$/, "");

const text: Made = (asked, _, changed) => {
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: false, value: asked.given ?? "",
    oninput: changed });
  const numbers = asked.type === "numbers", all = () => readAll(input.value);
  const fine = () => numbers ? all().every(Number.isFinite) : Number.isFinite(read(input.value));
  const problem = () => {
    if (!fine()) {
      return asked.unreadable ?? (numbers ? t("“{0}” takes numbers, with spaces between them.", called(asked))
        : t("“{0}” takes one number, such as 0.25, 1/4 or 2/sqrt(3).", called(asked)));
    }
    const v = numbers ? 0 : read(input.value), { low, high } = asked;
    const outside = (low !== null && v < low) || (high !== null && v > high);
    return outside ? fill(asked.outside!, { ...asked, label: called(asked) }) : "";
  };
  return {
    el: h("label", { className: numbers ? "gl-wide" : "" }, h("span", null, asked.label), input), problem,
    raw: () => input.value, set: (raw) => (input.value = String(raw ?? asked.given ?? "")),
    value: () => (!input.value.trim() || input.value === asked.given ? undefined
      : numbers ? all() : read(input.value)),
  };
};

const choice: Made = (asked, task, changed) => {
  const one = asked.type === "choice", boxes = asked.options!.map((option) => h("input", {
    type: one ? "radio" : "checkbox", name: `${task.number} ${asked.name}`, value: option, onchange: changed }));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return {
    el: h("fieldset", null, h("legend", null, asked.label), ...boxes.map((box) =>
      h("label", null, box, " ", box.value.replaceAll("_", " ")))),
    raw: chosen, set: (raw) => boxes.forEach((box) => (box.checked = ((raw ?? []) as string[]).includes(box.value))),
    value: () => (chosen().length ? (one ? chosen()[0] : chosen()) : undefined), problem: () => "",
  };
};

const drawing: Made = (asked, task, changed) => {
  const { low, high, label } = asked, shown = h("p", { className: "gl-shown" });
  const value = () => {
    const heights = pen.heights();
    return heights.some(Boolean) ? { heights, low: low!, high: high! } : undefined;
  };
  const tell = () => {
    const drawn = value();
    shown.textContent = drawn ? fill(asked.shows ?? "", widened(task, { [asked.name]: drawn }))
      .replace(/-(?=0\.0+(?!\d))/g, "").replace(/-/g, "−")
      : t("Drag across the picture, or use the arrow keys.");
  };
  const pen = bars(label, low!, high!, asked.bars!, () => {
    tell();
    changed();
  });
  tell();
  return {
    el: h("div", { className: "gl-wide" }, h("span", null, label), pen.el, shown), raw: () => pen.heights(), value,
    problem: () => "",
    set: (raw) => {
      pen.set((raw ?? []) as number[]);
      tell();
    },
  };
};

const MADE: Record<Asked["type"], Made> = { number: text, numbers: text, choice, choices: choice, drawing };

/** `*words*` leans. */
const leaning = (sentence: string) => sentence.split(/\*(\S(?:[^*]*\S)?)\*/).map((part, i) =>
  (i % 2 ? h("em", null, part) : part));

class Exercise {
  readonly #fields: Field[];
  readonly #verdict = h("p", { className: "gl-verdict", role: "status" });
  #kept = BLANK;
  readonly #section: Element;
  readonly #hint: HTMLDetailsElement[];

  constructor(readonly place: HTMLElement, readonly task: Task) {
    this.#section = place.closest("section") ?? place.parentElement!;
    this.#hint = [...this.#section.querySelectorAll<HTMLDetailsElement>(":scope > details.gl-hint")];
    this.#fields = task.fields.map((asked) => MADE[asked.type](asked, task, () => this.#touched()));
    this.#hints();
    if (task.kind !== "code") this.#mount();
    this.#restore(recall(task.number));
    follow(task.number, (kept) => this.#restore(kept));
  }

  /** As it was left, here or in another tab. */
  #restore(kept?: Partial<Kept>): void {
    this.#kept = { ...BLANK, ...kept };
    this.#showHints();
    if (this.task.kind === "code") return;
    this.task.fields.forEach(({ name }, i) => this.#fields[i]!.set(this.#kept.answers[name]));
    if (this.#kept.checked) this.#judge();
    else this.#say("", "");
    this.#solution();
  }

  #mount(): void {
    const { task } = this, reads = task.fields.some((asked) => asked.reads);
    const form = h("form", { className: "gl-answer", noValidate: true },
      h("div", { className: "gl-fields" }, ...this.#fields.map(({ el }) => el)),
      h("div", { className: "gl-row" }, h("button", { type: "submit" }, t("Check")),
        reads && h("button", { type: "button", onclick: () => this.#readOff() }, t("Read it off the figure"))),
      this.#verdict);
    form.setAttribute("aria-label", t("Your answer to exercise {0}", task.number));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#check();
    };
    this.place.append(form);
  }

  #save(): void {
    this.#kept.answers = Object.fromEntries(this.task.fields.map(({ name }, i) => [name, this.#fields[i]!.raw()]));
    remember(this.task.number, this.#kept);
  }

  /** A verdict is about the answer that was checked, not about the one being written. */
  #touched(): void {
    this.#say("", "");
    this.#kept.checked = false;
    this.#save();
  }

  #say(kind: string, words: string, sign = ""): void {
    this.#verdict.className = `gl-verdict ${kind}`;
    this.#verdict.replaceChildren(sign, ...leaning(words));
  }

  #check(): void {
    this.#kept.checked = true;
    if (this.#judge()) this.#kept.tried++;
    this.#save();
    this.#solution();
  }

  /** Says the verdict; false where nothing can be judged yet. */
  #judge(): boolean {
    const { task } = this, missing = this.#fields.findIndex((field) => field.value() === undefined);
    if (missing >= 0) {
      this.#say("gl-open", t("still to answer: {0}.", called(task.fields[missing]!)), "○ ");
      return false;
    }
    const problem = this.#fields.map((field) => field.problem()).find(Boolean);
    const answers: Scope = Object.fromEntries(task.fields.map(({ name }, i) => [name, this.#fields[i]!.value()]));
    const [right, words] = problem ? [false, problem] : judge(task, answers);
    this.#say(right ? "gl-right" : "gl-wrong", words, right ? `✓ ${t("Right")}: ` : `✗ ${t("Not yet")}: `);
    return true;
  }

  /** What the widget on this page shows now, into the fields. */
  #readOff(): void {
    const { widget, fields } = this.task;
    const view = (document.querySelector(`gan-lab[view="${widget}"]`) as any)?.view;
    const found = fields.map(({ reads }) => reads && view?.read?.(reads));
    if (found.every((v) => v == null)) {
      const lacks = fields.find(({ unread }) => unread)?.unread ?? "";
      return this.#say("gl-open", `${t("the figure does not show this yet.")} ${lacks}`.trim(), "○ ");
    }
    found.forEach((v, i) => v != null && this.#fields[i]!.set(typeof v === "number" ? String(+v.toFixed(3)) : v));
    this.#touched();
    this.#say("gl-open", t("read off the figure; now check it."), "○ ");
  }

  // ---- hints, one by one; the solution, after a try or when asked for ----------------------------------------------

  #hints(): void {
    this.#hint.forEach((hint, i) => hint.addEventListener("toggle", () => {
      if (!hint.open || i + 2 <= this.#kept.hints) return;
      this.#kept.hints = i + 2;
      this.#save();
      this.#showHints();
    }));
  }

  #showHints(): void {
    this.#hint.forEach((hint, i) => hint.classList.toggle("gl-closed", i >= this.#kept.hints));
  }

  #solution(): void {
    const solution = this.#section.querySelector<HTMLDetailsElement>(":scope > details.gl-solution");
    if (!solution) return;
    const parts = [solution, ...this.#section.querySelectorAll(":scope > .gl-solved")];
    const closed = !(this.#kept.tried || this.#kept.solved);
    for (const part of parts) part.classList.toggle("gl-closed", closed);
    const old = this.#section.querySelector(":scope > .gl-ask");
    if (!closed) return old?.remove();
    if (old) return;
    solution.before(h("p", { className: "gl-ask" }, t("The solution opens after a try."), " ",
      h("button", { type: "button", onclick: () => {
        this.#kept.solved = true;
        this.#save();
        this.#solution();
        solution.open = true;
        solution.querySelector("summary")!.focus();
      } }, t("Show it now"))));
  }
}

for (const place of document.querySelectorAll<HTMLElement>(".gl-exercise")) {
  new Exercise(place, JSON.parse(place.querySelector("script")!.textContent!));
}
mention();
definePart("exercise", true);
