/** What the page says of the answers that it keeps, and the buttons that forget them. */
import { h, t } from "../ui/index";
import { forget } from "./remember";

/** Says below the page's last question what is kept, and offers to forget it; once a page. */
export function mention(): void {
  const article = document.querySelector(".bd-article");
  if (!article || article.querySelector(".gl-kept")) return;
  const again = (names?: () => string[]) => () => {
    forget(names?.());
    location.reload();
  };
  const here = () => [...article.querySelectorAll<HTMLElement>("[data-exercise], [data-predict]")].map((one) =>
    one.dataset.exercise ?? one.dataset.predict!);
  const note = h("p", { className: "gl-kept" }, t("Your answers and predictions are kept in this browser only."), " ",
    h("button", { type: "button", onclick: again(here) }, t("Forget those of this page")), " ",
    h("button", { type: "button", onclick: again() }, t("Forget them all")));
  const last = [...article.querySelectorAll("[data-exercise], [data-predict]")].at(-1);
  (last?.closest("section") ?? article).append(note);
}
