/**
 * The rooms of the latent explorer: samples to pick, the ways between two of them, the inputs, and where it all comes
 * from.
 */
import { button, figure, fmt, h, Plot, row, say, slider, t, type Colours, type ViewHost } from "../ui/index";
import { between, length, type Generator } from "./latent-network";
import { SAMPLES, WAYS, type Place } from "./latent-place";

const TILES = 9, LETTERS = [..."ABC"];

type RGB = number[];
type Child = Node | string | undefined;
export const rgb = (hex: string): RGB => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/**
 * Values as a picture at tile `at` of the canvas: from the first colour, at `low`, to the second, at 1; to the third
 * below.
 */
export function paint(canvas: HTMLCanvasElement, values: ArrayLike<number>, width: number, [from, up, down]: RGB[],
  low = -1, at = 0): void {
  const pixels = new ImageData(width, values.length / width);
  for (let i = 0; i < values.length; i++) {
    const v = (values[i] - low) / (1 - low);
    from.forEach((c, k) => (pixels.data[4 * i + k] = c + ((v < 0 ? down : up)[k] - c) * Math.abs(v)));
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(pixels, at * width, 0);
}

export const picture = (width: number, height: number) =>
  h("canvas", { width, height, role: "img", style: "border-radius:4px" });
export const name = (el: HTMLElement, words: string) => el.setAttribute("aria-label", words);
const press = (el: HTMLElement, on: boolean) => el.setAttribute("aria-pressed", String(on));
export const muted = (tag: "p" | "figcaption", ...words: Child[]) => h(tag, { className: "muted" }, ...words);
export const fold = (title: string, ...children: Child[]) => h("details", null, h("summary", null, title), ...children);
export const fields = (...children: Child[]) => h("div", { className: "fields" }, ...children);
export const free = (label: string, min: number, max: number, step: number, change: (v: number) => void) =>
  slider(label, { min, max, step, value: 0, format: fmt }, change);

/** The samples to pick from, and which of them is A, B and C. */
export class Samples {
  /** the letter that the next pick sets */
  next = 0;
  readonly #all;
  readonly #slots: HTMLButtonElement[];
  readonly slots: HTMLElement;
  readonly el: HTMLElement;

  /** `picked`: a sample was picked for a letter; `redraw`: another letter is next. */
  constructor(readonly place: Place, picked: (slot: number, i: number) => void, redraw: () => void) {
    const [, height, width] = place.G.file.image;
    const pick = (slot: number, i: number) => {
      if (slot >= place.count || slot < 0) return;
      this.next = (slot + 1) % place.count;
      picked(slot, i);
    };
    this.#slots = LETTERS.map((_, i) => button("", () => {
      this.next = i;
      redraw();
    }));
    this.#all = Array.from({ length: SAMPLES }, (_, i) => {
      const canvas = h("canvas", { width, height });
      const mark = h("b", { style: "position:absolute;right:3px;bottom:0;color:var(--discriminator)" });
      const el = h("button", { type: "button", style: "padding:2px;position:relative",
        onclick: () => pick(this.next, i),
        onkeydown: (event: KeyboardEvent) => pick(LETTERS.indexOf(event.key.toUpperCase()), i) }, canvas, mark);
      return { el, canvas, mark };
    });
    this.slots = row(...this.#slots);
    const grid = "display:grid;grid-template-columns:repeat(auto-fill,minmax(max(58px,9%),1fr));gap:5px";
    this.el = h("div", { style: grid, role: "group", "aria-label": t("Samples to pick") },
      ...this.#all.map((one) => one.el));
  }

  paint(ink: RGB[]): void {
    const { place, place: { G, sheet } } = this;
    this.#all.forEach((one, i) => {
      const G_z = place.image(sheet[i]), words = t("Sample {0}, like a {1}", i + 1, G.nearest(G_z).label);
      paint(one.canvas, G_z, G.file.image[2], ink);
      name(one.el, words);
      one.el.title = words;
    });
  }

  show(): void {
    const { s, sheet, count } = this.place;
    this.#all.forEach((one, i) => {
      const letters = LETTERS.filter((_, k) => k < count && s.picks[k] === i).join("");
      say(one.mark, count > 1 ? letters : "");
      press(one.el, count > 1 ? letters !== "" : String(s.z) === String(sheet[i]));
    });
    this.#slots.forEach((slot, k) => {
      say(slot, t("{0} is sample {1}", LETTERS[k], s.picks[k] + 1));
      press(slot, k === this.next);
      slot.hidden = k >= count;
    });
    this.slots.hidden = count < 2;
  }
}

