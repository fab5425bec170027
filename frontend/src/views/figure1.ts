import { defineView, h } from "../ui/index";

defineView("figure1", (host) => {
  host.root.append(h("p", null, "Figure 1"));
  return { describe: () => "", state: () => ({}), draw: () => {} };
});
