/* Paper is white: what is printed is the light page. */
{
  const { dataset } = document.documentElement;
  let theme;
  addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => (dataset.theme = theme));
}

/* A formula wider than the column scrolls sideways; whoever reads with a keyboard must be able to reach it. */
document.addEventListener("DOMContentLoaded", () => {
  /* A formula in a line is a box of its own: without this a line may begin with the comma that follows it. */
  const together = () => {
    for (const formula of document.querySelectorAll(".bd-article span.math")) {
      const [before, after] = [formula.previousSibling, formula.nextSibling];
      const opening = before?.nodeType === Node.TEXT_NODE ? /[(\[“]+$/.exec(before.data)?.[0] ?? "" : "";
      const closing = after?.nodeType === Node.TEXT_NODE ? /^[.,;:?!)\]”]+/.exec(after.data)?.[0] ?? "" : "";
      if (!opening && !closing) continue;
      if (opening) before.data = before.data.slice(0, -opening.length);
      if (closing) after.data = after.data.slice(closing.length);
      const word = document.createElement("span");
      word.className = "gl-word";
      formula.replaceWith(word);
      word.append(opening, formula, closing);
    }
  };
  const reachable = () => {
    const wide = '.gl-figure, .cell_output pre, .cell_output table, mjx-container[display="true"]';
    for (const formula of document.querySelectorAll(wide)) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true); // what a closed solution holds has no width before
  addEventListener("load", reachable); // figures scroll too, and outputs
  // MathJax's script is deferred: it has run by now where the page has formulas, and typesets in its own time.
  window.MathJax?.startup?.promise?.then(together).then(reachable);
});
