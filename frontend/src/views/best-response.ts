/**
 * A 2 x 2 game: the square of mixed strategies, both players' best responses as curves in it, and the equilibria where
 * the curves meet. p is the probability of the row player's first move, q of the column player's.
 */
import {
  button, clamp, defineView, figure, fmt, h, keep, named, Plot, row, say, select, t, type Colours, type Options,
  type State,
} from "../ui/index";
import { GAMES, payoffTable, short, type Payoffs } from "./payoffs";

/** A point, segment or rectangle of the square: p from, p to, q from, q to. */
type Box = [number, number, number, number];

const TINY = 1e-9;

/**
 * What the row player's first move brings more than the second when the other one plays the first with q: at 0 and 1.
 */
const edge = ([a, b, c, d]: Payoffs): [number, number] => [b - d, a - c];
/** The column player's payoffs as a row player's. */
const turned = ([a, b, c, d]: Payoffs): Payoffs => [a, c, b, d];

/** Where a player does best: pairs (own probability from, to, the other's from, to). */
function responses([at0, at1]: [number, number]): Box[] {
  const slope = at1 - at0;
  if (Math.abs(at0) < TINY && Math.abs(at1) < TINY) return [[0, 1, 0, 1]];
  const zero = -at0 / slope, inside = zero > -TINY && zero < 1 + TINY, cut = inside ? clamp(zero, 0, 1) : 1;
  const own = (from: number, to: number): Box => {
    const best = +(at0 + (slope * (from + to)) / 2 > 0);
    return [best, best, from, to];
  };
  return [...(cut > 0 ? [own(0, cut)] : []), ...(inside ? [[0, 1, cut, cut] as Box] : []),
    ...(cut < 1 ? [own(cut, 1)] : [])];
}

/** Where both do their best at once: points, and where a game is degenerate, segments or all of the square. */
function equilibria(mine: Box[], theirs: Box[]): Box[] {
  const found: Box[] = [];
  for (const [a, b, c, d] of mine) for (const [e, f, g, k] of theirs) {
    const box: Box = [Math.max(a, e), Math.min(b, f), Math.max(c, g), Math.min(d, k)];
    if (box[0] <= box[1] && box[2] <= box[3]) found.push(box);
  }
  const within = (x: Box, y: Box) => x[0] >= y[0] - TINY && x[1] <= y[1] + TINY && x[2] >= y[2] - TINY
    && x[3] <= y[3] + TINY;
  return found.filter((x, i) => !found.some((y, j) => i !== j && within(x, y) && (!within(y, x) || j < i)));
}

const expected = ([a, b, c, d]: Payoffs, p: number, q: number) => p * (q * a + (1 - q) * b) + (1 - p)
  * (q * c + (1 - q) * d);

/** The game on the table, the strategies, and what all of it is called. */
interface Played {
  s: { game: string; A: Payoffs; B: Payoffs; at: [number, number] };
  who: string[];
  moves: string[][];
}

const curves = ({ s }: Played) => [responses(edge(s.A)), responses(edge(turned(s.B)))];
function found(game: Played): Box[] {
  const [mine, theirs] = curves(game);
  return equilibria(mine, theirs.map(([a, b, x, y]) => [x, y, a, b]));
}

const span = (from: number, to: number) => (to - from > TINY ? t("{0} to {1}", short(from), short(to)) : short(from));
function kind({ s, moves }: Played, [a, b, x, y]: Box): string {
  if (b - a > TINY && y - x > TINY) return t("every point is an equilibrium");
  if (b - a > TINY || y - x > TINY) return t("a line: p {0}, q {1}", span(a, b), span(x, y));
  const pays = `${short(expected(s.A, a, x))}, ${short(expected(s.B, a, x))}`;
  return [a, x].every((v) => v < TINY || v > 1 - TINY)
    ? t("pure: {0}, {1}; payoffs {2}", moves[0][1 - a], moves[1][1 - x], pays)
    : t("mixed: p = {0}, q = {1}; payoffs {2}", fmt(a), fmt(x), pays);
}

