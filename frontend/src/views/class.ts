/** A class's predictions on one screen: a table is pasted, and what was predicted is seen, without server or kernel. */
import { button, defineView, h, read, row, say, select, t, uid, wear } from "../ui/index";
import { bars, likely, MOST_ROWS, parse, short, type Bar, type Table } from "./class-table";

const MOST_SIGNS = 80; // of an answer, before its bar

const median = (sorted: number[]): number =>
  (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;

/** One bar: its label, its length, how many; marked where the answer lies. */
function line(bar: Bar, most: number, all: number, marked: boolean): HTMLElement {
  const share = all ? Math.round((100 * bar.count) / all) : 0;
  const label = bar.label.length > MOST_SIGNS ? bar.label.slice(0, MOST_SIGNS - 1) + "…" : bar.label;
  return h("tr", { className: marked ? "answer" : "" }, h("th", { scope: "row" }, label + (marked ? " ←" : "")),
    h("td", { className: "long" }, h("div", { className: "bar", style: `width:${(100 * bar.count) / (most || 1)}%` })),
    h("td", null, t("{0} ({1} %)", bar.count, share)));
}

const holds = (bar: Bar, answer: string): boolean => {
  const v = read(answer);
  if (bar.low !== undefined) return v >= bar.low && v < bar.high!;
  return !!answer && (bar.label.toLowerCase() === answer.toLowerCase() || read(bar.label) === v);
};

defineView("class", (host) => {
  const paste = h("textarea", { id: uid(), rows: 4, spellcheck: false,
    placeholder: "student\tprediction\nAda\t0.5\nBo\t1" });
  const answer = h("input", { type: "text", id: uid(), size: 10 });
  const status = h("p", { className: "status" }), chart = h("table"), columns = h("div");
  let found: Table = parse(""), column = 0;
  const cells = () => found.rows.map((one) => one[column] ?? "").filter(Boolean);
  function summary(): string {
    const given = cells(), { numbers, others } = bars(given);
    if (!given.length) return t("Nothing to show yet: paste a table, one line for each student.");
    const sorted = [...numbers].sort((a, b) => a - b);
    return (given.length === 1 ? t("One prediction.") : t("{0} predictions.", given.length))
      + (numbers.length ? " " + t("Median {0}, from {1} to {2}.",
        ...[median(sorted), sorted[0]!, sorted[sorted.length - 1]!].map((v) => short(v, 4))) : "")
      + (others ? " " + t("Not shown: {0}.", others) : "")
      + (found.left ? " " + t("Only the first {0} lines were read; left out: {1}.", MOST_ROWS, found.left) : "");
  }
  function show() {
    const given = cells(), all = bars(given).bars, most = all.reduce((m, { count }) => Math.max(m, count), 0);
    chart.replaceChildren(h("tbody", null, ...all.map((bar) =>
      line(bar, most, given.length, holds(bar, answer.value.trim())))));
    chart.hidden = !all.length;
    clear.disabled = !paste.value && !answer.value;
    say(status, summary());
    host.changed(true);
  }
  function take() {
    found = parse(paste.value);
    column = likely(found);
    const names = Object.fromEntries(found.names.map((name, i) => [String(i), name || t("Column {0}", i + 1)]));
    columns.replaceChildren(...(found.names.length > 1 ? [select(t("Column"), names, String(column), (value) => {
      column = +value;
      show();
    }).el] : []));
    show();
  }
  paste.oninput = take;
  answer.oninput = show;
  const clear = button(t("Clear"), () => {
    paste.value = answer.value = "";
    take();
  });
  wear(host, STYLE);
  host.root.append(
    h("label", { htmlFor: paste.id },
      t("Paste the predictions: a table from a form or a spreadsheet, CSV or TSV")), paste,
    row(columns, h("div", { className: "field" }, h("label", { htmlFor: answer.id }, t("Mark the answer")), answer),
      clear), status, chart);
  take();
  return { describe: summary, state: () => ({}), draw: () => {} };
});

const STYLE = `.bar { height: 1.3em; background: var(--generator); border-radius: 0 4px 4px 0; min-width: 2px; }
.answer .bar { background: var(--discriminator); } .answer th, .answer td { font-weight: 700; }
.long { width: 60%; } th { overflow-wrap: anywhere; white-space: normal !important; max-width: 12em; }
td:last-child { white-space: nowrap; } table { font-size: 1.1em; }`;
