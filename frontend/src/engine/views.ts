/** What views take from the engine; in pages it is shared (engine-entry.ts). */
export {
  createDistribution, createEngine, createLaw, createPlane, DATA, floor, judge, NOISE, noiseCells, place,
  pushForward, sample, SpecError, Stream,
} from "./index.js";
