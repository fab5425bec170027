/** The controls of the saddle laboratory: each shows the state whenever it has changed. */
import { fmt, h, select, slider, t, toggle } from "../ui/index";
import { GAMES, payoffTable } from "./payoffs";
import { LOSSES } from "./saddle-games";
import { KINDS, WHO, type Laboratory } from "./saddle-lab";
import { PRESETS, type Lab } from "./saddle-presets";

type Range = [min: number, max: number, step: number, log?: boolean];

const titles = (table: Record<string, unknown[]>) =>
  Object.fromEntries(Object.entries(table).map(([name, [title]]) => [name, t(String(title))]));

/** Makes controls that follow the state. */
class Maker {
  readonly shows: (() => void)[] = [];
  constructor(readonly s: Lab, readonly changed: () => void) {}

  dial(label: string, [min, max, step, log]: Range, get: () => number, set: (v: number) => void): HTMLElement {
    const format = step < 0.01 ? (v: number) => fmt(v, 3) : undefined;
    const control = slider(label, { min, max, step, log, value: get(), format }, (v) => {
      set(v);
      this.changed();
    });
    this.shows.push(() => control.set(get()));
    return control.el;
  }
  one(label: string, range: Range, name: "eta" | "ratio" | "beta" | "alpha"): HTMLElement {
    return this.dial(label, range, () => this.s[name], (v) => (this.s[name] = v));
  }
  /** A slider for one number of an array. */
  part<K extends "quadratic" | "penalties" | "betas">(label: string, range: Range, name: K, i: number): HTMLElement {
    const { s } = this;
    return this.dial(label, range, () => s[name][i],
      (v) => (s[name] = s[name].map((old, j) => (j === i ? v : old)) as Lab[K]));
  }
  choice(label: string, names: Record<string, string>, get: () => string, set: (v: string) => void): HTMLElement {
    const control = select<string>(label, names, get(), (v) => {
      set(v);
      this.changed();
    });
    this.shows.push(() => control.set(get()));
    return control.el;
  }
  pressed(label: string, name: "turns" | "averages"): HTMLElement {
    const control = toggle(label, this.s[name], (on) => {
      this.s[name] = on;
      this.changed();
    });
    this.shows.push(() => control.set(this.s[name]));
    return control.el;
  }
}

/** What each kind of game is set by. */
function panels(make: Maker, lab: Laboratory, given: boolean): Record<keyof typeof KINDS, HTMLElement> {
  const { s } = lab, fields = (...children: HTMLElement[]) => h("div", { className: "fields" }, ...children);
  const losses = Object.fromEntries(Object.keys(LOSSES).map((name) => [name, t(name.replace("_", " "))]));
  const table = payoffTable(s, WHO.map((who) => t(who)), make.changed);
  make.shows.push(() => table.show(lab.moves));
  return {
    quadratic: fields(make.part(t("a, strength of xy"), [-2, 2, 0.05], "quadratic", 0),
      make.part(t("p, curvature of x"), [-1, 1, 0.05], "quadratic", 1),
      make.part(t("q, curvature of y"), [-1, 1, 0.05], "quadratic", 2)),
    dirac: fields(make.choice(t("Loss"), losses, () => s.loss, (name) => (s.loss = name)),
      make.part(t("γ of R1"), [0, 4, 0.05], "penalties", 0), make.part(t("γ of R2"), [0, 4, 0.05], "penalties", 1),
      make.part(t("λ of WGAN-GP"), [0, 10, 0.1], "penalties", 2),
      make.part(t("clip |ψ| at (0: no)"), [0, 2, 0.05], "penalties", 3),
      make.part(t("σ of the noise"), [0, 3, 0.05], "penalties", 4)),
    matrix: h("div", null, make.choice(t("Payoffs"), { ...titles(GAMES), ...(given && { given: lab.own[0] }) },
      () => s.matrix, (name) => lab.setMatrix(name)), table.el),
  };
}

/** `stop`: another experiment begins. `given`: is there a matrix game of the page's own? */
export function controls(lab: Laboratory, given: boolean, changed: () => void, stop: () => void) {
  const { s } = lab, make = new Maker(s, changed), kinds = panels(make, lab, given);
  const memories: [string, HTMLElement][] = [
    ["M", make.one(t("β of momentum"), [-0.95, 0.95, 0.05], "beta")],
    ["R", make.one(t("α of RMSProp"), [0, 0.999, 0.001], "alpha")],
    ["D", make.part(t("β₁ of Adam"), [0, 0.999, 0.001], "betas", 0)],
    ["D", make.part(t("β₂ of Adam"), [0, 0.999, 0.001], "betas", 1)],
    ["MRD", make.pressed(t("M, R, D move in turns"), "turns")],
  ];
  const games = Object.fromEntries(Object.entries(KINDS).map(([k, v]) => [k, t(v)]));
  return {
    preset: make.choice(t("Experiment"), { ...titles(PRESETS), "": t("your own") }, () => s.preset, (name) => {
      stop();
      Object.assign(s, lab.beginning(name));
    }),
    game: make.choice(t("Game"), games, () => s.game, (name) => {
      [s.game, s.preset, s.start] = [name, "", name === "matrix" ? [0.8, 0.4] : [1, 0.6]];
    }),
    means: make.pressed(t("Mark the means"), "averages"),
    panels: Object.values(kinds),
    rules: h("div", { className: "fields" }, make.one(t("step size η"), [0.01, 2.5, 0.01], "eta"),
      make.one(t("η of the second : η of the first"), [0.1, 10, 0.1, true], "ratio"), ...memories.map(([, el]) => el)),
    /** `on`: the letters of the methods that are played. */
    show(on: string[]): void {
      for (const show of make.shows) show();
      for (const [name, panel] of Object.entries(kinds)) panel.hidden = name !== s.game;
      for (const [letters, el] of memories) el.hidden = !on.some((letter) => letters.includes(letter));
    },
  };
}
