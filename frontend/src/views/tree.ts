/**
 * A game tree: the reader predicts each mover's choice from the leaves up (backward induction), or follows alpha-beta
 * as it finds the same value with fewer leaves.
 */
import { DATA, Stream } from "../engine/views";
import {
  button, clamp, defineView, fmt, focused, h, keep, number, player, Plot, read, row, say, select, t, type State,
  type View, type ViewHost,
} from "../ui/index";
import { drawTree, type Scene } from "./tree-draw";
import { alphaBeta, below, line, place, readTree, solve, type Event, type Node, type Tree } from "./tree-game";

const EXAMPLE = [[3, 12, 8], [2, 4, 6], [14, 5, 2]];
const LEVEL = 84;

const num = (v: number) => (Number.isFinite(v) ? String(+v.toFixed(3)).replace("-", "−") : fmt(v));

/** The tree, its leaves, and how far it is solved. */
class Solving {
  readonly tree: Tree;
  readonly given: number[][];
  events: Event[] = [];
  feedback = "";
  /** what is wrong with the leaves that were typed, or came with a link */
  wrong = "";
  /** one number a leaf says all */
  readonly #single: boolean;
  /** predictions that were right, and all of them */
  right = 0;
  asked = 0;

  constructor(readonly s: { mode: string; step: number; seed: number; leaves: string }, tree: Tree) {
    this.tree = tree;
    this.given = tree.leaves.map((leaf) => leaf.value);
    this.#single = tree.zeroSum;
  }

  name = (node: Node): string => (node.player < 0 ? t("Luck") : this.tree.players[node.player]);
  pay(node: Node): string {
    return this.tree.zeroSum ? num(node.value[0]) : node.value.map(num).join(", ");
  }
  get predicting(): boolean {
    return this.s.mode === "predict";
  }
  get count(): number {
    return this.predicting ? this.tree.inner.length : this.events.length;
  }
  get current(): Node | undefined {
    return this.predicting ? this.tree.inner[this.s.step] : this.events[this.s.step - 1]?.node;
  }
  known(node: Node): boolean {
    return !node.kids.length || this.tree.inner.indexOf(node) < this.s.step;
  }

  write(): string {
    const { leaves, zeroSum } = this.tree;
    return leaves.map(({ value }) => (zeroSum ? value[0] : value.join(","))).join(" ");
  }
  /** "3 12 8" or "3,1 2,2": one leaf after the other; a sentence where it does not fit the tree. */
  parse(text: string): number[][] | string {
    const words = text.split(/,?[\s;]+|,$/).filter(Boolean), { length } = this.tree.players, single = this.#single;
    const values = words.map((word) => word.split(",").map(read));
    const odd = values.findIndex((v) => v.length !== (single ? 1 : length) || !v.every(Number.isFinite));
    if (odd >= 0) {
      const [number, said] = [odd + 1, words[odd]!];
      return single ? t("Leaf {0} reads “{1}”: write one number for each leaf, spaces between them, and a point for decimals. ",
        number, said) : t("Leaf {0} reads “{1}”: write {2} numbers for each leaf, like 3,1, and spaces between the leaves. ",
        number, said, length);
    }
    const { length: needed } = this.given;
    if (values.length !== needed) return t("There are {0} leaves, and you gave {1}. ", needed, values.length);
    return single ? values.map(([v]) => [v!, -v!]) : values;
  }

  /** Leaves from the state: typed or given, then shuffled by the seed. */
  settle(): void {
    const { s, tree } = this, asked = s.leaves ? this.parse(s.leaves) : this.given;
    this.wrong = typeof asked === "string" ? asked : "";
    const values = [...(typeof asked === "string" ? this.given : asked)], u = new Float64Array(values.length);
    if (s.seed) {
      new Stream(s.seed, DATA).fill(u, u.length);
      for (let i = values.length - 1; i > 0; i--) {
        const j = Math.floor(u[i] * (i + 1));
        [values[i], values[j]] = [values[j], values[i]];
      }
    }
    tree.leaves.forEach((leaf, i) => (leaf.value = values[i]));
    solve(tree);
    if (!tree.zeroSum || s.mode !== "alpha-beta") s.mode = "predict";
    this.events = tree.zeroSum ? alphaBeta(tree) : [];
    s.step = clamp(Math.round(s.step), 0, this.count);
  }
  restart(): void {
    this.s.step = this.right = this.asked = 0;
    this.feedback = "";
    this.settle();
  }
  forward(): void {
    this.feedback = this.wrong = "";
    if (this.s.step < this.count) this.s.step++;
  }
  /** The reader says which kid the mover will choose. */
  predict(kid: number): void {
    const node = this.current!, mine = node.kids[kid], best = node.kids[node.best];
    const good = mine.value[node.player] > best.value[node.player] - 1e-12;
    this.forward();
    this.asked++;
    this.right += +good;
    this.feedback = good ? t("Right: {0} takes {1}. ", this.name(node), mine.name)
      : t("No: for {0}, {1} ({2}) is better than {3} ({4}). ", this.name(node), best.name, this.pay(best), mine.name,
        this.pay(mine));
  }

