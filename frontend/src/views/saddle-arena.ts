/**
 * What the bilinear game and the saddle laboratory share: the plane with the field and the walks, the distances over
 * time, the table of measured and exact rates, and the film.
 */
import { clamp, figure, fmt, h, player, Plot, t, type Colours, type ViewHost } from "../ui/index";
import type { Game, Z } from "./saddle-games";
import { rate, rootsOf, Walk, type Method, type Rule } from "./saddle-methods";

/** The part of a view's state that the arena reads and writes. */
interface Walking { start: Z; methods: string; steps: number }

/** What is played just now. */
export interface Scene {
  game: Game;
  /** Another game for the method of that letter, such as the replicator's field. */
  instead?: Record<string, Game>;
  rule: Rule;
  /** The letters of the methods on offer. */
  offer: string;
  /** The middle of the picture, and how far it reaches up and down from there. */
  middle: Z;
  reach: number;
  labels: [string, string];
  /** All that the walks depend on, the number of steps excepted. */
  key: string;
}

interface ArenaOptions {
  most: number;
  methods: Record<string, Method>;
  /** Whether the exact rates are already told. */
  told(): boolean;
  /** The fate of a walk, {0}, with roots of size {1}: outside the unit circle, inside, on it. */
  fates: [string, string, string];
  /** Whether the mean of each walk is marked. */
  averages?(): boolean;
}

const TINY = 1e-9;

/** The walks of all methods that are on, kept as long as the scene is the same. */
class Walks {
  #key = "";
  #walks: Record<string, Walk> = {};

  constructor(readonly s: Walking, readonly scene: () => Scene, readonly o: ArenaOptions) {}

