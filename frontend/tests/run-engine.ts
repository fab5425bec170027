/**
 * Runs engine calls that a test writes as JSON on standard input and answers on standard output.
 *
 * The input is a list of jobs {engine?: GanSpec, options?, distribution?: DistributionSpec, calls: [[name, ...args], ...]}:
 * calls go to the engine, else to the distribution, else to the module. An argument "$i" stands for the result of
 * call i. A job answers {results: [...]}, typed arrays as lists, or {error: {name, message, what}}, results so far kept.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as engineModule from "../src/engine/index.js";

interface Job {
  engine?: engineModule.GanSpec;
  options?: engineModule.EngineOptions;
  distribution?: engineModule.DistributionSpec;
  /** give the results of these calls only: the others may be large */
  only?: number[];
  calls: [string, ...unknown[]][];
}

function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function run(job: Job) {
  const results: unknown[] = [];
  try {
    const on = (
      job.engine
        ? engineModule.createEngine(job.engine, job.options)
        : job.distribution
          ? engineModule.createDistribution(job.distribution)
          : engineModule
    ) as unknown as Record<string, unknown>;
    for (const [name, ...args] of job.calls) {
      const member = on[name];
      const given = args.map((a) => (typeof a === "string" && a.startsWith("$") ? results[Number(a.slice(1))] : a));
      results.push(typeof member === "function" ? member.apply(on, given) : structuredClone(member));
    }
  } catch (caught) {
    const { name, message, what } = caught as Error & { what?: string };
    return { results: results.map(plain), error: { name, message, what } };
  }
  return { results: results.map((r, i) => (job.only && !job.only.includes(i) ? null : plain(r))) };
}

const jobs = JSON.parse(readFileSync(0, "utf8")) as Job[];
writeFileSync(1, JSON.stringify(jobs.map(run), (_, v) => plain(v)));
