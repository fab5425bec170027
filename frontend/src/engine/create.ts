import { GanEngine } from "./engine.js";
import { createJsKernels } from "./kernels-js.js";
import { createWasmKernels } from "./kernels-wasm.js";
import { normalise } from "./spec.js";
import { type Engine, type EngineOptions, type GanSpec, SpecError } from "./types.js";

/** An engine for the spec, its networks initialised from the seed. Throws SpecError for what cannot be run. */
export function createEngine(spec: GanSpec, options: EngineOptions = {}): Engine {
  const { backend = "auto", precision = "float32", fused = true } = options;
  const full = normalise(spec);
  const numbers = precision === "float64" ? Float64Array : Float32Array;
  let reason: string | null = null;
  if (backend !== "js" && precision === "float32") {
    try {
      return new GanEngine(full, (floats, stride) => createWasmKernels(floats, stride, fused));
    } catch (error) {
      reason = String((error as Error)?.message ?? error);
    }
  } else if (backend === "wasm") {
    throw new SpecError('WebAssembly computes in float32 here: use backend "js" for float64.');
  }
  return new GanEngine(full, (floats, stride) => createJsKernels(new numbers(floats), stride), reason);
}
