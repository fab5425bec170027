/**
 * Predictions that commit: what answers the question of a "Predict" box stays closed until the reader has chosen, drawn
 * or written something, or said "show me". A part, fetched by pages that have such a box.
 */
import { definePart, h, t } from "../ui/index";
import { bars } from "./bars";
import { mention } from "./mention";
import { follow, forget, recall, remember } from "./remember";

interface Said { words?: string; heights?: number[] }

/** An option of the list, in words; textContent leaves comments out. */
const wordsOf = (item: Element): string => item.textContent!.trim().replace(/\.$/, "");
function replyOf(item: Element): string {
  const comments = document.createTreeWalker(item, NodeFilter.SHOW_COMMENT);
  return comments.nextNode()?.nodeValue?.replace(/\s+/g, " ").trim() ?? "";
}

class Prediction {
  readonly #name: string;
  readonly #spoiler: HTMLElement | null;
  readonly #asked = h("div", { className: "gl-asked" });
  readonly #status = h("p", { className: "gl-said", role: "status" });
  readonly #list: HTMLElement | null;
  readonly #pad: HTMLElement | null;

  constructor(readonly box: HTMLElement) {
    this.#name = box.dataset.predict!;
    this.#spoiler = document.querySelector(`.gl-spoiler[data-of="${this.#name}"]`);
    this.#list = box.querySelector(":scope > ul");
    this.#pad = box.querySelector(":scope > .gl-draw");
    this.#list?.classList.add("gl-replaced");
    box.append(this.#asked, this.#status);
    this.#show(recall(this.#name));
    follow(this.#name, (said) => this.#show(said));
  }

  /** What was `said`, or the question; `before`: what was said before it was taken back. */
  #show(said?: Said, before?: Said): void {
    this.#spoiler?.toggleAttribute("data-open", !!said);
    // widgets and formulas that were closed measure themselves anew
    if (said) dispatchEvent(new Event("resize"));
    const ways = this.#pad ? this.#drawn(said, before) : this.#list ? this.#chosen(said)
      : this.#written(said, before);
    this.#asked.replaceChildren(...ways,
      !said && h("button", { type: "button", className: "gl-skip", onclick: () => this.#commit({}) },
        t("Show it without a guess")) || "");
    if (!said) return this.#status.replaceChildren();
    this.#status.replaceChildren(said.words ? t("You said: {0}.", said.words) : said.heights ? t("Your drawing stands.")
      : t("Shown without a guess."), " ", this.#reply(said), t("Now read on."), " ",
      h("button", { type: "button", onclick: () => this.#takeBack(said) }, t("Guess again")));
  }

  #commit(said: Said): void {
    remember(this.#name, said);
    this.#show(said);
    // the button that was pressed is gone: go on from what it said
    this.#status.tabIndex = -1;
    this.#status.focus({ preventScroll: true });
  }

  #takeBack(said: Said): void {
    forget([this.#name]);
    this.#show(undefined, said);
    this.#asked.querySelector<HTMLElement>("button, input, [tabindex='0']")?.focus();
  }

  /** What speaks to the option that was chosen: a comment behind it; the right one of a list has none. */
  #reply({ words }: Said): string {
    const options = words ? [...this.#list?.children ?? []] : [], replies = options.map(replyOf);
    const i = options.findIndex((item) => wordsOf(item) === words);
    return i < 0 || !replies.some(Boolean) ? "" : (replies[i] || t("So it is.")) + " ";
  }

  #chosen(said?: Said): HTMLElement[] {
    return [...this.#list!.children].map((item) => {
      const words = wordsOf(item);
      const { childNodes } = item.querySelector(":scope > p") ?? item;
      const option = h("button", { type: "button", className: "gl-option", disabled: !!said,
        onclick: () => this.#commit({ words }) }, ...[...childNodes].map((node) => node.cloneNode(true)));
      option.setAttribute("aria-pressed", String(said?.words === words));
      return option;
    });
  }

  #written(said?: Said, before?: Said): HTMLElement[] {
    if (said) return [];
    const input = h("input", { type: "text", autocomplete: "off", "aria-label": t("Your guess"),
      value: before?.words ?? "" });
    const form = h("form", { noValidate: true }, input, " ", h("button", { type: "submit" }, t("This is my guess")));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value.trim()) return this.#commit({ words: input.value.trim().replace(/\.$/, "") });
      this.#status.textContent = t("Write your guess into the field, or show it without one.");
      input.focus();
    };
    return [form];
  }

  #drawn(said?: Said, before?: Said): HTMLElement[] {
    const { low, high, bars: count, label } = this.#pad!.dataset, heights = (said ?? before)?.heights;
    const done = h("button", { type: "button", disabled: !heights,
      onclick: () => this.#commit({ heights: pen.heights() }) }, t("This is my guess"));
    const pen = bars(label ?? t("Your guess"), +low!, +high!, +count!, () => {
      done.disabled = !pen.heights().some(Boolean);
    });
    pen.set(heights ?? []);
    pen.el.inert = !!said;
    return said && !said.heights ? [] : said ? [pen.el] : [pen.el, done];
  }
}

/** What the address points at is not closed: a figure, or a widget with a state of its own. */
function pointed(): void {
  const wanted = [...document.querySelectorAll(".gl-spoiler gan-lab")].filter((widget) =>
    new RegExp(`[#&]${widget.id || widget.getAttribute("view")}\\d*\\.`).test(location.hash));
  for (const one of [document.querySelector(":target"), ...wanted]) {
    one?.closest(".gl-spoiler")?.toggleAttribute("data-open", true);
  }
}

for (const box of document.querySelectorAll<HTMLElement>(".gl-predict[data-predict]")) new Prediction(box);
pointed();
addEventListener("hashchange", pointed);
mention();
definePart("predict", true);