function gain({ s }: Played, k: 0 | 1): number {
  const [p, q] = s.at;
  return k ? Math.max(expected(s.B, p, 0), expected(s.B, p, 1)) - expected(s.B, p, q)
    : Math.max(expected(s.A, 0, q), expected(s.A, 1, q)) - expected(s.A, p, q);
}

function replies(game: Played): string {
  const { s, who, moves } = game;
  const [p, q] = s.at;
  return ([0, 1] as const).map((k) => {
    const more = gain(game, k);
    if (more < TINY) return t("{0} gains nothing by deviating.", who[k]);
    const first = k ? expected(s.B, p, 1) > expected(s.B, p, 0) : expected(s.A, 1, q) > expected(s.A, 0, q);
    return t("{0} would gain {1} with “{2}”.", who[k], fmt(more), moves[k][first ? 0 : 1]);
  }).join(" ");
}

function picture(square: Plot, game: Played, all: Box[], k: Colours): void {
  const { s, who, moves } = game;
  if (!square.begin()) return;
  const { X, Y } = square;
  square.axes({ x: 4, y: 4, xLabel: t("p: {0} plays {1}", who[0], moves[0][0]),
    yLabel: t("q: {0} plays {1}", who[1], moves[1][0]) });
  const paint = (box: Box, colour: string, width: number, dash: number[] = []) => {
    const [a, b, x, y] = box;
    if (b > a && y > x) square.fill([a, b], [y, y], colour, 0.15, x);
    else square.segment(a, x, b, y, colour, { width, dash });
  };
  const [mine, theirs] = curves(game), [p, q] = s.at;
  for (const box of mine) paint(box, k.discriminator, 6);
  for (const [a, b, x, y] of theirs) paint([x, y, a, b], k.generator, 3, [7, 6]);
  for (const box of all) {
    if (box[1] - box[0] + box[3] - box[2] > TINY) paint(box, k.gradient, 9);
    else {
      square.dot(box[0], box[2], 9, k.gradient);
      square.dot(box[0], box[2], 4, k.paper);
    }
  }
  // where each one alone would go, if there is something to gain
  const x0 = X(p), y0 = Y(q), bestP = +(expected(s.A, 1, q) > expected(s.A, 0, q)),
    bestQ = +(expected(s.B, p, 1) > expected(s.B, p, 0));
  if (gain(game, 0) > TINY) square.arrow(x0, y0, x0 + (X(bestP) - x0) * 0.4, y0, k.discriminator, { width: 2 }, 8);
  if (gain(game, 1) > TINY) square.arrow(x0, y0, x0, y0 + (Y(bestQ) - y0) * 0.4, k.generator, { width: 2 }, 8);
  [[1, 1], [1, 0], [0, 1], [0, 0]].forEach(([x, y], i) =>
    square.text(`${short(s.A[i])}, ${short(s.B[i])}`, X(x) + (x ? -14 : 14), Y(y) + (y ? 20 : -12), k.muted, x
      ? "right" : "left", 11));
}

/** The games to choose from: the list, and the one that the page gives. */
function gamesOf(o: Options): typeof GAMES {
  const games = { ...GAMES };
  if (!o.A) return games;
  const A = o.A.flat(), B = o.B?.flat() ?? A.map((v: number) => -v);
  // a game of the list that comes under its own name from Python need not stand there twice
  for (const name in games) if (String(games[name].slice(1, 3)) === String([A, B])) delete games[name];
  games.given = [o.name || t("the given game"), A, B, o.rows ?? ["1", "2"], o.columns ?? ["1", "2"]];
  return games;
}

/** What both get now, and what each could gain by deviating. */
function payoffsNow(played: Played) {
  const { s, who } = played, gets = [figure(), figure()], gains = [figure(), figure()];
  const colour = (k: number) => `color:var(--${k ? "generator" : "discriminator"})`;
  const heads = ["expected payoff", "gain by deviating"].map((words) => h("th", { scope: "col" }, t(words)));
  const el = h("table", null, h("tr", null, h("td"), ...heads), ...[0, 1].map((k) =>
    h("tr", null, h("th", { scope: "row", style: colour(k) }, who[k]), h("td", null, gets[k].el),
      h("td", null, gains[k].el))));
  return {
    el,
    show() {
      const [p, q] = s.at;
      [s.A, s.B].forEach((M, k) => {
        gets[k].set(expected(M, p, q));
        gains[k].set(gain(played, k as 0 | 1));
      });
    },
  };
}

