/**
 * The playground: two small networks play in the plane, in the page or in a Python kernel, and everything that matters
 * is drawn while they do: samples, D and the best D, the warped noise, the true gradients of the losses, scores with a
 * perfect sampler's floor.
 */
import type { LossName, Plane } from "../engine/types";
import { Desk, FARTHEST } from "../game/desk";
import {
  apply, difference, drawScene, LOSSES, maps, merge, Pace, PLANE_START, planePanel, Run, scenePlot, targetEditor,
  type MapName, type Spec,
} from "../plane/index";
import {
  button, copyButton, defineView, fmt, group, guide, h, linkTo, named, number, part, row, select, t, toggle,
  type State, type View, type ViewHost,
} from "../ui/index";
import type { KeepPart } from "./keep";
import type { Lesson } from "./lessons";
import type { MakeOverview, Overview } from "./overview";
import { Charts, keys, tell } from "./playground-charts";
import { dress, plainWords, targetPictures } from "./playground-stage";
import type { PointsPart } from "./points";
import type { AsTorch } from "./torch";

/** The lessons' names; the rest of them comes when it is asked for. */
const titles = (): Record<string, string> => ({
  "": t("none"), works: t("It works"), chase: t("Mode collapse: the chase"), chase_cured: t("A cure: no momentum"),
  dropped: t("Modes dropped"), oscillation: t("Oscillation"), vanishing: t("Vanishing gradient"),
  weak: t("A D that is too weak"), divergence: t("Divergence"),
});

/** What is drawn where neither the page nor a link says otherwise. */
const SHOWN = { real: true, fake: true, manifold: true, arrows: false, all: false };
type Layer = keyof typeof SHOWN;

const legendKey = (actor: string, words: string, kind = "") =>
  h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words);

