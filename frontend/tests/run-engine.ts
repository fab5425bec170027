/**
 * Runs engine calls that a test writes as JSON, one line of standard input after another, and answers each with a line.
 *
 * A line is a list of jobs {engine?: GanSpec, system?, options?, distribution?, stream?, calls: [[name, ...args],
 * ...]}: calls go to the engine, to the system and what it lets one see, to the distribution, to the stream, else to
 * the module and the writers of listings. An argument "$i" stands for the result of call i. A job answers {results:
 * [...]}, typed arrays as lists, or {error: {name, message, what}}, results so far kept.
 */
import { createInterface } from "node:readline";
import * as engineModule from "../src/engine/index.js";
import { philox, Stream } from "../src/engine/philox.js";
import { asPlainTorch } from "../src/game/plain.js";
import { asTorch } from "../src/game/torch.js";
import * as zoo from "../src/zoo/index.js";

interface Job {
  engine?: engineModule.GanSpec;
  /** a game of src/zoo by name, with its spec */
  system?: [keyof typeof zoo, any];
  options?: engineModule.EngineOptions;
  distribution?: engineModule.LawSpec;
  /** seed and number of a stream, on which `take` draws n uniforms */
  stream?: [number, number];
  /** after an error, go on with the calls that follow */
  goOn?: boolean;
  /** why WebAssembly is to be refused during this job */
  refuseWasm?: string;
  /** give the results of these calls only: the others may be large */
  only?: number[];
  calls: [string, ...unknown[]][];
}

/** JSON has no NaN: the string "nan" in a list stands for it. */
function given(argument: unknown): unknown {
  return Array.isArray(argument) ? argument.map((x) => (x === "nan" ? NaN : given(x))) : argument;
}

function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function law(spec: engineModule.LawSpec) {
  const made = engineModule.createLaw(spec);
  return { ...made, push: (u: number[]) => engineModule.push(made, u) };
}

function drawing(seed: number, id: number) {
  const stream = new Stream(seed, id);
  const take = (n: number) => {
    const out = new Float64Array(n);
    stream.fill(out, n);
    return out;
  };
  return { take };
}

function philoxWords(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number) {
  const out = new Uint32Array(4);
  philox(c0, c1, c2, c3, k0, k1, out);
  return out;
}

function system([name, spec]: NonNullable<Job["system"]>, options?: engineModule.EngineOptions) {
  const played = engineModule.createSystem(zoo[name] as engineModule.Game<any>, spec, options);
  return Object.assign(played, played.see);
}

/** What the calls of a job are made on. */
function subject(job: Job): Record<string, unknown> {
  let on: object = { ...engineModule, philox: philoxWords, asTorch, asPlainTorch };
  if (job.engine) on = engineModule.createEngine(job.engine, job.options);
  else if (job.system) on = system(job.system, job.options);
  else if (job.distribution) on = law(job.distribution);
  else if (job.stream) on = drawing(...job.stream);
  return on as Record<string, unknown>;
}

function run(job: Job) {
  const results: unknown[] = [];
  const Instance = WebAssembly.Instance;
  let error: object | undefined;
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (caught) {
      const { name, message, what } = caught as Error & { what?: string };
      error ??= { name, message, what };
      return false;
    }
    return true;
  };
  if (job.refuseWasm) {
    WebAssembly.Instance = function () {
      throw new Error(job.refuseWasm);
    } as unknown as typeof Instance;
  }
  let on: Record<string, unknown> = {};
  let fine = attempt(() => (on = subject(job)));
  for (const [name, ...args] of fine ? job.calls : []) {
    fine = attempt(() => {
      const member = on[name];
      const values = args.map((a) =>
        typeof a === "string" && a.startsWith("$") ? results[Number(a.slice(1))] : given(a),
      );
      results.push(typeof member === "function" ? member.apply(on, values) : structuredClone(member));
    });
    if (fine) continue;
    if (!job.goOn) break;
    results.push(null);
  }
  WebAssembly.Instance = Instance;
  const shown = results.map((r, i) => (job.only && !job.only.includes(i) ? null : plain(r)));
  return error ? { results: shown, error } : { results: shown };
}

for await (const line of createInterface({ input: process.stdin })) {
  const jobs = JSON.parse(line) as Job[];
  process.stdout.write(`${JSON.stringify(jobs.map(run), (_, v) => plain(v))}\n`);
}
