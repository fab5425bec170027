/**
 * A recorded run, replayed: the samples over time beside the losses, with a cursor at the step that the reader chose.
 * Nothing is trained here and nothing fetched by script: the history came with the page, the pictures are images.
 */
import { button, clamp, copyText, defineView, figure, fmt, h, keep, linkTo, player, Plot, row, say, t, toggle, type Actor } from "../ui/index";

/** What gan_lab.widgets.player writes. */
interface Run {
  system: string; data: string; steps: number; batch: number; seed: number;
  kind: string; words: string; size: [number, number];
  /** Step, seconds of training until then, energy distance to real data, address of the picture. */
  frames: [number, number, number, string][];
  /** The energy distance of real data to other real data. */
  floor: number;
  real?: string;
  /** Steps, and by player what it lost there. */
  history: { step: number[]; losses: Record<string, (number | null)[]> };
  date: string; seconds: number; hardware: string; versions: string; command: string;
}

const whole = (n: number) => Math.round(n).toLocaleString(document.documentElement.lang || "en");
const duration = (s: number) => (s < 99.5 ? t("{0} s", fmt(s, s < 9.95 ? 1 : 0)) : t("{0} min {1} s", Math.floor(s / 60), Math.floor(s % 60)));
/** The last place of a rising list where it is at most `v`; -1 before its first. */
const upTo = (rising: number[], v: number) => {
  let i = rising.length - 1;
  while (i >= 0 && rising[i] > v) i--;
  return i;
};
/** A button that copies, and says whether it could. */
const copier = (label: string, text: () => string) => {
  const one: HTMLButtonElement = button(label, async () => {
    one.textContent = (await copyText(text())) ? t("Copied") : t("Could not copy");
    setTimeout(() => (one.textContent = label), 1500);
  });
  return one;
};
/** Averages over 2 r + 1 rows, fewer at the ends: single batches are noisy. */
const smooth = (ys: number[], r: number) => ys.map((_, i) => {
  const near = ys.slice(Math.max(0, i - r), i + r + 1).filter(Number.isFinite);
  return near.reduce((sum, y) => sum + y, 0) / near.length;
});

