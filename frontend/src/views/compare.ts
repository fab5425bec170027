/**
 * One thing changed: two to six runs of a game that differ in one thing only, from the same seed and in lockstep; or
 * one game from many seeds, and how differently they end.
 */
import { curvePlot, drawCurves, drawScene, planePanel, scenePlot, type Scores } from "../plane/index";
import {
  button, defineView, fmt, h, player, row, say, select, t, type Actor, type Control, type State, type View, type
  ViewHost,
} from "../ui/index";
import { Cohort, type Member } from "./cohort";
import { difference, displacement } from "./compare-draw";
import { EXAMPLES, type Choice } from "./compare-games";
import { outcomes } from "./compare-outcomes";
import { MOST, Setup } from "./compare-setup";

/** Milliseconds of a frame for training; with reduced motion frames are few, and each may take longer. */
const BUDGET = 10, SLOW = 300;
/** Of each run: its colour and its dashes. */
const PENS: [Actor, number[]][] = [["ink", []], ["gradient", [7, 3]], ["violet", [2, 3]],
  ["discriminator", [9, 3, 2, 3]], ["ochre", [4, 2]], ["generator", [1, 2]]];
const CHARTS: (keyof Scores)[] = ["slicedWasserstein", "covered", "highQuality"];
const scoreNames = (): Record<string, string> =>
  ({ covered: t("modes found"), highQuality: t("high quality"), slicedWasserstein: t("sliced Wasserstein") });

/** How many modes are found; of a target with one, whether it is. */
const modes = (found: number | undefined, all = 0): string => found === undefined ? ""
  : all > 1 ? t("{0} of {1} modes, ", found, all) : found ? t("mode found, ") : t("mode not found, ");
const outcome = ({ lost, run: { scores, picture } }: Member): string => lost ? t("left the finite numbers")
  : modes(scores!.covered, picture.target.centres?.length) + "W " + fmt(scores!.slicedWasserstein);

/** The line under a run's name. */
function underline(i: number): string {
  const [colour, dash] = PENS[i % MOST]!, kind = dash.length ? dash[0]! > 3 ? "dashed" : "dotted" : "solid";
  return `color:var(--${colour});border-bottom:2px ${kind}`;
}

class Compare implements View {
  readonly cohort: Cohort;
  readonly #setup: Setup;
  readonly #controls: Record<"mode" | "preset" | "axis" | "n" | "look", Control<string>>;
  readonly #film;
  readonly #panel;
  readonly #large;
  readonly #results;
  readonly #charts;
  readonly #time: HTMLInputElement;
  readonly #grid = h("div", { className: "games" });
  readonly #picks = h("div", { className: "fields" });
  readonly #words = h("p");
  readonly #note = h("p", { role: "status" });
  readonly #sides: HTMLElement;
  readonly #many: HTMLElement;
  #heads: HTMLElement[] = [];
  /** of each run, what was drawn last */
  #drawn: string[] = [];
  #goal = 0;
  #credit = 0;
  #problem = "";

