/** The book's script: registers <gan-lab>, and shares what the scripts of the views are built on. */
import { register } from "./ui/element";
import * as ui from "./ui/index";

// a second copy of this script on a page changes nothing: the views come to the first
globalThis.ganLab ??= { ui };
register();
