import { defineView } from "../ui/index";
import { PLANE_START, Run } from "../plane/index";
defineView("playground", (host) => {
  new Run().start(PLANE_START);
  host.root.append("x");
  return { describe: () => "", state: () => ({}), draw() {} };
});
