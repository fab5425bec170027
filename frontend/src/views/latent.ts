/**
 * The space of z, explored: a generator that was trained in PyTorch runs here, in this page. Its inputs as sliders, the
 * way between two picked points, A − B + C, what each input moves, and the training digit nearest to what it makes.
 */
import { createDistribution, Stream } from "../engine/views";
import { button, clamp, defineView, figure, fmt, h, keep, number, player, Plot, row, say, select, slider, t, type View, type ViewHost } from "../ui/index";
import { between, Generator, length, share, type Recorded } from "./latent-network";

const SAMPLES = 20, TILES = 9, LETTERS = "ABC", NOISE = 2, FIRST = 6;

type RGB = number[];
const rgb = (hex: string): RGB => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Values as a picture of `width` pixels a row at column `at` of the canvas: 0 is the first colour, 1 the second, −1 the third. */
function paint(canvas: HTMLCanvasElement, values: ArrayLike<number>, width: number, colours: RGB[], at = 0): void {
  const rows = values.length / width, pixels = new ImageData(width, rows);
  for (let i = 0; i < values.length; i++) {
    const v = clamp(values[i], -1, 1), to = colours[v < 0 ? 2 : 1], from = colours[0];
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = from[c] + (to[c] - from[c]) * Math.abs(v);
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(pixels, at * width, 0);
}

const picture = (width: number, height: number) =>
  h("canvas", { width, height, role: "img", style: "image-rendering:pixelated;border-radius:4px" });

/** The recorded generator: carried by the widget (in a notebook), or by a script beside the page. */
async function fetched(options: ViewHost["options"]): Promise<Recorded> {
  if (options.generator) return options.generator;
  if (!options.src) throw new Error(t("This explorer was given no generator: write widgets.latent(generator)."));
  const found = () => (globalThis as any).ganLabGenerators?.[options.key];
  if (!found()) {
    await new Promise((resolve) => document.head.append(h("script", { src: options.src, onload: resolve, onerror: resolve })));
  }
  if (!found()) throw new Error(t("The generator {0} could not be loaded: the folder recorded/ must lie beside the pages.", options.src));
  return found();
}

function explorer(host: ViewHost, G: Generator): View {
  const { scores, image: [, high, wide], recipe } = G.file, d = G.inputs;
  const normal = createDistribution({ name: "gaussian", mean: 0, std: 1 });
  /** Samples as gan_lab.random.PageStreams(seed) draws them, to two digits: what an address can carry is all there is. */
  const draw = (seed: number): number[][] => {
    const u = new Float64Array(SAMPLES * d);
    new Stream(seed, NOISE).fill(u, u.length);
    return Array.from({ length: SAMPLES }, (_, i) => Array.from({ length: d }, (_, j) => +normal.fromUniform(u, i * d + j).toFixed(2)));
  };
  const first = host.options.seed ?? 0, own = draw(first)[host.options.picks?.[0] ?? 0];
  const kept = keep(host, { mode: "point", seed: 0, picks: [0, 1, 2], at: 0.5, way: "straight", shrink: 1, input: 0, z: own }), s = kept.now;

  // -- what is shown
  let sheet: number[][] = [], sheetOf = -1, next = 0, strips = "", up = 1;
  const settle = () => {
    if (!MODES[s.mode]) s.mode = "point";
    if (!WAYS[s.way]) s.way = "straight";
    s.seed = clamp(Math.round(s.seed), 0, 1e6);
    s.picks = s.picks.map((i) => clamp(Math.round(i), 0, SAMPLES - 1));
    s.at = clamp(s.at, 0, 1);
    s.shrink = clamp(s.shrink, 0, 1.5);
    s.input = clamp(Math.round(s.input), 0, d);
    s.z = s.z.map((v) => clamp(v, -4, 4));
    if (sheetOf !== s.seed) sheet = draw((sheetOf = s.seed));
  };
  const point = (): number[] => {
    const [a, b, c] = s.picks.map((i) => sheet[i]);
    return s.mode === "walk" ? between(a, b, s.at, s.way) : s.mode === "sum" ? a.map((v, i) => v - b[i] + c[i]) : s.z;
  };
  const shrunk = (z: number[]) => z.map((v) => v * s.shrink);
  const changed = (): void => host.changed();

  // -- the parts
  const MODES: Record<string, string> = { point: t("one point"), walk: t("walk from A to B"), sum: t("A − B + C") };
  const WAYS: Record<string, string> = { straight: t("straight line"), great_circle: t("great circle") };
  const mode = select(t("Explore"), MODES, s.mode, (v) => {
    film.play(false);
    s.z = point().map((x) => +clamp(x, -4, 4).toFixed(2));
    s.mode = v;
    next = 0;
    changed();
  });
  const reseed = (seed: number) => {
    s.seed = seed;
    settle();
    s.z = sheet[s.picks[0]];
    changed();
  };
  const seed = number(t("Seed"), { min: 0, max: 1e6, value: s.seed }, reseed);
  const shrink = slider(t("shrink z by ψ"), { min: 0, max: 1.5, step: 0.05, value: s.shrink, format: (v) => fmt(v) }, (v) => {
    s.shrink = v;
    changed();
  });
  const slots = [...LETTERS].map((_, i) => button("", () => {
    next = i;
    changed();
  }));
  const pick = (slot: number, i: number) => {
    if (s.mode === "point") s.z = sheet[i];
    s.picks = s.picks.map((old, k) => (k === (s.mode === "point" ? 0 : slot) ? i : old));
    next = s.mode === "point" ? 0 : (slot + 1) % (s.mode === "walk" ? 2 : 3);
    changed();
  };
  const samples = Array.from({ length: SAMPLES }, (_, i) => {
    const canvas = picture(wide, high), mark = h("b", { style: "position:absolute;right:3px;bottom:0;color:var(--discriminator)" });
    const el = h("button", { type: "button", style: "padding:2px;position:relative", onclick: () => pick(next, i) }, canvas, mark);
    el.onkeydown = (event) => {
      const slot = LETTERS.indexOf(event.key.toUpperCase());
      if (slot >= 0) pick(slot, i);
    };
    return { el, canvas, mark };
  });
  const film = player(host, { speed: "4", speeds: { 2: t("2 s a way"), 4: t("4 s a way"), 10: t("10 s a way") }, toggled: (on) => {
    if (!on) changed();
  } });
  const way = select(t("Way"), WAYS, s.way, (v) => {
    s.way = v;
    changed();
  });
  const at = slider(t("from A to B"), { min: 0, max: 1, step: 0.01, value: s.at, format: (v) => fmt(v) }, (v) => {
    film.play(false);
    s.at = v;
    changed();
  });
  const strip = Object.keys(WAYS).map((name) => {
    const canvas = picture(wide * TILES, high), words = h("p", { className: "muted" });
    canvas.onclick = (event) => {
      film.play(false);
      s.way = name;
      s.at = Math.min(TILES - 1, Math.floor((event.offsetX / canvas.clientWidth) * TILES)) / (TILES - 1);
      changed();
    };
    return { name, canvas, words, el: h("div", null, words, canvas) };
  });
  const walk = h("div", null, film.el, h("div", { className: "fields" }, way.el, at.el), ...strip.map((one) => one.el));
  const made = picture(wide, high), known = picture(...G.half), moves = picture(wide, high);
  const knownWords = h("figcaption", { className: "muted" }), distance = figure(), nearer = figure(), size = figure();
  const shown = (canvas: HTMLCanvasElement, ...words: (Node | string)[]) =>
    h("figure", { style: "margin:0;flex:1;min-width:0;max-width:224px" }, canvas, ...words.map((w) => (w instanceof Node ? w : h("figcaption", { className: "muted" }, w))));
  const input = select(t("Where the pixels move with"), Object.fromEntries([t("all inputs"), ...scores.sensitivity.map((_, j) => `z${j + 1}`)].map((name, j) => [j, name])),
    String(s.input) as never, (v) => {
      s.input = +v;
      changed();
    });
  const inputs = scores.sensitivity.map((_, j) => {
    const control = slider(`z${j + 1}`, { min: -4, max: 4, step: 0.05, value: 0, format: (v) => fmt(v) }, (v) => {
      film.play(false);
      s.z = point().map((x, i) => +clamp(i === j ? v : x, -4, 4).toFixed(2));
      s.mode = "point";
      changed();
    });
    const bar = h("i", { style: "grid-column:1/3;height:5px;background:var(--gradient);border-radius:2px" }), moved = figure();
    control.el.append(h("small", { className: "muted", style: "grid-column:1/3" }, t("moves the picture by "), moved.el), bar);
    control.el.addEventListener("focusin", () => {
      if (s.input && s.input !== j + 1) {
        s.input = j + 1;
        changed();
      }
    });
    return { ...control, bar, moved, order: scores.sensitivity[j] };
  });
  const ranked = [...inputs].sort((a, b) => b.order - a.order).map((one) => one.el);
  const verdict = h("p");
  const plot = new Plot({ label: t("How far digits are from the nearest training digit: real ones from the nearest other one, generated ones, and this one"),
    x: [0, Math.ceil(Math.max(scores.real.at(-2)!, scores.generated.at(-2)!) + 1)], y: [0, 1],
    height: (w) => clamp(w * 0.4, 130, 200), pad: [20, 10, 36, 34] }, host.colours);
  const key = (actor: string, kind: string, words: string) =>
    h("span", { className: "key" }, h("i", { className: kind, style: `color:var(--${actor})` }), words);
  const made_ = (name: string, value: Node | string) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, value));
  const minutes = G.file.seconds === null ? "" : t(", in {0} min", fmt(G.file.seconds / 60, 0));
  const slotRow = row(...slots);
  host.root.append(
    row(h("span", { className: "badge recorded" }, t("recorded weights")), t("trained in PyTorch, played here: {0} inputs, {1} × {2} pixels", d, wide, high)),
    row(mode.el, seed.el, button(t("New samples"), () => reseed(s.seed + 1))), slotRow,
    h("div", { style: "display:grid;grid-template-columns:repeat(auto-fill,minmax(58px,1fr));gap:5px", role: "group", "aria-label": t("Samples to pick") }, ...samples.map((one) => one.el)),
    walk,
    h("div", { style: "display:flex;gap:12px;margin:10px 0" }, shown(made, t("generated")), shown(known, knownWords), shown(moves, t("where it moves"))),
    verdict,
    h("div", { className: "fields" }, shrink.el, input.el),
    h("dl", null, ...[[t("distance"), distance.el], [t("real digits with a nearer neighbour, %"), nearer.el], [t("length of z"), size.el]].map(([name, el]) =>
      h("div", null, h("dt", null, name), h("dd", null, el)))),
    h("details", { open: true }, h("summary", null, t("The inputs that move it most")), h("div", { className: "fields" }, ...ranked.slice(0, FIRST))),
    h("details", null, h("summary", null, t("The other inputs")), h("div", { className: "fields" }, ...ranked.slice(FIRST))),
    h("details", { ontoggle: () => host.changed(true) }, h("summary", null, t("Does it copy?")),
      h("div", { className: "legend" }, key("real", "dots", t("real digits, to the nearest other one")), key("generator", "", t("1,000 generated digits")), key("ink", "", t("this one"))),
      plot.el, h("p", { className: "muted" }, t("A copy would lie at 0. In {0} % of all pairs the generated digit is nearer to the training digits than the real one is.", fmt(100 * scores.closeness, 0)))),
    h("details", null, h("summary", null, t("How it was recorded")), h("table", { className: "made" }, h("tbody", null,
      made_(t("trained"), t("{0} on {1}: {2} steps, batch {3}, seed {4}", recipe.system, [recipe.data.name, recipe.data.source ?? ""].join(" "), recipe.steps, recipe.batch, recipe.seed)),
      made_(t("when"), G.file.date.slice(0, 16).replace("T", " ") + " UTC" + minutes), made_(t("on"), G.file.hardware.cpu),
      made_(t("with"), `PyTorch ${G.file.versions.torch}, gan_lab ${G.file.versions.commit ?? G.file.versions.gan_lab}`),
      made_(t("command"), h("code", null, G.file.command)),
      made_(t("rounded"), t("weights of 6 bits: {0} dB beside the network that was trained", fmt(scores.psnr, 0)))))));

  // -- drawing
  let near = { index: 0, distance: 0, label: 0 }, strongest = 0, painted = "";
  const digit = () => near.label;
  const describe = () => [
    s.mode === "walk" ? t("Walk from A, sample {0}, to B, sample {1}, by the {2}, at {3}. ", s.picks[0] + 1, s.picks[1] + 1, WAYS[s.way], fmt(s.at))
      : s.mode === "sum" ? t("A − B + C of the samples {0}, {1} and {2}. ", ...s.picks.map((i) => i + 1)) : t("One point. "),
    t("The generated digit is nearest to a training {0}, at distance {1}. ", digit(), fmt(near.distance)),
    t("The input that moves it most here is z{0}.", strongest + 1)].join("");
  const sheets = (c: RGB[]) => samples.forEach((one, i) => {
    const image = G.image(shrunk(sheet[i]));
    paint(one.canvas, image.map((v) => (v + 1) / 2), wide, c);
    const name = t("Sample {0}, like a {1}", i + 1, G.nearest(image).label);
    one.el.setAttribute("aria-label", name);
    one.el.title = name;
  });
  const marks = () => {
    const count = s.mode === "point" ? 1 : s.mode === "walk" ? 2 : 3;
    samples.forEach((one, i) => {
      const letters = s.mode === "point" ? "" : [...LETTERS].filter((_, k) => k < count && s.picks[k] === i).join("");
      say(one.mark, letters);
      one.el.setAttribute("aria-pressed", String(s.mode === "point" ? String(s.z) === String(sheet[i]) : letters !== ""));
    });
    slots.forEach((slot, i) => {
      say(slot, t("{0} is sample {1}", LETTERS[i], s.picks[i] + 1));
      slot.hidden = i >= count;
      slot.setAttribute("aria-pressed", String(i === next));
    });
    slotRow.hidden = s.mode === "point";
    walk.hidden = s.mode !== "walk";
  };
  const drawStrips = (c: RGB[]) => {
    const [a, b] = s.picks.map((i) => sheet[i]);
    for (const one of strip) {
      for (let i = 0; i < TILES; i++) {
        paint(one.canvas, G.image(shrunk(between(a, b, i / (TILES - 1), one.name))).map((v) => (v + 1) / 2), wide, c, i);
      }
      const words = t("{0}: length of z {1}, halfway {2}, at the end {3}", WAYS[one.name], fmt(length(a), 1), fmt(length(between(a, b, 0.5, one.name)), 1), fmt(length(b), 1));
      say(one.words, words);
      one.canvas.setAttribute("aria-label", t("Nine pictures from A to B. ") + words);
    }
  };
  const drawMoves = (z: number[], c: RGB[]) => {
    const J = G.jacobian(z), norms = new Float64Array(d), total = new Float64Array(wide * high);
    for (let k = 0; k < J.length; k++) norms[k % d] += J[k] * J[k];
    const root = norms.map(Math.sqrt), most = Math.max(...root) || 1;
    strongest = root.indexOf(Math.max(...root));
    inputs.forEach((one, j) => {
      one.moved.set(root[j], 2);
      one.bar.style.width = (100 * root[j]) / most + "%";
    });
    for (let k = 0; k < total.length; k++) {
      total[k] = s.input ? J[k * d + s.input - 1] : Math.hypot(...J.subarray(k * d, k * d + d));
    }
    const scale = total.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-9);
    paint(moves, total.map((v) => v / scale), wide, c);
    moves.setAttribute("aria-label", s.input ? t("Where z{0} adds ink, and where it takes ink away", s.input) : t("Where the pixels move most"));
  };
  return {
    describe, state: kept.state,
    restore: (saved) => {
      kept.restore(saved);
      film.play(false);
      host.changed(true);
    },
    draw: () => {
      settle();
      const c = host.colours(), paper = rgb(c.paper), ink = [paper, rgb(c.generator), paper], z = point(), used = shrunk(z);
      const look = c.paper + s.shrink + "/" + s.seed;
      if (look !== painted) {
        painted = look;
        sheets(ink);
      }
      marks();
      if (s.mode === "walk" && strips !== (strips = look + s.picks)) drawStrips(ink);
      mode.set(s.mode);
      seed.set(s.seed);
      shrink.set(s.shrink);
      way.set(s.way);
      at.set(s.at);
      input.set(String(s.input) as never);
      inputs.forEach((one, j) => one.set(+z[j].toFixed(2)));
      drawMoves(used, [paper, rgb(c.gradient), rgb(c.violet)]);
      const image = G.image(used);
      near = G.nearest(image);
      paint(made, image.map((v) => (v + 1) / 2), wide, ink);
      made.setAttribute("aria-label", t("The generated digit"));
      paint(known, Array.from(G.known(near.index), (v) => (v + 1) / 2), G.half[0], [paper, rgb(c.real), paper]);
      known.setAttribute("aria-label", t("The nearest of {0} training digits, a {1}", G.file.bank, digit()));
      say(knownWords, t("nearest training digit, a {0}", digit()));
      const part = share(scores.real, near.distance);
      distance.set(near.distance, 2);
      nearer.set(100 * part, 1);
      size.set(length(used), 2);
      say(verdict, part < 0.01 ? t("Nearer to a training digit than real digits are to each other: a copy?")
        : part > 0.99 ? t("Farther from every training digit than real digits are: the generator has strayed.")
        : t("No copy: {0} % of the real digits have a nearer neighbour than this one has.", fmt(100 * part, 0)));
      if (!plot.begin()) return;
      plot.axes({ x: 6, y: 2, xLabel: t("distance to the nearest training digit"), yLabel: t("share of digits nearer than that") });
      const rise = (q: number[]) => q.map((_, i) => i / (q.length - 1));
      plot.line(scores.real, rise(scores.real), c.real, { dash: [2, 4], width: 2.5 });
      plot.line(scores.generated, rise(scores.generated), c.generator);
      plot.segment(near.distance, 0, near.distance, 1, c.ink, { width: 1.5 });
    },
    frame: (ms) => {
      // there and back again
      s.at += (up * (host.reducedMotion ? 700 : ms)) / 1000 / film.speed;
      if (s.at >= 1 || s.at <= 0) up = s.at >= 1 ? -1 : 1;
      s.at = clamp(s.at, 0, 1);
    },
    destroy: () => film.play(false),
  };
}

defineView("latent", (host) => {
  let live: View | undefined;
  const wait = h("p", { className: "muted" }, t("The generator is being unpacked."));
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
    state: () => live?.state() ?? host.saved ?? {},
    draw: () => live?.draw(),
    frame: (ms) => live?.frame!(ms),
    restore: (saved) => live?.restore!(saved),
  };
});