function squareOf(s: Played["s"], go: (p: number, q: number) => void, c: () => Colours): Plot {
  const square = new Plot({ label: t("The square of mixed strategies with both best-response curves"), x: [0, 1],
    y: [0, 1],
    height: (w) => Math.min(w + 12, 380), pad: [20, 14, 36, 30] }, c);
  square.addHandle({ label: t("The strategies p and q"), at: () => s.at, move: go, step: [0.01, 0.01],
    colour: (k) => k.ink,
    text: () => `p ${fmt(s.at[0])}, q ${fmt(s.at[1])}` });
  square.onDrag(go);
  square.el.style.maxWidth = "400px";
  return square;
}

/** A button that moves a player to the best response. */
const answer = ({ s, who }: Played, player: 0 | 1, go: (p: number, q: number) => void) =>
  button(t("{0} answers", who[player]), () => {
    const { A, B, at: [p, q] } = s, more = player ? edge(turned(B)) : edge(A), other = player ? p : q;
    const gain = more[0] + (more[1] - more[0]) * other;
    if (Math.abs(gain) > TINY) player ? go(p, +(gain > 0)) : go(+(gain > 0), q);
  }, { title: t("Move to the best response to what the other one does now") });

defineView("best-response", (host) => {
  const o = host.options, games = gamesOf(o), c = host.colours;
  const first = o.A ? "given" : o.game ?? "dilemma";
  if (named(games, first, "") !== first) {
    throw new Error(t("There is no game “{0}”; there are {1}.", first, Object.keys(games).join(", ")));
  }
  const [, A, B] = games[first];
  const kept = keep(host, { game: "", A: [0, 0, 0, 0] as Payoffs, B: [0, 0, 0, 0] as Payoffs,
    at: [0.4, 0.7] as [number, number] },
    { game: first, A, B, at: o.at });
  const s = kept.now, who: string[] = o.players ?? [t("Row"), t("Column")], played: Played = { s, who, moves: [] };
  const go = (p: number, q: number) => {
    s.at = [clamp(p, 0, 1), clamp(q, 0, 1)];
    host.changed();
  };

  const square = squareOf(s, go, c);
  const choice = select<string>(t("Game"), Object.fromEntries(Object.entries(games).map(([name, [title]]) =>
    [name, t(title)])), s.game, (name) => {
    [s.game, s.A, s.B] = [name, games[name][1], games[name][2]];
    host.changed();
  });
  const table = payoffTable(s, who, () => host.changed());
  const now = payoffsNow(played), list = h("div", { className: "row equilibria" }), note = h("p");
  host.root.append(row(choice.el, answer(played, 0, go), answer(played, 1, go)),
    h("div", { className: "pair" }, square.el, h("div", null,
    table.el, now.el,
    note, h("p", { className: "muted" }, t("Equilibria: where the two lines meet")), list)));
  const settle = () => {
    s.game = named(games, s.game, first);
    played.moves = games[s.game].slice(3) as string[][];
  };
  const describe = () => {
    settle();
    const all = found(played);
    return t("p = {0}, q = {1}. ", ...s.at.map((v) => fmt(v))) + replies(played) + " "
      + t(all.length > 1 ? "{0} equilibria: " : "One equilibrium: ", all.length)
        + all.map((box) => kind(played, box)).join(" · ") + ".";
  };
  const draw = () => {
    settle();
    choice.set(s.game);
    table.show(played.moves);
    now.show();
    const all = found(played), words = all.map((box) => kind(played, box));
    if (list.dataset.all !== (list.dataset.all = JSON.stringify([words, all]))) {
      list.replaceChildren(...all.map((box, i) =>
        button(words[i], () => go((box[0] + box[1]) / 2, (box[2] + box[3]) / 2))));
    }
    say(note, replies(played));
    picture(square, played, all, c());
  };
  return {
    describe, draw, state: kept.state,
    restore: (saved: State) => {
      kept.restore(saved);
      host.changed(true);
    },
  };
});
