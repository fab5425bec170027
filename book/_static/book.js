/* A formula wider than the column scrolls sideways; whoever reads with a keyboard must be able to reach it. */
document.addEventListener("DOMContentLoaded", () => {
  const reachable = () => {
    for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reachable);
  // MathJax's script is deferred: it has run by now where the page has formulas, and typesets in its own time.
  window.MathJax?.startup?.promise?.then(reachable);
});