class Playground implements View {
  readonly run: Run;
  readonly #desk: Desk;
  readonly #base: Spec;
  readonly #main;
  readonly #charts: Charts;
  readonly #layers;
  readonly #map;
  readonly #panel;
  readonly #lessonOf = select<string>(t("Lesson"), titles(), "", (preset) => {
    this.restore({ preset });
    this.host.changed();
  });
  readonly #guide;
  readonly #legend = h("div", { className: "legend" });
  readonly #own = h("div", null, button(t("Edit these points"), () => this.#withPoints().catch(this.#desk.complain)));
  /** it says where the run is: what is typed is where to go from there */
  readonly #ahead = number(t("Go to step"), { min: 0, max: FARTHEST, value: 0 }, (step) => this.#goTo(step));
  readonly #inside = group(t("Inside the networks, step by step"), false);
  readonly #pictures;
  readonly #words;
  #lesson = "";
  #frames = 0;
  #legendOf = "";
  // what is fetched when it is first wanted
  #model?: Overview;
  #lessons?: Record<string, Lesson>;
  #points?: PointsPart;
  #pen?: ReturnType<PointsPart["edit"]>;

  constructor(readonly host: ViewHost) {
    const { options } = host, { backend, precision, controls } = options, wide = host.root.clientWidth > 600;
    const run = (this.run = new Run({ backend, precision }));
    const desk = (this.#desk = new Desk(host, run, {
      pace: new Pace(11),
      shown: (spec) => this.#show(spec),
      paused: () => run.look(true),
      restart: () => {
        this.restore({});
        host.changed();
      },
    }));
    this.#base = merge(PLANE_START, options.spec);
    this.#main = scenePlot(host.colours);
    this.#charts = new Charts(host, run);
    this.#charts.losses.onDrag((x) => desk.scrubNear(x));
    const saved = host.saved ?? {};
    this.#layers = this.#toggles(saved);
    this.#map = select<MapName>(t("Heat map"), maps(), named(maps(), saved.map, options.map ?? "D"), () => {
      this.#look();
      host.changed();
    });
    const begin = () => void this.#withPoints().then((made) =>
      desk.change({ target: made.begin(run.picture.real) }), desk.complain);
    this.#panel = planePanel(this.#base, wide, desk.change, targetEditor(desk.change, { el: this.#own, begin }));
    this.#pictures = targetPictures(desk.change, begin);
    this.#words = plainWords(host, run);
    this.#guide = guide(host, "playground", {
      places: () => ({ picture: this.#main.el, play: desk.film.main,
        scrub: desk.scrub, charts: this.#charts.el, lesson: this.#lessonOf.el, settings: this.#panel.groups[1]! }),
      look: () => run.engine && { engine: run.engine, real: run.picture.real, made: run.picture.scored,
        numbers: { step: run.clock, covered: run.scores?.covered ?? NaN } },
      begin: () => this.restore({}),
      play: (on) => desk.film.play(on),
      complain: desk.complain,
    });
    this.#inside.ontoggle = () => this.#unfold();
    this.#inside.open = wide && controls !== "none" && !desk.remote;
    dress(host);
    if (controls === "none") this.#mountBare();
    else this.#mount(controls === "few");
    desk.spec = this.#base;
    this.restore(saved);
  }

  // ---- what the reader sees and touches ----------------------------------------------------------------------------

  #toggles(saved: State) {
    const labels: Record<Layer, string> = {
      real: t("Real"), fake: t("Generated"), manifold: t("Warped noise"), arrows: t("Gradient"),
      all: t("Gradient of every loss"),
    };
    const entries = Object.entries(labels).map(([name, label]) =>
      [name, toggle(label, !!(saved[name] ?? this.#shown(name)), () => {
        this.#look();
        this.host.changed();
      })] as const);
    const made = Object.fromEntries(entries) as Record<Layer, ReturnType<typeof toggle>>;
    made.all.enable(!this.#desk.remote);
    return made;
  }

  #shown(layer: string): boolean {
    return !!(this.host.options[layer] ?? SHOWN[layer as Layer]);
  }

  #mount(short: boolean): void {
    const { host } = this, { remote, film, scrub, problem, status } = this.#desk;
    const { real, fake, manifold, arrows, all } = this.#layers;
    this.#main.el.append(h("div", { className: "over" }, film.main, film.screen));
    const drawer = group(t("All controls"), !short);
    drawer.ontoggle = () => this.draw();
    drawer.lastElementChild!.replaceWith(h("div", { className: "panel" },
      row(this.#map.el, real.el, fake.el, manifold.el, arrows.el, all.el),
      ...(remote ? [] : this.#panel.groups),
      row(!remote && this.#ahead.el, !remote && copyButton(t("Copy as PyTorch"), () => this.torch()),
        !remote && copyButton(t("Copy as plain PyTorch"), () => this.torch("asPlainTorch")),
        !remote && !host.send && copyButton(t("Copy link"), () => linkTo(host.id, this.state())),
        ...(remote ? [] : this.#files()), status)));
    host.root.append(
      ...(remote ? [] : [this.#pictures.el]),
      h("div", { className: "pair stage" },
        h("div", null, this.#main.el, film.el, h("div", { className: "time" }, scrub), problem,
          row(!remote && this.#guide.button, !remote && this.#lessonOf.el, !remote && this.#panel.loss), this.#guide.el,
          this.#legend),
        h("div", null, ...(remote ? [] : [this.#inside]), this.#charts.el)),
      drawer,
    );
  }

  /** For the head of a page: the picture, what it means, and Play. */
  #mountBare(): void {
    const { film, problem } = this.#desk;
    this.#main.el.append(h("div", { className: "over" }, film.main));
    this.host.root.append(h("div", { className: "pair bare" }, this.#main.el, h("div", null, this.#words.el,
      h("div", { className: "legend" }, legendKey("real", t("real"), "dot"),
        legendKey("generator", t("made by the generator"), "dot"),
        legendKey("discriminator", t("the critic says: real"), "band"),
        legendKey("generator", t("the critic says: made"), "band")), problem)));
  }

  #show(spec: Spec): void {
    this.#panel.show(spec);
    this.#pictures.show(spec);
  }

  /** Saving and opening runs. */
  #files(): HTMLElement[] {
    const kept = (use: (keep: KeepPart) => void) => void part<KeepPart>("keep").then(use, this.#desk.complain);
    return [button(t("Save run"), () => kept((keep) => keep.save(this.run))),
      button(t("Open a saved run"), () => kept((keep) => keep.open(this.run, (open) => this.#opened(open))))];
  }

  #opened(open: () => void): void {
    const desk = this.#desk;
    desk.film.play(false);
    desk.problem.replaceChildren();
    this.#teach("");
    desk.careful(open);
    desk.spec = this.run.spec;
    this.#show(desk.spec);
    this.host.changed();
  }

  #goTo(step: number): void {
    if (step < this.run.steps) this.#desk.reset();
    if (step > this.run.steps) this.#desk.playTo(step);
  }

  /** What the reader wants to see is measured. */
  #look(): void {
    const { run } = this, { arrows, all } = this.#layers, every = Object.keys(LOSSES()) as LossName[];
    run.pulls = all.get() ? every.filter((name) => name !== "hinge") : arrows.get() ? [this.#desk.spec.loss] : [];
    run.dense = this.#map.get() === "best";
    if (run.engine && !this.#desk.remote) run.picture.look(run.engine, run.pulls, run.dense);
  }

  #teach(name: string): void {
    const found = this.#lessons?.[name];
    this.#lessonOf.set((this.#lesson = found ? name : ""));
    if (found) this.#guide.open(found.tour);
    else this.#guide.close();
  }

  async #withPoints() {
    const { host } = this, desk = this.#desk;
    this.#points ??= await part<PointsPart>("points");
    if (!this.#pen) {
      this.#pen = this.#points.edit(this.#main, () => desk.spec.target as Plane["spec"],
        (target) => desk.change({ target }),
        () => host.changed(true));
      this.#own.replaceChildren(this.#pen.el);
    }
    host.changed(true);
    return this.#pen;
  }

  #unfold(): void {
    const { host, run } = this, desk = this.#desk, stop = () => desk.film.play(false);
    if (this.#inside.open && !this.#model && run.engine) {
      part<MakeOverview>("overview").then((overview) => {
        if (!this.#model) {
          this.#model = overview(host, run, { D: () => desk.stepD(), G: () => desk.stepG(), stop });
          this.#inside.append(this.#model.el);
        }
        host.changed(true);
      }, desk.complain);
    }
    host.changed(true);
  }

  engine = () => this.run.engine;

  async torch(how: keyof AsTorch = "asTorch"): Promise<string> {
    const { spec, steps } = this.run.engine;
    return (await part<AsTorch>("torch"))[how](spec, steps, this.#desk.notes);
  }

  // ---- drawing -----------------------------------------------------------------------------------------------------

  frame(ms: number): boolean {
    return this.#desk.frame(ms);
  }

  draw(): void {
    const { host, run } = this, { picture } = run, desk = this.#desk, map = this.#map.get(), open = this.#inside.open;
    const { real, fake, manifold, arrows, all } = this.#layers;
    if (!picture.target) return;
    if (/best|density/.test(map)) picture.estimate();
    drawScene(this.#main, picture, host.colours(), {
      loss: desk.spec.loss, map, real: real.get(), fake: fake.get(), manifold: manifold.get(), arrows: arrows.get()
      || all.get(),
      marks: (open && this.#model?.marks()) || { real: this.#pen?.stroke() },
    });
    this.#pen?.show(!this.#own.hidden);
    if (open) this.#model?.draw();
    this.#words.draw();
    // the charts move slowly: every fourth frame will do for them
    if (host.running && this.#frames++ % 4) return;
    const legend = keys(this.run, map, arrows.get(), all.get());
    if (this.#legendOf !== (this.#legendOf = legend.join())) {
      this.#legend.replaceChildren(...legend.map((one) => legendKey(...one)));
    }
    this.#charts.draw();
    this.#ahead.set(run.steps);
    desk.drawScrub();
    this.#guide.draw();
  }

  describe(): string {
    const { steps, losses } = this.run;
    return t("Step {0}. Loss of D {1}, of G {2}. {3}.", steps, fmt(losses?.discriminator ?? NaN),
      fmt(losses?.generator ?? NaN), tell(this.run));
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  /** What the lesson begins with. */
  #first(): Spec {
    return merge(this.#base, this.#lessons?.[this.#lesson]?.spec);
  }

  /** Links say drawn points in a short code. */
  #drawn(): State {
    const { target } = this.#desk.spec;
    const own = this.#points && target.name === "points"
      && JSON.stringify(target) !== JSON.stringify(this.#first().target);
    return own ? { target: undefined, points: this.#points!.encode(target) } : {};
  }

  state(): State {
    const { spec, speed, linked } = this.#desk, map = this.#map.get();
    const layers = Object.entries(this.#layers).map(([name, { get }]) =>
      [name, get() === this.#shown(name) ? undefined : get()]);
    return {
      preset: this.#lesson || undefined, tour: this.#guide.state, speed, ...difference(spec, this.#first()),
      ...this.#drawn(),
      map: map === (this.host.options.map ?? "D") ? undefined : map, ...Object.fromEntries(layers), step: linked,
    };
  }

  /** Fetches what the state needs that is not there yet; null: nothing. */
  #fetch(state: State, lesson: string): Promise<unknown> | null {
    const late: Promise<unknown>[] = [];
    if (lesson && !this.#lessons) {
      late.push(part<Record<string, Lesson>>("lessons").then((found) => { this.#lessons = found; }));
    }
    if (typeof state.points === "string" && !this.#points) late.push(this.#withPoints());
    return late.length ? Promise.all(late) : null;
  }

  restore(state: State): void {
    const { host, run } = this, desk = this.#desk, { options } = host;
    const lesson = named(titles(), state.preset ?? options.preset, "");
    desk.film.play(false);
    const late = this.#fetch(state, lesson);
    if (late) {
      if (!run.engine) desk.careful(() => desk.fresh());
      late.then(() => this.restore(state), desk.complain);
      return;
    }
    this.#teach(lesson);
    if (state.tour) this.#guide.restore(state.tour);
    for (const [name, one] of Object.entries(this.#layers)) one.set(!!(state[name] ?? this.#shown(name)));
    this.#map.set(named(maps(), state.map, options.map ?? "D"));
    if (state.speed) desk.film.setSpeed(+state.speed);
    const { points } = state, first = (desk.spec = this.#first());
    let asked = first;
    const read = desk.careful(() => {
      asked = apply(first, typeof points === "string" ? { ...state, target: this.#points!.decode(points) } : state);
    });
    if (read || !run.engine) {
      const said = read ? [] : [...desk.problem.childNodes];
      desk.begin(asked, first);
      desk.problem.append(...said);
    } else desk.spec = run.spec;
    this.#look();
    this.#show(desk.spec);
    // a link to step n trains again to step n: the seed says all
    desk.seek(run.engine && (state.step ?? options.step));
  }

  receive(message: any, buffers: DataView[]): void {
    this.#desk.receive(message, buffers);
  }
}

defineView("playground", (host) => new Playground(host));
