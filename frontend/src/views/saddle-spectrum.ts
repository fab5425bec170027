/** Two pictures of the complex plane: the eigenvalues of the field at the equilibrium, and the roots of one step. */
import { clamp, fmt, h, Plot, t, type Colours, type ViewHost } from "../ui/index";
import { eigenvalues, rootsOf, type Method } from "./saddle-methods";
import type { Scene } from "./saddle-arena";
import type { Z } from "./saddle-games";

const TINY = 1e-9, TURN = [...Array(65)].map((_, i) => (i / 32) * Math.PI);

/** The pair of eigenvalues as text: conjugate, or real. */
export const written = ([a, b]: Z[]): string => (Math.abs(a[1]) > TINY
  ? `${Math.abs(a[0]) > TINY ? fmt(a[0]) + " " : ""}± ${fmt(Math.abs(a[1]))}i` : `${fmt(a[0])}, ${fmt(b[0])}`);

/** What the eigenvalues of a field say of players who move continuously. */
export function verdict(values: Z[]): string {
  const [low, high] = values.map(([re]) => re).sort((a, b) => a - b), turns = Math.abs(values[0][1]) > TINY;
  if (low < -TINY && high > TINY) return t("pulls in along one line and pushes out along another: unstable");
  if (high > TINY) return turns ? t("turns and pushes out: unstable") : t("pushes out: unstable");
  if (high < -TINY) return turns ? t("turns and pulls in: stable") : t("pulls in without turning: stable");
  return turns ? t("turns, and neither pulls nor pushes: the method decides")
    : t("does not pull in every direction: the method decides");
}

export function spectrum(host: ViewHost) {
  const plot = (label: string, x: number) => new Plot({ label, x: [-x, x], y: [-x, x], height: (w) => Math.min(w, 220),
    pad: [18, 6, 22, 26] },
    host.colours);
  const field = plot(t("Eigenvalues λ of the field: stable on the left"), 1.5),
    step = plot(t("Roots r of one step: stable inside the circle"), 1.5);
  const put = (p: Plot, [re, im]: Z, colour: string, letter: string, c: Colours) => {
    const x = clamp(re, ...p.x), y = clamp(im, ...p.y);
    p.dot(x, y, 3.5, colour);
    p.text(letter, p.X(x) + 6, p.Y(y) + (y < 0 ? 12 : -4), colour, "left", 11, "bold", c.paper);
  };
  const frame = (p: Plot, reach: number, name: string, c: Colours): boolean => {
    p.y = [-reach, reach];
    if (!p.begin()) return false;
    const wide = (reach * (p.width - 32)) / (p.height - 40);
    p.x = [-wide, wide];
    p.begin();
    p.axes({ x: 4, y: 4, yLabel: name });
    p.segment(-wide, 0, wide, 0, c.muted, { width: 1 });
    p.segment(0, -reach, 0, reach, c.muted, { width: 1 });
    return true;
  };
  return {
    el: h("div", { className: "spectrum", style: "display:grid;grid-template-columns:1fr 1fr;gap:8px" }, field.el,
      step.el),
    draw: (scene: Scene, on: string[], methods: Record<string, Method>) => {
      const c = host.colours(), { game, instead, rule } = scene, J = held(scene) ? null : game.slope(game.centre);
      const values = J ? eigenvalues(J) : [];
      if (frame(field, Math.max(1.2, ...values.map(([re, im]) => 1.25 * Math.max(Math.abs(re), Math.abs(im)))),
        t("λ of the field"), c)) {
        field.fill([field.x[0], 0], [field.y[1], field.y[1]], c.muted, 0.12, field.y[0]);
        for (const value of values) put(field, value, c.ink, "λ", c);
      }
      if (frame(step, 1.3, t("r of one step"), c)) {
        step.fill(TURN.map(Math.cos), TURN.map(Math.sin), c.muted, 0.12);
        step.line(TURN.map(Math.cos), TURN.map(Math.sin), c.muted, { width: 1.5 });
        for (const letter of on) {
          for (const r of rootsOf(methods[letter], instead?.[letter] ?? game, rule) ?? []) {
            put(step, r, c[methods[letter].colour], letter, c);
          }
        }
      }
    },
  };
}

/** Whether only the walls keep the players at the equilibrium, against their gradients. */
export const held = ({ game }: Scene): boolean => game.field(game.centre).some((F) => Math.abs(F) > TINY);
