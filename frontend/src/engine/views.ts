/** What views take from the engine; in pages it is shared (engine-entry.ts). */
export { createDistribution } from "./distributions.js";
export { createEngine } from "./engine.js";
export { DATA, Stream } from "./philox.js";
