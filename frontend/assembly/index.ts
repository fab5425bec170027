export { multiply, outer, rowSums, setStride } from "./linear";
export { activate, bend, lossD, lossG, optimise, slope } from "./elementwise";
