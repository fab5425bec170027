/**
 * The concept inventory: items whose wrong answers are known misconceptions, taken before and after. The answers stay
 * in this browser; reasons are shown once the second taking is finished, so that the first does not teach the test.
 */
import { button, defineView, h, language, row, symbols, t, toggle, uid, wear } from "../ui/index";
import { change, erase, KEY, load, table, type Taken, type Takings } from "./inventory-kept";

interface Words { ask: string; options: string[]; why: string }
export interface Item { id: string; of: string; page: string; chapter: number; right: number; en: Words; zh: Words }
type Names = Record<string, { en: string; zh: string }>;
type When = keyof Takings;

const said = <T>(of: { en: T; zh: T }): T => (language() === "zh" ? of.zh : of.en);

/** One item: its options as radio buttons, and below them, when it may be seen, what was right and why. */
function question(item: Item, i: number, base: string, chosen: (option: number) => void) {
  const words = said(item), name = uid(), why = h("p", { hidden: true });
  const inputs = words.options.map((_, k) => h("input", { type: "radio", name, onchange: () => chosen(k) }));
  const labels = words.options.map((option, k) =>
    h("label", { className: "option" }, inputs[k], " ", ...symbols(option)));
  const el = h("fieldset", null, h("legend", null, ...symbols(`${i + 1}. ${words.ask}`)), ...labels, why);
  const show = (option: number | undefined, done: boolean, told: boolean) => {
    inputs.forEach((input, k) => {
      input.checked = k === option;
      input.disabled = done;
    });
    why.hidden = !told;
    const right = option === item.right;
    why.replaceChildren(h("strong", null, right ? t("Right.") : t("Better: “{0}”", words.options[item.right]!)), " ",
      h("span", null, ...symbols(words.why)), " ", h("a", { href: `${base}${item.page}.html` },
        t("Chapter {0}", item.chapter)));
  };
  return { el, show };
}

/** A file made here, saved by the reader's browser. */
function download(file: string, type: string, text: string) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Right answers by misconception, before and after. */
function scores(items: Item[], names: Names) {
  const body = h("tbody"), el = h("div", null, h("table", null, h("thead", null, h("tr", null,
    h("th", { scope: "col" }, t("Misconception")), h("th", { scope: "col" }, t("Before")),
    h("th", { scope: "col" }, t("After")))), body));
  const count = (taken: Taken, of: Item[]) => (taken.done
    ? t("{0} of {1}", of.filter(({ id, right }) => taken.answers[id] === right).length, of.length) : "–");
  const show = (takings: Takings) => {
    const line = (name: string, of: Item[]) => h("tr", null, h("th", { scope: "row" }, name),
      h("td", null, count(takings.before, of)), h("td", null, count(takings.after, of)));
    body.replaceChildren(...Object.entries(names).map(([key, name]) =>
      line(said(name), items.filter(({ of }) => of === key))), line(t("All"), items));
    el.hidden = !takings.before.done && !takings.after.done;
  };
  return { el, show };
}

/** Saving and erasing. */
function tools(items: Item[], takings: () => Takings, forget: () => void) {
  let sure = 0;
  const away = button(t("Erase my answers"), () => {
    if (!sure) {
      away.textContent = t("Erase both takings? Press again");
      sure = window.setTimeout(() => {
        sure = 0;
        away.textContent = t("Erase my answers");
      }, 4000);
      return;
    }
    clearTimeout(sure);
    sure = 0;
    away.textContent = t("Erase my answers");
    forget();
  });
  const lines = () => table(items, takings());
  return row(button(t("Save as CSV"), () => download("concept-inventory.csv", "text/csv", "\ufeff" + lines()
    .map((cells) => cells.join(",")).join("\r\n") + "\r\n")),
  button(t("Save as JSON"), () => download("concept-inventory.json", "application/json",
    JSON.stringify(takings(), null, 1))), away);
}

defineView("inventory", (host) => {
  const items = host.options.items as Item[], names = host.options.misconceptions as Names;
  if (!Array.isArray(items) || !names) throw new Error(t("There is nothing to ask: give items and misconceptions."));
  const base = String(host.options.base ?? "../");
  let store = load(items), when: When = store.takings.before.done ? "after" : "before";
  const now = () => store.takings[when];
  const status = h("p", { className: "status" }), result = scores(items, names);
  const keep = (edit: (takings: Takings) => void) => {
    store = change(items, store, edit);
    show();
  };
  const follow = ({ key }: StorageEvent) => {
    if (!store.kept || (key !== KEY && key !== null)) return;
    store = load(items);
    show();
  };
  addEventListener("storage", follow);
  const asked = items.map((item, i) => question(item, i, base, (option) => keep((takings) => {
    if (!takings[when].done) takings[when].answers[item.id] = option;
  })));
  const takes = [["before", t("Before")], ["after", t("After")]] as const;
  const tabs = takes.map(([which, name]) => toggle(name, false, () => {
    when = which;
    show();
  }));
  const finish = button(t("Finish"), () => {
    keep((takings) => (takings[when].done ||= new Date().toISOString()));
    result.el.scrollIntoView({ block: "nearest" });
  }, { className: "main" });
  const answered = () => Object.keys(now().answers).length;
  function sentence(): string {
    const left = items.length - answered();
    if (!now().done) {
      return t("{0} of {1} answered.", answered(), items.length) + " " + (left ? t("Guess where you do not know.")
        : t("Press Finish: after that nothing can be changed."));
    }
    return when === "before" ? t("Finished. Read, play, and take it again: choose After. The reasons come then.")
      : t("Finished. Below each item you see what is right, and why.");
  }
  function show() {
    tabs.forEach((tab, i) => tab.set((i ? "after" : "before") === when));
    asked.forEach((one, i) => one.show(now().answers[items[i]!.id], !!now().done, when === "after" && !!now().done));
    finish.disabled = !!now().done || answered() < items.length;
    status.textContent = sentence() + (store.kept ? "" : " "
      + t("This browser keeps nothing: save your answers before you close the page."));
    result.show(store.takings);
    host.changed(true);
  }
  wear(host, STYLE);
  host.root.append(row(...tabs.map(({ el }) => el), status), ...asked.map(({ el }) => el),
    row(finish), result.el, tools(items, () => store.takings, () => {
      when = "before";
      keep(erase);
    }));
  show();
  return { describe: sentence, state: () => ({}), draw: () => {},
    destroy: () => removeEventListener("storage", follow) };
});

const STYLE = `fieldset { border: 0; border-top: 1px solid var(--grid); margin: 0; padding: 10px 0; min-width: 0; }
legend { float: left; width: 100%; font-weight: 600; padding: 0 0 4px; } legend + * { clear: both; }
.option { display: flex; gap: 8px; align-items: baseline; padding: 5px 0; cursor: pointer; }
.option input { flex: none; width: 16px; height: 16px; margin: 0; transform: translateY(3px); }
a { color: var(--discriminator); } th { white-space: normal !important; }`;