  // ---- in words ----------------------------------------------------------------------------------------------------

  describe(): string {
    if (this.wrong) return this.wrong + t("The tree stays as it was.");
    return this.predicting ? this.#describeInduction() : this.#describeSearch();
  }
  get #result(): string {
    const { root } = this.tree, moves = line(root).slice(1).map((n) => n.name).join(" › ");
    return t("Solved: the value is {0}, by the moves {1}.", this.pay(root), moves);
  }
  #describeInduction(): string {
    const { tree, current: node } = this, last = tree.inner[this.s.step - 1];
    const found = this.feedback
      || (last ? t("{0} at {1} is worth {2}. ", this.name(last), place(last), this.pay(last)) : "");
    if (!node) return found + this.#result;
    if (node.best < 0) return found + t("Next: luck at {0}, the average.", place(node));
    const question = !tree.zeroSum ? "{0} moves at {1} and wants the most for {0}. Which move?"
      : node.player ? "{0} moves at {1} and wants the least. Which move?"
        : "{0} moves at {1} and wants the most. Which move?";
    return found + t(question, this.name(node), place(node));
  }
  #describeSearch(): string {
    const { events, s, feedback } = this, e = events[s.step - 1];
    if (!e) {
      return feedback + t("Step through the search.");
    }
    const window = t("α = {0}, β = {1}", num(e.alpha), num(e.beta)), at = place(e.node), who = this.name(e.node);
    const what = e.kind === "leaf" ? t("Leaf {0}: {1}.", at, num(e.value))
      : e.kind === "enter" ? t("{0} at {1}: entered with {2}.", who, at, window)
        : t("{0} at {1}: value so far {2}, {3}.", who, at, num(e.value), window);
    const cut = e.kind === "cut" ? " " + t("α ≥ β: {0} will not be looked at.", e.cut.map((n) => n.name).join(", "))
      : "";
    return feedback + what + cut + (s.step === events.length ? " " + this.#result : "");
  }
  score(): string {
    if (this.predicting) return this.asked ? t("Predicted: {0} of {1} right.", this.right, this.asked) : "";
    const done = this.events.slice(0, this.s.step), looked = done.filter((e) => e.kind === "leaf").length;
    const skipped = done.flatMap((e) => e.cut).reduce((sum, node) => sum + below(node), 0);
    const { leaves, players } = this.tree;
    return t("Leaves looked at: {0} of {1}; never needed: {2}.", looked, leaves.length, skipped) + " "
      + t("α: the most that {0} is sure of so far. β: the least that {1} can hold it to.", ...players);
  }

  scene(scrolled: number): Scene {
    const { events, s, tree, name } = this, done = events.slice(0, s.step),
      last = new Map(done.map((e) => [e.node, e]));
    const back = this.predicting, current = this.current;
    return {
      current, cut: new Set(done.flatMap((e) => e.cut)), main: new Set(s.step === this.count ? line(tree.root) : []),
      chosen: (kid) => back && this.known(kid.parent!) && kid.parent!.kids[kid.parent!.best] === kid,
      words: (node) => {
        const e = last.get(node);
        if (back && this.known(node)) return this.pay(node);
        return e && e.kind !== "enter" ? num(e.value) : node === current ? "?" : "";
      },
      window: (node) => {
        const e = last.get(node);
        return e && [num(e.alpha), num(e.beta)];
      },
      looked: (leaf) => back || last.has(leaf), name, number: num, scrolled,
    };
  }
}

class TreeView implements View {
  readonly #kept;
  readonly #solving: Solving;
  readonly #picture: Plot;
  readonly #film;
  readonly #mode;
  readonly #seed;
  readonly #text: HTMLInputElement;
  readonly #scroller: HTMLElement;
  readonly #ask = row();
  readonly #note = h("p");
  readonly #score = h("p", { className: "muted" });
  #wait = 0;
  #asking = "";
  #looking: Node | undefined;

