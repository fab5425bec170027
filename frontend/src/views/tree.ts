/**
 * A game tree: the reader predicts each mover's choice from the leaves up (backward induction), or follows alpha-beta
 * as it finds the same value with fewer leaves.
 */
import { DATA, Stream } from "../engine/views";
import {
  button, clamp, defineView, fmt, h, keep, number, player, Plot, row, say, select, t, type State,
} from "../ui/index";
import { drawTree, type Scene } from "./tree-draw";
import { alphaBeta, below, line, place, readTree, solve, type Event, type Node } from "./tree-game";

const EXAMPLE = [[3, 12, 8], [2, 4, 6], [14, 5, 2]];
const LEVEL = 84;

defineView("tree", (host) => {
  const o = host.options, tree = readTree(o.tree ?? EXAMPLE), c = host.colours;
  const kept = keep(host, { mode: "predict", step: 0, seed: 0, leaves: "" }), s = kept.now;
  const given = tree.leaves.map((leaf) => leaf.value);
  const name = (node: Node) => (node.player < 0 ? t("Luck") : tree.players[node.player]);
  const num = (v: number) => (Number.isFinite(v) ? String(+v.toFixed(3)).replace("-", "−") : fmt(v));
  const pay = (node: Node) => (tree.zeroSum ? num(node.value[0]) : node.value.map(num).join(", "));
  let events: Event[] = [], feedback = "", right = 0, asked = 0, wait = 0;

  const write = () => tree.leaves.map(({ value }) => (tree.zeroSum ? value[0] : value.join(","))).join(" ");
  /** "3 12 8" or "3,1 2,2": one leaf after the other; null where it does not fit the tree. */
  const parse = (text: string): number[][] | null => {
    const values = text.trim().split(/[\s;]+/).map((word) => word.split(",").map((v) => (v ? +v : NaN)));
    const full = values.map((v) => (v.length === 1 && tree.players.length === 2 ? [v[0], -v[0]] : v));
    return full.length === given.length && full.every((v) => v.length === tree.players.length && v.every(Number.isFinite)) ? full : null;
  };
  /** Leaves from the state: typed or given, then shuffled by the seed. */
  const settle = () => {
    const values = [...(parse(s.leaves) ?? given)], u = new Float64Array(values.length);
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
    events = tree.zeroSum ? alphaBeta(tree) : [];
    s.step = clamp(Math.round(s.step), 0, count());
  };
  const predicting = () => s.mode === "predict";
  const count = () => (predicting() ? tree.inner.length : events.length);
  const current = (): Node | undefined => (predicting() ? tree.inner[s.step] : events[s.step - 1]?.node);
  const focused = () => (host.root.getRootNode() as ShadowRoot).activeElement;
  const known = (node: Node) => !node.kids.length || tree.inner.indexOf(node) < s.step;

  const forward = () => {
    feedback = "";
    if (s.step < count()) s.step++;
    if (s.step === count() && host.running) film.play(false);
  };
  /** The reader says which kid the mover will choose. */
  const predict = (kid: number) => {
    const node = current()!;
    film.play(false);
    const mine = node.kids[kid], best = node.kids[node.best], good = mine.value[node.player] > best.value[node.player] - 1e-12;
    forward();
    asked++;
    right += +good;
    feedback = good ? t("Right: {0} takes {1}. ", name(node), mine.name)
      : t("No: for {0}, {1} ({2}) is better than {3} ({4}). ", name(node), best.name, pay(best), mine.name, pay(mine));
    host.changed();
  };
  const restart = () => {
    s.step = right = asked = 0;
    feedback = "";
    settle();
    host.changed();
  };

  const deepest = Math.max(...tree.leaves.map((leaf) => leaf.depth)), foot = 14 + 15 * (tree.zeroSum ? 1 : tree.players.length);
  const picture = new Plot({ label: t("The game tree"), x: [0, tree.leaves.length], y: [0, 1], pad: [30, 6, foot, 6],
    height: deepest * LEVEL + 30 + foot }, c);
  picture.y = [-deepest || -1, 0];
  picture.el.style.minWidth = tree.leaves.length * (tree.zeroSum ? 34 : 42) + "px";
  const mode = select<string>(t("Watch"), { predict: t("backward induction"), "alpha-beta": t("alpha-beta") }, "predict", (m) => {
    s.mode = m;
    restart();
  });
  const film = player(host, { steps: [[t("Step"), () => forward()]], reset: restart,
    toggled: (on) => {
      if (on && s.step === count()) s.step = 0;
      if (!on) host.changed();
    } });
  const seed = number(t("seed"), { min: 0, max: 9999, value: s.seed }, (v) => {
    s.seed = v;
    restart();
  });
  const text = h("input", { type: "text", "aria-label": t("Leaf values, left to right"), style: "flex:1;min-width:12em", onchange: () => {
    const ok = parse(text.value);
    text.setAttribute("aria-invalid", String(!ok));
    if (!ok) {
      const pairs = tree.players.length > 2 || !tree.zeroSum;
      feedback = t("There are {0} leaves: give as many numbers{1}. ", given.length, pairs ? t(", each like 3,1") : "");
      return host.changed();
    }
    s.leaves = text.value.trim();
    seed.set((s.seed = 0));
    restart();
  } });
  const scroller = h("div", { style: "overflow-x:auto", tabIndex: 0, onscroll: () => host.changed(true) }, picture.el);
  const ask = row(), note = h("p"), score = h("p", { className: "muted" });
  host.root.append(row(tree.zeroSum && mode.el, film.el), scroller, ask, note, score,
    row(h("span", { className: "muted" }, t("Leaves")), text, button(t("Shuffle"), () => {
      seed.set(++s.seed);
      restart();
    }), seed.el));

  picture.canvas.onclick = ({ offsetX: px, offsetY: py }) => {
    const near = (nodes: Node[]) => {
      const away = nodes.map((node) => Math.hypot(picture.X(node.x) - px, picture.Y(-node.depth) - py)), least = Math.min(...away);
      return least < 24 ? away.indexOf(least) : -1;
    };
    const node = predicting() ? current() : undefined, kid = near(node?.kids ?? []), leaf = near(tree.leaves);
    if (kid >= 0 && node!.best >= 0) predict(kid);
    else if (leaf >= 0) {
      const words = text.value.split(/(?<=\s)/), from = words.slice(0, leaf).join("").length;
      text.focus();
      text.setSelectionRange(from, from + words[leaf].trimEnd().length);
    }
  };

  const visited = () => events.slice(0, s.step).filter((e) => e.kind === "leaf").length;
  const skipped = () => events.slice(0, s.step).flatMap((e) => e.cut).reduce((sum, node) => sum + below(node), 0);
  const result = () => t("Solved: the value is {0}, by the moves {1}.", pay(tree.root), line(tree.root).slice(1).map((n) => n.name).join(" › "));
  const describe = () => {
    const node = current();
    if (predicting()) {
      const last = tree.inner[s.step - 1];
      const found = feedback || (last ? t("{0} at {1} is worth {2}. ", name(last), place(last), pay(last)) : "");
      return found + (!node ? result() : node.best < 0 ? t("Next: luck at {0}, the average.", place(node))
        : t(!tree.zeroSum ? "{0} moves at {1} and wants the most for {0}. Which move?"
          : node.player ? "{0} moves at {1} and wants the least. Which move?"
            : "{0} moves at {1} and wants the most. Which move?", name(node), place(node)));
    }
    const e = events[s.step - 1];
    if (!e) return feedback + t("α is what {0} is sure of elsewhere, β what {1} is. Step through the search.", ...tree.players);
    const window = t("α = {0}, β = {1}", num(e.alpha), num(e.beta));
    const what = e.kind === "leaf" ? t("Leaf {0}: {1}.", place(node!), num(e.value))
      : e.kind === "enter" ? t("{0} at {1}: entered with {2}.", name(node!), place(node!), window)
        : t("{0} at {1}: value so far {2}, {3}.", name(node!), place(node!), num(e.value), window);
    return feedback + what + (e.kind === "cut" ? " " + t("α ≥ β: {0} will not be looked at.", e.cut.map((n) => n.name).join(", ")) : "")
      + (s.step === events.length ? " " + result() : "");
  };

  let asking = "", looking: Node | undefined;
  /** One button per move of the node to predict; the focus stays with a reader who uses the keyboard. */
  const showQuestion = () => {
    const node = predicting() && !host.running ? current() : undefined, key = node && node.best >= 0 ? place(node) + pay(node) : "";
    if (key === asking) return;
    const inside = ask.contains(focused());
    asking = key;
    ask.replaceChildren(...(key ? node!.kids.map((kid, i) => button(`${kid.name}: ${pay(kid)}`, () => predict(i))) : []));
    if (inside) (ask.querySelector("button") ?? film.el.querySelector("button"))?.focus();
  };

  const scene = (): Scene => {
    const done = events.slice(0, s.step), last = new Map(done.map((e) => [e.node, e])), back = predicting();
    return {
      current: current(), cut: new Set(done.flatMap((e) => e.cut)), main: new Set(s.step === count() ? line(tree.root) : []),
      chosen: (kid) => back && known(kid.parent!) && kid.parent!.kids[kid.parent!.best] === kid,
      words: (node) => {
        const e = last.get(node);
        return back && known(node) ? pay(node) : e && e.kind !== "enter" ? num(e.value) : node === current() ? "?" : "";
      },
      window: (node) => {
        const e = last.get(node);
        return e && [num(e.alpha), num(e.beta)];
      },
      looked: (leaf) => back || last.has(leaf), name, number: num, scrolled: scroller.scrollLeft,
    };
  };
  const draw = () => {
    mode.set(s.mode);
    // what a reader is typing, or typed wrong, stays
    if (text.getAttribute("aria-invalid") !== "true" && focused() !== text) text.value = write();
    showQuestion();
    say(note, describe());
    say(score, predicting() ? (asked ? t("Predicted: {0} of {1} right.", right, asked) : "")
      : t("Leaves looked at: {0} of {1}; never needed: {2}.", visited(), tree.leaves.length, skipped()));
    if (!picture.begin()) return;
    const here = current();
    if (here !== looking) scroller.scrollLeft = here ? picture.X(here.x) - scroller.clientWidth / 2 : 0;
    looking = here;
    drawTree(picture, tree, c(), scene());
  };
  settle();
  return {
    describe, draw, state: kept.state,
    restore: (saved: State) => {
      kept.restore(saved);
      settle();
      seed.set(s.seed);
      host.changed(true);
    },
    frame: (ms) => {
      wait += host.reducedMotion ? 1000 : ms;
      if (wait < 900) return false;
      wait = 0;
      forward();
      return true;
    },
  };
});
