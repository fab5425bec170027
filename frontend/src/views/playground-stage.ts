/**
 * What makes the playground a stage: the targets as pictures to choose from, and, at the head of a page, one plain
 * sentence in place of charts.
 */
import { createPlane, DATA, sample, Stream } from "../engine/views";
import type { PlaneSpec } from "../engine/types";
import {
  kindOf, targetNames, TARGETS, type Editor, type Kind, type Run, type Spec, type Tree,
} from "../plane/index";
import { h, t, wear, type ViewHost } from "../ui/index";
import css from "./playground-stage.css";

/** How many of a target's samples are in its picture. */
const DOTS = 120;
/** Milliseconds that a sentence stays, so that it can be read. */
const DWELL = 1500;

/** What only this view wears. */
export const dress = (host: ViewHost) => wear(host, css);

/** Each target is a radio button that looks like its samples: one stop of the keyboard, arrows choose. */
export function targetPictures(change: (part: Tree) => void, own: () => void): Editor {
  const entries = Object.entries(targetNames()).map(([key, words]) => {
    const kind = key as Kind, picture = h("span");
    const input = h("input", { type: "radio", name: "target", className: "off", "aria-label": words,
      onchange: () => (kind === "points" ? own() : change({ target: TARGETS[kind] })) });
    picture.append(thumbnail(TARGETS[kind]));
    return { kind, picture, input, el: h("label", { title: words }, input, picture, h("span", null, words)) };
  });
  return {
    el: h("div", { className: "pictures", role: "radiogroup", "aria-label": t("The data to learn") },
      ...entries.map(({ el }) => el)),
    show({ target }: Spec) {
      for (const { kind, picture, input } of entries) {
        input.checked = kind === kindOf(target as PlaneSpec);
        picture.replaceChildren(thumbnail(input.checked ? target as PlaneSpec : TARGETS[kind]));
      }
    },
  };
}

/** Samples as dots of one path, each a line of no length. */
function dotted(spec: PlaneSpec): string {
  const plane = createPlane(spec), points = sample(plane, DOTS, new Stream(0, DATA)), [x0, x1, y0, y1] = plane.box;
  const scale = 38 / Math.max(x1 - x0, y1 - y0), at = (v: number, low: number, high: number) =>
    ((v - (low + high) / 2) * scale).toFixed(1);
  let d = "";
  for (let i = 0; i < points.length; i += 2) d += `M${at(points[i]!, x0, x1)} ${at(-points[i + 1]!, -y0, -y1)}h0`;
  return d;
}

/** A plus for points that are not there yet, nothing for a target that cannot be. */
function thumbnail(spec: PlaneSpec): SVGElement {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name)) as
    [SVGElement, SVGElement];
  svg.setAttribute("viewBox", "-22 -22 44 44");
  svg.append(path);
  try {
    path.setAttribute("d", spec.name === "points" && !spec.centres.length ? "M-9 0H9M0 -9V9" : dotted(spec));
  } catch { /* the desk says what is wrong with it */ }
  return svg;
}

/** A sentence for those who meet a GAN for the first time, with numbers measured on samples that nobody trained on. */
export function plainWords(host: ViewHost, run: Run): { el: HTMLElement; draw(): void } {
  const el = h("p", { className: "plain" });
  let said = -Infinity;
  return {
    el,
    draw() {
      const { engine, picture: { real, scored }, scores } = run, now = performance.now();
      if (!engine || (host.running && now - said < DWELL)) return;
      said = now;
      let right = 0;
      for (const s of engine.score(real)) if (s > 0) right++;
      for (const s of engine.score(scored)) if (s <= 0) right++;
      const share = Math.round((200 * right) / (real.length + scored.length));
      const inside = Math.round(100 * (scores?.highQuality ?? NaN));
      el.textContent = t("After {0} steps, {1} of 100 made dots lie inside a clump of real ones, and the critic is right in {2} of 100 cases. (A coin would be right in 50.)",
        run.steps, inside, share);
    },
  };
}
