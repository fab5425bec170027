/** Game trees without a picture: read, solved from the leaves (backward induction), searched with alpha-beta. */
import { t } from "../ui/index";

export interface Node {
  name: string;
  parent?: Node;
  /** Who moves; -1 at a leaf, -2 where luck does. */
  player: number;
  kids: Node[];
  /** The probabilities of the kids where luck moves. */
  odds: number[];
  /** A leaf's payoffs, above it what backward induction finds. */
  value: number[];
  /** Which kid is chosen. */
  best: number;
  depth: number;
  /** From left to right, in leaves. */
  x: number;
}
export interface Tree { players: string[]; root: Node; leaves: Node[];
  /** Decisions and chance, children first. */ inner: Node[]; zeroSum: boolean }
/** One event of the search: `node` with its window and its value so far; `cut`: kids that need no look. */
export interface Event { node: Node; kind: "enter" | "leaf" | "back" | "cut"; alpha: number; beta: number;
  value: number; cut: Node[] }

const MOST = 48;

/** From what `GameTree.to_dict` writes, or from nested lists of the first player's payoffs, players taking turns. */
export function readTree(spec: any): Tree {
  const tree: Tree = { players: spec.players ?? ["Max", "Min"], root: null!, leaves: [], inner: [], zeroSum: true };
  const read = (s: any, name: string, parent?: Node): Node => {
    const depth = parent ? parent.depth + 1 : 0;
    const node: Node = { name, parent, player: -1, kids: [], odds: [], value: [], best: -1, depth, x: 0 };
    const below = Array.isArray(s) ? s.map((to, i) => ({ name: String.fromCharCode(97 + i), to })) : s?.moves
      ?? s?.chance;
    if (below?.length) {
      node.player = s.chance ? -2 : s.player ?? depth % 2;
      node.kids = below.map((m: any) => read(m.to, m.name, node));
      node.odds = below.map((m: any) => m.probability);
      node.x = (node.kids[0].x + node.kids[node.kids.length - 1].x) / 2;
      tree.inner.push(node);
      return node;
    }
    node.value = typeof s === "number" ? [s, -s] : s?.payoffs;
    if (node.value?.length !== tree.players.length || !node.value.every(Number.isFinite)) {
      throw new Error(t("A leaf of the tree is {0}: it needs {1} payoffs.", JSON.stringify(s), tree.players.length));
    }
    node.x = tree.leaves.push(node) - 0.5;
    return node;
  };
  tree.root = read(spec.root ?? spec, "");
  if (tree.leaves.length > MOST) {
    throw new Error(t("This tree has {0} leaves; {1} can be shown.", tree.leaves.length, MOST));
  }
  solve(tree);
  return tree;
}

/** Everyone takes what pays them most; of equals, the first. */
export function solve(tree: Tree): void {
  tree.zeroSum = tree.players.length === 2 && tree.leaves.every(({ value: [a, b] }) => Math.abs(a + b) < 1e-9);
  for (const node of tree.inner) {
    const pays = node.kids.map((k) => k.value[node.player]), top = Math.max(...pays);
    node.best = node.player < 0 ? -1 : pays.findIndex((v) => v >= top - 1e-12);
    node.value = node.kids[node.best]?.value ?? tree.players.map((_, i) =>
      node.kids.reduce((sum, k, j) => sum + node.odds[j] * k.value[i], 0));
  }
}

/** The path of moves from the root; "root" for the root itself. */
export const place = (node: Node): string => (node.parent?.parent ? place(node.parent) + " › " : "")
  + (node.name || t("the root"));

export const line = (node: Node): Node[] => (node.kids[node.best] ? [node, ...line(node.kids[node.best])] : [node]);

export const below = (node: Node): number => (node.kids.length ? node.kids.reduce((sum, k) => sum + below(k), 0) : 1);

/** The search from left to right, event by event (Knuth and Moore 1975). */
export function alphaBeta(tree: Tree): Event[] {
  const events: Event[] = [];
  const search = (node: Node, alpha: number, beta: number): number => {
    const max = node.player === 0, chance = node.player === -2;
    let value = node.player === -1 ? node.value[0] : chance ? 0 : max ? -Infinity : Infinity;
    const note = (kind: Event["kind"], cut: Node[] = []) => events.push({ node, kind, alpha, beta, value, cut });
    note(node.player === -1 ? "leaf" : "enter");
    for (const [i, kid] of node.kids.entries()) {
      // an average is not bounded by one of its terms: below luck the window is open
      const found = chance ? search(kid, -Infinity, Infinity) : search(kid, alpha, beta);
      if (chance) value += node.odds[i] * found;
      else if (max) alpha = Math.max(alpha, (value = Math.max(value, found)));
      else beta = Math.min(beta, (value = Math.min(value, found)));
      const cut = !chance && alpha >= beta ? node.kids.slice(i + 1) : [];
      note(cut.length ? "cut" : "back", cut);
      if (cut.length) break;
    }
    return value;
  };
  search(tree.root, -Infinity, Infinity);
  return events;
}
