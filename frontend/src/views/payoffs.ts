/** 2 x 2 games: those known by name, and the table in which their payoffs are typed. */
import { fmt, focused, h, read, say, t } from "../ui/index";

/** The payoffs of the cells (1, 1), (1, 2), (2, 1), (2, 2). */
export type Payoffs = [number, number, number, number];

/** Title, the payoffs of the row player and of the column player, the moves of each. */
type MatrixGame = [string, Payoffs, Payoffs, string[], string[]];

const game = (title: string, A: Payoffs, B: Payoffs, ...names: string[]): MatrixGame => {
  const moves = names.map((name) => t(name));
  return [title, A, B, moves, moves];
};
export const GAMES: Record<string, MatrixGame> = {
  dilemma: game("Prisoner's dilemma", [3, 0, 5, 1], [3, 5, 0, 1], "cooperate", "defect"),
  pennies: game("Matching pennies", [1, -1, -1, 1], [-1, 1, 1, -1], "heads", "tails"),
  sexes: game("Battle of the sexes", [2, 0, 0, 1], [1, 0, 0, 2], "opera", "football"),
  stag: game("Stag hunt", [4, 0, 3, 3], [4, 3, 0, 3], "stag", "hare"),
};

export const short = (v: number): string => fmt(v, 2).replace(/\.?0+$/, "");

/** The payoffs `s.A` of Row and `s.B` of Column, to be typed over. */
export function payoffTable(s: { A: Payoffs; B: Payoffs }, who: string[], changed: () => void) {
  const input = (m: "A" | "B", i: number) => h("input", { type: "text",
    style: `color:var(--${m > "A" ? "generator" : "discriminator"});width:3.9em;margin:2px;padding:2px 4px`,
    onchange: (event: Event) => {
      const value = read((event.target as HTMLInputElement).value);
      if (!Number.isNaN(value)) s[m] = s[m].map((v, j) => (i === j ? value : v)) as Payoffs;
      changed();
    } });
  const cells = [0, 1, 2, 3].map((i) => [input("A", i), input("B", i)]),
    heads = [0, 1, 2, 3].map((i) => h("th", { scope: i < 2 ? "row" : "col" }));
  const line = (i: number) => h("tr", null, heads[i], ...[2 * i, 2 * i + 1].map((k) => h("td", null, ...cells[k])));
  return {
    el: h("table", null, h("tr", null, h("td"), heads[2], heads[3]), line(0), line(1)),
    /** The payoffs as they are now, under the names of both players' moves. */
    show: (moves: string[][]) => {
      cells.forEach(([a, b], i) => [[a, s.A[i]], [b, s.B[i]]].forEach(([el, v]: any, k) => {
        if (!focused(el)) el.value = v;
        el.setAttribute("aria-label", t("{0}'s payoff at {1}, {2}", who[k], moves[0][i >> 1], moves[1][i & 1]));
      }));
      [...moves[0], ...moves[1]].forEach((name, i) => say(heads[i], name));
    },
  };
}
