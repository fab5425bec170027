/**
 * A recorded run, replayed: the samples over time beside the losses, with a cursor at the step that the reader chose.
 * Nothing is trained here and nothing fetched by script: the history came with the page, the pictures are images.
 */
import {
  button, clamp, copyText, defineView, figure, fmt, h, keep, linkTo, player, Plot, row, say, t, toggle,
  type Actor, type Colours, type State, type View, type ViewHost,
} from "../ui/index";

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
const duration = (s: number) => (s < 99.5 ? t("{0} s", fmt(s, s < 9.95 ? 1 : 0))
  : t("{0} min {1} s", Math.floor(s / 60), Math.floor(s % 60)));
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

interface Curve { name: string; actor: Actor; raw: number[]; calm: number[]; cell: ReturnType<typeof figure> }

/** What each player lost, as it was and smoothed. */
function curvesOf(o: Run): Curve[] {
  const spare: Actor[] = ["violet", "ochre", "gradient"];
  return Object.entries(o.history.losses).map(([name, losses]) => {
    const raw = losses.map((y) => y ?? NaN);
    const actor: Actor = name === "generator" || name === "discriminator" ? name : spare.shift() ?? "ink";
    return { name, actor, raw, calm: smooth(raw, Math.ceil(raw.length / 60)), cell: figure() };
  });
}

/** The losses, the distances to real data, and how far up the latter are shown. */
function plotsOf(o: Run, curves: Curve[], host: ViewHost): [Plot, Plot, number] {
  const last = o.steps;
  // a rare burst must not flatten all the rest
  const all = curves.flatMap((c) => c.raw).filter(Number.isFinite).sort((a, b) => a - b);
  const low = Math.min(0, all[Math.floor(all.length * 0.02)]), high = all[Math.floor(all.length * 0.98)];
  const plot = new Plot({ label: t("The losses of the players over the steps of the run"), x: [0, last],
    y: [low, high + 0.08 * (high - low)],
    height: (w) => clamp(w * 0.55, 150, 230), pad: [20, 20, 36, 34] }, host.colours);
  // step 0 is so far off that all the rest would lie on the floor
  const scores = o.frames.map((f) => f[2]);
  const top = 1.1 * Math.min(Math.max(...scores), 6 * [...scores].sort((a, b) => a - b)[scores.length >> 1]);
  const below = new Plot({ label: t("The distance of the samples to real data at every picture"), x: [0, last],
    y: [Math.min(0, o.floor, ...scores), top], height: (w) => clamp(w * 0.36, 100, 140), pad: [20, 20, 8, 34] },
    host.colours);
  return [plot, below, top];
}

function drawPlots(o: Run, curves: Curve[], [plot, below, top]: [Plot, Plot, number], step: number, k: Colours): void {
  const steps = o.history.step, frames = o.frames.map((f) => f[0]), scores = o.frames.map((f) => f[2]);
  const now = upTo(steps, step);
  if (!plot.begin() || !below.begin()) return;
  plot.axes({ x: 4, y: 4, xLabel: t("step"), yLabel: t("loss") });
  plot.rug(frames, plot.Y(plot.y[0]), plot.Y(plot.y[0]) + 5, k.muted, 1);
  for (const c of curves) {
    plot.line(steps, c.raw, k[c.actor], { width: 1, alpha: 0.3 });
    plot.line(steps, c.calm, k[c.actor], { width: 2, dash: c.actor === "discriminator" ? [7, 3] : [] });
  }
  below.axes({ x: 0, y: 2, yLabel: t("energy distance to real data") });
  below.segment(0, o.floor, o.steps, o.floor, k.real, { width: 2, dash: [2, 4] });
  below.line(frames, scores, k.generator);
  for (const [a, , b] of o.frames) if (b < top) below.dot(a, b, 2.5, k.generator);
  below.segment(step, below.y[0], step, below.y[1], k.ink, { width: 1.5 });
  plot.segment(step, plot.y[0], step, plot.y[1], k.ink, { width: 1.5 });
  for (const c of curves) if (now >= 0 && Number.isFinite(c.calm[now])) plot.dot(step,
    clamp(c.calm[now], ...plot.y), 4, k[c.actor]);
}

const fact = (name: string, value: Node) => h("div", null, h("dt", null, name), h("dd", null, value));

