/**
 * One thing changed: two to six runs of a game that differ in one thing only, from the same seed and in lockstep; or one game from
 * many seeds, and how differently they end.
 */
import {
  apply, curvePlot, difference as differ, drawCurves, drawScene, merge, planePanel, scenePlot, type Scores, type Spec, type Tree,
} from "../plane/index";
import { button, clamp, defineView, fmt, h, keep, player, row, say, select, t, type Actor, type State } from "../ui/index";
import { Cohort, type Member } from "./cohort";
import { axes, BASE, EXAMPLES as known, gameOf, type Choice } from "./compare-games";
import { difference, displacement } from "./compare-draw";
import { outcomes } from "./compare-outcomes";

/** Milliseconds of a frame for training; with reduced motion frames are few, and each may take longer. */
const BUDGET = 10, SLOW = 300;
const MOST = 6;
/** Of each run: its colour and its dashes. */
const PENS: [Actor, number[]][] = [["ink", []], ["gradient", [7, 3]], ["violet", [2, 3]], ["discriminator", [9, 3, 2, 3]], ["ochre", [4, 2]], ["generator", [1, 2]]];
const CHARTS: (keyof Scores)[] = ["slicedWasserstein", "covered", "highQuality"];
export const scoreNames = (): Record<string, string> => ({ covered: t("modes found"), highQuality: t("high quality"), slicedWasserstein: t("sliced Wasserstein") });

export const outcome = ({ lost, run: { scores, picture } }: Member): string => lost ? t("left the finite numbers")
  : (scores!.covered === undefined ? "" : t("{0} of {1} modes, ", scores!.covered, picture.target.centres!.length)) + "W " + fmt(scores!.slicedWasserstein);

