/** Bars that the reader draws: by dragging across them, by a tap, or with the arrow keys. */
import { clamp, h, t } from "../ui/index";

interface Bars { el: HTMLElement; heights(): number[]; set(heights: number[]): void }

const TOP = 10;

/** Heights are whole numbers from 0 to 10, because they can then be equal left and right. */
export function bars(label: string, low: number, high: number, count: number, changed: () => void): Bars {
  let heights = Array<number>(count).fill(0), before = heights;
  const width = (high - low) / count, edge = (i: number) => String(+(low + i * width).toFixed(3)).replace("-", "−");
  const all = heights.map((_, i) => h("div", { role: "slider", tabIndex: i ? -1 : 0, "aria-valuemin": 0,
    "aria-valuemax": TOP, "aria-label": t("{0}, from {1} to {2}", label, edge(i), edge(i + 1)) }));
  const show = () => all.forEach((one, i) => {
    one.setAttribute("aria-valuenow", String(heights[i]));
    one.style.setProperty("--height", String(heights[i]! / TOP));
  });
  const put = (i: number, height: number) => {
    heights = heights.map((old, j) => (i === j ? clamp(Math.round(height), 0, TOP) : old));
    show();
    changed();
  };
  const picture = h("div", { className: "gl-bars", role: "group", "aria-label": label }, ...all);
  const axis = h("div", { className: "gl-axis", "aria-hidden": true },
    ...[0, count / 2, count].map((i) => h("span", null, edge(i))));
  const draw = (event: PointerEvent) => {
    const box = picture.getBoundingClientRect(), at = (event.clientX - box.left) / box.width;
    put(clamp(Math.floor(at * count), 0, count - 1), TOP * (1 - (event.clientY - box.top) / box.height));
  };
  picture.onpointerdown = (event) => {
    before = heights;
    picture.setPointerCapture(event.pointerId);
    draw(event);
  };
  picture.onpointermove = (event) => picture.hasPointerCapture(event.pointerId) && draw(event);
  // the swipe was meant for the page
  picture.onpointercancel = () => {
    heights = before;
    show();
    changed();
  };
  picture.onkeydown = (event) => {
    const i = all.indexOf(event.target as HTMLDivElement), go = (j: number) => {
      const next = clamp(j, 0, count - 1);
      all[i]!.tabIndex = -1;
      all[next]!.tabIndex = 0;
      all[next]!.focus();
    };
    const keys: Record<string, () => void> = {
      ArrowUp: () => put(i, heights[i]! + 1), ArrowDown: () => put(i, heights[i]! - 1),
      PageUp: () => put(i, TOP), PageDown: () => put(i, 0),
      ArrowLeft: () => go(i - 1), ArrowRight: () => go(i + 1), Home: () => go(0), End: () => go(count - 1),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]!();
  };
  show();
  return {
    el: h("div", { className: "gl-drawing" }, picture, axis), heights: () => heights,
    set: (given) => {
      heights = all.map((_, i) => clamp(Math.round(given[i] ?? 0), 0, TOP));
      show();
    },
  };
}