/** When, where and how the run was made. */
function recording(o: Run): HTMLElement {
  const made = (name: string, ...value: (Node | string)[]) =>
    h("tr", null, h("th", { scope: "row" }, name), h("td", null, ...value));
  return h("details", null, h("summary", null, t("How it was recorded")), h("table", { className: "made" },
      made(t("when"), t("{0} UTC, in {1}", o.date.slice(0, 16).replace("T", " "), duration(o.seconds))),
      made(t("on"), o.hardware), made(t("with"), o.versions),
      made(t("command"), h("code", null, o.command), " ", copier(t("Copy"), () => o.command))));
}

class RunPlayer implements View {
  readonly #kept;
  readonly #s: { step: number };
  readonly #curves: Curve[];
  readonly #plots: [Plot, Plot, number];
  readonly #film;
  readonly #frames: number[];
  readonly #picture: HTMLImageElement;
  readonly #caption = h("p", { className: "muted" });
  readonly #scrub = h("input", { type: "range", min: "0", max: "100", step: "1",
    "aria-label": t("Scrub through the run") });
  readonly #cells = { step: h("b"), time: h("b"), score: figure() };
  /** the step as the film counts it, in fractions; is real data shown? */
  #at: number;
  #real = false;
  /** the address of the picture that is wanted, how many were wanted so far, and which of them is on show */
  #wanted = "";
  #asked = 0;
  #shown = 0;
  /** From the first touch on, all pictures: then the film does not wait for them. */
  #fetched: HTMLImageElement[] = [];

  constructor(readonly host: ViewHost, readonly o: Run) {
    this.#frames = o.frames.map((f) => f[0]);
    this.#kept = keep(host, { step: o.steps }, { step: (o as { step?: number }).step });
    this.#s = this.#kept.now;
    this.#at = this.#s.step;
    this.#settle();
    this.#curves = curvesOf(o);
    this.#plots = plotsOf(o, this.#curves, host);
    for (const one of this.#plots.slice(0, 2) as Plot[]) one.onDrag((x) => this.#seek(x));
    this.#picture = h("img", { width: o.size[0], height: o.size[1], loading: "lazy", decoding: "sync",
      className: o.kind });
    this.#scrub.oninput = () => this.#seek((+this.#scrub.value * o.steps) / 100);
    this.#film = player(host, {
      steps: [[t("Previous"), () => this.#turn(-1), t("The picture before")],
        [t("Next"), () => this.#turn(1), t("The next picture")]],
      speed: "20", speeds: { 8: t("all in {0} s", 8), 20: t("all in {0} s", 20), 60: t("all in {0} s", 60) },
      toggled: (on) => {
        if (!on) return host.changed();
        this.#prefetch();
        if (this.#s.step >= o.steps) this.#at = this.#s.step = 0;
      },
    });
    // in a notebook there is no address to link to
    if (!host.send) this.#film.el.append(copier(t("Copy link"), () => linkTo(host.id, this.state())));
    this.#mount();
  }

  #mount(): void {
    const { o, host } = this, { step, time, score } = this.#cells, [plot, below] = this.#plots;
    const compare = o.real ? toggle(t("Show real data"), false, (on) => {
      this.#real = on;
      host.changed(true);
    }) : null;
    const key = ({ name, actor }: Curve) => h("span", { className: "key" },
      h("i", { className: actor === "discriminator" ? "dashes" : "", style: `color:var(--${actor})` }),
      t("{0}'s loss", t(name)));
    host.root.append(
      row(h("span", { className: "badge recorded" }, t("recorded")),
        h("b", null, t("{0} on {1}: {2} steps, batch {3}, seed {4}", o.system, o.data, whole(o.steps), o.batch,
          o.seed))),
      h("div", { className: "pair" }, h("div", null, this.#picture, row(this.#caption, compare?.el)),
        h("div", null, h("div", { className: "legend" }, ...this.#curves.map(key)), plot.el, below.el,
          h("p", { className: "muted" },
            t("thin: single batches; thick: averages; dotted: real data against real data")))),
      this.#scrub, this.#film.el,
      h("dl", null, fact(t("step"), step), fact(t("time"), time),
        ...this.#curves.map((c) => fact(t("{0}'s loss", t(c.name)), c.cell.el)), fact(t("energy distance"), score.el)),
      recording(o));
  }

  // ---- where in the run ------------------------------------------------------------------------------------------

  #settle(): void {
    this.#at = this.#s.step = Math.round(clamp(this.#s.step, 0, this.o.steps));
  }
  /** The picture of the step. */
  get #frame(): number {
    return Math.max(0, upTo(this.#frames, this.#s.step));
  }
  /** Seconds of training at the step: measured at the pictures, a straight line in between. */
  get #seconds(): number {
    const { frames } = this.o, i = Math.min(this.#frame, frames.length - 2);
    const [a, from] = frames[Math.max(0, i)], [b, to] = frames[i + 1] ?? [a + 1, from];
    return from + ((to - from) * (this.#s.step - a)) / (b - a);
  }
  #prefetch(): void {
    if (!this.#fetched.length) this.#fetched = this.o.frames.map(([, , , src]) => h("img", { src }));
  }
  #seek(step: number): void {
    this.#film.play(false);
    this.#prefetch();
    this.#s.step = step;
    this.#settle();
    this.host.changed();
  }
  #turn(by: number): void {
    this.#prefetch();
    // back: to the beginning of this picture's time, or to the one before
    const i = this.#frame, to = by > 0 ? i + 1 : this.#s.step > this.#frames[i] ? i : i - 1;
    this.#s.step = this.#frames[clamp(to, 0, this.#frames.length - 1)];
    this.#settle();
  }

  // ---- the view ----------------------------------------------------------------------------------------------------

  describe(): string {
    const { o } = this, { step } = this.#s, i = this.#frame, now = upTo(o.history.step, step);
    const losses = this.#curves.map((c) => `${t(c.name)} ${fmt(c.raw[now] ?? NaN)}`).join(", ");
    return t("Recorded run, step {0} of {1}, {2} into the training. Samples of step {3}: {4}. Losses: ", whole(step),
      whole(o.steps), duration(this.#seconds), whole(this.#frames[i]), o.words) + losses + ". "
      + t("Energy distance to real data {0}.", fmt(o.frames[i][2]));
  }

  state(): State {
    return this.#kept.state();
  }
  restore(saved: State): void {
    this.#kept.restore(saved);
    this.#settle();
    this.host.changed(true);
  }

  /** A picture with its words: both when it is there, and until then those before it stay. */
  #show(src: string, words: string): void {
    if (src === this.#wanted) return;
    this.#wanted = src;
    const n = ++this.#asked, { o } = this, alt = src === o.real ? words : `${o.words}, ${words}`;
    const put = () => {
      if (n < this.#shown) return;
      this.#shown = n;
      Object.assign(this.#picture, { src, alt });
      say(this.#caption, words);
    };
    // the first has none before it, and comes when it is seen
    if (n === 1) {
      this.#picture.onerror = () => this.#lost();
      put();
    } else h("img", { src }).decode().then(put, () => src === this.#wanted && this.#lost());
  }
  /** Is a picture under way? For tests. */
  get waiting(): boolean {
    return this.#shown < this.#asked;
  }
  #lost(): void {
    this.#shown = this.#asked;
    say(this.#caption, t("This picture could not be loaded: the folder recorded/ must lie beside the pages."));
  }

  draw(): void {
    const { o } = this, { step } = this.#s, i = this.#frame, cells = this.#cells, now = upTo(o.history.step, step);
    this.#show(this.#real ? o.real! : o.frames[i][3], this.#real ? t("real data, for comparison")
      : t("samples at step {0}, from the same noise", whole(this.#frames[i])));
    this.#scrub.value = String((100 * step) / o.steps);
    this.#scrub.setAttribute("aria-valuetext", t("step {0} of {1}", whole(step), whole(o.steps)));
    say(cells.step, whole(step));
    say(cells.time, duration(this.#seconds));
    this.#curves.forEach((c) => c.cell.set(c.raw[now] ?? NaN));
    cells.score.set(o.frames[i][2]);
    drawPlots(o, this.#curves, this.#plots, step, this.host.colours());
  }

  frame(ms: number): void {
    const { host, o: { steps } } = this;
    // with reduced motion frames are few: one picture each
    this.#at = host.reducedMotion ? this.#frames[this.#frame + 1] ?? steps
      : this.#at + (steps * ms) / 1000 / this.#film.speed;
    this.#s.step = Math.min(steps, Math.round(this.#at));
    if (this.#s.step === steps) this.#film.play(false);
  }
}

defineView("run", (host) => {
  const o = host.options as Run;
  if (!o.frames?.length || !o.history?.step?.length) {
    throw new Error(t("This player was given no run: write widgets.player(recorded)."));
  }
  return new RunPlayer(host, o);
});
