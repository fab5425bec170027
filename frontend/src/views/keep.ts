/**
 * A run as a file: saved whole (weights, optimisers, places in the random streams), opened where it stood. A part of
 * the playground, fetched when a file is saved or opened.
 */
import type { Snapshot } from "../engine/types";
import type { Run } from "../plane/index";
import { definePart, h, t } from "../ui/index";

const FORMAT = "gan-lab-run-1";

/** Bytes as text, a piece at a time: a call with a million arguments fails. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

function pack(run: Run): string {
  const { state, ...rest } = run.engine.snapshot();
  return JSON.stringify({ format: FORMAT, deeds: run.deeds,
    snapshot: { ...rest, state: toBase64(new Uint8Array(state.buffer, state.byteOffset, state.byteLength)) } });
}

/** Throws one sentence for what `pack` has not written. */
function unpack(text: string): { snapshot: Snapshot; deeds: string[] } {
  try {
    const { format, snapshot, deeds } = JSON.parse(text);
    const bytes = Uint8Array.from(atob(snapshot.state), (c) => c.charCodeAt(0)).buffer;
    if (format !== FORMAT) throw 0;
    // NaN became null on its way through JSON
    const losses = Object.fromEntries(Object.entries(snapshot.losses).map(([name, v]) =>
      [name, v ?? NaN])) as unknown as Snapshot["losses"];
    return { snapshot: { ...snapshot, losses,
      state: new (snapshot.precision === "float64" ? Float64Array : Float32Array)(bytes) }, deeds: deeds.map(String) };
  } catch {
    throw new Error(t("This file is no saved run, or only part of one: open one that “Save run” has written."));
  }
}

function save(run: Run): void {
  const { target, seed } = run.spec, href = URL.createObjectURL(new Blob([pack(run)], { type: "application/json" }));
  h("a", { href, download: `gan-${target.name}-seed${seed}-step${run.engine.steps}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

/** Asks for a file; `opened` gets what to do with it, and does it carefully. */
function open(run: Run, opened: (open: () => void) => void): void {
  const input = h("input", { type: "file", accept: ".json,application/json" });
  input.onchange = async () => {
    const text = await input.files![0]!.text();
    opened(() => {
      const { snapshot, deeds } = unpack(text);
      run.open(snapshot, deeds);
    });
  };
  input.click();
}

const keep = { save, open };
definePart("keep", keep);
export type KeepPart = typeof keep;
