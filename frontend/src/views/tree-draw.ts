/** The picture of a game tree: branches, movers, values, and what alpha-beta knows and skips. */
import type { Colours, Plot } from "../ui/index";
import type { Node, Tree } from "./tree-game";

/** What is to be seen of the tree now. */
export interface Scene {
  current?: Node;
  /** Below these, nothing is looked at. */
  cut: Set<Node>;
  /** The line of play, once it is known. */
  main: Set<Node>;
  /** Is this the branch its mover takes? */
  chosen(kid: Node): boolean;
  /** The value to write at a node. */
  words(node: Node): string;
  /** The search window of a node, in words. */
  window(node: Node): [string, string] | undefined;
  looked(leaf: Node): boolean;
  name(node: Node): string;
  number(v: number): string;
  /** How far the picture is scrolled: titles stay in sight. */
  scrolled: number;
}

const actor = (k: Colours, player: number) => [k.discriminator, k.generator][player] ?? k.muted;

export function drawTree(plot: Plot, tree: Tree, k: Colours, scene: Scene): void {
  const hidden = (node: Node): boolean => scene.cut.has(node) || (!!node.parent && hidden(node.parent));
  for (const node of [...tree.inner].reverse()) {
    node.kids.forEach((kid, i) => branch(plot, k, scene, node, kid, i, hidden(kid)));
  }
  // whose turn it is: once at the left edge, or beside each node of a level with several movers
  const titles = tree.inner.filter((node) => !tree.inner.some((n) => n.depth === node.depth
    && (n.player !== node.player || n.x < node.x)));
  for (const node of tree.inner) {
    const x = plot.X(node.x), y = plot.Y(-node.depth), words = scene.words(node), window = scene.window(node);
    symbol(plot, k, node, x, y, node === scene.current);
    if (words.length > 3) {
      const right = x + 24 + words.length * 7 < plot.width;
      plot.text(words, x + (right ? 20 : -20), y + 5, k.ink, right ? "left" : "right", 12, "bold", k.paper);
    } else plot.text(words, x, y + (node.player === 1 ? 1 : node.player ? 5 : 9), hidden(node) ? k.muted : k.ink,
      "center", 12, "bold");
    if (window) {
      const left = !!node.parent && node.x < node.parent.x, side = left ? "right" : "left", px = x + (left ? -24 : 24);
      plot.text("α " + window[0], px, y - 6, k.discriminator, side, 11, "", k.paper);
      plot.text("β " + window[1], px, y + 8, k.generator, side, 11, "", k.paper);
    }
    const title = titles.find((n) => n.depth === node.depth);
    if (!title) plot.text(scene.name(node), x - 22, y - 6, actor(k, node.player), "right", 12, "", k.paper);
  }
  for (const node of titles) {
    plot.text(scene.name(node), scene.scrolled + 2, plot.Y(-node.depth) - 20, actor(k, node.player), "left", 13, "bold",
      k.paper);
  }
  for (const leaf of tree.leaves) {
    const x = plot.X(leaf.x), y = plot.Y(-leaf.depth), off = hidden(leaf), style = scene.looked(leaf) && !off ? "bold"
      : "";
    plot.dot(leaf.x, -leaf.depth, 3, off ? k.grid : k.ink);
    (tree.zeroSum ? leaf.value.slice(0, 1) : leaf.value).forEach((v, i) =>
      plot.text(scene.number(v), x, y + 19 + i * 15, off ? k.muted : tree.zeroSum ? k.ink : actor(k, i), "center", 13,
        style));
  }
}

function branch(plot: Plot, k: Colours, scene: Scene, node: Node, kid: Node, i: number, off: boolean): void {
  const main = scene.main.has(kid), chosen = scene.chosen(kid);
  plot.segment(node.x, -node.depth, kid.x, -kid.depth, main ? k.gradient : chosen ? actor(k, node.player) : k.muted,
    { width: main ? 4 : chosen ? 3 : 1, dash: off ? [2, 4] : [], alpha: off ? 0.5 : 1 });
  const x = plot.X(node.x), y = plot.Y(-node.depth), dx = plot.X(kid.x) - x, dy = plot.Y(-kid.depth) - y;
  const label = node.odds[i] == null ? kid.name : `${kid.name} ${scene.number(node.odds[i])}`;
  // names that would run into each other stay away: the buttons say them
  const room = node.kids.length < 2 || label.length * 7 < plot.X(node.kids[1].x) - plot.X(node.kids[0].x);
  if (room) plot.text(label, x + dx * 0.6, y + dy * 0.6, k.muted, "center", 11, "", k.paper);
  if (scene.cut.has(kid)) for (const d of [-1, 1]) {
    const cx = x + dx * 0.4, cy = y + dy * 0.4;
    plot.arrow(cx - 7, cy - 7 * d, cx + 7, cy + 7 * d, k.gradient, { width: 2.5 }, 0);
  }
}

/** The first player's triangle points up, the second one's down; luck and all others are circles. */
function symbol({ ctx }: Plot, k: Colours, node: Node, x: number, y: number, current: boolean): void {
  const turn = [1, -1][node.player];
  ctx.beginPath();
  if (turn) [[0, -17], [19, 13], [-19, 13]].forEach(([u, v]) => ctx.lineTo(x + u, y + v * turn));
  else ctx.arc(x, y, 14, 0, 7);
  ctx.closePath();
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  ctx.lineWidth = current ? 4 : 2;
  ctx.fillStyle = k.paper;
  ctx.strokeStyle = current ? k.gradient : actor(k, node.player);
  ctx.fill();
  ctx.stroke();
}
