export * from "./types.js";
export { createDistribution, DISTRIBUTIONS, normalCdf, normalDensity, normalQuantile } from "./distributions.js";
export { createLaw, push, sample } from "./law.js";
export { createPlane, PLANES } from "./plane.js";
export { energyDistance, floor, modes, scores, slicedWasserstein } from "./scores.js";
export { createEngine } from "./create.js";
export { ACTIVATIONS, LOSSES, OPTIMISERS, PENALTIES } from "./kernels.js";
export { DATA, INIT, MIX, NOISE, philox, Stream } from "./philox.js";
