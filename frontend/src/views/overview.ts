/**
 * Inside both networks: what every unit answers over its inputs, how data flow forwards and gradients back, and slow
 * motion through the next step of each player with its actual numbers. A part of the playground, fetched when it is
 * first unfolded.
 */
import type { Player } from "../engine/types";
import type { Run, Show } from "../plane/index";
import { button, definePart, h, row, t, toggle, type ViewHost } from "../ui/index";
import { OverviewPicture } from "./overview-draw";
import { stagesD, stagesG, type Stage } from "./overview-stages";

export interface Overview {
  el: HTMLElement;
  draw(): void;
  /** The samples and pulls in question. */
  marks(): Show["marks"];
}

/** Milliseconds between two steps that come by themselves. */
const AUTO = 2600;

function overview(host: ViewHost, run: Run, act: { D(): void; G(): void; stop(): void }): Overview {
  let stages: Stage[] = [], at = 0, timer = 0;
  const picture = new OverviewPicture(host, run);
  const words = h("p", { "aria-live": "polite" },
    t("One step of D or G, taken apart: what is drawn, what comes out, what flows back, and what moves."));
  const show = () => {
    const stage = stages[at];
    if (stage) {
      words.replaceChildren(h("b", null, t("{0}, {1} of {2}: ", stage.who === "generator" ? "G" : "D", at + 1,
        stages.length)), stage.words);
    }
    host.changed(true);
  };
  const clear = () => {
    stages = [];
    words.textContent = "";
  };
  const taken = (who: Player) => (who === "generator" ? stagesG(run) : stagesD(run));
  const next = () => {
    act.stop();
    const { engine, spec } = run;
    // a run that went on by itself has left these numbers behind
    if (stages.length && stages[0]!.words !== taken(stages[0]!.who)[0]!.words) clear();
    if (stages.length && ++at === stages.length) {
      act[stages[0]!.who === "generator" ? "G" : "D"]();
      clear();
    }
    if (!stages.length) {
      at = 0;
      stages = taken(engine.stepsD < spec.k * (Math.floor(engine.stepsG / spec.k_g) + 1) ? "discriminator"
        : "generator");
    }
    show();
  };
  const careful = () => {
    try {
      next();
    } catch (error) {
      clear();
      words.textContent = (error as Error).message;
    }
  };
  const auto = toggle(t("By itself"), false, (on) => {
    clearInterval(timer);
    if (on) timer = window.setInterval(() => (el.isConnected ? careful() : clearInterval(timer)), AUTO);
  });

  const el: HTMLElement = h("div", null, picture.plot.el,
    row(button(t("Slow motion: next"), careful, { className: "main" }), auto.el), words);
  return {
    el,
    draw: () => picture.draw(stages[at]),
    marks: () => (host.running ? undefined : stages[at]?.marks),
  };
}

definePart("overview", overview);
export type MakeOverview = typeof overview;
