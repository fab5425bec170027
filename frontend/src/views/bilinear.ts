/**
 * Two players on V(x, y) = x y + c (x² − y²) / 2: x walks downhill, y uphill, in five ways to take a step. What each
 * way does to the distance from the saddle point is measured and set beside the exact factor.
 */
import { clamp, defineView, figure, fmt, h, keep, player, Plot, say, slider, t, type Actor } from "../ui/index";

type Z = [number, number];

/** Letter in pictures and addresses, name, colour: none of the players', who are x and y here. */
const METHODS: [string, string, Actor][] = [
  ["S", "simultaneous", "ochre"], ["A", "alternating", "ink"], ["E", "extragradient", "violet"],
  ["O", "optimistic", "real"], ["P", "proximal", "muted"],
];
const MOST = 400;

const field = (c: number, [x, y]: Z): Z => [-c * x - y, x - c * y];
const plus = ([x, y]: Z, by: number, [u, v]: Z): Z => [x + by * u, y + by * v];

/** The states z_0 ... z_steps. */
function walk(letter: string, start: Z, eta: number, c: number, steps: number): Z[] {
  let memory = field(c, start);
  const next = (z: Z): Z => {
    const F = field(c, z);
    if (letter === "A") {
      const x = z[0] + eta * F[0];
      return [x, z[1] + eta * field(c, [x, z[1]])[1]];
    }
    if (letter === "E") return plus(z, eta, field(c, plus(z, eta, F)));
    if (letter === "O") {
      const before = memory;
      memory = F;
      return plus(plus(z, 2 * eta, F), -eta, before);
    }
    if (letter === "P") {
      // z+ = z + eta F(z+), and F is linear
      const a = 1 + eta * c, d = a * a + eta * eta;
      return [(a * z[0] - eta * z[1]) / d, (eta * z[0] + a * z[1]) / d];
    }
    return plus(z, eta, F);
  };
  const path = [start];
  for (let i = 0; i < steps; i++) path.push(next(path[i]));
  return path;
}

/**
 * The factor per step of the squared distance in the long run: the squared spectral radius of one step. With z = x + iy
 * the field is F(z) = m z, m = −c + i; only the alternating step is no complex multiplication.
 */
function exactRate(letter: string, h: number, c: number): number {
  const a = 1 - h * c;
  if (letter === "S") return a * a + h * h;
  if (letter === "P") return 1 / ((1 + h * c) ** 2 + h * h);
  if (letter === "E") return (a + h * h * (c * c - 1)) ** 2 + (h - 2 * h * h * c) ** 2;
  if (letter === "A") {
    const trace = 2 * a - h * h, gap = trace * trace - 4 * a * a;
    return gap > 0 ? ((Math.abs(trace) + Math.sqrt(gap)) / 2) ** 2 : a * a;
  }
  // roots of r² − (1 + 2hm) r + hm = 0
  const re = 1 + 4 * h * h * (c * c - 1), im = -8 * h * h * c, size = Math.hypot(re, im);
  const u = Math.sqrt(Math.max(0, size + re) / 2), v = Math.sign(im || 1) * Math.sqrt(Math.max(0, size - re) / 2);
  return Math.max(...[1, -1].map((s) => ((1 - 2 * h * c + s * u) ** 2 + (2 * h + s * v) ** 2) / 4));
}

/** The measured factor, over the second half of the walk. */
function measured(path: Z[]): number {
  const end = path.length - 1, middle = path.length >> 1;
  return end > middle ? (Math.hypot(...path[end]) / Math.hypot(...path[middle])) ** (2 / (end - middle)) : NaN;
}