  constructor(readonly host: ViewHost) {
    const names = scoreNames(), setup = (this.#setup = new Setup(host));
    this.cohort = new Cohort(host);
    this.#large = scenePlot(host.colours);
    this.#results = outcomes(host, names);
    this.#charts = CHARTS.map((name) =>
      [name, curvePlot(t("{0} over time", names[name]!), host.colours, 120)] as const);
    this.#controls = this.#selects();
    this.#sides = h("div", null, this.#controls.look.el);
    this.#many = h("div", null, this.#controls.n.el);
    this.#time = h("input", { type: "range", min: "0", step: "1", "aria-label": t("Back in time"),
      oninput: () => this.#back() });
    this.#film = this.#player();
    this.#panel = planePanel(setup.spec, false, (part) => {
      setup.change(part);
      this.#panel.show(setup.spec);
      this.#again();
    });
    this.#panel.show(setup.spec);
    this.#mount();
    this.#restart(setup.s.at);
  }

  #mount(): void {
    const { mode, preset, axis } = this.#controls;
    this.host.root.append(row(mode.el, preset.el), this.#words, row(axis.el, this.#many), this.#picks, this.#film.el,
      h("div", { className: "time" }, this.#time), this.#sides,
      h("div", { className: "pair" }, this.#grid, this.#large.el),
      h("div", { className: "pair" }, ...this.#charts.map(([, plot]) => plot.el)), this.#results.el, this.#note,
      ...this.#panel.groups);
  }

  // ---- what the reader chooses -------------------------------------------------------------------------------------

  #selects() {
    const { s, axes } = this.#setup;
    const examples = Object.fromEntries(Object.entries(EXAMPLES).map(([key, { title }]) => [key, t(title)]));
    const choose = (label: string, names: Record<string, string>, now: string, put: (v: string) => void) =>
      select<string>(label, names, now, (v) => {
        put(v);
        this.#again();
      });
    return {
      mode: choose(t("Show"), { side: t("side by side"), seeds: t("many seeds") }, s.mode, (v) => (s.mode = v)),
      preset: choose(t("Example"), { "": t("a game of your own"), ...examples }, s.preset, (name) => {
        this.#setup.setExample(name);
        this.#panel.show(this.#setup.spec);
      }),
      axis: choose(t("They differ in"), Object.fromEntries(Object.entries(axes).map(([key, one]) => [key, one.label])),
        s.axis, (axis) => Object.assign(s, { axis, runs: "" })),
      n: choose(t("Seeds"), Object.fromEntries([8, 12, 16, 24].map((n) => [n, String(n)])), String(s.n),
        (v) => (s.n = +v)),
      look: select<string>(t("Look at"), { D: t("each run"), minus: t("Dᵢ − D₁, what the discriminators disagree on"),
        move: t("G₁(z) → Gᵢ(z), the same noise in both") }, s.look, (v) => {
        s.look = v;
        this.host.changed();
      }),
    };
  }

  /** Which runs there are: a choice for each, and one more or less. */
  #pickers(): HTMLElement[] {
    const { seeds, axis: { choices, label }, chosen: keys } = this.#setup;
    // whole numbers as keys would come first
    const names = Object.fromEntries(choices.map((one) => [" " + one.key, one.label]));
    const put = (next: (Choice | string)[]) => {
      this.#setup.s.runs = next.map((one) => (typeof one === "string" ? one.trim() : one.key)).join();
      this.#again();
    };
    const picks = (seeds ? keys.slice(0, 1) : keys).map((key, i) =>
      select<string>(seeds ? label : t("Run {0}", i + 1), names, " " + key.key,
        (v) => put(keys.map((old, j) => (j === i ? v : old)))).el);
    if (seeds) return picks;
    const more = () => put([...keys, choices.find((one) => !keys.includes(one)) ?? keys[0]!]);
    return [...picks, row(keys.length < MOST && button(t("One more run"), more),
      keys.length > 2 && button(t("One run less"), () => put(keys.slice(0, -1))))];
  }

  #pick(i: number): void {
    this.#setup.s.picked = i;
    this.#heads.forEach((head, j) => head.setAttribute("aria-pressed", String(j === i)));
    this.host.changed();
  }

  // ---- the runs ----------------------------------------------------------------------------------------------------

  #player() {
    const { cohort, host } = this, { s } = this.#setup;
    const by = (n: number) => () => {
      cohort.advance(cohort.step + n, Infinity);
      this.#goal = 0;
      this.#remember();
    };
    return player(host, {
      steps: [[t("Step"), by(1)], [t("50 steps"), by(50)]],
      reset: () => {
        s.at = 0;
        this.#restart();
      },
      speed: "1e9", speeds: { 20: t("{0} steps a second", 20), 200: t("{0} steps a second", 200),
        1e9: t("as fast as it goes") },
      toggled: (on) => {
        this.#credit = 0;
        if (on && cohort.step >= this.#goal) this.#goal = (Math.floor(cohort.step / s.steps) + 1) * s.steps;
        if (!on) this.#remember();
      },
    });
  }

  #back(): void {
    this.#film.play(false);
    this.cohort.back(+this.#time.value);
    this.#drawn = [];
    this.#remember();
  }

  #remember(): void {
    this.cohort.level();
    this.#setup.s.at = this.cohort.step;
    this.host.changed();
  }

  #again(): void {
    this.#restart();
    this.host.changed();
  }

  #restart(at = 0): void {
    const setup = this.#setup;
    this.#goal = setup.tidy(at);
    this.#problem = "";
    this.#credit = 0;
    const { specs, s, seeds } = setup;
    try {
      this.cohort.start(specs, s.steps, { side: seeds ? 20 : 40, mesh: 0, arrows: 1 });
    } catch (error) {
      this.#problem = (error as Error).message;
      this.#goal = 0;
    }
    this.#build();
    // a link leads to where its run stood: that far all of them are trained first
    this.#film.play(this.#goal > 0);
    this.host.changed(true);
  }

  #build(): void {
    const { s, seeds, example } = this.#setup, pressed = (i: number) => ({ "aria-pressed": String(i === s.picked) });
    this.#drawn = [];
    this.#heads = this.cohort.all.map((_, i) => seeds ? button("", () => this.#pick(i), pressed(i)) : h("b"));
    this.#grid.replaceChildren(...this.cohort.all.map(({ plot }, i) => {
      plot.canvas.onclick = seeds ? () => this.#pick(i) : null;
      return h("div", null, this.#heads[i]!, plot.el);
    }));
    this.#grid.className = seeds ? "games many" : "games";
    this.#sides.hidden = seeds;
    this.#many.hidden = !seeds;
    for (const [name, control] of Object.entries(this.#controls)) control.set(String(s[name as keyof typeof s]));
    this.#picks.replaceChildren(...this.#pickers());
    this.#words.textContent = t(example?.words ?? "");
  }

  // ---- the view ----------------------------------------------------------------------------------------------------

  describe(): string {
    const { seeds, chosen } = this.#setup, { all, step } = this.cohort;
    if (this.#problem) return this.#problem;
    return t("Step {0}. ", step) + (seeds ? this.#results.describe()
      : chosen.map((key, i) => key.label + ": " + outcome(all[i]!)).join(". ") + ".");
  }
  state(): State {
    return this.#setup.state();
  }
  restore(saved: State): void {
    this.#setup.restore(saved);
    this.#panel.show(this.#setup.spec);
    this.#restart(this.#setup.s.at);
  }

  draw(): void {
    const { cohort: { all }, host } = this, { seeds, s } = this.#setup, end = performance.now() + 8;
    say(this.#note, this.#problem);
    if (this.#problem || !all.length) return;
    // at least one is looked at in every frame, and all of them when nothing moves
    for (const one of [...all].sort((a, b) => +b.stale - +a.stale)) {
      if (one.stale && (!host.running || performance.now() < end)) this.cohort.measure(one);
    }
    all.forEach((one, i) => this.#drawOne(one, i));
    this.#drawNames();
    this.#drawTime();
    this.#large.el.hidden = this.#results.el.hidden = !seeds;
    if (!seeds) return;
    const { run } = all[s.picked]!;
    drawScene(this.#large, run.picture, host.colours(), { loss: run.spec.loss, map: "D", real: true, fake: true });
    this.#results.draw(all, s.picked);
  }

  /** Draws one of them, if anything about it has changed. */
  #drawOne({ run, plot }: Member, i: number): void {
    const c = this.host.colours(), { loss } = run.spec, { seeds, s: { look } } = this.#setup,
      first = this.cohort.all[0]!.run;
    const key = [run.clock, look, c.ink, plot.el.clientWidth, i && first.clock].join();
    if (this.#drawn[i] === key) return;
    this.#drawn[i] = key;
    const side = !seeds && i > 0;
    if (side && look === "minus") {
      drawScene(plot, difference(first.picture, first.spec.loss, run.picture, loss), c,
        { loss: "least_squares", map: "D", small: true });
    } else if (side && look === "move") {
      drawScene(plot, run.picture, c, { loss, map: "none", real: true, fake: false, small: true });
      displacement(plot, first.picture, run.picture, c);
    } else {
      drawScene(plot, run.picture, c, { loss, map: "D", real: true, fake: true, small: true });
    }
  }

  #drawNames(): void {
    const setup = this.#setup;
    this.cohort.all.forEach((one, i) => {
      const head = this.#heads[i]!, name = setup.name(i);
      say(head, setup.seeds ? name : name + ": " + outcome(one));
      if (!setup.seeds) head.style.cssText = underline(i);
    });
  }

  #drawTime(): void {
    const { cohort: { all, past, step }, host } = this, time = this.#time, names = scoreNames();
    time.max = String(past.length - 1);
    if (host.running) time.value = time.max;
    time.setAttribute("aria-valuetext", t("step {0}", step));
    const { mean, std } = all[0]!.run.floor;
    // first who is there: a chart that stands alone is as wide as two
    for (const [name, plot] of this.#charts) plot.el.hidden = this.#setup.seeds || Number.isNaN(past.values[name][0]);
    for (const [name, plot] of this.#charts) {
      if (plot.el.hidden) continue;
      const lines = all.map(({ run: { history } }, i) => ({ values: history.values[name].subarray(0, history.length),
        colour: PENS[i % MOST]![0], dash: PENS[i % MOST]![1], label: "", width: 2 }));
      drawCurves(plot, host.colours(), { step: past.step, n: past.length, lines, floor: [mean[name]!, std[name]!],
        title: names[name], at: step });
    }
  }

  frame(ms: number): boolean {
    const { cohort, host } = this, film = this.#film, slow = host.reducedMotion ? SLOW : BUDGET;
    this.#credit = Math.min(this.#credit + (ms * film.speed) / 1000, this.#goal - cohort.step);
    const before = cohort.step;
    const there = cohort.advance(Math.min(this.#goal, before + Math.floor(this.#credit)), slow);
    this.#credit -= cohort.step - before;
    if (there && cohort.step >= this.#goal) film.play(false);
    return true;
  }
}

defineView("compare", (host) => new Compare(host));