defineView("run", (host) => {
  const o = host.options as Run;
  if (!o.frames?.length || !o.history?.step?.length) throw new Error(t("This player was given no run: write widgets.player(recorded)."));
  const last = o.steps, frames = o.frames.map((f) => f[0]), steps = o.history.step;
  const kept = keep(host, { step: last }, { step: (o as { step?: number }).step }), s = kept.now;
  const spare: Actor[] = ["violet", "ochre", "gradient"];
  const curves = Object.entries(o.history.losses).map(([name, losses]) => {
    const raw = losses.map((y) => y ?? NaN);
    const actor: Actor = name === "generator" || name === "discriminator" ? name : spare.shift() ?? "ink";
    return { name, actor, raw, calm: smooth(raw, Math.ceil(raw.length / 60)), cell: figure() };
  });
  let at = s.step, real = false;
  const settle = () => (at = s.step = Math.round(clamp(s.step, 0, last)));
  settle();
  const frame = () => Math.max(0, upTo(frames, s.step));
  /** Seconds of training at the step: measured at the pictures, a straight line in between. */
  const seconds = () => {
    const i = Math.min(frame(), frames.length - 2), [a, from] = o.frames[Math.max(0, i)], [b, to] = o.frames[i + 1] ?? [a + 1, from];
    return from + ((to - from) * (s.step - a)) / (b - a);
  };

  const picture = h("img", { width: o.size[0], height: o.size[1], loading: "lazy", decoding: "async", className: o.kind });
  picture.onerror = () => say(caption, t("This picture could not be loaded: the folder recorded/ must lie beside the pages."));
  const caption = h("p", { className: "muted" });
  /** From the first touch on, all pictures: then the film does not wait for them. */
  let fetched: HTMLImageElement[] = [];
  const prefetch = () => {
    if (!fetched.length) fetched = o.frames.map(([, , , src]) => h("img", { src }));
  };

  // a rare burst must not flatten all the rest
  const all = curves.flatMap((c) => c.raw).filter(Number.isFinite).sort((a, b) => a - b);
  const low = Math.min(0, all[Math.floor(all.length * 0.02)]), high = all[Math.floor(all.length * 0.98)];
  const plot = new Plot({ label: t("The losses of the players over the steps of the run"), x: [0, last], y: [low, high + 0.08 * (high - low)],
    height: (w) => clamp(w * 0.55, 150, 230), pad: [20, 20, 36, 34] }, host.colours);
  // step 0 is so far off that all the rest would lie on the floor
  const scores = o.frames.map((f) => f[2]), score = figure();
  const top = 1.1 * Math.min(Math.max(...scores), 6 * [...scores].sort((a, b) => a - b)[scores.length >> 1]);
  const below = new Plot({ label: t("The distance of the samples to real data at every picture"), x: [0, last],
    y: [Math.min(0, o.floor, ...scores), top], height: (w) => clamp(w * 0.36, 100, 140), pad: [20, 20, 8, 34] }, host.colours);
  const seek = (step: number) => {
    film.play(false);
    prefetch();
    s.step = step;
    settle();
    host.changed();
  };
  for (const one of [plot, below]) {
    one.onDrag((x) => seek(x));
    one.canvas.style.touchAction = "pan-y";
  }

  const scrub = h("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": t("Scrub through the run"),
    oninput: () => seek((+scrub.value * last) / 100) });
  const turn = (by: number) => () => {
    prefetch();
    // back: to the beginning of this picture's time, or to the one before
    const i = frame();
    s.step = frames[clamp(by > 0 ? i + 1 : s.step > frames[i] ? i : i - 1, 0, frames.length - 1)];
    settle();
  };
  const film = player(host, {
    steps: [[t("Previous"), turn(-1), t("The picture before")], [t("Next"), turn(1), t("The next picture")]],
    speed: "20", speeds: { 8: t("all in {0} s", 8), 20: t("all in {0} s", 20), 60: t("all in {0} s", 60) },
    toggled: (on) => {
      if (!on) return host.changed();
      prefetch();
      if (s.step >= last) at = s.step = 0;
    },
  });
  const compare = o.real ? toggle(t("Show real data"), false, (on) => {
    real = on;
    host.changed(true);
  }) : null;
  // in a notebook there is no address to link to
  if (!host.send) film.el.append(copier(t("Copy link"), () => linkTo(host.id, kept.state())));
  const step = h("b"), time = h("b");
  const fact = (name: string, value: Node) => h("div", null, h("dt", null, name), h("dd", null, value));
  const made = (name: string, ...value: (Node | string)[]) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, ...value));
  host.root.append(
    row(h("span", { className: "badge recorded" }, t("recorded")),
      h("b", null, t("{0} on {1}: {2} steps, batch {3}, seed {4}", o.system, o.data, whole(last), o.batch, o.seed))),
    h("div", { className: "pair" }, h("div", null, picture, row(caption, compare?.el)),
      h("div", null, h("div", { className: "legend" }, ...curves.map((c) =>
        h("span", { className: "key" }, h("i", { className: c.actor === "discriminator" ? "dashes" : "", style: `color:var(--${c.actor})` }), t("{0}'s loss", t(c.name))))), 
        plot.el, below.el, h("p", { className: "muted" }, t("thin: single batches; thick: averages; dotted: real data against real data")))),
    scrub, film.el,
    h("dl", null, fact(t("step"), step), fact(t("time"), time), ...curves.map((c) => fact(t("{0}'s loss", t(c.name)), c.cell.el)),
      fact(t("energy distance"), score.el)),
    h("details", null, h("summary", null, t("How it was recorded")), h("table", { className: "made" },
      made(t("when"), t("{0} UTC, in {1}", o.date.slice(0, 16).replace("T", " "), duration(o.seconds))),
      made(t("on"), o.hardware), made(t("with"), o.versions),
      made(t("command"), h("code", null, o.command), " ", copier(t("Copy"), () => o.command)))));

  const losses = (row: number) => curves.map((c) => `${t(c.name)} ${fmt(c.raw[row] ?? NaN)}`).join(", ");
  return {
    describe: () => t("Recorded run, step {0} of {1}, {2} into the training. Samples of step {3}: {4}. Losses: ", whole(s.step), whole(last),
      duration(seconds()), whole(frames[frame()]), o.words) + losses(upTo(steps, s.step)) + ". "
      + t("Energy distance to real data {0}.", fmt(scores[frame()])),
    state: kept.state,
    restore: (saved) => {
      kept.restore(saved);
      settle();
      host.changed(true);
    },
    draw: () => {
      const i = frame(), src = real ? o.real! : o.frames[i][3], now = upTo(steps, s.step);
      if (picture.getAttribute("src") !== src) picture.src = src;
      const words = real ? t("real data, for comparison") : t("samples at step {0}, from the same noise", whole(frames[i]));
      picture.alt = real ? words : `${o.words}, ${words}`;
      say(caption, words);
      scrub.value = String((100 * s.step) / last);
      scrub.setAttribute("aria-valuetext", t("step {0} of {1}", whole(s.step), whole(last)));
      say(step, whole(s.step));
      say(time, duration(seconds()));
      curves.forEach((c) => c.cell.set(c.raw[now] ?? NaN));
      score.set(scores[i]);
      if (!plot.begin() || !below.begin()) return;
      const k = host.colours();
      plot.axes({ x: 4, y: 4, xLabel: t("step"), yLabel: t("loss") });
      plot.rug(frames, plot.Y(plot.y[0]), plot.Y(plot.y[0]) + 5, k.muted, 1);
      for (const c of curves) {
        plot.line(steps, c.raw, k[c.actor], { width: 1, alpha: 0.3 });
        plot.line(steps, c.calm, k[c.actor], { width: 2, dash: c.actor === "discriminator" ? [7, 3] : [] });
      }
      below.axes({ x: 0, y: 2, yLabel: t("energy distance to real data") });
      below.segment(0, o.floor, last, o.floor, k.real, { width: 2, dash: [2, 4] });
      below.line(frames, scores, k.generator);
      for (const [a, , b] of o.frames) if (b < top) below.dot(a, b, 2.5, k.generator);
      below.segment(s.step, below.y[0], s.step, below.y[1], k.ink, { width: 1.5 });
      plot.segment(s.step, plot.y[0], s.step, plot.y[1], k.ink, { width: 1.5 });
      for (const c of curves) if (now >= 0 && Number.isFinite(c.calm[now])) plot.dot(s.step, clamp(c.calm[now], ...plot.y), 4, k[c.actor]);
    },
    frame: (ms) => {
      // with reduced motion frames are few: one picture each
      at = host.reducedMotion ? frames[frame() + 1] ?? last : at + (last * ms) / 1000 / film.speed;
      s.step = Math.min(last, Math.round(at));
      if (s.step === last) film.play(false);
    },
  };
});
