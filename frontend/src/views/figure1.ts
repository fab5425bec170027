/**
 * Figure 1 of Goodfellow et al. 2014, alive: two small networks play the game in the page (or in a Python kernel), and
 * everything the figure speaks of is measured and drawn while they do.
 */
import { createDistribution, createEngine } from "../engine/views";
import type { Distribution, Engine, Losses, Snapshot } from "../engine/types";
import { History } from "../game/history";
import { Pace } from "../game/pace";
import { apply, difference, merge, type Spec } from "../game/settings";
import { asTorch } from "../game/torch";
import {
  button, copyButton, defineView, fmt, h, linkTo, player, row, say, t, toggle, type State, type View, type ViewHost,
} from "../ui/index";
import { drawable } from "./figure1-distribution";
import { drawFigure, drawValue, figurePlot, logistic, valuePlot } from "./figure1-draw";
import { Picture, reading, RUG } from "./figure1-picture";
import { line, panel as settings, START } from "./figure1-settings";
import { sentence, Stages } from "./figure1-stages";

/** Milliseconds of a frame that go to training, at most; the rest is for drawing and for the page. */
const BUDGET = 10;
/** "Train D to optimality" gives up after this many steps. */
const PATIENCE = 4000;

interface Kept {
  /** the engine's state, or the numbers that the kernel sent */
  state: Snapshot | Float32Array;
  losses: Losses;
  spec: Spec;
  clock: number;
  deeds: string[];
}

/** Steps a second to choose from, with the one that the page's author asked for; whole numbers as keys come in order. */
const speeds = (asked: number): Record<string, string> => ({
  ...Object.fromEntries([2, 20, 100, 500, asked].map((n) => [n, t("{0} steps a second", n)])), [1e9]: t("as fast as it goes"),
});

