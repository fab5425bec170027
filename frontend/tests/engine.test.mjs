/**
 * What a change of the front end can be tried against without Python: `npm test`. The whole of it is tests/frontend.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine, philox, SpecError } from "../.build/engine.mjs";

const spec = {
  generator: { sizes: [1, 8, 8, 1], activation: "tanh" },
  discriminator: { sizes: [1, 8, 8, 1], activation: "tanh" },
  loss: "non_saturating",
  penalties: [{ name: "r1", weight: 1 }],
  optimisers: { generator: { name: "adam", lr: 1e-3 }, discriminator: { name: "adam", lr: 1e-3 } },
  batch: 30,
  target: { name: "gaussian", mean: 1, std: 0.5 },
  prior: { name: "gaussian" },
};

test("Philox4x32-10 gives Random123's known answers", () => {
  const out = new Uint32Array(4);
  const known = [
    [[0, 0, 0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [Array(6).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  for (const [input, words] of known) {
    philox(...input, out);
    assert.deepEqual([...out], words);
  }
});

test("WebAssembly, JavaScript and float64 play the same game", () => {
  const [wasm, plain, exact] = [{}, { backend: "js" }, { precision: "float64" }].map((options) => {
    const engine = createEngine(spec, options);
    engine.step(20);
    return engine;
  });
  assert.equal(wasm.backend, "wasm", wasm.fallbackReason);
  const expected = exact.getParameters("generator");
  for (const engine of [wasm, plain]) {
    engine.getParameters("generator").forEach((p, i) => assert.ok(Math.abs(p - expected[i]) < 1e-4));
  }
});

test("going back and on gives the same numbers", () => {
  const engine = createEngine(spec);
  engine.step(5);
  const then = engine.snapshot();
  engine.step(5);
  const once = engine.getParameters("discriminator");
  engine.restore(then);
  engine.step(5);
  assert.deepEqual(engine.getParameters("discriminator"), once);
});

test("a wrong name is one sentence that says which is near", () => {
  assert.throws(() => createEngine({ ...spec, loss: "hing" }), (e) => e instanceof SpecError
    && /"hinge"/.test(e.message));
});
