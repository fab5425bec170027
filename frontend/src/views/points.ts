/**
 * Points of the reader's own: drawn on the picture by mouse, finger or keyboard, pasted or uploaded as CSV; and as a
 * short code for links. A part of the playground, fetched when they are first wanted.
 */
import type { PlaneSpec } from "../engine/types";
import { DATA, Stream } from "../engine/views";
import { button, clamp, definePart, h, read, row, t, type Plot } from "../ui/index";

type Points = Extract<PlaneSpec, { name: "points" }>;
type Point = [number, number];

/** More than these would be slow to draw and no clearer; a code counts places along a side in two signs of base 36. */
const MOST_POINTS = 500;
const PLACES = 1296;

/** A step of 1, 2 or 5 times a power of ten with which all points fall on a grid of PLACES. */
function grid(points: readonly Point[]): { step: number; from: Point } {
  const side = [0, 1].map((k) => points.map((point) => point[k]!));
  const reach = Math.max(...side.map((values) => Math.max(...values) - Math.min(...values)), 1e-6) / (PLACES - 3),
    power = 10 ** Math.floor(Math.log10(reach));
  const step = Math.max(0.01, +(power * [1, 2, 5, 10].find((m) => m * power >= reach)!).toPrecision(1));
  return { step, from: side.map((values) => Math.floor(Math.min(...values) / step)) as Point };
}

const place = (i: number, step: number) => +(i * step).toPrecision(10);

/** The points moved to the grid of their code: a link brings back exactly these. */
function quantised(points: readonly Point[]): Point[] {
  const { step } = grid(points);
  return points.map((point) => point.map((v) => place(Math.round(v / step), step)) as Point);
}

/** "step,x,y,std," and four signs a point. */
function encode({ centres, std }: Points): string {
  const { step, from } = grid(centres);
  const sign = (v: number, k: number) => (Math.round(v / step) - from[k]!).toString(36).padStart(2, "0");
  return [step, ...from, std, centres.map((point) => point.map(sign).join("")).join("")].join();
}

function decode(code: string): Points {
  const [step, x, y, std, signs = ""] = code.split(",") as [string, string, string, string, string];
  if (!(+step > 0 && +std > 0) || !/^([0-9a-z]{4})+$/.test(signs)) {
    throw new Error(t("The points in this link are spoilt: copy the link once more."));
  }
  const at = (i: number, from: string) => place(+from + parseInt(signs.slice(i, i + 2), 36), +step);
  return { name: "points", centres: Array.from({ length: signs.length / 4 },
    (_, i): Point => [at(4 * i, x), at(4 * i + 2, y)]), std: +std };
}

/**
 * MOST_POINTS of them, in their order: chosen by chance, the same for the same seed. Every n-th point of a regular
 * table would show the n, not the table.
 */
function thin(points: Point[], seed = 0): Point[] {
  if (points.length <= MOST_POINTS) return points;
  const u = new Float64Array(points.length);
  new Stream(seed, DATA).fill(u, u.length);
  const chosen = [...u.keys()].sort((i, j) => u[i]! - u[j]!).slice(0, MOST_POINTS);
  return chosen.sort((i, j) => i - j).map((i) => points[i]!);
}

/** Two numbers a line, parted by commas, semicolons, tabs or spaces. Throws one sentence that names the line. */
function parseCsv(text: string): { centres: Point[]; words: string } {
  const points: Point[] = [];
  text.split(/\r\n?|\n/).forEach((line, i) => {
    if (!line.trim()) return;
    // 0,5;1,2 is how tables are saved where the comma is the decimal mark
    const fields = (/;/.test(line) ? line.replace(/,/g, ".").split(";")
      : line.trim().split(/\s*[,\t]\s*|\s+/)).map((field) => field.trim().replace(/^"(.*)"$/, "$1"));
    const numbers = fields.map(read);
    if (!i && fields.length === 2 && numbers.every(Number.isNaN)) return;
    if (fields.length !== 2 || !numbers.every(Number.isFinite)) {
      throw new Error(t("Line {0} is “{1}”: write two numbers on each line, such as 0.5, -1.2.", i + 1,
        line.trim().slice(0, 40)));
    }
    points.push(numbers as Point);
  });
  if (!points.length) {
    throw new Error(t("There are no points in this table: write two numbers on each line, such as 0.5, -1.2."));
  }
  const words = [t("{0} points.", points.length)];
  let centres = thin(points);
  if (centres !== points) {
    words.push(t("Every point counts little among so many: {0} of them, picked by chance, are the target. The same table gives the same ones.",
      MOST_POINTS));
  }
  const range = [0, 1].map((k) => centres.map((point) => point[k]!)).map((values) =>
    [Math.min(...values), Math.max(...values)] as const);
  const reach = Math.max(...range.map(([low, high]) => high - low)), far = Math.max(...range.flat().map(Math.abs));
  if (far > 5 || (reach > 0 && reach < 0.5)) {
    centres = centres.map((point) => point.map((v, k) =>
      (2.4 * (v - (range[k]![0] + range[k]![1]) / 2)) / (reach || 1)) as Point);
    words.push(t("They were moved and scaled to lie between −1.2 and 1.2, where small networks start."));
  }
  return { centres: quantised(centres), words: words.join(" ") };
}