defineView("bilinear", (host) => {
  const kept = keep(host, { eta: 0.2, curvature: 0, start: [1, 0.6] as Z, methods: "SAE", steps: 0 }), s = kept.now;
  let key = "", paths: Z[][] = [], debt = 0;
  const walks = () => {
    s.eta = clamp(s.eta, 0.01, 1);
    s.curvature = clamp(s.curvature, 0, 1);
    s.steps = clamp(Math.round(s.steps), 0, MOST);
    const now = JSON.stringify(s);
    if (now !== key) paths = METHODS.map(([m]) => (s.methods.includes(m) ? walk(m, s.start, s.eta, s.curvature, s.steps) : []));
    key = now;
    return paths;
  };

  const plane = new Plot({ label: t("The field of both players' gradients, and the ways they take"), x: [-2, 2], y: [-2, 2],
    height: (w) => Math.min(w + 20, 400), pad: [18, 8, 36, 26] }, host.colours);
  const time = new Plot({ label: t("Distance from the saddle point, step by step"), x: [0, 50], y: [-3, 1],
    height: (w) => Math.min(w * 0.5, 190), pad: [18, 22, 36, 30] }, host.colours);
  const move = (x: number, y: number) => {
    s.start = [+clamp(x, ...plane.x).toFixed(2), +clamp(y, ...plane.y).toFixed(2)];
    host.changed();
  };
  plane.addHandle({ label: t("Where both start"), at: () => s.start, move, step: [0.05, 0.05], colour: (c) => c.ink,
    text: () => `x ${fmt(s.start[0])}, y ${fmt(s.start[1])}` });
  plane.onDrag(move);

  const eta = slider(t("step size η"), { min: 0.01, max: 1, step: 0.01, value: s.eta }, (v) => {
    s.eta = v;
    host.changed();
  });
  const curvature = slider(t("curvature c"), { min: 0, max: 1, step: 0.05, value: s.curvature }, (v) => {
    s.curvature = v;
    host.changed();
  });
  const rows = METHODS.map(([letter, name, actor]) => {
    const box = h("input", { type: "checkbox", onchange: () => {
      s.methods = METHODS.map(([m], i) => (rows[i].box.checked ? m : "")).join("");
      host.changed();
    } });
    const cells = [figure(), figure(), figure()];
    const el = h("tr", null,
      h("th", { scope: "row" }, h("label", null, box, h("b", { style: `color:var(--${actor})` }, ` ${letter} `), t(name))),
      ...cells.map((cell) => h("td", null, cell.el)));
    return { box, cells, el };
  });
  const note = h("p");
  const go = (by: number) => {
    s.steps = Math.min(MOST, s.steps + by);
    if (s.steps === MOST && host.running) film.play(false);
  };
  const film = player(host, { steps: [[t("Step"), () => go(1)]], reset: () => (s.steps = 0), speed: "10",
    speeds: { 3: t("{0} steps a second", 3), 10: t("{0} steps a second", 10), 40: t("{0} steps a second", 40) },
    toggled: (on) => {
      if (on && s.steps === MOST) s.steps = 0;
      if (!on) host.changed();
    } });
  const show = () => {
    eta.set(s.eta);
    curvature.set(s.curvature);
    rows.forEach(({ box }, i) => (box.checked = s.methods.includes(METHODS[i][0])));
  };
  show();
  host.root.append(film.el,
    h("div", { className: "pair" }, plane.el, h("div", null,
      h("div", { className: "fields" }, eta.el, curvature.el),
      h("table", null, h("tr", null, ...["method", "distance", "measured", "exact"].map((head) => h("th", { scope: "col" }, t(head)))),
        ...rows.map((r) => r.el)),
      h("p", { className: "muted" }, t("measured, exact: the factor by which one step changes the squared distance")),
      time.el)), note);

  const fates = () => METHODS.filter(([letter]) => s.methods.includes(letter)).map(([letter, name]) => {
    const rate = exactRate(letter, s.eta, s.curvature) - 1;
    return `${t(name)}: ${rate > 1e-9 ? t("moves away") : rate < -1e-9 ? t("comes closer") : t("circles for ever")}`;
  }).join(" · ");
  const describe = () => t("V = xy + {0}(x² − y²)/2, step size {1}, start ({2}, {3}), step {4}. ", fmt(s.curvature), fmt(s.eta),
    fmt(s.start[0]), fmt(s.start[1]), s.steps) + (s.steps ? fates() : "");

  const drawPlane = () => {
    if (!plane.begin()) return;
    const c = host.colours(), half = (2 * (plane.width - 34)) / (plane.height - 54);
    plane.x = [-half, half];
    plane.begin();
    plane.axes({ x: 4, y: 4, xLabel: t("x minimises V"), yLabel: t("y maximises V") });
    const gap = 0.36;
    for (let i = Math.ceil(-half / gap); i * gap < half; i++) for (let j = -5; j < 6; j++) {
      const [u, v] = field(s.curvature, [i * gap, j * gap]), X = plane.X(i * gap), Y = plane.Y(j * gap);
      plane.arrow(X - u * 4, Y + v * 4, X + u * 4, Y - v * 4, c.muted, { width: 1, alpha: 0.45 }, 4);
    }
    walks().forEach((path, m) => {
      // far outside there is nothing to see, and lines miles long are slow
      const out = path.findIndex((z) => Math.hypot(...z) > 9), count = out < 0 ? path.length : out;
      const colour = c[METHODS[m][2]];
      plane.line(path.map((z) => z[0]), path.map((z) => z[1]), colour, { width: 1.6 }, count);
      if (path.length < 60) for (const z of path.slice(1, count)) if (Math.abs(z[0]) < half && Math.abs(z[1]) < 2) plane.dot(...z, 2, colour);
      const z = path[path.length - 1];
      if (!z || !s.steps || Math.abs(z[0]) > half || Math.abs(z[1]) > 2) return;
      plane.dot(...z, 8, colour);
      plane.text(METHODS[m][0], plane.X(z[0]), plane.Y(z[1]) + 4, c.paper, "center", 11, "bold");
    });
  };
  const drawTime = () => {
    time.x = [0, Math.max(50, s.steps)];
    if (!time.begin()) return;
    const c = host.colours();
    time.axes({ x: 5, y: 4, xLabel: t("step"), yLabel: t("log₁₀ distance") });
    walks().forEach((path, m) => {
      if (!path.length) return;
      const logs = path.map((z) => Math.log10(Math.hypot(...z)));
      time.line(path.map((_, i) => i), logs, c[METHODS[m][2]], { width: 1.8 });
      const last = clamp(logs[s.steps], ...time.y);
      time.text(METHODS[m][0], time.X(s.steps) + 4, time.Y(last) + 4, c[METHODS[m][2]], "left", 11, "bold");
    });
  };
  return {
    describe,
    state: kept.state,
    restore: (saved) => {
      kept.restore(saved);
      show();
      host.changed(true);
    },
    draw: () => {
      drawPlane();
      drawTime();
      walks().forEach((path, i) => {
        const on = path.length > 0, [letter] = METHODS[i], [distance, factor, exact] = rows[i].cells;
        distance.set(on ? Math.hypot(...path[s.steps]) : NaN);
        factor.set(measured(path), 4);
        // what the reader is asked to predict is not given away before the first step
        exact.set(s.steps ? exactRate(letter, s.eta, s.curvature) : NaN, 4);
      });
      say(note, t("Step {0}. ", s.steps) + (s.steps ? fates() : ""));
    },
    frame: (ms) => {
      // with reduced motion frames are few, and each one takes its steps at once
      debt += host.reducedMotion ? Math.max(1, film.speed * 0.7) : (ms * film.speed) / 1000;
      const whole = Math.floor(debt);
      debt -= whole;
      if (whole) go(whole);
      return whole > 0;
    },
  };
});
