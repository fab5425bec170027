/** A canvas with axes in data coordinates: sharp on every screen, touched by pointers and by the keyboard. */
import { clamp, h } from "./dom";
import type { Colours } from "./palette";
import { fmt } from "./strings";

type Numbers = ArrayLike<number>;
interface Stroke { width?: number; dash?: number[]; alpha?: number }

interface PlotOptions {
  /** What the picture shows, for those who do not see it. */
  label: string;
  height: number | ((width: number) => number);
  x: [number, number];
  y: [number, number];
  /** Room around the axes in CSS pixels: top, right, bottom, left. */
  pad?: [number, number, number, number];
}

interface Handle {
  label: string;
  at(): [number, number];
  /** Where the reader wants it, in data coordinates. */
  move(x: number, y: number): void;
  /** How far one arrow key goes; 0 locks the direction. */
  step: [number, number];
  colour(c: Colours): string;
  /** The state in words, such as "mean 1.5". */
  text(): string;
}

export class Plot {
  readonly el: HTMLElement;
  readonly canvas = h("canvas", { role: "img" });
  readonly ctx = this.canvas.getContext("2d")!;
  x: [number, number];
  y: [number, number];
  pad: [number, number, number, number];
  width = 0;
  height = 0;
  /** the room at the left that the plot was given: wide numbers take more */
  readonly #left: number;
  readonly #size = new ResizeObserver(() => {
    // laid out anew: a canvas drawn for another width would be squeezed, letters and all
    if (this.el.clientWidth !== this.width) this.el.dispatchEvent(new Event("resized", { bubbles: true }));
  });
  #handles: [Handle, HTMLElement][] = [];

  constructor(private options: PlotOptions, private colours: () => Colours) {
    this.x = options.x;
    this.y = options.y;
    this.pad = options.pad ?? [8, 8, 22, 30];
    this.canvas.setAttribute("aria-label", options.label);
    this.el = h("div", { className: "plot" }, this.canvas);
    this.#left = this.pad[3];
    this.#size.observe(this.el);
  }

  X = (v: number): number => this.pad[3] + ((v - this.x[0]) / (this.x[1] - this.x[0]))
    * (this.width - this.pad[1] - this.pad[3]);
  Y = (v: number): number => this.height - this.pad[2] - ((v - this.y[0]) / (this.y[1] - this.y[0]))
    * (this.height - this.pad[0] - this.pad[2]);
  /** From pixels of the canvas back to data. */
  inverse(px: number, py: number): [number, number] {
    const { pad, x, y, width, height } = this;
    return [
      x[0] + ((px - pad[3]) / (width - pad[1] - pad[3])) * (x[1] - x[0]),
      y[0] + ((height - pad[2] - py) / (height - pad[0] - pad[2])) * (y[1] - y[0]),
    ];
  }

  /**
   * Fits the canvas to its box and the screen's pixels, wipes it, and puts the handles in place. False: nothing to draw
   * on.
   */
  begin(): boolean {
    const width = this.el.clientWidth;
    if (!width) return false;
    const { height } = this.options;
    const tall = typeof height === "number" ? height : Math.round(height(width));
    const ratio = Math.min(3, devicePixelRatio || 1);
    if (width !== this.width || tall !== this.height || this.canvas.width !== Math.round(width * ratio)) {
      this.width = width;
      this.height = tall;
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(tall * ratio);
      this.canvas.style.height = tall + "px";
    }
    this.ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.ctx.clearRect(0, 0, width, tall);
    this.ctx.lineJoin = this.ctx.lineCap = "round";
    for (const [handle, knob] of this.#handles) this.#place(handle, knob);
    return true;
  }

  #pen(colour: string, { width = 2, dash = [], alpha = 1 }: Stroke = {}): void {
    const { ctx } = this;
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = width;
    ctx.globalAlpha = alpha;
    ctx.setLineDash(dash);
  }

  #path(xs: Numbers, ys: Numbers, count = xs.length): void {
    this.ctx.beginPath();
    for (let i = 0, down = false; i < count; i++) {
      const ok = Number.isFinite(ys[i]!);
      // A value far outside must not send the canvas miles away: that is slow on some machines.
      if (ok) this.ctx[down ? "lineTo" : "moveTo"](this.X(xs[i]!), clamp(this.Y(ys[i]!), -999, 9999));
      down = ok;
    }
  }

  #clip(draw: () => void): void {
    const { ctx, pad } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(pad[3] - 1, pad[0] - 1, this.width - pad[1] - pad[3] + 2, this.height - pad[0] - pad[2] + 2);
    ctx.clip();
    draw();
    ctx.restore();
  }

  line(xs: Numbers, ys: Numbers, colour: string, stroke?: Stroke, count?: number): void {
    this.#clip(() => {
      this.#pen(colour, stroke);
      this.#path(xs, ys, count);
      this.ctx.stroke();
    });
  }

  /** The area between a curve and `base`. */
  fill(xs: Numbers, ys: Numbers, colour: string, alpha = 0.15, base = 0, count = xs.length): void {
    if (!count) return;
    this.#clip(() => {
      this.#pen(colour, { alpha });
      this.#path(xs, ys, count);
      this.ctx.lineTo(this.X(xs[count - 1]!), this.Y(base));
      this.ctx.lineTo(this.X(xs[0]!), this.Y(base));
      this.ctx.fill();
    });
  }

  /** One straight line in data coordinates. */
  segment(x0: number, y0: number, x1: number, y1: number, colour: string, stroke?: Stroke): void {
    this.#pen(colour, stroke);
    this.ctx.beginPath();
    this.ctx.moveTo(this.X(x0), this.Y(y0));
    this.ctx.lineTo(this.X(x1), this.Y(y1));
    this.ctx.stroke();
  }

  /** A line with a head, in pixels of the canvas (use X and Y for data). */
  arrow(x0: number, y0: number, x1: number, y1: number, colour: string, stroke: Stroke = {}, head = 5): void {
    const { ctx } = this;
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!(length > 0.5)) return;
    const ux = (x1 - x0) / length, uy = (y1 - y0) / length, size = Math.min(head, length);
    this.#pen(colour, stroke);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1 - ux * size * 0.8, y1 - uy * size * 0.8);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x1 - ux * size - uy * size * 0.5, y1 - uy * size + ux * size * 0.5);
    ctx.lineTo(x1 - ux * size + uy * size * 0.5, y1 - uy * size - ux * size * 0.5);
    ctx.fill();
  }

  dot(x: number, y: number, radius: number, colour: string, alpha = 1): void {
    this.#pen(colour, { alpha });
    this.ctx.beginPath();
    this.ctx.arc(this.X(x), this.Y(y), radius, 0, 7);
    this.ctx.fill();
  }

  /** Samples as short strokes; `top` and `bottom` in pixels. */
  rug(values: Numbers, top: number, bottom: number, colour: string, alpha = 0.4, count = values.length): void {
    this.#pen(colour, { width: 1, alpha });
    this.ctx.beginPath();
    for (let i = 0; i < count; i++) {
      const v = values[i]!;
      if (v < this.x[0] || v > this.x[1]) continue;
      this.ctx.moveTo(this.X(v), top);
      this.ctx.lineTo(this.X(v), bottom);
    }
    this.ctx.stroke();
  }

  /**
   * Text at a pixel of the canvas, moved sideways where it would be cut off; `halo` is the colour to clear around it,
   * where lines pass below.
   */
  text(words: string, px: number, py: number, colour: string, align: CanvasTextAlign = "left", size = 12, style = "",
    halo = ""): void {
    const { ctx } = this;
    this.#pen(halo || colour, { width: 4 });
    ctx.font = `${style} ${size}px system-ui,sans-serif`;
    ctx.textAlign = align;
    const wide = ctx.measureText(words).width, before = { right: wide, center: wide / 2 }[align as string] ?? 0;
    const at = Math.max(before, Math.min(px, this.width - wide + before));
    if (halo) ctx.strokeText(words, at, py);
    ctx.fillStyle = colour;
    ctx.fillText(words, at, py);
  }

  /** How wide the widest of them is, set as numbers at an axis are. */
  #widest(words: string[]): number {
    this.ctx.font = TICK_FONT;
    return Math.max(0, ...words.map((word) => this.ctx.measureText(word).width));
  }

  /** Round numbers and how they are written, as many as have room side by side. */
  #across(most: number): [number, string][] {
    for (let count = most; ; count--) {
      const found = written(this.x, count);
      const gap = found.length > 1 ? this.X(found[1]![0]) - this.X(found[0]![0]) : Infinity;
      if (count < 2 || gap > this.#widest(found.map(([, words]) => words)) + 6) return found;
    }
  }

  /** Axis lines with round numbers; `ticks` is about how many. */
  axes(o: { x?: number; y?: number; grid?: boolean; xLabel?: string; yLabel?: string } = {}): void {
    const c = this.colours(), { pad } = this;
    const bottom = this.height - pad[2], up = o.y === 0 ? [] : upwards(this.y, o.y ?? 4);
    pad[3] = Math.max(this.#left, Math.ceil(this.#widest(up.map(([, words]) => words))) + 8);
    for (const [v, words] of up) {
      if (o.grid !== false) this.segment(this.x[0], v, this.x[1], v, c.grid, { width: 1 });
      this.text(words, pad[3] - 6, this.Y(v) + 4, c.muted, "right", TICK_SIZE);
    }
    for (const [v, words] of o.x === 0 ? [] : this.#across(o.x ?? 6)) {
      this.text(words, this.X(v), bottom + 14, c.muted, "center", TICK_SIZE);
    }
    this.segment(this.x[0], this.y[0], this.x[1], this.y[0], c.muted, { width: 1 });
    if (o.xLabel) {
      this.text(o.xLabel, this.width - pad[1], bottom + (pad[2] > 30 ? 29 : 14), c.ink, "right", 12, "italic");
    }
    if (o.yLabel) this.text(o.yLabel, pad[3], pad[0] - 6, c.ink, "left", 12, "italic");
  }

  /**
   * A pointer pressed, moved while down, and lifted over the picture, in data coordinates. A finger that goes up or
   * down scrolls the page: it counts when it is lifted where it was put, or has begun to go sideways. Only where
   * something is to be drawn (the class "draw") does every movement count.
   */
  onDrag(drag: (x: number, y: number, phase: "down" | "move" | "up") => void,
    wanted: () => boolean = () => true): void {
    let active = false, waiting: PointerEvent | undefined;
    this.canvas.classList.add("drag");
    const tell = (event: PointerEvent, phase: "down" | "move" | "up") => {
      const box = this.canvas.getBoundingClientRect();
      drag(...this.inverse(event.clientX - box.left, event.clientY - box.top), phase);
    };
    this.canvas.onpointerdown = (event) => {
      if (!wanted() || event.button) return;
      this.canvas.setPointerCapture(event.pointerId);
      event.preventDefault();
      if (event.pointerType === "touch" && !this.canvas.classList.contains("draw")) waiting = event;
      else begin(event);
    };
    const begin = (event: PointerEvent) => {
      active = true;
      waiting = undefined;
      tell(event, "down");
    };
    this.canvas.onpointermove = (event) => {
      if (waiting && Math.abs(event.clientX - waiting.clientX) > Math.max(SWIPE, Math.abs(event.clientY
        - waiting.clientY))) begin(waiting);
      if (active) tell(event, "move");
    };
    const end = (event: PointerEvent) => {
      if (active) tell(event, "up");
      active = false;
      waiting = undefined;
    };
    this.canvas.onpointercancel = end;
    this.canvas.onpointerup = (event) => {
      if (waiting) begin(waiting);
      end(event);
    };
  }

  /**
   * Something to take hold of: a knob over the picture, dragged by pointers, moved by arrow keys (x10 with Shift, or as
   * page up and down), and to the ends by Home and End.
   */
  addHandle(handle: Handle): HTMLElement {
    const knob = h("span", { className: "knob", tabIndex: 0, role: "slider", "aria-label": handle.label });
    const moved = (x: number, y: number) => {
      handle.move(clamp(x, ...this.x), clamp(y, ...this.y));
      this.#place(handle, knob);
    };
    // a finger going the way in which the handle cannot move scrolls the page
    knob.style.touchAction = handle.step[0] && handle.step[1] ? "none" : handle.step[0] ? "pan-y" : "pan-x";
    // taken beside its middle, it does not jump
    let off = [0, 0];
    knob.onpointerdown = (event) => {
      const box = knob.getBoundingClientRect();
      off = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      knob.setPointerCapture(event.pointerId);
      knob.focus();
      event.preventDefault();
    };
    knob.onpointermove = (event) => {
      if (!knob.hasPointerCapture(event.pointerId)) return;
      const box = this.canvas.getBoundingClientRect();
      const [x, y] = this.inverse(event.clientX - box.left - off[0]!, event.clientY - box.top - off[1]!),
        [x0, y0] = handle.at();
      moved(handle.step[0] ? x : x0, handle.step[1] ? y : y0);
    };
    knob.onkeydown = (event) => {
      const [dx, dy] = KEYS[event.key] ?? [0, 0], [x, y] = handle.at();
      const end = { Home: 0, End: 1 }[event.key] as 0 | 1 | undefined;
      if (!dx && !dy && end === undefined) return;
      event.preventDefault();
      if (end !== undefined) return handle.step[0] ? moved(this.x[end], y) : moved(x, this.y[end]);
      const by = event.shiftKey ? 10 : 1;
      // A handle that moves in one direction only takes both pairs of arrow keys, as a native slider does.
      const sx = handle.step[0] * (handle.step[1] ? dx : dx + dy),
        sy = handle.step[1] * (handle.step[0] ? dy : dx + dy);
      moved(x + sx * by, y + sy * by);
    };
    this.#handles.push([handle, knob]);
    this.el.append(knob);
    return knob;
  }

  #place(handle: Handle, knob: HTMLElement): void {
    const [x, y] = handle.at();
    knob.style.left = this.X(x) + "px";
    knob.style.top = this.Y(y) + "px";
    knob.style.setProperty("--knob", handle.colour(this.colours()));
    const [low, high] = handle.step[0] ? this.x : this.y;
    knob.setAttribute("aria-valuemin", low.toFixed(2));
    knob.setAttribute("aria-valuemax", high.toFixed(2));
    knob.setAttribute("aria-valuenow", (handle.step[0] ? x : y).toFixed(2));
    knob.setAttribute("aria-valuetext", handle.text());
  }
}

