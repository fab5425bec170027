import { GanEngine } from "./engine.js";
import { createJsKernels } from "./kernels-js.js";
import { createWasmKernels } from "./kernels-wasm.js";
import type { Kernels } from "./kernels.js";
import { Played, type Game, type SystemSpec } from "./played.js";
import { normalise } from "./spec.js";
import { type Engine, type EngineOptions, type GanSpec, SpecError } from "./types.js";

type Make<T> = (kernels: (floats: number, stride: number) => Kernels, reason: string | null) => T;

/** What `make` builds on the kernels that were asked for, or on those in JavaScript where WebAssembly is refused. */
function onKernels<T>({ backend = "auto", precision = "float32", fused = true }: EngineOptions, make: Make<T>): T {
  const numbers = precision === "float64" ? Float64Array : Float32Array;
  let reason: string | null = null;
  if (backend !== "js" && precision === "float32") {
    try {
      return make((floats, stride) => createWasmKernels(floats, stride, fused), null);
    } catch (error) {
      if (error instanceof SpecError) throw error;
      reason = String((error as Error)?.message ?? error);
    }
  } else if (backend === "wasm") {
    throw new SpecError('WebAssembly computes in float32 here: use backend "js" for float64.');
  }
  return make((floats, stride) => createJsKernels(new numbers(floats), stride), reason);
}

/** An engine for the spec, its networks initialised from the seed. Throws SpecError for what cannot be run. */
export function createEngine(spec: GanSpec, options: EngineOptions = {}): Engine {
  const full = normalise(spec);
  return onKernels(options, (kernels, reason) => new GanEngine(full, kernels, reason));
}

/** Any game (src/zoo), ready to be played, its networks initialised from the seed. Throws SpecError. */
export function createSystem<S extends SystemSpec, See extends object>(
  game: Game<S, See>, spec: S, options: EngineOptions = {},
): Played<S, See> {
  return onKernels(options, (kernels) => new Played(game, spec, kernels));
}
