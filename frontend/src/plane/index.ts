/**
 * What the views of games in the plane share: `import { Run, drawScene, ... } from "../plane/index"`; in pages it is
 * shared (plane-entry.ts).
 */
export { Pace } from "../game/pace";
export { apply, difference, LOSSES, merge, type Editor, type Spec, type Tree } from "../game/settings";
export * from "./curves";
export { Picture, SCORED, type PictureSize } from "./picture";
export * from "./run";
export * from "./scene";
export * from "./settings";
