/** What a step of a guided tour waits for: pure, so that tests play whole tours without a browser. */
import type { Engine, Numbers } from "../engine/types";
import type { Step } from "../ui/index";

const share = (scores: Numbers, side: number) => Array.from(scores).filter((s) => s * side > 0).length / scores.length;

/** The share of right answers of D, half of them on real, half on generated samples. */
export const right = (engine: Engine, real: Numbers, made: Numbers): number =>
  (share(engine.score(real), 1) + share(engine.score(made), -1)) / 2;

/** Whether a number has been where it is awaited, for as many steps as it must. */
export function waiting({ read, above = -Infinity, below = Infinity, for: steps = 0 }: NonNullable<Step["until"]>) {
  let since = NaN;
  return (numbers: Record<string, number>): boolean => {
    const { step } = numbers as { step: number }, v = numbers[read]!;
    if (!(v > above && v < below)) since = NaN;
    // a run that was set back begins to count anew
    else if (!(since <= step)) since = step;
    return step - since >= steps;
  };
}
