/** The answers to the concept inventory, as this browser keeps them, and as a table for others. */
import type { Item } from "./inventory";

/** Item id -> option; when it was finished, "" before that. */
export interface Taken { answers: Record<string, number>; done: string }
export interface Takings { before: Taken; after: Taken }
/** `kept` is false where this browser keeps nothing. */
interface Store { takings: Takings; kept: boolean }

export const KEY = "gan-lab-inventory";

const blank = (): Takings => ({ before: { answers: {}, done: "" }, after: { answers: {}, done: "" } });

/** What was kept, as far as it fits the items. */
export function load(items: Item[]): Store {
  const takings = blank();
  let kept = true, text: string | null = null;
  try {
    text = localStorage.getItem(KEY);
  } catch {
    kept = false;
  }
  try {
    const found = JSON.parse(text ?? "{}");
    for (const when of ["before", "after"] as const) {
      for (const { id, en } of items) {
        const option = found[when]?.answers?.[id];
        if (Number.isInteger(option) && option >= 0 && option < en.options.length) takings[when].answers[id] = option;
      }
      // an item that came later was not answered: then it is not finished
      const whole = Object.keys(takings[when].answers).length === items.length;
      if (whole && typeof found[when].done === "string") takings[when].done = found[when].done;
    }
  } catch { /* what is no JSON was not written here */ }
  return { takings, kept };
}

/** Makes a change to what is kept by now: another tab may have answered since. Where nothing is kept, to `held`. */
export function change(items: Item[], held: Store, edit: (takings: Takings) => void): Store {
  const { takings, kept } = held.kept ? load(items) : held;
  edit(takings);
  return { takings, kept: kept && save(takings) };
}

export const erase = (takings: Takings): void => void Object.assign(takings, blank());

/** Whether it was kept. */
function save(takings: Takings): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(takings));
    return true;
  } catch {
    return false;
  }
}

/** A line for each item: which option was chosen (from 1; "" where none was), and whether it is right (1, 0). */
export function table(items: Item[], { before, after }: Takings): string[][] {
  const cells = ({ answers }: Taken, { id, right }: Item) => (id in answers
    ? [String(answers[id]! + 1), String(+(answers[id] === right))] : ["", ""]);
  return [["item", "misconception", "before", "before_right", "after", "after_right"],
    ...items.map((item) => [item.id, item.of, ...cells(before, item), ...cells(after, item)])];
}
