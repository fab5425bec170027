import { h, type ViewHost } from "../ui/index";
import type { Run } from "../plane/index";
export interface Overview { el: HTMLElement; draw(): void; marks(): { real?: ArrayLike<number>; fake?: ArrayLike<number> } }
export function overview(_host: ViewHost, _run: Run, _act: { D(): void; G(): void; stop(): void }): Overview {
  return { el: h("div"), draw() {}, marks: () => ({}) };
}
