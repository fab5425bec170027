/** Everything a view needs: `import { defineView, Plot, slider, ... } from "../ui/index"`. */
export * from "./controls";
export * from "./dom";
export * from "./element";
export * from "./kept";
export * from "./palette";
export * from "./permalink";
export * from "./player";
export * from "./plot";
export * from "./strings";
