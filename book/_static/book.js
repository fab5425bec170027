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
    const wide = '.gl-figure, .highlight pre, .cell_output pre, .cell_output table, mjx-container[display="true"]';
    for (const formula of document.querySelectorAll(wide)) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true); // what a closed solution holds has no width before
  /*
   * MathJax is heavier than the rest of a page together: it is fetched when a formula is near the screen, or once the
   * page has come and the reader reads. The browser waits for nobody when it prints: by then all must be set.
   */
  const source = document.querySelector('meta[name="gl-mathjax"]')?.content;
  let typeset;
  window.typeset = () => (typeset ??= new Promise((done) => {
    if (!source) return done();
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => done(window.MathJax.startup.promise.then(together).then(reachable));
    document.head.append(script);
  }));
  const near = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    near.disconnect();
    window.typeset();
  }, { rootMargin: "50% 0px" });
  // once the widgets have taken their room: before, all of a page lies within a screen
  if (source) addEventListener("load", () => setTimeout(() => {
    for (const formula of document.querySelectorAll(".math")) near.observe(formula);
    const idle = window.requestIdleCallback ?? setTimeout;
    setTimeout(() => idle(window.typeset), 2500);
  }, 300));
  addEventListener("beforeprint", window.typeset); // too late for this picture, in time for the next
  addEventListener("load", reachable); // figures scroll too, and outputs
});
