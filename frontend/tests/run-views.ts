/**
 * Plays the views' runs without a page, as a test asks: a line of JSON in, a line out.
 *   {push: [mass, made, edges]}                   the masses between the edges
 *   {spec, options?, weights?, frames, zh?}       Figure 1: what each frame measured and what its caption says; frames
 *                                                 are [steps a frame, milliseconds a frame, how many]; after one
 *                                                 step more the film stands, and the caption says `paused`
 *   {read, spec, change?, steps}                  what Figure 1, begun as spec and changed, reads off for an exercise
 *   {read, value: state}                          the same of the two densities
 *   {plane: spec, frames}                         the playground's run: the scores of its past, and their floor
 */
import "./no-browser";
import { createInterface } from "node:readline";
import type { EngineOptions, Player } from "../src/engine/types";
import { pushForward } from "../src/engine/views";
import { merge, type Spec, type Tree } from "../src/game/settings";
import { Run, SCORES } from "../src/plane/run";
import zh from "../src/strings.json";
import { translations } from "../src/ui/strings";
import { reading } from "../src/views/figure1-picture";
import { LineRun } from "../src/views/figure1-run";
import { Caption } from "../src/views/figure1-stages";
import { apart, PRESETS, Question } from "../src/views/value";

interface Job {
  push?: [number[], number[], number[]];
  plane?: Spec;
  spec: Spec;
  options?: EngineOptions;
  weights?: Record<Player, number[]>;
  frames: [number, number, number];
  zh?: boolean;
  read?: string[];
  change?: Tree;
  steps: number;
  value?: Partial<Question["s"]>;
}

translations.zh = zh as Record<string, string>;

function figure({ spec, options = {}, weights, frames: [steps, ms, frames], zh: chinese }: Job) {
  document.documentElement.lang = chinese ? "zh" : "en";
  const run = new LineRun(options), caption = new Caption(), seen = [];
  run.start(spec);
  const { picture, stages, engine } = run;
  for (const [who, values] of Object.entries(weights ?? {})) engine.setParameters(who as Player, values);
  if (weights) run.look(true);
  for (let i = 0; i < frames; i++) {
    const changed = caption.offer(stages, reading(spec.loss).best, true);
    const { V, bestV, C, apart, gap, doubt, right, cells } = picture;
    seen.push({ step: engine.steps, V, bestV, C, apart, gap, doubt, right, mass: cells.sum((_, p, q) => p + q),
      bestRight: cells.sum((_, p, q) => Math.max(p, q) / 2), stage: stages.now, from: stages.from, changed,
      words: caption.words });
    if (i + 1 < frames) {
      run.play(steps);
      run.look();
      caption.pass(ms);
    }
  }
  const past = run.history.length, { V } = run.history.values;
  const answer = { seen, window: picture.window, steps: [...run.history.step.subarray(0, past)],
    values: { V: [...V.subarray(0, past)] }, paused: "",
    weights: { generator: [...engine.getParameters("generator")],
      discriminator: [...engine.getParameters("discriminator")] } };
  run.step();
  run.look(true);
  caption.offer(stages, reading(spec.loss).best, false);
  answer.paused = caption.words;
  return answer;
}

function plane(spec: Spec, [steps, , frames]: Job["frames"]) {
  const run = new Run();
  run.start(spec);
  for (let i = 1; i < frames; i++) {
    run.play(steps);
    run.look();
  }
  const past = run.history.length;
  return { steps: [...run.history.step.subarray(0, past)], floor: run.floor,
    values: Object.fromEntries(SCORES.map((name) => [name, [...run.history.values[name].subarray(0, past)]])) };
}

function readOff({ read, value, spec, change, steps }: Job) {
  if (value) {
    const question = new Question({ preset: "same", p: [0, 1], q: [0, 1], guesses: [0, 0, 0], shown: true, ...value },
      PRESETS);
    return read!.map((what) => apart(question, what) ?? null);
  }
  const run = new LineRun({});
  run.start(merge(spec, change));
  run.play(steps);
  run.look(true);
  return read!.map((what) => run.read(what, spec) ?? null);
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line) as Job;
  const answer = job.push ? [...pushForward(...job.push)] : job.plane ? plane(job.plane, job.frames)
    : job.read ? readOff(job) : figure(job);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
