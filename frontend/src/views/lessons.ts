/**
 * The playground's lessons: a game each that shows one thing, and what to try in it. A part, fetched with the first of
 * them.
 */
import { base, cures, games, lessons } from "../../../gan_lab/widgets/lessons.json";
import { merge, type Tree } from "../plane/index";
import { definePart } from "../ui/index";

export interface Lesson {
  /** what differs from the start */
  spec: Tree;
  words: string;
  try: string;
  /** how long it takes to see it */
  steps: number;
}

const specs = games as Record<string, { spec: Tree; steps: number }>, treatments = cures as Record<string,
  Record<string, Tree>>;
definePart("lessons", Object.fromEntries(lessons.map(({ id, game, cure, ...told }): [string, Lesson] => {
  const { spec, steps } = specs[game]!;
  return [id, { ...told, steps, spec: merge(merge({ batch: base.batch }, spec), cure ? treatments[game]![cure] : {}) }];
})));
