/** The kernels in WebAssembly (assembly/): four floats an instruction. */
import base64 from "kernels:base64";
import type { Kernels } from "./kernels.js";

type Exports = Omit<Kernels, "backend" | "memory"> & { setStride(floats: number): void };

const PAGE = 65536;
const compiled: WebAssembly.Module[] = [];

/**
 * Rewrites `mul, push c, add` as `push c, multiply-add` of the relaxed SIMD instructions, in place: a third less
 * arithmetic where the browser knows them, and no second module for where it does not. `madd` of
 * assembly/mathematics.ts writes what is looked for here, with a local or a constant in memory as c.
 */
function fuse(code: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const fused = code.slice();
  const is = (at: number, ...bytes: number[]) => bytes.every((b, i) => fused[at + i] === b);
  const afterNumber = (at: number) => {
    while (fused[at] > 127) at++;
    return at + 1;
  };
  for (let i = 0; i < code.length; i++) {
    if (!is(i, 0xfd, 0xe6, 1)) continue; // f32x4.mul
    let end = afterNumber(i + 4);
    if (is(i + 3, 0x41) && is(end, 0xfd, 9)) {
      end = afterNumber(end + 3); // i32.const, v128.load32_splat
      if (is(end, 0x22)) end += 2; // local.tee
    } else if (!is(i + 3, 0x20)) continue; // local.get
    if (!is(end, 0xfd, 0xe4, 1)) continue; // f32x4.add
    fused.copyWithin(i, i + 3, end);
    fused.set([0xfd, 0x85, 2, 1, 1, 1], end - 3); // f32x4.relaxed_madd and three times nothing
  }
  return fused;
}

function compile(fused: boolean): WebAssembly.Module {
  const code = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const faster = fuse(code);
  return new WebAssembly.Module(fused && WebAssembly.validate(faster) ? faster : code);
}

/** Throws where WebAssembly, its SIMD instructions, or compiling at all (a content security policy) is refused. */
export function createWasmKernels(floats: number, stride: number, fused: boolean): Kernels {
  const module = (compiled[Number(fused)] ??= compile(fused));
  const memory = new WebAssembly.Memory({ initial: Math.ceil((floats * 4) / PAGE) });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const exports = instance.exports as unknown as Exports;
  exports.setStride(stride);
  return { ...exports, backend: "wasm", memory: new Float32Array(memory.buffer) };
}
