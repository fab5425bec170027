/**
 * Two players on V(x, y) = x y + c (x² − y²) / 2: x walks downhill, y uphill, in five ways to take a step. What each
 * way does to the distance from the saddle point is measured and set beside the exact factor.
 */
import { clamp, defineView, fmt, h, keep, say, slider, t } from "../ui/index";
import { arena } from "./saddle-arena";
import { quadratic, type Z } from "./saddle-games";
import { FIVE, type Rule } from "./saddle-methods";

const MOST = 400;

defineView("bilinear", (host) => {
  const kept = keep(host, { eta: 0.2, curvature: 0, start: [1, 0.6] as Z, methods: "SAE", steps: 0 }), s = kept.now;
  const scene = () => {
    s.eta = clamp(s.eta, 0.01, 1);
    s.curvature = clamp(s.curvature, 0, 1);
    s.steps = clamp(Math.round(s.steps), 0, MOST);
    return { game: quadratic(1, s.curvature, s.curvature), rule: { eta: [s.eta, s.eta] } as Rule, offer: "SAEOP",
      middle: [0, 0] as Z, reach: 2,
      labels: [t("x minimises V"), t("y maximises V")] as [string, string], key: `${s.eta} ${s.curvature} ${s.start}` };
  };
  // what the reader is asked to predict is not given away before the first step
  const ring = arena(host, s, scene, { most: MOST, methods: FIVE, told: () => s.steps > 0,
    fates: ["{0}: moves away", "{0}: comes closer", "{0}: circles for ever"] });
  const eta = slider(t("step size η"), { min: 0.01, max: 1, step: 0.01, value: s.eta }, (v) => {
    s.eta = v;
    host.changed();
  });
  const curvature = slider(t("curvature c"), { min: 0, max: 1, step: 0.05, value: s.curvature }, (v) => {
    s.curvature = v;
    host.changed();
  });
  const note = h("p");
  host.root.append(ring.film.el, h("div", { className: "pair" }, ring.plane.el, h("div", null,
    h("div", { className: "fields" }, eta.el, curvature.el), ring.table, ring.legend, ring.time.el)), note);
  return {
    describe: () => t("V = xy + {0}(x² − y²)/2, step size {1}, start ({2}, {3}), step {4}. ", fmt(s.curvature),
      fmt(s.eta),
      fmt(s.start[0]), fmt(s.start[1]), s.steps) + (s.steps ? ring.fates() : ""),
    state: kept.state,
    read: (what) => (what === "eta" ? s.eta : undefined),
    restore: (saved) => {
      kept.restore(saved);
      host.changed(true);
    },
    draw: () => {
      ring.draw();
      eta.set(s.eta);
      curvature.set(s.curvature);
      say(note, t("Step {0}. ", s.steps) + (s.steps ? ring.fates() : ""));
    },
    frame: ring.frame,
  };
});
