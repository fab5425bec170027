/**
 * The playground: two small networks play in the plane, in the page or in a Python kernel, and everything that matters is drawn
 * while they do: samples, D and the best D, the warped noise, the true gradients of the losses, scores with a perfect sampler's floor.
 */
import { createLaw } from "../engine/views";
import type { LossName, Plane } from "../engine/types";
import {
  apply, curvePlot, difference, drawCurves, drawScene, LOSS_COLOURS, LOSSES, maps, merge, Pace, PLANE_START, planePanel, Run, scenePlot, SCORES,
  targetEditor, type MapName, type Scores, type Spec, type Tree,
} from "../plane/index";
import {
  button, copyButton, defineView, fmt, group, h, linkTo, number, part, player, row, say, select, t, toggle, type State, type View, type ViewHost,
} from "../ui/index";
import type { Lesson } from "./lessons";
import type { MakeOverview, Overview } from "./overview";
import type { KeepPart } from "./keep";
import type { PointsPart } from "./points";
import type { AsTorch } from "./torch";

/** Milliseconds of a frame that go to training, at most; the rest is for measuring, drawing and the page. */
const BUDGET = 11;

/** Whole numbers as keys come in order. */
const speeds = (asked: number): Record<string, string> => ({
  ...Object.fromEntries([2, 20, 100, 500, asked].map((n) => [n, t("{0} steps a second", n)])), [1e9]: t("as fast as it goes"),
});

const scoreNames = (): Record<keyof Scores, string> => ({
  covered: t("modes found"), highQuality: t("high quality"), reverseKl: t("reverse KL"), slicedWasserstein: t("sliced Wasserstein"),
});

/** The lessons' names; the rest of them comes when it is asked for. */
const titles = (): Record<string, string> => ({
  "": t("none"), works: t("It works"), chase: t("Mode collapse: the chase"), chase_cured: t("A cure: no momentum"), dropped: t("Modes dropped"), oscillation: t("Oscillation"),
  vanishing: t("Vanishing gradient"), weak: t("A D that is too weak"), divergence: t("Divergence"),
});

