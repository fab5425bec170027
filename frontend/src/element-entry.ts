/** The book's script: registers <gan-lab>, and shares what the scripts of the views are built on. */
import { register } from "./ui/element";
import * as ui from "./ui/index";
import { awaken } from "./ui/load";

// a second copy of this script on a page changes nothing: the views come to the first
if (!globalThis.ganLab) {
  globalThis.ganLab = { ui };
  awaken();
}
register();
