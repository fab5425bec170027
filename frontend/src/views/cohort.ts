/**
 * Several games in lockstep: trained in turns within a frame's time, measured at the same steps, with one past for all
 * to go back to.
 */
import { Run, scenePlot, type PictureSize, type Spec } from "../plane/index";
import type { Plot, ViewHost } from "../ui/index";

/** Steps between two looks at the clock. */
const SLICE = 5;
/** All are measured this many times on the way to the goal. */
const MOMENTS = 60;

/** One of the games, and what is seen of it. */
export interface Member {
  run: Run;
  plot: Plot;
  /** why it ended early, and where */
  lost: string;
  end: number;
  /** trained since its picture was last measured */
  stale: boolean;
}

export class Cohort {
  all: Member[] = [];
  /** where all of them are */
  step = 0;
  /** they are measured at the multiples of this */
  every = 50;

  constructor(private host: ViewHost) {}

  /** New runs. Throws, leaving all as it was, for a spec that cannot be run. */
  start(specs: Spec[], goal: number, size?: PictureSize): void {
    const { backend, precision } = this.host.options;
    this.all = specs.map((spec, i) => {
      const run = new Run({ backend, precision }, size);
      run.start(spec);
      return { run, plot: this.all[i]?.plot ?? scenePlot(this.host.colours, true), lost: "", end: Infinity,
        stale: false };
    });
    this.step = 0;
    this.every = Math.max(1, Math.round(goal / MOMENTS));
  }

  /** Towards step `to`, for about `ms` milliseconds; true when all are there. */
  advance(to: number, ms: number): boolean {
    const end = performance.now() + ms;
    // from here on the past that was gone back from is another one
    if (this.step < to) for (const { run } of this.all) run.history.cut(run.clock);
    while (this.step < to) {
      const stop = Math.min(to, (Math.floor(this.step / this.every) + 1) * this.every);
      for (let one; (one = this.behind(stop)); ) {
        this.train(one, stop);
        if (performance.now() > end) return false;
      }
      this.step = stop;
    }
    return true;
  }

  /** All to where the first of them is. */
  level(): void {
    this.advance(Math.max(this.step, ...this.all.map(({ run, lost }) => (lost ? 0 : run.clock))), Infinity);
  }

  /** The one farthest back. */
  private behind(stop: number): Member | undefined {
    let least: Member | undefined;
    for (const one of this.all) if (!one.lost && one.run.clock < (least?.run.clock ?? stop)) least = one;
    return least;
  }

  private train(one: Member, stop: number): void {
    const { run } = one;
    one.stale = true;
    try {
      run.step(Math.min(SLICE, stop - run.clock));
    } catch (error) {
      one.lost = (error as Error).message;
      one.end = run.clock = run.engine.steps;
    }
    if (one.lost || (run.clock === stop && stop % this.every === 0)) this.measure(one, true);
  }

  /** The picture as it is now; `keep`: a moment of the past, with its scores. */
  measure(one: Member, keep = false): void {
    one.stale = false;
    if (keep) one.run.look(true);
    else one.run.picture.look(one.run.engine, one.run.pulls);
  }

  /** The one with the longest past; its steps are everyone's. */
  get past() {
    return this.all.reduce((a, b) => (b.run.history.length > a.run.history.length ? b : a)).run.history;
  }

  /** All to the i-th moment. */
  back(i: number): void {
    this.step = this.past.step[i]!;
    for (const one of this.all) {
      one.run.back(Math.min(i, one.run.history.length - 1));
      one.stale = false;
      if (this.step < one.end) one.lost = "";
    }
  }
}