function figure1(host: ViewHost): View {
  const { options } = host, short = options.controls === "few";
  const start = merge(START, options.spec);
  let spec: Spec = apply(start, host.saved ?? {});
  let engine: Engine, target: Distribution;
  let clock = 0, goal = 0, left = 0, top = 1, calm = 0, nearest = 1;
  /** what the reader did by hand, which a run from the seed alone would not repeat */
  let deeds: string[] = [];
  /** a PyTorch run in the kernel instead of the engine: asked for frames one by one */
  const remote = options.stream as string | undefined;
  let waiting = false, losses: Losses | undefined;
  const picture = new Picture(), history = new History<"V" | "bestV" | "C", Kept>(["V", "bestV", "C"]), stages = new Stages(), pace = new Pace(BUDGET);
  const main = figurePlot(host.colours, short), values = valuePlot(host.colours);

  // ---- the run ------------------------------------------------------------------------------------------

  const fresh = () => {
    pace.reset();
    clock = goal = left = 0;
    deeds = [];
    history.clear();
    stages.reset();
    problem.replaceChildren();
    if (remote) {
      picture.setUp(target = createDistribution(line(spec.target)), createDistribution(line(spec.prior)));
      const { x, z, zArrow, zSample } = picture;
      host.send?.({ type: "grids", grids: [x, z, zArrow, zSample].map((grid) => [...grid]) });
      status.textContent = remote;
      return;
    }
    engine = createEngine(spec, { backend: options.backend, precision: options.precision });
    settle();
    look(true);
    status.textContent = engine.backend === "wasm" ? t("trains in this page (WebAssembly)")
      : t("trains in this page (JavaScript{0})", engine.fallbackReason ? t("; WebAssembly was refused: {0}", engine.fallbackReason) : "");
  };
  const settle = () => picture.setUp(target = createDistribution(line(engine.spec.target)), createDistribution(line(engine.spec.prior)));

  /** Measures the present state; keeps it when it is due. */
  const look = (keep = false) => {
    picture.Gz.set(engine.generate(picture.z));
    // all of the samples only where p_g is made of them
    picture.fake.set(engine.generate(samples.get() || !picture.monotone() ? picture.zSample : picture.zSample.subarray(0, RUG)));
    picture.xArrow.set(engine.generate(picture.zArrow));
    if (gradients.get()) {
      const gradient = engine.generatorGradient(picture.zArrow);
      for (let i = 0; i < gradient.length; i++) picture.pull[i] = -gradient[i]!;
    }
    picture.s.set(engine.score(picture.x));
    picture.sg.set(engine.score(picture.Gz));
    ({ losses } = engine);
    weigh(keep, () => engine.snapshot());
  };

  const again = () => (remote ? weigh(false, () => new Float32Array()) : look());
  const weigh = (keep: boolean, state: () => Kept["state"]) => {
    picture.measure(spec.loss, target, !samples.get());
    stages.look(picture);
    if (keep || history.due(clock)) history.add(clock, { V: picture.V, bestV: picture.bestV, C: picture.C }, { state: state(), losses: { ...losses! }, spec, clock, deeds });
  };

  /** The numbers of a frame, in the order in which `gan_lab.widgets` packs them. */
  const unpack = (frame: Float32Array) => {
    let at = 0;
    for (const part of [picture.Gz, picture.s, picture.sg, picture.fake, picture.xArrow, picture.pull]) part.set(frame.subarray(at, at += part.length));
  };

  /** Runs `moves`; a run that leaves the finite numbers says so and offers the way back. */
  const careful = (moves: () => void): boolean => {
    try {
      moves();
      return true;
    } catch (error) {
      play.play(false);
      goal = left = 0;
      const back = history.length - 1;
      problem.replaceChildren(h("p", { className: "problem" }, (error as Error).message + " "), row(
        button(t("Back to step {0}", Math.floor(history.step[back] ?? 0)), () => { scrubTo(back); host.changed(); }), button(t("Reset"), reset)));
      return false;
    }
  };

  /** One thing done by hand. */
  const deed = (what: string, share: number, move: () => void) => careful(() => {
    history.cut(clock);
    move();
    deeds = [...deeds, t("{0} at step {1}", what, engine.steps)];
    clock += share;
    look(true);
  });
  const steps = () => (remote ? clock : engine.steps);
  const turn = () => 1 / (spec.k + 1);

  const whole = () => {
    engine.step();
    clock++;
  };

  const reset = () => {
    play.play(false);
    fresh();
    host.changed();
  };

  const scrubTo = (i: number) => {
    play.play(false);
    goal = left = 0;
    const kept = history.state(i);
    ({ clock, deeds, losses, spec } = kept);
    problem.replaceChildren();
    if (kept.state instanceof Float32Array) {
      unpack(kept.state);
      weigh(false, () => kept.state);
      return;
    }
    engine.restore(kept.state);
    settle();
    panel.show(spec);
    look();
  };

  /** What may change while training changes; networks, batch and seed begin a new run. */
  const change = (part: Record<string, unknown>) => careful(() => {
    const before = spec;
    spec = merge(spec, part);
    const live = !Object.keys(part).some((key) => /^(generator|discriminator|batch|seed)$/.test(key));
    try {
      if (live && clock) {
        history.cut(clock);
        engine.update(Object.fromEntries(Object.keys(part).map((key) => [key, spec[key as keyof Spec]])));
        deeds = [...deeds, t("{0} changed at step {1}", Object.keys(part).join(), engine.steps)];
        if (part.target || part.prior) settle();
        stages.reset();
        look(true);
      } else fresh();
    } catch (error) {
      spec = before;
      throw error;
    } finally {
      panel.show(spec);
      host.changed();
    }
  });

  // ---- what the reader sees and touches -----------------------------------------------------------------

  const view = (name: string, label: string) => toggle(label, !!(host.saved?.[name] ?? options[name]), () => { again(); host.changed(); });
  const gradients = view("gradients", t("Gradient arrows"));
  const samples = view("samples", "");
  say(samples.el, t("p_g from samples"));
  const problem = h("div", { role: "alert" }), status = h("span", { className: "muted" });
  const item = (actor: string, kind: string) => {
    const words = h("span");
    return [h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words), words] as const;
  };
  const [keyP, wordsP] = item("real", "dots"), [keyQ, wordsQ] = item("generator", "line"), [keyD, wordsD] = item("discriminator", "dashes"), [keyB, wordsB] = item("discriminator", "band");
  say(wordsP, "p_data");
  const numbers = ["step", "V", "best", "C", "lossD", "lossG"].map(() => [h("div"), h("dt"), h("dd")] as const);
  for (const [pair, dt, dd] of numbers) pair.append(dt, dd);
  const optimal = button(t("Train D to optimality"), () => {
    history.cut(clock);
    play.play(true);
    left = PATIENCE;
    calm = nearest = 1;
    deeds = [...deeds, t("D trained to optimality at step {0}", engine.steps)];
  });
  const play = player(host, {
    reset: remote ? undefined : fresh,
    speeds: speeds(+(options.speed ?? 100)), speed: String(host.saved?.speed ?? options.speed ?? 100), autoplay: !!options.autoplay && !host.saved,
    steps: remote ? [[t("Step"), () => ask(1), t("k steps of D, then one of G")]] : [
      [t("D step"), () => deed(t("a D step"), turn(), () => engine.stepD()), t("One step of the discriminator alone")],
      [t("G step"), () => deed(t("a G step"), turn(), () => engine.stepG()), t("One step of the generator alone")],
      [t("Step"), () => careful(() => { history.cut(clock); whole(); look(true); }), t("k steps of D, then one of G")],
    ],
    toggled: (on) => {
      left = goal = 0;
      if (!on) host.changed();
      else if (!remote) history.cut(clock);
    },
  });
  /** One more frame, please, after n steps (0: as many as are quick). */
  const ask = (n: number) => {
    if (!waiting) host.send?.({ type: "step", n });
    waiting = true;
  };
  const scrub = h("input", { type: "range", min: 0, step: 1, "aria-label": t("Scrub through the run") });
  scrub.oninput = () => { scrubTo(+scrub.value); host.changed(true); };
  values.onDrag((x) => { scrubTo(history.nearest(x)); host.changed(true); });
  const torch = () => asTorch(engine.spec, engine.steps, deeds.length ? [t("From the seed, with the settings as they are now. What was done by hand is not in this code:"), ...deeds] : []);
  const copyTorch = copyButton(t("Copy as PyTorch"), torch), copyLink = copyButton(t("Copy link"), () => linkTo(host.id, self.state()));
  const panel = settings(spec, !short && host.root.clientWidth > 600, change);
  const showPen = drawable(main, t("Target"), "real", () => line((remote ? START : spec).target), (target) => change({ target }), () => top);
  const more = h("div", { className: "panel", hidden: short }, row(!remote && optimal, gradients.el, samples.el), ...(remote ? [] : panel.groups), row(!remote && copyTorch, !remote && !host.send && copyLink, status));
  host.root.append(
    h("div", { className: "legend" }, keyP, keyQ, keyD, keyB), main.el, stages.el, play.el, problem,
    h("div", { className: "time" }, values.el, scrub), h("dl", null, ...numbers.map(([pair]) => pair)),
    ...(short ? [toggle(t("All controls"), false, (on) => { more.hidden = !on; self.draw(); }).el] : []), more,
  );

  const self: View & { engine: () => Engine; torch: () => string } = {
    engine: () => engine,
    torch,
    frame(ms) {
      if (remote) {
        const due = pace.due(ms, play.speed, waiting);
        if (due !== null) ask(due);
        return false;
      }
      const until = pace.until(ms, host.reducedMotion && left + goal > 0), before = engine.stepsD;
      return careful(() => {
        if (left) {
          do { engine.trainDiscriminator(4); left -= 4; clock += 4 * turn(); } while (left > 0 && performance.now() < until);
          look();
          if (picture.gap < 0.97 * nearest) { nearest = picture.gap; calm = 0; }
          // no nearer for 100 looks: as good as this network and its learning rate can
          if (left <= 0 || ++calm > 100) { look(true); play.play(false); }
        } else if (goal) {
          do whole(); while (engine.steps < goal && performance.now() < until);
          if (engine.steps >= goal) play.play(false);
        } else {
          pace.spend(ms, play.speed, until, whole);
        }
        if (engine.stepsD !== before) look();
      }) && engine.stepsD !== before;
    },
    draw() {
      const c = host.colours(), { best } = reading(spec.loss);
      const wanted = Math.max(picture.peak * 1.35, Math.min(2.6 * picture.peak, 1.1 * picture.q.reduce((a, b) => Math.max(a, b), 0)));
      top = host.running && !host.reducedMotion ? top + (wanted - top) * 0.12 : wanted;
      drawFigure(main, picture, c, { loss: spec.loss, gradients: gradients.get(), top });
      drawValue(values, history, clock, spec.loss, c);
      showPen(!remote && spec.target.name === "drawn");
      stages.show(picture, best);
      say(wordsQ, picture.exact ? t("p_g, exact (G is monotone)") : t("p_g, from {0} samples", picture.fake.length));
      say(wordsD, spec.loss === "wasserstein" ? t("critic s") : t("D, learned"));
      say(wordsB, t("best D: {0}", best));
      scrub.max = String(Math.max(0, history.length - 1));
      scrub.value = String(history.nearest(clock));
      scrub.setAttribute("aria-valuetext", t("step {0}", Math.floor(clock)));
      const cells = [
        [t("step"), String(steps())], ["V(G, D)", fmt(picture.V, 3)], [t("best V"), fmt(picture.bestV, 3)], ["2 JSD − log 4", fmt(picture.C, 3)],
        [t("loss of D"), fmt(losses?.discriminator ?? NaN, 3)], [t("loss of G"), fmt(losses?.generator ?? NaN, 3)],
      ];
      numbers.forEach(([pair, dt, dd], i) => {
        dt.textContent = cells[i]![0]!;
        dd.textContent = cells[i]![1]!;
        pair.hidden = i === 2 && logistic(spec.loss);
      });
      optimal.disabled = !!left;
      if (!host.running && !remote) panel.draw();
    },
    describe: () => t("Step {0}. Stage ({1}): {2} V is {3}, 2 JSD minus log 4 is {4}.", steps(), stages.now, sentence(stages.now, picture, reading(spec.loss).best), fmt(picture.V), fmt(picture.C)),
    state: () => ({
      ...difference(spec, start), speed: play.speed === +(options.speed ?? 100) ? undefined : play.speed,
      gradients: gradients.get() || undefined, samples: samples.get() || undefined, step: (!deeds.length && !remote && steps()) || undefined,
    }),
    receive(message, buffers) {
      if (message.type === "problem") {
        play.play(false);
        problem.replaceChildren(h("p", { className: "problem" }, message.text));
      } else {
        const frame = new Float32Array(buffers[0]!.buffer.slice(buffers[0]!.byteOffset, buffers[0]!.byteOffset + buffers[0]!.byteLength) as ArrayBuffer);
        ({ step: clock, losses } = message);
        unpack(frame);
        weigh(!message.more, () => frame);
        host.changed(true);
      }
      waiting = false;
    },
    restore(state: State) {
      spec = apply(start, state);
      gradients.set(!!state.gradients);
      samples.set(!!state.samples);
      if (state.speed) play.setSpeed(+state.speed);
      play.play(false);
      fresh();
      panel.show(spec);
      seek(state);
    },
  };
  /** A link to step n trains again to step n: the seed says all. */
  const seek = (state: State | null) => {
    const wanted = Math.min(1e5, +(state?.step ?? 0)) || 0;
    if (wanted) queueMicrotask(() => {
      play.play(true);
      goal = wanted;
    });
    host.changed(true);
  };
  fresh();
  panel.show(spec);
  seek(host.saved ?? options);
  return self;
}

defineView("figure1", figure1);