defineView("compare", (host) => {
  const { options } = host, AXES = axes();
  const given = known[options.preset ?? (options.spec || options.axis ? "" : "losses")];
  const kept = keep(host, { mode: "side", preset: "", axis: "loss", runs: "", n: 12, at: 0, steps: 2000, look: "D", picked: 0 }, {
    ...(given && { axis: given.axis, runs: given.runs, steps: gameOf(given.game)[1] }), ...options, preset: given ? options.preset ?? "losses" : "" });
  const s = kept.now, cohort = new Cohort(host);
  let spec: Spec, goal = 0, credit = 0, problem = "";

  const startOf = () => merge(merge(BASE, known[s.preset] && gameOf(known[s.preset]!.game)[0]), options.spec);
  const seeds = () => s.mode === "seeds";
  /** Which of the axis's choices are played. */
  const chosen = (): Choice[] => {
    const { choices } = AXES[s.axis]!, find = (key: string) => choices.find((one) => one.key === key), wanted = s.runs.split(",").flatMap((key) => find(key) ?? []).slice(0, MOST);
    return wanted.length > 1 ? wanted : [...new Set([...wanted, ...choices])].slice(0, 2);
  };
  const specOf = (choice: Choice): Spec => merge(spec, choice.change(spec));

  // ---- the runs -------------------------------------------------------------------------------------------

  const restart = (at = 0) => {
    if (!(s.axis in AXES)) s.axis = "loss";
    s.n = clamp(Math.round(s.n), 2, 24);
    s.steps = clamp(Math.round(s.steps), 10, 20_000);
    s.picked = clamp(Math.round(s.picked), 0, s.n - 1);
    const keys = chosen(), mine = seeds() ? Array.from({ length: s.n }, (_, i) => ({ ...specOf(keys[0]!), seed: spec.seed + i })) : keys.map(specOf);
    problem = "";
    credit = 0;
    goal = clamp(Math.round(at), 0, 20_000);
    try {
      cohort.start(mine, s.steps, { side: seeds() ? 20 : 40, mesh: 0, arrows: 1 });
    } catch (error) {
      problem = (error as Error).message;
      goal = 0;
    }
    build(keys);
    // a link leads to where its run stood: that far all of them are trained first
    film.play(goal > 0);
    host.changed(true);
  };
  const change = (part: Tree) => {
    spec = merge(spec, part);
    panel.show(spec);
    restart();
    host.changed();
  };
  const remember = () => {
    cohort.level();
    s.at = cohort.step;
    host.changed();
  };

  // ---- what is seen of them -------------------------------------------------------------------------------

  const grid = h("div", { className: "games" }), large = scenePlot(host.colours), results = outcomes(host, scoreNames());
  const charts = CHARTS.map((name) => [name, curvePlot(t("{0} over time", scoreNames()[name]!), host.colours, 120)] as const);
  let heads: HTMLElement[] = [], drawn: string[] = [];
  const pick = (i: number) => {
    s.picked = i;
    heads.forEach((head, j) => head.setAttribute("aria-pressed", String(j === i)));
    host.changed();
  };
  const build = (keys: Choice[]) => {
    drawn = [];
    heads = cohort.all.map((_, i) => seeds() ? button("", () => pick(i), { "aria-pressed": String(i === s.picked) }) : h("b"));
    grid.replaceChildren(...cohort.all.map(({ plot }, i) => {
      plot.canvas.onclick = seeds() ? () => pick(i) : null;
      return h("div", null, heads[i]!, plot.el);
    }));
    grid.className = seeds() ? "games many" : "games";
    sides.hidden = seeds();
    many.hidden = !seeds();
    axis.set(s.axis);
    mode.set(s.mode);
    count.set(String(s.n));
    look.set(s.look);
    preset.set(s.preset);
    // whole numbers as keys would come first
    const { choices } = AXES[s.axis]!, names = Object.fromEntries(choices.map(({ key, label }) => [" " + key, label]));
    const put = (next: (Choice | string)[]) => {
      s.runs = next.map((one) => (typeof one === "string" ? one.trim() : one.key)).join();
      restart();
      host.changed();
    };
    picks.replaceChildren(...(seeds() ? keys.slice(0, 1) : keys).map((key, i) =>
      select<string>(seeds() ? AXES[s.axis]!.label : t("Run {0}", i + 1), names, " " + key.key, (v) => put(keys.map((old, j) => (j === i ? v : old)))).el),
    ...(seeds() ? [] : [row(
      keys.length < MOST && button(t("One more run"), () => put([...keys, choices.find((one) => !keys.includes(one)) ?? keys[0]!])),
      keys.length > 2 && button(t("One run less"), () => put(keys.slice(0, -1))))]));
    words.textContent = t(known[s.preset]?.words ?? "");
  };

  const mode = select<string>(t("Show"), { side: t("side by side"), seeds: t("many seeds") }, s.mode, (v) => {
    s.mode = v;
    restart();
    host.changed();
  });
  const preset = select<string>(t("Example"), { "": t("a game of your own"), ...Object.fromEntries(Object.entries(known).map(([key, { title }]) => [key, t(title)])) }, s.preset, (name) => {
    s.preset = name;
    const found = known[name];
    if (found) Object.assign(s, { axis: found.axis, runs: found.runs, steps: gameOf(found.game)[1] });
    spec = found ? startOf() : spec;
    panel.show(spec);
    restart();
    host.changed();
  });
  const axis = select<string>(t("They differ in"), Object.fromEntries(Object.entries(AXES).map(([key, one]) => [key, one.label])), s.axis, (v) => {
    Object.assign(s, { axis: v, runs: "" });
    restart();
    host.changed();
  });
  const count = select<string>(t("Seeds"), Object.fromEntries([8, 12, 16, 24].map((n) => [n, String(n)])), String(s.n), (v) => {
    s.n = +v;
    restart();
    host.changed();
  });
  const look = select<string>(t("Look at"), { D: t("each run"), minus: t("Dᵢ − D₁, what the discriminators disagree on"), move: t("G₁(z) → Gᵢ(z), the same noise in both") }, s.look, (v) => {
    s.look = v;
    host.changed();
  });
  const picks = h("div", { className: "fields" }), words = h("p"), note = h("p", { role: "status" }), sides = h("div", null, look.el), many = h("div", null, count.el);
  const time = h("input", { type: "range", min: "0", step: "1", "aria-label": t("Back in time"), oninput: () => {
    film.play(false);
    cohort.back(+time.value);
    drawn = [];
    remember();
  } });
  const by = (n: number) => {
    cohort.advance(cohort.step + n, Infinity);
    goal = 0;
    remember();
  };
  const film = player(host, { steps: [[t("Step"), () => by(1)], [t("50 steps"), () => by(50)]], reset: () => {
    s.at = 0;
    restart();
  }, speed: "1e9", speeds: { 20: t("{0} steps a second", 20), 200: t("{0} steps a second", 200), 1e9: t("as fast as it goes") },
    toggled: (on) => {
      credit = 0;
      if (on && cohort.step >= goal) goal = (Math.floor(cohort.step / s.steps) + 1) * s.steps;
      if (!on) remember();
    } });
  spec = apply(startOf(), host.saved ?? {});
  const panel = planePanel(spec, false, change);
  panel.show(spec);

  host.root.append(row(mode.el, preset.el), words, row(axis.el, many), picks, film.el, h("div", { className: "time" }, time), sides,
    h("div", { className: "pair" }, grid, large.el), h("div", { className: "pair" }, ...charts.map(([, plot]) => plot.el)), results.el, note, ...panel.groups);

  const describe = () => problem || t("Step {0}. ", cohort.step) + (seeds() ? results.describe() : chosen().map((key, i) => key.label + ": " + outcome(cohort.all[i]!)).join(". ") + ".");
  const first = () => cohort.all[0]!.run.picture;

  restart(s.at);

  /** Draws one of them, if anything about it has changed. */
  const drawOne = (one: Member, i: number) => {
    const { run, plot } = one, c = host.colours(), { loss } = run.spec;
    const key = [run.clock, s.look, c.ink, plot.el.clientWidth, i && cohort.all[0]!.run.clock].join();
    if (drawn[i] === key) return;
    drawn[i] = key;
    const side = !seeds() && i > 0;
    if (side && s.look === "minus") drawScene(plot, difference(first(), cohort.all[0]!.run.spec.loss, run.picture, loss), c, { loss: "least_squares", map: "D", small: true });
    else drawScene(plot, run.picture, c, { loss, map: side && s.look === "move" ? "none" : "D", real: true, fake: !(side && s.look === "move"), small: true });
    if (side && s.look === "move") displacement(plot, first(), run.picture, c);
  };

  return {
    // for tests
    get cohort() { return cohort; },
    describe,
    state: () => ({ ...kept.state(), ...differ(spec, startOf()) }),
    restore: (saved: State) => {
      kept.restore(saved);
      spec = apply(startOf(), saved);
      panel.show(spec);
      restart(s.at);
    },
    draw: () => {
      say(note, problem);
      if (problem || !cohort.all.length) return;
      const c = host.colours(), { all, past } = cohort, end = performance.now() + 8;
      // at least one is looked at in every frame, and all of them when nothing moves
      for (const one of [...all].sort((a, b) => +b.stale - +a.stale)) {
        if (one.stale && (!host.running || performance.now() < end)) cohort.measure(one);
      }
      all.forEach(drawOne);
      all.forEach((one, i) => {
        const name = seeds() ? t("seed {0}", one.run.spec.seed) : chosen()[i]!.label;
        say(heads[i]!, seeds() ? name : name + ": " + outcome(one));
        const [colour, dash] = PENS[i % MOST]!;
        if (!seeds()) heads[i]!.style.cssText = `color:var(--${colour});border-bottom:2px ${dash.length ? dash[0]! > 3 ? "dashed" : "dotted" : "solid"}`;
      });
      time.max = String(past.length - 1);
      if (host.running) time.value = time.max;
      time.setAttribute("aria-valuetext", t("step {0}", cohort.step));
      const n = past.length;
      for (const [name, plot] of charts) {
        plot.el.hidden = seeds() || Number.isNaN(past.values[name][0]);
        const lines = all.map(({ run: { history } }, i) => ({ values: history.values[name].subarray(0, history.length), colour: PENS[i % MOST]![0], dash: PENS[i % MOST]![1], label: "", width: 2 }));
        const { mean, std } = all[0]!.run.floor;
        if (!plot.el.hidden) drawCurves(plot, c, { step: past.step, n, lines, floor: [mean[name]!, std[name]!], title: scoreNames()[name], at: cohort.step });
      }
      large.el.hidden = results.el.hidden = !seeds();
      if (!seeds()) return;
      const { run } = all[s.picked]!;
      drawScene(large, run.picture, c, { loss: run.spec.loss, map: "D", real: true, fake: true });
      results.draw(all, s.picked);
    },
    frame: (ms) => {
      credit = Math.min(credit + (ms * film.speed) / 1000, goal - cohort.step);
      const before = cohort.step, slow = host.reducedMotion ? SLOW : BUDGET;
      const there = cohort.advance(Math.min(goal, cohort.step + Math.floor(credit)), slow);
      credit -= cohort.step - before;
      if (there && cohort.step >= goal) film.play(false);
      return true;
    },
  };
});
