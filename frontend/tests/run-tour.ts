/**
 * Plays what a guided tour waits for, without a browser: the same runs, the same numbers, the same rule as in the page.
 *
 * A line of standard input is {view, seeds, steps, every, limit}; the answer, for each seed, is {left, numbers}: at
 * which step of the game each step of the tour was left (those that wait for the reader at once), null where the game
 * did not come there within `limit` steps, and the numbers at the end.
 */
import "./no-browser";
import { createInterface } from "node:readline";
import { PLANE_START } from "../src/plane/settings.js";
import { Run } from "../src/plane/run.js";
import { RUG } from "../src/views/figure1-picture.js";
import { LineRun } from "../src/views/figure1-run.js";
import { START } from "../src/views/figure1-settings.js";
import { right, waiting } from "../src/views/tour-wait.js";
import type { Step } from "../src/ui/index.js";

interface Ask {
  view: "figure1" | "playground";
  seeds: number[];
  steps: Step[];
  every: number;
  limit: number;
}

function begin(view: Ask["view"], seed: number) {
  if (view === "figure1") {
    const run = new LineRun({}), { picture } = run;
    run.start({ ...START, seed });
    return { run, numbers: () => ({ step: run.clock, gap: picture.gap, apart: picture.apart,
      right: right(run.engine, picture.real.subarray(0, RUG), picture.fake.subarray(0, RUG)) }) };
  }
  const run = new Run({}), { picture } = run;
  run.start({ ...PLANE_START, seed });
  return { run, numbers: () => ({ step: run.clock, covered: run.scores!.covered ?? NaN,
    right: right(run.engine, picture.real, picture.scored) }) };
}

function play({ view, steps, every, limit }: Ask, seed: number) {
  const { run, numbers } = begin(view, seed);
  const left = steps.map(({ until }) => {
    const holds = until && waiting(until);
    while (holds && !holds(numbers())) {
      if (run.clock >= limit) return null;
      run.step(every);
      run.look(true);
    }
    return run.clock;
  });
  return { left, numbers: numbers() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line) as Ask;
  process.stdout.write(`${JSON.stringify(ask.seeds.map((seed) => play(ask, seed)))}\n`);
}
