/**
 * What surrounds a game that is played in the page, whatever is drawn of it: the film and the steps by hand, scrubbing
 * through its past, words for what went wrong, links to a step, and, in a notebook, a kernel that trains instead of the
 * engine.
 */
import { createLaw } from "../engine/views";
import { button, clamp, h, named, player, row, t, type Player, type ViewHost } from "../ui/index";
import type { Pace } from "./pace";
import type { GameRun } from "./run";
import { merge, type Spec, type Tree } from "./settings";

/** No link goes further than to this step. */
export const FARTHEST = 1e5;

interface DeskOptions {
  /** how much of a frame goes to training; the rest is for measuring, drawing and the page */
  pace: Pace;
  /** The spec is another one: controls follow. */
  shown(spec: Spec): void;
  /** Play began or ended. */
  toggled?(on: boolean): void;
  /** It ended, and the run is well. */
  paused?(): void;
  /** A further way back after something went wrong. */
  restart?: () => void;
}

/**
 * Steps a second to choose from, with the one that the page's author asked for; whole numbers as keys come in order.
 */
const speeds = (asked: number): Record<string, string> => ({
  ...Object.fromEntries([2, 20, 100, 500, asked].map((n) => [n, t("{0} steps a second", n)])),
  [1e9]: t("as fast as it goes"),
});

export class Desk {
  spec!: Spec;
  /** the step to which the film runs; 0: on and on */
  goal = 0;
  readonly problem = h("div", { role: "alert" });
  readonly status = h("span", { className: "muted" });
  readonly scrub = h("input", { type: "range", min: 0, step: 1, "aria-label": t("Scrub through the run") });
  readonly film: Player;
  /** what the kernel calls itself: a PyTorch run instead of the engine, asked for frames one by one */
  readonly remote?: string;
  #waiting = false;
  /** from the goal on, at the film's own speed */
  #onwards = false;

  constructor(readonly host: ViewHost, readonly run: GameRun<string>, readonly o: DeskOptions) {
    const { options } = host;
    this.remote = options.stream as string | undefined;
    this.scrub.oninput = () => {
      this.scrubTo(+this.scrub.value);
      host.changed(true);
    };
    const usual = this.#usual, paces = speeds(usual);
    this.film = player(host, {
      reset: this.remote ? undefined : () => this.reset(),
      speeds: paces, speed: named(paces, host.saved?.speed, String(usual)), autoplay: !!options.autoplay && !host.saved,
      steps: this.#steps(),
      toggled: (on) => this.#toggled(on),
    });
  }

