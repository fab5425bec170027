/**
 * Figure 1 of Goodfellow et al. 2014, alive: two small networks play the game in the page (or in a Python kernel), and
 * everything the figure speaks of is measured and drawn while they do.
 */
import { Desk } from "../game/desk";
import { Pace } from "../game/pace";
import { apply, difference, merge, type Spec, type Tree } from "../game/settings";
import {
  button, copyButton, defineView, fmt, guide, h, linkTo, part, row, say, t, toggle, type State, type View,
  type ViewHost,
} from "../ui/index";
import { drawable } from "./figure1-distribution";
import { drawFigure, drawValue, figurePlot, logistic, valuePlot } from "./figure1-draw";
import { reading, RUG } from "./figure1-picture";
import { LineRun } from "./figure1-run";
import { line, panel, START } from "./figure1-settings";
import { captionLine, sentence } from "./figure1-stages";
import type { AsTorch } from "./torch";

/** "Train D to optimality" gives up after this many steps. */
const PATIENCE = 4000;

/** A key of the legend: its element, and its words. */
function key(actor: string, kind: string): [HTMLElement, HTMLElement] {
  const words = h("span");
  return [h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words), words];
}

class Figure1 implements View {
  readonly #run: LineRun;
  readonly #caption = captionLine();
  readonly #desk: Desk;
  readonly #start: Spec;
  readonly #main;
  readonly #values;
  readonly #gradients;
  readonly #samples;
  readonly #optimal: HTMLButtonElement;
  readonly #panel;
  readonly #showPen;
  readonly #guide;
  readonly #legend = [key("real", "dots"), key("generator", "line"), key("discriminator", "dashes"),
    key("discriminator", "band")];
  readonly #numbers = Array.from({ length: 6 }, () => [h("div"), h("dt"), h("dd")] as const);
  /** the height of the picture */
  #top = 1;
  /** "Train D to optimality": steps left, looks since D came nearer to its best, and how near it was */
  #left = 0;
  #calm = 0;
  #nearest = 1;

  constructor(readonly host: ViewHost) {
    const { options } = host, { backend, precision } = options, short = options.controls === "few";
    const run = (this.#run = new LineRun({ backend, precision }));
    const desk = (this.#desk = new Desk(host, run, {
      pace: new Pace(10),
      shown: (spec) => this.#panel.show(spec),
      toggled: () => (this.#left = 0),
      paused: () => run.look(true),
    }));
    this.#start = merge(START, options.spec);
    desk.spec = this.#start;
    this.#main = figurePlot(host.colours, short);
    this.#values = valuePlot(host.colours);
    this.#values.onDrag((x) => desk.scrubNear(x));
    this.#gradients = this.#switch("gradients", t("Gradient arrows"));
    this.#samples = this.#switch("samples", "");
    say(this.#samples.el, t("Histogram of samples"));
    say(this.#legend[0]![1], "p_data");
    for (const [pair, dt, dd] of this.#numbers) pair.append(dt, dd);
    this.#optimal = button(t("Train D to optimality"), () => this.#train());
    const change = (part: Tree) => {
      this.#caption.fresh();
      desk.change(part);
    };
    // what "All controls" unfolds need not be unfolded again
    this.#panel = panel(this.#start, short || host.root.clientWidth > 600, change);
    this.#showPen = drawable(this.#main, t("Target"), "real", () => line((desk.remote ? START : desk.spec).target),
      (target) => change({ target }), () => this.#top);
    const { picture } = run;
    this.#guide = guide(host, "figure1", {
      places: () => ({ picture: this.#main.el, play: desk.film.el.firstElementChild as HTMLElement,
        value: this.#values.el, optimal: this.#optimal, scrub: desk.scrub }),
      look: () => run.engine && { engine: run.engine, real: picture.real.subarray(0, RUG),
        made: picture.fake.subarray(0, RUG), numbers: { step: run.clock, gap: picture.gap, apart: picture.apart } },
      begin: () => this.restore({}),
      play: (on) => desk.film.play(on),
      complain: desk.complain,
    });
    this.#mount(short);
    this.#look();
    desk.begin(apply(this.#start, host.saved ?? {}), this.#start);
    this.#panel.show(desk.spec);
    desk.seek((host.saved ?? options).step);
    this.#guide.restore(host.saved?.tour);
  }

  #switch(name: string, label: string) {
    return toggle(label, !!(this.host.saved?.[name] ?? this.host.options[name]), () => {
      this.#look();
      this.#run.again();
      this.host.changed();
    });
  }

  /** What the reader wants to see is measured. */
  #look(): void {
    this.#run.gradients = this.#gradients.get();
    this.#run.samples = this.#samples.get();
  }

  #mount(short: boolean): void {
    const { host } = this, { remote, status, scrub, film, problem } = this.#desk;
    const more = h("div", { className: "panel", hidden: short },
      row(!remote && this.#optimal, this.#gradients.el, this.#samples.el), ...(remote ? [] : this.#panel.groups),
      row(!remote && copyButton(t("Copy as PyTorch"), () => this.torch()),
        !remote && copyButton(t("Copy as plain PyTorch"), () => this.torch("asPlainTorch")),
        !remote && !host.send && copyButton(t("Copy link"), () => linkTo(host.id, this.state())), status));
    const all = toggle(t("All controls"), false, (on) => {
      more.hidden = !on;
      this.draw();
    });
    host.root.append(
      ...(remote ? [] : [row(this.#guide.button)]), this.#guide.el,
      h("div", { className: "legend" }, ...this.#legend.map(([el]) => el)), this.#main.el, this.#caption.el, film.el,
      problem,
      h("div", { className: "time" }, this.#values.el, scrub), h("dl", null, ...this.#numbers.map(([pair]) => pair)),
      ...(short ? [all.el] : []), more,
    );
  }

  engine = () => this.#run.engine;

  async torch(how: keyof AsTorch = "asTorch"): Promise<string> {
    const { spec, steps } = this.#run.engine;
    return (await part<AsTorch>("torch"))[how](spec, steps, this.#desk.notes);
  }

  // ---- D alone, to its best ------------------------------------------------------------------------------------

  #train(): void {
    const run = this.#run;
    run.history.cut(run.clock);
    this.#desk.film.play(true);
    this.#left = PATIENCE;
    this.#calm = this.#nearest = 1;
    run.deed(t("D trained to optimality"));
    this.#caption.fresh();
  }

  #trainOn(until: number): void {
    const run = this.#run, { k, k_g } = this.#desk.spec;
    do {
      run.engine.trainDiscriminator(4);
      this.#left -= 4;
      run.clock += 4 / (k + k_g);
      run.note();
    } while (this.#left > 0 && performance.now() < until);
    run.look();
    if (run.picture.gap < 0.97 * this.#nearest) {
      this.#nearest = run.picture.gap;
      this.#calm = 0;
    }
    // no nearer for 100 looks: as good as this network and its learning rate can
    if (this.#left <= 0 || ++this.#calm > 100) {
      run.look(true);
      this.#desk.film.play(false);
    }
  }

  frame(ms: number): boolean {
    this.#caption.pass(ms);
    return this.#desk.frame(ms, this.#left ? (until) => this.#trainOn(until) : undefined);
  }

  // ---- drawing ---------------------------------------------------------------------------------------------------

  draw(): void {
    const { host } = this, run = this.#run, desk = this.#desk, { picture } = run, { loss, target } = desk.spec;
    const c = host.colours(), highest = picture.q.reduce((a, b) => Math.max(a, b), 0);
    const wanted = Math.max(picture.peak * 1.35, Math.min(2.6 * picture.peak, 1.1 * highest));
    this.#top = host.running && !host.reducedMotion ? this.#top + (wanted - this.#top) * 0.12 : wanted;
    drawFigure(this.#main, picture, c, {
      loss, gradients: this.#gradients.get(), samples: this.#samples.get(), top: this.#top,
    });
    drawValue(this.#values, run.history, run.clock, loss, c);
    this.#showPen(!desk.remote && target.name === "drawn");
    this.#caption.show(run.stages, reading(loss, picture.bounded).best, host.running);
    desk.drawScrub();
    this.#guide.draw();
    this.#drawWords();
    this.#optimal.disabled = !!this.#left;
    if (!host.running && !desk.remote) this.#panel.draw();
  }

  #drawWords(): void {
    const { picture, losses, steps } = this.#run, { loss } = this.#desk.spec;
    const [, [, q], [, D], [, best]] = this.#legend as [HTMLElement, HTMLElement][];
    say(q!, this.#samples.get() ? t("p_g, and {0} samples counted", picture.fake.length) : "p_g");
    say(D!, loss === "wasserstein" ? t("critic s") : t("D, learned"));
    say(best!, t("best D: {0}", reading(loss, picture.bounded).best));
    const cells = [
      [t("step"), String(steps)], ["V(G, D)", fmt(picture.V, 3)], [t("best V"), fmt(picture.bestV, 3)],
      ["2 JSD − log 4", fmt(picture.C, 3)],
      [t("loss of D"), fmt(losses?.discriminator ?? NaN, 3)], [t("loss of G"), fmt(losses?.generator ?? NaN, 3)],
    ];
    this.#numbers.forEach(([pair, dt, dd], i) => {
      dt.textContent = cells[i]![0]!;
      dd.textContent = cells[i]![1]!;
      // what the best D earns is 2 JSD − log 4 in the game of 2014, and something else in every other
      pair.hidden = i === (logistic(loss) ? 2 : 3);
    });
  }

  describe(): string {
    const { stages, picture } = this.#run, { loss } = this.#desk.spec;
    const words = sentence(stages, reading(loss, picture.bounded).best);
    return logistic(loss)
      ? t("Stage ({0}). {1} V is {2}, 2 JSD minus log 4 is {3}.", stages.now, words, fmt(picture.V), fmt(picture.C))
      : t("Stage ({0}). {1} V is {2}, the best V is {3}.", stages.now, words, fmt(picture.V), fmt(picture.bestV));
  }

  // ---- state -----------------------------------------------------------------------------------------------------

  state(): State {
    const { spec, speed, linked } = this.#desk;
    return {
      ...difference(spec, this.#start), speed, gradients: this.#gradients.get() || undefined,
      samples: this.#samples.get() || undefined, tour: this.#guide.state, step: linked,
    };
  }

  read = (what: string) => this.#run.read(what, this.#start);

  restore(state: State): void {
    const desk = this.#desk;
    this.#gradients.set(!!state.gradients);
    this.#samples.set(!!state.samples);
    this.#look();
    if (state.speed) desk.film.setSpeed(+state.speed);
    this.#guide.restore(state.tour);
    desk.film.play(false);
    if (desk.begin(apply(this.#start, state), this.#start)) desk.seek(state.step);
    this.#panel.show(desk.spec);
  }

  receive(message: any, buffers: DataView[]): void {
    this.#desk.receive(message, buffers);
  }
}

defineView("figure1", (host) => new Figure1(host));
