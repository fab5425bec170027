/**
 * The saddle laboratory: a bilinear or quadratic game, the Dirac-GAN, or a 2 x 2 game in mixed strategies, played by
 * every method of gan_lab.game; eigenvalues, exact rates and measured ones side by side.
 */
import { copyButton, defineView, fmt, h, linkTo, row, say, t } from "../ui/index";
import { arena } from "./saddle-arena";
import { controls } from "./saddle-controls";
import { KINDS, Laboratory, MOST } from "./saddle-lab";
import { FIVE } from "./saddle-methods";
import { MORE } from "./saddle-more";
import { PRESETS } from "./saddle-presets";
import { asPython } from "./saddle-python";
import { spectrum } from "./saddle-spectrum";

const METHODS = { ...FIVE, ...MORE };

defineView("saddle", (host) => {
  const lab = new Laboratory(host), { s, scene } = lab, roots = spectrum(host);
  const ring = arena(host, s, scene, { most: MOST, methods: METHODS, told: () => true, averages: () => s.averages,
    fates: ["{0}: |r| = {1}, unstable: moves away", "{0}: |r| = {1}, stable: comes closer",
      "{0}: |r| = {1}: circles for ever"] });
  const control = controls(lab, !!host.options.A, () => host.changed(), () => {
    host.run(false);
    ring.film.play(false);
  });
  const lesson = h("p"), task = h("p", { className: "muted" }), field = h("p"), note = h("p");
  host.root.append(row(control.preset, control.game), lesson, task, ring.film.el,
    h("div", { className: "pair" }, h("div", null, ring.plane.el, field, roots.el),
      h("div", null, ...control.panels, control.rules, ring.table, ring.legend, ring.time.el)), note,
    row(control.means, copyButton(t("Copy as Python"), () => asPython(s)),
      !host.send && copyButton(t("Copy link"), () => linkTo(host.id, lab.state()))));
  return {
    describe: () => {
      scene();
      return `${t(KINDS[s.game as keyof typeof KINDS])}. ${lab.told()} `
        + t("Step size {0}, start ({1}, {2}), step {3}. ",
        fmt(s.eta), fmt(s.start[0]), fmt(s.start[1]), s.steps) + ring.fates();
    },
    state: () => lab.state(),
    restore: (saved) => {
      lab.restore(saved);
      host.changed(true);
    },
    draw: () => {
      const now = scene(), on = ring.on();
      control.show(on);
      const [, , seen, asked] = PRESETS[s.preset] ?? [];
      say(lesson, seen ? t(seen) : "");
      say(task, asked ? `${t("Try:")} ${t(asked)}` : "");
      say(field, lab.told());
      say(note, t("Step {0}. ", s.steps) + ring.fates());
      ring.draw();
      roots.draw(now, on, METHODS);
    },
    frame: ring.frame,
  };
});