/** Nine pictures on each way from A to B; a click goes there. */
export function strips(place: Place, go: (way: string, at: number) => void) {
  const [, high, wide] = place.G.file.image;
  const all = Object.keys(WAYS).map((key) => {
    const words = muted("p"), canvas = picture(wide * TILES, high);
    canvas.onclick = (event) => go(key, Math.floor((event.offsetX / canvas.clientWidth) * TILES) / (TILES - 1));
    return { key, words, canvas };
  });
  return {
    els: all.flatMap((one) => [one.words, one.canvas]),
    paint(ink: RGB[]): void {
      const [a, b] = place.picked;
      for (const { key, words, canvas } of all) {
        for (let i = 0; i < TILES; i++) {
          paint(canvas, place.image(between(a, b, i / (TILES - 1), key)), wide, ink, -1, i);
        }
        const lengths = [0, 0.5, 1].map((by) => fmt(length(between(a, b, by, key)), 1));
        say(words, t("{0}: length of z {1}, halfway {2}, at the end {3}", t(WAYS[key]), ...lengths));
        name(canvas, t("Nine pictures from A to B: ") + words.textContent);
      }
    },
  };
}

/** A slider for each input, with how much it moves the picture here; the strongest first. */
export function inputs(place: Place, put: (j: number, v: number) => void) {
  const { G, s } = place, { sensitivity } = G.file.scores;
  const all = s.z.map((_, j) => {
    const control = free(`z${j + 1}`, -4, 4, 0.05, (v) => put(j, v));
    const bar = h("i", { style: "height:5px;background:var(--gradient)" }), moved = figure();
    control.el.append(h("small", { className: "muted", style: "grid-column:1/3" }, t("moves it by "), moved.el), bar);
    return { control, bar, moved };
  });
  return {
    ranked: all.map((one, j) => [sensitivity[j], one.control.el] as const).sort(([a], [b]) => b - a).map(([, el]) =>
      el),
    show: (z: number[]) => all.forEach(({ control }, j) => control.set(+z[j].toFixed(2))),
    /** Shows how far the picture moves with each input, from its Jacobian; the strongest, from 1. */
    rank(J: ArrayLike<number>): number {
      const d = G.inputs, root = new Float64Array(d);
      for (let k = 0; k < J.length; k++) root[k % d] += J[k] * J[k];
      root.forEach((v, j) => (root[j] = Math.sqrt(v)));
      const most = Math.max(...root) || 1;
      all.forEach(({ moved, bar }, j) => {
        moved.set(root[j], 2);
        bar.style.width = (100 * root[j]) / most + "%";
      });
      return root.indexOf(most) + 1;
    },
  };
}

/** How near generated digits come to training digits, beside how near real ones do. */
export function copying(host: ViewHost, { file: { scores } }: Generator) {
  const plot = new Plot({ label: t("The share of digits nearer to a training digit than a distance"),
    x: [0, Math.ceil(scores.real.at(-2)! + 2)], y: [0, 1], height: 170, pad: [20, 10, 36, 34] }, host.colours);
  const key = (actor: string, kind: string, words: string) =>
    h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words);
  const legend = h("div", { className: "legend" }, key("real", "dots", t("real digits, to the nearest other one")),
    key("generator", "", t("1,000 generated digits")), key("ink", "", t("this one")));
  const words = t("A copy would lie at 0. In {0} % of all pairs the generated digit is nearer to the training digits than the real one is.",
    fmt(100 * scores.closeness, 0));
  const el = fold(t("Does it copy?"), legend, plot.el, muted("p", words));
  // the plot has no width until it is unfolded
  el.ontoggle = () => host.changed(true);
  return {
    el,
    draw(distance: number, c: Colours): void {
      if (!plot.begin()) return;
      plot.axes({ x: 6, y: 2, xLabel: t("distance"), yLabel: t("share of digits that are nearer") });
      const rise = scores.real.map((_, i) => i / (scores.real.length - 1));
      plot.line(scores.real, rise, c.real, { dash: [2, 4], width: 2.5 });
      plot.line(scores.generated, rise, c.generator);
      plot.segment(distance, 0, distance, 1, c.ink, { width: 1.5 });
    },
  };
}

/** When, where and how the generator was recorded. */
export function recording({ file, file: { recipe } }: Generator): HTMLElement {
  const words = t("{0}, {1} steps with batches of {2}, seed {3}; {4} UTC, on {5}, PyTorch {6}, gan_lab {7}. Weights in a byte each: {8} dB.",
    recipe.system, recipe.steps, recipe.batch, recipe.seed, file.date.slice(0, 16).replace("T", " "), file.hardware.cpu,
    file.versions.torch, file.versions.commit ?? "", fmt(file.scores.psnr, 0));
  return fold(t("How it was recorded"), h("p", null, words),
    h("code", { style: "overflow-wrap:anywhere" }, file.command));
}