  constructor(readonly host: ViewHost) {
    this.#kept = keep(host, { mode: "predict", step: 0, seed: 0, leaves: "" });
    const s = this.#kept.now, solving = (this.#solving = new Solving(s, readTree(host.options.tree ?? EXAMPLE)));
    this.#picture = this.#plot(solving.tree);
    this.#mode = select<string>(t("Watch"), { predict: t("backward induction"), "alpha-beta": t("alpha-beta") },
      "predict",
      (m) => {
        s.mode = m;
        this.#restart();
      });
    this.#film = player(host, { steps: [[t("Step"), () => this.#forward()]], reset: () => this.#restart(),
      toggled: (on) => {
        if (on && s.step === solving.count) s.step = 0;
        if (!on) host.changed();
      } });
    this.#seed = number(t("seed"), { min: 0, max: 9999, value: s.seed }, (v) => {
      s.seed = v;
      this.#restart();
    });
    this.#text = h("input", { type: "text", "aria-label": t("Leaf values, left to right"),
      style: "flex:1;min-width:12em",
      onchange: () => this.#type() });
    this.#scroller = h("div", { style: "overflow-x:auto", tabIndex: 0, onscroll: () => host.changed(true) },
      this.#picture.el);
    host.root.append(row(solving.tree.zeroSum && this.#mode.el, this.#film.el), this.#scroller, this.#ask, this.#note,
      this.#score,
      row(h("span", { className: "muted" }, t("Leaves")), this.#text, button(t("Shuffle"), () => {
        this.#seed.set(++s.seed);
        this.#restart();
      }), this.#seed.el));
    this.#picture.canvas.onclick = (event) => this.#click(event);
    solving.settle();
  }

  #plot({ leaves, zeroSum, players }: Tree): Plot {
    const deepest = Math.max(...leaves.map((leaf) => leaf.depth)), foot = 14 + 15 * (zeroSum ? 1 : players.length);
    const picture = new Plot({ label: t("The game tree"), x: [0, leaves.length], y: [0, 1], pad: [30, 6, foot, 6],
      height: deepest * LEVEL + 30 + foot }, this.host.colours);
    picture.y = [-deepest || -1, 0];
    picture.el.style.minWidth = leaves.length * (zeroSum ? 34 : 42) + "px";
    return picture;
  }

  // ---- what the reader does ----------------------------------------------------------------------------------------

  #forward(): void {
    const solving = this.#solving;
    solving.forward();
    if (solving.s.step === solving.count && this.host.running) this.#film.play(false);
  }
  #predict(kid: number): void {
    this.#film.play(false);
    this.#solving.predict(kid);
    this.host.changed();
  }
  #restart(): void {
    this.#solving.restart();
    this.host.changed();
  }

  #type(): void {
    const solving = this.#solving, { s } = solving, text = this.#text.value.trim(), read = solving.parse(text);
    if (typeof read === "string") {
      this.#film.play(false);
      solving.wrong = read;
      return this.host.changed();
    }
    s.leaves = text;
    this.#seed.set((s.seed = 0));
    this.#restart();
  }

  /** On a kid: a prediction; on a leaf: its number is to be typed anew. */
  #click({ offsetX: px, offsetY: py }: MouseEvent): void {
    const picture = this.#picture, text = this.#text, { predicting, current, tree } = this.#solving;
    const near = (nodes: Node[]) => {
      const away = nodes.map((node) => Math.hypot(picture.X(node.x) - px, picture.Y(-node.depth) - py));
      const least = Math.min(...away);
      return least < 24 ? away.indexOf(least) : -1;
    };
    const node = predicting ? current : undefined, kid = near(node?.kids ?? []), leaf = near(tree.leaves);
    if (kid >= 0 && node!.best >= 0) this.#predict(kid);
    else if (leaf >= 0) {
      const words = text.value.split(/(?<=\s)/), from = words.slice(0, leaf).join("").length;
      text.focus();
      text.setSelectionRange(from, from + words[leaf].trimEnd().length);
    }
  }

  /** One button per move of the node to predict; the focus stays with a reader who uses the keyboard. */
  #question(): void {
    const solving = this.#solving, ask = this.#ask, node = solving.predicting && !this.host.running ? solving.current
      : undefined;
    const moves = node && node.best >= 0 ? node.kids.map((kid) => `${kid.name}: ${solving.pay(kid)}`) : [];
    const key = node && moves.length ? [place(node), ...moves].join() : "";
    if (key === this.#asking) return;
    const inside = [...ask.querySelectorAll("button")].some(focused);
    this.#asking = key;
    ask.replaceChildren(...moves.map((words, i) => button(words, () => this.#predict(i))));
    if (inside) (ask.querySelector("button") ?? this.#film.el.querySelector("button"))?.focus();
  }

  // ---- the view ----------------------------------------------------------------------------------------------------

  describe(): string {
    return this.#solving.describe();
  }
  read(what: string): string | undefined {
    return what === "leaves" ? this.#solving.write() : undefined;
  }
  state(): State {
    return this.#kept.state();
  }
  restore(saved: State): void {
    this.#kept.restore(saved);
    this.#solving.settle();
    this.#seed.set(this.#solving.s.seed);
    this.host.changed(true);
  }

  draw(): void {
    const solving = this.#solving, text = this.#text, picture = this.#picture, scroller = this.#scroller;
    this.#mode.set(solving.s.mode);
    text.setAttribute("aria-invalid", String(!!solving.wrong));
    // what was typed wrong, or came with a link, stays to be mended
    if (solving.wrong) text.value ||= solving.s.leaves;
    else if (!focused(text)) text.value = solving.write();
    this.#question();
    this.#note.className = solving.wrong && "problem";
    say(this.#note, solving.describe());
    say(this.#score, solving.score());
    if (!picture.begin()) return;
    const here = solving.current;
    if (here !== this.#looking) scroller.scrollLeft = here ? picture.X(here.x) - scroller.clientWidth / 2 : 0;
    this.#looking = here;
    drawTree(picture, solving.tree, this.host.colours(), solving.scene(scroller.scrollLeft));
  }

  frame(ms: number): boolean {
    this.#wait += this.host.reducedMotion ? 1000 : ms;
    if (this.#wait < 900) return false;
    this.#wait = 0;
    this.#forward();
    return true;
  }
}

defineView("tree", (host) => new TreeView(host));