/** A table of points, typed, pasted or uploaded; `use` gets them, `words` says what became of them. */
function table(use: (centres: Point[]) => void, words: HTMLElement): HTMLElement[] {
  const area = h("textarea", { rows: 4, placeholder: "0.5, -1.2\n-0.3, 0.8",
    "aria-label": t("Points as CSV, two numbers a line") });
  const take = (text: string) => {
    try {
      const { centres, words: told } = parseCsv(text);
      use(centres);
      words.textContent = told;
    } catch (error) {
      words.textContent = (error as Error).message + " " + t("The target is still the old one.");
    }
  };
  const file = h("input", { type: "file", accept: ".csv,.txt,text/*", "aria-label": t("Upload a CSV file") });
  file.onchange = async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    if (chosen.size > 5e6) words.textContent =
      t("This file has {0} MB: take one of at most 5 MB.", Math.round(chosen.size / 1e6));
    else take(await chosen.text());
    file.value = "";
  };
  return [area, row(button(t("Use this table"), () => take(area.value)), file)];
}

/** The reader's points begin with what was there. */
function begin(samples: Float64Array): Points {
  const centres = Array.from({ length: 60 }, (_, i): Point => [samples[2 * i]!, samples[2 * i + 1]!]);
  return { name: "points", centres: quantised(centres), std: 0.05 };
}

/** Drawing and uploading. `get` gives the present target, `put` a new one. `plot` is the main picture. */
function edit(plot: Plot, get: () => PlaneSpec, put: (spec: Points) => void, redraw: () => void) {
  let stroke: Point[] = [], strokes = 0, empty = false, pen: Point = [0, 0];
  const words = h("p", { className: "muted", role: "status" });
  const now = () => get() as Points;
  let shown = false;
  const add = (more: Point[]) => {
    const centres = thin([...(empty ? [] : now().centres), ...more], ++strokes);
    empty = false;
    put({ name: "points", centres: quantised(centres), std: now().std });
    words.textContent = t("{0} points.", centres.length);
  };
  const spaced = ([x, y]: Point, [a, b]: Point) => Math.hypot(x - a, y - b) > 0.025 * (plot.y[1] - plot.y[0]);
  plot.onDrag((x, y, phase) => {
    const point: Point = [clamp(x, ...plot.x), clamp(y, ...plot.y)];
    if (phase === "down") stroke = [point];
    else if (phase === "move" && spaced(point, stroke.at(-1)!)) stroke.push(point);
    else if (phase === "up") {
      add(stroke);
      stroke = [];
    }
    redraw();
  }, () => shown);
  const knob = plot.addHandle({
    label: t("Pen: Enter puts a point"),
    at: () => pen,
    get step(): [number, number] { return [(plot.x[1] - plot.x[0]) / 50, (plot.y[1] - plot.y[0]) / 50]; },
    move: (x, y) => { pen = [x, y]; },
    colour: (c) => c.real,
    text: () => pen.map((v) => v.toFixed(2)).join(", "),
  });
  knob.addEventListener("keydown", (event) => {
    if (!/^( |Enter)$/.test(event.key)) return;
    event.preventDefault();
    add([pen]);
  });
  const use = (centres: Point[]) => {
    empty = false;
    put({ name: "points", centres, std: now().name === "points" ? now().std : 0.05 });
  };
  const el: HTMLElement = h("div", null,
    h("p", { className: "muted" }, t("Draw on the picture with a mouse or a finger, or move the pen with the arrow keys and press Enter; or give a table.")),
    row(button(t("Remove last"), () => now().centres.length > 1
      && put({ ...now(), centres: now().centres.slice(0, -1) })),
      button(t("Start afresh"), () => {
        empty = true;
        words.textContent = t("The next point begins a new drawing.");
      })),
    ...table(use, words), words);
  return {
    el,
    begin,
    /** The stroke that is being drawn, flat. */
    stroke: () => stroke.flat(),
    show(on: boolean) {
      shown = on;
      knob.hidden = !on;
      plot.canvas.classList.toggle("draw", on);
    },
  };
}

const part = { edit, encode, decode };
definePart("points", part);
export type PointsPart = typeof part;
