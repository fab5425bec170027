/**
 * The playground's lessons: a game each that shows one thing, and a short tour through it: what to see, and,
 * when it has been seen, what to try. A part, fetched with the first of them.
 */
import { base, cures, games, lessons } from "../../../gan_lab/widgets/lessons.json";
import { merge, type Tree } from "../plane/index";
import { definePart, type Step } from "../ui/index";

export interface Lesson {
  /** what differs from the start */
  spec: Tree;
  tour: Step[];
}

const specs = games as Record<string, { spec: Tree; steps: number }>, treatments = cures as Record<string,
  Record<string, Tree>>;
definePart("lessons", Object.fromEntries(lessons.map(({ id, game, cure, words, try: next }): [string, Lesson] => {
  const { spec, steps } = specs[game]!;
  const tour = [{ words, at: "play", until: { read: "step", above: steps - 1 } }, { words: next, at: "settings" }];
  return [id, { tour, spec: merge(merge({ batch: base.batch }, spec), cure ? treatments[game]![cure] : {}) }];
})));
