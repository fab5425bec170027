import { NonFiniteError, SpecError } from "./types.js";

/** Changes of one letter that turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The error for a name that does not exist: says which do, the near one first. */
export function unknown(kind: string, name: unknown, choices: readonly string[]): SpecError {
  const near = [...choices].sort((a, b) => distance(String(name), a) - distance(String(name), b))[0];
  const hint = distance(String(name), near) <= 3 ? ` did you mean "${near}"?` : "";
  return new SpecError(`unknown ${kind} "${name}":${hint} choose from ${choices.join(", ")}.`);
}

/**
 * What to say of step `step` of a player that left the finite numbers; `sick`: the network whose parameters already
 * had.
 */
export function nonFinite(
  player: string, step: number, seen: { inputs: boolean; sick?: string; loss: number },
): NonFiniteError {
  const what = seen.inputs ? "inputs" : seen.sick ? "parameters" : Number.isFinite(seen.loss) ? "gradient" : "loss";
  const where = what === "inputs" ? "the numbers it was fed" : `the ${what} of the ${seen.sick ?? player}`;
  const advice =
    what === "inputs" ? "feed it finite ones" : "go back, and lower the learning rates or restrain the discriminator";
  return new NonFiniteError(player, what, step,
    `step ${step} of the ${player}: ${where} are not all finite; ${advice}.`);
}
