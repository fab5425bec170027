/**
 * What the views of games in the plane share: `import { Run, drawScene, ... } from "../plane/index"`; in pages it is
 * shared (plane-entry.ts).
 */
export { CAPACITY, History } from "../game/history";
export { Pace } from "../game/pace";
export {
  apply, difference, LOSSES, merge, settingsPanel, type Editor, type Panel, type Spec, type Tree,
} from "../game/settings";
export * from "./curves";
export { DOTS, Picture, SCORED, type PictureSize } from "./picture";
export * from "./run";
export * from "./scene";
export * from "./settings";