  /** The speed that the page's author asked for. */
  get #usual(): number {
    return +(this.host.options.speed ?? 100);
  }
  /** The film's speed for the address: undefined where it is the usual one. */
  get speed(): number | undefined {
    return this.film.speed === this.#usual ? undefined : this.film.speed;
  }

  #steps(): [string, () => void, string?][] {
    const whole = t("k steps of D, then one of G");
    if (this.remote) return [[t("Step"), () => this.#ask(1), whole]];
    return [
      [t("D step"), () => this.stepD(), t("One step of the discriminator alone")],
      [t("G step"), () => this.stepG(), t("One step of the generator alone")],
      [t("Step"), () => this.careful(() => {
        this.run.history.cut(this.run.clock);
        this.run.step();
        this.run.look(true);
      }), whole],
    ];
  }

  #toggled(on: boolean): void {
    this.goal = 0;
    this.o.toggled?.(on);
    if (on) return this.remote ? undefined : this.run.history.cut(this.run.clock);
    if (this.run.engine && !this.problem.hasChildNodes()) this.o.paused?.();
    this.host.changed();
  }

  /** A new run of the spec. Throws for one that cannot be run. */
  fresh(): void {
    const { run, spec } = this;
    this.o.pace.reset();
    this.goal = 0;
    this.problem.replaceChildren();
    if (this.remote) {
      run.listen(spec, createLaw(spec.target), createLaw(spec.prior));
      this.host.send?.({ type: "grids", grids: run.grids() });
      this.status.textContent = this.remote;
      return;
    }
    run.start(spec);
    const { backend, fallbackReason: reason } = run.engine;
    this.status.textContent = backend === "wasm" ? t("trains in this page (WebAssembly)")
      : t("trains in this page (JavaScript{0})", reason ? t("; WebAssembly was refused: {0}", reason) : "");
  }

  /** A new run of what an address asks for; where that is refused, it is said, and what ran before goes on. */
  begin(asked: Spec, otherwise: Spec): boolean {
    this.spec = asked;
    if (this.careful(() => this.fresh())) return true;
    const said = [...this.problem.childNodes];
    this.spec = this.run.spec ?? otherwise;
    if (!this.run.engine) this.fresh();
    this.problem.replaceChildren(...said);
    return false;
  }

  reset(): void {
    this.film.play(false);
    this.careful(() => this.fresh());
    this.host.changed();
  }

  /** Says what went wrong, and offers ways back. */
  complain = (error: unknown): void => {
    const { run, o } = this, back = run.history.length - 1;
    this.film.play(false);
    this.goal = 0;
    const toLast = () => {
      this.scrubTo(back);
      this.host.changed();
    };
    this.problem.replaceChildren(h("p", { className: "problem" }, (error as Error).message + " "), row(
      run.engine && back >= 0 && button(t("Back to step {0}", Math.floor(run.history.step[back]!)), toLast),
      button(t("Reset"), () => this.reset()), o.restart && button(t("All as at the beginning"), o.restart)));
  };

  /** Whether all went well; a run that leaves the finite numbers, or a spec that is refused, says so. */
  careful(moves: () => void): boolean {
    try {
      moves();
      return true;
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  /** One thing done by hand: what it is called, which share of a whole step it is, and how it is done. */
  #deed(what: string, move: () => void): void {
    const { run, spec } = this;
    this.careful(() => {
      run.history.cut(run.clock);
      move();
      run.deed(what);
      run.clock += 1 / (spec.k + spec.k_g);
      run.look(true);
    });
  }
  stepD(): void {
    this.#deed(t("a D step"), () => this.run.engine.stepD());
  }
  stepG(): void {
    this.#deed(t("a G step"), () => this.run.engine.stepG());
  }

  /** Back to the i-th moment of the past. */
  scrubTo(i: number): void {
    this.film.play(false);
    this.goal = 0;
    this.problem.replaceChildren();
    this.run.back(i);
    this.o.shown((this.spec = this.run.spec));
  }
  scrubNear(step: number): void {
    if (this.run.history.length) this.scrubTo(this.run.history.nearest(step));
    this.host.changed(true);
  }
  drawScrub(): void {
    const { history, clock, steps } = this.run;
    this.scrub.max = String(Math.max(0, history.length - 1));
    this.scrub.value = String(history.nearest(clock));
    this.scrub.setAttribute("aria-valuetext", t("step {0}", steps));
  }

  /** The reader changed part of the spec; what is refused leaves the run as it was. */
  change = (part: Tree): void => {
    const { run, spec: before } = this;
    this.problem.replaceChildren();
    const fine = this.careful(() => {
      this.spec = merge(before, part);
      if (run.engine) run.change(this.spec, Object.keys(part));
      else this.fresh();
    });
    if (!fine) this.spec = run.spec ?? before;
    this.o.shown(this.spec);
    this.host.changed();
  };

  /** Plays to a step and stops there: the seed says all. */
  playTo(step: number): void {
    this.film.play(true);
    this.goal = step;
  }
  /** The same for what a link says, once the page has come to rest. */
  seek(step: unknown): void {
    const wanted = clamp(Math.round(+(step ?? 0)), 0, FARTHEST) || 0, { autoplay } = this.host.options;
    // a page that moves by itself begins where its author said, and goes on from there
    this.#onwards = !!autoplay && !this.host.saved && !this.host.reducedMotion;
    if (wanted) queueMicrotask(() => this.playTo(wanted));
    this.host.changed(true);
  }
  /** The step for a link, where the seed alone leads to it. */
  get linked(): number | undefined {
    return (!this.run.deeds.length && !this.remote && this.run.engine?.steps) || undefined;
  }
  /** What a program that repeats the run must say first. */
  get notes(): string[] {
    const said = t("From the seed, with the settings as they are now. What was done by hand is not in this code:");
    return this.run.deeds.length ? [said, ...this.run.deeds] : [];
  }

  /** The training of a frame; `other`: what is to be done instead of playing on, until the time is over. */
  frame(ms: number, other?: (until: number) => void): boolean {
    const { run, film, host } = this;
    if (this.remote) {
      const due = this.o.pace.due(ms, film.speed, this.#waiting);
      if (due !== null) this.#ask(due);
      return false;
    }
    const until = this.o.pace.until(ms, host.reducedMotion && (this.goal > 0 || !!other)), before = run.engine.stepsD;
    return this.careful(() => {
      if (other) other(until);
      else if (this.goal) this.#towards(until);
      else this.o.pace.spend(ms, film.speed, until, () => run.play());
      // a pause has looked already
      if (run.engine.stepsD !== before && (host.running || !this.o.paused)) run.look();
    }) && run.engine.stepsD !== before;
  }

  #towards(until: number): void {
    const { run, goal } = this;
    do run.play(); while (run.steps < goal && performance.now() < until);
    if (run.steps < goal) return;
    if (this.#onwards) this.goal = 0;
    else this.film.play(false);
    this.#onwards = false;
  }

  /** One more frame, please, after n steps (0: as many as are quick). */
  #ask(n: number): void {
    if (!this.#waiting) this.host.send?.({ type: "step", n });
    this.#waiting = true;
  }

  /** A message of the kernel. */
  receive(message: any, buffers: DataView[]): void {
    if (message.type === "problem") {
      this.film.play(false);
      this.problem.replaceChildren(h("p", { className: "problem" }, message.text));
    } else {
      const { buffer, byteOffset, byteLength } = buffers[0]!;
      this.run.hear(new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer), message);
      this.host.changed(true);
    }
    this.#waiting = false;
  }
}
