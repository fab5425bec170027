/**
 * The space of z, explored: a generator that was trained in PyTorch runs here, in this page. Its inputs as sliders, the
 * way between two picked points, A − B + C, what each input moves, and the training digit nearest to what it makes.
 */
import { createLaw, NOISE, sample, Stream } from "../engine/views";
import { button, clamp, defineView, figure, fmt, h, keep, number, player, Plot, row, say, select, slider, t, type View, type ViewHost } from "../ui/index";
import { between, Generator, length, share, type Recorded } from "./latent-network";

const SAMPLES = 20, TILES = 9, LETTERS = [..."ABC"], FIRST = 6;
const MODES: Record<string, [string, number]> = { point: ["one point", 1], walk: ["walk from A to B", 2], sum: ["A − B + C", 3] };
const WAYS: Record<string, string> = { straight: "straight line", great_circle: "great circle" };

type RGB = number[];
type Child = Node | string | undefined;
const rgb = (hex: string): RGB => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Values as a picture at tile `at` of the canvas: from the first colour, at `low`, to the second, at 1; to the third below. */
function paint(canvas: HTMLCanvasElement, values: ArrayLike<number>, width: number, [from, up, down]: RGB[], low = -1, at = 0): void {
  const pixels = new ImageData(width, values.length / width);
  for (let i = 0; i < values.length; i++) {
    const v = (values[i] - low) / (1 - low);
    from.forEach((c, k) => (pixels.data[4 * i + k] = c + ((v < 0 ? down : up)[k] - c) * Math.abs(v)));
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(pixels, at * width, 0);
}

const picture = (width: number, height: number) => h("canvas", { width, height, role: "img", style: "border-radius:4px" });
const name = (el: HTMLElement, words: string) => el.setAttribute("aria-label", words);
const press = (el: HTMLElement, on: boolean) => el.setAttribute("aria-pressed", String(on));
const muted = (tag: "p" | "figcaption", ...words: Child[]) => h(tag, { className: "muted" }, ...words);
const fold = (title: string, ...children: Child[]) => h("details", null, h("summary", null, title), ...children);

/** The recorded generator: carried by the widget (in a notebook), or by a script beside the page. */
async function fetched({ generator, src, key }: ViewHost["options"]): Promise<Recorded> {
  const found = (): Recorded | undefined => generator ?? (globalThis as any).ganLabGenerators?.[key];
  if (!found() && src) await new Promise((onload) => document.head.append(h("script", { src, onload, onerror: onload })));
  const one = found();
  if (one) return one;
  throw new Error(src ? t("The generator {0} could not be loaded: the folder recorded/ must lie beside the pages.", src)
    : t("This explorer was given no generator: write widgets.latent(generator)."));
}

function explorer(host: ViewHost, G: Generator): View {
  const file = G.file, { scores, image: [, high, wide], recipe } = file, d = G.inputs;
  /** The samples of gan_lab.random.PageStreams(seed), to two digits: what an address can carry is all there is. */
  const draw = (seed: number): number[][] => {
    const all = Array.from(sample(createLaw({ name: "standard_normal", dim: d }), SAMPLES, new Stream(seed, NOISE)), (v) => +v.toFixed(2));
    return Array.from({ length: SAMPLES }, (_, i) => all.slice(i * d, i * d + d));
  };
  let sheet = draw(0), drawn = 0, next = 0, up = 1, painted = "", walked = "", strongest = 0, near = G.nearest(G.image(sheet[0]));
  // a generator's first point is that of its own sheet, whatever the address says
  const { seed: from = 0, picks: of = [0] } = host.options;
  const kept = keep(host, { mode: "point", seed: 0, picks: [0, 1, 2], at: 0.5, way: "straight", shrink: 1, input: 0, z: draw(from)[of[0]] });
  const s = kept.now;
  const settle = () => {
    if (!MODES[s.mode]) s.mode = "point";
    if (!WAYS[s.way]) s.way = "straight";
    const whole = (v: number, most: number) => clamp(Math.round(v), 0, most);
    s.seed = whole(s.seed, 1e6);
    s.picks = s.picks.map((i) => whole(i, SAMPLES - 1));
    s.input = whole(s.input, d);
    s.at = clamp(s.at, 0, 1);
    s.shrink = clamp(s.shrink, 0, 1.5);
    s.z = s.z.map((v) => clamp(v, -4, 4));
    if (drawn !== s.seed) sheet = draw((drawn = s.seed));
  };
  const point = (): number[] => {
    const [a, b, c] = s.picks.map((i) => sheet[i]);
    return s.mode === "walk" ? between(a, b, s.at, s.way) : s.mode === "sum" ? a.map((v, i) => v - b[i] + c[i]) : s.z;
  };
  const shrunk = (z: number[]) => z.map((v) => v * s.shrink);
  const image = (z: number[]) => G.image(shrunk(z));
  /** The reader did something. */
  const set = (more: Partial<typeof s>) => {
    film.play(false);
    Object.assign(s, more);
    settle();
    host.changed();
  };
  /** Where we are, as a point of the reader's own. */
  const mine = () => point().map((v) => +clamp(v, -4, 4).toFixed(2));

  const mode = select(t("Explore"), Object.fromEntries(Object.entries(MODES).map(([key, [words]]) => [key, t(words)])), s.mode, (v) => {
    next = 0;
    set({ z: mine(), mode: v });
  });
  const reseed = (v: number) => set({ seed: v, z: draw(v)[s.picks[0]] });
  const seed = number(t("Seed"), { min: 0, max: 1e6, value: s.seed }, reseed);
  const slots = LETTERS.map((_, i) => button("", () => {
    next = i;
    host.changed(true);
  }));
  const pick = (slot: number, i: number) => {
    const count = MODES[s.mode][1];
    if (slot >= count || slot < 0) return;
    next = (slot + 1) % count;
    set({ picks: s.picks.map((old, k) => (k === slot ? i : old)), z: count > 1 ? s.z : sheet[i] });
  };
  const samples = sheet.map((_, i) => {
    const canvas = h("canvas", { width: wide, height: high }), mark = h("b", { style: "position:absolute;right:3px;bottom:0;color:var(--discriminator)" });
    const el = h("button", { type: "button", style: "padding:2px;position:relative", onclick: () => pick(next, i),
      onkeydown: (event: KeyboardEvent) => pick(LETTERS.indexOf(event.key.toUpperCase()), i) }, canvas, mark);
    return { el, canvas, mark };
  });
  const film = player(host, { toggled: (on) => on || host.changed() });
  const way = select(t("Way"), Object.fromEntries(Object.entries(WAYS).map(([key, words]) => [key, t(words)])), s.way, (v) => set({ way: v }));
  const free = (label: string, min: number, max: number, step: number, change: (v: number) => void) =>
    slider(label, { min, max, step, value: 0, format: fmt }, change);
  const at = free(t("from A to B"), 0, 1, 0.01, (v) => set({ at: v }));
  const shrink = free(t("shrink z by ψ"), 0, 1.5, 0.05, (v) => set({ shrink: v }));
  const inputNames: Record<string, string> = Object.fromEntries([t("all inputs"), ...s.z.map((_, j) => `z${j + 1}`)].entries());
  const input = select(t("Where the picture moves with"), inputNames, "0", (v) => set({ input: +v }));
  const strips = Object.keys(WAYS).map((key) => {
    const words = muted("p"), canvas = picture(wide * TILES, high);
    canvas.onclick = (event) => set({ way: key, at: Math.floor((event.offsetX / canvas.clientWidth) * TILES) / (TILES - 1) });
    return { key, words, canvas };
  });
  const slotRow = row(...slots);
  const walk = h("div", null, film.el, h("div", { className: "fields" }, way.el, at.el), ...strips.flatMap((one) => [one.words, one.canvas]));
  const made = picture(wide, high), known = picture(wide / 2, high / 2), moves = picture(wide, high);
  const shown = (canvas: HTMLCanvasElement, words = "") => h("figure", { style: "margin:0;flex:1;max-width:224px" }, canvas, muted("figcaption", words));
  const nearest = shown(known), verdict = h("p"), distance = figure(), size = figure();
  const inputs = s.z.map((_, j) => {
    const control = free(`z${j + 1}`, -4, 4, 0.05, (v) => set({ z: mine().map((x, i) => (i === j ? v : x)), mode: "point", input: s.input && j + 1 }));
    const bar = h("i", { style: "height:5px;background:var(--gradient)" }), moved = figure();
    control.el.append(h("small", { className: "muted", style: "grid-column:1/3" }, t("moves it by "), moved.el), bar);
    return { control, bar, moved };
  });
  const ranked = inputs.map((one, j) => [scores.sensitivity[j], one.control.el] as const).sort(([a], [b]) => b - a).map(([, el]) => el);
  const fields = (...children: Child[]) => h("div", { className: "fields" }, ...children);
  const plot = new Plot({ label: t("The share of digits nearer to a training digit than a distance"), x: [0, Math.ceil(scores.real.at(-2)! + 2)], y: [0, 1],
    height: 170, pad: [20, 10, 36, 34] }, host.colours);
  const key = (actor: string, kind: string, words: string) => h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words);
  const fact = (words: string, value: Node) => h("div", null, h("dt", null, words), h("dd", null, value));
  host.root.append(
    row(h("span", { className: "badge recorded" }, t("recorded weights")), t("a PyTorch generator of {0} inputs, played in this page", d)),
    row(mode.el, seed.el, button(t("New samples"), () => reseed(s.seed + 1))), slotRow,
    h("div", { style: "display:grid;grid-template-columns:repeat(auto-fill,minmax(max(58px,9%),1fr));gap:5px", role: "group", "aria-label": t("Samples to pick") },
      ...samples.map((one) => one.el)),
    walk,
    h("div", { style: "display:flex;gap:12px;margin:10px 0" }, shown(made, t("generated")), nearest, shown(moves, t("where it moves"))),
    verdict, h("dl", null, fact(t("distance"), distance.el), fact(t("length of z"), size.el)),
    fields(...ranked.slice(0, FIRST)), fold(t("The other inputs"), fields(...ranked.slice(FIRST))), fields(shrink.el, input.el),
    fold(t("Does it copy?"), h("div", { className: "legend" }, key("real", "dots", t("real digits, to the nearest other one")),
      key("generator", "", t("1,000 generated digits")), key("ink", "", t("this one"))), plot.el,
    muted("p", t("A copy would lie at 0. In {0} % of all pairs the generated digit is nearer to the training digits than the real one is.", fmt(100 * scores.closeness, 0)))),
    fold(t("How it was recorded"), h("p", null, t("{0}, {1} steps with batches of {2}, seed {3}; {4} UTC, on {5}, PyTorch {6}, gan_lab {7}. Weights in a byte each: {8} dB.",
      recipe.system, recipe.steps, recipe.batch, recipe.seed, file.date.slice(0, 16).replace("T", " "), file.hardware.cpu, file.versions.torch,
      file.versions.commit ?? "", fmt(scores.psnr, 0))), h("code", { style: "overflow-wrap:anywhere" }, file.command)));
  // the plot has no width until it is unfolded
  plot.el.parentElement!.ontoggle = () => host.changed(true);

  const drawSamples = (ink: RGB[]) => samples.forEach((one, i) => {
    const G_z = image(sheet[i]), words = t("Sample {0}, like a {1}", i + 1, G.nearest(G_z).label);
    paint(one.canvas, G_z, wide, ink);
    name(one.el, words);
    one.el.title = words;
  });
  const drawStrips = (ink: RGB[]) => {
    const [a, b] = s.picks.map((i) => sheet[i]);
    for (const { key, words, canvas } of strips) {
      for (let i = 0; i < TILES; i++) paint(canvas, image(between(a, b, i / (TILES - 1), key)), wide, ink, -1, i);
      const lengths = [0, 0.5, 1].map((by) => fmt(length(between(a, b, by, key)), 1));
      say(words, t("{0}: length of z {1}, halfway {2}, at the end {3}", t(WAYS[key]), ...lengths));
      name(canvas, t("Nine pictures from A to B: ") + words.textContent);
    }
  };
  const drawPicks = () => {
    const count = MODES[s.mode][1];
    samples.forEach((one, i) => {
      const letters = LETTERS.filter((_, k) => k < count && s.picks[k] === i).join("");
      say(one.mark, count > 1 ? letters : "");
      press(one.el, count > 1 ? letters !== "" : String(s.z) === String(sheet[i]));
    });
    slots.forEach((slot, k) => {
      say(slot, t("{0} is sample {1}", LETTERS[k], s.picks[k] + 1));
      press(slot, k === next);
      slot.hidden = k >= count;
    });
    slotRow.hidden = count < 2;
    walk.hidden = count !== 2;
  };
  const drawMoves = (z: number[], colours: RGB[]) => {
    const J = G.jacobian(z), squares = new Float64Array(d), pixels = new Float64Array(wide * high);
    J.forEach((v, k) => (squares[k % d] += v * v));
    const root = squares.map(Math.sqrt), most = Math.max(...root) || 1;
    strongest = root.indexOf(most) + 1;
    inputs.forEach(({ moved, bar }, j) => {
      moved.set(root[j], 2);
      bar.style.width = (100 * root[j]) / most + "%";
    });
    for (let k = 0; k < pixels.length; k++) pixels[k] = s.input ? J[k * d + s.input - 1] : Math.hypot(...J.subarray(k * d, k * d + d));
    const scale = Math.max(...pixels.map(Math.abs)) || 1;
    paint(moves, pixels.map((v) => v / scale), wide, colours, 0);
    name(moves, s.input ? t("Where z{0} adds ink, and in violet where it takes ink away", s.input) : t("Where the pixels move most"));
  };
  return {
    describe: () => {
      const [a, b, c] = s.picks.map((i) => i + 1);
      return (s.mode === "walk" ? t("From sample {0} to sample {1} by the {2}, at {3}. ", a, b, t(WAYS[s.way]), fmt(s.at))
        : s.mode === "sum" ? t("Sample {0} minus sample {1} plus sample {2}. ", a, b, c) : t("One point. "))
        + t("The generated digit is nearest to a training {0}, at distance {1}. Here z{2} moves it most.", near.label, fmt(near.distance), strongest);
    },
    state: kept.state,
    restore: (saved) => {
      film.play(false);
      kept.restore(saved);
      host.changed(true);
    },
    draw: () => {
      settle();
      const c = host.colours(), paper = rgb(c.paper), ink = [paper, rgb(c.generator), paper], z = point(), used = shrunk(z), G_z = G.image(used);
      const look = [c.paper, s.shrink, s.seed].join();
      if (look !== painted) drawSamples(ink);
      if (s.mode === "walk" && look + s.picks !== walked) drawStrips(ink), (walked = look + s.picks);
      painted = look;
      drawPicks();
      drawMoves(used, [paper, rgb(c.gradient), rgb(c.violet)]);
      ([[mode, s.mode], [seed, s.seed], [shrink, s.shrink], [way, s.way], [at, s.at], [input, String(s.input)]] as [{ set(v: unknown): void }, unknown][])
        .forEach(([control, v]) => control.set(v));
      inputs.forEach(({ control }, j) => control.set(+z[j].toFixed(2)));
      near = G.nearest(G_z);
      paint(made, G_z, wide, ink);
      name(made, t("The generated digit"));
      paint(known, G.known(near.index), wide / 2, [paper, rgb(c.real)]);
      const words = t("the nearest of {0} training digits, a {1}", file.bank, near.label);
      name(known, words);
      say(nearest.lastElementChild as HTMLElement, words);
      const part = 100 * share(scores.real, near.distance);
      distance.set(near.distance, 2);
      size.set(length(used), 2);
      say(verdict, part < 1 ? t("Nearer to a training digit than real digits are to each other: a copy?")
        : part > 99 ? t("Farther from every training digit than real digits are: this is none of theirs.")
        : t("No copy: {0} % of the real digits have a nearer neighbour than this one.", fmt(part, 0)));
      if (!plot.begin()) return;
      plot.axes({ x: 6, y: 2, xLabel: t("distance"), yLabel: t("share of digits that are nearer") });
      const rise = scores.real.map((_, i) => i / (scores.real.length - 1));
      plot.line(scores.real, rise, c.real, { dash: [2, 4], width: 2.5 });
      plot.line(scores.generated, rise, c.generator);
      plot.segment(near.distance, 0, near.distance, 1, c.ink, { width: 1.5 });
    },
    frame: (ms) => {
      // there and back again, four seconds each way
      s.at += (up * (host.reducedMotion ? 500 : ms)) / 4000;
      if (s.at >= 1 || s.at <= 0) up = s.at < 1 ? 1 : -1;
    },
  };
}

defineView("latent", (host) => {
  let live: View | undefined;
  const wait = muted("p", t("The generator is being unpacked."));
  host.root.append(wait);
  fetched(host.options).then(Generator.open).then((generator) => {
    wait.remove();
    live = explorer(host, generator);
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
