/**
 * The space of z, explored: a generator that was trained in PyTorch runs here, in this page. Its inputs as sliders, the
 * way between two picked points, A − B + C, what each input moves, and the training digit nearest to what it makes.
 */
import {
  button, defineView, figure, fmt, h, number, player, row, say, select, t, type Colours, type State, type View,
  type ViewHost,
} from "../ui/index";
import { Generator, length, share, type Recorded } from "./latent-network";
import {
  copying, fields, fold, free, inputs, muted, name, paint, picture, recording, rgb, Samples, strips,
} from "./latent-parts";
import { MODES, Place, WAYS } from "./latent-place";

/** Inputs that are not folded away. */
const FIRST = 6;

/** The recorded generator: carried by the widget (in a notebook), or by a script beside the page. */
async function fetched({ generator, src, key }: ViewHost["options"]): Promise<Recorded> {
  const found = (): Recorded | undefined => generator ?? (globalThis as any).ganLabGenerators?.[key];
  if (!found() && src) {
    await new Promise((onload) => document.head.append(h("script", { src, onload, onerror: onload })));
  }
  const one = found();
  if (one) return one;
  throw new Error(src ? t("The generator {0} could not be loaded: the folder recorded/ must lie beside the pages.", src)
    : t("This explorer was given no generator: write widgets.latent(generator)."));
}

const translated = (table: Record<string, string>) =>
  Object.fromEntries(Object.entries(table).map(([key, words]) => [key, t(words)]));
const shown = (canvas: HTMLCanvasElement, words = "") =>
  h("figure", { style: "margin:0;flex:1;max-width:224px" }, canvas, muted("figcaption", words));
const fact = (words: string, value: Node) => h("div", null, h("dt", null, words), h("dd", null, value));

class Explorer implements View {
  readonly #place: Place;
  readonly #samples: Samples;
  readonly #strips;
  readonly #inputs;
  readonly #copying;
  readonly #film;
  readonly #controls;
  readonly #walk: HTMLElement;
  readonly #made: HTMLCanvasElement;
  readonly #known: HTMLCanvasElement;
  readonly #moves: HTMLCanvasElement;
  readonly #nearest: HTMLElement;
  readonly #verdict = h("p");
  readonly #distance = figure();
  readonly #size = figure();
  /** where the walk goes, what the samples and the strips were painted for, and what is nearest and strongest here */
  #up = 1;
  #painted = "";
  #walked = "";
  #near;
  #strongest = 0;

