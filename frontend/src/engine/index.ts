export * from "./types.js";
export { createDistribution, DISTRIBUTIONS, normalCdf, normalDensity, normalQuantile } from "./distributions.js";
export { createEngine } from "./create.js";
export { ACTIVATIONS, LOSSES, OPTIMISERS, PENALTIES } from "./kernels.js";
export { DATA, INIT, MIX, NOISE, philox, Stream } from "./philox.js";
