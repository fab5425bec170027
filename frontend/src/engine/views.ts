/** What views take from the engine; in pages it is shared (engine-entry.ts). */
export { createDistribution, createEngine, DATA, Stream } from "./index.js";
