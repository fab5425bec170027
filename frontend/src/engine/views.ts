/** What views take from the engine; in pages it is shared (engine-entry.ts). */
export {
  createDistribution, createEngine, createLaw, createPlane, DATA, floor, LOSSES, modes, NOISE, sample, scores,
  slicedWasserstein, SpecError, Stream,
} from "./index.js";
