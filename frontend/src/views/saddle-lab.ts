/** What is played in the saddle laboratory: its state, as an address says it, and the scene that follows from it. */
import { clamp, keep, t, type Options, type State, type ViewHost } from "../ui/index";
import { GAMES } from "./payoffs";
import type { Scene } from "./saddle-arena";
import { dirac, LOSSES, mixed, quadratic, type Z } from "./saddle-games";
import { eigenvalues } from "./saddle-methods";
import { PRESETS, START, type Lab } from "./saddle-presets";
import { held, verdict, written } from "./saddle-spectrum";

export const MOST = 2000;
export const KINDS = {
  quadratic: "bilinear and quadratic", dirac: "Dirac-GAN", matrix: "2 × 2 game, mixed strategies",
};
export const WHO = ["Row", "Column"];

/** Throws for an option that names nothing. */
function check(o: Options): void {
  const tables = { preset: PRESETS, game: KINDS, loss: LOSSES, matrix: { ...GAMES, given: 1 } };
  for (const [key, table] of Object.entries(tables)) {
    if (o[key] !== undefined && o[key] !== "" && !Object.hasOwn(table, o[key])) {
      throw new Error(t("There is no {0} “{1}”; there are {2}.", key, o[key], Object.keys(table).join(", ")));
    }
  }
}

/** Whatever an address may say, as something that can be played. `given`: is there a game of the page's own? */
function tidy(s: Lab, given: boolean): void {
  if (!Object.hasOwn(KINDS, s.game)) s.game = START.game;
  if (!Object.hasOwn(LOSSES, s.loss)) s.loss = START.loss;
  if (!Object.hasOwn(GAMES, s.matrix) && !(s.matrix === "given" && given)) s.matrix = START.matrix;
  if (!Object.hasOwn(PRESETS, s.preset)) s.preset = "";
  const payoff = (v: number) => clamp(v, -99, 99);
  s.A = s.A.map(payoff) as Lab["A"];
  s.B = s.B.map(payoff) as Lab["B"];
  s.quadratic = s.quadratic.map((v) => clamp(v, -2, 2)) as Lab["quadratic"];
  s.penalties = s.penalties.map((v, i) => clamp(v, 0, [4, 4, 10, 2, 3][i])) as Lab["penalties"];
  s.eta = clamp(s.eta, 0.01, 2.5);
  s.ratio = clamp(s.ratio, 0.1, 10);
  s.beta = clamp(s.beta, -0.95, 0.95);
  s.alpha = clamp(s.alpha, 0, 0.999);
  s.betas = s.betas.map((v) => clamp(v, 0, 0.999)) as Z;
  s.steps = clamp(Math.round(s.steps), 0, MOST);
  s.start = s.start.map((v) => (s.game === "matrix" ? clamp(v, 0, 1) : clamp(v, -3, 3))) as Z;
}

export class Laboratory {
  readonly s: Lab;
  /** the page's own matrix game: its name, and the moves of both */
  readonly own: [string, string[], string[]];
  readonly #o: Options;
  readonly #first: string;
  readonly #given: Lab;
  readonly #kept;
  #last?: Scene;
  #key = "";

  constructor(host: ViewHost) {
    const o = (this.#o = host.options);
    this.own = [o.name ?? t("the given game"), o.rows ?? ["1", "2"], o.columns ?? ["1", "2"]];
    check(o);
    const first = (this.#first = o.preset ?? (o.game ? "" : START.preset));
    this.#kept = keep<Lab>({ ...host, saved: null }, { ...START, ...PRESETS[first]?.[1], preset: first });
    this.s = this.#kept.now;
    this.#given = { ...this.s };
    this.restore(host.saved);
  }

  /** Where an experiment begins: an address says it by its name, and then what differs from that. */
  beginning(name: string): Lab {
    return name === this.#first ? this.#given : { ...START, ...PRESETS[name]?.[1], preset: name };
  }
  restore(saved: State | null): void {
    const name = saved?.preset, known = name === "" || Object.hasOwn(PRESETS, String(name));
    const preset = known ? name as string : this.#first;
    this.#kept.restore({ ...this.beginning(preset), ...saved, preset });
  }
  state(): State {
    const from = this.beginning(this.s.preset);
    return Object.fromEntries(Object.entries(this.s).filter(([name, v]) =>
      String(v) !== String(name === "preset" ? this.#first : from[name as keyof Lab])));
  }

  /** What both can do in the matrix game. */
  get moves(): string[][] {
    return (this.s.matrix === "given" ? this.own.slice(1) : GAMES[this.s.matrix].slice(3)) as string[][];
  }
  setMatrix(name: string): void {
    const { s } = this, o = this.#o;
    s.matrix = name;
    [s.A, s.B] = name === "given" ? [o.A, o.B] : [GAMES[name][1], GAMES[name][2]];
  }

  scene = (): Scene => {
    const { s } = this, now = JSON.stringify({ ...s, steps: 0, methods: "", preset: "", averages: "" });
    if (this.#last && now === this.#key) return this.#last;
    tidy(s, !!this.#o.A);
    this.#key = now;
    return (this.#last = this.#scene(now));
  };
  #scene(key: string): Scene {
    const { s } = this;
    const rule = { eta: [s.eta, s.eta * s.ratio] as Z, beta: s.beta, alpha: s.alpha, betas: s.betas, turns: s.turns };
    const common = { rule, key, offer: "SAEOPKMRD", middle: [0, 0] as Z, reach: 2 };
    if (s.game === "dirac") {
      return { ...common, game: dirac(s.loss, s.penalties),
        labels: [t("θ: the generator's point"), t("ψ: the discriminator's slope")] };
    }
    if (s.game === "quadratic") {
      return { ...common, game: quadratic(...s.quadratic), labels: [t("x minimises V"), t("y maximises V")] };
    }
    const [rows, columns] = this.moves;
    return { ...common, offer: common.offer + "FL", game: mixed(s.A, s.B), instead: { L: mixed(s.A, s.B, true) },
      middle: [0.5, 0.5], reach: 0.6,
      labels: [t("p: {0} plays {1}", t(WHO[0]), rows[0]), t("q: {0} plays {1}", t(WHO[1]), columns[0])] };
  }

  /** What the field is like at the equilibrium, in words. */
  told(): string {
    const now = this.scene(), J = now.game.slope(now.game.centre);
    if (held(now)) return t("At the equilibrium the gradients are not 0: the walls hold both players in their corner.");
    if (!J) return t("The field jumps at the equilibrium: it has no eigenvalues there.");
    const values = eigenvalues(J);
    return t("At the equilibrium λ = {0}: the field {1}.", written(values), verdict(values));
  }
}
