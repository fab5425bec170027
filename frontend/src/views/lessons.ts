/** The playground's lessons: a game each that shows one thing, and what to try in it. A part, fetched with the first of them. */
import presets from "../../../gan_lab/widgets/presets.json";
import type { Tree } from "../plane/index";
import { definePart } from "../ui/index";

export interface Lesson {
  /** what differs from the start */
  spec: Tree;
  words: string;
  try: string;
  /** how long it takes to see it */
  steps: number;
}

definePart("lessons", Object.fromEntries(presets.map((one) => [one.id, one])));
