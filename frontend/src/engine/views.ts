/** What views take from the engine; in pages it is shared (engine-entry.ts). */
export {
  createDistribution, createEngine, createLaw, createPlane, DATA, floor, judge, LOSSES, modes, NOISE, noiseCells, place,
  pushForward, sample, slicedWasserstein, SpecError, Stream,
} from "./index.js";
