/**
 * Diagnose this run: sick games (and a healthy one), trained live and with nothing named. The reader names the illness
 * from its traces and chooses a treatment; the game is then played again from the same seed, treated beside untreated,
 * and the verdict is measured.
 */
import { DATA, Stream } from "../engine/views";
import { curvePlot, drawCurves, drawScene, merge, type Curve, type Spec } from "../plane/index";
import {
  button, clamp, defineView, fmt, h, keep, number, player, row, say, t, type State, type View,
  type ViewHost,
} from "../ui/index";
import { Cohort } from "./cohort";
import { BASE, gameOf } from "./compare-games";
import { CASES, changes, illnesses, treatments, why, type Case } from "./diagnose-cases";
import { late, verdict, type Late } from "./verdict";

const BUDGET = 11, SLOW = 400;

/** The cases in the order that the seed gives. */
function shuffled(seed: number): Case[] {
  const order = [...CASES], u = new Float64Array(order.length);
  new Stream(seed, DATA).fill(u, u.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(u[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

const letter = (i: number) => String.fromCharCode(97 + i);
const last = (text: string) => text.slice(-1);

/**
 * What the reader was shown, said of it and tried: of every case, in order, letters of CASES and numbers of treatments.
 */
class Round {
  order: Case[] = [];
  readonly #illnesses = illnesses();
  readonly #treatments = treatments();
  readonly #why = why();

  constructor(readonly s: { seed: number; at: number; named: string; tried: string }, readonly cohort: Cohort) {}

  part(text: string, i = this.s.at): string {
    return text.split(".")[i] ?? "";
  }
  /** The text with more for the present case. */
  put(text: string, more: string): string {
    return this.order.map((_, i) => this.part(text, i) + (i === this.s.at ? more : "")).join(".");
  }
  get now(): Case {
    return this.order[this.s.at]!;
  }
  get steps(): number {
    return gameOf(this.now)[1];
  }
  named(i = this.s.at): Case | undefined {
    return CASES[last(this.part(this.s.named, i)).charCodeAt(0) - 97];
  }
  found(i = this.s.at): boolean {
    return this.named(i) === this.order[i];
  }
  get treated() {
    const tried = last(this.part(this.s.tried));
    return changes(this.now)[tried ? +tried : -1];
  }
  get ended(): boolean {
    return this.cohort.step >= this.steps || this.cohort.all.every((one) => one.lost);
  }

  /** The run of the case, and beside it the treated one. */
  start(): void {
    const { s } = this;
    s.seed = clamp(Math.round(s.seed), 0, 4e6);
    this.order = shuffled(s.seed);
    s.at = clamp(Math.round(s.at), 0, this.order.length - 1);
    const [change, steps] = gameOf(this.now), sick: Spec = { ...merge(BASE, change), seed: s.seed };
    const cure = this.found() && this.treated;
    this.cohort.start(cure ? [sick, merge(sick, cure[1])] : [sick], steps, { side: 40, mesh: 0, arrows: 1 });
  }

  /** The answers to choose from: what is said, what it adds to `named` or `tried`, and whether it is off. */
  choices(): [words: string, key: "named" | "tried", more: string, off: boolean][] {
    if (!this.found()) {
      return CASES.map((name, i) => [this.#illnesses[name].name, "named", letter(i),
        !this.ended || this.part(this.s.named).includes(letter(i))]);
    }
    return this.treated ? [] : changes(this.now).map(([name], i) =>
      [this.#treatments[name]!, "tried", String(i), false]);
  }

  // ---- in words ----------------------------------------------------------------------------------------------------

  get question(): string {
    if (!this.found()) return t("What is wrong with this run?");
    return this.treated ? t("Treated: {0}.", this.#treatments[this.treated[0]]!) : t("What would you do?");
  }
  get told(): string {
    const { cohort } = this;
    if (!this.ended) {
      return cohort.step ? t("Step {0} of {1}.", cohort.step, this.steps)
        : t("Press Play: the game is played in front of you.");
    }
    const seen = late(cohort.all[0]!.run), guess = this.named();
    if (this.found() && this.treated) return this.#verdict(seen, this.treated[0]);
    if (!guess) return "";
    const words = this.#illnesses[guess];
    return this.found() ? t("Yes. ") + words.right(seen) : t("No. ") + words.wrong(seen);
  }
  #verdict(seen: Late, treatment: string): string {
    const [, one] = this.cohort.all, after = one!.lost ? null : late(one!.run), healthy = this.now === "healthy";
    const fate = verdict(seen, after, healthy), { mean } = one!.run.floor;
    const verdicts = { cured: t("Cured."), better: t("Better, not cured."), same: t("No cure."), worse: t("Worse.") };
    const said = healthy && fate === "cured" ? t("It stays healthy.") : verdicts[fate];
    const numbers = after ? t("Modes {0} → {1} of {2}, high quality {3} → {4}, W {5} → {6} (perfect {7}), over the last third.",
      fmt(seen.covered, 1), fmt(after.covered, 1), after.total, fmt(seen.highQuality), fmt(after.highQuality),
      fmt(seen.w), fmt(after.w), fmt(mean.slicedWasserstein)) : t("The treated run left the finite numbers.");
    return `${said} ${numbers} ${this.#why[this.now][treatment]}`;
  }
  get score(): string {
    const named = this.order.filter((_, i) => this.found(i)).length;
    const first = this.order.filter((_, i) => this.found(i) && this.part(this.s.named, i).length === 1).length;
    return t("{0} of {1} named, {2} at the first attempt.", named, this.order.length, first);
  }
}

type PlaneRun = Cohort["all"][0]["run"];
const logs = (v: number) => Math.log10(Math.max(v, 1e-9));

/** What one run shows in each chart; with labels where it is `plain`. */
function linesOf({ history }: PlaneRun, plain: boolean, dash?: number[]): Curve[][] {
  const losses = (read: (l: PlaneRun["losses"]) => number) =>
    Float64Array.from({ length: history.length }, (_, j) => read(history.state(j).losses));
  const line = (read: (l: PlaneRun["losses"]) => number, colour: Curve["colour"], label: string): Curve =>
    ({ values: losses(read), colour, label: plain ? label : "", dash });
  const score = (name: "covered" | "slicedWasserstein"): Curve =>
    ({ values: history.values[name].subarray(0, history.length), colour: "violet", label: "", dash, width: 2 });
  return [
    [line((l) => l.dReal, "real", t("on real")), line((l) => l.dFake, "generator", t("on generated"))],
    [line((l) => logs(l.gradientGenerator), "generator", "G"),
      line((l) => logs(l.gradientDiscriminator), "discriminator", "D")],
    [line((l) => l.generator, "generator", "G"), line((l) => l.discriminator, "discriminator", "D")],
    [score("slicedWasserstein")],
    [score("covered")],
  ];
}

class Diagnose implements View {
  readonly cohort: Cohort;
  readonly #round: Round;
  readonly #kept;
  readonly #charts;
  readonly #film;
  readonly #seed;
  readonly #scenes = h("div", { className: "games" });
  readonly #ask = h("p", { role: "status" });
  readonly #answers = h("div", { className: "choices" });
  readonly #result = h("p", { role: "status" });
  readonly #tabs = h("div", { className: "row", role: "group", "aria-label": t("Cases") });
  readonly #onward: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  #goal = 0;
  #credit = 0;

  constructor(readonly host: ViewHost) {
    this.#kept = keep(host, { seed: 0, at: 0, named: "", tried: "" });
    this.cohort = new Cohort(host);
    const s = this.#kept.now, round = (this.#round = new Round(s, this.cohort));
    const labels = [t("D answers"), t("log₁₀ |gradient|"), t("losses"), t("distance W to the data"), t("modes found")];
    this.#charts = labels.map((label) => [label, curvePlot(label, host.colours, 112)] as const);
    this.#film = player(host, { reset: () => this.#restart(), speed: "1e9",
      speeds: { 200: t("{0} steps a second", 200), 1e9: t("as fast as it goes") },
      toggled: (on) => {
        this.#credit = 0;
        if (on && round.ended) this.#restart();
        if (on) this.#goal = round.steps;
        else this.cohort.level();
      } });
    this.#seed = number(t("Shuffle (seed)"), { min: 0, max: 4e6, value: s.seed },
      (v) => this.#next({ seed: v, at: 0, named: "", tried: "" }));
    this.#onward = button(t("Next case"), () => this.#next({ at: (s.at + 1) % round.order.length }));
    this.#again = button(t("Another treatment"), () => this.#next({ tried: round.put(s.tried, "x") }));
    const charts = h("div", { className: "games two" }, ...this.#charts.map(([, plot]) => plot.el));
    host.root.append(row(this.#tabs, this.#seed.el), this.#film.el,
      h("div", { className: "pair" }, this.#scenes, charts),
      this.#ask, this.#answers, this.#result, row(this.#again, this.#onward));
    this.#restart();
  }

  /** for tests */
  get order(): Case[] {
    return this.#round.order;
  }

  #restart(): void {
    this.#round.start();
    this.#goal = this.#credit = 0;
    const { all } = this.cohort, names = all.length > 1 ? [t("as it was"), t("treated")] : [t("the patient")];
    this.#scenes.replaceChildren(...all.map(({ plot }, i) => h("div", null, h("b", null, names[i]!), plot.el)));
    this.#seed.set(this.#round.s.seed);
  }

  /** From here on with something else to do. */
  #next(change: Partial<Round["s"]>, play = false): void {
    this.#film.play(false);
    Object.assign(this.#round.s, change);
    this.#restart();
    if (play) this.#film.play(true);
    this.host.changed();
  }

  #answer(key: "named" | "tried", more: string): void {
    const { s } = this.#round, text = this.#round.put(s[key], more);
    if (key === "tried") return this.#next({ tried: text }, true);
    s.named = text;
    this.host.changed();
  }

  describe(): string {
    const { s, order, question, told, score } = this.#round;
    return t("Case {0} of {1}. ", s.at + 1, order.length) + question + " " + told + " " + score;
  }
  state(): State {
    return this.#kept.state();
  }
  restore(saved: State): void {
    this.#film.play(false);
    this.#kept.restore(saved);
    this.#restart();
    this.host.changed(true);
  }

  // ---- drawing -----------------------------------------------------------------------------------------------------

  draw(): void {
    const round = this.#round, over = round.ended, right = round.found();
    for (const one of this.cohort.all) {
      if (one.stale) this.cohort.measure(one);
      drawScene(one.plot, one.run.picture, this.host.colours(),
        { loss: one.run.spec.loss, map: "D", real: true, fake: true, small: true });
    }
    this.#drawCharts();
    this.#drawTabs();
    say(this.#ask, round.question);
    this.#drawChoices();
    say(this.#result, round.told + (over ? " " + round.score : ""));
    this.#again.hidden = !(right && round.treated && over);
    this.#onward.hidden = !right;
  }

  #drawTabs(): void {
    const { order, s } = this.#round, tabs = this.#tabs;
    if (tabs.childElementCount !== order.length) {
      tabs.replaceChildren(...order.map((_, i) => button("", () => this.#next({ at: i }))));
    }
    order.forEach((_, i) => {
      const tab = tabs.children[i] as HTMLButtonElement, found = this.#round.found(i);
      tab.textContent = `${i + 1}${found ? " ✓" : ""}`;
      tab.setAttribute("aria-pressed", String(i === s.at));
      tab.setAttribute("aria-label", t("Case {0}", i + 1) + (found ? ", " + t("named") : ""));
    });
  }

  #drawChoices(): void {
    const made = this.#round.choices(), key = made.join(),
      answers = this.#answers;
    if (answers.dataset.made === key) return;
    answers.dataset.made = key;
    answers.replaceChildren(...made.map(([label, which, more, disabled]) =>
      button(label, () => this.#answer(which, more), { disabled })));
  }

  #drawCharts(): void {
    const { cohort, host } = this, { past, all } = cohort, { picture, floor: { mean, std } } = all[0]!.run;
    const lines = all.map(({ run }, i) => linesOf(run, !i, all.length > 1 && !i ? [3, 3] : undefined));
    this.#charts.forEach(([title, plot], i) => drawCurves(plot, host.colours(), {
      step: past.step, n: past.length, lines: lines.flatMap((one) => one[i]!), title, at: cohort.step,
      wild: i === 0 || i === 2,
      ...(i === 3 && { floor: [mean.slicedWasserstein, std.slicedWasserstein] as [number, number] }),
      ...(i === 4 && { range: [0, picture.target.centres!.length] as [number, number] }),
    }));
  }

  frame(ms: number): boolean {
    const { cohort, host } = this, film = this.#film;
    this.#credit = Math.min(this.#credit + (ms * film.speed) / 1000, this.#goal - cohort.step);
    const before = cohort.step, to = Math.min(this.#goal, before + Math.floor(this.#credit));
    const there = cohort.advance(to, host.reducedMotion ? SLOW : BUDGET);
    this.#credit -= cohort.step - before;
    if (there && cohort.step >= this.#goal) film.play(false);
    return true;
  }
}

defineView("diagnose", (host) => new Diagnose(host));
