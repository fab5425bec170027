/**
 * Everything a view needs: `import { defineView, Plot, slider, ... } from "../ui/index"`; in pages it is shared
 * (element-entry.ts).
 */
export * from "./controls";
export { clamp, copyText, h, say, symbols, uid } from "./dom";
export { defineView, type Options, type View, type ViewHost, wear } from "./element";
export { guide, type Guided, type MakeTour, type Step, type Tour } from "./guide";
export * from "./kept";
export { definePart, part } from "./load";
export { colours, type Actor, type Colours } from "./palette";
export { linkTo, type State } from "./permalink";
export * from "./player";
export * from "./plot";
export { fmt, language, missing, t, translations } from "./strings";
export { read, readAll } from "./typed";