/** Where a key moves a handle, in steps. */
const KEYS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1],
  ArrowDown: [0, -1], PageUp: [0, 10], PageDown: [0, -10] };
/** Pixels that a finger must go before it drags. */
const SWIPE = 6;
const TICK_SIZE = 11;
const TICK_FONT = `${TICK_SIZE}px system-ui,sans-serif`;

/** The distance between about `count` round numbers inside a range. */
function stride([low, high]: [number, number], count: number): number {
  const rough = (high - low) / Math.max(1, count), power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((m) => m * power >= rough * 0.99) ?? 10);
}

/** About `count` round numbers inside a range. */
export function ticks(range: [number, number], count: number): number[] {
  const [low, high] = range, step = stride(range, count);
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) out.push(i * step);
  return out;
}

/** The same numbers with how they are written: as many digits after the point as tell one from the next. */
function written(range: [number, number], count: number): [number, string][] {
  const digits = clamp(-Math.floor(Math.log10(stride(range, count)) + 1e-9), 0, 9);
  return ticks(range, count).map((v) => [v, fmt(v, digits)]);
}

/** As many as are asked for, or more: one number alone is no scale. */
function upwards(range: [number, number], count: number): [number, string][] {
  const found = written(range, count);
  return found.length > 1 || count > 8 ? found : upwards(range, 2 * count);
}
