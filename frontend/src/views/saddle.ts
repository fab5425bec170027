/**
 * The saddle laboratory: a bilinear or quadratic game, the Dirac-GAN, or a 2 x 2 game in mixed strategies, played by
 * every method of gan_lab.game; eigenvalues, exact rates and measured ones side by side.
 */
import { clamp, copyButton, defineView, fmt, h, keep, linkTo, row, say, select, slider, t, toggle, type State } from "../ui/index";
import { GAMES, payoffTable } from "./payoffs";
import { arena, type Scene } from "./saddle-arena";
import { dirac, LOSSES, mixed, quadratic, type Z } from "./saddle-games";
import { eigenvalues, FIVE } from "./saddle-methods";
import { MORE } from "./saddle-more";
import { PRESETS, START, type Lab } from "./saddle-presets";
import { asPython } from "./saddle-python";
import { held, spectrum, verdict, written } from "./saddle-spectrum";

const MOST = 2000, METHODS = { ...FIVE, ...MORE };
const KINDS = { quadratic: "bilinear and quadratic", dirac: "Dirac-GAN", matrix: "2 × 2 game, mixed strategies" };
const WHO = ["Row", "Column"];

defineView("saddle", (host) => {
  const o = host.options, own: [string, string[], string[]] = [o.name ?? t("the given game"), o.rows ?? ["1", "2"], o.columns ?? ["1", "2"]];
  for (const [key, table] of [["preset", PRESETS], ["game", KINDS], ["loss", LOSSES], ["matrix", { ...GAMES, given: 1 }]] as const) {
    if (o[key] !== undefined && o[key] !== "" && !Object.hasOwn(table, o[key])) {
      throw new Error(t("There is no {0} “{1}”; there are {2}.", key, o[key], Object.keys(table).join(", ")));
    }
  }
  const first = o.preset ?? (o.game ? "" : START.preset);
  const kept = keep<Lab>({ ...host, saved: null }, { ...START, ...PRESETS[first]?.[1], preset: first });
  const s = kept.now, given = { ...s };
  /** Where an experiment begins: an address says it by its name, and then what differs from that. */
  const beginning = (name: string): Lab => (name === first ? given : { ...START, ...PRESETS[name]?.[1], preset: name });
  const restore = (saved: State | null) => {
    const name = saved?.preset;
    kept.restore({ ...beginning(name === "" || Object.hasOwn(PRESETS, String(name)) ? name as string : first), ...saved });
  };
  const state = (): State => {
    const from = beginning(s.preset);
    return Object.fromEntries(Object.entries(s).filter(([name, v]) => String(v) !== String(name === "preset" ? first : from[name as keyof Lab])));
  };
  restore(host.saved);
  const moves = (): string[][] => (s.matrix === "given" ? own.slice(1) as string[][] : GAMES[s.matrix].slice(3) as string[][]);

  /** Whatever an address may say, as something that can be played. */
  const tidy = () => {
    if (!Object.hasOwn(KINDS, s.game)) s.game = START.game;
    if (!Object.hasOwn(LOSSES, s.loss)) s.loss = START.loss;
    if (!Object.hasOwn(GAMES, s.matrix) && !(s.matrix === "given" && o.A)) s.matrix = START.matrix;
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
  };
  let last: Scene | undefined, key = "";
  const scene = (): Scene => {
    const now = JSON.stringify({ ...s, steps: 0, methods: "", preset: "", averages: "" });
    if (last && now === key) return last;
    tidy();
    key = now;
    const rule = { eta: [s.eta, s.eta * s.ratio] as Z, beta: s.beta, alpha: s.alpha, betas: s.betas, turns: s.turns };
    const common = { rule, key, offer: "SAEOPKMRD", middle: [0, 0] as Z, reach: 2 };
    if (s.game === "dirac") {
      return last = { ...common, game: dirac(s.loss, s.penalties), labels: [t("θ: the generator's point"), t("ψ: the discriminator's slope")] };
    }
    if (s.game === "quadratic") return last = { ...common, game: quadratic(...s.quadratic), labels: [t("x minimises V"), t("y maximises V")] };
    const [rows, columns] = moves();
    return last = { ...common, offer: common.offer + "FL", game: mixed(s.A, s.B), instead: { L: mixed(s.A, s.B, true) }, middle: [0.5, 0.5], reach: 0.6,
      labels: [t("p: {0} plays {1}", t(WHO[0]), rows[0]), t("q: {0} plays {1}", t(WHO[1]), columns[0])] };
  };

  const ring = arena(host, s, scene, { most: MOST, methods: METHODS, told: () => true, averages: () => s.averages,
    fates: ["{0}: |r| = {1}, unstable: moves away", "{0}: |r| = {1}, stable: comes closer", "{0}: |r| = {1}: circles for ever"] });
  const roots = spectrum(host);

  // ---- controls: each shows the state whenever it has changed ------------------------------------------------
  const shows: (() => void)[] = [];
  const dial = (label: string, [min, max, step, log]: [number, number, number, boolean?], get: () => number, set: (v: number) => void) => {
    const control = slider(label, { min, max, step, log, value: get(), ...(step < 0.01 && { format: (v) => fmt(v, 3) }) }, (v) => {
      set(v);
      host.changed();
    });
    shows.push(() => control.set(get()));
    return control.el;
  };
  /** A slider for one number of an array. */
  const part = <K extends "quadratic" | "penalties" | "betas">(label: string, range: [number, number, number], name: K, i: number) =>
    dial(label, range, () => s[name][i], (v) => (s[name] = s[name].map((old, j) => (j === i ? v : old)) as Lab[K]));
  const choice = (label: string, names: Record<string, string>, get: () => string, set: (v: string) => void) => {
    const control = select<string>(label, names, get(), (v) => {
      set(v);
      host.changed();
    });
    shows.push(() => control.set(get()));
    return control.el;
  };
  const pressed = (label: string, name: "turns" | "averages") => {
    const control = toggle(label, s[name], (on) => {
      s[name] = on;
      host.changed();
    });
    shows.push(() => control.set(s[name]));
    return control.el;
  };
  const titles = (table: Record<string, unknown[]>) => Object.fromEntries(Object.entries(table).map(([name, [title]]) => [name, t(String(title))]));

  const preset = choice(t("Experiment"), { ...titles(PRESETS), "": t("your own") }, () => s.preset, (name) => {
    host.run(false);
    ring.film.play(false);
    Object.assign(s, beginning(name));
  });
  const game = choice(t("Game"), Object.fromEntries(Object.entries(KINDS).map(([k, v]) => [k, t(v)])), () => s.game, (name) => {
    [s.game, s.preset, s.start] = [name, "", name === "matrix" ? [0.8, 0.4] : [1, 0.6]];
  });
  const table = payoffTable(s, WHO.map((who) => t(who)), () => {
    host.changed();
  });
  const panels: Record<string, HTMLElement> = {
    quadratic: h("div", { className: "fields" }, part(t("a, strength of xy"), [-2, 2, 0.05], "quadratic", 0),
      part(t("p, curvature of x"), [-1, 1, 0.05], "quadratic", 1), part(t("q, curvature of y"), [-1, 1, 0.05], "quadratic", 2)),
    dirac: h("div", { className: "fields" }, choice(t("Loss"), Object.fromEntries(Object.keys(LOSSES).map((name) => [name, t(name.replace("_", " "))])),
      () => s.loss, (name) => (s.loss = name)),
    part(t("γ of R1"), [0, 4, 0.05], "penalties", 0), part(t("γ of R2"), [0, 4, 0.05], "penalties", 1),
    part(t("λ of WGAN-GP"), [0, 10, 0.1], "penalties", 2), part(t("clip |ψ| at (0: no)"), [0, 2, 0.05], "penalties", 3), part(t("σ of the noise"), [0, 3, 0.05], "penalties", 4)),
    matrix: h("div", null, choice(t("Payoffs"), { ...titles(GAMES), ...(o.A && { given: own[0] }) }, () => s.matrix, (name) => {
      s.matrix = name;
      [s.A, s.B] = name === "given" ? [o.A, o.B] : [GAMES[name][1], GAMES[name][2]];
    }), table.el),
  };
  const eta = dial(t("step size η"), [0.01, 2.5, 0.01], () => s.eta, (v) => (s.eta = v));
  const ratio = dial(t("η of the second : η of the first"), [0.1, 10, 0.1, true], () => s.ratio, (v) => (s.ratio = v));
  const memories: [string, HTMLElement][] = [
    ["M", dial(t("β of momentum"), [-0.95, 0.95, 0.05], () => s.beta, (v) => (s.beta = v))],
    ["R", dial(t("α of RMSProp"), [0, 0.999, 0.001], () => s.alpha, (v) => (s.alpha = v))],
    ["D", part(t("β₁ of Adam"), [0, 0.999, 0.001], "betas", 0)], ["D", part(t("β₂ of Adam"), [0, 0.999, 0.001], "betas", 1)],
    ["MRD", pressed(t("M, R, D move in turns"), "turns")],
  ];
  const lesson = h("p"), task = h("p", { className: "muted" }), field = h("p"), note = h("p");
  host.root.append(row(preset, game), lesson, task, ring.film.el,
    h("div", { className: "pair" }, h("div", null, ring.plane.el, field, roots.el), h("div", null, ...Object.values(panels),
      h("div", { className: "fields" }, eta, ratio, ...memories.map(([, el]) => el)), ring.table, ring.legend, ring.time.el)), note,
    row(pressed(t("Mark the means"), "averages"), copyButton(t("Copy as Python"), () => asPython(s)),
      !host.send && copyButton(t("Copy link"), () => linkTo(host.id, state()))));

  const told = () => {
    const now = scene(), J = now.game.slope(now.game.centre);
    if (held(now)) return t("At the equilibrium the gradients are not 0: the walls hold both players in their corner.");
    if (!J) return t("The field jumps at the equilibrium: it has no eigenvalues there.");
    const values = eigenvalues(J);
    return t("At the equilibrium λ = {0}: the field {1}.", written(values), verdict(values));
  };
  return {
    describe: () => {
      scene();
      return `${t(KINDS[s.game as keyof typeof KINDS])}. ${told()} ` + t("Step size {0}, start ({1}, {2}), step {3}. ", fmt(s.eta), fmt(s.start[0]),
        fmt(s.start[1]), s.steps) + ring.fates();
    },
    state,
    restore: (saved) => {
      restore(saved);
      host.changed(true);
    },
    draw: () => {
      const now = scene(), on = ring.on();
      for (const show of shows) show();
      for (const [name, panel] of Object.entries(panels)) panel.hidden = name !== s.game;
      for (const [letters, el] of memories) el.hidden = !on.some((letter) => letters.includes(letter));
      table.show(moves());
      const [, , seen, asked] = PRESETS[s.preset] ?? [];
      say(lesson, seen ? t(seen) : "");
      say(task, asked ? `${t("Try:")} ${t(asked)}` : "");
      say(field, told());
      say(note, t("Step {0}. ", s.steps) + ring.fates());
      ring.draw();
      roots.draw(now, on, METHODS);
    },
    frame: ring.frame,
  };
});