  get letters(): string[] {
    return Object.keys(this.o.methods);
  }
  on(): string[] {
    return this.letters.filter((letter) => this.s.methods.includes(letter) && this.scene().offer.includes(letter));
  }
  path(letter: string): Z[] {
    const { key, game, instead, rule } = this.scene();
    if (key !== this.#key) this.#walks = {};
    this.#key = key;
    const method = this.o.methods[letter];
    return (this.#walks[letter] ??= new Walk(method, instead?.[letter] ?? game, rule, this.s.start)).to(this.s.steps);
  }
  /** By what one step multiplies the squared distance near the equilibrium. */
  exact(letter: string): number {
    const { game, instead, rule } = this.scene();
    return rate(rootsOf(this.o.methods[letter], instead?.[letter] ?? game, rule));
  }
  distances(z: Z[]): number[] {
    const [a, b] = this.scene().game.centre;
    return z.map(([x, y]) => Math.hypot(x - a, y - b));
  }
  /** What will become of each walk, in words. */
  fates(): string {
    const { methods, fates } = this.o;
    return this.on().map((letter) => {
      const name = t(methods[letter].name), size = this.exact(letter);
      return size !== size ? t("{0}: no rate", name)
        : t(fates[size > 1 + TINY ? 0 : size < 1 - TINY ? 1 : 2], name, fmt(Math.sqrt(size), 3));
    }).join(" · ");
  }
}

function planeOf({ s, scene }: Walks, host: ViewHost): Plot {
  const plane = new Plot({ label: t("The field of both players' gradients, and the ways they take"), x: [-2, 2],
    y: [-2, 2],
    height: (w) => Math.min(w + 20, 400), pad: [18, 8, 36, 26] }, host.colours);
  const move = (x: number, y: number) => {
    const place = scene().game.project([clamp(x, ...plane.x), clamp(y, ...plane.y)]);
    s.start = [+place[0].toFixed(2), +place[1].toFixed(2)];
    host.changed();
  };
  plane.addHandle({ label: t("Where both start"), at: () => s.start, move, step: [0.05, 0.05], colour: (c) => c.ink,
    text: () => scene().labels.map((name, i) => `${name.split(/[ :]/)[0]} ${fmt(s.start[i])}`).join(", ") });
  plane.onDrag(move);
  return plane;
}

/** Where both would go, all over the picture. */
function drawField(plane: Plot, { game, middle: [cx, cy], reach }: Scene, half: number, c: Colours): void {
  const gap = reach * 0.18;
  for (let i = Math.ceil(-half / gap); i * gap < half; i++) for (let j = -5; j < 6; j++) {
    const at: Z = [cx + i * gap, cy + j * gap], inside = game.project(at);
    if (inside[0] !== at[0] || inside[1] !== at[1]) continue;
    const [u, v] = game.field(at), X = plane.X(at[0]), Y = plane.Y(at[1]), size = Math.min(4, 13 / Math.hypot(u, v));
    plane.arrow(X - u * size, Y + v * size, X + u * size, Y - v * size, c.muted, { width: 1, alpha: 0.45 }, 4);
  }
}

function drawPlane(plane: Plot, walks: Walks, c: Colours): void {
  const { s, o } = walks, { methods } = o, now = walks.scene(), { game, middle: [cx, cy], reach, labels } = now;
  plane.y = [cy - reach, cy + reach];
  if (!plane.begin()) return;
  const half = (reach * (plane.width - 34)) / (plane.height - 54);
  plane.x = [cx - half, cx + half];
  plane.begin();
  plane.axes({ x: 4, y: 4, xLabel: labels[0], yLabel: labels[1] });
  drawField(plane, now, half, c);
  const seen = ([x, y]: Z) => Math.abs(x - cx) <= half && Math.abs(y - cy) <= reach;
  plane.text("+", plane.X(game.centre[0]), plane.Y(game.centre[1]) + 6, c.ink, "center", 18);
  for (const letter of walks.on()) {
    // far outside there is nothing to see, and lines miles long are slow
    const z = walks.path(letter), out = walks.distances(z).findIndex((far) => far > 4.5 * reach), count = out < 0
      ? z.length
      : out;
    const { colour, dash } = methods[letter], ink = c[colour];
    // in pieces: one long line that crosses itself takes a canvas many times as long
    for (let k = 0; k < count; k += 100) {
      const piece = z.slice(k, Math.min(count, k + 101));
      plane.line(piece.map((one) => one[0]), piece.map((one) => one[1]), ink, { width: 1.6, dash: dash ?? [] });
    }
    if (z.length < 60) for (const one of z.slice(1, count)) if (seen(one)) plane.dot(...one, 2, ink);
    if (!s.steps) continue;
    if (o.averages?.()) {
      const mean = [0, 1].map((i) => z.reduce((sum, one) => sum + one[i], 0) / z.length) as Z;
      if (seen(mean)) {
        plane.dot(...mean, 7, ink);
        plane.dot(...mean, 4.5, c.paper);
      }
    }
    const last = z[z.length - 1];
    if (!seen(last)) continue;
    plane.dot(...last, 8, ink);
    plane.text(letter, plane.X(last[0]), plane.Y(last[1]) + 4, c.paper, "center", 11, "bold");
  }
}

function drawTime(time: Plot, walks: Walks, c: Colours): void {
  const { s, o: { methods } } = walks;
  const lines = walks.on().map((letter) => walks.distances(walks.path(letter)).map(Math.log10)),
    all = lines.flat().filter(Number.isFinite);
  const [low, high] = all.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [-3, 1]);
  time.x = [0, Math.max(50, s.steps)];
  time.y = [Math.max(-12, Math.floor(low)), Math.min(6, Math.ceil(high))];
  if (!time.begin()) return;
    time.axes({ x: 5, y: 4, xLabel: t("step"), yLabel: t("log₁₀ distance") });
  for (const [i, letter] of walks.on().entries()) {
    const { colour, dash } = methods[letter], logs = lines[i], end = logs.length - 1;
    const every = Math.ceil(logs.length / 400),
      kept = logs.map((_, k) => k).filter((k) => k % every === 0 || k === end);
    time.line(kept, kept.map((k) => logs[k]), c[colour], { width: 1.8, dash: dash ?? [] });
    time.text(letter, time.X(end) + 4, time.Y(clamp(logs[end], ...time.y)) + 4, c[colour], "left", 11, "bold");
  }
}

/** A line for each method: is it on, how far it is, and its rate, measured and exact. */
function tableOf(walks: Walks, host: ViewHost) {
  const { s, scene, letters, o: { methods, told } } = walks;
  const rows = letters.map((letter) => {
    const { name, colour } = methods[letter];
    const box = h("input", { type: "checkbox", onchange: () => {
      s.methods = rows.map((one) => (one.box.checked ? one.letter : "")).join("");
      host.changed();
    } });
    const cells = [figure(), figure(), figure()];
    const el = h("tr", null,
      h("th", { scope: "row" }, h("label", null, box, h("b", { style: `color:var(--${colour})` }, ` ${letter} `),
        t(name))),
      ...cells.map((cell) => h("td", null, cell.el)));
    return { letter, box, cells, el };
  });
  const el = h("table", null,
    h("tr", null, ...["method", "distance", "measured", "exact"].map((head) => h("th", { scope: "col" }, t(head)))),
    ...rows.map((r) => r.el));
  return {
    el,
    show() {
      const on = walks.on();
      for (const { letter, box, cells: [far, factor, truth], el: line } of rows) {
        const here = on.includes(letter), r = here ? walks.distances(walks.path(letter)) : [];
        const end = r.length - 1, half = r.length >> 1;
        box.checked = s.methods.includes(letter);
        line.hidden = !scene().offer.includes(letter);
        far.set(here ? (end < s.steps ? Infinity : r[end]) : NaN);
        // the measured factor: over the second half of the walk
        factor.set(end > half ? (r[end] / r[half]) ** (2 / (end - half)) : NaN, 4);
        truth.set(told() ? walks.exact(letter) : NaN, 4);
      }
    },
  };
}

export function arena(host: ViewHost, s: Walking, scene: () => Scene, o: ArenaOptions) {
  const walks = new Walks(s, scene, o), plane = planeOf(walks, host), table = tableOf(walks, host);
  const time = new Plot({ label: t("Distance from the saddle point, step by step"), x: [0, 50], y: [-3, 1],
    height: (w) => Math.min(w * 0.5, 190), pad: [18, 22, 36, 30] }, host.colours);
  const legend = h("p", { className: "muted" },
    t("measured, exact: the factor by which one step changes the squared distance"));
  let debt = 0;

  const go = (by: number) => {
    s.steps = Math.min(o.most, s.steps + by);
    if (s.steps === o.most && host.running) film.play(false);
  };
  const film = player(host, { steps: [[t("Step"), () => go(1)]], reset: () => (s.steps = 0), speed: "10",
    speeds: Object.fromEntries([3, 10, 40, ...(o.most > 400 ? [200] : [])].map((n) => [n, t("{0} steps a second", n)])),
    toggled: (playing) => {
      if (playing && s.steps === o.most) s.steps = 0;
      if (!playing) host.changed();
    } });

  return {
    film, plane, time, table: table.el, legend, on: () => walks.on(), fates: () => walks.fates(),
    draw: () => {
      const c = host.colours();
      drawPlane(plane, walks, c);
      drawTime(time, walks, c);
      table.show();
    },
    frame: (ms: number) => {
      // with reduced motion frames are few, and each one takes its steps at once
      // (the first frame's clock may stand before the button's)
      debt += host.reducedMotion ? Math.max(1, film.speed * 0.7) : (Math.max(0, ms) * film.speed) / 1000;
      const whole = Math.floor(debt);
      debt -= whole;
      if (whole) go(whole);
      return whole > 0;
    },
  };
}