function playground(host: ViewHost): View {
  const { options } = host, short = options.controls === "few", base = merge(PLANE_START, options.spec);
  /** a PyTorch run in the kernel instead of the engine: asked for frames one by one */
  const remote = options.stream as string | undefined;
  const run = new Run({ backend: options.backend, precision: options.precision });
  const { history, picture } = run, pace = new Pace(BUDGET);
  let spec: Spec, lesson = "", frames = 0, goal = 0, waiting = false, model: Overview | undefined;
  // what is fetched when it is first wanted
  let lessons: Record<string, Lesson> | undefined, points: PointsPart | undefined, pen: ReturnType<PointsPart["edit"]> | undefined;
  const startOf = () => merge(base, lessons?.[lesson]?.spec);

  const main = scenePlot(host.colours);
  const losses = curvePlot(t("The losses of both players over time"), host.colours);
  const charts = SCORES.map((name) => [name, curvePlot(t("{0} over time", scoreNames()[name]), host.colours, 92)] as const);

  // ---- the run ------------------------------------------------------------------------------------------

  const fresh = () => {
    pace.reset();
    goal = 0;
    problem.replaceChildren();
    if (remote) {
      run.listen(spec, createLaw(spec.target) as Plane, createLaw(spec.prior));
      host.send?.({ type: "grids", grids: picture.grids() });
      status.textContent = remote;
    } else {
      run.start(spec);
      status.textContent = run.engine.backend === "wasm" ? t("trains in this page (WebAssembly)")
        : t("trains in this page (JavaScript{0})", run.engine.fallbackReason ? t("; WebAssembly was refused: {0}", run.engine.fallbackReason) : "");
    }
  };

  /** Says what went wrong, and offers ways back. */
  const complain = (error: unknown) => {
    const back = history.length - 1;
    play.play(false);
    goal = 0;
    problem.replaceChildren(h("p", { className: "problem" }, (error as Error).message + " "), row(
      run.engine && back >= 0 && button(t("Back to step {0}", Math.floor(history.step[back]!)), () => { scrubTo(back); host.changed(); }),
      button(t("Reset"), reset), button(t("All as at the beginning"), () => { self.restore!({}); host.changed(); })));
  };
  const careful = (moves: () => void): boolean => {
    try {
      moves();
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  };

  /** One thing done by hand. */
  const deed = (what: string, share: number, move: () => void) => careful(() => {
    history.cut(run.clock);
    move();
    run.deed(what);
    run.clock += share;
    run.look(true);
  });
  const turn = () => 1 / (spec.k + spec.k_g);
  const stepD = () => deed(t("a D step"), turn(), () => run.engine.stepD());
  const stepG = () => deed(t("a G step"), turn(), () => run.engine.stepG());

  const reset = () => {
    play.play(false);
    careful(fresh);
    host.changed();
  };

  const scrubTo = (i: number) => {
    play.play(false);
    goal = 0;
    problem.replaceChildren();
    run.back(i);
    spec = run.spec;
    panel.show(spec);
  };

  const change = (part: Tree) => {
    const before = spec;
    problem.replaceChildren();
    if (!careful(() => {
      spec = merge(spec, part);
      // what is refused leaves the run as it was
      if (run.engine) run.change(spec, Object.keys(part));
      else fresh();
    })) spec = run.spec ?? before;
    panel.show(spec);
    host.changed();
  };

  // ---- what the reader sees and touches -----------------------------------------------------------------

  const saved = host.saved ?? {};
  const again = () => {
    run.pulls = all.get() ? (Object.keys(LOSSES()) as LossName[]).filter((name) => name !== "hinge") : arrows.get() ? [spec.loss] : [];
    if (run.engine && !remote) picture.look(run.engine, run.pulls);
  };
  const switches = {} as Record<string, ReturnType<typeof toggle>>;
  const usual: Record<string, boolean> = { real: true, fake: true, manifold: true, arrows: false, all: false };
  const view = (name: string, label: string) => (switches[name] = toggle(label, !!(saved[name] ?? options[name] ?? usual[name]), () => {
    again();
    host.changed();
  }));
  const real = view("real", t("Real")), fake = view("fake", t("Generated")), manifold = view("manifold", t("Warped noise")), arrows = view("arrows", t("Gradient"));
  const all = view("all", t("Gradient of every loss"));
  all.enable(!remote);
  const map = select<MapName>(t("Heat map"), maps(), (saved.map ?? options.map ?? "D") as MapName, () => host.changed());
  const legend = h("div", { className: "legend" }), problem = h("div", { role: "alert" }), status = h("span", { className: "muted" });
  const numbers = [t("step"), t("loss of D"), t("loss of G"), ...Object.values(scoreNames())].map((name) => {
    const value = h("dd");
    return [h("div", null, h("dt", null, name), value), value] as const;
  });
  const lessonWords = h("p"), lessonSteps = h("p", { className: "muted" });
  const teach = (name: string) => {
    const found = lessons?.[name];
    lessonOf.set((lesson = found ? name : ""));
    lessonWords.textContent = found ? t(found.words) : "";
    lessonSteps.textContent = found ? t("Play about {0} steps. Try: {1}", found.steps, t(found.try)) : "";
  };
  const lessonOf = select<string>(t("Lesson"), titles(), "", (preset) => {
    self.restore!({ preset });
    host.changed();
  });

  const play = player(host, {
    reset: remote ? undefined : reset,
    speeds: speeds(+(options.speed ?? 100)), speed: String(saved.speed ?? options.speed ?? 100), autoplay: !!options.autoplay && !host.saved,
    steps: remote ? [[t("Step"), () => ask(1), t("k steps of D, then one of G")]] : [
      [t("D step"), stepD, t("One step of the discriminator alone")],
      [t("G step"), stepG, t("One step of the generator alone")],
      [t("Step"), () => careful(() => { history.cut(run.clock); run.step(); run.look(true); }), t("k steps of D, then one of G")],
    ],
    toggled: (on) => {
      goal = 0;
      if (on) history.cut(remote ? Infinity : run.clock);
      else {
        if (run.engine && !problem.hasChildNodes()) run.look(true);
        host.changed();
      }
    },
  });
  /** One more frame, please, after n steps (0: as many as are quick). */
  const ask = (n: number) => {
    if (!waiting) host.send?.({ type: "step", n });
    waiting = true;
  };
  const scrub = h("input", { type: "range", min: 0, step: 1, "aria-label": t("Scrub through the run") });
  scrub.oninput = () => { scrubTo(+scrub.value); host.changed(true); };
  losses.onDrag((x) => { if (history.length) scrubTo(history.nearest(x)); host.changed(true); });
  const torch = async () => (await part<AsTorch>("torch"))(run.engine.spec, run.engine.steps,
    run.deeds.length ? [t("From the seed, with the settings as they are now. What was done by hand is not in this code:"), ...run.deeds] : []);

  const opened = (open: () => void) => {
    play.play(false);
    problem.replaceChildren();
    teach("");
    careful(open);
    spec = run.spec;
    panel.show(spec);
    host.changed();
  };
  const kept = (use: (keep: KeepPart) => void) => void part<KeepPart>("keep").then(use, complain);
  const ahead = number(t("Go to step"), { min: 0, max: 1e5, value: 0 }, (step) => {
    if (step < run.engine.steps) reset();
    if (step <= run.engine.steps) return;
    play.play(true);
    goal = step;
  });

  const own = h("div");
  const withPoints = async () => {
    points ??= await part<PointsPart>("points");
    if (!pen) own.append((pen = points.edit(main, () => spec.target as Plane["spec"], (target) => change({ target }), () => host.changed(true))).el);
    return pen;
  };
  const panel = planePanel(base, !short && host.root.clientWidth > 600, change, targetEditor(change, {
    el: own, begin: () => withPoints().then((made) => change({ target: made.begin(picture.real) }), complain),
  }));
  const inside = group(t("Inside the networks, step by step"), false);
  inside.ontoggle = () => {
    if (inside.open && !model && run.engine) part<MakeOverview>("overview").then((overview) => {
      if (!model) inside.append((model = overview(host, run, { D: stepD, G: stepG, stop: () => play.play(false) })).el);
      host.changed(true);
    }, complain);
    host.changed(true);
  };
  const more = h("div", { className: "panel", hidden: short },
    ...(remote ? [] : [inside, ...panel.groups]), row(!remote && copyButton(t("Copy as PyTorch"), torch), !remote && !host.send && copyButton(t("Copy link"), () => linkTo(host.id, self.state())), ...(remote ? [] : [button(t("Save run"), () => kept((keep) => keep.save(run))), button(t("Open a saved run"), () => kept((keep) => keep.open(run, opened)))]), status));
  host.root.append(
    row(!remote && lessonOf.el, map.el, real.el, fake.el, manifold.el, arrows.el, all.el), lessonWords, lessonSteps,
    h("div", { className: "pair" },
      h("div", null, main.el, play.el, h("div", { className: "time" }, scrub), !remote && ahead.el, problem, legend),
      h("div", null, losses.el, h("div", { className: "pair tight" }, ...charts.map(([, plot]) => plot.el)), h("dl", null, ...numbers.map(([el]) => el)))),
    ...(short ? [toggle(t("All controls"), false, (on) => { more.hidden = !on; self.draw(); }).el] : []), more,
  );

  const key = (actor: string, words: string, kind = "") => h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words);
  /** Links say drawn points in a short code. */
  const drawn = (): State => {
    const { target } = spec;
    return points && target.name === "points" && JSON.stringify(target) !== JSON.stringify(startOf().target) ? { target: undefined, points: points.encode(target) } : {};
  };
  let legendOf = "";
  const drawLegend = () => {
    const names = LOSSES(), keys: [string, string, string?][] = [];
    if (map.get() === "D" || map.get() === "best") keys.push(["discriminator", t("D: real"), "band"], ["generator", t("D: generated"), "band"]);
    if (arrows.get() || all.get()) {
      for (const [loss, pull] of picture.pulls) {
        let sum = 0;
        for (let i = 0; i < pull.length; i += 2) sum += Math.hypot(pull[i]!, pull[i + 1]!);
        const mean = (2 * sum) / pull.length, words = loss === "wasserstein" && all.get() ? names.wasserstein + ", " + names.hinge : names[loss];
        keys.push([all.get() ? LOSS_COLOURS[loss] : "gradient", t("−∂L/∂x of {0}: {1} on average", words, fmt(mean, mean < 0.1 ? 4 : 2))]);
      }
    }
    if (legendOf !== (legendOf = keys.join())) legend.replaceChildren(...keys.map((one) => key(...one)));
  };

  const scoreText = (name: keyof Scores): string => {
    const v = run.scores?.[name] ?? NaN, least = run.floor?.mean[name] ?? NaN;
    if (name === "covered") return t("{0} of {1}", v, picture.target.centres?.length ?? 0);
    return name === "highQuality" ? t("{0} % (perfect {1} %)", fmt(100 * v, 0), fmt(100 * least, 0)) : t("{0} (perfect {1})", fmt(v, 3), fmt(least, 3));
  };

  const self: View & { run: Run; engine: () => Run["engine"]; torch: () => Promise<string> } = {
    run,
    engine: () => run.engine,
    torch,
    frame(ms) {
      if (remote) {
        const due = pace.due(ms, play.speed, waiting);
        if (due !== null) ask(due);
        return false;
      }
      const until = pace.until(ms, host.reducedMotion && goal > 0), before = run.engine.stepsD;
      return careful(() => {
        if (goal) {
          do run.step(); while (run.engine.steps < goal && performance.now() < until);
          if (run.engine.steps >= goal) play.play(false);
        } else {
          pace.spend(ms, play.speed, until, () => run.step());
        }
        if (run.engine.stepsD !== before && host.running) run.look();
      }) && run.engine.stepsD !== before;
    },
    draw() {
      const c = host.colours(), n = history.length, { values, step } = history;
      if (!picture.target) return;
      if (/best|density/.test(map.get())) picture.estimate();
      drawScene(main, picture, c, {
        loss: spec.loss, map: map.get(), real: real.get(), fake: fake.get(), manifold: manifold.get(), arrows: arrows.get() || all.get(),
        marks: (inside.open && model?.marks()) || { real: pen?.stroke() },
      });
      pen?.show(!own.hidden);
      if (inside.open) model?.draw();
      // the charts move slowly: every fourth frame will do for them
      if (host.running && frames++ % 4) return;
      drawLegend();
      const time = { step, n, at: run.clock };
      drawCurves(losses, c, { ...time, lines: [
        { values: values.discriminator, colour: "discriminator", label: t("loss of D") }, { values: values.generator, colour: "generator", label: t("loss of G") },
      ] });
      for (const [name, plot] of charts) {
        plot.el.hidden = run.scores?.[name] === undefined;
        if (plot.el.hidden) continue;
        drawCurves(plot, c, {
          ...time, title: scoreNames()[name], floor: [run.floor.mean[name]!, run.floor.std[name]!],
          range: name === "covered" ? [0, picture.target.centres!.length] : name === "highQuality" ? [0, 1] : [0, 0.1], lines: [{ values: values[name], colour: "generator", label: "" }],
        });
      }
      numbers.forEach(([el, value], i) => {
        const name = SCORES[i - 3];
        el.hidden = !!name && run.scores?.[name] === undefined;
        say(value, i ? (name ? scoreText(name) : fmt((i === 1 ? run.losses?.discriminator : run.losses?.generator) ?? NaN, 3)) : String(remote ? run.clock : run.engine.steps));
      });
      scrub.max = String(Math.max(0, n - 1));
      scrub.value = String(history.nearest(run.clock));
      scrub.setAttribute("aria-valuetext", t("step {0}", Math.floor(run.clock)));
    },
    describe() {
      const told = SCORES.filter((name) => run.scores?.[name] !== undefined).map((name) => `${scoreNames()[name]} ${scoreText(name)}`).join(", ");
      return t("Step {0}. Loss of D {1}, of G {2}. {3}.", Math.floor(run.clock), fmt(run.losses?.discriminator ?? NaN), fmt(run.losses?.generator ?? NaN), told);
    },
    state: () => ({
      preset: lesson || undefined, ...difference(spec, startOf()), ...drawn(), speed: play.speed === +(options.speed ?? 100) ? undefined : play.speed,
      map: map.get() === (options.map ?? "D") ? undefined : map.get(),
      ...Object.fromEntries(Object.entries(switches).map(([name, { get }]) => [name, get() === !!(options[name] ?? usual[name]) ? undefined : get()])),
      step: (!run.deeds.length && !remote && run.engine?.steps) || undefined,
    }),
    receive(message, buffers) {
      if (message.type === "problem") {
        play.play(false);
        problem.replaceChildren(h("p", { className: "problem" }, message.text));
      } else {
        const frame = new Float32Array(buffers[0]!.buffer.slice(buffers[0]!.byteOffset, buffers[0]!.byteOffset + buffers[0]!.byteLength) as ArrayBuffer);
        run.hear(frame, message);
        host.changed(true);
      }
      waiting = false;
    },
    restore(state: State) {
      const wanted = String(state.preset ?? options.preset ?? ""), late: Promise<unknown>[] = [];
      play.play(false);
      if (wanted && !lessons) late.push(part<typeof lessons>("lessons").then((found) => { lessons = found; }));
      if (typeof state.points === "string" && !points) late.push(withPoints());
      if (late.length) {
        if (!run.engine) careful(fresh);
        Promise.all(late).then(() => self.restore!(state), complain);
        return;
      }
      teach(wanted);
      for (const [name, one] of Object.entries(switches)) one.set(!!(state[name] ?? options[name] ?? usual[name]));
      map.set((String(state.map) in maps() ? state.map : (options.map ?? "D")) as MapName);
      if (state.speed) play.setSpeed(+state.speed);
      careful(() => {
        spec = startOf();
        spec = apply(spec, typeof state.points === "string" ? { ...state, target: points!.decode(state.points) } : state);
        again();
        fresh();
      });
      // a spec that was refused: the one that still runs, or the first
      spec = run.spec ?? spec;
      panel.show(spec);
      // a link to step n trains again to step n: the seed says all
      const steps = Math.min(1e5, +(state.step ?? options.step ?? 0)) || 0;
      if (steps && run.engine) queueMicrotask(() => {
        play.play(true);
        goal = steps;
      });
      host.changed(true);
    },
  };
  spec = base;
  self.restore!(saved);
  return self;
}

defineView("playground", playground);