  constructor(readonly host: ViewHost, readonly G: Generator) {
    const place = (this.#place = new Place(host, G)), { s } = place, [, high, wide] = G.file.image;
    this.#near = G.nearest(G.image(place.sheet[0]));
    this.#samples = new Samples(place, (slot, i) => this.#set({
      picks: s.picks.map((old, k) => (k === slot ? i : old)), z: place.count > 1 ? s.z : place.sheet[i],
    }), () => host.changed(true));
    this.#film = player(host, { toggled: (on) => on || host.changed() });
    this.#strips = strips(place, (way, at) => this.#set({ way, at }));
    this.#inputs = inputs(place, (j, v) => this.#set({
      z: place.mine.map((x, i) => (i === j ? v : x)), mode: "point", input: s.input && j + 1,
    }));
    this.#controls = this.#selects();
    this.#copying = copying(host, G);
    [this.#made, this.#known, this.#moves] = [picture(wide, high), picture(wide / 2, high / 2), picture(wide, high)];
    this.#nearest = shown(this.#known);
    const { way, at } = this.#controls;
    this.#walk = h("div", null, this.#film.el, fields(way.el, at.el), ...this.#strips.els);
    this.#mount();
  }

  #selects() {
    const place = this.#place, { s } = place;
    const modes = Object.fromEntries(Object.entries(MODES).map(([key, [words]]) => [key, t(words)]));
    const names: Record<string, string> = Object.fromEntries([t("all inputs"),
      ...s.z.map((_, j) => `z${j + 1}`)].entries());
    return {
      mode: select(t("Explore"), modes, s.mode, (mode) => {
        this.#samples.next = 0;
        this.#set({ z: place.mine, mode });
      }),
      seed: number(t("Seed"), { min: 0, max: 1e6, value: s.seed }, (v) => this.#reseed(v)),
      way: select(t("Way"), translated(WAYS), s.way, (way) => this.#set({ way })),
      at: free(t("from A to B"), 0, 1, 0.01, (at) => this.#set({ at })),
      shrink: free(t("shrink z by ψ"), 0, 1.5, 0.05, (v) => this.#set({ shrink: v })),
      input: select(t("Where the picture moves with"), names, "0", (v) => this.#set({ input: +v })),
    };
  }

  #mount(): void {
    const { G } = this, { mode, seed, shrink, input } = this.#controls, { ranked } = this.#inputs,
      samples = this.#samples;
    this.host.root.append(
      row(h("span", { className: "badge recorded" }, t("recorded weights")),
        t("a PyTorch generator of {0} inputs, played in this page", G.inputs)),
      row(mode.el, seed.el, button(t("New samples"), () => this.#reseed(this.#place.s.seed + 1))), samples.slots,
      samples.el,
      this.#walk,
      h("div", { style: "display:flex;gap:12px;margin:10px 0" }, shown(this.#made, t("generated")), this.#nearest,
        shown(this.#moves, t("where it moves"))),
      this.#verdict, h("dl", null, fact(t("distance"), this.#distance.el), fact(t("length of z"), this.#size.el)),
      fields(...ranked.slice(0, FIRST)), fold(t("The other inputs"), fields(...ranked.slice(FIRST))),
      fields(shrink.el, input.el), this.#copying.el, recording(G));
  }

  /** The reader did something. */
  #set(more: Partial<Place["s"]>): void {
    this.#film.play(false);
    Object.assign(this.#place.s, more);
    this.#place.settle();
    this.host.changed();
  }
  #reseed(seed: number): void {
    this.#set({ seed, z: this.#place.draw(seed)[this.#place.s.picks[0]] });
  }

  describe(): string {
    const { s } = this.#place, [a, b, c] = s.picks.map((i) => i + 1), { label, distance } = this.#near;
    const where = s.mode === "walk" ? t("From sample {0} to sample {1} by the {2}, at {3}. ", a, b, t(WAYS[s.way]),
      fmt(s.at))
      : s.mode === "sum" ? t("Sample {0} minus sample {1} plus sample {2}. ", a, b, c) : t("One point. ");
    return where + t("The nearest training digit has the label {0}, at distance {1}. Here z{2} moves it most.",
      label, fmt(distance), this.#strongest);
  }
  state(): State {
    return this.#place.kept.state();
  }
  restore(saved: State): void {
    this.#film.play(false);
    this.#place.kept.restore(saved);
    this.host.changed(true);
  }

  // ---- drawing -----------------------------------------------------------------------------------------------------

  draw(): void {
    const place = this.#place, { s } = place;
    place.settle();
    const c = this.host.colours(), paper = rgb(c.paper), ink = [paper, rgb(c.generator), paper], z = place.point;
    const used = place.shrunk(z), look = [c.paper, s.shrink, s.seed].join();
    if (look !== this.#painted) this.#samples.paint(ink);
    if (s.mode === "walk" && look + s.picks !== this.#walked) {
      this.#strips.paint(ink);
      this.#walked = look + s.picks;
    }
    this.#painted = look;
    this.#samples.show();
    this.#walk.hidden = place.count !== 2;
    this.#drawMoves(used, [paper, rgb(c.gradient), rgb(c.violet)]);
    for (const [key, control] of Object.entries(this.#controls)) {
      const value = s[key as keyof Place["s"]];
      (control as { set(v: unknown): void }).set(key === "input" ? String(value) : value);
    }
    this.#inputs.show(z);
    this.#drawNearest(used, c, ink);
    this.#copying.draw(this.#near.distance, c);
  }

  /** What is made here, and the training digit nearest to it. */
  #drawNearest(used: number[], c: Colours, ink: number[][]): void {
    const { G } = this, { file: { image: [, , wide], scores, bank } } = G, G_z = G.image(used), near = G.nearest(G_z);
    this.#near = near;
    paint(this.#made, G_z, wide, ink);
    name(this.#made, t("The generated digit"));
    paint(this.#known, G.known(near.index), wide / 2, [rgb(c.paper), rgb(c.real)]);
    const words = t("the nearest of {0} training digits, label {1}", bank, near.label);
    name(this.#known, words);
    say(this.#nearest.lastElementChild as HTMLElement, words);
    const part = 100 * share(scores.real, near.distance);
    this.#distance.set(near.distance, 2);
    this.#size.set(length(used), 2);
    say(this.#verdict, part < 1 ? t("Nearer to a training digit than real digits are to each other: a copy?")
      : part > 99 ? t("Farther from every training digit than real digits are: this is none of theirs.")
        : t("No copy: {0} % of the real digits have a nearer neighbour than this one.", fmt(part, 0)));
  }

  /** Where the picture moves with one input, or with any. */
  #drawMoves(z: number[], colours: number[][]): void {
    const { G } = this, { input } = this.#place.s, [, high, wide] = G.file.image, d = G.inputs, J = G.jacobian(z);
    this.#strongest = this.#inputs.rank(J);
    const pixels = new Float64Array(wide * high);
    for (let k = 0; k < pixels.length; k++) {
      pixels[k] = input ? J[k * d + input - 1] : Math.hypot(...J.subarray(k * d, k * d + d));
    }
    const scale = Math.max(...pixels.map(Math.abs)) || 1;
    paint(this.#moves, pixels.map((v) => v / scale), wide, colours, 0);
    name(this.#moves, input ? t("Where z{0} adds ink, and in violet where it takes ink away", input)
      : t("Where the pixels move most"));
  }

  frame(ms: number): void {
    const { s } = this.#place;
    // there and back again, four seconds each way
    s.at += (this.#up * (this.host.reducedMotion ? 500 : ms)) / 4000;
    if (s.at >= 1 || s.at <= 0) this.#up = s.at < 1 ? 1 : -1;
  }
}

defineView("latent", (host) => {
  let live: View | undefined;
  const wait = muted("p", t("The generator is being unpacked."));
  host.root.append(wait);
  fetched(host.options).then(Generator.open).then((generator) => {
    wait.remove();
    live = new Explorer(host, generator);
    host.changed(true);
  }).catch((error: Error) => {
    console.warn(error);
    host.root.replaceChildren(h("p", { className: "problem", role: "alert" }, error.message));
  });
  return {
    describe: () => live?.describe() ?? wait.textContent!,
    state: () => live?.state() ?? {},
    draw: () => live?.draw(),
    frame: (ms) => live?.frame!(ms),
    restore: (saved) => live?.restore!(saved),
  };
});
