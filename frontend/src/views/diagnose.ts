/**
 * Diagnose this run: sick games (and a healthy one), trained live and with nothing named. The reader names the illness from its traces and
 * chooses a treatment; the game is then played again from the same seed, treated beside untreated, and the verdict is measured.
 */
import { DATA, Stream } from "../engine/views";
import { curvePlot, drawCurves, drawScene, merge, type Curve, type Spec } from "../plane/index";
import { button, clamp, defineView, fmt, h, keep, number, player, row, say, t, type State } from "../ui/index";
import { Cohort } from "./cohort";
import { BASE, gameOf } from "./compare-games";
import { CASES, changes, illnesses, treatments, why, type Case } from "./diagnose-cases";
import { late, verdict, type Late } from "./verdict";

const BUDGET = 11, SLOW = 400;

/** The cases in the order that the seed gives. */
export function shuffled(seed: number): Case[] {
  const order = [...CASES], u = new Float64Array(order.length);
  new Stream(seed, DATA).fill(u, u.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(u[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

defineView("diagnose", (host) => {
  const ILLNESSES = illnesses(), TREATMENTS = treatments(), WHY = why();
  // of every case, what was answered and what was tried, in that order: letters of CASES, numbers of the treatments
  const kept = keep(host, { seed: 0, at: 0, named: "", tried: "" }), s = kept.now, cohort = new Cohort(host);
  let order: Case[] = [], goal = 0, credit = 0, seen: Late | undefined;

  const part = (text: string, i = s.at) => text.split(".")[i] ?? "";
  const put = (text: string, more: string) => order.map((_, i) => part(text, i) + (i === s.at ? more : "")).join(".");
  const now = () => order[s.at]!, last = (text: string) => text.slice(-1);
  const found = (i = s.at) => CASES[last(part(s.named, i)).charCodeAt(0) - 97] === order[i];
  const treated = () => changes(now())[last(part(s.tried)) ? +last(part(s.tried)) : -1];
  const ended = () => cohort.step >= gameOf(now())[1] || cohort.all.every((one) => one.lost);

  // ---- the run ----------------------------------------------------------------------------------------------

  const restart = () => {
    s.seed = clamp(Math.round(s.seed), 0, 4e6);
    order = shuffled(s.seed);
    s.at = clamp(Math.round(s.at), 0, order.length - 1);
    const [change, steps] = gameOf(now()), sick: Spec = { ...merge(BASE, change), seed: s.seed }, cure = found() && treated();
    cohort.start(cure ? [sick, merge(sick, cure[1])] : [sick], steps, { side: 40, mesh: 0, arrows: 1 });
    goal = credit = 0;
    seen = undefined;
    scenes.replaceChildren(...cohort.all.map(({ plot }, i) => h("div", null, h("b", null, i ? t("treated") : cure ? t("as it was") : t("the patient")), plot.el)));
    seed.set(s.seed);
  };
  /** From here on with something else to do. */
  const next = (change: Partial<typeof s>, play = false) => {
    film.play(false);
    Object.assign(s, change);
    restart();
    if (play) film.play(true);
    host.changed();
  };

  // ---- what the reader sees and touches ---------------------------------------------------------------------

  const charts = [t("D answers"), t("log₁₀ |gradient|"), t("losses"), t("distance W to the data"), t("modes found")].map((label) => [label, curvePlot(label, host.colours, 112)] as const);
  const film = player(host, { reset: () => restart(), speed: "1e9", speeds: { 200: t("{0} steps a second", 200), 1e9: t("as fast as it goes") },
    toggled: (on) => {
      credit = 0;
      if (on && ended()) restart();
      if (on) goal = gameOf(now())[1];
      else cohort.level();
    } });
  const scenes = h("div", { className: "games" }), ask = h("p", { role: "status" }), answers = h("div", { className: "choices" }), result = h("p", { role: "status" });
  const tabs = h("div", { className: "row", role: "group", "aria-label": t("Cases") });
  const seed = number(t("Shuffle (seed)"), { min: 0, max: 4e6, value: s.seed }, (v) => next({ seed: v, at: 0, named: "", tried: "" }));
  const onward = button(t("Next case"), () => next({ at: (s.at + 1) % order.length })), again = button(t("Another treatment"), () => next({ tried: put(s.tried, "x") }));
  host.root.append(row(tabs, seed.el), film.el, h("div", { className: "pair" }, scenes, h("div", { className: "games two" }, ...charts.map(([, plot]) => plot.el))),
    ask, answers, result, row(again, onward));

  const choices = (made: [string, () => void, boolean][]) => {
    const key = made.map(([label, , off]) => label + off).join();
    if (answers.dataset.made === key) return;
    answers.dataset.made = key;
    answers.replaceChildren(...made.map(([label, press, disabled]) => button(label, press, { disabled })));
  };

  const verdicts = { cured: t("Cured."), better: t("Better, not cured."), same: t("No cure."), worse: t("Worse.") };
  const told = () => {
    if (!ended()) return cohort.step ? t("Step {0} of {1}.", cohort.step, gameOf(now())[1]) : t("Press Play: the game is played in front of you.");
    seen = late(cohort.all[0]!.run);
    const cure = treated();
    if (found() && cure) {
      const [, one] = cohort.all, after = one!.lost ? null : late(one!.run), fate = verdict(seen, after, now() === "healthy"), { mean } = one!.run.floor;
      const verdictNow = now() === "healthy" && fate === "cured" ? t("It stays healthy.") : verdicts[fate];
      const numbers = after ? t("Modes {0} → {1} of {2}, high quality {3} → {4}, W {5} → {6} (perfect {7}), over the last third.", fmt(seen.covered, 1), fmt(after.covered, 1), after.total,
        fmt(seen.highQuality), fmt(after.highQuality), fmt(seen.w), fmt(after.w), fmt(mean.slicedWasserstein)) : t("The treated run left the finite numbers.");
      return `${verdictNow} ${numbers} ${WHY[now()][cure[0]]}`;
    }
    const guess = CASES[last(part(s.named)).charCodeAt(0) - 97];
    return guess ? (found() ? t("Yes. ") + ILLNESSES[guess].right(seen) : t("No. ") + ILLNESSES[guess].wrong(seen)) : "";
  };
  const question = () => (found() ? treated() ? t("Treated: {0}.", TREATMENTS[treated()![0]]!) : t("What would you do?") : t("What is wrong with this run?"));
  const score = () => t("{0} of {1} named, {2} at the first attempt.", order.filter((_, i) => found(i)).length, order.length, order.filter((_, i) => found(i) && part(s.named, i).length === 1).length);

  const drawCharts = () => {
    const c = host.colours(), { past, all } = cohort, n = past.length, { picture, floor: { mean, std } } = all[0]!.run;
    const kept = (read: (l: Run["losses"]) => number, i = 0) => Float64Array.from({ length: all[i]!.run.history.length }, (_, j) => read(all[i]!.run.history.state(j).losses));
    type Run = (typeof all)[0]["run"];
    const logs = (v: number) => Math.log10(Math.max(v, 1e-9)), treatedToo = (lines: (i: number, dash?: number[]) => Curve[]) => all.flatMap((_, i) => lines(i, all.length > 1 && !i ? [3, 3] : undefined));
    const values = (name: "covered" | "slicedWasserstein", i: number) => all[i]!.run.history.values[name].subarray(0, all[i]!.run.history.length);
    const lines: Curve[][] = [
      treatedToo((i, dash) => [{ values: kept((l) => l.dReal, i), colour: "real", label: i ? "" : t("on real"), dash }, { values: kept((l) => l.dFake, i), colour: "generator", label: i ? "" : t("on generated"), dash }]),
      treatedToo((i, dash) => [{ values: kept((l) => logs(l.gradientGenerator), i), colour: "generator", label: i ? "" : "G", dash }, { values: kept((l) => logs(l.gradientDiscriminator), i), colour: "discriminator", label: i ? "" : "D", dash }]),
      treatedToo((i, dash) => [{ values: kept((l) => l.generator, i), colour: "generator", label: i ? "" : "G", dash }, { values: kept((l) => l.discriminator, i), colour: "discriminator", label: i ? "" : "D", dash }]),
      treatedToo((i, dash) => [{ values: values("slicedWasserstein", i), colour: "violet", label: "", dash, width: 2 }]),
      treatedToo((i, dash) => [{ values: values("covered", i), colour: "violet", label: "", dash, width: 2 }]),
    ];
    charts.forEach(([title, plot], i) => drawCurves(plot, c, {
      step: past.step, n, lines: lines[i]!, title, at: cohort.step, ...(i === 3 && { floor: [mean.slicedWasserstein, std.slicedWasserstein] as [number, number] }),
      ...(i === 4 && { range: [0, picture.target.centres!.length] as [number, number], digits: 0 }),
    }));
  };

  restart();
  return {
    // for tests
    get cohort() { return cohort; },
    get order() { return order; },
    describe: () => t("Case {0} of {1}. ", s.at + 1, order.length) + question() + " " + told() + " " + score(),
    state: kept.state,
    restore: (saved: State) => {
      film.play(false);
      kept.restore(saved);
      restart();
      host.changed(true);
    },
    draw: () => {
      const c = host.colours(), over = ended(), cure = treated(), right = found();
      for (const one of cohort.all) {
        if (one.stale) cohort.measure(one);
        drawScene(one.plot, one.run.picture, c, { loss: one.run.spec.loss, map: "D", real: true, fake: true, small: true });
      }
      drawCharts();
      if (tabs.childElementCount !== order.length) tabs.replaceChildren(...order.map((_, i) => button("", () => next({ at: i }))));
      order.forEach((_, i) => {
        const tab = tabs.children[i] as HTMLButtonElement;
        tab.textContent = `${i + 1}${found(i) ? " ✓" : ""}`;
        tab.setAttribute("aria-pressed", String(i === s.at));
        tab.setAttribute("aria-label", t("Case {0}", i + 1) + (found(i) ? ", " + t("named") : ""));
      });
      say(ask, question());
      choices(right ? (cure ? [] : changes(now()).map(([name], i) => [TREATMENTS[name]!, () => next({ tried: put(s.tried, String(i)) }, true), false]))
        : CASES.map((name, i) => [ILLNESSES[name].name, () => {
          s.named = put(s.named, String.fromCharCode(97 + i));
          host.changed();
        }, !over || part(s.named).includes(String.fromCharCode(97 + i))]));
      say(result, told() + (over ? " " + score() : ""));
      again.hidden = !(right && cure && over);
      onward.hidden = !right;
    },
    frame: (ms) => {
      credit = Math.min(credit + (ms * film.speed) / 1000, goal - cohort.step);
      const before = cohort.step, there = cohort.advance(Math.min(goal, before + Math.floor(credit)), host.reducedMotion ? SLOW : BUDGET);
      credit -= cohort.step - before;
      if (there && cohort.step >= goal) film.play(false);
      return true;
    },
  };
});
